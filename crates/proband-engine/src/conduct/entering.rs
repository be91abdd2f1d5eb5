//! Taking a person into a lane: its rows, its states, and what is due for it.

use super::agenda::Due;
use super::hazard_draw;
use super::host::Conduct;
use super::lane::{Effect, Here, Lane};
use super::person::Underway;
use super::stage::Stage;
use crate::seen::Known;
use proband_kernel::system::{Signal, StartFailure};

impl Conduct<'_> {
    /// Takes a person in, at the beginning of the stage. False where the person has failed.
    pub(super) fn enter(&mut self, here: &mut Here<'_>, place: usize) -> bool {
        let begin = self.stage.begin(self.plan, &self.people[place]);
        here.t = self.plan.clock.time(begin);
        here.field.begin(here.lane, here.t);
        self.lanes[here.lane].begin(place, here.t);
        self.plan_visits(here.lane, begin);
        self.fill_rows(here);
        if !self.set_states(here) {
            return false;
        }
        self.redraw_hazards(here);
        here.take_path();
        self.take_baselines(here);
        self.plan_dues(here)
    }

    fn fill_rows(&mut self, here: &mut Here<'_>) {
        let (lane, place) = (here.lane, self.lanes[here.lane].place);
        for row in 0..self.phase.system.twin_rows() {
            here.field.set_twin(row, lane, self.bank.value(row, place));
        }
        self.fill_signals(here);
        for series in 0..self.phase.series.len() {
            self.begin_series(here, series);
        }
        self.sum_daily_doses(here);
        self.refresh(here, Effect::NONE);
    }

    /// Thresholds, times of what happened last, infusions that run.
    fn fill_signals(&self, here: &mut Here<'_>) {
        let lane = here.lane;
        let person = &self.people[self.lanes[lane].place];
        for (row, signal) in self.phase.system.signals.iter().enumerate() {
            let value = match *signal {
                Signal::Threshold(hazard) => person.course.due[hazard],
                Signal::Last(model, happening) => {
                    person.course.last[self.kernels.last_of(model.0, happening)]
                }
                _ => 0.0,
            };
            here.field.set_signal(row, lane, value);
        }
        for underway in &person.course.underway {
            if let Underway::Flowing(_, line, rate) = *underway {
                let row = self.phase.system.doses[line].infusion.expect("it flows already");
                let present = here.field.signal(row, lane);
                here.field.set_signal(row, lane, present + rate);
            }
        }
    }

    /// The states of the stage before, or the initial ones. False where there are none.
    fn set_states(&mut self, here: &mut Here<'_>) -> bool {
        if !self.phase.system.switches.is_empty() {
            self.kernels.switch(&self.phase.system, here);
        }
        let states = &self.people[self.lanes[here.lane].place].states;
        if self.stage != Stage::Screening && !states.is_empty() {
            states.iter().enumerate().for_each(|(state, &value)| here.set_state(state, value));
            return true;
        }
        match self.kernels.start.lane(&here.field.at_instant(), here.lane) {
            Ok(states) => {
                states
                    .iter()
                    .enumerate()
                    .for_each(|(state, &value)| here.set_state(state, value));
                true
            }
            Err(failure) => {
                let detail = self.why_no_start(failure);
                self.fail_with(here.lane, self.day(here.t), "no-steady-state", detail);
                false
            }
        }
    }

    fn why_no_start(&self, failure: StartFailure) -> String {
        let of = |row| self.kernels.state_name(self.phase, self.plan.trial, row);
        match failure {
            StartFailure::NoSteadyState(row) => format!("{} does not come to rest", of(row)),
            StartFailure::SteadyStateOpen(row) => {
                format!("the equations leave {} open", of(row))
            }
        }
    }

    /// Where arms share no random numbers, what is left of each hazard's waiting is drawn afresh by
    /// the arm: an exponential waiting time has no memory.
    fn redraw_hazards(&mut self, here: &mut Here<'_>) {
        if !self.stage.is_treatment() || self.plan.trial.simulation.common_arms {
            return;
        }
        let phase = self.phase;
        let person = &mut self.people[self.lanes[here.lane].place];
        for (index, hazard) in phase.system.hazards.iter().enumerate() {
            let due = &mut person.course.due[index];
            if due.is_finite() {
                let occurrence = person.course.occurrences[index];
                let wait = hazard_draw(phase, person.twin, phase.hazards[index], occurrence);
                *due = here.state(hazard.state) + wait;
                here.field.set_signal(hazard.threshold, here.lane, *due);
            }
        }
    }

    fn plan_dues(&mut self, here: &mut Here<'_>) -> bool {
        let state = &mut self.lanes[here.lane];
        state.agenda.add(here.t, Due::Settle);
        let course = &self.people[state.place].course;
        for (index, threshold) in course.thresholds.iter().enumerate() {
            state.agenda.add(threshold.due(), Due::Threshold(index));
        }
        for underway in &course.underway {
            match *underway {
                Underway::Lagging(at, arrival) => state.agenda.add(at, Due::Arrival(arrival)),
                Underway::Flowing(at, line, rate) => {
                    state.agenda.add(at, Due::InfusionEnds { line, rate });
                }
            }
        }
        self.plan_doses(here.lane);
        self.plan_fading(here);
        self.plan_discontinuations(here);
        self.plan_what_passes(here);
        self.evaluate_amounts(here.lane);
        self.ask_switches(here);
        self.plan_recurring(here) && self.plan_ticks(here)
    }

    /// Doses of the stage before that still count as doses of the day.
    fn plan_fading(&mut self, here: &Here<'_>) {
        if self.phase.daily_doses.is_empty() {
            return;
        }
        let clock = self.plan.clock;
        let Lane { agenda, place, .. } = &mut self.lanes[here.lane];
        let doses = self.people[*place].seen.doses.iter().rev();
        let fades = doses.map(|dose| clock.time(dose.day) + clock.time(1.0));
        fades.take_while(|&at| at > here.t).for_each(|at| agenda.add(at, Due::DoseFades));
    }

    fn evaluate_amounts(&mut self, lane: usize) {
        let Lane { amounts, place, .. } = &mut self.lanes[lane];
        let person = &self.people[*place];
        for (regimen, of) in self.phase.amounts.iter().enumerate() {
            if let (Some(of), Some(kernel)) = (of, &mut self.kernels.amounts[regimen])
                && of.fixed
            {
                let known = Known::of(self.plan.trial, person, 0.0);
                of.evaluate(kernel, &known, &mut amounts[regimen]);
            }
        }
    }
}
