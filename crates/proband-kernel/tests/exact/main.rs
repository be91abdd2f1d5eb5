//! Exact states against the exponential of the whole matrix in twice the digits.

#[path = "../sketch/mod.rs"]
mod sketch;

mod reference;

use proband_kernel::system::*;
use proband_kernel::{Rows, SystemBuilder};
use reference::solution;
use sketch::*;

/// A linear system `y' = A y`, with infusions into all states, one lane of it.
struct Path {
    system: System,
    signals: Vec<f64>,
    /// All states at the last change.
    states: Vec<f64>,
    twin: Vec<f64>,
    t: f64,
    a: Vec<Vec<f64>>,
}

impl Path {
    /// Rates are rows of the twin, so that nothing is folded. Entries of `a` that are zero are left out.
    fn new(a: &[Vec<f64>]) -> Self {
        let mut sketch = Sketch::new();
        let names: Vec<String> = (0..a.len()).map(|row| format!("y{row}")).collect();
        let states: Vec<E> = names.iter().map(|name| sketch.zero_state(name)).collect();
        let mut values = Vec::new();
        for (row, state) in a.iter().zip(&states) {
            let mut rate = None;
            for (&entry, from) in row.iter().zip(&states).filter(|(entry, _)| **entry != 0.0) {
                let size = sketch.covariate(&format!("k{}", values.len()));
                values.push(entry.abs());
                let flow = &size * from;
                rate = Some(match (rate, entry < 0.0) {
                    (None, true) => -flow,
                    (None, false) => flow,
                    (Some(rate), true) => rate - flow,
                    (Some(rate), false) => rate + flow,
                });
            }
            sketch.rate(state, rate.unwrap_or(num(0.0)));
            sketch.dose("any", state);
        }
        let mut builder = SystemBuilder::new(unit());
        let model = builder.add_model(&sketch.model, ModelOptions::default());
        (0..a.len()).for_each(|line| builder.add_infusion(model, line));
        builder.solve_exactly();
        let system = builder.build().expect("a whole model");
        Self::of(system, &values, a)
    }

    fn of(system: System, values: &[f64], a: &[Vec<f64>]) -> Self {
        let mut twin = values.to_vec();
        twin.resize(system.twin_rows(), f64::NAN);
        let (given, derived) = twin.split_at_mut(values.len());
        let rows = Rows { lanes: 1, twin: given, signals: &[], t: &[0.0], states: &[] };
        system.prelude.kernel(1).run(&rows, derived);
        let signals = vec![0.0; system.signals.len()];
        let states = vec![0.0; system.states.len()];
        let mut path = Self { system, signals, states, twin, t: 0.0, a: a.to_vec() };
        path.anchor();
        path
    }

    fn rows<'a>(&'a self, t: &'a f64, states: &'a [f64]) -> Rows<'a> {
        let t = std::slice::from_ref(t);
        Rows { lanes: 1, twin: &self.twin, signals: &self.signals, t, states }
    }

    fn anchor(&mut self) {
        let mut out = vec![f64::NAN; self.system.anchor.rows.len()];
        let mut anchor = self.system.anchor.program.kernel(1);
        anchor.run(&self.rows(&self.t, &self.states), &mut out);
        for (&row, value) in self.system.anchor.rows.iter().zip(out) {
            self.signals[row] = value;
        }
    }

    /// All states at a time.
    fn at(&self, t: f64) -> Vec<f64> {
        assert!(self.system.integrated.is_empty(), "all are exact");
        let mut out = vec![f64::NAN; self.system.states.len()];
        self.system.present.kernel(1).run(&self.rows(&t, &[]), &mut out);
        out
    }

    /// Changes something at a time.
    fn change(&mut self, t: f64, change: impl FnOnce(&mut Self)) {
        self.states = self.at(t);
        self.t = t;
        change(self);
        self.anchor();
    }

    fn dose(&mut self, t: f64, state: usize, amount: f64) {
        self.change(t, |path| path.states[state] += amount);
    }

    fn infuse(&mut self, t: f64, state: usize, rate: f64) {
        let row = self.system.signal(Signal::Infusion(state)).expect("infused");
        self.change(t, |path| path.signals[row] += rate);
    }

    /// The greatest error at a time since the last change, relative to the state's greatest value so
    /// far, and relative to the value itself.
    fn errors(&self, t: f64, greatest: &[f64]) -> (f64, f64) {
        let flow =
            |state| self.signals[self.system.signal(Signal::Infusion(state)).expect("a row")];
        let b: Vec<f64> = (0..self.a.len()).map(flow).collect();
        let expected = solution(&self.a, &b, &self.states, t - self.t);
        let found = self.at(t);
        let mut errors = (0.0_f64, 0.0_f64);
        for ((found, expected), greatest) in found.iter().zip(expected).zip(greatest) {
            let off = (found - expected).abs();
            errors.0 = errors.0.max(off / greatest);
            errors.1 =
                errors.1.max(if expected.abs() < 1e-9 { 0.0 } else { off / expected.abs() });
        }
        errors
    }
}

