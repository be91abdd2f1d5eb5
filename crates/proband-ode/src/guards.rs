//! Where guards change their truth.
//!
//! A step in which a guard differs from what it was, at its end or in its middle, is cut where the
//! first guard changes; so is one where the parabola through start, middle and end says that a
//! guard changes and changes back, if it does. The place is found on the interpolant by I. F. D.
//! Oliveira and R. H. C. Takahashi, An enhancement of the bisection method average performance
//! preserving minmax optimality, ACM Transactions on Mathematical Software 47 (2020) 5,
//! <https://doi.org/10.1145/3423597>, and it is the far end of the last bracket: there the guard
//! has its new truth.

use crate::Field;
use crate::rows::{Rows, Shape, copy_lane, lanes_of};
use crate::stepper::{Bound, Stepper, Taken, clip};

/// The guards of all lanes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guards {
    lanes: usize,
    states: usize,
    /// Of each guard, the lanes where it was positive when last reported.
    holds: Vec<u64>,
    /// What the guards are where each lane stands, a row each.
    now: Rows,
    /// What they are at the end of the step tried.
    later: Rows,
    /// What they were at the last look.
    values: Rows,
    /// States and times of the last look.
    y: Rows,
    time: Rows,
    theta: Rows,
    low: Side,
    high: Side,
    /// How far from the middle of its bracket a lane's next look may be.
    reach: Rows,
    /// Brackets of this width are narrow enough.
    narrow: Rows,
}

/// One side of the brackets of all lanes.
#[derive(Clone, Debug, Default)]
struct Side {
    theta: Rows,
    time: Rows,
    values: Rows,
    y: Rows,
}

/// A step to look into.
pub(crate) struct Look<'a, S> {
    pub(crate) stepper: &'a S,
    pub(crate) taken: Taken<'a>,
    pub(crate) t: &'a [f64],
    pub(crate) end: &'a [f64],
    pub(crate) bounds: &'a [Bound],
}

