//! Schedules of doses: ladders, amounts that depend on the participant, the dose of the day, epochs.

use crate::{assert_close, records, run};

/// What has been given so far, and the dose of the last 24 hours.
const COUNTED: &str = "
model counted
time h
input today [mg] = 0 mg
state x [mg]
dose oral -> x
d x/dt = 0 mg/h
observe x
observe today
";

#[test]
fn a_ladder_is_climbed_by_the_calendar() {
    let tables = run(
        1,
        COUNTED,
        r#"
[arm.a]
regimen = { amount = ["1 mg", "2 mg", "4 mg"], every = "1 day", step = "2 day", until = "day 8" }
[[encounter]]
at = ["day 8"]
"#,
    );
    assert_close(&tables.numbers("adex", &[], "EXDOSE"), &[1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 4.0]);
    assert_close(&records(&tables, "X"), &[18.0]);
}

#[test]
fn an_amount_depends_on_the_participant_and_on_the_latest_record() {
    let model = "
model grows
time day
covariate wt [kg] = 70 kg
state x [mg]
state size [kg] = 10 kg
dose oral -> x
d x/dt = 0 mg/day
d size/dt = 1 kg/day
observe size
";
    let tables = run(
        1,
        model,
        r#"
[population.covariates]
wt = "80 kg"
[arm.a]
regimen = [
  { amount = "2 mg/kg * wt", every = "1 day", times = 1 },
  { amount = "min(1 mg/kg * size, 12 mg)", every = "1 day", times = 4 },
]
[epoch.treatment]
duration = "4 day"
[[encounter]]
at = ["day 1", "day 2", "day 4"]
"#,
    );
    // The sizes recorded are 10 on day 1, 11 on day 2 and 13 on day 4, where the dose is capped.
    let doses = tables.numbers("adex", &[], "EXDOSE");
    assert_close(&doses, &[160.0, 10.0, 11.0, 11.0, 12.0]);
}

#[test]
fn the_dose_of_the_day_is_that_of_the_24_hours_before() {
    let tables = run(
        1,
        COUNTED,
        r#"
model.m.inputs = { today = "daily_dose(drug)" }
[regimen.drug]
amount = "10 mg"
every = "1 day"
times = 3
[arm.a]
regimen = "drug"
[[encounter]]
at = ["hour 0", "hour 1", "hour 24", "hour 30", "hour 48", "hour 71", "hour 72", "hour 73"]
"#,
    );
    // A dose at the instant itself does not count yet; one of exactly 24 hours ago still does.
    let expected = [0.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 0.0];
    assert_close(&records(&tables, "TODAY"), &expected);
}

#[test]
fn three_doses_a_day_make_the_dose_of_the_day() {
    let tables = run(
        1,
        COUNTED,
        r#"
model.m.inputs = { today = "daily_dose(drug)" }
[regimen.drug]
amount = "10 mg"
every = "8 h"
until = "day 11"
[arm.a]
regimen = "drug"
[[encounter]]
at = ["hour 1", "hour 9", "hour 17", "hour 25", "hour 33", "hour 233", "hour 241", "hour 249", "hour 257"]
"#,
    );
    let expected = [10.0, 20.0, 30.0, 30.0, 30.0, 30.0, 20.0, 10.0, 0.0];
    assert_close(&records(&tables, "TODAY"), &expected);
    assert_eq!(tables.rows("adex").len(), 30, "until is not included");
}

#[test]
fn the_dose_of_the_day_counts_every_regimen_that_uses_the_one_named() {
    let tables = run(
        2,
        COUNTED,
        r#"
model.m.inputs = { today = "daily_dose(drug)" }
design.assignment = "every-arm"
[regimen.drug]
every = "1 day"
[arm.none]
[arm.low]
regimen = { use = "drug", amount = "1 mg" }
[arm.high]
regimen = [{ use = "drug", amount = "3 mg" }, { use = "drug", amount = "500 ug" }]
[[encounter]]
at = ["day 3"]
"#,
    );
    let of = |arm| tables.numbers("adlb", &[("PARAMCD", "TODAY"), ("TRT01P", arm)], "AVAL");
    assert_close(&of("none"), &[0.0, 0.0]);
    assert_close(&of("low"), &[1.0, 1.0]);
    assert_close(&of("high"), &[3.5, 3.5]);
}

#[test]
fn a_run_in_is_dosed_once_each_time_and_carries_over_day_1() {
    let tables = run(
        1,
        COUNTED,
        r#"
model.m.inputs = { today = "daily_dose(both)" }
eligibility.at = "day -2"
[regimen.both]
amount = "1 mg"
every = "1 day"
[epoch.run_in]
duration = "4 day"
regimen = { use = "both" }
[epoch.treatment]
duration = "3 day"
[arm.a]
regimen = { use = "both", amount = "10 mg" }
[[encounter]]
at = ["day -4", "day -2", "day 1", "day 2", "day 3"]
"#,
    );
    let doses = tables.numbers("adex", &[], "EXDOSE");
    assert_close(&doses, &[1.0, 1.0, 1.0, 1.0, 10.0, 10.0, 10.0]);
    let starts = tables.numbers("adex", &[], "ASTTIME");
    assert_close(&starts, &[-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0]);
    assert_close(&records(&tables, "X"), &[0.0, 2.0, 4.0, 14.0, 24.0]);
    assert_close(&records(&tables, "TODAY"), &[0.0, 1.0, 1.0, 10.0, 10.0]);
}

#[test]
fn a_run_in_dose_that_is_late_arrives_after_day_1() {
    let model = "
model late
time day
state x [mg]
dose oral -> x, lag 18 h, over 12 h
d x/dt = 0 mg/day
observe x
";
    let tables = run(
        1,
        model,
        r#"
[epoch.run_in]
duration = "1 day"
regimen = { amount = "12 mg", on = ["day 1"] }
[epoch.treatment]
duration = "3 day"
[arm.a]
[[encounter]]
at = ["day 1", "hour 3", "hour 6", "hour 30"]
"#,
    );
    // It begins to arrive 6 hours before day 1, and has arrived 6 hours after its start.
    assert_close(&records(&tables, "X"), &[6.0, 9.0, 12.0, 12.0]);
}

#[test]
fn models_that_count_in_different_units_share_one_clock() {
    let slow = "
model slow
time week
param k = 0.7 1/week
state a [mg] = 100 mg
d a/dt = -k * a
observe a
";
    let fast = "
model fast
time min
input a [mg]
state b [mg]
dose iv -> b, lag 1 h
event noon every 1 day from 12 h
on noon:
  b += 1 mg
d b/dt = 0 mg/min
observe b
observe doubled [mg] = 2 * a
";
    let toml = r#"
trial.id = "T"
design.participants = 1
simulation.tolerance = 1e-10
model.slow.file = "slow.model"
model.fast.file = "fast.model"
model.fast.inputs = { a = "slow.a" }
[arm.one]
regimen = { amount = "10 mg", every = "1 day" }
[epoch.treatment]
duration = "4 day"
[[encounter]]
at = ["day 2", "hour 60"]
"#;
    let tables = proband_tests::run(toml, &[("slow.model", slow), ("fast.model", fast)]);
    let left = [1.0, 2.5].map(|day| 100.0 * proband_math::exp(-0.1 * day));
    assert_close(&records(&tables, "SLOW.A"), &left);
    assert_close(&records(&tables, "DOUBLED"), &left.map(|a| 2.0 * a));
    // One dose and one noon on day 1; at hour 60 three doses, and the third noon just now.
    assert_close(&records(&tables, "B"), &[11.0, 33.0]);
}
