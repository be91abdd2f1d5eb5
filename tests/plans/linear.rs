//! Linear models: products of covariates, several visits, joint claims (R 4.2.2 `lm`, `drop1`, emmeans 1.8.4.1 on
//! the ADAS-Cog of the CDISC pilot) and lines in time (lmerTest 3.1.3 on nlme's Orthodont).

use crate::reference::{Csv, Data, analyse, expected, find, near, reason, try_analyse};
use proband::{Finding, StatisticName as S};

/// The same algorithms in another order of operations.
const SAME: f64 = 1e-8;

/// The optimiser of lme4 stops at about this distance from the maximum (`mixed_model` of the certification).
const OPTIMISER: f64 = 1e-5;

const PLACEBO: &str = "Placebo";
const LOW: &str = "Xanomeline Low Dose";
const HIGH: &str = "Xanomeline High Dose";

/// The ADAS-Cog with the rows that were carried forward.
fn pilot() -> Csv {
    let data = Data::read("adqsadas_actot");
    let names = ["USUBJID", "TRTP", "SEX", "SITEGR1", "AVISIT", "AVISITN", "AVAL", "BASE"];
    let mut table = Csv::new(&format!("{},PARAMCD", names.join(",")));
    for row in 0..data.rows() {
        let flags = ["EFFFL", "ITTFL", "ANL01FL"].map(|flag| data.text(flag, row) == "Y");
        let visit = data.text("AVISITN", row);
        if flags != [true; 3] || !["8", "16", "24"].contains(&visit.as_str()) {
            continue;
        }
        let fields = names.map(|name| data.text(name, row));
        let mut all: Vec<&dyn std::fmt::Display> = fields.iter().map(|f| f as _).collect();
        all.push(&"ACTOT");
        table.row(&all);
    }
    table
}

const PLAN: &str = r#"
[data]
levels = ["sitegr1"]

[table.adqs]
visits = "week"

[arm.placebo]
control = true
[arm.low]
treatment = "Xanomeline Low Dose"
[arm.high]
treatment = "Xanomeline High Dose"

[endpoint.adas]
value  = "change(actot, week 24)"
better = "lower"

[analysis.by_sex]
endpoint   = "adas"
covariates = ["baseline", "sex", "arm:sex"]

[analysis.by_visit]
endpoint   = "adas"
covariates = ["baseline", "sitegr1"]
visits     = ["week 8", "week 16", "week 24"]
"#;

#[test]
fn products_of_covariates() {
    let found = analyse(&[("adqs", &pilot())], PLAN);
    let r = expected("ancova", "adas_w24_locf_by_sex_interaction");
    let test = found.iter().find(|f| f.group.as_deref() == Some("arm:sex")).unwrap();
    assert_eq!((test.statistic, test.n), (S::Test, Some(234)));
    let terms = r["type3_drop1"].as_array().unwrap();
    let of_r = terms.iter().find(|term| term["term"] == "TRTP:SEX").unwrap();
    near(test.estimate, &of_r["F"], SAME);
    near(test.p_value, &of_r["p"], SAME);
    let means = r["lsmeans_equal"]["lsmeans"].as_array().unwrap();
    for arm in [PLACEBO, LOW, HIGH] {
        let of_r = means.iter().find(|mean| mean["level"] == arm).unwrap();
        let ours = find(&found, ("by_sex", "ANCOVA"), Some(arm), S::LsMean);
        near(ours.estimate, &of_r["estimate"], SAME);
        near(ours.standard_error, &of_r["se"], SAME);
    }
    let wrong = PLAN.replace("\"arm:sex\"", "\"arm:sexx\"");
    let faults = try_analyse(&[("adqs", &pilot())], &wrong).unwrap_err();
    assert!(faults.contains("`sexx` is no covariate of this analysis"), "{faults}");
}

fn at<'a>(found: &'a [Finding], visit: &str, arm: &str) -> &'a Finding {
    let fits = |f: &&Finding| {
        f.analysis == "by_visit"
            && f.statistic == S::Difference
            && f.avisit.as_deref() == Some(visit)
            && f.arm.as_deref() == Some(arm)
    };
    found.iter().find(fits).unwrap()
}

