//! Orders of convergence, with steps of fixed length.

use crate::rodas5p::Rodas5P;
use crate::rows::Shape;
use crate::stepper::{Attempt, Clipped, Stepper, Taken, Tolerance};
use crate::tsit5::Tsit5;
use crate::{Field, Sparsity};
use proband_math::vector::Simd;
use proband_math::{cos, exp, log2, sin};

/// P. Kaps' problem, whose solution exp(-2t), exp(-t) is the same however stiff it is, beside
/// one that depends on time, whose solution is exp(sin t).
struct Problem {
    stiffness: f64,
    pattern: Sparsity,
}

impl Problem {
    fn new(stiffness: f64) -> Self {
        let entries = vec![(0, 0), (0, 1), (1, 0), (1, 1), (2, 2)];
        Self { stiffness, pattern: Sparsity::new(3, entries) }
    }

    fn exact(t: f64) -> [f64; 3] {
        [exp(-2.0 * t), exp(-t), exp(sin(t))]
    }
}

impl Field for Problem {
    fn states(&self) -> usize {
        3
    }

    fn rates(&mut self, t: &[f64], y: &[f64], dy: &mut [f64]) {
        let (lanes, mu) = (t.len(), self.stiffness);
        for (lane, &t) in t.iter().enumerate() {
            let [a, b, c] = [0, 1, 2].map(|state| y[state * lanes + lane]);
            dy[lane] = -(mu + 2.0) * a + mu * b * b;
            dy[lanes + lane] = a - b - b * b;
            dy[2 * lanes + lane] = cos(t) * c;
        }
    }

    fn jacobian(&self) -> Option<&Sparsity> {
        Some(&self.pattern)
    }

    fn fill_jacobian(&mut self, t: &[f64], y: &[f64], entries: &mut [f64]) {
        let (lanes, mu) = (t.len(), self.stiffness);
        for (lane, &t) in t.iter().enumerate() {
            let b = y[lanes + lane];
            let row = [-(mu + 2.0), 2.0 * mu * b, 1.0, -1.0 - 2.0 * b, cos(t)];
            for (entry, value) in row.into_iter().enumerate() {
                entries[entry * lanes + lane] = value;
            }
        }
    }

    fn depends_on_time(&self) -> bool {
        true
    }

    fn time_derivative(&mut self, t: &[f64], y: &[f64], dt: &mut [f64]) {
        let lanes = t.len();
        dt[..2 * lanes].fill(0.0);
        for (lane, &t) in t.iter().enumerate() {
            dt[2 * lanes + lane] = -sin(t) * y[2 * lanes + lane];
        }
    }
}

/// The greatest errors at the ends of steps and within them, over a unit of time.
fn errors<S: Stepper + Default>(stiffness: f64, steps: usize) -> (f64, f64) {
    let (mut stepper, mut problem) = (S::default(), Problem::new(stiffness));
    let shape = Shape { level: Simd::Scalar, states: 3, lanes: 1 };
    let tolerance = Tolerance { relative: 0.0, absolute: &[1.0; 3] };
    let (mut begin, mut end) = (vec![0.0; 3 * S::begins()], vec![0.0; 3 * S::ENDS + 1]);
    begin[..3].copy_from_slice(&Problem::exact(0.0));
    if S::CARRIES_RATES {
        let (y, rates) = begin.split_at_mut(3);
        problem.rates(&[0.0], y, rates);
    }
    stepper.prepare(&problem, shape);
    let (mut at_ends, mut within, mut inside) = (0.0, 0.0, [0.0; 3]);
    let h = 1.0 / steps as f64;
    for step in 0..steps {
        let t = step as f64 * h;
        let times = &[t, h];
        let mut attempt = Attempt { shape, tolerance, times, begin: &begin, end: &mut end };
        stepper.step(&mut Clipped { field: &mut problem, bounds: &[], shape }, &mut attempt);
        note(&mut at_ends, &end, t + h);
        let taken = Taken { shape, h: &[h], begin: &begin, end: &end };
        for theta in [0.2, 0.5, 0.8] {
            stepper.interpolate(&taken, &[theta], &mut inside);
            note(&mut within, &inside, t + theta * h);
        }
        let begins = begin.len();
        begin.copy_from_slice(&end[..begins]);
    }
    (at_ends, within)
}

fn note(worst: &mut f64, y: &[f64], t: f64) {
    for (y, exact) in y.iter().zip(Problem::exact(t)) {
        *worst = worst.max((y - exact).abs());
    }
}

/// The orders at the ends of steps and within them, from halving the steps.
fn orders<S: Stepper + Default>() -> (f64, f64) {
    let ((ends, insides), (finer_ends, finer_insides)) =
        (errors::<S>(1.0, 32), errors::<S>(1.0, 64));
    (log2(ends / finer_ends), log2(insides / finer_insides))
}

/// An interpolant of order 4 errs by the fifth power of the step, as a method of order 5 does.
fn assert_fifth(orders: (f64, f64)) {
    for order in [orders.0, orders.1] {
        assert!((order - 5.0).abs() < 0.3, "{orders:?}");
    }
}

#[test]
fn tsit5_errs_by_the_fifth_power_of_the_step() {
    assert_fifth(orders::<Tsit5>());
}

#[test]
fn rodas5p_errs_by_the_fifth_power_of_the_step() {
    assert_fifth(orders::<Rodas5P>());
}

/// Stiffness costs order, as Steinebach's tables show, but not accuracy: 16 steps that are each
/// 60,000 times as long as the fast mode lasts.
#[test]
fn rodas5p_stays_accurate_where_it_is_stiff() {
    let (ends, insides) = errors::<Rodas5P>(1e6, 16);
    assert!(ends < 4e-9 && insides < 2e-7, "{ends:e} {insides:e}");
}
