//! Who stops treatment, who leaves the trial, and what nature may read to decide it.

use crate::hazards::{MANY, bound, distance};
use crate::{assert_close, assert_within, run};
use proband_math::exp;
use proband_tests::{Row, Tables};
use std::collections::BTreeMap;

/// A quantity that rises by 1 a day, and one that nobody moves, each recorded with an error.
const MODEL: &str = "
model m
time day
param level = 10 ~ normal sd 2
input moved = 0
state x = 0
state y = 0
state drug [mg]
dose oral -> drug
d drug/dt = -1 1/day * drug
d x/dt = 1 1/day
d y/dt = moved * 1 1/day
event third when x > 3
observe x ~ normal sd 0.5
observe y
observe fixed = level ~ normal sd 2
";

const TRIAL: &str = "
[arm.a]
control = true
[epoch.treatment]
duration = \"20 day\"
[[encounter]]
at = [\"day 1\", \"day 6\", \"day 11\", \"day 16\", \"day 21\"]
[endpoint.left]
value = \"time_to(left)\"
";

fn with(participants: u32, rest: &str) -> Tables {
    run(participants, MODEL, &format!("{TRIAL}{rest}\n"))
}

/// The times of those who left.
fn times(tables: &Tables) -> Vec<f64> {
    let left = tables.rows("adtte").iter().filter(|row| row.number("CNSR") == 0.0);
    left.map(|row| row.number("AVAL")).collect()
}

/// When each was seen last.
fn last_records(tables: &Tables) -> BTreeMap<&str, f64> {
    let last = |rows: Vec<&Row>| rows.iter().map(|row| row.number("ATIME")).fold(0.0, f64::max);
    tables.by_subject("adlb").into_iter().map(|(subject, rows)| (subject, last(rows))).collect()
}

#[test]
fn a_share_is_reached_by_its_time_at_a_constant_rate() {
    let rest = "[discontinuation.left]\nfrom = \"trial\"\nshare = \"30 %\"\nby = \"day 11\"";
    let times = times(&with(MANY, rest));
    let rate = -proband_math::ln(0.7) / 10.0;
    assert!(distance(&times, MANY, |t| 1.0 - exp(-rate * t)) < bound(MANY));
    let early = times.iter().filter(|&&t| t < 10.0).count();
    // 4 standard errors of a share of 0.3 among 20,000 are 0.013.
    assert_within(&[early as f64 / f64::from(MANY)], &[0.3], 0.013);
}

#[test]
fn a_rate_may_follow_a_true_value() {
    // A rate of 0.02 t: H(t) = 0.01 t^2.
    let rest = "[discontinuation.left]\nfrom = \"trial\"\nhazard = \"0.02 1/day * x\"";
    let tables = with(MANY, rest);
    assert!(distance(&times(&tables), MANY, |t| 1.0 - exp(-0.01 * t * t)) < bound(MANY));
}

#[test]
fn causes_compete() {
    let rest = "
[discontinuation.left]
from = \"trial\"
hazard = \"0.06 1/day\"
[discontinuation.moved]
from = \"trial\"
hazard = \"(if x > 1000 then 1 else 0.04) * 1 1/day\"
reason = \"MOVED AWAY\"
";
    let tables = with(MANY, rest);
    let share = |reason: &str| {
        tables.having("adsl", &[("DCSREAS", reason)]).len() as f64 / f64::from(MANY)
    };
    let any = 1.0 - exp(-0.1 * 20.0);
    assert_within(&[share("LEFT"), share("MOVED AWAY")], &[0.6 * any, 0.4 * any], 0.0142);
}

#[test]
fn who_leaves_is_seen_no_more() {
    let rest = "[discontinuation.left]\nfrom = \"trial\"\nhazard = \"0.1 1/day\"";
    let tables = with(200, rest);
    let (ends, last) = (tables.by_subject("adtte"), last_records(&tables));
    let (mut left, mut stayed) = (0, 0);
    for row in tables.rows("adsl") {
        let subject = row.text("USUBJID");
        let (end, last) = (ends[subject][0].number("AVAL"), last[subject]);
        assert!(last <= end && last > end - 5.0, "every visit up to then");
        assert_eq!(row.number("EOSDY"), end.floor() + 1.0);
        if row.text("EOSSTT") == "DISCONTINUED" {
            left += 1;
            assert_eq!((row.text("EOTSTT"), row.text("DCTREAS")), ("DISCONTINUED", "LEFT"));
            assert!(!row.flag("COMPLFL"));
        } else {
            stayed += 1;
            assert!(row.text("DCSREAS").is_empty() && row.flag("COMPLFL"));
        }
    }
    // 1 - exp(-2) of 200: 173, SD 5.
    assert!(left + stayed == 200 && 173_u32.abs_diff(left) < 20, "{left}");
}

/// Daily doses.
const DAILY: &str = "regimen = { amount = \"1 mg\", every = \"1 day\" }\n[arm.b]\n";

#[test]
fn who_stops_treatment_takes_no_dose_and_comes_to_visits() {
    let rest = "[discontinuation.left]\nfrom = \"treatment\"\nhazard = \"0.1 1/day\"\nretained = \"60 %\"";
    let trial =
        TRIAL.replace("control = true\n", DAILY).replace("[arm.b]", "[arm.b]\ncontrol = true");
    let tables = run(1_000, MODEL, &format!("{trial}{rest}\n"));
    let [ends, doses] = ["adtte", "adex"].map(|table| tables.by_subject(table));
    let last = last_records(&tables);
    let (mut stopped, mut gone) = (0.0, 0.0);
    for row in tables.rows("adsl") {
        let subject = row.text("USUBJID");
        if row.text("EOTSTT") == "COMPLETED" {
            continue;
        }
        stopped += 1.0;
        let end = ends[subject][0].number("AVAL");
        let given = doses.get(subject).map_or(0, Vec::len);
        let expected = if row.text("ARMCD") == "a" { end.ceil() as usize } else { 0 };
        assert_eq!(given, expected, "a dose each day up to {end}");
        assert_eq!(row.number("EOTDY"), end.floor() + 1.0);
        let last = last[subject];
        if row.text("EOSSTT") == "DISCONTINUED" {
            gone += 1.0;
            assert!(last <= end && row.text("DCSREAS") == "LEFT");
        } else {
            assert_eq!(last, 20.0);
        }
    }
    // 0.4 of about 865 who stop; 4 standard errors are 0.067.
    assert_within(&[gone / stopped], &[0.4], 0.067);
}

#[test]
fn a_chance_is_asked_after_the_records_of_each_visit() {
    let rest = "[discontinuation.left]\nfrom = \"trial\"\nprobability = \"20 %\"";
    let tables = with(MANY, rest);
    let times = times(&tables);
    let counts = [0.0, 5.0, 10.0, 15.0, 20.0]
        .map(|day| times.iter().filter(|&&t| t == day).count() as f64 / f64::from(MANY));
    // Visits of day 1 come before treatment; then 0.2 of those who are left, each time.
    assert_within(&counts, &[0.0, 0.2, 0.16, 0.128, 0.1024], 0.012);
    let (ends, last) = (tables.by_subject("adtte"), last_records(&tables));
    for row in tables.having("adsl", &[("EOSSTT", "DISCONTINUED")]).iter().take(50) {
        let subject = row.text("USUBJID");
        let end = ends[subject][0].number("AVAL");
        assert_eq!(last[subject], end, "the visit is recorded first");
    }
}

/// Who has left by the visit of day 11, by subject.
fn left_by_day_11(tables: &Tables) -> Vec<bool> {
    let early = |row: &Row| row.number("CNSR") == 0.0 && row.number("AVAL") < 10.0;
    tables.rows("adtte").iter().map(early).collect()
}

fn at_day_6(tables: &Tables, table: &str, paramcd: &str) -> Vec<f64> {
    let of = |row: &&&Row| row.number("ATIME") == 5.0;
    let rows = tables.having(table, &[("PARAMCD", paramcd)]);
    rows.iter().filter(of).map(|row| row.number("AVAL")).collect()
}

/// Somebody leaves at once where a condition holds from the visit of day 6 on.
fn leaving_if(condition: &str) -> Tables {
    let hazard = format!("if {condition} and t > 5.001 day then 1000 1/day else 0 1/day");
    with(400, &format!("[discontinuation.left]\nfrom = \"trial\"\nhazard = \"{hazard}\""))
}

#[test]
fn missing_at_random_follows_the_record_and_not_the_truth() {
    let tables = leaving_if("latest(fixed) > 10");
    let by_record: Vec<bool> =
        at_day_6(&tables, "adlb", "FIXED").iter().map(|&value| value > 10.0).collect();
    assert_eq!(left_by_day_11(&tables), by_record);
    let by_truth: Vec<bool> =
        at_day_6(&tables, "truth", "FIXED").iter().map(|&value| value > 10.0).collect();
    assert_ne!(by_truth, by_record);
}

#[test]
fn missing_not_at_random_follows_the_truth() {
    let tables = leaving_if("fixed > 10");
    let by_truth: Vec<bool> =
        at_day_6(&tables, "truth", "FIXED").iter().map(|&value| value > 10.0).collect();
    assert_eq!(left_by_day_11(&tables), by_truth);
}

#[test]
fn missing_completely_at_random_follows_neither() {
    let rest = "[discontinuation.left]\nfrom = \"trial\"\nhazard = \"0.1 1/day\"";
    let with_it = with(4_000, rest);
    let mean_of = |left: bool| {
        let who = left_by_day_11(&with_it);
        let levels = with_it.numbers("twins", &[], "level");
        let chosen: Vec<f64> =
            levels.iter().zip(who).filter(|(_, has)| *has == left).map(|(l, _)| *l).collect();
        crate::mean(&chosen)
    };
    // Some 2500 and 1500 with SD 2: the difference has a standard error of 0.065.
    assert!((mean_of(true) - mean_of(false)).abs() < 0.26);
}

#[test]
fn a_rate_may_ask_whether_an_adverse_event_goes_on() {
    let rest = "
[adverse_event.third]
event = \"third\"
lasts = \"2 day\"
[discontinuation.left]
from = \"trial\"
hazard = \"if ongoing(third) then 0.5 1/day else 0 1/day\"
";
    let tables = with(MANY, rest);
    // An episode ends at the rate 0.5/day, and so does participation: half of them, up to the end after
    // 17 days, at the rate 1/day.
    let found = times(&tables);
    assert_within(&[found.len() as f64 / f64::from(MANY)], &[0.5], 0.0142);
    let law = |t: f64| if t > 3.0 { 0.5 * (1.0 - exp(-(t - 3.0))) } else { 0.0 };
    assert!(distance(&found, MANY, law) < bound(MANY));
}

#[test]
fn a_rate_may_count_what_has_happened_and_ask_for_its_grade() {
    let rest = "
[adverse_event.bad]
grades = [\"x > 6\", \"x > 8\"]
[discontinuation.left]
from = \"trial\"
hazard = \"if HOLDS then 1e6 1/day else 0 1/day\"
";
    let instant = |condition: &str| {
        let found = times(&with(3, &rest.replace("HOLDS", condition)));
        assert_eq!(found.len(), 3, "{condition}");
        assert_within(&found, &[found[0]; 3], 1e-4);
        found[0]
    };
    let starts = ["happened(third)", "count(bad) >= 2", "grade(bad) >= 2", "happened(bad)"];
    assert_within(&starts.map(instant), &[3.0, 8.0, 8.0, 6.0], 1e-4);
}

#[test]
fn a_rate_may_ask_for_the_change_since_day_1() {
    let run_in = "[epoch.run_in]\nduration = \"2 day\"\n[epoch.treatment]";
    let rest =
        "[discontinuation.left]\nfrom = \"trial\"\nhazard = \"max(CHANGED, 0) * 1e5 1/day\"";
    let first = |condition: &str| {
        let trial = TRIAL.replace("[epoch.treatment]", run_in);
        let tables = run(1, MODEL, &format!("{trial}{}", rest.replace("CHANGED", condition)));
        assert!(tables.rows("exclusions").is_empty(), "{:?}", tables.rows("exclusions"));
        times(&tables)[0]
    };
    // x is 2 at day 1.
    let found =
        ["change(x) - 5", "percent_change(x) - 300 %", "x - baseline(x) - 7"].map(first);
    assert_within(&found, &[5.0, 6.0, 7.0], 0.004);
}

#[test]
fn nature_may_ask_whether_treatment_goes_on() {
    let rest = "
[epoch.follow_up]
duration = \"5 day\"
[discontinuation.left]
from = \"treatment\"
hazard = \"0.05 1/day\"
";
    let inputs = "[model.m.inputs]\nmoved = \"if on_treatment then 1 else 0\"\n";
    let trial = TRIAL.replace("\"day 21\"", "\"day 26\"");
    let tables = run(100, MODEL, &format!("{inputs}{trial}{rest}"));
    let treated: Vec<f64> =
        tables.rows("adtte").iter().map(|row| row.number("AVAL").min(20.0)).collect();
    let rows = tables.having("adlb", &[("PARAMCD", "Y")]);
    let last = rows.iter().filter(|row| row.number("ATIME") == 25.0);
    assert_close(&last.map(|row| row.number("AVAL")).collect::<Vec<_>>(), &treated);
}

#[test]
fn nature_may_ask_for_the_last_dose() {
    let rest = "
[discontinuation.left]
from = \"trial\"
hazard = \"if t - last_dose > 1.5 day then 1e6 1/day else 0 1/day\"
";
    let regimen = "regimen = { amount = \"1 mg\", every = \"1 day\", times = 4 }\n";
    let trial = TRIAL.replace("control = true\n", regimen);
    let tables = run(2, MODEL, &format!("{trial}{rest}"));
    assert_within(&times(&tables), &[4.5; 2], 1e-4);
}

#[test]
fn the_arms_that_it_names_have_it() {
    let rest = "[arm.b]\n[discontinuation.left]\nfrom = \"trial\"\nhazard = \"0.5 1/day\"\narms = [\"b\"]";
    let tables = with(100, rest);
    let left = tables.having("adsl", &[("EOSSTT", "DISCONTINUED")]);
    assert!(left.len() > 40 && left.iter().all(|row| row.text("ARMCD") == "b"));
}

#[test]
fn what_the_trial_saw_may_end_participation() {
    let rest = "[discontinuation.left]\nfrom = \"trial\"\nwhen = \"fixed > 10 and t > 2 day\"";
    let tables = with(200, rest);
    let ends = tables.by_subject("adtte");
    for row in tables.rows("adsl") {
        let subject = row.text("USUBJID");
        let wanted = [("USUBJID", subject), ("PARAMCD", "FIXED")];
        let records = tables.having("adlb", &wanted);
        let high = |row: &&&Row| row.number("AVAL") > 10.0 && row.number("ATIME") > 2.0;
        let first = records.iter().find(high).map_or(20.0, |row| row.number("ATIME"));
        assert_eq!(ends[subject][0].number("AVAL"), first);
        assert!(
            records.iter().all(|row| row.number("ATIME") <= first),
            "nothing is seen after it"
        );
    }
    assert!(times(&tables).len() > 100);
}