/// Compartments that flow into each other at these rates (from, to, rate), and leave.
fn compartments(
    n: usize,
    flows: &[(usize, usize, f64)],
    leave: &[(usize, f64)],
) -> Vec<Vec<f64>> {
    let mut a = vec![vec![0.0; n]; n];
    for &(from, to, rate) in flows {
        a[from][from] -= rate;
        a[to][from] += rate;
    }
    for &(from, rate) in leave {
        a[from][from] -= rate;
    }
    a
}

const TIMES: [f64; 9] = [0.0, 1e-9, 1e-4, 0.03, 0.4, 1.7, 8.0, 55.0, 300.0];

/// The worst errors over times after a unit dose into the first state.
fn worst(a: &[Vec<f64>]) -> (f64, f64) {
    let mut path = Path::new(a);
    path.dose(0.0, 0, 1.0);
    let ones = vec![1.0; a.len()];
    TIMES.iter().fold((0.0, 0.0), |worst, &t| {
        let errors = path.errors(t, &ones);
        (worst.0.max(errors.0), worst.1.max(errors.1))
    })
}

/// All digits but the last few, also of the first traces in the second state, and where the rates are
/// the same or nearly so.
#[test]
fn absorption_and_elimination_at_any_rates() {
    for apart in [0.0, 2e-16, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 0.1, 1.0, 30.0, 1e4] {
        for k in [0.01, 0.7] {
            for (ka, k) in [(k * (1.0 + apart), k), (k, k * (1.0 + apart))] {
                let (_, relative) = worst(&compartments(2, &[(0, 1, ka)], &[(1, k)]));
                // Rounding of rates counts as often as they have passed.
                let allowed = 4e-16 * (4.0 + ka.max(k) * 300.0);
                let negligible = ka.min(k) * 300.0 > 600.0;
                assert!(relative < allowed || negligible, "{ka} {k}: {relative:e}");
            }
        }
    }
}

/// Numbers from 0 to 1, always the same.
struct Draws(u64);

impl Draws {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A rate from 1/1000 to 10.
    fn rate(&mut self) -> f64 {
        proband_math::pow(10.0, 4.0 * self.uniform() - 3.0)
    }
}

/// The classic models, at rates that are up to four orders of magnitude apart.
fn classics(draws: &mut Draws) -> [Vec<Vec<f64>>; 6] {
    let [ka, k, k12, k21, k13, k31] = [(); 6].map(|()| draws.rate());
    let two = [(0, 1, k12), (1, 0, k21)];
    let three = [(0, 1, k12), (1, 0, k21), (0, 2, k13), (2, 0, k31)];
    let absorbed = |flows: &[(usize, usize, f64)]| -> Vec<(usize, usize, f64)> {
        let later = flows.iter().map(|&(from, to, rate)| (from + 1, to + 1, rate));
        [(0, 1, ka)].into_iter().chain(later).collect()
    };
    [
        compartments(1, &[], &[(0, k)]),
        compartments(2, &two, &[(0, k)]),
        compartments(3, &three, &[(0, k)]),
        compartments(2, &[(0, 1, ka)], &[(1, k)]),
        compartments(3, &absorbed(&two), &[(1, k)]),
        compartments(4, &absorbed(&three), &[(1, k)]),
    ]
}

/// Relative to what has come in; where rates have passed a thousand times.
const CLOSE: f64 = 1e-12;

/// A dose and an infusion, into the first state and into the last: relative to what has come in, a
/// rounding for each time that the rates have passed, and one more. No method can do better, since the
/// rates themselves are rounded.
#[test]
fn the_classic_models_at_any_rates() {
    let mut draws = Draws(1);
    for a in (0..60).flat_map(|_| classics(&mut draws)) {
        let last = a.len() - 1;
        let rates: f64 = (0..a.len()).map(|at| -a[at][at]).sum();
        for (dosed, infused) in [(0, 0), (last, 0), (0, last), (last, last)] {
            let mut path = Path::new(&a);
            path.dose(0.0, dosed, 1.0);
            path.infuse(0.0, infused, 0.1);
            for t in [0.3, 30.0, 1000.0, 10_000.0] {
                let (error, _) = path.errors(t, &vec![1.0 + 0.1 * t; a.len()]);
                let allowed = 1.5 * f64::EPSILON * (1.0 + rates * t);
                assert!(error < allowed, "{a:?} at {t}: {error:e}");
            }
        }
    }
}

/// Absorption at one of the two rates of disposition, and near it.
#[test]
fn no_rate_of_absorption_is_special() {
    let [k, k12, k21] = [0.3, 0.8, 0.15];
    let middle: f64 = 0.5 * (k + k12 + k21);
    let apart = (middle * middle - k * k21).sqrt();
    for mode in [middle + apart, middle - apart] {
        for shift in [0.0, 1e-16, -1e-15, 1e-13, -1e-10, 1e-7, -1e-4, 0.01] {
            let ka = mode * (1.0 + shift);
            let (error, _) =
                worst(&compartments(3, &[(0, 1, ka), (1, 2, k12), (2, 1, k21)], &[(1, k)]));
            assert!(error < CLOSE, "{ka}: {error:e}");
        }
    }
}

