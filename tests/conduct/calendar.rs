//! What expressions read of the calendar, and of the latest dose in nature.

use crate::{RISING, mean, records, run};

/// A hazard at the rate of its input, and a dose line.
const AT_A_RATE: &str = "
model m
time day
input rate [1/day]
state x [mg]
dose oral -> x
d x/dt = 0 mg/day
observe x
hazard event [1/day] = rate, terminal
";

const SITES: &str = r#"
[accrual]
rate = "4 1/day"
process = "uniform"
[accrual.sites.first]
share = 0.5
region = "North"
[accrual.sites.second]
share = 0.25
region = "South"
[accrual.sites.third]
share = 0.25
region = "North"
"#;

fn with_sites(rest: &str) -> String {
    format!("{rest}{SITES}")
}

#[test]
fn nature_reads_the_calendar() {
    // Whoever enters before day 51 of the calendar, that is the first 200 of 400, is struck at once when the
    // calendar reaches day 60; the others never are.
    let rest = with_sites(
        "[model.m.inputs]\nrate = \"if entry < 50 day and calendar >= 60 day and region == North then 1e6 1/day else 0 1/day\"\n\
         [arm.a]\n[arm.b]\n[[encounter]]\nat = [\"day 1\", \"day 101\"]\n",
    );
    let tables = run(400, AT_A_RATE, &rest);
    let mut struck = 0;
    for row in tables.rows("adsl") {
        // Arrivals are even, four a day: the k-th enters after (k + 1/2) / 4 days.
        let entry = (row.number("TWIN") + 0.5) / 4.0;
        let is_struck = entry < 50.0 && row.text("REGION1") == "North";
        assert_eq!(row.text("EOSSTT") == "DISCONTINUED", is_struck, "{entry}");
        if is_struck {
            struck += 1;
            let subject = [("USUBJID", row.text("USUBJID"))];
            let day = tables.numbers("truth_events", &subject, "ASTTIME")[0];
            assert!((entry + day - 60.0).abs() < 1e-3, "{entry} {day}");
        }
    }
    // Three quarters of 200: four binomial errors are 24.
    assert!((struck - 150_i32).abs() < 24, "{struck}");
}

#[test]
fn strata_rules_and_analyses_read_the_calendar() {
    let rest = with_sites(
        "design.strata = [\"region\", \"entry < day 15\"]\n[population.covariates]\nage = \"50 year\"\n\
         [regimen.d]\namount = \"10 mg\"\nevery = \"1 day\"\nrecord_only = true\n\
         [arm.a]\nregimen = \"d\"\n[arm.b]\n[[encounter]]\nat = [\"day 1\", \"day 8\"]\n\
         [epoch.treatment]\nduration = \"10 day\"\n\
         [rule.stop]\nwhen = \"calendar >= day 30 and site == second\"\ndo = \"stop\"\n\
         [endpoint.x]\nvalue = \"at(x, day 8)\"\n\
         [analysis.x]\nendpoint = \"x\"\nmethod = \"ancova\"\ncovariates = [\"entry\", \"region\"]\n",
    );
    let tables = run(200, RISING, &rest);
    for row in tables.rows("adsl") {
        assert_eq!(row.text("STRAT1R"), row.text("REGION1"));
        assert_eq!(row.text("STRAT2R") == "Y", row.number("RANDDY") <= 14.0);
    }
    let decisions = tables.rows("decisions");
    assert!(!decisions.is_empty());
    let of = |subject: &str| tables.having("adsl", &[("USUBJID", subject)])[0].clone();
    for decision in decisions {
        let adsl = of(decision.text("USUBJID"));
        assert_eq!(adsl.text("SITEID"), "second");
        assert!(adsl.number("RANDDY") + decision.number("ADY") > 30.0);
    }
}

#[test]
fn nature_reads_the_latest_dose() {
    // The rate is what the latest dose says, and what it has brought is recorded: x is its integral.
    let model = "
model m
time day
input dose_now [mg/day]
state x [mg]
state n [mg]
dose oral -> n
d x/dt = dose_now
d n/dt = 0 mg/day
observe x
";
    let rest = |what: &str| {
        format!(
            "[model.m.inputs]\ndose_now = \"{what}\"\n[arm.a]\n\
             regimen = {{ amount = [\"1 mg\", \"2 mg\", \"4 mg\"], every = \"2 day\", step = \"4 day\" }}\n\
             [[encounter]]\nat = [\"day 3\", \"day 5\", \"day 9\", \"day 13\"]\n"
        )
    };
    let found = |what: &str| records(&run(1, model, &rest(what)), "X");
    // Doses on days 1, 3, 5, ...: two of 1 mg, two of 2 mg, then of 4 mg; a visit sees what was before its dose.
    crate::assert_close(&found("dose / 1 day"), &[2.0, 4.0, 12.0, 28.0]);
    crate::assert_close(&found("rung * 1 mg/day"), &[2.0, 4.0, 12.0, 24.0]);
    crate::assert_close(&found("cycle * 1 mg/day"), &[2.0, 6.0, 20.0, 42.0]);
    crate::assert_close(&found("if taken then 1 mg/day else 0 mg/day"), &[2.0, 4.0, 8.0, 12.0]);
}

#[test]
fn who_does_not_continue_is_not_randomised() {
    let rest = "[population.covariates]\nage = \"50 year\"\n[eligibility]\nat = \"day -14\"\n\
         inclusion.high = \"x > 8 mg\"\n[epoch.screening]\nduration = \"7 day\"\n\
         [epoch.run_in]\nduration = \"7 day\"\ncontinues = \"latest(x) < 15 mg\"\n\
         [epoch.treatment]\nduration = \"7 day\"\n[arm.a]\n[arm.b]\n\
         [[encounter]]\nat = [\"day -14\", \"day -1\", \"day 8\"]\n";
    let tables = run(300, RISING, rest);
    let stayed = tables.having("exclusions", &[("REASON", "run_in")]);
    let lost = stayed.len();
    assert!(lost > 30, "{lost}");
    for row in &stayed {
        assert_eq!((row.text("STAGE"), row.number("ATIME")), ("screening", 0.0));
        assert_eq!(row.text("DETAIL"), "latest(x) < 15 mg");
    }
    // All who are randomised had a record on day -1 below 15 mg; without the condition a third would not.
    let before = tables.numbers("adlb", &[("AVISIT", "Day -1")], "AVAL");
    assert_eq!(before.len(), 300);
    assert!(before.iter().all(|&x| x < 15.0) && mean(&before) > 12.0);
}
