//! A Rosenbrock method of order 5 for stiff systems, with dense output of order 4.
//!
//! G. Steinebach, Construction of Rosenbrock-Wanner method `Rodas5P` and numerical benchmarks
//! within the Julia Differential Equations package, BIT Numerical Mathematics 63 (2023) 27,
//! <https://doi.org/10.1007/s10543-023-00967-x>. Eight stages, L-stable and stiffly accurate; no
//! iteration, so that lanes keep in step. In the form without products by the Jacobian: each
//! stage solves `(1 / (gamma h) - J) k = f(u) + (sum of C k) / h + h D df/dt`.

use crate::lu::{Elimination, LaneCells};
use crate::rows::{Lanewise, Rows, Shape, sweep};
use crate::stepper::{Attempt, Clipped, Stepper, Taken, Tolerance, mean};
use crate::{Effort, Field, Method, Sparsity};
use proband_math::vector::{Mask, Vector};
use tableau::*;

mod tableau;
mod whole;

pub(crate) use whole::whole_step;

/// The factored matrices, and the plan to factor them.
///
/// A step ends with the rows of states, then those of the stages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rodas5P {
    pattern: Option<Sparsity>,
    elimination: Elimination,
    /// The states that a stage looks at.
    stage: Rows,
    time: Rows,
    matrix: Rows,
    time_derivative: Rows,
    depends_on_time: bool,
}

impl Stepper for Rodas5P {
    const METHOD: Method = Method::Rodas5P;
    const CARRIES_RATES: bool = false;
    const ENDS: usize = 1 + STAGES;

    fn prepare<F: Field + ?Sized>(&mut self, field: &F, shape: Shape) {
        let pattern =
            field.jacobian().expect("a stiff method is asked for only with a Jacobian");
        if self.pattern.as_ref() != Some(pattern) {
            self.elimination = Elimination::new(pattern);
            self.pattern = Some(pattern.clone());
        }
        self.depends_on_time = field.depends_on_time();
        self.stage.reset(shape.len());
        self.time_derivative.reset(shape.len());
        self.time.reset(shape.lanes);
        self.matrix.reset(self.elimination.entries() * shape.lanes);
    }

    fn step<F: Field + ?Sized>(
        &mut self,
        field: &mut Clipped<'_, F>,
        attempt: &mut Attempt<'_>,
    ) {
        self.linearise(field, attempt);
        for stage in 0..STAGES {
            self.stage(field, attempt, stage);
        }
        let (shape, tolerance, y) = (attempt.shape, attempt.tolerance, attempt.y());
        let (new, rest) = attempt.end.split_at_mut(shape.len());
        let (k, error) = rest.split_at_mut(STAGES * shape.len());
        let (u, last) = (&*self.stage, &k[(STAGES - 1) * shape.len()..]);
        sweep(shape.level, shape.lanes, &mut Add { shape, to: new, from: u, more: last });
        field.clip(new);
        sweep(shape.level, shape.lanes, &mut Norm { shape, tolerance, y, new, last, error });
    }

    fn interpolate(&self, step: &Taken<'_>, theta: &[f64], out: &mut [f64]) {
        let k = &step.end[step.shape.len()..];
        sweep(step.shape.level, step.shape.lanes, &mut Interpolate { step, theta, k, out });
    }

    fn error(&self, attempt: &Taken<'_>, state: usize, lane: usize) -> f64 {
        attempt.end[(STAGES * attempt.shape.states + state) * attempt.shape.lanes + lane]
    }

    fn effort(pattern: &Sparsity, Effort { rates, jacobian }: Effort) -> usize {
        let (factor, solve) = Elimination::new(pattern).effort();
        // Sums over stages (15 for states, 28 for right sides), and the error's scale.
        let sums = (15 + 28 + 3 * STAGES + 6) * pattern.states();
        STAGES * rates + jacobian + factor + STAGES * solve + sums
    }
}

impl Rodas5P {
    /// Takes the Jacobian at the start of the step, and factors the matrices of the stages.
    fn linearise<F: Field + ?Sized>(
        &mut self,
        field: &mut Clipped<'_, F>,
        attempt: &mut Attempt<'_>,
    ) {
        let (shape, t, h, y) = (attempt.shape, attempt.t(), attempt.h(), attempt.y());
        let entries = field.entries() * shape.lanes;
        field.linearise(
            t,
            y,
            &mut attempt.end[shape.len()..2 * shape.len()],
            &mut self.matrix[..entries],
            &mut self.time_derivative,
        );
        self.matrix[entries..].fill(0.0);
        let (elimination, w) = (&self.elimination, &mut *self.matrix);
        sweep(shape.level, shape.lanes, &mut Factor { shape, elimination, h, entries, w });
    }

    fn stage<F: Field + ?Sized>(
        &mut self,
        field: &mut Clipped<'_, F>,
        attempt: &mut Attempt<'_>,
        stage: usize,
    ) {
        let (shape, t, h, y) = (attempt.shape, attempt.t(), attempt.h(), attempt.y());
        let (known, next) = attempt.end[shape.len()..].split_at_mut(stage * shape.len());
        let (known, b) = (&*known, &mut next[..shape.len()]);
        if stage > 0 {
            let (time, u) = (&mut *self.time, &mut *self.stage);
            let mut look = LookAt { shape, stage, t, h, y, known, time, u };
            sweep(shape.level, shape.lanes, &mut look);
            field.rates(&self.time, &self.stage, b);
        }
        let drift = self.depends_on_time.then_some(&*self.time_derivative);
        let (elimination, w) = (&self.elimination, &mut *self.matrix);
        let mut solve = Solve { shape, stage, elimination, w, h, known, drift, b };
        sweep(shape.level, shape.lanes, &mut solve);
    }
}

