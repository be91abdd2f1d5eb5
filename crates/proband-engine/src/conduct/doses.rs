//! Doses: how much, by which lines, when they arrive, what was taken in the last 24 hours.

use super::agenda::{Arrival, Due};
use super::host::Conduct;
use super::kernels::Line;
use super::lane::{Effect, Here, same};
use super::person::{GivenDose, Underway};
use crate::seen::Known;
use proband_trial::{Infusion, Regimen};

impl Conduct<'_> {
    /// Gives a dose.
    pub(super) fn give(&mut self, here: &mut Here<'_>, dose: GivenDose) -> Effect {
        let GivenDose { regimen, day, amount, .. } = dose;
        if !(amount >= 0.0 && amount.is_finite()) {
            let detail = format!("a dose of {amount}");
            return self.fail_with(here.lane, day, "dose-out-of-domain", detail);
        }
        let duration = duration(&self.plan.trial.regimens[regimen], amount);
        let given = GivenDose { until: day + duration, ..dose };
        self.person(here.lane).seen.doses.push(given);
        let mut effect = Effect::changed(self.count_dose(here, day));
        for line in 0..self.kernels.lines[regimen].len() {
            let line = self.kernels.lines[regimen][line];
            effect = effect.and(self.give_by(here, given, duration, line));
            if effect.finished {
                break;
            }
        }
        effect
    }

    /// What a rung of a regimen gives on a day.
    pub(super) fn amount(&mut self, lane: usize, place: usize, rung: usize, day: f64) -> f64 {
        let regimen = self.phase.given[place].regimen;
        let amounts =
            self.phase.amounts[regimen].as_ref().expect("the phase gives the regimen");
        if !amounts.fixed {
            let at_hand = self.stands(lane, place, day, true);
            let person = &self.people[self.lanes[lane].place];
            let kernel = self.kernels.amounts[regimen].as_mut().expect("made with the phase");
            let known = Known::of(self.plan.trial, person, day);
            let known = Known { arm: self.phase.arm, regimen: Some(at_hand), ..known };
            amounts.evaluate(kernel, &known, &mut self.lanes[lane].amounts[regimen]);
        }
        self.lanes[lane].amounts[regimen][rung]
    }

    /// Gives a dose by one of the lines of its regimen.
    fn give_by(
        &mut self,
        here: &mut Here<'_>,
        dose: GivenDose,
        duration: f64,
        line: Line,
    ) -> Effect {
        let given = dose.amount * line.factor;
        let [lag, fraction, over] = self.kernels.dose(line.line, here);
        let has_over = self.phase.system.doses[line.line].has_over;
        let over = if has_over { over } else { self.plan.clock.time(duration) };
        let is_time = |time: f64| time >= 0.0 && time.is_finite();
        if !(is_time(lag) && is_time(over) && fraction.is_finite()) {
            let detail = format!("lag {lag}, fraction {fraction}, duration {over}");
            return self.fail_with(here.lane, dose.day, "dose-out-of-domain", detail);
        }
        let effect = self.dose_happens(here, line, given);
        let arrival = Arrival { line: line.line, amount: given * fraction, over };
        if lag > 0.0 {
            let at = here.t + lag;
            self.lanes[here.lane].agenda.add(at, Due::Arrival(arrival));
            self.person(here.lane).course.underway.push(Underway::Lagging(at, arrival));
            return effect;
        }
        effect.and(self.arrive(here, arrival))
    }

    /// What the giving of a dose brings about in a model, whenever the dose arrives.
    fn dose_happens(&mut self, here: &mut Here<'_>, line: Line, amount: f64) -> Effect {
        let Some((model, happening)) = line.first else { return Effect::NONE };
        if let Some(row) = self.kernels.amount_row {
            here.field.set_signal(row, here.lane, amount);
        }
        self.bring_about(here, model, happening)
    }

    /// A dose arrives in its state, at once or by an infusion that begins.
    pub(super) fn arrive(&mut self, here: &mut Here<'_>, arrival: Arrival) -> Effect {
        let dose = &self.phase.system.doses[arrival.line];
        match dose.infusion {
            Some(row) if arrival.over > 0.0 => {
                let rate = arrival.amount / arrival.over;
                let (line, until) = (arrival.line, here.t + arrival.over);
                let present = here.field.signal(row, here.lane);
                here.field.set_signal(row, here.lane, present + rate);
                self.lanes[here.lane].agenda.add(until, Due::InfusionEnds { line, rate });
                let flowing = Underway::Flowing(until, line, rate);
                self.person(here.lane).course.underway.push(flowing);
            }
            _ => here.set_state(dose.target, here.state(dose.target) + arrival.amount),
        }
        Effect::CHANGED
    }

    /// An infusion ends.
    pub(super) fn end_infusion(
        &mut self,
        here: &mut Here<'_>,
        line: usize,
        rate: f64,
    ) -> Effect {
        let doses = &self.phase.system.doses;
        let row = doses[line].infusion.expect("an infusion has flowed");
        let underway = &mut self.person(here.lane).course.underway;
        let this = |u: &Underway| matches!(*u, Underway::Flowing(_, of, at) if of == line && same(at, rate));
        if let Some(place) = underway.iter().position(this) {
            underway.remove(place);
        }
        // The sum of what still flows, not a difference: after the last infusion it is zero.
        let flows = underway.iter().filter_map(|u| match *u {
            Underway::Flowing(_, l, rate) if doses[l].infusion == Some(row) => Some(rate),
            _ => None,
        });
        let sum = flows.fold(0.0, |sum, rate| sum + rate);
        here.field.set_signal(row, here.lane, sum);
        Effect::CHANGED
    }
}

/// The time over which an amount is given, in days.
fn duration(regimen: &Regimen, amount: f64) -> f64 {
    match regimen.infusion {
        None => 0.0,
        Some(Infusion::Over(days)) => days,
        Some(Infusion::Rate(per_day)) => amount / per_day,
    }
}

/// The doses of the last 24 hours.
impl Conduct<'_> {
    /// Counts a dose that was just given among those of the day, for a day. Gives whether that changed
    /// a signal.
    fn count_dose(&mut self, here: &mut Here<'_>, day: f64) -> bool {
        if self.phase.daily_doses.is_empty() {
            return false;
        }
        let fades = self.plan.clock.time(day) + self.plan.clock.time(1.0);
        self.lanes[here.lane].agenda.add(fades, Due::DoseFades);
        self.sum_daily_doses(here)
    }

    /// Sets the signals of daily doses: the doses taken in the 24 hours up to now, which from now on
    /// include one taken at this very instant. Gives whether one has changed.
    pub(super) fn sum_daily_doses(&mut self, here: &mut Here<'_>) -> bool {
        let clock = self.plan.clock;
        let doses = &self.people[self.lanes[here.lane].place].seen.doses;
        let recent = || {
            let counts = |dose: &&GivenDose| clock.time(dose.day) + clock.time(1.0) > here.t;
            doses.iter().rev().take_while(counts)
        };
        let mut changed = false;
        for daily in &self.phase.daily_doses {
            let factor = |dose: &GivenDose| {
                daily.regimens.iter().find(|(regimen, _)| *regimen == dose.regimen).map(|r| r.1)
            };
            let taken = recent().filter_map(|dose| Some(factor(dose)? * dose.amount));
            let sum = taken.fold(0.0, |sum, amount| sum + amount);
            changed |= here.field.set_signal(daily.row, here.lane, sum);
        }
        changed
    }
}
