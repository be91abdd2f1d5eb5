//! A Rosenbrock method of order 5 for stiff systems, with dense output of order 4.
//!
//! G. Steinebach, Construction of Rosenbrock-Wanner method `Rodas5P` and numerical benchmarks
//! within the Julia Differential Equations package, BIT Numerical Mathematics 63 (2023) 27,
//! <https://doi.org/10.1007/s10543-023-00967-x>. Eight stages, L-stable and stiffly accurate; no
//! iteration, so that lanes keep in step. In the form without products by the Jacobian: each
//! stage solves `(1 / (gamma h) - J) k = f(u) + (sum of C k) / h + h D df/dt`.

use crate::lu::Elimination;
use crate::rows::{Lanewise, Rows, Shape, sweep};
use crate::stepper::{Attempt, Clipped, Stepper, Taken, Tolerance};
use crate::{Field, Sparsity};
use proband_math::vector::{Mask, Vector};

const STAGES: usize = 8;

const GAMMA: f64 = 0.21193756319429014;

/// Weights of earlier stages in the states that a stage looks at. The last two stages look at
/// the states of the one before, plus that stage.
const A: [&[f64]; 6] = [
    &[],
    &[3.0],
    &[2.849394379747939, 0.45842242204463923],
    &[-6.954028509809101, 2.489845061869568, -10.358996098473584],
    &[2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641],
    &[
        -7.502846399306121,
        2.561846144803919,
        -11.627539656261098,
        -0.18268767659942256,
        0.030198172008377946,
    ],
];

/// Weights of earlier stages in a stage's right side.
const C: [&[f64]; STAGES] = [
    &[],
    &[-14.155112264123755],
    &[-17.97296035885952, -2.859693295451294],
    &[147.12150275711716, -1.41221402718213, 71.68940251302358],
    &[165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306],
    &[
        24.854864614690072,
        -3.0009227002832186,
        47.4931110020768,
        5.5814197821558125,
        -0.6610691825249471,
    ],
    &[
        30.91273214028599,
        -3.1208243349937974,
        77.79954646070892,
        34.28646028294783,
        -19.097331116725623,
        -28.087943162872662,
    ],
    &[
        37.80277123390563,
        -3.2571969029072276,
        112.26918849496327,
        66.9347231244047,
        -40.06618937091002,
        -54.66780262877968,
        -9.48861652309627,
    ],
];

/// When, within a step, each stage is.
const ALPHA: [f64; STAGES] = [
    0.0,
    0.6358126895828704,
    0.4095798393397535,
    0.9769306725060716,
    0.4288403609558664,
    1.0,
    1.0,
    1.0,
];

/// Weights of the derivative with respect to time.
const D: [f64; STAGES] = [
    GAMMA,
    -0.42387512638858027,
    -0.3384627126235924,
    1.8046452872882734,
    2.325825639765069,
    0.0,
    0.0,
    0.0,
];

/// Weights of the stages in the three rows of the dense output.
const DENSE: [[f64; STAGES]; 3] = [
    [
        25.948786856663858,
        -2.5579724845846235,
        10.433815404888879,
        -2.3679251022685204,
        0.524948541321073,
        1.1241088310450404,
        0.4272876194431874,
        -0.17202221070155493,
    ],
    [
        -9.91568850695171,
        -0.9689944594115154,
        3.0438037242978453,
        -24.495224566215796,
        20.176138334709044,
        15.98066361424651,
        -6.789040303419874,
        -6.710236069923372,
    ],
    [
        11.419903575922262,
        2.8879645146136994,
        72.92137995996029,
        80.12511834622643,
        -52.072871366152654,
        -59.78993625266729,
        -0.15582684282751913,
        4.883087185713722,
    ],
];

/// The stages, the factored matrices, and the plan to factor them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rodas5P {
    pattern: Option<Sparsity>,
    elimination: Elimination,
    k: [Rows; STAGES],
    /// The states that a stage looks at.
    stage: Rows,
    time: Rows,
    matrix: Rows,
    time_derivative: Rows,
    depends_on_time: bool,
}

impl Stepper for Rodas5P {
    const CARRIES_RATES: bool = false;

