//! An explicit Runge-Kutta method of order 5 with a free interpolant of order 4.
//!
//! Ch. Tsitouras, Runge-Kutta pairs of order 5(4) satisfying only the first column simplifying
//! assumption, Computers & Mathematics with Applications 62 (2011) 770-775,
//! <https://doi.org/10.1016/j.camwa.2011.06.002>. Seven stages, the last of which is the first of
//! the next step.

use crate::rows::{Lanewise, Rows, Shape, sweep};
use crate::stepper::{Attempt, Clipped, Stepper, Taken, Tolerance, mean};
use crate::{Effort, Field, Method, Sparsity};
use proband_math::vector::{Mask, Vector};
use tableau::*;

mod tableau;
mod whole;

pub(crate) use whole::whole_step;

/// Room for the states and times that stages are taken at.
///
/// A step ends with the rows of states, of the last stage's derivatives, then of those of the second
/// to sixth stage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tsit5 {
    stage: Rows,
    time: Rows,
}

impl Stepper for Tsit5 {
    const METHOD: Method = Method::Tsit5;
    const CARRIES_RATES: bool = true;
    const ENDS: usize = STAGES;

    fn prepare<F: Field + ?Sized>(&mut self, _: &F, shape: Shape) {
        self.stage.reset(shape.len());
        self.time.reset(shape.lanes);
    }

    fn step<F: Field + ?Sized>(
        &mut self,
        field: &mut Clipped<'_, F>,
        attempt: &mut Attempt<'_>,
    ) {
        self.stage(field, attempt, &A2);
        self.stage(field, attempt, &A3);
        self.stage(field, attempt, &A4);
        self.stage(field, attempt, &A5);
        self.stage(field, attempt, &A6);
        self.last_stage(field, attempt);
        let (shape, tolerance, h) = (attempt.shape, attempt.tolerance, attempt.h());
        let (end, error) = attempt.end.split_at_mut(STAGES * shape.len());
        let (y, k) = (&attempt.begin[..shape.len()], stages(shape, attempt.begin, end));
        let new = &end[..shape.len()];
        sweep(shape.level, shape.lanes, &mut Norm { shape, tolerance, h, y, new, k, error });
    }

    fn interpolate(&self, step: &Taken<'_>, theta: &[f64], out: &mut [f64]) {
        let k = stages(step.shape, step.begin, step.end);
        sweep(step.shape.level, step.shape.lanes, &mut Interpolate { step, theta, k, out });
    }

    fn error(&self, attempt: &Taken<'_>, state: usize, lane: usize) -> f64 {
        let at = state * attempt.shape.lanes + lane;
        let k = stages(attempt.shape, attempt.begin, attempt.end).map(|k| k[at]);
        error(attempt.h[lane], &k)
    }

    fn effort(pattern: &Sparsity, evaluations: Effort) -> usize {
        // Sums over stages (21 for states, 7 for the error), the step, and the error's scale.
        6 * evaluations.rates + (21 + 7 + 6 + 6) * pattern.states()
    }
}

impl Tsit5 {
    /// Takes the derivative after `S` stages, at the states that their sum gives.
    fn stage<const S: usize, F: Field + ?Sized>(
        &mut self,
        field: &mut Clipped<'_, F>,
        attempt: &mut Attempt<'_>,
        a: &[f64; S],
    ) {
        let (shape, t, h, y) = (attempt.shape, attempt.t(), attempt.h(), attempt.y());
        let (known, next) = attempt.end.split_at_mut((S + 1) * shape.len());
        let k = stages(shape, attempt.begin, known);
        let (time, out) = (&mut *self.time, &mut *self.stage);
        let mut advance = Advance { shape, t, h, y, k, a, time, out };
        sweep(shape.level, shape.lanes, &mut advance);
        field.rates(&self.time, &self.stage, &mut next[..shape.len()]);
    }

    fn last_stage<F: Field + ?Sized>(
        &mut self,
        field: &mut Clipped<'_, F>,
        attempt: &mut Attempt<'_>,
    ) {
        let (shape, t, h, y) = (attempt.shape, attempt.t(), attempt.h(), attempt.y());
        let (new, rest) = attempt.end.split_at_mut(shape.len());
        let (last, known) = rest.split_at_mut(shape.len());
        let k = earlier_stages(shape, attempt.begin, known);
        let time = &mut *self.time;
        let mut advance = Advance { shape, t, h, y, k, a: &A7, time, out: new };
        sweep(shape.level, shape.lanes, &mut advance);
        field.clip(new);
        field.rates(&self.time, new, last);
    }
}

