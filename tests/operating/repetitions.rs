//! A repetition is a trial of its own, whatever stands beside it.

use proband_engine::tables::{Batch, Kept, Sink};
use proband_engine::{Cut, Unwatched, add_findings, repeat};
use proband_tests::{Refusing, Row, Tables, on, open, plan, repeated, simulated};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const MODEL: &str = "
model m
time day
covariate age [year] = 50 year
param ke = 0.1 1/day ~ lognormal sd 0.3
param base = 10 ~ normal sd 2
state x [mg]
dose oral -> x
d x/dt = -ke * x
hazard fall [1/day] = 0.01 1/day * (age / 50 year), terminal
observe y = base - x / 1 mg ~ normal sd 1
";

/// Twelve repetitions, few of whom fill the lanes, with people who are refused and who fall.
const TRIAL: &str = r#"
trial.id = "AGAIN"
output.level = "records"
simulation.replicates = 12
model.m.file = "m.model"
[population.covariates]
age = { normal = { mean = 50, sd = 12 }, unit = "year" }
[eligibility]
inclusion.high = "y > 9"
[design]
participants = 30
strata = ["age > 50 year"]
[epoch.run_in]
duration = "3 day"
[epoch.treatment]
duration = "28 day"
[arm.placebo]
[arm.active]
regimen = { amount = "3 mg", every = "1 day" }
[[encounter]]
at = ["day 1", "week 2", "week 4"]
[endpoint.y]
value = "change(y, week 4)"
[endpoint.fallen]
value = "time_to(fall)"
"#;

const FILES: [(&str, &str); 1] = [("m.model", MODEL)];

#[test]
fn repetitions_depend_on_nothing_but_the_trial() {
    let trial = open(TRIAL, &FILES);
    let once = repeated(&plan(&trial));
    assert_eq!(once.rows("adsl").len(), 12 * 30);
    for threads in [1, 2, 5] {
        assert_eq!(once, on(threads, || repeated(&plan(&trial))), "{threads} threads");
    }
    for repetitions in [1, 5, 100] {
        let cut = Cut { repetitions: Some(repetitions), ..Cut::default() };
        assert_eq!(once, repeated(&plan(&trial).cut(cut)), "shards of {repetitions}");
    }
    for lanes in [1, 7, 64] {
        let cut = Cut { lanes: Some(lanes), ..Cut::default() };
        assert_eq!(once, repeated(&plan(&trial).cut(cut)), "{lanes} lanes");
    }
}

/// Rows of one repetition, without its number.
fn of_repetition(tables: &Tables, table: &str, number: u32) -> Vec<Row> {
    let of = |row: &&Row| row.number("REPLICATE") as u32 == number;
    tables.rows(table).iter().filter(of).map(|row| row.without(&["REPLICATE"])).collect()
}

#[test]
fn the_first_repetition_is_the_trial_run_once() {
    let trial = open(TRIAL, &FILES);
    let all = repeated(&plan(&trial));
    let once = open(&TRIAL.replace("replicates = 12", "replicates = 1"), &FILES);
    let plan = plan(&once);
    let tables = simulated(&plan);
    for table in ["adsl", "adlb", "adpc", "adex", "adtte", "adeff", "adae", "exclusions"] {
        let rows = of_repetition(&tables, table, 1);
        assert_eq!(rows, of_repetition(&all, table, 1), "{table}");
        let other = of_repetition(&all, table, 2);
        assert!(rows.is_empty() || rows != other, "{table} of another repetition");
    }
    assert_eq!(found(&plan), of_repetition(&all, "findings", 1));
    assert_ne!(of_repetition(&all, "findings", 2), of_repetition(&all, "findings", 3));
}

/// The findings of a plan that is run once, as rows.
fn found(plan: &proband_engine::Plan<'_>) -> Vec<Row> {
    let mut batch = Batch::new(Arc::new(proband_engine::tables::findings()));
    add_findings(&mut batch, plan.trial, 0, &proband_tests::found(plan));
    let rows = Kept::default();
    rows.shard(0, &[batch], &[]).expect("it is kept");
    of_repetition(&Tables::of(rows), "findings", 1)
}

#[test]
fn repetitions_that_were_interrupted_go_on_to_the_same_result() {
    let trial = open(TRIAL, &FILES);
    let cut = Cut { repetitions: Some(2), ..Cut::default() };
    let plan = plan(&trial).cut(cut);
    // Full after three shards.
    let left = AtomicU32::new(3);
    let take = |left: u32| left.checked_sub(1);
    let full = |_| left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_err();
    let sink = Refusing::new(full);
    assert!(repeat(&plan, &sink, &Unwatched).is_err());
    let done = (0..6).filter(|&shard| sink.has_shard(shard)).count();
    assert_eq!(done, 3);
    left.store(u32::MAX, Ordering::SeqCst);
    assert_eq!(repeat(&plan, &sink, &Unwatched).unwrap().shards, 3);
    assert_eq!(Tables::of(sink.kept), repeated(&plan));
}
