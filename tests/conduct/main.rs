//! What happens to a participant, against answers worked out by hand: doses, inputs, events, hazards,
//! visits, adverse events, screening, allocation, failures.
#![expect(clippy::float_cmp, reason = "instants that are landed on, and whole numbers")]

mod accrual;
mod adherence;
mod adverse_events;
mod allocation;
mod calendar;
mod crossover;
mod discontinuations;
mod doses;
mod endpoints;
mod estimands;
mod events;
mod failures;
mod hazards;
mod inputs;
mod jumps;
mod occasions;
mod regimens;
mod replays;
mod roots;
mod rules;
mod screening;
mod ticks;
mod truth;
mod visits;

use proband_tests::Tables;

/// A quantity that rises from where each twin begins, and their age.
const RISING: &str = "
model m
time day
covariate age [year] = 50 year
param m = 10 mg ~ normal sd 3 mg
state x [mg] = m
d x/dt = 0.5 mg/day
observe x ~ normal sd 1 mg
";

/// A trial of `m.model` that keeps everything; `rest` begins with keys and goes on with tables.
fn trial(participants: u32, rest: &str) -> String {
    format!(
        "trial.id = \"T\"\nmodel.m.file = \"m.model\"\noutput.level = \"truth\"\n\
         simulation.tolerance = 1e-10\nsimulation.atol = 1e-12\n\
         design.participants = {participants}\n{rest}"
    )
}

/// The tables of such a trial of one model.
fn run(participants: u32, model: &str, rest: &str) -> Tables {
    proband_tests::run(&trial(participants, rest), &[("m.model", model)])
}

/// The records of an observable, in the order of time.
fn records(tables: &Tables, paramcd: &str) -> Vec<f64> {
    tables.numbers("adlb", &[("PARAMCD", paramcd)], "AVAL")
}

/// Asserts that numbers agree to a tolerance relative to their size, or absolute below 1: that of
/// the solver, which is asked for 1e-10 a step, unless a test says otherwise.
#[track_caller]
fn assert_close(found: &[f64], expected: &[f64]) {
    assert_within(found, expected, 1e-7);
}

/// Asserts that numbers agree within a tolerance relative to their size, or absolute below 1.
#[track_caller]
fn assert_within(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{found:?} for {expected:?}");
    for (one, other) in found.iter().zip(expected) {
        let off = (one - other).abs() / other.abs().max(1.0);
        assert!(off <= tolerance, "{found:?} for {expected:?}");
    }
}

/// The mean of numbers.
fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}
