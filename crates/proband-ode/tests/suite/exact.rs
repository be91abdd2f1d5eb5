//! The exponential of the matrix, against closed forms that it knows nothing of.

use crate::support::{System, Twin, action, play, play_in, settings};
use proband_math::{cos, exp, sin};
use proband_ode::{Method, Reason, Workspace};

/// States and times of one twin.
fn path(system: &System, twin: Twin) -> Vec<(f64, Vec<f64>)> {
    let settings = settings(Method::Exact, system.states, 1e-6, 1e-9);
    let (paths, statistics, _) = play(system, &[twin], &settings);
    assert_eq!(paths[0].failure, None);
    assert_eq!(statistics.rejected, 0);
    paths[0].samples.clone()
}

fn grid(every: f64, count: u32) -> Vec<f64> {
    (0..=count).map(|step| every * f64::from(step)).collect()
}

fn assert_near(found: f64, expected: f64, scale: f64, what: &str) {
    let off = (found - expected).abs() / scale;
    assert!(off < 1e-13, "{what}: {found}, {expected}: {off:e}");
}

/// `y'' + 2 a y' + (a^2 + w^2) y = 0`, about a level that something holds it at.
#[test]
fn what_swings_and_fades() {
    const A: f64 = 0.1;
    const W: f64 = 2.0;
    const LEVEL: f64 = 3.0;
    let system = System::new(2, |_, _, y, dy| {
        dy[0] = -A * (y[0] - LEVEL) - W * y[1];
        dy[1] = W * (y[0] - LEVEL) - A * y[1];
    })
    .jacobian(&[(0, 0), (0, 1), (1, 0), (1, 1)], |_, _, _, j| {
        j.copy_from_slice(&[-A, -W, W, -A]);
    });
    let twin = Twin {
        parameters: vec![0.0],
        y: vec![LEVEL + 1.0, 0.0],
        stops: vec![(40.0, None)],
        samples: grid(0.37, 108),
        ..Twin::default()
    };
    for (t, y) in path(&system, twin) {
        let size = exp(-A * t);
        assert_near(y[0], LEVEL + size * cos(W * t), LEVEL, &format!("{t}"));
        assert_near(y[1], size * sin(W * t), 1.0, &format!("{t}"));
    }
}

/// Six stages in a row at one rate: a matrix with one eigenvector. A dose on the way, and a rate that
/// changes.
#[test]
fn stages_at_one_rate() {
    const STAGES: usize = 6;
    let entries: Vec<(usize, usize)> =
        (0..STAGES).flat_map(|at| [(at, at.saturating_sub(1)), (at, at)]).collect();
    let mut entries = entries;
    entries.dedup();
    let pattern = entries.clone();
    let system = System::new(STAGES, |p, _, y, dy| {
        for at in 0..STAGES {
            dy[at] = p[0] * (if at > 0 { y[at - 1] } else { 0.0 } - y[at]);
        }
    })
    .jacobian(&entries, move |p, _, _, j| {
        let entries = j.iter_mut().zip(&pattern);
        entries.for_each(|(j, (row, column))| *j = if row == column { -p[0] } else { p[0] });
    });
    let mut start = vec![0.0; STAGES];
    start[0] = 1.0;
    let twin = Twin {
        parameters: vec![0.5],
        y: start,
        stops: vec![(8.0, Some(action(|p, _, _| p[0] = 1.5))), (20.0, None)],
        samples: grid(0.25, 80),
        ..Twin::default()
    };
    for (t, y) in path(&system, twin) {
        let passed = 0.5 * t.min(8.0) + 1.5 * (t - 8.0).max(0.0);
        let mut expected = exp(-passed);
        for (stage, &found) in y.iter().enumerate() {
            assert_near(found, expected, 1.0, &format!("stage {stage} at {t}"));
            expected *= passed / (stage + 1) as f64;
        }
    }
}

/// Rates a million million times apart, and an inflow with nothing that takes away.
#[test]
fn fast_and_slow() {
    let system = System::new(3, |p, _, y, dy| {
        dy[0] = -1e6 * y[0];
        dy[1] = -1e-6 * y[1];
        dy[2] = p[0];
    })
    .jacobian(&[(0, 0), (1, 1)], |_, _, _, j| j.copy_from_slice(&[-1e6, -1e-6]));
    let twin = Twin {
        parameters: vec![0.25],
        y: vec![1.0, 1.0, 0.0],
        stops: vec![(1e4, None)],
        samples: vec![1e-6, 1.0, 777.0, 1e4],
        ..Twin::default()
    };
    for (t, y) in path(&system, twin) {
        assert_near(y[0], exp(-1e6 * t), 1.0, "fast");
        // A rounding for each time that the fast rate has passed.
        assert!((y[1] - exp(-1e-6 * t)).abs() < 1e-16 * (1.0 + 1e6 * t));
        assert!((y[2] / (0.25 * t) - 1.0).abs() < 1e-16 * (1.0 + 1e6 * t));
    }
}

#[test]
fn what_has_no_numbers_fails() {
    let system = System::new(1, |p, _, y, dy| dy[0] = p[0] * y[0])
        .jacobian(&[(0, 0)], |p, _, _, j| j[0] = p[0]);
    let twin = |rate: f64| Twin {
        parameters: vec![rate],
        y: vec![1.0],
        stops: vec![(10.0, None)],
        ..Twin::default()
    };
    let settings = settings(Method::Exact, 1, 1e-6, 1e-9);
    let (paths, ..) = play(&system, &[twin(f64::NAN), twin(-1.0), twin(1e20)], &settings);
    let reason = |at: usize| paths[at].failure.map(|(failure, _)| failure.reason);
    assert_eq!(reason(0), Some(Reason::RatesNotFinite));
    assert_eq!(reason(1), None);
    assert_eq!(reason(2), Some(Reason::StepTooSmall));
}

/// Entries that another matrix of as many states had, and this one has not, are zero.
#[test]
fn a_workspace_keeps_nothing_of_the_matrix_before() {
    let linked = System::new(2, |_, _, y, dy| {
        dy[0] = -y[0];
        dy[1] = y[0] - y[1];
    })
    .jacobian(&[(0, 0), (1, 0), (1, 1)], |_, _, _, j| j.copy_from_slice(&[-1.0, 1.0, -1.0]));
    let apart = System::new(2, |_, _, y, dy| {
        dy[0] = -y[0];
        dy[1] = -y[1];
    })
    .jacobian(&[(0, 0), (1, 1)], |_, _, _, j| j.fill(-1.0));
    let twin = Twin {
        parameters: vec![0.0],
        y: vec![1.0, 1.0],
        stops: vec![(3.0, None)],
        ..Twin::default()
    };
    let (twins, settings) = ([twin], settings(Method::Exact, 2, 1e-6, 1e-9));
    let mut work = Workspace::new();
    play_in(&mut work, &linked, &twins, &settings);
    let (again, ..) = play_in(&mut work, &apart, &twins, &settings);
    let (first, ..) = play(&apart, &twins, &settings);
    assert_eq!(again, first);
}
