//! `missing` by models: R's rbmi 1.5.2 with the mmrm built here, on the antidepressant trial.

use crate::reference::{Csv, Data, analyse, expected, find, near, reason, try_analyse};
use proband::{Finding, StatisticName as S};
use serde_json::Value;

/// How closely the functions agree with rbmi (`missing_data` of the certification): its optimiser shows in its
/// jackknife.
const OPTIMISER: f64 = 1.3e-4;

const COLUMNS: &str = "USUBJID,TRTP,PARAMCD,AVISIT,AVAL,BASE";

const PLAN: &str = r#"
[arm.placebo]
control   = true
[arm.drug]

[endpoint.depression]
value  = "change(hamd, week 7)"
better = "lower"

[analysis.depression]
endpoint = "depression"
missing  = { method = "conditional mean" }
"#;

fn trial() -> Csv {
    let (data, mut table) = (Data::read("antidepressant"), Csv::new(COLUMNS));
    for row in 0..data.rows() {
        let field = |column| data.text(column, row);
        let number = |column| field(column).parse::<f64>().unwrap();
        let visit = format!("Week {}", field("VISIT"));
        let base = number("BASVAL");
        let (id, arm, value) = (field("PATIENT"), field("THERAPY"), base + number("CHANGE"));
        table.row(&[&id, &arm, &"HAMD", &visit, &value, &base]);
    }
    table
}

fn with(missing: &str) -> String {
    PLAN.replace("{ method = \"conditional mean\" }", missing)
}

fn difference(found: &[Finding]) -> &Finding {
    let whole: Vec<&Finding> = found
        .iter()
        .filter(|f| f.method == "ANCOVA" && f.statistic == S::Difference && f.group.is_none())
        .collect();
    assert_eq!(whole.len(), 1);
    whole[0]
}

fn check(ours: &Finding, r: &Value) {
    near(ours.estimate, &r["estimate"], OPTIMISER);
    near(ours.standard_error, &r["se"], OPTIMISER);
    let z = ours.estimate.unwrap() / ours.standard_error.unwrap();
    if ours.p_value.is_some() {
        near(ours.p_value, &r["p"], OPTIMISER * (1.0 + z * z));
    }
}

/// Of R's list, the one of a name.
fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array().unwrap().iter().find(|one| one["parameter"] == name).unwrap()
}

#[test]
fn reference_based_conditional_means() {
    let (table, r) = (trial(), expected("missing_data", "reference_based_antidepressant"));
    for (strategy, key) in [
        ("missing at random", "MAR"),
        ("jump to reference", "JR"),
        ("copy reference", "CR"),
        ("copy increments", "CIR"),
        ("last mean", "LMCF"),
    ] {
        let missing = format!("{{ method = \"conditional mean\", strategy = \"{strategy}\" }}");
        let found = analyse(&[("adeff", &table)], &with(&missing));
        let ours = difference(&found);
        check(ours, named(&r[key], "trt_7"));
        assert_eq!(ours.n, Some(172));
        assert_eq!(
            ours.note.as_deref().unwrap(),
            format!("conditional means imputed, {strategy}")
        );
        for (arm, name) in [("PLACEBO", "lsm_ref_7"), ("DRUG", "lsm_alt_7")] {
            let mean = find(&found, ("depression", "ANCOVA"), Some(arm), S::LsMean);
            check(mean, named(&r[key], name));
        }
    }
}

#[test]
fn how_far_from_missing_at_random_the_conclusion_tips() {
    let missing = "{ method = \"conditional mean\", delta = [2, 4, 6] }";
    let found = analyse(&[("adeff", &trial())], &with(missing));
    let r = expected("missing_data", "reference_based_antidepressant");
    let r = &r["tipping_point_MAR_delta_active_all_missing_visits"];
    check(difference(&found), &r[0]);
    for (k, delta) in [(1, 2), (2, 4), (3, 6)] {
        let group = format!("delta {delta}");
        let shifted = found.iter().find(|f| f.group.as_ref() == Some(&group)).unwrap();
        check(shifted, &r[k]);
    }
    let tip = find(&found, ("depression", "ANCOVA"), None, S::TippingPoint);
    assert_eq!(tip.estimate, Some(4.0));
}

#[test]
fn draws_agree_with_means_and_are_the_same_again() {
    let r = expected("missing_data", "reference_based_antidepressant");
    let missing = "{ method = \"multiple imputation\", strategy = \"jump to reference\" }";
    let found = analyse(&[("adeff", &trial())], &with(missing));
    let (ours, r) = (difference(&found), named(&r["JR"], "trt_7"));
    let (estimate, se) = (r["estimate"].as_f64().unwrap(), r["se"].as_f64().unwrap());
    // A tenth of the variance is due to what is missing; a hundred draws leave a thirtieth of its root.
    assert!((ours.estimate.unwrap() - estimate).abs() < 0.2 * se, "{:?}", ours.estimate);
    // Rubin's variance of a reference-based estimate is known to be the larger one.
    assert!(ours.standard_error.unwrap() > se);
    let again = analyse(&[("adeff", &trial())], &with(missing));
    assert_eq!(difference(&again), ours);
    let fewer = with(&missing.replace(" }", ", imputations = 20 }"));
    let fewer = analyse(&[("adeff", &trial())], &fewer);
    assert_ne!(difference(&fewer).estimate, ours.estimate);
}