    fn prepare<F: Field + ?Sized>(&mut self, field: &F, shape: Shape) {
        let pattern =
            field.jacobian().expect("a stiff method is asked for only with a Jacobian");
        if self.pattern.as_ref() != Some(pattern) {
            self.elimination = Elimination::new(pattern);
            self.pattern = Some(pattern.clone());
        }
        self.depends_on_time = field.depends_on_time();
        let len = shape.states * shape.lanes;
        self.k.iter_mut().for_each(|k| k.reset(len));
        self.stage.reset(len);
        self.time_derivative.reset(len);
        self.time.reset(shape.lanes);
        self.matrix.reset(self.elimination.entries() * shape.lanes);
    }

    fn start(&mut self, _: Shape, _: &[f64], _: &[f64]) {}

    fn step<F: Field + ?Sized>(
        &mut self,
        field: &mut Clipped<'_, F>,
        attempt: &mut Attempt<'_>,
    ) {
        self.linearise(field, attempt);
        for stage in 0..STAGES {
            self.stage(field, attempt, stage);
        }
        let Attempt { shape, tolerance, y, ref mut new, ref mut error, .. } = *attempt;
        let (u, last) = (&*self.stage, &*self.k[STAGES - 1]);
        sweep(shape.level, shape.lanes, &mut Add { shape, to: new, from: u, more: last });
        field.clip(new);
        sweep(shape.level, shape.lanes, &mut Norm { shape, tolerance, y, new, last, error });
    }

    fn commit(&mut self, _: Shape, _: &[f64]) {}

    fn interpolate(&self, step: &Taken<'_>, theta: &[f64], out: &mut [f64]) {
        let k = self.k.each_ref().map(|k| &**k);
        sweep(step.shape.level, step.shape.lanes, &mut Interpolate { step, theta, k, out });
    }

    fn error(&self, attempt: &Taken<'_>, state: usize, lane: usize) -> f64 {
        self.k[STAGES - 1][state * attempt.shape.lanes + lane]
    }

    fn effort<F: Field + ?Sized>(field: &F) -> usize {
        let pattern = field.jacobian().map(Elimination::new).unwrap_or_default();
        let (factor, solve) = pattern.effort();
        let evaluations = STAGES * field.effort().rates + field.effort().jacobian;
        // Sums over stages (15 for states, 28 for right sides), and the error's scale.
        evaluations + factor + STAGES * solve + (15 + 28 + 3 * STAGES + 6) * field.states()
    }
}

impl Rodas5P {
    /// Takes the Jacobian at the start of the step, and factors the matrices of the stages.
    fn linearise<F: Field + ?Sized>(
        &mut self,
        field: &mut Clipped<'_, F>,
        attempt: &Attempt<'_>,
    ) {
        let Attempt { shape, t, h, y, .. } = *attempt;
        let entries = field.entries() * shape.lanes;
        field.linearise(
            t,
            y,
            &mut self.k[0],
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
        attempt: &Attempt<'_>,
        stage: usize,
    ) {
        let Attempt { shape, t, h, y, .. } = *attempt;
        let (known, next) = self.k.split_at_mut(stage);
        let b = &mut *next[0];
        if stage > 0 {
            let (weights, alpha) = (A.get(stage).copied(), ALPHA[stage]);
            let (time, u) = (&mut *self.time, &mut *self.stage);
            let mut look = LookAt { shape, t, h, y, known, weights, alpha, time, u };
            sweep(shape.level, shape.lanes, &mut look);
            field.rates(&self.time, &self.stage, b);
        }
        let drift = self.depends_on_time.then_some((D[stage], &*self.time_derivative));
        let (elimination, w) = (&self.elimination, &*self.matrix);
        let mut solve = Solve { shape, elimination, w, h, known, weights: C[stage], drift, b };
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
        let shift = V::splat(1.0 / GAMMA) / V::load(&self.h[lane..]);
        for &entry in self.elimination.diagonal() {
            let at = entry * lanes + lane;
            (V::load(&self.w[at..]) + shift).store(&mut self.w[at..]);
        }
        self.elimination.factor::<V>(self.w, lanes, lane);
    }
}

/// Writes the time and the states that a stage looks at.
struct LookAt<'a> {
    shape: Shape,
    t: &'a [f64],
    h: &'a [f64],
    y: &'a [f64],
    known: &'a [Rows],
    /// Of the stages known, or nothing where the last one is added to what is there.
    weights: Option<&'a [f64]>,
    alpha: f64,
    time: &'a mut [f64],
    u: &'a mut [f64],
}

