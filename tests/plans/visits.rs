//! Values at every visit, estimating equations, weights for who is missing, and outcomes by their importance.

use crate::reference::{Csv, Data, analyse, find, near, reason, share, try_analyse};
use proband::{Finding, StatisticName as S};
use proband_stats::Level;
use proband_stats::win_ratio::{Outcome, win_ratio};
use serde_json::json;

/// The same algorithms in another order of operations.
const SAME: f64 = 1e-8;

/// The respiratory study: an outcome at baseline and at four visits.
fn respiratory() -> Csv {
    let data = Data::read("respiratory");
    let mut table = Csv::new("USUBJID,TRTP,AGE,PARAMCD,AVISIT,AVAL");
    for row in 0..data.rows() {
        let [center, id, arm, age, base, visit, outcome] =
            ["center", "id", "treat", "age", "baseline", "visit", "outcome"]
                .map(|name| data.text(name, row));
        let person = format!("{center}-{id}");
        if visit == "1" {
            table.row(&[&person, &arm, &age, &"GOOD", &"Baseline", &base]);
        }
        table.row(&[&person, &arm, &age, &"GOOD", &format!("Month {visit}"), &outcome]);
    }
    table
}

const RESPIRATORY: &str = r#"
[arm.p]
control = true
[arm.a]

[endpoint.good]
value  = "at(good, month 4) > 0.5"
better = "higher"

[endpoint.score]
value  = "at(good, month 4)"
better = "higher"

[analysis.good]
endpoint   = "good"
method     = "gee"
covariance = "unstructured"
covariates = ["baseline", "age", "visit"]

[analysis.score]
endpoint   = "score"
method     = "gee"
covariance = "unstructured"
covariates = ["baseline", "age"]
"#;

/// arm * visit + baseline * visit + age: the equations solved in R 4.2.2 by matrices, without a structure, with the moments
/// and the robust covariance of geepack.
#[test]
fn estimating_equations_over_visits() {
    let found = analyse(&[("adlb", &respiratory())], RESPIRATORY);
    let odds = find(&found, ("good", "GEE"), None, S::OddsRatio);
    near(odds.estimate.map(proband_math::ln), &json!(0.777_236_085_341_269), SAME);
    near(odds.standard_error, &json!(0.429_247_151_402_758), SAME);
    assert_eq!(odds.n, Some(111));
    let difference = find(&found, ("score", "GEE"), None, S::Difference);
    near(difference.estimate, &json!(0.175_551_148_248_466), SAME);
    near(difference.standard_error, &json!(0.085_029_012_169_917_7), SAME);
    let early = RESPIRATORY.replace("\"age\", \"visit\"]", "\"age\"]\nvisits = [\"month 1\"]");
    let found = analyse(&[("adlb", &respiratory())], &early);
    let odds = find(&found, ("good", "GEE"), None, S::OddsRatio);
    assert!(odds.comparison.as_ref().unwrap().starts_with("good.a."), "{odds:?}");
    assert_eq!(odds.avisit.as_deref(), Some("Month 1"));
}

#[test]
fn estimating_equations_without_events_say_so() {
    let mut table = Csv::new("USUBJID,TRTP,PARAMCD,AVISIT,AVAL");
    for person in 0..10 {
        for visit in ["Baseline", "Month 1", "Month 4"] {
            table.row(&[&person, &["P", "A"][person % 2], &"GOOD", &visit, &0]);
        }
    }
    let plan = RESPIRATORY.replace(", \"age\"", "");
    let found = analyse(&[("adlb", &table)], &plan);
    assert_eq!(reason(find(&found, ("good", "GEE"), None, S::OddsRatio)), "no events");
    reason(find(&found, ("score", "GEE"), None, S::Difference));
}

/// FEV1 of the mmrm package's trial, whose last visits are partly missing.
fn fev() -> Csv {
    let data = Data::read("fev");
    let mut table = Csv::new("USUBJID,TRTP,SEX,PARAMCD,AVISIT,AVAL");
    for row in 0..data.rows() {
        let [person, visit, arm, sex, base, value] =
            ["USUBJID", "AVISIT", "ARMCD", "SEX", "FEV1_BL", "FEV1"]
                .map(|name| data.text(name, row));
        let day = format!("Week {}", visit.trim_start_matches("VIS"));
        if visit == "VIS1" {
            table.row(&[&person, &arm, &sex, &"FEV1", &"Baseline", &base]);
        }
        table.row(&[&person, &arm, &sex, &"FEV1", &day, &value]);
    }
    table
}

const FEV: &str = r#"
[arm.pbo]
control = true
[arm.trt]
"#;

