//! Twins whose model fails: counted with the reason, kept in `adsl`, without records afterwards, and
//! without any effect on their neighbours.

use crate::{assert_close, run};
use proband_tests::Tables;

const VISITS: &str = "
[arm.a]
control = true
[arm.b]
[epoch.treatment]
duration = \"20 day\"
[[encounter]]
at = [\"day 1\", \"day 6\", \"day 11\", \"day 21\"]
";

/// A twin in ten does something on day 8 that no model may.
fn model(statements: &str) -> String {
    format!(
        "
model m
time day
param bad = 10 % ~ bernoulli
param k = 0.1 1/day ~ lognormal sd 0.3
state x = 1
let odd = if bad > 0.5 and t > 8 day then 1 else 0
d x/dt = -k * x + {statements}
"
    )
}

fn bad_twins(tables: &Tables) -> Vec<&str> {
    let rows = tables.rows("twins").iter().filter(|row| row.number("bad") == 1.0);
    rows.map(|row| row.text("USUBJID")).collect()
}

/// Asserts that exactly the bad twins have failed on day 8, for this reason, and what became of them.
#[track_caller]
fn assert_lost(tables: &Tables, cause: &str, day: f64) {
    let bad = bad_twins(tables);
    assert!((10..50).contains(&bad.len()), "{}", bad.len());
    let excluded = tables.having("exclusions", &[("STAGE", "simulation"), ("REASON", cause)]);
    let lost: Vec<&str> = excluded.iter().map(|row| row.text("USUBJID")).collect();
    assert_eq!(lost, bad, "{:?}", tables.rows("exclusions").first());
    assert_eq!(tables.rows("adsl").len(), 300, "nobody is missing");
    for (row, subject) in excluded.iter().zip(bad) {
        assert!((row.number("ATIME") - day).abs() < 0.5, "{}", row.number("ATIME"));
        let of = |table| tables.having(table, &[("USUBJID", subject)]);
        let [adsl] = of("adsl")[..] else { panic!("{subject}") };
        assert_eq!(adsl.text("DCSREAS"), "Model failure");
        assert_eq!(adsl.text("ARM"), row.text("TRT01P"));
        assert!(of("adlb").iter().all(|record| record.number("ATIME") <= row.number("ATIME")));
        assert_eq!(of("adlb").len(), if day < 9.0 { 2 } else { 3 }, "{subject}");
    }
}

/// Asserts that those who did not fail are the same, to the bit, as when nobody does.
#[track_caller]
fn assert_neighbours_unmoved(with: &Tables, without: &Tables) {
    let bad = bad_twins(with);
    let good = |tables: &Tables, table| {
        let rows = tables.rows(table).iter();
        rows.filter(|row| !bad.contains(&row.text("USUBJID"))).cloned().collect::<Vec<_>>()
    };
    for table in ["adsl", "adlb", "truth", "truth_events"] {
        assert_eq!(good(with, table), good(without, table), "{table}");
    }
    assert!(without.rows("exclusions").is_empty());
}

#[test]
fn a_model_that_blows_up_loses_its_twin_only() {
    // x' = 10 (1 + x^2) reaches infinity in less than a sixth of a day.
    let text = |size: &str| {
        model(&format!("odd * {size} 1/day * (1 + x * x)")) + "observe x ~ normal cv 5%\n"
    };
    let tables = run(300, &text("10"), VISITS);
    let lost = tables.rows("exclusions");
    assert!(!lost.is_empty());
    let cause = lost[0].text("REASON").to_owned();
    assert_lost(&tables, &cause, 8.1);
    assert!(
        ["step-too-small", "state-not-finite", "rate-not-finite"].contains(&cause.as_str()),
        "{cause}"
    );
    assert_eq!(lost[0].text("DETAIL"), "state `x`");
    assert_neighbours_unmoved(&tables, &run(300, &text("0"), VISITS));
}

#[test]
fn a_rate_that_is_no_number_loses_its_twin_only() {
    let text = |sign: &str| model(&format!("0 1/day * sqrt(1 {sign} 2 * odd)")) + "observe x\n";
    let tables = run(300, &text("-"), VISITS);
    assert_lost(&tables, "rate-not-finite", 8.0);
    assert_neighbours_unmoved(&tables, &run(300, &text("+"), VISITS));
}

#[test]
fn a_record_that_cannot_be_drawn_loses_its_twin_and_the_whole_visit() {
    let text = |share: &str| {
        model("0 1/day") + &format!("observe x\nobserve hit = {share} ~ bernoulli\n")
    };
    let rest = VISITS.replace("at = [", "observe = [\"x\", \"hit\"]\nat = [");
    let tables = run(300, &text("if odd > 0 then 1.5 else 0.5"), &rest);
    let lost = tables.having("exclusions", &[("REASON", "record-out-of-domain")]);
    assert_eq!(
        lost.iter().map(|row| row.text("USUBJID")).collect::<Vec<_>>(),
        bad_twins(&tables)
    );
    for row in lost {
        assert_eq!(row.text("DETAIL"), "`hit`: a probability of 1.5");
        assert_close(&[row.number("ATIME")], &[10.0]);
        let records = tables.having("adlb", &[("USUBJID", row.text("USUBJID"))]);
        assert_eq!(records.len(), 4, "both observables of days 1 and 6");
    }
    assert_neighbours_unmoved(&tables, &run(300, &text("0.5"), &rest));
}

#[test]
fn a_negative_hazard_loses_its_twin() {
    let text = |sign: &str| {
        model("0 1/day")
            + &format!("hazard h [1/day] = 0.01 1/day * (1 {sign} 2 * odd), once\nobserve x\n")
    };
    let tables = run(300, &text("-"), VISITS);
    assert_lost(&tables, "hazard-out-of-domain", 8.0);
    assert_eq!(tables.rows("exclusions")[0].text("DETAIL"), "the rate of `h` is negative");
}

#[test]
fn a_negative_hazard_of_the_trial_loses_its_twin() {
    let text = model("0 1/day") + "observe x\nobserve odd\n";
    let rest = VISITS.to_owned()
        + "[adverse_event.ae]\nhazard = \"0.01 1/day - odd * 0.02 1/day\"\nrecurs = true\nlasts = \"1 day\"\n";
    let tables = run(300, &text, &rest);
    let lost = tables.having("exclusions", &[("REASON", "hazard-out-of-domain")]);
    assert_eq!(lost.len(), bad_twins(&tables).len());
    assert_eq!(lost[0].text("DETAIL"), "the rate of `ae` is negative");
}

#[test]
fn a_hazard_that_touches_zero_is_sound() {
    let model = "model m\ntime day\nhazard h [1/day] = (1 + sin(2 * pi * t / (1 day))) * 0.1 1/day\nobserve one = 1\n";
    let tables = run(50, model, VISITS);
    assert!(tables.rows("exclusions").is_empty(), "{:?}", tables.rows("exclusions"));
}

#[test]
fn a_chance_of_an_adverse_event_that_is_none_loses_its_twin() {
    let text = model("0 1/day") + "observe x\nobserve odd\n";
    let rest = VISITS.to_owned() + "[adverse_event.ae]\nprobability = \"0.1 - odd\"\n";
    let tables = run(300, &text, &rest);
    let lost = tables.having("exclusions", &[("REASON", "chance-out-of-domain")]);
    assert_eq!(
        lost.iter().map(|row| row.text("USUBJID")).collect::<Vec<_>>(),
        bad_twins(&tables)
    );
    assert_eq!(lost[0].text("DETAIL"), "a chance of -0.9 for `ae`");
}

#[test]
fn a_dose_that_is_none_loses_its_twin() {
    let text = model("0 1/day")
        + "state y [mg]\nd y/dt = 0 mg/day\ndose iv -> y, lag 1 day - odd * 2 day\nobserve x\n";
    let rest = VISITS
        .replace("[arm.b]", "[arm.b]\nregimen = { amount = \"1 mg\", every = \"1 day\" }");
    let tables = run(300, &text, &rest);
    let lost = tables.having("exclusions", &[("REASON", "dose-out-of-domain")]);
    let bad = bad_twins(&tables);
    let dosed = tables.having("adsl", &[("ARMCD", "b")]);
    let expected = dosed.iter().filter(|row| bad.contains(&row.text("USUBJID"))).count();
    assert!(lost.len() == expected && expected > 3, "{} of {expected}", lost.len());
    assert!(lost.iter().all(|row| row.number("ATIME") == 9.0 && row.text("TRT01P") == "b"));
    assert!(lost[0].text("DETAIL").contains("lag -1"), "{}", lost[0].text("DETAIL"));
}

#[test]
fn a_steady_state_that_does_not_exist_passes_the_twin_over() {
    let model = "
model m
time day
param bad = 20 % ~ bernoulli
state x = steady
d x/dt = (1 - x - 2 * bad * x * 0) * 1 1/day + bad * (1 + x * x) * 1 1/day
observe x
";
    let tables = run(100, model, VISITS);
    let passed = tables.having("exclusions", &[("STAGE", "population")]);
    assert!(
        passed.len() > 5 && passed.iter().all(|row| row.text("REASON") == "no-steady-state")
    );
    assert!(passed[0].text("DETAIL").contains("state `x`"), "{}", passed[0].text("DETAIL"));
    assert_eq!(tables.rows("adsl").len(), 100);
}
