//! Stops, samples, guards, bounds and failures.

use crate::support::{Path, System, Twin, action, play, settings};
use proband_math::{cos, exp, ln};
use proband_ode::{Crossing, Method, Reason, Settings};

const BOTH: [Method; 2] = [Method::Tsit5, Method::Rodas5P];

/// Decay at a rate, the first parameter.
fn decay() -> System {
    System::new(1, |p, _, y, dy| dy[0] = -p[0] * y[0])
        .jacobian(&[(0, 0)], |p, _, _, j| j[0] = -p[0])
}

fn run(system: &System, twin: Twin, method: Method, relative: f64) -> Path {
    let settings = settings(method, system.states, relative, relative);
    play(system, &[twin], &settings).0.remove(0)
}

fn close(found: f64, exact: f64, tolerance: f64) {
    assert!((found - exact).abs() <= tolerance, "{found:?} is not {exact:?}");
}

#[test]
fn a_jump_shows_after_its_instant_and_not_at_it() {
    for method in BOTH {
        let twin = Twin {
            parameters: vec![0.5],
            y: vec![10.0],
            stops: vec![(2.0, Some(action(|_, _, y| y[0] += 5.0))), (4.0, None)],
            samples: vec![0.0, 1.0, 2.0, 3.0, 4.0],
            ..Twin::default()
        };
        let path = run(&decay(), twin, method, 1e-10);
        let at_two = 10.0 * exp(-1.0);
        let exact = [
            10.0,
            10.0 * exp(-0.5),
            at_two,
            (at_two + 5.0) * exp(-0.5),
            (at_two + 5.0) * exp(-1.0),
        ];
        assert_eq!(path.samples.len(), exact.len());
        for (time, ((t, y), exact)) in path.samples.iter().zip(exact).enumerate() {
            close(*t, time as f64, 0.0);
            close(y[0], exact, 1e-9);
        }
        assert_eq!(path.end.map(|(t, _)| t), Some(4.0));
    }
}

#[test]
fn jumps_at_the_start_and_several_at_one_instant() {
    for method in BOTH {
        let double = || Some(action(|_, _, y| y[0] *= 2.0));
        let twin = Twin {
            parameters: vec![0.0],
            y: vec![1.0],
            stops: vec![
                (0.0, double()),
                (0.0, double()),
                (1.0, double()),
                (1.0, double()),
                (1.0, None),
            ],
            samples: vec![0.0, 0.0, 0.5, 1.0],
            ..Twin::default()
        };
        let path = run(&decay(), twin, method, 1e-8);
        let seen: Vec<f64> = path.samples.iter().map(|(_, y)| y[0]).collect();
        assert_eq!(seen, [1.0, 1.0, 4.0, 4.0]);
        assert_eq!(path.end, Some((1.0, vec![16.0])));
    }
}

#[test]
fn ten_thousand_stops_add_up_exactly() {
    for method in BOTH {
        let stops =
            (1..=10_000).map(|k| (f64::from(k) * 0.1, Some(action(|_, _, y| y[0] += 1.0))));
        let twin = Twin {
            parameters: vec![0.0],
            y: vec![0.0],
            stops: stops.collect(),
            ..Twin::default()
        };
        let settings = settings(method, 1, 1e-8, 1e-8);
        let (paths, statistics, _) = play(&decay(), &[twin], &settings);
        assert_eq!(paths[0].end, Some((1000.0, vec![10_000.0])));
        // Hardly more steps than stops: the step size is not lost at an event.
        assert!(statistics.accepted < 10_050, "{statistics:?}");
    }
}