/// Chains of stages left at one rate, or nearly; the last feeds what eliminates at that rate too.
#[test]
fn stages_in_a_row() {
    for apart in [0.0, 1e-15, 1e-11, 1e-7, 1e-3, 0.05, 0.4, 3.0] {
        for length in 2..=5 {
            let rate = |stage: usize| 0.6 * (1.0 + apart * stage as f64);
            let flows: Vec<_> = (0..length).map(|at| (at, at + 1, rate(at))).collect();
            let (error, _) = worst(&compartments(length + 1, &flows, &[(length, 0.6)]));
            assert!(error < CLOSE, "{length} stages, {apart}: {error:e}");
        }
    }
}

/// What is in at any time is what came in less what went out, and nobody's share is negative.
#[test]
fn mass_is_kept() {
    let mut draws = Draws(2);
    for _ in 0..20 {
        let [_, _, _, _, _, absorbed] = classics(&mut draws);
        let mut a: Vec<Vec<f64>> = absorbed;
        // What is eliminated from the second state is gathered in a fifth.
        let gone: f64 = -(0..4).map(|to| a[to][1]).sum::<f64>();
        a.iter_mut().for_each(|row| row.push(0.0));
        a.push(vec![0.0, gone, 0.0, 0.0, 0.0]);
        let mut path = Path::new(&a);
        path.dose(0.0, 0, 7.0);
        path.infuse(0.0, 1, 0.5);
        for t in TIMES {
            let states = path.at(t);
            let all: f64 = states.iter().sum();
            assert!((all / (7.0 + 0.5 * t) - 1.0).abs() < CLOSE, "{t}: {all}");
            assert!(states.iter().all(|&state| state >= -1e-15), "{states:?}");
        }
    }
}

/// Doses, infusions that overlap and one of no length, each from where the last has led.
#[test]
fn a_course_of_doses_and_infusions() {
    let mut draws = Draws(3);
    for _ in 0..20 {
        for a in classics(&mut draws) {
            let mut path = Path::new(&a);
            let last = a.len() - 1;
            let mut greatest = vec![1.0; a.len()];
            for (t, state, dose, rate) in [
                (0.0, 0, 5.0, 0.0),
                (0.0, last, 0.0, 2.0),
                (3.5, 0, 0.0, 1.5),
                (3.5, 0, 0.0, 4.0),
                (3.5, 0, 0.0, -4.0),
                (8.0, last, 0.0, -2.0),
                (8.25, 0, 0.0, -1.5),
                (24.0, last, 3.0, 0.0),
            ] {
                let (error, _) = path.errors(t, &greatest);
                assert!(error < CLOSE, "{a:?} at {t}: {error:e}");
                path.change(t, |_| ());
                path.dose(t, state, dose);
                if rate != 0.0 {
                    path.infuse(t, state, rate);
                }
                let now = path.at(t);
                let same =
                    now.iter().zip(&path.states).all(|(a, b)| a.to_bits() == b.to_bits());
                assert!(same, "the course begins with the states themselves");
                for (most, state) in greatest.iter_mut().zip(now) {
                    *most = most.max(state);
                }
            }
            for later in [0.0, 0.1, 4.0, 100.0] {
                let (error, _) = path.errors(24.0 + later, &greatest);
                assert!(error < CLOSE, "{a:?} {later} later: {error:e}");
            }
        }
    }
}

/// A state that grows, with something that flows in.
#[test]
fn growth() {
    for (grows, decays) in [(0.02, 0.3), (0.3, 0.02), (0.1, 0.0)] {
        let a = vec![vec![-decays, 0.0], vec![0.7, grows]];
        let mut path = Path::new(&a);
        path.dose(0.0, 0, 1.0);
        path.infuse(0.0, 0, 0.2);
        path.infuse(0.0, 1, 0.1);
        for t in [0.0, 1e-6, 0.5, 20.0, 60.0] {
            let (_, error) = path.errors(t, &[1.0, 1.0]);
            assert!(error < 1e-13, "{grows} {decays} at {t}: {error:e}");
        }
    }
}

/// One course, whatever else is in the other dose; and the same at any distance from zero.
#[test]
fn doses_add_up_and_times_are_differences() {
    let mut draws = Draws(4);
    for _ in 0..20 {
        for a in classics(&mut draws) {
            let course = |doses: &[(f64, f64)], from: f64| -> Vec<f64> {
                let mut path = Path::new(&a);
                doses.iter().for_each(|&(t, amount)| path.dose(from + t, 0, amount));
                path.at(from + 16.0)
            };
            let both = course(&[(0.0, 3.0), (4.0, 2.0)], 0.0);
            let (one, other) = (course(&[(0.0, 3.0)], 0.0), course(&[(4.0, 2.0)], 0.0));
            let later = course(&[(0.0, 3.0), (4.0, 2.0)], 1024.0);
            for state in 0..a.len() {
                assert!((both[state] - one[state] - other[state]).abs() < CLOSE * 5.0);
                assert_eq!(both[state].to_bits(), later[state].to_bits());
            }
        }
    }
}
