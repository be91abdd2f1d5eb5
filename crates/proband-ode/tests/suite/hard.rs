//! What is hard for a solver: fast binding, many states, rates that jump, states at their end, very
//! long and very short times.

use crate::support::{Path, System, Twin, action, play, settings};
use proband_math::{cos, exp, sin};
use proband_ode::{Method, Settings, Statistics};

const BOTH: [Method; 2] = [Method::Tsit5, Method::Rodas5P];

fn run(system: &System, twin: Twin, settings: &Settings) -> (Path, Statistics) {
    let (mut paths, statistics, _) = play(system, &[twin], settings);
    (paths.pop().expect("one twin went in"), statistics)
}

fn end_of(path: &Path) -> &[f64] {
    assert_eq!(path.failure, None);
    &path.end.as_ref().expect("it has an end").1
}

fn worst(found: &[f64], exact: &[f64]) -> f64 {
    found.iter().zip(exact).map(|(a, b)| ((a - b) / b).abs()).fold(0.0, f64::max)
}

/// A drug that binds its receptor within microseconds where doses are weeks apart: 100 nM each week.
/// The values before the next dose are those of scipy 1.17's Radau with rtol 1e-13, atol 1e-16 and
/// the Jacobian given, which agree with rtol 1e-12 to 1e-13.
#[test]
fn fast_binding() {
    const K_ON: f64 = 1e4;
    const K_OFF: f64 = 1e3;
    let rates = |_: &[f64], _: f64, y: &[f64], dy: &mut [f64]| {
        let [drug, outside, free, bound] = [0, 1, 2, 3].map(|state| y[state]);
        let binding = K_ON * drug * free - K_OFF * bound;
        dy[0] = -0.01 * drug - 0.03 * drug + 0.02 * outside - binding;
        dy[1] = 0.03 * drug - 0.02 * outside;
        dy[2] = 0.5 - 0.05 * free - binding;
        dy[3] = binding - 0.1 * bound;
    };
    let entries = [
        [(0, 0), (0, 1), (0, 2), (0, 3)].as_slice(),
        &[(1, 0), (1, 1), (2, 0), (2, 2), (2, 3), (3, 0), (3, 2), (3, 3)],
    ]
    .concat();
    let system = System::new(4, rates).jacobian(&entries, |_, _, y, j| {
        let (by_drug, by_free) = (K_ON * y[2], K_ON * y[0]);
        j[..4].copy_from_slice(&[-0.04 - by_drug, 0.02, -by_free, K_OFF]);
        j[4..6].copy_from_slice(&[0.03, -0.02]);
        j[6..9].copy_from_slice(&[-by_drug, -0.05 - by_free, K_OFF]);
        j[9..].copy_from_slice(&[by_drug, by_free, -K_OFF - 0.1]);
    });
    let exact = [
        [0.015716585714017524, 4.45161357365206, 7.074768191644876, 1.1118231600227058],
        [0.021260383142460395, 5.460567029307027, 6.43146957211935, 1.3672460515836684],
        [0.02280652187793318, 5.709457840023074, 6.273970407968804, 1.430760430575116],
    ];
    let dose = action(|_, _, y| y[0] += 100.0);
    let weeks = |k: i32| f64::from(k) * 168.0;
    let twin = Twin {
        parameters: vec![0.0],
        y: vec![0.0, 0.0, 10.0, 0.0],
        stops: (0..3)
            .map(|k| (weeks(k), Some(dose.clone())))
            .chain([(weeks(3), None)])
            .collect(),
        samples: (1..=3).map(weeks).collect(),
        ..Twin::default()
    };
    for relative in [1e-6, 1e-8, 1e-10] {
        let settings = settings(Method::Rodas5P, 4, relative, 1e-3 * relative);
        let (path, Statistics { accepted, .. }) = run(&system, twin.clone(), &settings);
        for ((_, y), exact) in path.samples.iter().zip(&exact) {
            let error = worst(y, exact);
            assert!(error < 10.0 * relative, "{relative:e}: {error:e}");
        }
        assert!(accepted < 10_000, "{accepted}");
    }
}