/// The rows of the first stages: the first is begun with, the others follow the last one's in what is
/// ended with.
fn stages<'a, const S: usize>(
    shape: Shape,
    begin: &'a [f64],
    end: &'a [f64],
) -> [&'a [f64]; S] {
    std::array::from_fn(|stage| match stage {
        0 => &begin[shape.len()..],
        last if last == STAGES - 1 => &end[shape.len()..],
        _ => &end[(stage + 1) * shape.len()..],
    })
}

/// The same where what is ended with is there from the second stage on.
fn earlier_stages<'a>(
    shape: Shape,
    begin: &'a [f64],
    known: &'a [f64],
) -> [&'a [f64]; STAGES - 1] {
    std::array::from_fn(|stage| match stage {
        0 => &begin[shape.len()..],
        _ => &known[(stage - 1) * shape.len()..],
    })
}

/// A value of each stage.
#[inline(always)]
fn load<V: Vector, const S: usize>(k: &[&[f64]; S], at: usize) -> [V; S] {
    let mut values = [V::splat(0.0); S];
    for (value, k) in values.iter_mut().zip(k) {
        *value = V::load(&k[at..at + V::LANES]);
    }
    values
}

/// Writes a stage's time and states.
struct Advance<'a, const S: usize> {
    shape: Shape,
    t: &'a [f64],
    h: &'a [f64],
    y: &'a [f64],
    k: [&'a [f64]; S],
    a: &'a [f64; S],
    time: &'a mut [f64],
    out: &'a mut [f64],
}

impl<const S: usize> Lanewise for Advance<'_, S> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let (t, h) = (V::load(&self.t[lane..]), V::load(&self.h[lane..]));
        stage_time(S, t, h).store(&mut self.time[lane..]);
        for state in 0..self.shape.states {
            let at = state * self.shape.lanes + lane;
            let k = load::<V, S>(&self.k, at);
            stage_state(self.a, h, V::load(&self.y[at..]), &k).store(&mut self.out[at..]);
        }
    }
}

/// The mean square of the scaled errors.
struct Norm<'a> {
    shape: Shape,
    tolerance: Tolerance<'a>,
    h: &'a [f64],
    y: &'a [f64],
    new: &'a [f64],
    k: [&'a [f64]; STAGES],
    error: &'a mut [f64],
}

impl Lanewise for Norm<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let h = V::load(&self.h[lane..]);
        let mut sum = V::splat(0.0);
        for state in 0..self.shape.states {
            let at = state * self.shape.lanes + lane;
            let ends = [V::load(&self.y[at..]), V::load(&self.new[at..])];
            sum = self.tolerance.add_square(sum, state, error(h, &load(&self.k, at)), ends);
        }
        mean(sum, self.shape.states).store(&mut self.error[lane..]);
    }
}

struct Interpolate<'a> {
    step: &'a Taken<'a>,
    theta: &'a [f64],
    k: [&'a [f64]; STAGES],
    out: &'a mut [f64],
}

impl Lanewise for Interpolate<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let theta = V::load(&self.theta[lane..lane + V::LANES]);
        let wanted = theta.eq(theta);
        if !wanted.any() {
            return;
        }
        let at_end = theta.eq(V::splat(1.0));
        let weights = dense_weights(theta);
        let h = V::load(&self.step.h[lane..lane + V::LANES]);
        for state in 0..self.step.shape.states {
            let at = state * self.step.shape.lanes + lane;
            let here = at..at + V::LANES;
            let k = load::<V, STAGES>(&self.k, at);
            let mut slope = V::splat(0.0);
            for (weight, k) in weights.iter().zip(k) {
                slope = weight.fma(k, slope);
            }
            let inside = h.fma(slope, V::load(&self.step.begin[here.clone()]));
            let value = V::select(at_end, V::load(&self.step.end[here.clone()]), inside);
            let kept = V::load(&self.out[here.clone()]);
            V::select(wanted, value, kept).store(&mut self.out[here]);
        }
    }
}

/// The weight of each stage at a part of the step.
#[inline(always)]
fn dense_weights<V: Vector>(theta: V) -> [V; STAGES] {
    // Not `DENSE.map`, whose closure would be compiled without wide vectors.
    let mut weights = [theta; STAGES];
    for (weight, [linear, square, cube, fourth]) in weights.iter_mut().zip(DENSE) {
        let inner = theta.fma(V::splat(fourth), V::splat(cube));
        let inner = theta.fma(inner, V::splat(square));
        *weight = theta * theta.fma(inner, V::splat(linear));
    }
    weights
}