/// Makes the matrices `1 / (gamma h) - J` of Jacobians and factors them.
struct Factor<'a> {
    shape: Shape,
    elimination: &'a Elimination,
    h: &'a [f64],
    /// How much of `w` is Jacobian; the rest is zero.
    entries: usize,
    w: &'a mut [f64],
}

impl Lanewise for Factor<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let lanes = self.shape.lanes;
        for at in (lane..self.entries).step_by(lanes) {
            (-V::load(&self.w[at..])).store(&mut self.w[at..]);
        }
        let shift = shift(V::load(&self.h[lane..]));
        for &entry in self.elimination.diagonal() {
            let at = entry * lanes + lane;
            (V::load(&self.w[at..]) + shift).store(&mut self.w[at..]);
        }
        self.elimination.factor::<V>(&mut LaneCells { rows: &mut *self.w, lanes, lane });
    }
}

/// Writes the time and the states that a stage looks at.
struct LookAt<'a> {
    shape: Shape,
    stage: usize,
    t: &'a [f64],
    h: &'a [f64],
    y: &'a [f64],
    known: &'a [f64],
    time: &'a mut [f64],
    u: &'a mut [f64],
}

impl Lanewise for LookAt<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let (shape, stage) = (self.shape, self.stage);
        let (t, h) = (V::load(&self.t[lane..]), V::load(&self.h[lane..]));
        stage_time(stage, t, h).store(&mut self.time[lane..]);
        for state in 0..shape.states {
            let at = state * shape.lanes + lane;
            let u = match A.get(stage) {
                Some(weights) => add_weighted(
                    V::load(&self.y[at..]),
                    weights,
                    #[inline(always)]
                    |stage| V::load(&self.known[stage * shape.len() + at..]),
                ),
                None => {
                    let last = V::load(&self.known[(stage - 1) * shape.len() + at..]);
                    V::load(&self.u[at..]) + last
                }
            };
            u.store(&mut self.u[at..]);
        }
    }
}

/// Completes the right sides of a stage, and solves.
struct Solve<'a> {
    shape: Shape,
    stage: usize,
    elimination: &'a Elimination,
    w: &'a mut [f64],
    h: &'a [f64],
    known: &'a [f64],
    /// The derivative with respect to time.
    drift: Option<&'a [f64]>,
    /// Derivatives, then right sides, then the stage.
    b: &'a mut [f64],
}

impl Lanewise for Solve<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let (shape, h) = (self.shape, V::load(&self.h[lane..]));
        for state in 0..shape.states {
            let at = state * shape.lanes + lane;
            let drift = self.drift.map(
                #[inline(always)]
                |drift| V::load(&drift[at..]),
            );
            let b = right_side(
                self.stage,
                h,
                V::load(&self.b[at..]),
                #[inline(always)]
                |stage| V::load(&self.known[stage * shape.len() + at..]),
                drift,
            );
            b.store(&mut self.b[at..]);
        }
        let lanes = shape.lanes;
        let w = LaneCells { rows: &mut *self.w, lanes, lane };
        self.elimination.solve::<V>(&w, &mut LaneCells { rows: &mut *self.b, lanes, lane });
    }
}

/// Writes the sum of two sets of rows.
struct Add<'a> {
    shape: Shape,
    to: &'a mut [f64],
    from: &'a [f64],
    more: &'a [f64],
}

impl Lanewise for Add<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        for state in 0..self.shape.states {
            let at = state * self.shape.lanes + lane;
            (V::load(&self.from[at..]) + V::load(&self.more[at..])).store(&mut self.to[at..]);
        }
    }
}

/// The mean square of the scaled errors: the last stage is the error.
struct Norm<'a> {
    shape: Shape,
    tolerance: Tolerance<'a>,
    y: &'a [f64],
    new: &'a [f64],
    last: &'a [f64],
    error: &'a mut [f64],
}

impl Lanewise for Norm<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let mut sum = V::splat(0.0);
        for state in 0..self.shape.states {
            let at = state * self.shape.lanes + lane;
            let ends = [V::load(&self.y[at..]), V::load(&self.new[at..])];
            let last = V::load(&self.last[at..]);
            sum = self.tolerance.add_square(sum, state, last, ends);
        }
        mean(sum, self.shape.states).store(&mut self.error[lane..]);
    }
}

struct Interpolate<'a> {
    step: &'a Taken<'a>,
    theta: &'a [f64],
    k: &'a [f64],
    out: &'a mut [f64],
}

impl Interpolate<'_> {
    #[inline(always)]
    fn row<V: Vector>(&self, weights: &[f64; STAGES], at: usize) -> V {
        add_weighted(
            V::splat(0.0),
            weights,
            #[inline(always)]
            |stage| V::load(&self.k[stage * self.step.shape.len() + at..]),
        )
    }
}

impl Lanewise for Interpolate<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let theta = V::load(&self.theta[lane..]);
        let wanted = theta.eq(theta);
        if !wanted.any() {
            return;
        }
        let rest = V::splat(1.0) - theta;
        for state in 0..self.step.shape.states {
            let at = state * self.step.shape.lanes + lane;
            let outer = theta.fma(self.row(&DENSE[2], at), self.row(&DENSE[1], at));
            let bend = theta.fma(outer, self.row(&DENSE[0], at));
            let far = rest.fma(bend, V::load(&self.step.end[at..]));
            let value = rest.fma(V::load(&self.step.begin[at..]), theta * far);
            V::select(wanted, value, V::load(&self.out[at..])).store(&mut self.out[at..]);
        }
    }
}