#[test]
fn an_analysis_at_several_visits_and_what_it_claims() {
    let found = analyse(&[("adqs", &pilot())], PLAN);
    let r = expected("ancova", "adas_by_visit_locf");
    let mut p = Vec::new();
    for (k, visit) in ["Week 8", "Week 16", "Week 24"].iter().enumerate() {
        for (arm, of_r) in [LOW, HIGH].iter().zip(r[k]["diff"].as_array().unwrap()) {
            let ours = at(&found, visit, arm);
            near(ours.estimate, &of_r["estimate"], SAME);
            near(ours.standard_error, &of_r["se"], SAME);
            near(ours.p_value, &of_r["p"], SAME);
            p.push(ours.p_value.unwrap());
        }
    }
    assert_eq!(at(&found, "Week 8", LOW).comparison.as_deref(), Some("by_visit.low.week_8"));
    assert!(found.iter().all(|f| f.statistic != S::Joint));
    let joint = |success: &str, more: &str| -> Finding {
        let claim = format!(
            "visits     = [\"week 8\", \"week 16\", \"week 24\"]\nsuccess = \"{success}\""
        );
        let plan = PLAN.replace("visits     = [\"week 8\", \"week 16\", \"week 24\"]", &claim);
        let found = analyse(&[("adqs", &pilot())], &format!("{plan}{more}"));
        find(&found, ("by_visit", "ANCOVA"), None, S::Joint).clone()
    };
    let smallest = p.iter().copied().fold(1.0, f64::min);
    let all = joint("all", "");
    assert_eq!(all.p_value, p.iter().copied().reduce(f64::max));
    assert_eq!((all.comparison.as_deref(), all.rejected), (Some("by_visit"), Some(false)));
    let any = joint("any", "");
    assert!((any.p_value.unwrap() - 6.0 * smallest).abs() < 1e-12);
    // What is adjusted already is not adjusted again; a claim of all is one hypothesis.
    let holm = "\n[multiplicity]\nmethod = \"holm\"\nof = [\"by_visit\"]\n";
    assert_eq!(joint("any", holm).p_value, any.p_value);
    let alone = joint("all", holm);
    assert_eq!((alone.adjusted_p, alone.p_value), (all.p_value, all.p_value));
    for wrong in ["week 9", "day 8"] {
        let faults = try_analyse(&[("adqs", &pilot())], &PLAN.replace("week 16", wrong));
        assert!(faults.unwrap_err().contains("not observed after baseline"), "{wrong}");
    }
}

const LINES: &str = r#"
[data]
participant = "SUBJECT"
treatment   = "SEX"

[table.growth]
visits = "year"

[arm.female]
control = true
[arm.male]

[endpoint.distance]
value = "at(distance, year 14)"

[analysis.distance]
endpoint   = "distance"
method     = "linear mixed"
covariance = "random intercept"
df         = "satterthwaite"
"#;

#[test]
fn lines_in_time() {
    let data = Data::read("orthodont");
    let mut table = Csv::new("SUBJECT,SEX,PARAMCD,AVISIT,AVISITN,AVAL");
    for row in 0..data.rows() {
        let [subject, sex, age, distance] =
            ["Subject", "Sex", "age", "distance"].map(|column| data.text(column, row));
        table.row(&[&subject, &sex, &"DISTANCE", &format!("Year {age}"), &age, &distance]);
    }
    for (case, covariance) in
        [("orthodont_ri", "random intercept"), ("orthodont_rs", "random intercept and slope")]
    {
        let r = expected("mixed_model", case);
        for (df, key) in
            [("satterthwaite", "satterthwaite"), ("kenward-roger", "kenward_roger")]
        {
            let plan = LINES
                .replace("\"random intercept\"", &format!("\"{covariance}\""))
                .replace("\"satterthwaite\"", &format!("\"{df}\""));
            let found = analyse(&[("growth", &table)], &plan);
            let of =
                |arm, statistic| find(&found, ("distance", "linear mixed"), arm, statistic);
            let difference = of(None, S::SlopeDifference);
            near(difference.estimate, &r["satterthwaite"][3]["estimate"], OPTIMISER);
            near(difference.standard_error, &r[key][3]["se"], OPTIMISER);
            near(difference.p_value, &r[key][3]["p"], OPTIMISER * 10.0);
            near(
                of(Some("Female"), S::Slope).estimate,
                &r["satterthwaite"][1]["estimate"],
                OPTIMISER,
            );
            assert_eq!((difference.n, difference.unit.as_deref()), (Some(27), Some("1/year")));
        }
    }
    // One visit of everybody has no line.
    let single = LINES.replace("year 14", "year 8");
    let found = analyse(&[("growth", &table)], &single);
    assert!(
        !reason(find(&found, ("distance", "linear mixed"), None, S::SlopeDifference))
            .is_empty()
    );
    let wrong = LINES.replace("\"random intercept\"", "\"toeplitz\"");
    let faults = try_analyse(&[("growth", &table)], &wrong).unwrap_err();
    assert!(faults.contains("`toeplitz` is not one of"), "{faults}");
}
