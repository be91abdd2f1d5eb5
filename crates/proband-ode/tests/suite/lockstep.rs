//! Twins who share a timetable, in lockstep.

use crate::models::{Case, Dosing, open};
use crate::support::{Path, Script, Seats, Twin, settings};
use crate::workloads::{Workload, w1, w2, w4};
use proband_math::vector::Simd;
use proband_ode::{Compiled, Lockstep, Method, Stop, Workspace, integrate};

/// Samples at these times; additions as the twin has doses.
fn timetable(case: &Case<'_>, twin: &Twin, times: &[f64]) -> Vec<Stop> {
    let sample = |&t: &f64| Stop { t, sample: true, ..Stop::default() };
    let mut stops: Vec<Stop> = times.iter().map(sample).collect();
    let target = case.system.doses[0].target;
    for &(t, ref dose) in &twin.stops {
        let additions = dose.iter().map(|_| (target, 100.0)).collect();
        stops.push(Stop { t, additions, ..Stop::default() });
    }
    stops.sort_by(|a, b| a.t.total_cmp(&b.t));
    stops
}

/// The states of each twin at each sample.
fn run(case: &Case<'_>, twins: &[Twin], stops: &[Stop], level: Simd) -> Vec<Vec<Vec<f64>>> {
    let lanes = twins.len();
    let mut lockstep = Lockstep::with_level(&case.system, stops, lanes, level).expect("linear");
    let mut field = Compiled::new(&case.system, lanes);
    let mut y = vec![0.0; case.system.states.len() * lanes];
    for (lane, twin) in twins.iter().enumerate() {
        field.seat(lane, &twin.parameters);
        twin.y.iter().enumerate().for_each(|(state, &value)| y[state * lanes + lane] = value);
    }
    let mut seen = vec![Vec::new(); lanes];
    lockstep.run(&mut field, &mut y, &mut |_, sample| {
        for (lane, seen) in seen.iter_mut().enumerate() {
            assert_eq!(seen.len(), sample.number);
            seen.push(sample.y.iter().skip(lane).step_by(lanes).copied().collect());
        }
    });
    seen
}

/// The eight patients of a workload.
fn eight(case: &Case<'_>, workload: &Workload) -> Vec<Twin> {
    workload.patients().iter().map(|patient| case.twin(&patient.parameters)).collect()
}

fn assert_near_reference(workload: &Workload, model: &str, observables: &[&str], limit: f64) {
    let model = open(model);
    let case = Case::new(workload, &model, Dosing::Bolus, observables);
    let (twins, patients) = (eight(&case, workload), workload.patients());
    let stops = timetable(&case, &twins[0], &patients[0].times);
    let path = |seen: Vec<Vec<f64>>| Path {
        samples: patients[0].times.iter().copied().zip(seen).collect(),
        ..Path::default()
    };
    let seen = run(&case, &twins, &stops, Simd::detect());
    let paths: Vec<Path> = seen.into_iter().map(path).collect();
    let error = workload.error_of(&paths, |patient, y| case.observe(patient, y));
    assert!(error < limit, "{error:e}");
}

#[test]
fn the_reference_workloads() {
    assert_near_reference(&w1(), "w1-two-compartment.model", &["cp"], 1e-12);
    let tissues = ["cp", "c_liver", "c_brain", "c_muscle", "c_adipose"];
    // As good as the reference is.
    assert_near_reference(&w4(), "w4-pbpk.model", &tissues, 2e-11);
}

/// Any width, any lane, and a neighbour without numbers.
#[test]
fn the_same_bits_in_any_company() {
    for (workload, model) in [(w1(), "w1-two-compartment.model"), (w4(), "w4-pbpk.model")] {
        let model = open(model);
        let case = Case::new(&workload, &model, Dosing::Bolus, &["cp"]);
        let twins = eight(&case, &workload);
        let stops = timetable(&case, &twins[0], &[0.0, 0.5, 1.0, 24.0, 24.1, 100.0]);
        let expected = run(&case, &twins, &stops, Simd::Scalar);
        assert!(expected.iter().flatten().flatten().all(|value| value.is_finite()));
        let mut company: Vec<Twin> = twins.iter().rev().chain(&twins).cloned().collect();
        company[3].parameters.fill(f64::NAN);
        company[5].parameters.iter_mut().for_each(|value| *value *= 1e200);
        for level in Simd::ALL {
            assert_eq!(run(&case, &twins, &stops, level), expected, "{level:?}");
            let beside = run(&case, &company, &stops, level);
            assert_eq!(beside[8..], expected, "{level:?}");
            assert_eq!(beside[7], expected[0], "{level:?}");
            for lost in [3, 5] {
                let last = beside[lost].last().expect("the last sample");
                assert!(last.iter().all(|value| value.is_nan()), "{last:?}");
            }
        }
    }
}

/// An infusion as a flow, as a constant of the rates, and by steps of any length.
#[test]
fn what_flows_in() {
    let (workload, model) = (w1(), open("w1-two-compartment.model"));
    let case = Case::new(&workload, &model, Dosing::Infusion, &["cp"]);
    let mut twins = eight(&case, &workload);
    let target = case.system.doses[0].target;
    let times = [0.0, 0.25, 1.0, 3.0, 8.0, 30.0];
    let mut stops: Vec<Stop> =
        times.iter().map(|&t| Stop { t, sample: true, ..Stop::default() }).collect();
    let constant = stops.clone();
    stops[0].flows.push((target, 180.0));
    stops[2].flows.push((target, -180.0));
    let flows = run(&case, &twins, &stops, Simd::detect());

    for twin in &mut twins {
        twin.stops.truncate(2);
        twin.stops[1].0 = 1.0;
        twin.stops.push((30.0, None));
        twin.samples = times.to_vec();
    }
    let settings = settings(Method::Exact, case.system.states.len(), 1e-6, 1e-9);
    let mut field = Compiled::new(&case.system, settings.lanes);
    let mut script = Script::new(&twins, settings.lanes);
    integrate(&mut field, &mut script, &settings, &mut Workspace::new());
    let near = |found: &[f64], expected: &[f64]| {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() <= 1e-12 * 180.0, "{found}, {expected}");
        }
    };
    for (flows, path) in flows.iter().zip(&script.paths) {
        for (y, (_, expected)) in flows.iter().zip(&path.samples) {
            near(y, expected);
        }
    }

    let signal = twins[0].parameters.len() - 1;
    twins.iter_mut().for_each(|twin| twin.parameters[signal] = 180.0);
    for (constant, flows) in run(&case, &twins, &constant, Simd::detect()).iter().zip(&flows) {
        constant.iter().zip(flows).take(3).for_each(|(y, expected)| near(y, expected));
    }
}

#[test]
fn more_than_a_matrix_is_refused() {
    let (workload, model) = (w2(), open("w2-indirect-response.model"));
    let case = Case::new(&workload, &model, Dosing::Bolus, &["cp"]);
    assert!(Lockstep::of(&case.system, &[], 8).is_none());
}
