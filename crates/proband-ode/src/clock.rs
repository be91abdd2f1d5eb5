//! Each lane's time, step size and how far it may go: the controller of step sizes.
//!
//! Everything here is per lane, and chosen by comparison and selection rather than by branching,
//! so that no lane's numbers depend on its neighbours.

use crate::rows::{Keep, Lanewise, Rows, Shape, sweep};
use proband_math::functions::step_factor_power;
use proband_math::vector::{Mask, Vector};

/// The step may be this much larger than the error estimate asks for.
const SAFETY: f64 = 0.9;
/// The step shrinks at most to this part.
const SHRINK: f64 = 0.2;
/// The step grows at most to this multiple; after a rejection it does not grow.
const GROW: f64 = 5.0;
/// To the mean square error: both methods estimate the error of a step of order 4, whose root
/// mean square goes as the fifth power of the step.
const EXPONENT: f64 = -0.1;
/// Steps below this part of the time (or of one, near zero) are given up.
const SMALLEST: f64 = 1e-14;

/// One number per lane in each row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clocks {
    /// Now.
    pub(crate) t: Rows,
    /// After the step tried.
    pub(crate) end: Rows,
    /// Where to land.
    pub(crate) stop: Rows,
    /// The next sample.
    pub(crate) sample: Rows,
    /// The step that the error allows.
    pub(crate) wish: Rows,
    /// The present again, then the step tried: the wish, or what is left to the stop, or nothing.
    pub(crate) times: Rows,
    /// The first good step after the last event: where to begin after the next.
    pub(crate) good: Rows,
    /// Steps, stops and crossings so far.
    pub(crate) steps: Rows,
    /// Flagged where derivatives must be taken afresh by a step of length zero.
    pub(crate) restart: Rows,
    /// Flagged until a first step after an event was good.
    pub(crate) first: Rows,
    /// Flagged where the step tried was good.
    pub(crate) accepted: Rows,
    /// How much the step may grow next.
    most_growth: Rows,
}

/// What became of a step, a bit per lane.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Verdict {
    /// Within tolerance (steps of length zero too).
    pub(crate) accepted: u64,
    /// Of length zero, to take derivatives afresh.
    pub(crate) restarts: u64,
    /// Reaches the stop.
    pub(crate) lands: u64,
    /// The next step would be too small.
    pub(crate) too_small: u64,
    /// No further step is allowed.
    pub(crate) too_many: u64,
}

impl Clocks {
    pub(crate) fn prepare(&mut self, lanes: usize) {
        for row in [
            &mut self.t,
            &mut self.end,
            &mut self.stop,
            &mut self.sample,
            &mut self.wish,
            &mut self.good,
            &mut self.steps,
            &mut self.restart,
            &mut self.first,
            &mut self.accepted,
            &mut self.most_growth,
        ] {
            row.reset(lanes);
        }
        self.times.reset(2 * lanes);
    }

    /// The lengths of the steps tried.
    pub(crate) fn h(&self) -> &[f64] {
        &self.times[self.t.len()..]
    }

    /// Forgets the lane's last twin.
    pub(crate) fn clear(&mut self, lane: usize, t: f64) {
        for row in [&mut self.t, &mut self.end, &mut self.stop] {
            row[lane] = t;
        }
        for row in [&mut self.wish, &mut self.good, &mut self.steps, &mut self.restart] {
            row[lane] = 0.0;
        }
        self.sample[lane] = f64::INFINITY;
        self.most_growth[lane] = GROW;
        self.first[lane] = 1.0;
    }

    /// Takes up the step size of a twin just loaded.
    pub(crate) fn begin(&mut self, lane: usize, h: f64) {
        self.wish[lane] = h;
        self.good[lane] = h;
    }

    /// Goes back to the step size that was good after the last event.
    pub(crate) fn renew(&mut self, lane: usize) {
        self.wish[lane] = self.good[lane];
        self.most_growth[lane] = GROW;
        self.first[lane] = 1.0;
    }

    /// Settles how long a step each lane tries.
    pub(crate) fn propose(&mut self, shape: Shape, longest: f64) {
        let Self { t, stop, wish, times, restart, .. } = self;
        let (now, h) = times.split_at_mut(shape.lanes);
        sweep(
            shape.level,
            shape.lanes,
            &mut Propose { longest, t, stop, wish, restart, now, h },
        );
    }

    /// Judges the steps by their mean square errors, and sizes the next.
    pub(crate) fn judge(&mut self, shape: Shape, error: &[f64], most_steps: u64) -> Verdict {
        let verdict = Verdict::default();
        let mut judge = Judge { clocks: self, error, most_steps: most_steps as f64, verdict };
        sweep(shape.level, shape.lanes, &mut judge);
        judge.verdict
    }

