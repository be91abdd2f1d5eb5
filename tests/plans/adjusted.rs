//! Covariates that are the same for everybody are left out of every model, and the finding says so.

use crate::reference::{Csv, analyse, find};
use proband::StatisticName as S;

/// Forty people, of whom each is followed for some days, with a site that is the same for all.
fn people() -> (Csv, Csv) {
    let mut people = Csv::new("USUBJID,TRT01P,AGE,SITE,SAFFL,EOSSTT,TRTDUR");
    let mut times = Csv::new("USUBJID,PARAMCD,AVAL,CNSR");
    for k in 0..40_usize {
        let status = if k % 5 == 0 { "DISCONTINUED" } else { "COMPLETED" };
        let treated = if k % 8 == 0 { "N" } else { "Y" };
        let age = 40 + (7 * k) % 31;
        people.row(&[&k, &["A", "B"][k % 2], &age, &7, &treated, &status, &(50 + k)]);
        times.row(&[&k, &"DEATH", &(5 + (11 * k) % 37), &u8::from(k % 3 == 0)]);
    }
    (people, times)
}

const PLAN: &str = r#"
[arm.a]
control = true
[arm.b]

[endpoint.death]
value = "time_to(death)"

[endpoint.old]
value = "happened(death, day 1, day 20)"

[endpoint.deaths]
value = "count(death)"

[analysis.time]
endpoint   = "death"
method     = "cox"
covariates = ["age", "site"]

[analysis.early]
endpoint   = "old"
method     = "logistic"
covariates = ["age", "site"]

[analysis.rate]
endpoint   = "deaths"
method     = "poisson"
covariates = ["site", "age", "2 * site"]

[analysis.treated]
endpoint = "old"
set      = "treated"

[analysis.completed]
endpoint = "old"
set      = "completed"
"#;

#[test]
fn a_constant_covariate_is_left_out() {
    let (people, times) = people();
    let tables = [("adsl", &people), ("adtte", &times)];
    let with = analyse(&tables, PLAN);
    let without = analyse(
        &tables,
        &PLAN.replace(", \"site\"]", "]").replace("\"site\", \"age\", \"2 * site\"", "\"age\""),
    );
    for (place, statistic) in [
        (("time", "Cox"), S::HazardRatio),
        (("early", "logistic"), S::OddsRatio),
        (("rate", "Poisson"), S::RateRatio),
    ] {
        let (with, without) =
            (find(&with, place, None, statistic), find(&without, place, None, statistic));
        assert!(with.estimate.is_some(), "{with:?}");
        assert_eq!((with.estimate, with.p_value), (without.estimate, without.p_value));
        assert!(without.note.is_none());
        assert!(with.note.as_ref().unwrap().contains("the same for everybody"), "{with:?}");
    }
    let note = find(&with, ("rate", "Poisson"), None, S::RateRatio).note.clone();
    assert_eq!(
        note.unwrap(),
        "not adjusted for `site` and `2 * site`, which are the same for everybody"
    );
}

#[test]
fn sets_of_the_protocol() {
    let (people, times) = people();
    let found = analyse(&[("adsl", &people), ("adtte", &times)], PLAN);
    let members = |analysis: &str| -> f64 {
        let counts = found.iter().filter(|f| f.analysis == analysis && f.statistic == S::Count);
        counts.filter_map(|f| f.estimate).sum()
    };
    assert!(
        (members("treated") - 35.0).abs() < 0.5 && (members("completed") - 32.0).abs() < 0.5
    );
}