/// Heat in a rod of 200 pieces: modes of the pieces decay each at their own rate, the slowest like
/// exp(-9.87 t), the fastest like exp(-161,600 t).
#[test]
fn two_hundred_states() {
    const N: usize = 200;
    let pieces = (N + 1) as f64;
    let square = pieces * pieces;
    let rates = move |_: &[f64], _: f64, y: &[f64], dy: &mut [f64]| {
        for at in 0..N {
            let left = if at > 0 { y[at - 1] } else { 0.0 };
            let right = y.get(at + 1).copied().unwrap_or(0.0);
            dy[at] = square * (left - 2.0 * y[at] + right);
        }
    };
    let neighbours =
        |at: usize| (at.saturating_sub(1)..=(at + 1).min(N - 1)).map(move |by| (at, by));
    let entries: Vec<(usize, usize)> = (0..N).flat_map(neighbours).collect();
    let values: Vec<f64> = entries
        .iter()
        .map(|(row, column)| if row == column { -2.0 * square } else { square })
        .collect();
    let system = System::new(N, rates).jacobian(&entries, move |_, _, _, j| {
        j.copy_from_slice(&values);
    });
    let angle = |mode: f64| std::f64::consts::PI * mode / pieces;
    let shape = |mode: f64, at: usize| sin(angle(mode) * (at + 1) as f64);
    let decay = |mode: f64, t: f64| {
        let half = sin(0.5 * angle(mode));
        exp(-4.0 * square * half * half * t)
    };
    let at = |t: f64| -> Vec<f64> {
        let piece = |at| decay(1.0, t) * shape(1.0, at) + 0.5 * decay(7.0, t) * shape(7.0, at);
        (0..N).map(piece).collect()
    };
    let twin = Twin {
        parameters: vec![0.0],
        y: at(0.0),
        stops: vec![(0.1, None)],
        samples: vec![0.003, 0.01, 0.05],
        ..Twin::default()
    };
    for relative in [1e-5, 1e-8] {
        let settings = settings(Method::Rodas5P, N, relative, 1e-3 * relative);
        let (path, Statistics { accepted, .. }) = run(&system, twin.clone(), &settings);
        for (t, y) in &path.samples {
            let error =
                y.iter().zip(at(*t)).map(|(y, exact)| (y - exact).abs()).fold(0.0, f64::max);
            assert!(error < 2.0 * relative, "{relative:e} at {t}: {error:e}");
        }
        assert!(worst(end_of(&path), &at(0.1)) < 20.0 * relative);
        assert!(accepted < 200, "{accepted}");
    }
}

/// Rates that jump at times nobody has announced, and where a state passes a value: steps are cut
/// down to the jump, and each adds an error of some hundred of the tolerance at most. (Where a jump follows
/// right after the beginning of a step, the first stage alone is on its other side, whose weight in
/// the estimate of the error is a fiftieth of that in the step. Whoever knows the jump lands on it.)
#[test]
fn rates_that_jump() {
    let mut system = System::new(2, |_, t, y, dy| {
        dy[0] = if (t / 0.7).floor() % 2.0 == 0.0 { 1.0 } else { -0.5 };
        dy[1] = if y[1] < 1.0 { 1.0 } else { 0.25 };
    })
    .jacobian(&[], |_, _, _, _| ());
    system.time_derivative = Some(crate::support::function(|_, _, _, dt| dt.fill(0.0)));
    let saw = |t: f64| {
        let (whole, rest) = ((t / 1.4).floor(), t % 1.4);
        0.35 * whole + if rest < 0.7 { rest } else { 0.7 - 0.5 * (rest - 0.7) }
    };
    let bend = |t: f64| if t < 1.0 { t } else { 1.0 + 0.25 * (t - 1.0) };
    let twin = Twin {
        parameters: vec![0.0],
        y: vec![0.0; 2],
        stops: vec![(10.0, None)],
        samples: (1..100).map(|k| 0.1 * f64::from(k) + 0.01).collect(),
        ..Twin::default()
    };
    for method in BOTH {
        for relative in [1e-4, 1e-6, 1e-8] {
            // Rates that stand still allow steps of any length, which may miss a whole tooth.
            let settings =
                Settings { longest_step: 0.3, ..settings(method, 2, relative, relative) };
            let (path, Statistics { accepted, rejected, .. }) =
                run(&system, twin.clone(), &settings);
            for (t, y) in &path.samples {
                let error = (y[0] - saw(*t)).abs().max((y[1] - bend(*t)).abs());
                let allowed = 250.0 * relative * (1.0 + (t / 0.7).floor());
                assert!(error < allowed, "{method:?} {relative:e} at {t}: {error:e}");
            }
            assert!(accepted + rejected < 2000, "{method:?} {accepted} {rejected}");
        }
    }
}

