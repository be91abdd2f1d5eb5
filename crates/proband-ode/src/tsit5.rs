//! An explicit Runge-Kutta method of order 5 with a free interpolant of order 4.
//!
//! Ch. Tsitouras, Runge-Kutta pairs of order 5(4) satisfying only the first column simplifying
//! assumption, Computers & Mathematics with Applications 62 (2011) 770-775,
//! <https://doi.org/10.1016/j.camwa.2011.06.002>. Seven stages, the last of which is the first of
//! the next step.

use crate::Field;
use crate::rows::{Keep, Lanewise, Rows, Shape, sweep};
use crate::stepper::{Attempt, Clipped, Stepper, Taken, Tolerance};
use proband_math::vector::{Mask, Vector};

const STAGES: usize = 7;

/// When, within a step, each stage is.
const C: [f64; STAGES] = [0.0, 0.161, 0.327, 0.9, 0.9800255409045097, 1.0, 1.0];

const A2: [f64; 1] = [0.161];
const A3: [f64; 2] = [-0.008480655492356989, 0.335480655492357];
const A4: [f64; 3] = [2.8971530571054935, -6.359448489975075, 4.3622954328695815];
const A5: [f64; 4] =
    [5.325864828439257, -11.748883564062828, 7.4955393428898365, -0.09249506636175525];
const A6: [f64; 5] = [
    5.86145544294642,
    -12.92096931784711,
    8.159367898576159,
    -0.071584973281401,
    -0.028269050394068383,
];
/// The last stage, which is the step itself.
const A7: [f64; 6] = [
    0.09646076681806523,
    0.01,
    0.4798896504144996,
    1.379008574103742,
    -3.290069515436081,
    2.324710524099774,
];

/// The step less the embedded one of order 4.
const E: [f64; STAGES] = [
    -0.001780011052225777,
    -0.0008164344596567469,
    0.007880878010261995,
    -0.1447110071732629,
    0.5823571654525552,
    -0.45808210592918697,
    0.015151515151515152,
];

/// Coefficients of theta, its square, cube and fourth power in the weight of each stage.
const DENSE: [[f64; 4]; STAGES] = [
    [1.0, -2.763706197274826, 2.9132554618219126, -1.0530884977290216],
    [0.0, 0.13169999999999998, -0.2234, 0.1017],
    [0.0, 3.9302962368947516, -5.941033872131505, 2.490627285651253],
    [0.0, -12.411077166933676, 30.33818863028232, -16.548102889244902],
    [0.0, 37.50931341651104, -88.1789048947664, 47.37952196281928],
    [0.0, -27.896526289197286, 65.09189467479366, -34.87065786149661],
    [0.0, 1.5, -4.0, 2.5],
];

/// The stages' derivatives, and room for the states and times they are taken at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tsit5 {
    k: [Rows; STAGES],
    stage: Rows,
    time: Rows,
}

impl Stepper for Tsit5 {
    const CARRIES_RATES: bool = true;

    fn prepare<F: Field + ?Sized>(&mut self, _: &F, shape: Shape) {
        let len = shape.states * shape.lanes;
        self.k.iter_mut().for_each(|k| k.reset(len));
        self.stage.reset(len);
        self.time.reset(shape.lanes);
    }

    fn start(&mut self, shape: Shape, flags: &[f64], rates: &[f64]) {
        let mut keep = Keep { shape, flags, from: rates, to: &mut self.k[0] };
        sweep(shape.level, shape.lanes, &mut keep);
    }

    fn step<F: Field + ?Sized>(
        &mut self,
        field: &mut Clipped<'_, F>,
        attempt: &mut Attempt<'_>,
    ) {
        self.stage(field, attempt, A2);
        self.stage(field, attempt, A3);
        self.stage(field, attempt, A4);
        self.stage(field, attempt, A5);
        self.stage(field, attempt, A6);
        self.last_stage(field, attempt);
        let Attempt { shape, tolerance, h, y, ref new, ref mut error, .. } = *attempt;
        let k = rows(&self.k);
        let mut norm = Norm { shape, tolerance, h, y, new, k, error };
        sweep(shape.level, shape.lanes, &mut norm);
    }

    fn commit(&mut self, shape: Shape, flags: &[f64]) {
        let [first, .., last] = &mut self.k;
        sweep(shape.level, shape.lanes, &mut Keep { shape, flags, from: last, to: first });
    }

    fn interpolate(&self, step: &Taken<'_>, theta: &[f64], out: &mut [f64]) {
        let k = rows(&self.k);
        sweep(step.shape.level, step.shape.lanes, &mut Interpolate { step, theta, k, out });
    }

