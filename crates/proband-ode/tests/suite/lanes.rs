//! A twin's path is the same bits in any company, at any number of lanes and at any width.

use crate::support::{Path, System, Twin, action, play_in, settings};
use crate::workloads::{Workload, w2, w3, w4};
use proband_math::vector::Simd;
use proband_ode::{Crossing, Failure, Method, Settings, Statistics, Workspace};

const LANES: [usize; 6] = [1, 4, 7, 8, 32, 64];

/// A path as bits, so that equal means equal: its numbers, and how and when it failed.
type Bits = (Vec<u64>, Option<(Failure, u64)>);

fn bits(path: &Path) -> Bits {
    let samples =
        path.samples.iter().flat_map(|(t, y)| [*t].into_iter().chain(y.iter().copied()));
    let crossings = path.crossings.iter().flat_map(|(which, t, y)| {
        let which = which.guard as f64 + if which.holds { 0.5 } else { 0.0 };
        [which, *t].into_iter().chain(y.iter().copied())
    });
    let end = path.end.iter().flat_map(|(t, y)| [*t].into_iter().chain(y.iter().copied()));
    let numbers = samples.chain(crossings).chain(end).map(f64::to_bits).collect();
    (numbers, path.failure.map(|(failure, t)| (failure, t.to_bits())))
}

fn all_bits(paths: &[Path]) -> Vec<Bits> {
    paths.iter().map(bits).collect()
}

/// Plays the twins at every number of lanes and every width, and has all agree.
fn agree(system: &System, twins: &[Twin], method: Method) -> Vec<Path> {
    let one = Settings { lanes: 1, ..settings(method, system.states, 1e-6, 1e-9) };
    let mut scalar = Workspace::with_level(Simd::Scalar);
    let (expected, counted, _) = play_in(&mut scalar, system, twins, &one);
    for level in Simd::ALL {
        let mut work = Workspace::with_level(level);
        for lanes in LANES {
            let settings = Settings { lanes, ..one.clone() };
            let (paths, statistics, _) = play_in(&mut work, system, twins, &settings);
            assert_eq!(all_bits(&paths), all_bits(&expected), "{level:?} with {lanes} lanes");
            let batches = counted.batches;
            assert_eq!(
                Statistics { batches, ..statistics },
                counted,
                "{level:?}, {lanes} lanes"
            );
        }
    }
    expected
}

/// The workload's patients over and over, each time from a start a little later, so that lanes
/// are refilled at many different moments. Guards where the system has any.
fn crowd(workload: &Workload, twins: usize) -> Vec<Twin> {
    let patients = workload.twins();
    let twin = |k: usize| {
        let mut twin = patients[k % patients.len()].clone();
        let late = 0.37 * (k / patients.len()) as f64;
        twin.stops.iter_mut().for_each(|(t, _)| *t += late);
        twin.stops.truncate(2 + k % 5);
        let end = twin.stops.last().expect("at least two").0;
        twin.samples.retain(|t| *t <= end);
        twin.start = late;
        twin
    };
    (0..twins).map(twin).collect()
}

#[test]
fn indirect_response_with_a_threshold_in_any_company() {
    let mut workload = w2();
    // The response falls below half its start and recovers; concentration passes a level.
    workload.system = workload.system.guards(2, |p, _, y, g| {
        g[0] = y[3] - 0.5 * p[7] / p[8];
        g[1] = y[1] / p[2] - 0.6;
    });
    let mut twins = crowd(&workload, 70);
    for twin in &mut twins {
        let more = action(|p, _, _| p[7] *= 1.01);
        twin.crossings = vec![(Crossing { guard: 1, holds: false }, more)];
    }
    for method in [Method::Tsit5, Method::Rodas5P] {
        let paths = agree(&workload.system, &twins, method);
        assert!(paths.iter().map(|path| path.crossings.len()).sum::<usize>() > 200);
    }
}

#[test]
fn myelosuppression_in_any_company() {
    let workload = w3();
    agree(&workload.system, &crowd(&workload, 70), Method::Rodas5P);
    agree(&workload.system, &crowd(&workload, 10), Method::Tsit5);
}

#[test]
fn whole_body_in_any_company() {
    let workload = w4();
    agree(&workload.system, &crowd(&workload, 40), Method::Rodas5P);
}

#[test]
fn a_poisoned_neighbour_changes_nothing_and_fails_the_same_anywhere() {
    let workload = w2();
    let clean = crowd(&workload, 48);
    let mut poisoned = clean.clone();
    poisoned[5].parameters[0] = f64::NAN;
    poisoned[17].parameters[0] = -1e6;
    poisoned[17].parameters[7] = 1e300;
    poisoned[33].parameters[6] = -0.5;
    poisoned[40].y[1] = f64::INFINITY;
    for method in [Method::Tsit5, Method::Rodas5P] {
        let clean = agree(&workload.system, &clean, method);
        let paths = agree(&workload.system, &poisoned, method);
        let failed: Vec<usize> = (0..48).filter(|&k| paths[k].failure.is_some()).collect();
        println!(
            "{method:?} {:?}",
            failed.iter().map(|&k| paths[k].failure).collect::<Vec<_>>()
        );
        assert_eq!(failed, [5, 17, 33, 40]);
        for k in (0..48).filter(|k| !failed.contains(k)) {
            assert_eq!(bits(&paths[k]), bits(&clean[k]), "twin {k}");
        }
    }
}
