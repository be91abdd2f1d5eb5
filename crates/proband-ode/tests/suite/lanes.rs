//! A twin's path is the same bits in any company, at any number of lanes and at any width.

use crate::support::{Path, System, Twin, action, function, play_in, settings};
use crate::workloads::{Workload, w2, w3, w4};
use proband_math::stream::{Address, Purpose, Seed};
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
fn agree(system: &System, twins: &[Twin], method: Method, most_steps: u64) -> Vec<Path> {
    let settings = settings(method, system.states, 1e-6, 1e-9);
    let one = Settings { lanes: 1, most_steps, ..settings };
    let mut scalar = Workspace::with_level(Simd::Scalar);
    let (expected, counted, _) = play_in(&mut scalar, system, twins, &one);
    for level in Simd::ALL {
        let mut work = Workspace::with_level(level);
        for lanes in LANES {
            let many = Settings { lanes, ..one.clone() };
            let (paths, statistics, _) = play_in(&mut work, system, twins, &many);
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
        let paths = agree(&workload.system, &twins, method, 10_000);
        assert!(paths.iter().map(|path| path.crossings.len()).sum::<usize>() > 200);
    }
}

#[test]
fn myelosuppression_in_any_company() {
    let workload = w3();
    agree(&workload.system, &crowd(&workload, 70), Method::Rodas5P, 10_000);
    agree(&workload.system, &crowd(&workload, 10), Method::Tsit5, 10_000);
}

#[test]
fn whole_body_in_any_company() {
    let workload = w4();
    agree(&workload.system, &crowd(&workload, 40), Method::Rodas5P, 10_000);
    agree(&workload.system, &crowd(&workload, 40), Method::Exact, 10_000);
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
        let clean = agree(&workload.system, &clean, method, 10_000);
        let paths = agree(&workload.system, &poisoned, method, 10_000);
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

/// Random numbers of one twin of one scenario.
struct Dice {
    address: Address,
}

impl Dice {
    const PURPOSE: Purpose = Purpose::new("test/scenario");

    fn new(scenario: u64, twin: u64) -> Self {
        Self { address: Address { twin, ..Address::new(Seed(scenario), Self::PURPOSE) } }
    }

    fn uniform(&mut self) -> f64 {
        self.address.index += 1;
        self.address.uniform()
    }

    /// A whole number below a limit.
    fn below(&mut self, limit: usize) -> usize {
        (self.uniform() * limit as f64) as usize
    }

    /// Times in order on a coarse grid, so that many coincide.
    fn times(&mut self, most: usize) -> Vec<f64> {
        let count = self.below(most);
        let mut times: Vec<f64> = (0..count).map(|_| self.below(21) as f64 * 0.5).collect();
        times.sort_unstable_by(f64::total_cmp);
        times
    }
}

/// A damped, driven oscillator, its energy bounded below, with three guards.
fn oscillator() -> System {
    let mut system = System::new(3, |p, t, y, dy| {
        dy[0] = y[1];
        dy[1] = proband_math::sin(p[2] * t) - p[0] * y[0] - p[1] * y[1];
        dy[2] = y[0] * y[1] - 0.1;
    })
    .jacobian(&[(0, 1), (1, 0), (1, 1), (2, 0), (2, 1)], |p, _, y, j| {
        j.copy_from_slice(&[1.0, -p[0], -p[1], y[1], y[0]]);
    })
    .guards(3, |p, t, y, g| {
        g[0] = y[0] - p[3];
        g[1] = 0.3 - y[1];
        g[2] = proband_math::cos(2.0 * t) - 0.5 * y[0];
    });
    system.time_derivative = Some(function(|p, t, _, dt| {
        dt.copy_from_slice(&[0.0, p[2] * proband_math::cos(p[2] * t), 0.0]);
    }));
    system.bounds[2] = (0.0, 0.4);
    system
}

/// A twin at random: stops and samples that coincide, jumps of states and parameters at stops and
/// crossings, now and then something that must fail.
fn scenario(number: u64, twin: u64) -> Twin {
    let mut dice = Dice::new(number, twin);
    // Not so small that crossings follow each other without end.
    let kick = (0.2 + 0.3 * dice.uniform()) * if dice.below(2) == 0 { 1.0 } else { -1.0 };
    let nudge = action(move |_, _, y| y[1] += kick);
    let harden = action(|p, _, _| p[0] *= 1.1);
    let poison = action(|_, _, y| y[0] = f64::NAN);
    let choices = [None, Some(nudge.clone()), Some(harden), Some(poison)];
    let mut stop =
        |t| (t, choices[dice.below(31) % 4 * usize::from(twin.is_multiple_of(5))].clone());
    let mut stops: Vec<_> =
        Dice::new(number, twin + 1000).times(12).into_iter().map(&mut stop).collect();
    stops.push((10.0, None));
    let crossings = [(0, true), (1, false)]
        .map(|(guard, holds)| (Crossing { guard, holds }, nudge.clone()))
        .to_vec();
    let blow_up = if dice.below(9) == 0 { -1e4 } else { 1.0 };
    Twin {
        parameters: vec![
            blow_up + 30.0 * dice.uniform(),
            dice.uniform(),
            3.0 * dice.uniform(),
            kick,
        ],
        start: 0.0,
        y: vec![dice.uniform(), dice.uniform(), 0.4 * dice.uniform()],
        stops,
        samples: dice.times(40),
        crossings,
    }
}

#[test]
fn scenarios_at_random_in_any_company() {
    for number in 0..2 {
        let twins: Vec<Twin> = (0..60).map(|twin| scenario(number, twin)).collect();
        for method in [Method::Tsit5, Method::Rodas5P] {
            let paths = agree(&oscillator(), &twins, method, 1000);
            for (path, twin) in paths.iter().zip(&twins) {
                let times: Vec<f64> = path.samples.iter().map(|(t, _)| *t).collect();
                assert!(twin.samples.starts_with(&times), "samples come in order");
                if path.failure.is_none() {
                    assert_eq!(times.len(), twin.samples.len());
                    assert_eq!(path.end.as_ref().map(|(t, _)| *t), Some(10.0));
                }
                assert!(path.failure.is_some() != path.end.is_some());
                assert!(path.samples.iter().all(|(_, y)| (0.0..=0.4).contains(&y[2])));
            }
            let failed = paths.iter().filter(|path| path.failure.is_some()).count();
            let crossings = paths.iter().map(|path| path.crossings.len()).sum::<usize>();
            assert!((5..30).contains(&failed) && crossings > 500, "{failed} {crossings}");
        }
    }
}