/// Stops that change nothing cost no more than the steps they cut.
#[test]
fn stops_that_change_nothing_leave_steps_as_they_are() {
    let twin = |stops: Vec<f64>| Twin {
        parameters: vec![1.0],
        y: vec![1.0],
        stops: stops.into_iter().map(|t| (t, None)).collect(),
        ..Twin::default()
    };
    let settings = settings(Method::Tsit5, 1, 1e-8, 1e-8);
    let (_, free, _) = play(&decay(), &[twin(vec![10.0])], &settings);
    let stops = (1..=10).map(f64::from).collect();
    let (_, stopped, _) = play(&decay(), &[twin(stops)], &settings);
    assert_eq!(stopped.restarts, 0);
    assert!(stopped.accepted <= free.accepted + 10, "{free:?} {stopped:?}");
}

/// A ball that keeps 0.9 of its speed at each bounce.
fn ball() -> System {
    System::new(2, |p, _, y, dy| dy.copy_from_slice(&[y[1], -p[0]]))
        .jacobian(&[(0, 1)], |_, _, _, j| j[0] = 1.0)
        .guards(1, |_, _, y, g| g[0] = y[0])
}

#[test]
fn bounces_are_located_to_1e_12() {
    for method in BOTH {
        let bounce = Crossing { guard: 0, holds: false };
        let twin = Twin {
            parameters: vec![9.81],
            y: vec![10.0, 0.0],
            stops: vec![(12.0, None)],
            crossings: vec![(bounce, action(|_, _, y| y[1] *= -0.9))],
            ..Twin::default()
        };
        let path = run(&ball(), twin, method, 1e-9);
        let falls: Vec<f64> = path
            .crossings
            .iter()
            .filter(|(which, ..)| *which == bounce)
            .map(|(_, t, _)| *t)
            .collect();
        let first = (2.0 * 10.0 / 9.81_f64).sqrt();
        let (mut t, mut flight) = (first, 2.0 * first);
        let mut expected = vec![];
        while t < 12.0 {
            expected.push(t);
            flight *= 0.9;
            t += flight;
        }
        assert_eq!(falls.len(), expected.len());
        for (found, exact) in falls.iter().zip(expected) {
            close(*found, exact, 1e-12 * exact);
        }
        // Up, down, up, down: each change of truth once.
        assert!(
            path.crossings
                .iter()
                .enumerate()
                .all(|(k, (which, ..))| which.holds == (k % 2 == 0))
        );
    }
}

#[test]
fn the_time_of_a_threshold_is_held_to_the_tolerance() {
    let system = decay().guards(2, |_, _, y, g| {
        g[0] = y[0] - 2.0;
        g[1] = 3.0 - y[0];
    });
    for method in BOTH {
        let twin = Twin {
            parameters: vec![0.7],
            y: vec![10.0],
            stops: vec![(5.0, None)],
            ..Twin::default()
        };
        let path = run(&system, twin, method, 1e-10);
        let found: Vec<(Crossing, f64)> =
            path.crossings.iter().map(|(c, t, _)| (*c, *t)).collect();
        let [start, three, two] = found[..] else { panic!("{found:?}") };
        assert_eq!(start, (Crossing { guard: 0, holds: true }, 0.0));
        assert_eq!(three.0, Crossing { guard: 1, holds: true });
        close(three.1, ln(10.0 / 3.0) / 0.7, 1e-9);
        assert_eq!(two.0, Crossing { guard: 0, holds: false });
        close(two.1, ln(5.0) / 0.7, 1e-9);
    }
}

/// Guards that are zero at the start are false; those that rise from there rise once.
#[test]
fn a_guard_that_starts_at_zero_changes_once() {
    let system = System::new(1, |_, _, _, dy| dy[0] = 1.0)
        .jacobian(&[], |_, _, _, _| ())
        .guards(2, |_, _, y, g| g.copy_from_slice(&[y[0], -y[0]]));
    for method in BOTH {
        let twin = Twin {
            parameters: vec![0.0],
            y: vec![0.0],
            stops: vec![(1.0, None)],
            ..Twin::default()
        };
        let path = run(&system, twin, method, 1e-8);
        let found: Vec<Crossing> = path.crossings.iter().map(|(which, ..)| *which).collect();
        assert_eq!(found, [Crossing { guard: 0, holds: true }]);
        close(path.crossings[0].1, 0.0, 1e-15);
    }
}

