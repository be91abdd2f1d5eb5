//! How a participant's regimens stand: which dose of each is next, and what rules have made of it.
//!
//! Doses are planned one ahead. Where nothing but the calendar moves a regimen, its doses are those of
//! its plan, to the bit.

use super::agenda::Due;
use super::host::Conduct;
use super::lane::{Effect, Here};
use super::person::GivenDose;
use super::stage::Stage;
use crate::schedule::{climbed, day_of};
use crate::seen::AtHand;
use proband_trial::Regimen;

/// How a regimen stands in a person.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dosing {
    pub(crate) state: DosingState,
    /// Doses of its schedule that have come, taken or not.
    pub(crate) come: u64,
    /// Days by which what is left of its schedule has moved.
    pub(crate) shift: f64,
    /// The rung that held on the day `since`.
    pub(crate) rung: usize,
    pub(crate) since: f64,
    /// The amount of every dose, where a rule has set it.
    pub(crate) set: Option<f64>,
    /// No dose is given until this holds.
    pub(crate) held: Option<Held>,
    /// The next dose is not given.
    pub(crate) skips: bool,
    /// The rule that has changed the next dose last.
    pub(crate) adjusted: Option<usize>,
    /// How often in a row the next dose has been delayed.
    pub(crate) delays: u64,
    /// No dose on or after this day.
    pub(crate) ends: f64,
    /// When the next dose is due, in the system's time.
    pub(crate) due: f64,
    /// Whether the latest dose was missed, where doses are missed.
    pub(crate) missed: Option<bool>,
}

/// Whether a regimen gives doses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DosingState {
    /// A rule may begin it.
    Waiting,
    Running,
    Stopped,
}

/// Why no dose is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// Position among the phase's rules, and which of its expressions is waited for.
    pub(crate) rule: usize,
    pub(crate) until: usize,
}

impl Dosing {
    /// As planned; one that does not begin by itself waits.
    pub(crate) fn planned(regimen: &Regimen, begins: bool) -> Self {
        Self {
            state: if begins { DosingState::Running } else { DosingState::Waiting },
            come: 0,
            shift: 0.0,
            rung: regimen.start,
            since: regimen.from,
            set: None,
            held: None,
            skips: false,
            adjusted: None,
            delays: 0,
            ends: regimen.until,
            due: f64::INFINITY,
            missed: None,
        }
    }

    /// Begun by a rule: its first dose is due now, or where it begins by its plan if that is later.
    pub(crate) fn begun(regimen: &Regimen, day: f64) -> Self {
        let first = day_of(regimen, 0).unwrap_or(regimen.from);
        let shift = (day - first).max(0.0);
        Self { shift, since: regimen.from + shift, ..Self::planned(regimen, true) }
    }

    /// Moves the whole schedule: in a crossover it is that of a period.
    pub(crate) fn move_by(&mut self, days: f64) {
        self.shift += days;
        self.since += days;
        self.ends += days;
    }

    pub(crate) fn is_running(&self) -> bool {
        self.state == DosingState::Running
    }

    /// The day of the next dose.
    pub(crate) fn next_day(&self, regimen: &Regimen) -> Option<f64> {
        let day = day_of(regimen, self.come)? + self.shift;
        (self.is_running() && day < self.ends).then_some(day)
    }

    /// The rung in force, from 0.
    pub(crate) fn rung_on(&self, regimen: &Regimen, day: f64) -> usize {
        climbed(regimen, self.rung, self.since, day)
    }

    /// Puts it on a rung, from which `step` climbs.
    pub(crate) fn move_to(&mut self, rung: usize, day: f64) {
        (self.rung, self.since, self.set) = (rung, day, None);
    }

    /// The cycle of the dose that is due, or of the latest one; from 1, and 0 before the first.
    fn cycle(&self, regimen: &Regimen, due: bool) -> u64 {
        (self.come + u64::from(due)).div_ceil(regimen.on.len() as u64)
    }
}

