//! Rules on what the trial saw: asked after a visit or before a dose, in the order of the file. The first
//! that acts on a regimen at an instant wins.

use super::dosing::{Dosing, DosingState, Held};
use super::host::Conduct;
use super::lane::{Effect, Planned, Sample, same};
use super::person::{Decision, Ending, Why};
use crate::seen::{Known, Learned};
use proband_trial::{Action, Check};

/// What is asked.
#[derive(Clone, Copy, Debug)]
struct Asking {
    lane: usize,
    day: f64,
    /// By what the draws of this instant are found.
    planned: f64,
    check: Check,
    /// The regimen of the dose that is due.
    dose: Option<usize>,
}

/// Which of a rule's two actions.
#[derive(Clone, Copy, Debug)]
enum Part {
    Do,
    Then,
}

impl Conduct<'_> {
    /// Asks the rules after the records of a visit, and what ends by what was seen.
    pub(super) fn ask_rules_at_visit(&mut self, lane: usize, day: f64, planned: f64) -> Effect {
        let check = Check::Encounter;
        self.ask(Asking { lane, day, planned, check, dose: None })
    }

    /// Asks the rules just before a dose of a regimen.
    pub(super) fn ask_rules_at_dose(&mut self, lane: usize, place: usize, day: f64) -> Effect {
        let check = Check::Dose;
        self.ask(Asking { lane, day, planned: day, check, dose: Some(place) })
    }

    fn ask(&mut self, asking: Asking) -> Effect {
        if !self.phase.has_conditions() {
            return Effect::NONE;
        }
        let learned = self.learn(asking.lane, self.phase.asks_what_happened());
        self.end_regimens(asking, &learned);
        self.release(asking, &learned);
        let mut acted = vec![false; self.phase.given.len()];
        for index in 0..self.phase.rules.len() {
            let rule = &self.phase.rules[index];
            if self.plan.trial.rules[rule.rule].check != asking.check {
                continue;
            }
            let effect = match rule.places.is_empty() {
                true => self.ask_once(asking, index, &learned),
                false => self.ask_of_regimens(asking, index, &learned, &mut acted),
            };
            if effect.finished {
                return effect;
            }
        }
        Effect::NONE
    }

    /// What the trial has learned by now, if that is asked.
    pub(super) fn learn(&mut self, lane: usize, is_asked: bool) -> Learned {
        let person = &self.people[self.lanes[lane].place];
        match self.phase.arm {
            Some(arm) if is_asked => self.knowledge.of(person, arm),
            _ => Learned::default(),
        }
    }

    /// A rule that is about the participant.
    fn ask_once(&mut self, asking: Asking, index: usize, learned: &Learned) -> Effect {
        let place = asking.dose.or((!self.phase.given.is_empty()).then_some(0));
        if !self.holds(asking, index, 0, place, learned) {
            return Effect::NONE;
        }
        self.act(asking, index, None, learned).unwrap_or(Effect::NONE)
    }

    /// A rule that is about regimens, for each that none before it has acted on.
    fn ask_of_regimens(
        &mut self,
        asking: Asking,
        index: usize,
        learned: &Learned,
        acted: &mut [bool],
    ) -> Effect {
        for at in 0..self.phase.rules[index].places.len() {
            let place = self.phase.rules[index].places[at];
            let other = asking.dose.is_some_and(|dose| dose != place);
            if other || acted[place] || !self.holds(asking, index, 0, Some(place), learned) {
                continue;
            }
            if let Some(effect) = self.act(asking, index, Some(place), learned) {
                acted[place] = true;
                if effect.finished {
                    return effect;
                }
            }
        }
        Effect::NONE
    }

    /// The value of an expression of a rule.
    fn value(
        &mut self,
        asking: Asking,
        index: usize,
        which: usize,
        place: Option<usize>,
        learned: &Learned,
    ) -> f64 {
        let Asking { lane, day, .. } = asking;
        let rule = &self.phase.rules[index];
        let due = asking.dose.is_some();
        let regimen = place.map(|place| match rule.asks_dose {
            true => self.stands_with_dose(lane, place, day, due),
            false => self.stands(lane, place, day, due),
        });
        let person = &self.people[self.lanes[lane].place];
        let known = Known::of(self.plan.trial, person, day);
        let known = Known { arm: self.phase.arm, learned, regimen, ..known };
        rule.seen.decided(&mut self.kernels.rules[index], &known)[which]
    }

    /// Whether a condition of a rule holds; one on a missing value does not.
    fn holds(
        &mut self,
        asking: Asking,
        index: usize,
        which: usize,
        place: Option<usize>,
        learned: &Learned,
    ) -> bool {
        self.value(asking, index, which, place, learned) > 0.0
    }

    /// Regimens that were held until what holds now.
    fn release(&mut self, asking: Asking, learned: &Learned) {
        for place in 0..self.phase.given.len() {
            let held = self.person(asking.lane).course.dosing[place].held;
            let Some(Held { rule, until }) = held else { continue };
            if self.holds(asking, rule, until, Some(place), learned) {
                self.person(asking.lane).course.dosing[place].held = None;
            }
        }
    }

    /// Regimens that go on until what holds now.
    fn end_regimens(&mut self, asking: Asking, learned: &Learned) {
        let lane = asking.lane;
        for place in 0..self.phase.given.len() {
            let phase = self.phase;
            let Some(until) = &phase.given[place].until else { continue };
            let due = asking.dose.is_some();
            let at_hand = self.stands_with_dose(lane, place, asking.day, due);
            let person = &self.people[self.lanes[lane].place];
            let known = Known::of(self.plan.trial, person, asking.day);
            let known = Known { arm: self.phase.arm, learned, regimen: Some(at_hand), ..known };
            let kernel = self.kernels.ends[place].as_mut().expect("made with the phase");
            if until.decided(kernel, &known)[0] > 0.0 {
                self.stop(lane, place);
            }
        }
    }

    /// What a rule does now, if it can do anything: its `do`, or its `then` after so many times or where
    /// no rung is left.
    fn chosen(&mut self, asking: Asking, index: usize, place: Option<usize>) -> Option<Part> {
        let of = &self.plan.trial.rules[self.phase.rules[index].rule];
        let person = self.person(asking.lane);
        let times = match (&of.action, place) {
            (Action::Delay(_), Some(place)) => person.course.dosing[place].delays,
            _ => person.course.acted[index],
        };
        let spent = of.at_most.is_some_and(|most| times >= most);
        if !spent && self.can(asking, &of.action, place) {
            return Some(Part::Do);
        }
        let then = of.then.as_ref()?;
        self.can(asking, then, place).then_some(Part::Then)
    }

    /// Whether an action would change anything.
    fn can(&mut self, asking: Asking, action: &Action, place: Option<usize>) -> bool {
        let (trial, phase) = (self.plan.trial, self.phase);
        let course = &self.person(asking.lane).course;
        let Some(place) = place else {
            return match action {
                Action::Start(regimens) => phase.given.iter().enumerate().any(|(at, given)| {
                    regimens.contains(&given.regimen) && !course.dosing[at].is_running()
                }),
                Action::Switch(arm) => course.arm != Some(*arm),
                _ => true,
            };
        };
        let dosing = &course.dosing[place];
        let regimen = &trial.regimens[phase.given[place].regimen];
        let Some(day) = dosing.next_day(regimen) else { return false };
        match action {
            Action::Skip => !dosing.skips,
            Action::Hold(_) => dosing.held.is_none(),
            Action::Reduce => dosing.set.is_some() || dosing.rung_on(regimen, day) > 0,
            Action::Increase => dosing.rung_on(regimen, day) + 1 < regimen.amounts.len(),
            _ => true,
        }
    }

    /// A rule's condition holds: what is done; none where it cannot be done or is not obeyed.
    fn act(
        &mut self,
        asking: Asking,
        index: usize,
        place: Option<usize>,
        learned: &Learned,
    ) -> Option<Effect> {
        let (plan, phase) = (self.plan, self.phase);
        let rule = &phase.rules[index];
        let of = &plan.trial.rules[rule.rule];
        let part = self.chosen(asking, index, place)?;
        let (action, own) = match (part, &of.then) {
            (Part::Then, Some(then)) => (then, rule.of_then),
            _ => (&of.action, rule.of_action),
        };
        let draws = phase.draws.of(self.person(asking.lane).twin);
        let obeyed = of.followed >= 1.0 || draws.rule(rule.rule, asking.planned) < of.followed;
        let decision = Decision {
            rule: rule.rule,
            day: asking.day,
            regimen: place.map(|place| phase.given[place].regimen),
            action: action.word(),
            obeyed,
            seen: self.kernels.rules[index].signals().to_vec(),
        };
        let set = own.map(|own| self.value(asking, index, own, place, learned));
        let person = self.person(asking.lane);
        person.seen.decisions.push(decision);
        if !obeyed {
            return None;
        }
        person.course.acted[index] += 1;
        Some(self.carry_out(asking, index, action, place, own.zip(set)))
    }

    fn carry_out(
        &mut self,
        asking: Asking,
        index: usize,
        action: &Action,
        place: Option<usize>,
        own: Option<(usize, f64)>,
    ) -> Effect {
        let (lane, rule) = (asking.lane, self.phase.rules[index].rule);
        match (action, place) {
            (Action::Start(regimens), _) => self.start(lane, asking.day, regimens, rule),
            (Action::Switch(arm), _) => self.switch(lane, asking.day, *arm, rule),
            (Action::See { after, encounter }, _) => {
                self.see_again(lane, asking.day + after, *encounter);
            }
            (Action::Withdraw, _) => {
                let why = Why::Rule(rule);
                self.person(lane).ending = Some(Ending { day: asking.day, why });
                return Effect::FINISHED;
            }
            (Action::Stop, Some(place)) => {
                self.stop(lane, place);
                let all = self.person(lane).course.dosing.iter().all(|one| !one.is_running());
                if all {
                    self.person(lane).stopped = Some((rule, asking.day));
                }
            }
            (action, Some(place)) => self.adjust(asking, index, action, place, own),
            (_, None) => {}
        }
        Effect::NONE
    }

    /// Changes what a regimen gives next.
    fn adjust(
        &mut self,
        asking: Asking,
        index: usize,
        action: &Action,
        place: usize,
        own: Option<(usize, f64)>,
    ) {
        let rule = self.phase.rules[index].rule;
        let regimen = &self.plan.trial.regimens[self.phase.given[place].regimen];
        let dosing = &mut self.person(asking.lane).course.dosing[place];
        dosing.adjusted = Some(rule);
        let day = dosing.next_day(regimen).unwrap_or(asking.day);
        match (action, own) {
            (Action::Delay(by), _) => {
                dosing.shift += by;
                dosing.delays += 1;
                self.plan_dose(asking.lane, place);
            }
            (Action::Skip, _) => dosing.skips = true,
            (Action::Hold(_), Some((until, _))) => {
                dosing.held = Some(Held { rule: index, until });
            }
            (Action::Set(_), Some((_, amount))) => dosing.set = Some(amount),
            (Action::Reduce, _) => {
                let rung = dosing.rung_on(regimen, day);
                dosing.move_to(rung.saturating_sub(1), day);
            }
            (Action::Increase, _) => {
                let rung = dosing.rung_on(regimen, day);
                dosing.move_to(rung + 1, day);
            }
            _ => {}
        }
    }

    fn stop(&mut self, lane: usize, place: usize) {
        let dosing = &mut self.person(lane).course.dosing[place];
        dosing.state = DosingState::Stopped;
        dosing.due = f64::INFINITY;
    }

    fn start(&mut self, lane: usize, day: f64, regimens: &[usize], rule: usize) {
        for place in 0..self.phase.given.len() {
            let regimen = self.phase.given[place].regimen;
            let running = self.person(lane).course.dosing[place].is_running();
            if regimens.contains(&regimen) && !running {
                let begun = Dosing::begun(&self.plan.trial.regimens[regimen], day);
                let person = self.person(lane);
                person.course.dosing[place] = Dosing { adjusted: Some(rule), ..begun };
                person.stopped = None;
                self.plan_dose(lane, place);
            }
        }
    }

    /// Gives the regimens of another arm in place of those of the present one.
    fn switch(&mut self, lane: usize, day: f64, arm: usize, rule: usize) {
        let arms = &self.plan.trial.arms;
        let regimens = &arms[arm].regimens;
        for place in 0..self.phase.given.len() {
            let regimen = self.phase.given[place].regimen;
            let of_an_arm = arms.iter().any(|arm| arm.regimens.contains(&regimen));
            if of_an_arm && !regimens.contains(&regimen) {
                self.stop(lane, place);
            }
        }
        self.person(lane).course.arm = Some(arm);
        self.start(lane, day, regimens, rule);
    }

    /// A further visit, unless there is one at that instant.
    fn see_again(&mut self, lane: usize, day: f64, encounter: usize) {
        let t = self.plan.clock.time(day);
        let lane = &mut self.lanes[lane];
        let visits = |planned: &&Planned| matches!(planned.sample, Sample::Encounter(_));
        if day < lane.end && !lane.samples.iter().filter(visits).any(|of| same(of.t, t)) {
            lane.insert(Planned { t, day, sample: Sample::Encounter(encounter) });
        }
    }
}
