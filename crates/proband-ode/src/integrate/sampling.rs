//! Samples: read off between the ends of steps, gathered, and handed over.

use super::Run;
use crate::rows::{copy_lane, lanes_of};
use crate::stepper::{Stepper, Taken, clip};
use crate::workspace::{Batch, Pending};
use crate::{Field, Host, Samples};

impl<F: Field + ?Sized, H: Host<F> + ?Sized, S: Stepper> Run<'_, F, H, S> {
    /// Takes the samples that lie in the steps of the given lanes, each of which has one: up to the
    /// end, or to before the cut.
    pub(super) fn sample_the_step(&mut self, mut due: u64, cut: u64) {
        if due & cut != 0 {
            due = self.samples_due(due, cut);
        }
        while due != 0 {
            if due & self.batch.pending.lanes != 0 {
                self.hand_over();
            }
            self.read_off(due);
            due = self.samples_due(due, cut);
        }
    }

    /// Those of the lanes whose next sample lies in their step.
    fn samples_due(&self, lanes: u64, cut: u64) -> u64 {
        let Batch { clocks, guards, .. } = &*self.batch;
        let mut due = 0;
        for lane in lanes_of(lanes) {
            let sample = clocks.sample[lane];
            let is_cut = cut >> lane & 1 == 1;
            let within = sample <= clocks.end[lane] && sample < f64::INFINITY;
            if within && !(is_cut && sample >= guards.cut_time(lane)) {
                due |= 1 << lane;
            }
        }
        due
    }

    /// Reads off one sample of each given lane within its step.
    fn read_off(&mut self, due: u64) {
        let Batch { clocks, begin, end, theta, pending, bounds, .. } = &mut *self.batch;
        clocks.place_samples(self.shape, due, theta);
        for lane in lanes_of(due) {
            pending.t[lane] = clocks.sample[lane];
            clocks.sample[lane] = self.host.next_sample(lane);
        }
        let taken = Taken { shape: self.shape, h: clocks.h(), begin, end };
        let theta = &theta.lanes()[..self.shape.lanes];
        self.stepper.interpolate(&taken, theta, &mut pending.y);
        clip(self.shape, bounds, &mut pending.y);
        pending.lanes |= due;
        self.statistics.samples += u64::from(due.count_ones());
    }

    /// Takes the samples of a lane that are due where it stands.
    pub(super) fn sample_the_present(&mut self, lane: usize) {
        let is_due = |sample: f64, t: f64| sample <= t && sample < f64::INFINITY;
        while is_due(self.batch.clocks.sample[lane], self.batch.clocks.t[lane]) {
            self.hand_over_of(lane);
            let Batch { clocks, begin, pending, .. } = &mut *self.batch;
            copy_lane(&begin[..self.shape.len()], &mut pending.y, self.shape.lanes, lane);
            pending.t[lane] = clocks.sample[lane];
            pending.lanes |= 1 << lane;
            clocks.sample[lane] = self.host.next_sample(lane);
            self.statistics.samples += 1;
        }
    }

    /// Hands over all samples if one is this lane's.
    pub(super) fn hand_over_of(&mut self, lane: usize) {
        if self.batch.pending.lanes >> lane & 1 == 1 {
            self.hand_over();
        }
    }

    pub(super) fn hand_over(&mut self) {
        let Pending { lanes, t, y } = &mut self.batch.pending;
        if *lanes != 0 {
            self.host.samples(self.field, &Samples { lanes: *lanes, t, y });
            *lanes = 0;
        }
    }
}
