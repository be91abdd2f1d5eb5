//! What happens at an instant: loads, stops, crossings, failures.

use super::Presence::{Left, Stays};
use super::{Presence, Run};
use crate::rows::lanes_of;
use crate::stepper::Stepper;
use crate::workspace::Batch;
use crate::{Crossing, Failure, Field, Host, Next, Plan, Reason, Start};

impl<F: Field + ?Sized, H: Host<F> + ?Sized, S: Stepper> Run<'_, F, H, S> {
    /// Puts twins into a lane until one can start, or none is left.
    pub(super) fn load(&mut self, lane: usize) {
        let bit = 1 << lane;
        self.fresh &= !bit;
        self.jumped &= !bit;
        self.due &= !bit;
        self.active &= !bit;
        loop {
            for state in 0..self.shape.states {
                self.batch.begin[state * self.shape.lanes + lane] = 0.0;
            }
            let y = self.batch.lane_state(self.shape, lane);
            let Some(Start { t, plan }) = self.host.load(self.field, lane, y) else {
                // The lane waits where it is, with steps of length zero.
                let t = self.batch.clocks.t[lane];
                return self.batch.clocks.clear(lane, t);
            };
            self.statistics.twins += 1;
            self.batch.clocks.clear(lane, t);
            self.batch.guards.forget(lane);
            match self.flaw(lane) {
                Some(failure) => self.report(lane, failure),
                None => return self.enter(lane, plan),
            }
        }
    }

    fn enter(&mut self, lane: usize, plan: Plan) {
        let bit = 1 << lane;
        self.active |= bit;
        self.fresh |= bit;
        self.jumped |= bit;
        // A twin that leaves at once is the next one's business.
        self.head_for(lane, plan);
    }

    /// Does all that happens at the present instant of any lane.
    pub(super) fn settle(&mut self) {
        while self.jumped | self.due != 0 {
            if self.jumped != 0 && self.batch.guards.count() != 0 {
                self.look_for_jumps();
                continue;
            }
            self.jumped = 0;
            let Batch { clocks, begin, .. } = &*self.batch;
            let t = &clocks.t.lanes()[..self.shape.lanes];
            self.host.landed(self.field, self.due, t, &begin[..self.shape.len()]);
            for lane in lanes_of(self.due) {
                self.arrive(lane);
            }
        }
    }

    /// Reports the guards that a load, a stop or a crossing has changed.
    fn look_for_jumps(&mut self) {
        let jumped = std::mem::take(&mut self.jumped);
        let Batch { guards, clocks, begin, .. } = &mut *self.batch;
        guards.fill(
            self.field,
            &clocks.t.lanes()[..self.shape.lanes],
            &begin[..self.shape.len()],
        );
        lanes_of(jumped).for_each(|lane| self.report_crossings(lane));
    }

    /// Reports the guards of a lane whose truth is not the one last reported.
    pub(super) fn report_crossings(&mut self, lane: usize) {
        if self.batch.guards.not_a_number(lane) {
            return self.fail(lane, Failure { reason: Reason::GuardNotANumber, state: None });
        }
        for guard in 0..self.batch.guards.count() {
            let Some(holds) = self.batch.guards.change(guard, lane) else { continue };
            if self.cross(lane, Crossing { guard, holds }) == Left {
                return;
            }
        }
    }

    fn cross(&mut self, lane: usize, crossing: Crossing) -> Presence {
        self.hand_over_of(lane);
        self.statistics.crossings += 1;
        let t = self.batch.clocks.t[lane];
        let y = self.batch.lane_state(self.shape, lane);
        let next = self.host.crossing(self.field, lane, crossing, t, y);
        self.go_on(lane, next)
    }

    /// Takes the samples up to a stop, then the stop.
    fn arrive(&mut self, lane: usize) {
        self.due &= !(1 << lane);
        self.sample_the_present(lane);
        self.hand_over_of(lane);
        self.statistics.stops += 1;
        let t = self.batch.clocks.t[lane];
        let y = self.batch.lane_state(self.shape, lane);
        let next = self.host.stop(self.field, lane, t, y);
        self.go_on(lane, next);
    }

    fn go_on(&mut self, lane: usize, next: Next) -> Presence {
        match next {
            Next::Finished => {
                self.load(lane);
                Left
            }
            Next::Onward(plan) => self.head_for(lane, plan),
            Next::Afresh(plan) => {
                if let Some(failure) = self.flaw(lane) {
                    self.fail(lane, failure);
                    return Left;
                }
                self.batch.clocks.renew(lane);
                self.restart(lane);
                self.jumped |= 1 << lane;
                self.head_for(lane, plan)
            }
        }
    }

    fn head_for(&mut self, lane: usize, plan: Plan) -> Presence {
        let clocks = &mut self.batch.clocks;
        clocks.stop[lane] = plan.stop;
        clocks.sample[lane] = plan.sample;
        if plan.stop > clocks.t[lane] {
            self.due &= !(1 << lane);
            return Stays;
        }
        // Stops on the spot count as steps, or a host that plans nothing else would hold us here.
        clocks.steps[lane] += 1.0;
        if clocks.steps[lane] > self.settings.most_steps.max(1) as f64 {
            self.fail(lane, Failure { reason: Reason::TooManySteps, state: None });
            return Left;
        }
        self.due |= 1 << lane;
        Stays
    }

    /// Has the lane's derivatives taken afresh before it moves.
    pub(super) fn restart(&mut self, lane: usize) {
        if S::CARRIES_RATES && self.fresh >> lane & 1 == 0 {
            self.batch.clocks.restart |= 1 << lane;
        }
    }

    /// The state of a lane that is not finite.
    fn flaw(&self, lane: usize) -> Option<Failure> {
        let state =
            |state: &usize| !self.batch.begin[state * self.shape.lanes + lane].is_finite();
        let state = (0..self.shape.states).find(state)?;
        Some(Failure { reason: Reason::StateNotFinite, state: Some(state) })
    }

    /// Gives a twin up, and loads the lane afresh.
    pub(super) fn fail(&mut self, lane: usize, failure: Failure) {
        self.hand_over_of(lane);
        self.report(lane, failure);
        self.load(lane);
    }

    fn report(&mut self, lane: usize, failure: Failure) {
        self.statistics.failures += 1;
        let t = self.batch.clocks.t[lane];
        let y = self.batch.lane_state(self.shape, lane);
        self.host.fail(self.field, lane, t, failure, y);
    }
}