    /// Moves the lanes whose step was good to its end.
    pub(crate) fn commit(&mut self, shape: Shape) {
        let Self { t, end, accepted, .. } = self;
        let shape = Shape { states: 1, ..shape };
        sweep(shape.level, shape.lanes, &mut Keep { shape, flags: accepted, from: end, to: t });
    }

    /// The lanes whose next sample is not after their step.
    pub(crate) fn samples_due(&self, shape: Shape) -> u64 {
        let mut due = Due { sample: &self.sample, end: &self.end, lanes: 0 };
        sweep(shape.level, shape.lanes, &mut due);
        due.lanes
    }
}

struct Propose<'a> {
    longest: f64,
    t: &'a [f64],
    stop: &'a [f64],
    wish: &'a mut [f64],
    restart: &'a [f64],
    now: &'a mut [f64],
    h: &'a mut [f64],
}

impl Lanewise for Propose<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let t = V::load(&self.t[lane..]);
        t.store(&mut self.now[lane..]);
        let left = V::load(&self.stop[lane..]) - t;
        let wish = V::load(&self.wish[lane..]).lesser(V::splat(self.longest));
        wish.store(&mut self.wish[lane..]);
        let step = V::select(left.le(wish), left, wish);
        let restart = V::load(&self.restart[lane..]).gt(V::splat(0.0));
        V::select(restart, V::splat(0.0), step).store(&mut self.h[lane..]);
    }
}

struct Judge<'a> {
    clocks: &'a mut Clocks,
    error: &'a [f64],
    most_steps: f64,
    verdict: Verdict,
}

impl Lanewise for Judge<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let (zero, one) = (V::splat(0.0), V::splat(1.0));
        let clocks = &mut *self.clocks;
        let (t, stop) = (V::load(&clocks.t[lane..]), V::load(&clocks.stop[lane..]));
        let (wish, h) = (V::load(&clocks.wish[lane..]), V::load(&clocks.h()[lane..]));
        let error = V::load(&self.error[lane..]);
        let restart = V::load(&clocks.restart[lane..]).gt(zero);
        let first = V::load(&clocks.first[lane..]).gt(zero);

        let moves = !restart;
        let accepted = error.le(one);
        V::select(accepted, one, zero).store(&mut clocks.accepted[lane..]);
        let lands = (stop - t).le(wish) & moves;
        V::select(lands, stop, t + h).store(&mut clocks.end[lane..]);

        let factor = factor(error, V::load(&clocks.most_growth[lane..]));
        let next = h * factor;
        // A step cut short by a stop must not shrink those that follow.
        let next = V::select(lands & accepted, wish.greater(next), next);
        V::select(moves, next, wish).store(&mut clocks.wish[lane..]);
        let growth = V::select(accepted, V::splat(GROW), one);
        growth.store(&mut clocks.most_growth[lane..]);

        let good = accepted & moves;
        let first_good = first & good & !lands;
        let kept = V::load(&clocks.good[lane..]);
        V::select(first_good, next, kept).store(&mut clocks.good[lane..]);
        V::select(first & !good, one, zero).store(&mut clocks.first[lane..]);
        zero.store(&mut clocks.restart[lane..]);

        let steps = V::load(&clocks.steps[lane..]) + V::select(moves, one, zero);
        steps.store(&mut clocks.steps[lane..]);
        let smallest = V::splat(SMALLEST) * t.abs().greater(one);

        let verdict = &mut self.verdict;
        verdict.accepted |= accepted.bits() << lane;
        verdict.restarts |= restart.bits() << lane;
        verdict.lands |= lands.bits() << lane;
        verdict.too_small |= (moves & next.lt(smallest)).bits() << lane;
        verdict.too_many |= steps.ge(V::splat(self.most_steps)).bits() << lane;
    }
}

/// How much longer the next step may be, from the mean square of the scaled errors.
#[inline(always)]
fn factor<V: Vector>(error: V, most: V) -> V {
    let floored = error.greater(V::splat(1e-10));
    let factor = V::splat(SAFETY) * step_factor_power(floored, V::splat(EXPONENT));
    let factor = factor.greater(V::splat(SHRINK)).lesser(most);
    V::select(error.nan(), V::splat(SHRINK), factor)
}

struct Due<'a> {
    sample: &'a [f64],
    end: &'a [f64],
    lanes: u64,
}

impl Lanewise for Due<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let (sample, end) = (V::load(&self.sample[lane..]), V::load(&self.end[lane..]));
        // Infinity stands for no sample, even where there is no stop either.
        let due = sample.le(end) & sample.lt(V::splat(f64::INFINITY));
        self.lanes |= due.bits() << lane;
    }
}