/// A guard that rises and falls within one long step is seen, though neither the middle nor the
/// end of the step shows it.
#[test]
fn a_guard_that_comes_and_goes_within_a_step_is_seen() {
    let system = System::new(1, |_, _, _, dy| dy[0] = 1.0)
        .jacobian(&[], |_, _, _, _| ())
        .guards(1, |_, _, y, g| g[0] = (y[0] - 60.0) * (75.0 - y[0]));
    for method in BOTH {
        let twin = Twin {
            parameters: vec![0.0],
            y: vec![0.0],
            stops: vec![(100.0, None)],
            ..Twin::default()
        };
        let path = run(&system, twin, method, 1e-3);
        let found: Vec<f64> = path.crossings.iter().map(|(_, t, _)| *t).collect();
        let [up, down] = found[..] else { panic!("{found:?}") };
        // A step of some 100 ends within a rounding or so of where it should.
        close(up, 60.0, 1e-11);
        close(down, 75.0, 1e-11);
    }
}

/// What a stop makes true is reported at the stop's own instant; what it doesn't is not.
#[test]
fn jumps_report_guards_too() {
    let system = decay().guards(1, |_, _, y, g| g[0] = y[0] - 2.0);
    let twin = Twin {
        parameters: vec![0.0],
        y: vec![1.0],
        stops: vec![
            (1.0, Some(action(|_, _, y| y[0] = 3.0))),
            (2.0, Some(action(|_, _, y| y[0] = 4.0))),
            (3.0, Some(action(|_, _, y| y[0] = 1.0))),
            (4.0, None),
        ],
        ..Twin::default()
    };
    let path = run(&system, twin, Method::Tsit5, 1e-8);
    let found: Vec<(bool, f64)> =
        path.crossings.iter().map(|(c, t, _)| (c.holds, *t)).collect();
    assert_eq!(found, [(true, 1.0), (false, 3.0)]);
}

/// Of two guards that change in one step, the earlier is reported first, and may undo the other.
#[test]
fn the_earliest_guard_of_a_step_comes_first() {
    let system = System::new(1, |_, _, _, dy| dy[0] = 1.0)
        .jacobian(&[], |_, _, _, _| ())
        .guards(3, |_, _, y, g| g.copy_from_slice(&[y[0] - 6.0, y[0] - 5.0, y[0] - 7.0]));
    let back = Crossing { guard: 0, holds: true };
    let twin = Twin {
        parameters: vec![0.0],
        y: vec![0.0],
        stops: vec![(10.0, None)],
        crossings: vec![(back, action(|_, _, y| y[0] = -100.0))],
        ..Twin::default()
    };
    for method in BOTH {
        let path = run(&system, twin.clone(), method, 1e-3);
        let found: Vec<(usize, bool)> =
            path.crossings.iter().map(|(c, ..)| (c.guard, c.holds)).collect();
        assert_eq!(found, [(1, true), (0, true), (0, false), (1, false)]);
        close(path.crossings[0].1, 5.0, 1e-12);
        close(path.crossings[1].1, 6.0, 1e-12);
    }
}

/// Without states time goes from stop to stop, and samples are taken in between.
#[test]
fn a_system_without_states_goes_from_stop_to_stop() {
    let system = System::new(0, |_, _, _, _| ()).jacobian(&[], |_, _, _, _| ());
    for method in BOTH {
        let twin = Twin {
            parameters: vec![0.0],
            stops: vec![(1.0, Some(action(|_, _, _| ()))), (5.0, None)],
            samples: vec![0.0, 0.3, 1.0, 4.0, 5.0],
            ..Twin::default()
        };
        let settings = settings(method, 0, 1e-6, 1e-6);
        let (paths, statistics, _) = play(&system, &[twin], &settings);
        let times: Vec<f64> = paths[0].samples.iter().map(|(t, _)| *t).collect();
        assert_eq!(times, [0.0, 0.3, 1.0, 4.0, 5.0]);
        assert_eq!(statistics.accepted, 2);
    }
}