    fn error(&self, attempt: &Taken<'_>, state: usize, lane: usize) -> f64 {
        let at = state * attempt.shape.lanes + lane;
        attempt.h[lane] * weigh::<f64, STAGES>(&E, &rows(&self.k), at)
    }

    fn effort<F: Field + ?Sized>(field: &F) -> usize {
        // Sums over stages (21 for states, 7 for the error), the step, and the error's scale.
        6 * field.effort().rates + (21 + 7 + 6 + 6) * field.states()
    }
}

impl Tsit5 {
    /// Takes the derivative after `S` stages, at the states that their sum gives.
    fn stage<const S: usize, F: Field + ?Sized>(
        &mut self,
        field: &mut Clipped<'_, F>,
        attempt: &Attempt<'_>,
        a: [f64; S],
    ) {
        let Attempt { shape, t, h, y, .. } = *attempt;
        let (known, next) = self.k.split_at_mut(S);
        let (k, time, out) = (rows(known), &mut *self.time, &mut *self.stage);
        let mut advance = Advance { shape, t, h, y, k, a: &a, c: C[S], time, out };
        sweep(shape.level, shape.lanes, &mut advance);
        field.rates(&self.time, &self.stage, &mut next[0]);
    }

    fn last_stage<F: Field + ?Sized>(
        &mut self,
        field: &mut Clipped<'_, F>,
        attempt: &mut Attempt<'_>,
    ) {
        let Attempt { shape, t, h, y, ref mut new, .. } = *attempt;
        let (known, next) = self.k.split_at_mut(STAGES - 1);
        let (k, time) = (rows(known), &mut *self.time);
        let mut advance = Advance { shape, t, h, y, k, a: &A7, c: 1.0, time, out: new };
        sweep(shape.level, shape.lanes, &mut advance);
        field.clip(new);
        field.rates(&self.time, new, &mut next[0]);
    }
}

fn rows<const S: usize>(k: &[Rows]) -> [&[f64]; S] {
    std::array::from_fn(|stage| &*k[stage])
}

/// `a[0] k[0] + a[1] k[1] + ...` at an index of the rows.
#[inline(always)]
fn weigh<V: Vector, const S: usize>(a: &[f64; S], k: &[&[f64]; S], at: usize) -> V {
    let mut sum = V::splat(a[0]) * V::load(&k[0][at..]);
    for stage in 1..S {
        sum = V::splat(a[stage]).fma(V::load(&k[stage][at..]), sum);
    }
    sum
}

/// Writes a stage's time `t + c h` and states `y + h * (a[0] k[0] + a[1] k[1] + ...)`.
struct Advance<'a, const S: usize> {
    shape: Shape,
    t: &'a [f64],
    h: &'a [f64],
    y: &'a [f64],
    k: [&'a [f64]; S],
    a: &'a [f64; S],
    c: f64,
    time: &'a mut [f64],
    out: &'a mut [f64],
}

impl<const S: usize> Lanewise for Advance<'_, S> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let h = V::load(&self.h[lane..]);
        V::splat(self.c).fma(h, V::load(&self.t[lane..])).store(&mut self.time[lane..]);
        for state in 0..self.shape.states {
            let at = state * self.shape.lanes + lane;
            let slope = weigh::<V, S>(self.a, &self.k, at);
            h.fma(slope, V::load(&self.y[at..])).store(&mut self.out[at..]);
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
            let (y, new) = (V::load(&self.y[at..]), V::load(&self.new[at..]));
            let error = h * weigh::<V, STAGES>(&E, &self.k, at);
            let scaled = error / self.tolerance.scale(state, y, new);
            sum = scaled.fma(scaled, sum);
        }
        let mean = sum / V::splat(self.shape.states.max(1) as f64);
        mean.store(&mut self.error[lane..]);
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
        let theta = V::load(&self.theta[lane..]);
        let wanted = theta.eq(theta);
        if !wanted.any() {
            return;
        }
        let at_end = theta.eq(V::splat(1.0));
        let weights = dense_weights(theta);
        let h = V::load(&self.step.h[lane..]);
        for state in 0..self.step.shape.states {
            let at = state * self.step.shape.lanes + lane;
            let mut slope = V::splat(0.0);
            for (weight, k) in weights.iter().zip(&self.k) {
                slope = weight.fma(V::load(&k[at..]), slope);
            }
            let inside = h.fma(slope, V::load(&self.step.y[at..]));
            let value = V::select(at_end, V::load(&self.step.new[at..]), inside);
            V::select(wanted, value, V::load(&self.out[at..])).store(&mut self.out[at..]);
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
