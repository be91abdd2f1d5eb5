//! Each lane's time, step size and how far it may go: the controller of step sizes.
//!
//! Everything here is per lane, and chosen by comparison and selection rather than by branching,
//! so that no lane's numbers depend on its neighbours.

use crate::lines::{Linewise, Row, lanes_in, sweep_lines};
use crate::rows::{LINE, Rows, Shape};
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
/// Steps below this part of the time are given up,
const SMALLEST: f64 = 1e-14;
/// and such as nothing is over in, whatever the unit of time.
const NOTHING: f64 = 1e-30;

/// Each lane's clock. Sets of lanes are bits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clocks {
    /// Now.
    pub(crate) t: Row,
    /// Before the step tried, and after it.
    from: Row,
    pub(crate) end: Row,
    /// Where to land.
    pub(crate) stop: Row,
    /// The next sample.
    pub(crate) sample: Row,
    /// The step that the error allows.
    pub(crate) wish: Row,
    /// The first good step after the last event: where to begin after the next.
    pub(crate) good: Row,
    /// Steps, stops and crossings so far.
    pub(crate) steps: Row,
    /// Where derivatives must be taken afresh by a step of length zero.
    pub(crate) restart: u64,
    /// Where no first step after an event was good yet.
    first: u64,
    /// Where the step must not grow, since the last one was rejected.
    held: u64,
    /// The lengths of the steps tried, and their mean square errors.
    h: Row,
    error: Row,
    /// A row of times at the beginning of the step tried, then one of its lengths: the wish, or what
    /// is left to the stop, or nothing.
    pub(crate) times: Rows,
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
    /// A sample is not after its end.
    pub(crate) samples: u64,
    /// The next step would be too small.
    pub(crate) too_small: u64,
    /// No further step is allowed.
    pub(crate) too_many: u64,
}

impl Clocks {
    pub(crate) fn prepare(&mut self, lanes: usize) {
        let mut times = std::mem::take(&mut self.times);
        times.reset(2 * lanes);
        *self = Self { times, ..Self::default() };
    }

    /// The times at which the steps tried begin.
    #[inline]
    pub(crate) fn begins(&self) -> &[f64] {
        &self.times[..self.times.len() / 2]
    }

    /// The lengths of the steps tried.
    #[inline]
    pub(crate) fn h(&self) -> &[f64] {
        &self.times[self.times.len() / 2..]
    }

    /// Forgets the lane's last twin.
    pub(crate) fn clear(&mut self, lane: usize, t: f64) {
        for row in [&mut self.t, &mut self.end, &mut self.stop] {
            row[lane] = t;
        }
        for row in [&mut self.wish, &mut self.good, &mut self.steps] {
            row[lane] = 0.0;
        }
        self.sample[lane] = f64::INFINITY;
        self.restart &= !(1 << lane);
        self.held &= !(1 << lane);
        self.first |= 1 << lane;
    }

    /// Takes up the step size of a twin just loaded.
    pub(crate) fn begin(&mut self, lane: usize, h: f64) {
        self.wish[lane] = h;
        self.good[lane] = h;
    }

    /// Goes back to the step size that was good after the last event.
    pub(crate) fn renew(&mut self, lane: usize) {
        self.wish[lane] = self.good[lane];
        self.held &= !(1 << lane);
        self.first |= 1 << lane;
    }

    /// Settles how long a step each lane tries.
    pub(crate) fn propose(&mut self, shape: Shape, longest: f64) {
        let Self { t, stop, wish, restart, times, h, .. } = self;
        let restart = *restart;
        sweep_lines(shape, &mut Propose { longest, t, stop, wish, restart, h });
        let (now, lengths) = times.split_at_mut(shape.lanes);
        now.copy_from_slice(&t.lanes()[..shape.lanes]);
        lengths.copy_from_slice(&h.lanes()[..shape.lanes]);
    }

    /// Writes where in its step the next sample of each of these lanes lies, from 0 to 1; for the others no
    /// number.
    pub(crate) fn place_samples(&self, shape: Shape, lanes: u64, theta: &mut Row) {
        sweep_lines(shape, &mut PlaceSamples { lanes, clocks: self, theta });
    }

