//! Inputs: from files, from expressions, from the arm; a visit at the instant of a change.

use crate::{assert_close, records, trial};
use proband_tests::Tables;

const SUMMED: &str = "
model summed
time h
input u = 0
state area [h]
d area/dt = u
observe u
observe area
";

const DATA: &str = "day,u\n1,10\n2,20\n4,0\n5,40\n";

fn between(between: &str) -> Tables {
    let rest = format!(
        r#"
[model.m.inputs.u]
file = "data.csv"
time = {{ column = "day", unit = "day", origin = "day -1" }}
between = "{between}"
[arm.a]
[[encounter]]
at = ["day 1", "hour 12", "day 2", "day 3", "day 4", "hour 84", "day 5", "day 6"]
"#
    );
    // Day 1 of the file is day 1 of the trial.
    let rest = rest.replacen("\n[model", "\n\n[model", 1);
    let files = [("m.model", SUMMED), ("data.csv", DATA)];
    proband_tests::run(&trial(1, &rest), &files)
}

#[test]
fn a_value_from_a_file_holds_until_the_next() {
    let tables = between("previous");
    assert_close(&records(&tables, "U"), &[10.0, 10.0, 20.0, 20.0, 0.0, 0.0, 40.0, 40.0]);
    let area = [0.0, 5.0, 10.0, 30.0, 50.0, 50.0, 50.0, 90.0].map(|days| 24.0 * days);
    assert_close(&records(&tables, "AREA"), &area);
}

#[test]
fn a_value_from_a_file_holds_since_the_one_before() {
    let tables = between("next");
    assert_close(&records(&tables, "U"), &[10.0, 20.0, 20.0, 0.0, 0.0, 40.0, 40.0, 40.0]);
    let area = [0.0, 10.0, 20.0, 20.0, 20.0, 40.0, 60.0, 100.0].map(|days| 24.0 * days);
    assert_close(&records(&tables, "AREA"), &area);
}

#[test]
fn values_from_a_file_are_joined_by_lines() {
    let tables = between("linear");
    assert_close(&records(&tables, "U"), &[10.0, 15.0, 20.0, 10.0, 0.0, 20.0, 40.0, 40.0]);
    let area = [0.0, 6.25, 15.0, 30.0, 35.0, 40.0, 55.0, 95.0].map(|days| 24.0 * days);
    assert_close(&records(&tables, "AREA"), &area);
}

#[test]
fn what_an_arm_feeds_counts_from_day_1_on() {
    let rest = r#"
design.assignment = "every-arm"
model.m.inputs = { u = "2" }
[epoch.run_in]
duration = "2 day"
[epoch.treatment]
duration = "3 day"
[arm.a]
control = true
[arm.b]
inputs = { u = "5 + t / 1 day" }
[[encounter]]
at = ["day -2", "day -1", "day 1", "day 2", "day 3"]
"#;
    let tables = proband_tests::run(&trial(1, rest), &[("m.model", SUMMED)]);
    let of = |arm, what| tables.numbers("adlb", &[("TRT01P", arm), ("PARAMCD", what)], "AVAL");
    assert_close(&of("a", "U"), &[2.0; 5]);
    assert_close(&of("b", "U"), &[2.0, 2.0, 2.0, 6.0, 7.0]);
    assert_close(&of("a", "AREA"), &[0.0, 2.0, 4.0, 6.0, 8.0].map(|days| 24.0 * days));
    assert_close(&of("b", "AREA"), &[0.0, 2.0, 4.0, 9.5, 16.0].map(|days| 24.0 * days));
}

#[test]
fn what_an_arm_sets_counts_from_day_1_on() {
    let model = "
model m
time day
param k = 1 1/day
state x
d x/dt = k
observe x
";
    let rest = r#"
design.assignment = "every-arm"
[epoch.run_in]
duration = "2 day"
[epoch.treatment]
duration = "3 day"
[arm.a]
[arm.b]
parameters = { k = "10 1/day" }
[[encounter]]
at = ["day -1", "day 1", "day 2"]
"#;
    let tables = proband_tests::run(&trial(1, rest), &[("m.model", model)]);
    let of = |arm| tables.numbers("adlb", &[("TRT01P", arm)], "AVAL");
    assert_close(&of("a"), &[1.0, 2.0, 3.0]);
    assert_close(&of("b"), &[1.0, 2.0, 12.0]);
    assert_close(&tables.numbers("twins", &[("TRT01P", "b")], "k"), &[10.0]);
}