/// A tank that runs out through a hole: its level is (sqrt(y) - t / 2)^2 until it is empty, where the
/// rate has no slope, and then nothing.
#[test]
fn a_state_that_reaches_zero_stays_there() {
    let mut system = System::new(1, |_, _, y, dy| dy[0] = -y[0].max(0.0).sqrt()).jacobian(
        &[(0, 0)],
        |_, _, y, j| {
            j[0] = if y[0] > 0.0 { -0.5 / y[0].sqrt() } else { 0.0 };
        },
    );
    system.bounds[0].0 = 0.0;
    let twin = Twin {
        parameters: vec![0.0],
        y: vec![4.0],
        stops: vec![(8.0, None)],
        samples: (0..=32).map(|k| 0.25 * f64::from(k)).collect(),
        ..Twin::default()
    };
    for method in BOTH {
        let (path, _) = run(&system, twin.clone(), &settings(method, 1, 1e-8, 1e-10));
        assert_eq!(path.failure, None);
        assert_eq!(path.samples.len(), 33);
        for (t, y) in &path.samples {
            let root = (2.0 - 0.5 * t).max(0.0);
            assert!(y[0] >= 0.0);
            assert!((y[0] - root * root).abs() < 1e-7, "{method:?} at {t}: {}", y[0]);
        }
    }
}

/// A hormone that follows the day, for 20 years in hours: the error does not grow with time.
#[test]
fn twenty_years() {
    const DAY: f64 = 24.0;
    const YEAR: f64 = 8766.0;
    let omega = std::f64::consts::TAU / DAY;
    let (made, lost) = (5.0, 0.35);
    let mut system = System::new(1, move |_, t, y, dy| {
        dy[0] = made * (1.0 + 0.8 * cos(omega * t)) - lost * y[0];
    })
    .jacobian(&[(0, 0)], move |_, _, _, j| j[0] = -lost);
    system.time_derivative = Some(crate::support::function(move |_, t, _, dt| {
        dt[0] = -made * 0.8 * omega * sin(omega * t);
    }));
    let exact = |t: f64| {
        let wave = lost * cos(omega * t) + omega * sin(omega * t);
        made / lost + made * 0.8 * wave / (lost * lost + omega * omega)
    };
    let twin = Twin {
        parameters: vec![0.0],
        y: vec![exact(0.0)],
        stops: vec![(20.0 * YEAR, None)],
        samples: (1..=20).map(|k| f64::from(k) * YEAR - 5.0).collect(),
        ..Twin::default()
    };
    for method in BOTH {
        let settings = settings(method, 1, 1e-7, 1e-9);
        let (path, _) = run(&system, twin.clone(), &settings);
        for (t, y) in &path.samples {
            assert!(worst(y, &[exact(*t)]) < 1e-6, "{method:?} at {t}");
        }
        assert!(worst(end_of(&path), &[exact(20.0 * YEAR)]) < 1e-6);
    }
}

/// A current that lasts microseconds, in a system whose unit is a day.
#[test]
fn microseconds_in_days() {
    const RATE: f64 = 1e11;
    let system = System::new(2, |_, _, y, dy| {
        dy.copy_from_slice(&[-RATE * y[0], RATE * y[0] - y[1]]);
    })
    .jacobian(&[(0, 0), (1, 0), (1, 1)], |_, _, _, j| {
        j.copy_from_slice(&[-RATE, RATE, -1.0]);
    });
    let times = [1e-12, 1e-11, 3e-11, 1e-10];
    let twin = Twin {
        parameters: vec![0.0],
        y: vec![1.0, 0.0],
        stops: vec![(1.0, None)],
        samples: times.to_vec(),
        ..Twin::default()
    };
    let settings = settings(Method::Rodas5P, 2, 1e-8, 1e-12);
    let (path, Statistics { accepted, .. }) = run(&system, twin, &settings);
    for (t, y) in &path.samples {
        let fast = exp(-RATE * t);
        let slow = (exp(-t) - fast) * RATE / (RATE - 1.0);
        assert!((y[0] - fast).abs() < 1e-7 && (y[1] - slow).abs() < 1e-7, "{t:e}: {y:?}");
    }
    assert!((end_of(&path)[1] - exp(-1.0)).abs() < 1e-7);
    assert!(accepted < 1000, "{accepted}");
}