/// A change at every visit is analysed by the mixed model of its visits, at the last, and described at each.
#[test]
fn a_value_at_every_visit() {
    let every = format!("{FEV}[endpoint.fev]\nvalue = \"change(fev1)\"");
    let one = format!(
        "{FEV}[endpoint.fev]\nvalue = \"change(fev1, week 4)\"\n\
         [analysis.fev]\nendpoint = \"fev\"\nmethod = \"mmrm\""
    );
    let tables = [("adlb", &fev())];
    let (found, last) = (analyse(&tables, &every), analyse(&tables, &one));
    let difference =
        |found: &[Finding]| find(found, ("fev", "MMRM"), None, S::Difference).clone();
    assert_eq!(difference(&found).estimate, difference(&last).estimate);
    assert_eq!(difference(&found).comparison.as_deref(), Some("fev.trt"));
    let described: Vec<&str> = found
        .iter()
        .filter(|f| f.statistic == S::Mean && f.arm.as_deref() == Some("TRT"))
        .filter_map(|f| f.avisit.as_deref())
        .collect();
    assert_eq!(described, ["Week 4", "Week 1", "Week 2", "Week 3"]);
    // The same numbers as at one visit.
    let at_two = format!("{FEV}[endpoint.fev]\nvalue = \"change(fev1, week 2)\"");
    let at_two = analyse(&tables, &at_two);
    let mean = |found: &[Finding]| {
        let fits = |f: &&Finding| {
            f.statistic == S::Mean
                && f.arm.as_deref() == Some("TRT")
                && f.avisit.as_deref() == Some("Week 2")
        };
        found.iter().find(fits).unwrap().estimate
    };
    assert_eq!(mean(&found), mean(&at_two));
    for (value, fault) in [
        ("change(fev1) - change(fev1, week 2)", "a value at every visit beside"),
        ("change(fev1) + baseline(fev1) * 0 + change(fev2)", "no records of `fev2`"),
    ] {
        let plan = format!("{FEV}[endpoint.fev]\nvalue = \"{value}\"");
        let faults = try_analyse(&tables, &plan).unwrap_err();
        assert!(faults.contains(fault), "{faults}");
    }
    let covariate = format!("{one}\ncovariates = [\"change(fev1)\"]");
    let faults = try_analyse(&tables, &covariate).unwrap_err();
    assert!(faults.contains("not supported yet: a value at every visit"), "{faults}");
}

/// R 4.2.2: weights of `glm(observed ~ ARMCD + FEV1_BL + SEX, binomial)`, then weighted means.
#[test]
fn those_who_were_seen_stand_for_the_others() {
    let plan = format!(
        "{FEV}[endpoint.fev]\nvalue = \"at(fev1, week 4)\"\n[analysis.fev]\nendpoint = \"fev\"\n\
         method = \"t-test\"\nmissing = {{ method = \"inverse probability weighting\" }}\n\
         covariates = [\"baseline\", \"sex\"]"
    );
    let found = analyse(&[("adlb", &fev())], &plan);
    let ours = find(&found, ("fev", "weighted means"), None, S::Difference);
    assert_eq!(ours.n, Some(134));
    near(ours.estimate, &json!(4.909_691_901_452_13), SAME);
    near(ours.standard_error, &json!(1.714_453_941_447_96), SAME);
    let ancova = plan.replace("t-test", "ancova");
    let faults = try_analyse(&[("adlb", &fev())], &ancova).unwrap_err();
    assert!(faults.contains("inverse probability weighting for other methods"), "{faults}");
}

const WINS: &str = r#"
[arm.p]
control = true
[arm.a]

[endpoint.death]
value  = "time_to(death)"
better = "higher"

[endpoint.pain]
value  = "at(pain, week 4)"
better = "lower"

[analysis.wins]
endpoint = "death"
method   = "win ratio"
then     = ["pain"]
"#;

/// Deaths and, where they do not decide, pain; 20 participants of whom one has no record of pain.
#[test]
fn outcomes_by_their_importance() {
    let (mut times, mut pains) =
        (Csv::new("USUBJID,TRTP,PARAMCD,AVAL,CNSR"), Csv::new("USUBJID,PARAMCD,AVISIT,AVAL"));
    let (mut active, mut time, mut event, mut score) = (vec![], vec![], vec![], vec![]);
    for k in 0..20_usize {
        let (day, dead, pain) = (10 + (7 * k) % 23, k % 3 == 0, (5 * k) % 7);
        times.row(&[&k, &["P", "A"][k % 2], &"DEATH", &day, &u8::from(!dead)]);
        if k == 4 {
            continue;
        }
        pains.row(&[&k, &"PAIN", &"Week 4", &pain]);
        active.push(k % 2 == 1);
        time.push(day as f64);
        event.push(dead);
        score.push(-(pain as f64));
    }
    let found = analyse(&[("adtte", &times), ("adlb", &pains)], WINS);
    let outcomes = [
        Outcome::Time { time: &time, event: &event },
        Outcome::Score { value: &score, margin: 0.0 },
    ];
    let expected = win_ratio(&outcomes, &active, Level::P95).unwrap();
    let ratio = find(&found, ("wins", "win ratio"), None, S::WinRatio);
    assert_eq!((ratio.n, ratio.estimate), (Some(19), expected.ratio.map(|ratio| ratio.value)));
    let benefit = find(&found, ("wins", "win ratio"), None, S::NetBenefit);
    near(share(benefit.estimate), &json!(expected.net_benefit.estimate.value), SAME);
    near(benefit.p_value, &json!(expected.net_benefit.p), SAME);
    for (from, to, fault) in [
        ("better = \"lower\"", "", "needs to know which way is better"),
        ("then     = [\"pain\"]", "then = [\"pian\"]", "did you mean `pain`"),
        ("better = \"higher\"", "better = \"lower\"", "a win by an event that comes sooner"),
    ] {
        let tables = [("adtte", &times), ("adlb", &pains)];
        let faults = try_analyse(&tables, &WINS.replacen(from, to, 1)).unwrap_err();
        assert!(faults.contains(fault), "{faults}");
    }
}
