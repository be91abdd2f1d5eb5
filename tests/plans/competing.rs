//! `method = "gray"`: R's cmprsk 2.2.11 and survival 3.5.3 on the pbc data.

use crate::reference::{Csv, Data, analyse, expected, find, near, reason, share, try_analyse};
use proband::StatisticName as S;
use serde_json::json;

/// How closely the functions agree with R (`competing_risks` of the certification).
const SAME: f64 = 5e-9;

const PLAN: &str = r#"
[arm.placebo]
treatment = "2"
control   = true
[arm.active]
treatment = "1"

[endpoint.death]
value     = "time_to(death)"
competing = "transplant"

[analysis.death]
endpoint = "death"
method   = "gray"
tau      = "1825 day"

[analysis.cause_specific]
endpoint = "death"
method   = "cox"
"#;

const COLUMNS: &str = "USUBJID,TRTP,PARAMCD,AVAL,CNSR";

fn pbc() -> Csv {
    let (data, mut table) = (Data::read("pbc"), Csv::new(COLUMNS));
    for row in (0..data.rows()).filter(|&row| !data.text("trt", row).is_empty()) {
        let [id, arm, time, status] =
            ["id", "trt", "time", "status"].map(|column| data.text(column, row));
        for (code, event) in [("DEATH", "2"), ("TRANSPLANT", "1")] {
            table.row(&[&id, &arm, &code, &time, &u8::from(status != event)]);
        }
    }
    table
}

#[test]
fn incidence_beside_a_competing_event() {
    let found = analyse(&[("adtte", &pbc())], PLAN);
    let r = expected("competing_risks", "pbc_death_vs_transplant");
    let test = find(&found, ("death", "Gray"), None, S::Test);
    near(test.estimate, &r["gray_test"][0]["stat"], SAME);
    near(test.p_value, &r["gray_test"][0]["p"], SAME);
    let ratio = find(&found, ("death", "Fine-Gray"), None, S::HazardRatio);
    near(ratio.estimate.map(proband_math::ln), &r["fine_gray"]["event1"]["coef"], SAME);
    near(ratio.standard_error, &r["fine_gray"]["event1"]["se"], SAME);
    for (arm, of) in [("2", "g0"), ("1", "g1")] {
        let at = &r["aalen_johansen"]["event1"][of][2];
        assert_eq!(at["time"], json!(1825));
        let ours = find(&found, ("death", "Gray"), Some(arm), S::Incidence);
        near(share(ours.estimate), &at["cif"], SAME);
        near(share(ours.standard_error), &at["se"], SAME);
        near(share(ours.lower), &at["log_lower"], SAME);
    }
    let cox = find(&found, ("cause_specific", "Cox"), None, S::HazardRatio);
    let of_r = &r["cause_specific_cox"]["event1"]["coef"];
    near(cox.estimate.map(proband_math::ln), of_r, SAME);
    // Transplants are told apart from those whom nothing ended.
    let transplants = found.iter().filter(|f| f.statistic == S::Competing);
    let of_plan = transplants.filter(|f| f.analysis == "death").filter_map(|f| f.estimate);
    near(Some(of_plan.sum()), &r["counts"]["2"], 0.0);
}

#[test]
fn what_cannot_be_compared_says_why() {
    let mut table = Csv::new(COLUMNS);
    for person in 0..8 {
        table.row(&[&person, &(1 + person % 2), &"DEATH", &(10 + person), &1]);
        table.row(&[&person, &(1 + person % 2), &"TRANSPLANT", &(10 + person), &(person % 2)]);
    }
    let found = analyse(&[("adtte", &table)], &PLAN.replace("1825 day", "12 day"));
    assert_eq!(reason(find(&found, ("death", "Gray"), None, S::Test)), "no events");
    assert_eq!(reason(find(&found, ("death", "Fine-Gray"), None, S::HazardRatio)), "no events");
    // Nobody in one arm has a time.
    let mut table = Csv::new(COLUMNS);
    for person in 0..8 {
        let known = if person % 2 == 0 { person.to_string() } else { String::new() };
        for code in ["DEATH", "TRANSPLANT"] {
            table.row(&[&person, &(1 + person % 2), &code, &known, &(person % 3)]);
        }
    }
    let found = analyse(&[("adtte", &table)], PLAN);
    let told = reason(find(&found, ("death", "Gray"), None, S::Test));
    assert_eq!(told, "no participants with a value in 2");
    let alone = PLAN.replace("competing = \"transplant\"", "");
    let faults = try_analyse(&[("adtte", &pbc())], &alone).unwrap_err();
    assert!(faults.contains("beside competing events, and there are none"), "{faults}");
}

/// An event that ends observation: later deaths are not seen any more, and earlier ones stay.
#[test]
fn censoring_by_an_event() {
    let mut table = Csv::new(COLUMNS);
    for (person, (death, rescue)) in [(30, 10), (30, 40), (30, 50), (20, 15)].iter().enumerate()
    {
        table.row(&[&person, &(1 + person % 2), &"DEATH", death, &0]);
        table.row(&[&person, &(1 + person % 2), &"RESCUE", rescue, &u8::from(person == 2)]);
    }
    let plan = PLAN
        .replace("competing = \"transplant\"", "censor = \"happened(rescue)\"")
        .replace("\"gray\"\ntau      = \"1825 day\"", "\"kaplan-meier\"");
    let found = analyse(&[("adtte", &table)], &plan);
    let events = |arm| find(&found, ("death", "summary"), Some(arm), S::WithEvent).estimate;
    assert_eq!((events("1"), events("2")), (Some(1.0), Some(1.0)));
    let faults = plan.replace("happened(rescue)", "happened(resceu)");
    assert!(try_analyse(&[("adtte", &table)], &faults).unwrap_err().contains("did you mean"));
}