impl Guards {
    pub(crate) fn prepare<F: Field + ?Sized>(&mut self, field: &F, shape: Shape) {
        let (count, Shape { states, lanes, .. }) = (field.guards(), shape);
        (self.lanes, self.states) = (lanes, states);
        self.holds.clear();
        self.holds.resize(count, 0);
        for row in [&mut self.time, &mut self.theta, &mut self.reach, &mut self.narrow] {
            row.reset(lanes);
        }
        for rows in [&mut self.now, &mut self.later, &mut self.values] {
            rows.reset(count * lanes);
        }
        self.y.reset(states * lanes);
        for side in [&mut self.low, &mut self.high] {
            side.theta.reset(lanes);
            side.time.reset(lanes);
            side.values.reset(count * lanes);
            side.y.reset(states * lanes);
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.holds.len()
    }

    /// Lets all guards of a lane count as false.
    pub(crate) fn forget(&mut self, lane: usize) {
        self.holds.iter_mut().for_each(|holds| *holds &= !(1 << lane));
    }

    /// Evaluates all guards where the lanes stand.
    pub(crate) fn fill<F: Field + ?Sized>(&mut self, field: &mut F, t: &[f64], y: &[f64]) {
        field.fill_guards(t, y, &mut self.values);
        self.now.copy_from_slice(&self.values);
    }

    /// Whether a guard of a lane is not a number.
    pub(crate) fn not_a_number(&self, lane: usize) -> bool {
        (0..self.count()).any(|guard| self.values[guard * self.lanes + lane].is_nan())
    }

    /// The new truth of a guard, where it is not the one last reported; it counts as reported.
    pub(crate) fn change(&mut self, guard: usize, lane: usize) -> Option<bool> {
        let changed = self.changed(&self.values, guard, lane);
        changed.then(|| {
            self.holds[guard] ^= 1 << lane;
            self.holds[guard] >> lane & 1 == 1
        })
    }

    fn changed(&self, values: &[f64], guard: usize, lane: usize) -> bool {
        let value = values[guard * self.lanes + lane];
        !value.is_nan() && (value > 0.0) != (self.holds[guard] >> lane & 1 == 1)
    }

    /// Whether any guard of a lane was found changed at the last look.
    fn any_changed(&self, lane: usize) -> bool {
        (0..self.count()).any(|guard| self.changed(&self.values, guard, lane))
    }

    /// Finds the lanes, of those given, whose steps must be cut. [`cut`](Self::cut) says where;
    /// the others of those given move on.
    pub(crate) fn locate<F: Field + ?Sized, S: Stepper>(
        &mut self,
        field: &mut F,
        look: &Look<'_, S>,
        moved: u64,
    ) -> u64 {
        let found = self.bracket(field, look, moved);
        self.move_on(moved & !found);
        if found != 0 {
            self.narrow(field, look, found);
        }
        found
    }

    /// The time at which a lane's step is cut.
    pub(crate) fn cut_time(&self, lane: usize) -> f64 {
        self.high.time[lane]
    }

    /// Moves a lane to where its step is cut: its states there are written to `y`.
    pub(crate) fn cut(&mut self, lane: usize, y: &mut [f64]) {
        copy_lane(&self.high.y, y, self.lanes, lane);
        copy_lane(&self.high.values, &mut self.values, self.lanes, lane);
        copy_lane(&self.high.values, &mut self.now, self.lanes, lane);
    }

    /// Looks for changes along the step: brackets the first of each lane.
    fn bracket<F: Field + ?Sized, S: Stepper>(
        &mut self,
        field: &mut F,
        look: &Look<'_, S>,
        moved: u64,
    ) -> u64 {
        self.look_at(field, look, moved, 1.0);
        self.later.copy_from_slice(&self.values);
        // A guard that is no number at the end of a step is the twin's failure.
        let at_end = self.keep_highs(moved, |guards, lane| {
            guards.any_changed(lane) || guards.not_a_number(lane)
        });
        self.look_at(field, look, moved, 0.5);
        let halfway = self.keep_highs(moved, Self::any_changed);
        for lane in lanes_of(moved) {
            self.low.theta[lane] = if halfway >> lane & 1 == 1 { 0.0 } else { 0.5 };
        }
        let found = at_end | halfway;
        let dips = self.aim_at_dips(moved & !found);
        if dips == 0 {
            return found;
        }
        self.look(field, look);
        let dips = self.keep_highs(dips, Self::any_changed);
        for lane in lanes_of(dips).filter(|&lane| self.high.theta[lane] < 0.5) {
            self.low.theta[lane] = 0.0;
        }
        found | dips
    }

    /// Evaluates the guards of the given lanes at a part of their steps.
    fn look_at<F: Field + ?Sized, S: Stepper>(
        &mut self,
        field: &mut F,
        look: &Look<'_, S>,
        lanes: u64,
        part: f64,
    ) {
        self.theta.fill(f64::NAN);
        lanes_of(lanes).for_each(|lane| self.theta[lane] = part);
        self.look(field, look);
    }

    /// Makes the last look the high side of those lanes' brackets that are chosen; gives them.
    fn keep_highs(&mut self, lanes: u64, chosen: impl Fn(&Self, usize) -> bool) -> u64 {
        let mut kept = 0;
        for lane in lanes_of(lanes) {
            if chosen(self, lane) {
                self.keep(lane, Which::High);
                kept |= 1 << lane;
            }
        }
        kept
    }

    /// Settles where to look for a change and back, in the lanes where there may be one; gives
    /// them.
    fn aim_at_dips(&mut self, lanes: u64) -> u64 {
        let mut dips = 0;
        self.theta.fill(f64::NAN);
        for lane in lanes_of(lanes) {
            let turns =
                (0..self.count()).filter_map(|guard| self.dip(guard * self.lanes + lane));
            if let Some(theta) = turns.reduce(f64::min) {
                self.theta[lane] = theta;
                dips |= 1 << lane;
            }
        }
        dips
    }

    /// Where the parabola through a guard's start, middle and end turns, if its truth is another
    /// there.
    fn dip(&self, at: usize) -> Option<f64> {
        let (from, middle, to) = (self.now[at], self.values[at], self.later[at]);
        let (rise, bend) = (to - from, from - 2.0 * middle + to);
        let turn = -0.5 * rise / bend;
        let extreme = middle - rise * rise / (8.0 * bend);
        (turn.abs() < 1.0 && (extreme > 0.0) != (middle > 0.0)).then_some(0.5 + 0.5 * turn)
    }

    /// Takes the ends of their steps for where the given lanes stand.
    fn move_on(&mut self, lanes: u64) {
        std::mem::swap(&mut self.now, &mut self.later);
        let staying = !lanes & (u64::MAX >> (64 - self.lanes));
        lanes_of(staying)
            .for_each(|lane| copy_lane(&self.later, &mut self.now, self.lanes, lane));
    }

    /// Evaluates the guards within the step, where `theta` is a number.
    fn look<F: Field + ?Sized, S: Stepper>(&mut self, field: &mut F, look: &Look<'_, S>) {
        look.stepper.interpolate(&look.taken, &self.theta, &mut self.y);
        clip(look.taken.shape, look.bounds, &mut self.y);
        for lane in 0..self.lanes {
            let theta = self.theta[lane];
            self.time[lane] = if theta < 1.0 {
                look.t[lane] + theta * look.taken.h[lane]
            } else {
                look.end[lane]
            };
        }
        field.fill_guards(&self.time, &self.y, &mut self.values);
    }

    /// Makes the last look one side of a lane's bracket.
    fn keep(&mut self, lane: usize, which: Which) {
        let side = match which {
            Which::Low => &mut self.low,
            Which::High => &mut self.high,
        };
        side.theta[lane] = self.theta[lane];
        side.time[lane] = self.time[lane];
        copy_lane(&self.values, &mut side.values, self.lanes, lane);
        copy_lane(&self.y, &mut side.y, self.lanes, lane);
    }

    /// Narrows the brackets until time can't tell their sides apart.
    fn narrow<F: Field + ?Sized, S: Stepper>(
        &mut self,
        field: &mut F,
        look: &Look<'_, S>,
        found: u64,
    ) {
        self.theta.fill(f64::NAN);
        for lane in lanes_of(found) {
            self.theta[lane] = self.low.theta[lane];
            let ulp = f64::EPSILON * (look.end[lane] / look.taken.h[lane]).abs();
            self.narrow[lane] = ulp.clamp(f64::EPSILON, 0.125);
            self.reach[lane] = self.reach(lane);
        }
        self.look(field, look);
        lanes_of(found).for_each(|lane| self.keep(lane, Which::Low));
        let mut open = found;
        loop {
            open = self.aim(open);
            if open == 0 {
                return;
            }
            self.look(field, look);
            for lane in lanes_of(open) {
                let which = if self.any_changed(lane) { Which::High } else { Which::Low };
                self.keep(lane, which);
                self.reach[lane] *= 0.5;
            }
        }
    }

    /// The first reach: the narrow width doubled until it exceeds the bracket, once more doubled.
    fn reach(&self, lane: usize) -> f64 {
        let width = self.high.theta[lane] - self.low.theta[lane];
        let mut reach = self.narrow[lane];
        while reach < width {
            reach *= 2.0;
        }
        reach
    }

    /// Settles where to look next in each open bracket; gives those that are still open.
    fn aim(&mut self, open: u64) -> u64 {
        let mut still = 0;
        self.theta.fill(f64::NAN);
        for lane in lanes_of(open) {
            let (low, high) = (self.low.theta[lane], self.high.theta[lane]);
            let middle = low + 0.5 * (high - low);
            if high - low <= self.narrow[lane] || middle <= low || middle >= high {
                continue;
            }
            let aim = self.interpolate_truncate_project(lane, middle);
            self.theta[lane] = if aim > low && aim < high { aim } else { middle };
            still |= 1 << lane;
        }
        still
    }

    /// The method's next point, with its constants 0.2 / (width at first, here 1), 2 and 1.
    fn interpolate_truncate_project(&self, lane: usize, middle: f64) -> f64 {
        let (low, high) = (self.low.theta[lane], self.high.theta[lane]);
        let width = high - low;
        let chord = self.chord(lane);
        let toward = if middle >= chord { 1.0 } else { -1.0 };
        let nudge = 0.2 * width * width;
        let truncated =
            if nudge <= (middle - chord).abs() { chord + toward * nudge } else { middle };
        let reach = (self.reach[lane] - 0.5 * width).max(0.0);
        if (truncated - middle).abs() <= reach { truncated } else { middle - toward * reach }
    }

    /// Where the first of the changed guards would be zero if all were straight.
    fn chord(&self, lane: usize) -> f64 {
        let (low, high) = (self.low.theta[lane], self.high.theta[lane]);
        let mut first = high;
        for guard in (0..self.count()).filter(|&g| self.changed(&self.high.values, g, lane)) {
            let at = guard * self.lanes + lane;
            let (from, to) = (self.low.values[at], self.high.values[at]);
            let zero = low + (high - low) * (from / (from - to));
            // A comparison that a NaN fails.
            if zero < first {
                first = zero;
            }
        }
        first.max(low)
    }
}

#[derive(Clone, Copy)]
enum Which {
    Low,
    High,
}
