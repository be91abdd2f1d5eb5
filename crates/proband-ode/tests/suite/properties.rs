//! What holds whatever the numbers are: the doses of a linear system add up, nothing is lost where nothing
//! leaves, and no time is like another only because of what it is called.

use crate::support::{Path, System, Twin, action, play, settings};
use crate::workloads::{w1, w2};
use proband_ode::{Method, Settings};
use proptest::prelude::*;

const METHODS: [Method; 3] = [Method::Tsit5, Method::Rodas5P, Method::Exact];

/// When and how much.
type Doses = Vec<(f64, f64)>;

fn doses() -> impl Strategy<Value = Doses> {
    // Some come together, and some at the times of samples.
    let time = prop_oneof![0.0..100.0, (0..20).prop_map(|at| 5.0 * f64::from(at))];
    prop::collection::vec((time, 1.0..200.0), 1..6)
}

/// A twin whose first state is dosed, later by so much.
fn dosed(twin: Twin, doses: &Doses, later: f64) -> Twin {
    let mut doses = doses.clone();
    doses.sort_by(|a, b| a.0.total_cmp(&b.0));
    let dose =
        |&(t, amount): &(f64, f64)| (later + t, Some(action(move |_, _, y| y[0] += amount)));
    Twin {
        start: later,
        stops: doses.iter().map(dose).chain([(later + 120.0, None)]).collect(),
        samples: (0..=24).map(|at| later + 5.0 * f64::from(at)).collect(),
        ..twin
    }
}

fn paths(system: &System, twins: &[Twin], method: Method, relative: f64) -> Vec<Path> {
    let settings = settings(method, system.states, relative, 1e-3 * relative);
    play(system, twins, &settings).0
}

/// Whether numbers agree, the largest of each list being one.
fn assert_near(found: &[f64], expected: &[f64], tolerance: f64) -> Result<(), TestCaseError> {
    let scale = expected.iter().fold(1.0_f64, |scale, x| scale.max(x.abs()));
    for (found, expected) in found.iter().zip(expected) {
        prop_assert!((found - expected).abs() <= tolerance * scale, "{found} {expected}");
    }
    Ok(())
}

fn numbers(path: &Path) -> Vec<f64> {
    path.samples.iter().flat_map(|(_, y)| y.iter().copied()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// What two courses of doses do to a linear system is the sum of what each does.
    #[test]
    fn doses_of_a_linear_system_add_up(one in doses(), other in doses(), patient in 0..8usize) {
        let workload = w1();
        let twin = workload.twins().swap_remove(patient);
        let both: Doses = one.iter().chain(&other).copied().collect();
        let twins = [&one, &other, &both].map(|doses| dosed(twin.clone(), doses, 0.0));
        for method in METHODS {
            let paths = paths(&workload.system, &twins, method, 1e-8);
            let [one, other, both] = [0, 1, 2].map(|at| numbers(&paths[at]));
            let sum: Vec<f64> = one.iter().zip(&other).map(|(a, b)| a + b).collect();
            let tolerance = if method == Method::Exact { 1e-12 } else { 1e-7 };
            assert_near(&both, &sum, tolerance)?;
        }
    }

    /// Where nothing leaves, all that was given is there: to rounding, however loose the tolerance,
    /// since every method keeps sums of states that the rates keep.
    #[test]
    fn nothing_is_lost_where_nothing_leaves(given in doses(), rates in prop::array::uniform3(0.01..3.0)) {
        let system = System::new(3, |p, _, y, dy| {
            let [absorbed, out, back] = [p[0] * y[0], p[1] * y[1], p[2] * y[2]];
            dy.copy_from_slice(&[-absorbed, absorbed - out + back, out - back]);
        })
        .jacobian(&[(0, 0), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2)], |p, _, _, j| {
            j.copy_from_slice(&[-p[0], p[0], -p[1], p[2], p[1], -p[2]]);
        });
        let empty = Twin { parameters: rates.to_vec(), y: vec![0.0; 3], ..Twin::default() };
        let twin = dosed(empty, &given, 0.0);
        for method in METHODS {
            let path = paths(&system, std::slice::from_ref(&twin), method, 1e-4).remove(0);
            prop_assert_eq!(path.samples.len(), twin.samples.len());
            for (t, y) in &path.samples {
                // A sample at the time of a dose sees the state before it.
                let given: f64 = given.iter().filter(|dose| dose.0 < *t).map(|dose| dose.1).sum();
                assert_near(&[y.iter().sum::<f64>()], &[given], 1e-12)?;
            }
        }
    }

    /// Where rates do not ask for the time, another time of the first dose changes nothing.
    #[test]
    fn a_later_beginning_changes_nothing(given in doses(), later in -500.0..5000.0, patient in 0..8usize) {
        let workload = w2();
        let twin = workload.twins().swap_remove(patient);
        let twins = [0.0, later].map(|later| dosed(twin.clone(), &given, later));
        for method in [Method::Tsit5, Method::Rodas5P] {
            let paths = paths(&workload.system, &twins, method, 1e-8);
            assert_near(&numbers(&paths[1]), &numbers(&paths[0]), 1e-7)?;
        }
    }
}

/// Who comes first, and who sits beside whom, changes no bit.
#[test]
fn the_order_of_twins_changes_nothing() {
    let workload = w2();
    let mut twins = workload.twins();
    for (at, twin) in twins.iter_mut().enumerate() {
        twin.stops.drain(3 + at..twin.stops.len() - 1);
    }
    for method in [Method::Tsit5, Method::Rodas5P] {
        let settings =
            Settings { lanes: 3, ..settings(method, workload.system.states, 1e-6, 1e-9) };
        let paths = play(&workload.system, &twins, &settings).0;
        twins.reverse();
        let mut reversed = play(&workload.system, &twins, &settings).0;
        twins.reverse();
        reversed.reverse();
        assert_eq!(reversed, paths);
    }
}