/// Two visits of sixty people; who stopped treatment gets worse from then on, and half of them are seen.
fn with_stops() -> (Csv, Csv) {
    let mut people = Csv::new("USUBJID,TRT01P,EOTSTT,EOTDY,EOSSTT");
    let mut records = Csv::new("USUBJID,PARAMCD,AVISIT,AVAL");
    for k in 0..120_usize {
        let (arm, stops, seen) =
            (["PLACEBO", "DRUG"][k % 2], (k / 2) % 3 == 0, (k / 6) % 2 == 0);
        let status = if stops { "DISCONTINUED" } else { "COMPLETED" };
        let day = if stops { "10".to_owned() } else { "50".to_owned() };
        people.row(&[&k, &arm, &status, &day, &"COMPLETED"]);
        let wave = |times: usize| (times * k % 17) as f64 / 17.0;
        let better = if arm == "DRUG" { -4.0 } else { -1.0 };
        records.row(&[&k, &"HAMD", &"Baseline", &(20.0 + wave(5))]);
        records.row(&[&k, &"HAMD", &"Week 1", &(20.0 + 0.5 * better + wave(7))]);
        if !stops || seen {
            let last = if stops { 3.0 } else { better };
            records.row(&[&k, &"HAMD", &"Week 7", &(20.0 + last + wave(11))]);
        }
    }
    (people, records)
}

#[test]
fn retrieved_dropouts_stand_for_those_who_were_not_seen() {
    let (people, records) = with_stops();
    let tables = [("adsl", &people), ("adeff", &records)];
    let by = |strategy: &str| {
        let missing =
            format!("{{ method = \"multiple imputation\", strategy = \"{strategy}\" }}");
        difference(&analyse(&tables, &with(&missing))).estimate.unwrap()
    };
    // A third stopped and lost the whole effect of three points: two thirds of it are left.
    let (retrieved, at_random) = (by("retrieved dropout"), by("missing at random"));
    assert!((retrieved + 2.0).abs() < 0.2, "{retrieved}");
    assert!(at_random < retrieved - 0.2, "{at_random}");
    let untold = analyse(&[("adeff", &trial())], &with("{ method = \"observed only\" }"));
    assert!(difference(&untold).estimate.is_some());
    let missing = "{ method = \"multiple imputation\", strategy = \"retrieved dropout\" }";
    let faults = try_analyse(&[("adeff", &trial())], &with(missing)).unwrap_err();
    assert!(faults.contains("do not say who stopped treatment"), "{faults}");
}

#[test]
fn nothing_missing_nothing_to_learn_from_and_wrong_words() {
    let missing = "{ method = \"multiple imputation\", imputations = 5 }";
    // Nothing is missing: as observed.
    let mut all = Csv::new(COLUMNS);
    for k in 0..24_usize {
        for visit in [1, 7_usize] {
            let value = ((12 * k + visit * k * k) % 11) as f64 + (k % 2 * visit) as f64;
            all.row(&[
                &k,
                &["PLACEBO", "DRUG"][k % 2],
                &"HAMD",
                &format!("Week {visit}"),
                &value,
                &k,
            ]);
        }
    }
    let imputed = analyse(&[("adeff", &all)], &with(missing));
    let observed = analyse(&[("adeff", &all)], &with("{ method = \"observed only\" }"));
    let (a, b) = (difference(&imputed), difference(&observed));
    assert!((a.estimate.unwrap() - b.estimate.unwrap()).abs() < 1e-9);
    assert!((a.standard_error.unwrap() - b.standard_error.unwrap()).abs() < 1e-9);
    // Nobody of one arm was ever seen.
    let mut empty = Csv::new(COLUMNS);
    for k in 0..10 {
        let known = if k % 2 == 0 { k.to_string() } else { String::new() };
        empty.row(&[&k, &["PLACEBO", "DRUG"][k % 2], &"HAMD", &"Week 1", &known, &k]);
        empty.row(&[&k, &["PLACEBO", "DRUG"][k % 2], &"HAMD", &"Week 7", &known, &k]);
    }
    let found = analyse(&[("adeff", &empty)], &with(missing));
    assert!(!reason(difference(&found)).is_empty());
    for (wrong, message) in [
        ("{ method = \"conditional mean\", imputations = 5 }", "used by multiple imputation"),
        ("{ method = \"multiple imputation\", imputations = 1 }", "it takes two"),
        ("{ method = \"last observation\", delta = 1 }", "`delta` is used by imputation"),
        (
            "{ method = \"multiple imputation\", strategy = \"jump to refrence\" }",
            "did you mean",
        ),
    ] {
        let faults = try_analyse(&[("adeff", &all)], &with(wrong)).unwrap_err();
        assert!(faults.contains(message), "{message}:\n{faults}");
    }
    let other = with(missing).replace("missing ", "method = \"t-test\"\nmissing ");
    let faults = try_analyse(&[("adeff", &all)], &other).unwrap_err();
    assert!(faults.contains("imputation for other methods than ancova"), "{faults}");
}