/// Nothing is planned after the sample, and the end never comes: time itself goes there.
#[test]
fn without_states_even_the_end_of_time_is_a_stop() {
    let system = System::new(0, |_, _, _, _| ());
    let twin = Twin {
        parameters: vec![0.0],
        stops: vec![(f64::INFINITY, None)],
        samples: vec![1.0],
        ..Twin::default()
    };
    let path = run(&system, twin, Method::Tsit5, 1e-6);
    assert_eq!(path.samples, [(1.0, vec![])]);
    assert_eq!(path.end, Some((f64::INFINITY, vec![])));
}

/// Conditions on time alone are seen where steps are not too long for them, even without states.
#[test]
fn a_condition_on_time_is_seen_within_the_longest_step() {
    let system = System::new(0, |_, _, _, _| ())
        .jacobian(&[], |_, _, _, _| ())
        .guards(1, |_, t, _, g| g[0] = proband_math::sin(t));
    for method in BOTH {
        let twin =
            Twin { parameters: vec![0.0], stops: vec![(100.0, None)], ..Twin::default() };
        let settings = Settings { longest_step: 4.0, ..settings(method, 0, 1e-6, 1e-6) };
        let (paths, ..) = play(&system, &[twin], &settings);
        // Up at once, then down and up at every multiple of pi to 31 of them.
        assert_eq!(paths[0].crossings.len(), 32);
        for (k, (crossing, t, _)) in paths[0].crossings.iter().enumerate() {
            assert_eq!(crossing.holds, k % 2 == 0);
            close(*t, std::f64::consts::PI * k as f64, 1e-13 * (k + 1) as f64);
        }
    }
}

/// A tank that drains at a steady rate stays empty until it is filled again.
#[test]
fn a_state_stops_at_its_bound() {
    let mut system = System::new(2, |p, _, y, dy| dy.copy_from_slice(&[-p[0], y[0]]))
        .jacobian(&[(1, 0)], |_, _, _, j| j[0] = 1.0);
    system.bounds[0].0 = 0.0;
    for method in BOTH {
        let twin = Twin {
            parameters: vec![1.0],
            y: vec![2.0, 0.0],
            stops: vec![(5.0, Some(action(|_, _, y| y[0] = 1.0))), (10.0, None)],
            samples: (0..=20).map(|k| f64::from(k) * 0.5).collect(),
            ..Twin::default()
        };
        let path = run(&system, twin, method, 1e-8);
        for (t, y) in &path.samples {
            let exact = if *t <= 5.0 { (2.0 - t).max(0.0) } else { (6.0 - t).max(0.0) };
            assert!(y[0] >= 0.0);
            close(y[0], exact, 1e-7);
        }
        // The area under the level.
        close(path.end.unwrap().1[1], 2.5, 1e-6);
    }
}

/// Time itself may appear in the rates.
#[test]
fn rates_that_depend_on_time() {
    let mut system = System::new(1, |_, t, y, dy| dy[0] = cos(t) - 1e3 * y[0])
        .jacobian(&[(0, 0)], |_, _, _, j| j[0] = -1e3);
    system.time_derivative =
        Some(crate::support::function(|_, t, _, dt| dt[0] = -proband_math::sin(t)));
    let exact = |t: f64| (1e3 * cos(t) + proband_math::sin(t)) / (1e6 + 1.0);
    for method in BOTH {
        let twin = Twin {
            parameters: vec![0.0],
            y: vec![exact(0.0)],
            stops: vec![(10.0, None)],
            samples: (0..100).map(|k| f64::from(k) * 0.1).collect(),
            ..Twin::default()
        };
        let path = run(&system, twin, method, 1e-10);
        for (t, y) in &path.samples {
            close(y[0], exact(*t), 1e-9);
        }
    }
}