    /// Judges the steps by their mean square errors, sizes the next, and moves the lanes whose step
    /// was good to its end.
    pub(crate) fn judge(&mut self, shape: Shape, error: &[f64], most_steps: u64) -> Verdict {
        self.error.lanes_mut()[..shape.lanes].copy_from_slice(error);
        let verdict = Verdict { restarts: self.restart, ..Verdict::default() };
        let most_steps = most_steps as f64;
        let mut judge = Judge { most_steps, clocks: self, verdict };
        sweep_lines(shape, &mut judge);
        let verdict = judge.verdict;
        let moved = verdict.accepted & !verdict.restarts;
        self.held = !verdict.accepted;
        self.first &= !moved;
        self.restart = 0;
        verdict
    }
}

struct Propose<'a> {
    longest: f64,
    t: &'a Row,
    stop: &'a Row,
    wish: &'a mut Row,
    restart: u64,
    h: &'a mut Row,
}

impl Linewise for Propose<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, line: usize, part: usize) {
        let left = self.stop.load::<V>(line, part) - self.t.load(line, part);
        let wish = self.wish.load::<V>(line, part).lesser(V::splat(self.longest));
        self.wish.store(line, part, wish);
        let step = V::select(left.le(wish), left, wish);
        let restart = lanes_in::<V>(self.restart, line, part);
        self.h.store(line, part, V::select(restart, V::splat(0.0), step));
    }
}

struct Judge<'a> {
    most_steps: f64,
    clocks: &'a mut Clocks,
    verdict: Verdict,
}

impl Linewise for Judge<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, line: usize, part: usize) {
        let (zero, one) = (V::splat(0.0), V::splat(1.0));
        let clocks = &mut *self.clocks;
        let (t, stop) = (clocks.t.load::<V>(line, part), clocks.stop.load::<V>(line, part));
        let (wish, h) = (clocks.wish.load::<V>(line, part), clocks.h.load::<V>(line, part));
        let error = clocks.error.load::<V>(line, part);
        let moves = !lanes_in::<V>(clocks.restart, line, part);
        let first = lanes_in::<V>(clocks.first, line, part);
        let held = lanes_in::<V>(clocks.held, line, part);

        let accepted = error.le(one);
        let lands = (stop - t).le(wish) & moves;
        let end = V::select(lands, stop, t + h);
        clocks.from.store(line, part, t);
        clocks.end.store(line, part, end);
        clocks.t.store(line, part, V::select(accepted, end, t));

        let next = h * factor(error, V::select(held, one, V::splat(GROW)));
        // A step cut short by a stop must not shrink those that follow.
        let next = V::select(lands & accepted, wish.greater(next), next);
        clocks.wish.store(line, part, V::select(moves, next, wish));
        let first_good = first & accepted & moves & !lands;
        let good = V::select(first_good, next, clocks.good.load(line, part));
        clocks.good.store(line, part, good);

        let steps = clocks.steps.load::<V>(line, part) + V::select(moves, one, zero);
        clocks.steps.store(line, part, steps);
        let smallest = (V::splat(SMALLEST) * t.abs()).greater(V::splat(NOTHING));
        let sample = clocks.sample.load::<V>(line, part);
        // Infinity stands for no sample, even where there is no stop either.
        let due = sample.le(end) & sample.lt(V::splat(f64::INFINITY));

        let at = line * LINE + part;
        let verdict = &mut self.verdict;
        verdict.accepted |= accepted.bits() << at;
        verdict.lands |= lands.bits() << at;
        verdict.samples |= due.bits() << at;
        verdict.too_small |= (moves & next.lt(smallest)).bits() << at;
        verdict.too_many |= steps.ge(V::splat(self.most_steps)).bits() << at;
    }
}

struct PlaceSamples<'a> {
    lanes: u64,
    clocks: &'a Clocks,
    theta: &'a mut Row,
}

impl Linewise for PlaceSamples<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, line: usize, part: usize) {
        let wanted = lanes_in::<V>(self.lanes, line, part);
        let mut theta = V::splat(f64::NAN);
        if wanted.any() {
            let (zero, one) = (V::splat(0.0), V::splat(1.0));
            let clocks = self.clocks;
            let sample = clocks.sample.load::<V>(line, part);
            let from = clocks.from.load::<V>(line, part);
            let inside =
                ((sample - from) / clocks.h.load(line, part)).greater(zero).lesser(one);
            let place = V::select(sample.ge(clocks.end.load(line, part)), one, inside);
            theta = V::select(wanted, place, theta);
        }
        self.theta.store(line, part, theta);
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
