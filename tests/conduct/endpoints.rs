//! Endpoints that are times and counts, against what happened.

use crate::{assert_close, run};
use proband_tests::Tables;

const MODEL: &str = "
model m
time day
param bad = 10 % ~ bernoulli
state x = 1
d x/dt = if bad > 0.5 and t > 6 day then sqrt(0 - x) * 1 1/day else 0 1/day
hazard death [1/day] = 0.05 1/day, terminal
hazard relapse [1/day] = 0.2 1/day
observe x
";

fn tables(endpoint: &str) -> Tables {
    let rest = format!(
        "[arm.a]\n[epoch.treatment]\nduration = \"20 day\"\n[[encounter]]\nevery = \"1 day\"\n\
         missing = \"20 %\"\n[adverse_event.fall]\nhazard = \"0.1 1/day\"\n[endpoint.e]\nvalue = \"{endpoint}\"\n"
    );
    run(300, MODEL, &rest)
}

/// The first time of an event of a participant; infinite without one.
fn first(tables: &Tables, subject: &str, event: &str) -> f64 {
    let times =
        tables.numbers("truth_events", &[("USUBJID", subject), ("EVENT", event)], "ASTTIME");
    times.into_iter().fold(f64::INFINITY, f64::min)
}

#[test]
fn a_time_is_that_of_the_event_or_of_the_end_of_follow_up() {
    let tables = tables("time_to(death)");
    let mut reasons = [0; 3];
    for row in tables.rows("adtte") {
        let subject = row.text("USUBJID");
        let death = first(&tables, subject, "death");
        let lost = tables.numbers("exclusions", &[("USUBJID", subject)], "ATIME");
        let (expected, censored, why) = match lost[..] {
            [] if death <= 20.0 => (death, 0.0, "death"),
            [] => (20.0, 1.0, "End of study"),
            [day] => (day, 1.0, "Model failure"),
            _ => panic!("lost twice"),
        };
        assert_close(&[row.number("AVAL"), row.number("CNSR")], &[expected, censored]);
        assert_eq!(row.text("EVNTDESC"), why);
        reasons[["death", "End of study", "Model failure"]
            .iter()
            .position(|w| *w == why)
            .unwrap()] += 1;
    }
    assert!(reasons.iter().all(|&count| count >= 10), "{reasons:?}");
}

#[test]
fn an_event_of_the_model_counts_from_the_visit_at_which_it_is_learned() {
    let tables = tables("time_to(relapse)");
    let mut events = 0;
    for row in tables.rows("adtte").iter().filter(|row| row.number("CNSR") == 0.0) {
        let subject = row.text("USUBJID");
        let relapse = first(&tables, subject, "relapse");
        let seen = tables.numbers("adlb", &[("USUBJID", subject)], "ATIME");
        let visit = seen.into_iter().find(|&day| day >= relapse).unwrap();
        assert_close(&[row.number("AVAL")], &[visit]);
        events += 1;
    }
    assert!(events > 200, "{events}");
}

#[test]
fn an_adverse_event_counts_from_its_onset() {
    let tables = tables("time_to(fall)");
    for row in tables.rows("adtte").iter().filter(|row| row.number("CNSR") == 0.0) {
        assert_close(&[row.number("AVAL")], &[first(&tables, row.text("USUBJID"), "fall")]);
    }
}

#[test]
fn a_count_counts_what_the_trial_learned_of_in_its_period() {
    let tables = tables("count(relapse, day 6, day 16)");
    for row in tables.rows("adeff") {
        let subject = row.text("USUBJID");
        let seen = tables.numbers("adlb", &[("USUBJID", subject)], "ATIME");
        let relapses = [("USUBJID", subject), ("EVENT", "relapse")];
        let learned = tables.numbers("truth_events", &relapses, "ASTTIME").into_iter();
        let learned =
            learned.filter_map(|day| seen.iter().copied().find(|&visit| visit >= day));
        let count = learned.filter(|day| (5.0..=15.0).contains(day)).count();
        if row.number("AVAL").is_finite() {
            assert_close(&[row.number("AVAL")], &[count as f64]);
        }
    }
    let known =
        tables.rows("adeff").iter().filter(|row| row.number("AVAL").is_finite()).count();
    assert!(known > 200, "{known}");
}

/// A change without a time point is one at every visit after baseline, a row of `adeff` each.
#[test]
fn a_change_at_every_visit_has_a_row_for_each() {
    let rest = r#"
[arm.a]
[arm.b]
parameters = { m = "10 mg" }
[population.covariates]
age = { uniform = { min = 30, max = 60 }, unit = "year" }
[[encounter]]
at = ["day 1", "week 1", "week 2"]
[endpoint.rise]
value = "change(x)"
"#;
    let tables =
        crate::run(6, crate::RISING, &rest.replace("[arm.a]", "[arm.a]\ncontrol = true"));
    for person in tables.rows("adsl") {
        let keys = [("USUBJID", person.text("USUBJID")), ("PARAMCD", "RISE")];
        let rows = tables.having("adeff", &keys);
        let visits: Vec<&str> = rows.iter().map(|row| row.text("AVISIT")).collect();
        assert_eq!(visits, ["Week 1", "Week 2"]);
        for row in rows {
            let of_visit =
                [("USUBJID", person.text("USUBJID")), ("AVISIT", row.text("AVISIT"))];
            let change = tables.numbers("adlb", &of_visit, "CHG");
            crate::assert_close(&[row.number("AVAL")], &change);
        }
    }
}