impl Conduct<'_> {
    /// Enters the next dose of every regimen where a stage begins. Screening and run-in share their
    /// schedules; treatment, or each period of it, has its own.
    pub(super) fn plan_doses(&mut self, lane: usize) {
        if let Stage::Treatment(period) = self.stage {
            let (arm, rules) = (self.phase.arm, self.phase.rules.len());
            let mut dosing = self.phase.dosing(self.plan.trial);
            dosing.iter_mut().for_each(|of| of.move_by(self.plan.periods[period]));
            self.join_cohort(lane, &mut dosing);
            let course = &mut self.person(lane).course;
            (course.dosing, course.acted, course.arm) = (dosing, vec![0; rules], arm);
        }
        for place in 0..self.phase.given.len() {
            self.plan_dose(lane, place);
        }
    }

    /// In an escalation the regimen that is climbed begins at the rung of the cohort.
    fn join_cohort(&self, lane: usize, dosing: &mut [Dosing]) {
        let Some(escalation) = &self.plan.trial.adaptive.escalation else { return };
        let Some(rung) = self.people[self.lanes[lane].place].rung else { return };
        let climbed = self.phase.given.iter().position(|of| of.regimen == escalation.regimen);
        climbed.into_iter().for_each(|place| dosing[place].rung = rung);
    }

    /// Enters the next dose of a regimen.
    pub(super) fn plan_dose(&mut self, lane: usize, place: usize) {
        let regimen = &self.plan.trial.regimens[self.phase.given[place].regimen];
        let clock = self.plan.clock;
        let dosing = &mut self.person(lane).course.dosing[place];
        dosing.due = dosing.next_day(regimen).map_or(f64::INFINITY, |day| clock.time(day));
        let due = dosing.due;
        self.lanes[lane].agenda.add(due, Due::Dose(place));
    }

    /// A dose of a regimen is due, unless that has changed since it was entered.
    pub(super) fn dose_is_due(&mut self, here: &mut Here<'_>, place: usize) -> Effect {
        let lane = here.lane;
        let regimen = self.phase.given[place].regimen;
        let of = &self.plan.trial.regimens[regimen];
        let Some(day) = self.due_now(here, place) else { return Effect::NONE };
        let effect = self.ask_rules_at_dose(lane, place, day);
        if effect.finished || self.due_now(here, place).is_none() {
            return effect;
        }
        let dosing = &mut self.person(lane).course.dosing[place];
        let rung = dosing.rung_on(of, day);
        let (set, rule) = (dosing.set, dosing.adjusted.take());
        let given = dosing.held.is_none() && !dosing.skips;
        dosing.come += 1;
        dosing.delays = 0;
        dosing.skips = false;
        self.plan_dose(lane, place);
        if !given {
            self.miss(lane, regimen, day, rule);
            return effect;
        }
        let amount = set.unwrap_or_else(|| self.amount(lane, place, rung, day));
        let dose = GivenDose { regimen, day, until: day, amount, taken: true, rule };
        effect.and(self.take_or_miss(here, place, dose))
    }

    /// The day of a dose that is due at this instant, as far as treatment goes on.
    fn due_now(&self, here: &Here<'_>, place: usize) -> Option<f64> {
        let person = &self.people[self.lanes[here.lane].place];
        let dosing = &person.course.dosing[place];
        let goes_on = person.is_on_treatment() && dosing.due <= here.t;
        let regimen = &self.plan.trial.regimens[self.phase.given[place].regimen];
        dosing.next_day(regimen).filter(|_| goes_on)
    }

    /// A scheduled dose that is not taken.
    pub(super) fn miss(&mut self, lane: usize, regimen: usize, day: f64, rule: Option<usize>) {
        let dose = GivenDose { regimen, day, until: day, amount: 0.0, taken: false, rule };
        self.person(lane).seen.doses.push(dose);
    }

    /// How a regimen stands on a day, for expressions that do not ask for what it gives; whether a dose of
    /// it is due.
    pub(super) fn stands(&self, lane: usize, place: usize, day: f64, due: bool) -> AtHand {
        let regimen = self.phase.given[place].regimen;
        let of = &self.plan.trial.regimens[regimen];
        let dosing = &self.people[self.lanes[lane].place].course.dosing[place];
        let (rung, cycle) = (dosing.rung_on(of, day), dosing.cycle(of, due));
        AtHand { regimen, dose: f64::NAN, rung, cycle }
    }

    /// The same with what it would give now.
    pub(super) fn stands_with_dose(
        &mut self,
        lane: usize,
        place: usize,
        day: f64,
        due: bool,
    ) -> AtHand {
        let stands = self.stands(lane, place, day, due);
        let set = self.people[self.lanes[lane].place].course.dosing[place].set;
        let dose = set.unwrap_or_else(|| self.amount(lane, place, stands.rung, day));
        AtHand { dose, ..stands }
    }
}