fn failure(system: &System, twin: Twin, settings: &Settings) -> (Reason, Option<usize>, f64) {
    let (paths, ..) = play(system, &[twin], settings);
    let (failure, t) = paths[0].failure.expect("a failure");
    assert_eq!(paths[0].end, None);
    (failure.reason, failure.state, t)
}

#[test]
fn failures_say_what_when_and_which_state() {
    let blow_up = System::new(2, |_, _, y, dy| dy.copy_from_slice(&[0.0, y[1] * y[1]]))
        .jacobian(&[(1, 1)], |_, _, y, j| j[0] = 2.0 * y[1]);
    let twin = |y: f64| Twin {
        parameters: vec![0.0],
        y: vec![1.0, y],
        stops: vec![(0.5, Some(action(|_, _, _| ()))), (2.0, None)],
        ..Twin::default()
    };
    for method in BOTH {
        let settings = settings(method, 2, 1e-6, 1e-6);
        // y' = y^2 from 1 is infinite at 1.
        let (reason, state, t) = failure(&blow_up, twin(1.0), &settings);
        assert!(matches!(reason, Reason::StepTooSmall | Reason::TooManySteps), "{reason:?}");
        assert_eq!(state, Some(1));
        close(t, 1.0, 1e-5);

        let (reason, state, t) = failure(&blow_up, twin(f64::NAN), &settings);
        assert_eq!((reason, state, t), (Reason::StateNotFinite, Some(1), 0.0));

        let (reason, state, t) = failure(&blow_up, twin(1e200), &settings);
        assert_eq!((reason, state, t), (Reason::RatesNotFinite, Some(1), 0.0));

        let few = Settings { most_steps: 3, ..settings.clone() };
        let (reason, ..) = failure(&blow_up, twin(1.0), &few);
        assert_eq!(reason, Reason::TooManySteps);
    }
}

#[test]
fn a_jump_to_where_rates_are_not_finite_fails_there() {
    let system = System::new(1, |p, _, y, dy| dy[0] = -ln(y[0]) * p[0])
        .jacobian(&[(0, 0)], |p, _, y, j| j[0] = -p[0] / y[0]);
    for method in BOTH {
        let twin = Twin {
            parameters: vec![1.0],
            y: vec![2.0],
            stops: vec![(1.0, Some(action(|_, _, y| y[0] = -1.0))), (2.0, None)],
            ..Twin::default()
        };
        let (reason, state, t) = failure(&system, twin, &settings(method, 1, 1e-6, 1e-6));
        assert!(matches!(reason, Reason::RatesNotFinite | Reason::StepTooSmall), "{reason:?}");
        assert_eq!((state, t), (Some(0), 1.0));
    }
}

#[test]
fn a_guard_that_is_no_number_fails_its_twin() {
    let system = decay().guards(1, |_, _, y, g| g[0] = ln(y[0] - 1.0));
    let twin = Twin {
        parameters: vec![1.0],
        y: vec![3.0],
        stops: vec![(5.0, None)],
        ..Twin::default()
    };
    let (reason, _, t) = failure(&system, twin, &settings(Method::Tsit5, 1, 1e-6, 1e-6));
    assert_eq!(reason, Reason::GuardNotANumber);
    assert!(t > 0.0 && t < 5.0);
}

#[test]
fn a_host_that_never_moves_on_is_stopped() {
    let stops = (0..1000).map(|_| (0.0, None)).collect();
    let twin = Twin { parameters: vec![1.0], y: vec![1.0], stops, ..Twin::default() };
    let few = Settings { most_steps: 100, ..settings(Method::Tsit5, 1, 1e-6, 1e-6) };
    let (reason, _, t) = failure(&decay(), twin, &few);
    assert_eq!((reason, t), (Reason::TooManySteps, 0.0));
}
