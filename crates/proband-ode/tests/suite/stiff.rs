//! Stiff problems with published solutions.

use crate::support::{System, Twin, play, settings};
use proband_ode::Method;

/// The states at the end.
fn solve(system: &System, y: &[f64], end: f64, relative: f64, absolute: f64) -> Vec<f64> {
    let twin = Twin {
        parameters: vec![0.0],
        y: y.to_vec(),
        stops: vec![(end, None)],
        ..Twin::default()
    };
    let settings = settings(Method::Rodas5P, system.states, relative, absolute);
    let (paths, ..) = play(system, &[twin], &settings);
    paths[0].end.clone().expect("no failure").1
}

fn worst(found: &[f64], exact: &[f64]) -> f64 {
    found.iter().zip(exact).map(|(a, b)| ((a - b) / b).abs()).fold(0.0, f64::max)
}

/// H. H. Robertson's reaction; the solution is that of the Test Set for IVP Solvers (F. Mazzia,
/// C. Magherini, University of Bari, release 2.4, problem ROBER).
#[test]
fn robertson() {
    let rates = |_: &[f64], _: f64, y: &[f64], dy: &mut [f64]| {
        let (slow, fast, second) = (0.04 * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] * y[1]);
        dy.copy_from_slice(&[fast - slow, slow - fast - second, second]);
    };
    let entries = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 1)];
    let system = System::new(3, rates).jacobian(&entries, |_, _, y, j| {
        let (by_b, by_c, twice) = (1e4 * y[2], 1e4 * y[1], 6e7 * y[1]);
        j.copy_from_slice(&[-0.04, by_b, by_c, 0.04, -by_b - twice, -by_c, twice]);
    });
    let exact = [0.2083340149701255e-7, 0.8333360770334713e-13, 0.999999979166505];
    for (relative, multiple) in [(1e-6, 10.0), (1e-8, 10.0)] {
        let y = solve(&system, &[1.0, 0.0, 0.0], 1e11, relative, 1e-9 * relative);
        let error = worst(&y, &exact);
        assert!(error < multiple * relative, "{error:e}");
        assert!((y.iter().sum::<f64>() - 1.0).abs() < 1e-12, "mass is kept");
    }
}

/// B. van der Pol's oscillator with mu 1e3, in units where a period takes about 1.6. The solution
/// was made by the classical Runge-Kutta method in 80-bit arithmetic, extrapolated from 1e8 and
/// 4e8 equal steps (which differ by 6e-9), and is good to about 1e-10.
#[test]
fn van_der_pol() {
    let rates = |_: &[f64], _: f64, y: &[f64], dy: &mut [f64]| {
        dy.copy_from_slice(&[y[1], 1e6 * ((1.0 - y[0] * y[0]) * y[1] - y[0])]);
    };
    let system = System::new(2, rates).jacobian(&[(0, 1), (1, 0), (1, 1)], |_, _, y, j| {
        let turn = 1e6 * (-2.0 * y[0] * y[1] - 1.0);
        j.copy_from_slice(&[1.0, turn, 1e6 * (1.0 - y[0] * y[0])]);
    });
    let exact = [1.7061674375437, -0.8928100165505];
    for (relative, multiple) in [(1e-6, 10.0), (1e-8, 10.0), (1e-10, 10.0)] {
        let y = solve(&system, &[2.0, -0.66], 2.0, relative, relative);
        let error = worst(&y, &exact);
        assert!(error < multiple * relative, "{error:e}");
    }
}
