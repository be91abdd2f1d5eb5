//! Events and hazards: when they happen, what they change, what they cause in the trial.

use super::agenda::Due;
use super::hazard_draw;
use super::host::Conduct;
use super::kernels::hazard_name;
use super::lane::{Effect, Here};
use super::person::{Ending, ModelEvent, Why};
use super::threshold::{Fired, Holds};
use crate::adverse::end_before;
use crate::emit::name_of;
use crate::plan::{GuardRole, HazardCause, adverse_events_of};
use proband_lang::Happening;
use proband_trial::ModelHappening;

impl Conduct<'_> {
    /// Conditions that held at the end of the stage before and do not hold now have turned false.
    pub(super) fn settle(&mut self, here: &mut Here<'_>) -> Effect {
        let mut effect = Effect::NONE;
        for guard in 0..self.phase.guards.len() {
            let forgets = matches!(
                self.phase.guards[guard],
                GuardRole::Condition(_) | GuardRole::Release(_) | GuardRole::Grade(..)
            );
            if forgets && !self.lanes[here.lane].guards[guard] && !effect.finished {
                effect = effect.and(self.guard_changed(here, guard, false));
            }
        }
        effect
    }

    /// A guard has changed its truth.
    pub(super) fn guard_changed(
        &mut self,
        here: &mut Here<'_>,
        guard: usize,
        holds: bool,
    ) -> Effect {
        self.lanes[here.lane].guards[guard] = holds;
        match self.phase.guards[guard] {
            GuardRole::Condition(event) => self.condition_changed(here, event, holds),
            GuardRole::Release(event) => self.release_changed(here, event, holds),
            GuardRole::Hazard(hazard) if holds => self.strike(here, hazard),
            GuardRole::Negative(hazard) if holds => self.refuse_rate(here, hazard),
            GuardRole::Hazard(_) | GuardRole::Negative(_) => Effect::NONE,
            GuardRole::Grade(event, _) => {
                // Several grades may change at once: the grade is taken when all have.
                self.lanes[here.lane].agenda.add(here.t, Due::Grade(event));
                Effect::NONE
            }
            GuardRole::Switch => Effect::CHANGED,
        }
    }

    fn condition_changed(&mut self, here: &mut Here<'_>, event: usize, holds: bool) -> Effect {
        let need = self.kernels.holds(here, event);
        let own_release = self.kernels.events[event].own_release;
        let threshold = &mut self.person(here.lane).course.thresholds[event];
        let fired = threshold.condition(here.t, holds, need, own_release);
        self.after_threshold(here, event, fired, need)
    }

    fn release_changed(&mut self, here: &mut Here<'_>, event: usize, holds: bool) -> Effect {
        let need = self.kernels.holds(here, event);
        let threshold = &mut self.person(here.lane).course.thresholds[event];
        let fired = threshold.release(here.t, holds, need);
        self.after_threshold(here, event, fired, need)
    }

    /// A condition, or its release, may have held long enough.
    pub(super) fn wake(&mut self, here: &mut Here<'_>, event: usize) -> Effect {
        let need = self.kernels.holds(here, event);
        let fired = self.person(here.lane).course.thresholds[event].wake(here.t);
        self.after_threshold(here, event, fired, need)
    }

    fn after_threshold(
        &mut self,
        here: &mut Here<'_>,
        event: usize,
        fired: Option<Fired>,
        need: Holds,
    ) -> Effect {
        let lane = here.lane;
        if !(need.condition >= 0.0 && need.release >= 0.0) {
            let least = need.condition.min(need.release);
            return self.refuse_event(here, event, format!("must hold for {least}"));
        }
        let mut effect = Effect::NONE;
        if let Some(fired) = fired {
            let onset = self.day(fired.onset);
            effect = self.event_happens(here, event, onset);
            let once = self.kernels.events[event].once;
            self.person(lane).course.thresholds[event].fired(here.t, need, once);
        }
        let due = self.person(lane).course.thresholds[event].due();
        self.lanes[lane].agenda.add(due, Due::Threshold(event));
        effect
    }

    pub(super) fn refuse_event(
        &mut self,
        here: &Here<'_>,
        event: usize,
        detail: String,
    ) -> Effect {
        let place = &self.kernels.events[event];
        let name = &self.plan.trial.models[place.model].model.events[place.at].name;
        let detail = format!("event `{name}` {detail}");
        self.fail_with(here.lane, self.day(here.t), "event-out-of-domain", detail)
    }

    /// An event of a model has happened.
    pub(super) fn event_happens(
        &mut self,
        here: &mut Here<'_>,
        event: usize,
        onset: f64,
    ) -> Effect {
        if !self.lanes[here.lane].count_event(self.phase.system.events.len()) {
            return self.refuse_event(here, event, "brings itself about without end".into());
        }
        let place = &self.kernels.events[event];
        let (model, at, terminal) = (place.model, place.at, place.terminal);
        let what = ModelHappening::Event(model, at);
        self.note(here, what, onset);
        let changed = self.bring_about(here, model, Happening::Event(at));
        self.end_if(here, terminal, what).and(changed)
    }

    /// A hazard has struck.
    fn strike(&mut self, here: &mut Here<'_>, hazard: usize) -> Effect {
        let again = self.next_threshold(here.lane, hazard);
        let row = self.phase.system.hazards[hazard].threshold;
        here.field.set_signal(row, here.lane, again);
        let day = self.day(here.t);
        match self.phase.hazards[hazard] {
            HazardCause::AdverseEvent(event) => {
                self.occur(here.lane, event, day);
                Effect::CHANGED
            }
            HazardCause::Discontinuation(index) => self.discontinue(here.lane, index, day),
            HazardCause::Jump(model, at) => {
                let jump = &self.plan.trial.models[model].model.jumps[at];
                here.field.set_state(self.kernels.jumping[hazard], here.lane, jump.to as f64);
                Effect::CHANGED
            }
            HazardCause::Model(model, at) => {
                let what = ModelHappening::Hazard(model, at);
                self.note(here, what, day);
                let changed = self.bring_about(here, model, Happening::Hazard(at));
                let terminal = self.plan.trial.models[model].model.hazards[at].terminal;
                self.end_if(here, terminal, what).and(changed).and(Effect::CHANGED)
            }
        }
    }

    fn refuse_rate(&mut self, here: &Here<'_>, hazard: usize) -> Effect {
        let name = hazard_name(self.plan.trial, self.phase.hazards[hazard]);
        let detail = format!("the rate of `{name}` is negative");
        self.fail_with(here.lane, self.day(here.t), "hazard-out-of-domain", detail)
    }

    /// Moves a hazard's threshold on by another exponential draw; it never comes again where the
    /// hazard strikes once.
    fn next_threshold(&mut self, lane: usize, hazard: usize) -> f64 {
        let (phase, trial) = (self.phase, self.plan.trial);
        let cause = phase.hazards[hazard];
        let once = match cause {
            HazardCause::Model(model, at) => trial.models[model].model.hazards[at].once,
            HazardCause::Jump(..) => false,
            HazardCause::AdverseEvent(event) => !trial.adverse_events[event].recurs,
            HazardCause::Discontinuation(_) => true,
        };
        let person = self.person(lane);
        person.course.occurrences[hazard] += 1;
        let occurrence = person.course.occurrences[hazard];
        let wait = match once {
            true => f64::INFINITY,
            false => hazard_draw(phase, person.twin, cause, occurrence),
        };
        person.course.due[hazard] += wait;
        person.course.due[hazard]
    }

    /// Writes down that something of a model has happened, and what it causes in the trial.
    fn note(&mut self, here: &Here<'_>, what: ModelHappening, onset: f64) {
        let day = self.day(here.t);
        let (trial, arm) = (self.plan.trial, self.phase.arm);
        self.person(here.lane).truth.events.push(ModelEvent { what, onset, day });
        for event in adverse_events_of(trial, what) {
            if trial.adverse_events[event].is_in(arm) {
                self.occur(here.lane, event, day);
            }
        }
    }

    /// The cause of an adverse event has occurred.
    pub(super) fn occur(&mut self, lane: usize, event: usize, day: f64) {
        let declared = &self.plan.trial.adverse_events[event];
        let phase = self.phase;
        let person = self.person(lane);
        let draws = phase.draws.of(person.twin);
        if let Some(episode) = person.course.courses[event].occur(declared, event, day, &draws)
        {
            end_before(&mut person.truth.episodes, &episode);
            person.truth.episodes.push(episode);
            self.follow_episode(lane, episode.end);
        }
    }

    /// The true grade of an adverse event may have changed.
    pub(super) fn grade(&mut self, here: &Here<'_>, event: usize) -> Effect {
        let guards = &self.lanes[here.lane].guards;
        let holds = |(guard, role): (usize, &GuardRole)| match *role {
            GuardRole::Grade(of, grade) if of == event && guards[guard] => Some(grade),
            _ => None,
        };
        let grade = self.phase.guards.iter().enumerate().filter_map(holds).max().unwrap_or(0);
        let day = self.day(here.t);
        let person = self.person(here.lane);
        if let Some(episode) = person.course.graded[event].set(event, day, grade) {
            person.truth.episodes.push(episode);
        }
        Effect::NONE
    }

    /// Remembers when something happened last, and runs what the model does on it.
    pub(super) fn bring_about(
        &mut self,
        here: &mut Here<'_>,
        model: usize,
        happening: Happening,
    ) -> Effect {
        let mut effect = Effect::NONE;
        for update in 0..self.kernels.updates() {
            if self.kernels.is_update_of(update, model, happening) {
                self.kernels.run_update(update, here);
                effect = Effect::CHANGED;
            }
        }
        let last = self.kernels.last_of(model, happening);
        self.person(here.lane).course.last[last] = here.t;
        if let Some(row) = self.kernels.last_row(model, happening) {
            effect.changed |= here.field.set_signal(row, here.lane, here.t);
        }
        effect
    }

    fn end_if(&mut self, here: &Here<'_>, terminal: bool, what: ModelHappening) -> Effect {
        if !terminal {
            return Effect::NONE;
        }
        let why =
            Why::Terminal(name_of(self.plan.trial, proband_trial::Happening::Model(what)));
        let day = self.day(here.t);
        self.person(here.lane).ending = Some(Ending { day, why });
        Effect::FINISHED
    }
}
