//! Epochs that end for a participant by what was seen at a visit: what is left of the trial comes sooner.

use super::agenda::Due;
use super::dosing::DosingState;
use super::host::Conduct;
use super::kernels::Kernels;
use super::lane::Sample;
use crate::seen::{Known, SeenExpressions, SeenKernel};
use proband_trial::EpochKind;

impl Conduct<'_> {
    /// Ends the present epoch, if its condition holds after a visit.
    pub(super) fn end_epoch(&mut self, lane: usize, day: f64) {
        let plan = self.plan;
        let Some((epoch, over)) = self.present_epoch(lane, day) else { return };
        let Some(until) = &plan.untils[epoch] else { return };
        if self.holds_after_visit(lane, day, until, |kernels| &mut kernels.untils[epoch]) {
            self.go_on_to_the_next(lane, epoch, day, day - over);
        }
    }

    /// Whether a condition on what was seen holds after a visit; one on what is missing does not.
    pub(super) fn holds_after_visit(
        &mut self,
        lane: usize,
        day: f64,
        condition: &SeenExpressions,
        kernel: impl FnOnce(&mut Kernels) -> &mut Option<SeenKernel>,
    ) -> bool {
        let learned = self.learn(lane, condition.ask_what_happened());
        let place = (!self.phase.given.is_empty()).then_some(0);
        let regimen = place.map(|place| self.stands_with_dose(lane, place, day, false));
        let person = &self.people[self.lanes[lane].place];
        let known = Known::of(self.plan.trial, person, day);
        let known = Known { arm: self.phase.arm, learned: &learned, regimen, ..known };
        let kernel = kernel(&mut self.kernels).as_mut().expect("made with the plan");
        condition.decided(kernel, &known)[0] > 0.0
    }

    /// The epoch in which a day lies that is not over, and when it would be.
    fn present_epoch(&self, lane: usize, day: f64) -> Option<(usize, f64)> {
        let course = &self.people[self.lanes[lane].place].course;
        let epochs = self.plan.trial.epochs.iter().enumerate().skip(course.epochs_over);
        let ends = epochs.map(|(index, epoch)| (index, epoch.to + course.sooner));
        let treatment = self.plan.trial.epochs.iter().position(|epoch| epoch.from >= 0.0)?;
        ends.skip_while(|(index, _)| *index < treatment).find(|(_, to)| *to > day)
    }

    fn go_on_to_the_next(&mut self, lane: usize, epoch: usize, day: f64, sooner: f64) {
        let (plan, phase) = (self.plan, self.phase);
        let clock = plan.clock;
        let of = &plan.trial.epochs[epoch];
        let person = self.person(lane);
        person.course.epochs_over = epoch + 1;
        person.course.sooner += sooner;
        if of.kind == EpochKind::Treatment {
            person.treated_until = Some(day);
        }
        for (place, given) in phase.given.iter().enumerate() {
            let regimen = &plan.trial.regimens[given.regimen];
            let dosing = &mut self.person(lane).course.dosing[place];
            if regimen.from < of.to {
                dosing.state = DosingState::Stopped;
            } else {
                dosing.shift += sooner;
                dosing.ends += sooner;
                self.plan_dose(lane, place);
            }
        }
        let state = &mut self.lanes[lane];
        state.end += sooner;
        let (end, encounters) = (state.end, &plan.trial.encounters);
        state.agenda.add(clock.time(end), Due::End);
        state.replan(|mut planned| match planned.sample {
            Sample::Encounter(index) if encounters[index].epoch == epoch => None,
            Sample::Encounter(index) if encounters[index].epoch > epoch => {
                planned.day += sooner;
                planned.t = clock.time(planned.day);
                Some(planned)
            }
            _ => (planned.day <= end).then_some(planned),
        });
        let moved = state.samples.iter().filter(|planned| planned.t > state.now);
        let visits = moved.filter_map(|planned| match planned.sample {
            Sample::Encounter(index) => Some((planned.t, index)),
            _ => None,
        });
        if plan.has_occasions {
            visits.for_each(|(t, index)| state.agenda.add(t, Due::Occasion(index)));
        }
    }
}