impl Lanewise for LookAt<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let (t, h) = (V::load(&self.t[lane..]), V::load(&self.h[lane..]));
        V::splat(self.alpha).fma(h, t).store(&mut self.time[lane..]);
        for state in 0..self.shape.states {
            let at = state * self.shape.lanes + lane;
            let u = match self.weights {
                Some(weights) => add_weighted(V::load(&self.y[at..]), weights, self.known, at),
                None => {
                    V::load(&self.u[at..]) + V::load(&self.known[self.known.len() - 1][at..])
                }
            };
            u.store(&mut self.u[at..]);
        }
    }
}

/// `sum + weights[0] k[0] + weights[1] k[1] + ...` at an index of the rows.
#[inline(always)]
fn add_weighted<V: Vector>(mut sum: V, weights: &[f64], k: &[Rows], at: usize) -> V {
    for (&weight, k) in weights.iter().zip(k) {
        sum = V::splat(weight).fma(V::load(&k[at..]), sum);
    }
    sum
}

/// Completes the right sides of a stage, and solves.
struct Solve<'a> {
    shape: Shape,
    elimination: &'a Elimination,
    w: &'a [f64],
    h: &'a [f64],
    known: &'a [Rows],
    weights: &'a [f64],
    /// The stage's weight of the derivative with respect to time, and that derivative.
    drift: Option<(f64, &'a [f64])>,
    /// Derivatives, then right sides, then the stage.
    b: &'a mut [f64],
}

impl Lanewise for Solve<'_> {
    #[inline(always)]
    fn at<V: Vector>(&mut self, lane: usize) {
        let h = V::load(&self.h[lane..]);
        let inverse = V::splat(1.0) / h;
        for state in 0..self.shape.states {
            let at = state * self.shape.lanes + lane;
            let earlier = add_weighted(V::splat(0.0), self.weights, self.known, at);
            let mut b = earlier.fma(inverse, V::load(&self.b[at..]));
            if let Some((weight, drift)) = self.drift {
                b = (h * V::splat(weight)).fma(V::load(&drift[at..]), b);
            }
            b.store(&mut self.b[at..]);
        }
        self.elimination.solve::<V>(self.w, self.b, self.shape.lanes, lane);
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
            let (y, new) = (V::load(&self.y[at..]), V::load(&self.new[at..]));
            let scaled = V::load(&self.last[at..]) / self.tolerance.scale(state, y, new);
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

impl Interpolate<'_> {
    #[inline(always)]
    fn row<V: Vector>(&self, weights: &[f64; STAGES], at: usize) -> V {
        let mut sum = V::splat(0.0);
        for (&weight, k) in weights.iter().zip(self.k) {
            sum = V::splat(weight).fma(V::load(&k[at..]), sum);
        }
        sum
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
            let far = rest.fma(bend, V::load(&self.step.new[at..]));
            let value = rest.fma(V::load(&self.step.y[at..]), theta * far);
            V::select(wanted, value, V::load(&self.out[at..])).store(&mut self.out[at..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With alpha = A Gamma and Gamma the inverse of 1/gamma - C, the rows of alpha add up to the
    /// stages' times and those of Gamma to the weights of the derivative with respect to time.
    #[test]
    fn coefficients_agree_with_each_other() {
        let mut gamma = [[0.0; STAGES]; STAGES];
        for i in 0..STAGES {
            // Row i of (1/gamma - C) Gamma = 1.
            let row = std::array::from_fn(|j| {
                let sum: f64 = C[i].iter().zip(&gamma).map(|(c, row)| c * row[j]).sum();
                GAMMA * if i == j { 1.0 } else { sum }
            });
            gamma[i] = row;
            let total: f64 = row.iter().sum();
            assert!((total - D[i]).abs() < 1e-12, "D {i}: {total} {}", D[i]);
        }
        for (i, a) in A.iter().enumerate() {
            let alpha: f64 =
                a.iter().zip(&gamma).map(|(a, row)| a * row.iter().sum::<f64>()).sum();
            assert!((alpha - ALPHA[i]).abs() < 1e-12, "alpha {i}: {alpha} {}", ALPHA[i]);
        }
    }
}
