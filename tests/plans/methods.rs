//! Methods and options beside the default ones: R 4.2.2 with survival 3.5.3, MASS and lmerTest, and results of the
//! certification.

use crate::reference::{Csv, Data, analyse, expected, find, near, reason, share, try_analyse};
use proband::{Finding, StatisticName as S};
use serde_json::json;

/// The same algorithms in another order of operations.
const SAME: f64 = 1e-8;

/// R's `survreg` and `coxph` stop when the likelihood moves by less than 1e-9 of itself.
const SURVREG: f64 = 1e-6;

/// R's `nlm` on the likelihood, with numerical derivatives for the errors.
const NUMERICAL: f64 = 2e-5;

fn log(finding: &Finding) -> Option<f64> {
    finding.estimate.map(proband_math::ln)
}

const TIMES: &str = r#"
[data]
participant = "ID"
[arm.standard]
treatment = "1"
control   = true
[arm.test]
treatment = "2"

[endpoint.death]
value = "time_to(death)"
better = "higher"
"#;

/// The Veterans' Administration lung cancer study, `g` the test treatment.
fn veteran() -> Csv {
    let data = Data::read("veteran");
    let mut table = Csv::new("ID,TRTP,KARNO,PARAMCD,AVAL,CNSR");
    for row in 0..data.rows() {
        let [arm, karno, time] = ["trt", "karno", "time"].map(|name| data.text(name, row));
        let censored = u8::from(data.text("status", row) != "1");
        table.row(&[&row, &arm, &karno, &"DEATH", &time, &censored]);
    }
    table
}

fn of_times(method: &str) -> Vec<Finding> {
    let analysis = format!("[analysis.death]\nendpoint = \"death\"\n{method}");
    analyse(&[("adtte", &veteran())], &format!("{TIMES}\n{analysis}"))
}

/// `coxph(Surv(time, status) ~ I(trt == 2) + karno)`, `cox.zph(fit, terms = FALSE)`.
#[test]
fn cox_with_its_ties_its_errors_and_its_proportionality() {
    for (options, log_ratio, error, chi_square, p) in [
        (
            "",
            0.177_322_256_692_181,
            0.183_148_518_326_05,
            0.307_172_440_973_213,
            0.579_420_493_854_146,
        ),
        (
            "ties = \"breslow\"",
            0.173_595_720_342_239,
            0.183_090_263_023_056,
            0.313_676_891_992_128,
            0.575_432_613_450_222,
        ),
        (
            "ties = \"breslow\"\nerrors = \"robust\"",
            0.173_595_720_342_239,
            0.192_329_921_988_543,
            0.313_676_891_992_128,
            0.575_432_613_450_222,
        ),
    ] {
        let method = format!("method = \"cox\"\ncovariates = [\"karno\"]\n{options}");
        let found = of_times(&method);
        let ratio = find(&found, ("death", "Cox"), None, S::HazardRatio);
        near(log(ratio), &json!(log_ratio), SAME);
        near(ratio.standard_error, &json!(error), SAME);
        let test = find(&found, ("death", "Cox"), None, S::Test);
        assert_eq!(test.group.as_deref(), Some("proportional hazards"));
        near(test.estimate, &json!(chi_square), SAME);
        near(test.p_value, &json!(p), SAME);
    }
}

/// `survreg(Surv(time, status) ~ I(trt == 2) + karno, dist = ...)`.
#[test]
fn parametric_times() {
    for (distribution, method, log_ratio, error) in [
        ("weibull", "Weibull", -0.126_809_649_657_566, 0.181_332_657_294_515),
        ("exponential", "exponential", -0.126_550_759_138_339, 0.177_750_134_586_006),
        ("log-normal", "log-normal", -0.119_690_590_900_665, 0.193_759_651_955_31),
        ("log-logistic", "log-logistic", -0.033_862_943_063_116_7, 0.185_975_001_600_703),
    ] {
        let options = format!(
            "method = \"parametric\"\ndistribution = \"{distribution}\"\ncovariates = [\"karno\"]"
        );
        let found = of_times(&options);
        let ratio = find(&found, ("death", method), None, S::TimeRatio);
        near(log(ratio), &json!(log_ratio), SURVREG);
        near(ratio.standard_error, &json!(error), SURVREG);
    }
    let found = of_times("method = \"parametric\"\ncovariates = [\"karno\"]\nsided = 1");
    let hazards = find(&found, ("death", "Weibull"), None, S::HazardRatio);
    near(log(hazards), &json!(0.124_246_406_712_775), SURVREG);
    near(hazards.standard_error, &json!(0.177_815_821_920_872), SURVREG);
    // Shorter times are a higher hazard: neither is towards the better side.
    assert!(hazards.p_value.unwrap() > 0.5);
    assert!(find(&found, ("death", "Weibull"), None, S::TimeRatio).p_value.unwrap() > 0.5);
    let shape = find(&found, ("death", "Weibull"), None, S::Shape);
    near(shape.estimate, &json!(1.0 / 1.020_630_318_514_7), SURVREG);
    let gompertz = of_times("method = \"parametric\"\ndistribution = \"gompertz\"");
    assert!(find(&gompertz, ("death", "Gompertz"), None, S::HazardRatio).p_value.is_some());
}

/// `summary(survfit(Surv(time, status) ~ trt, conf.type = ...), times = 100)`.
#[test]
fn survival_at_a_time() {
    for (scale, lower) in [
        ("log-log", 0.378_433_731_731_79),
        ("log", 0.396_151_403_661_802),
        ("plain", 0.383_129_104_154_109),
    ] {
        let options = format!(
            "method = \"kaplan-meier\"\ninterval = \"{scale}\"\ntau = \"100 day\"\n\
             compare = [[\"test\", \"standard\"]]"
        );
        let found = of_times(&options);
        let survival = find(&found, ("death", "Kaplan-Meier"), Some("1"), S::Survival);
        near(share(survival.estimate), &json!(0.501_980_843_488_29), SAME);
        near(share(survival.standard_error), &json!(0.060_639_756_787_200_4), SAME);
        near(share(survival.lower), &json!(lower), SAME);
        let hazard = find(&found, ("death", "Kaplan-Meier"), Some("2"), S::CumulativeHazard);
        near(hazard.estimate, &json!(1.078_331_863_576_22), SAME);
        let difference = find(&found, ("death", "Kaplan-Meier"), None, S::RiskDifference);
        near(
            share(difference.estimate),
            &json!(0.332_647_058_823_529 - 0.501_980_843_488_29),
            SAME,
        );
    }
    let plain = of_times("method = \"kaplan-meier\"\ninterval = \"plain\"");
    let median =
        plain.iter().find(|f| f.statistic == S::Median && f.arm.as_deref() == Some("2"));
    let median = median.unwrap();
    assert_eq!(
        [median.estimate, median.lower, median.upper],
        [Some(52.5), Some(44.0), Some(90.0)]
    );
}

/// Participants of two arms with an answer, and a stratum.
fn answers(cells: &[(&str, &str, u64, u64)]) -> Csv {
    let mut table = Csv::new("USUBJID,TRTP,PLACE,PARAMCD,AVISIT,AVAL");
    let mut person = 0;
    for (arm, place, events, total) in cells {
        for k in 0..*total {
            table.row(&[&person, arm, place, &"EVENT", &"Week 1", &u8::from(k < *events)]);
            person += 1;
        }
    }
    table
}

const ANSWERS: &str = r#"
[arm.p]
control = true
[arm.a]
[endpoint.answer]
value = "at(event, week 1) > 0.5"
better = "higher"
[analysis.answer]
endpoint = "answer"
"#;

/// `binary_two_sample/derm_high_vs_placebo`.
#[test]
fn shares_of_two_arms() {
    let r = expected("binary_two_sample", "derm_high_vs_placebo");
    let people = answers(&[("A", "x", 61, 84), ("P", "x", 29, 86)]);
    let found = |method: &str| analyse(&[("adlb", &people)], &format!("{ANSWERS}{method}"));
    let all = found("method = \"chi-square\"");
    let chi_square = find(&all, ("answer", "chi-square"), None, S::Test);
    near(chi_square.estimate, &r["chisq"], SAME);
    near(chi_square.p_value, &r["chisq_p"], SAME);
    let one_sided = found("method = \"chi-square\"\nsided = 1");
    let half = find(&one_sided, ("answer", "chi-square"), None, S::Test).p_value;
    near(half.map(|p| 2.0 * p), &r["chisq_p"], SAME);
    // In the other direction.
    let less = found("method = \"chi-square\"\nhypothesis = \"less\"");
    let less = find(&less, ("answer", "chi-square"), None, S::Test).p_value;
    near(less.map(|p| 2.0 * (1.0 - p)), &r["chisq_p"], SAME);
    let all = found("");
    let needed = find(&all, ("answer", "proportions"), None, S::NumberNeeded);
    near(needed.estimate, &r["nnt"], SAME);
    near(needed.lower.map(|limit| 1.0 / limit), &r["rd_newcombe"][1], SAME);
    near(needed.upper.map(|limit| 1.0 / limit), &r["rd_newcombe"][0], SAME);
    // An interval that crosses no difference has no reciprocal.
    let even = answers(&[("A", "x", 10, 20), ("P", "x", 9, 20)]);
    let even = analyse(&[("adlb", &even)], ANSWERS);
    let needed = find(&even, ("answer", "proportions"), None, S::NumberNeeded);
    assert!(needed.estimate.is_some() && needed.lower.is_none());
}

/// `binary_stratified/respiratory_v4_by_center`, and the formulas of the certification's one-stratum cases.
#[test]
fn shares_within_strata() {
    let r = expected("binary_stratified", "respiratory_v4_by_center");
    let cells = [("A", "1", 12, 27), ("P", "1", 9, 29), ("A", "2", 21, 27), ("P", "2", 16, 28)];
    let people = answers(&cells);
    let found = |interval: &str| {
        let plan = format!("{ANSWERS}method = \"cmh\"\nstrata = [\"place\"]\n{interval}");
        analyse(&[("adlb", &people)], &format!("[data]\nlevels = [\"place\"]\n{plan}"))
    };
    let difference = |found: &[Finding]| {
        let method = ("answer", "Cochran-Mantel-Haenszel");
        find(found, method, None, S::RiskDifference).clone()
    };
    let sato = difference(&found(""));
    near(share(sato.lower), &r["mh_rd_ci_sato"][0], SAME);
    let others = ["newcombe", "miettinen-nurminen"]
        .map(|interval| difference(&found(&format!("interval = \"{interval}\""))));
    for other in &others {
        assert_eq!((other.estimate, other.p_value), (sato.estimate, sato.p_value));
        // A hybrid or score interval is not Wald's, and close to it here.
        let gap = other.lower.unwrap() - sato.lower.unwrap();
        assert!(gap.abs() > 0.01 && gap.abs() < 1.5, "{gap}");
    }
    // One stratum gives the interval without strata.
    let one = answers(&[("A", "1", 61, 84), ("P", "1", 29, 86)]);
    let r = expected("binary_two_sample", "derm_high_vs_placebo");
    for (interval, of_r) in
        [("newcombe", "rd_newcombe"), ("miettinen-nurminen", "rd_miettinen_nurminen")]
    {
        let plan = format!("{ANSWERS}method = \"cmh\"\ninterval = \"{interval}\"");
        let ours = difference(&analyse(&[("adlb", &one)], &plan));
        near(share(ours.lower), &r[of_r][0], 1e-7);
        near(share(ours.upper), &r[of_r][1], 1e-7);
    }
}

/// `two_sample/adas_chg_high_vs_placebo`: the same numbers by way of a plan.
#[test]
fn the_variance_of_a_t_test() {
    let r = expected("two_sample", "cholesterol_drugE_vs_1time_notie_exact");
    let data = Data::read("cholesterol");
    let mut table = Csv::new("USUBJID,TRTP,PARAMCD,AVISIT,AVAL");
    for row in 0..data.rows() {
        let [arm, value] = ["trt", "response"].map(|name| data.text(name, row));
        table.row(&[&row, &arm, &"CHOL", &"Week 4", &value]);
    }
    let plan = r#"
[arm.one]
treatment = "1time"
control   = true
[arm.e]
treatment = "drugE"
[endpoint.chol]
value = "at(chol, week 4)"
[analysis.chol]
endpoint = "chol"
method   = "t-test"
"#;
    for (variance, of_r) in [("unequal", "welch"), ("pooled", "pooled")] {
        let found = analyse(&[("adlb", &table)], &format!("{plan}variance = \"{variance}\""));
        let ours = find(&found, ("chol", "t-test"), None, S::Difference);
        near(ours.p_value, &r[of_r]["p"], 1e-7);
        near(ours.lower, &r[of_r]["ci95"][0], SAME);
    }
    // Above a margin, whichever way is better: R's t.test(mu = 12, alternative = "greater").
    let above = format!("{plan}hypothesis = \"greater\"\nmargin = 12");
    let found = analyse(&[("adlb", &table)], &above);
    let t = find(&found, ("chol", "t-test"), None, S::Difference).p_value;
    near(t, &json!(0.018_065_349_176_4), 1e-6);
    let at_zero = format!("{plan}hypothesis = \"greater\"");
    let found = analyse(&[("adlb", &table)], &at_zero);
    let ours = find(&found, ("chol", "t-test"), None, S::Difference).p_value;
    near(ours, &r["welch"]["p_one_sided_greater"], 1e-7);
}

/// Seizures in 14 days: the likelihoods maximised by R's `nlm`, errors by numDeriv's Hessian.
#[test]
fn counts_with_more_zeros() {
    let data = Data::read("epil");
    let (mut people, mut events) =
        (Csv::new("USUBJID,TRT01P,LBASE,TRTDUR"), Csv::new("USUBJID,AEDECOD,ASTDY"));
    for row in 0..data.rows() {
        let [arm, base, count] = ["trt", "lbase", "y"].map(|name| data.text(name, row));
        people.row(&[&row, &arm, &base, &14]);
        for _ in 0..count.parse::<u64>().unwrap() {
            events.row(&[&row, &"SEIZURE", &2]);
        }
    }
    let plan = r#"
[arm.placebo]
control = true
[arm.progabide]
[endpoint.seizures]
value = "count(seizure)"
[analysis.seizures]
endpoint   = "seizures"
covariates = ["lbase"]
"#;
    let tables = [("adsl", &people), ("adae", &events)];
    let fits = |method: &str| analyse(&tables, &format!("{plan}method = \"{method}\""));
    let poisson = fits("zero-inflated poisson");
    let negative = fits("zero-inflated negative binomial");
    for (found, method, rate, odds) in [
        (
            &poisson,
            "zero-inflated Poisson",
            (-0.105_791_413_331, 0.045_873_849_425),
            (0.564_262_250_03, 0.603_719_725_507),
        ),
        (
            &negative,
            "zero-inflated negative binomial",
            (-0.261_193_760_516, 0.100_111_223_425),
            (-0.093_278_388_921, 1.318_047_443_232),
        ),
    ] {
        let place = ("seizures", method);
        let ours = find(found, place, None, S::RateRatio);
        near(log(ours), &json!(rate.0), NUMERICAL);
        near(ours.standard_error, &json!(rate.1), NUMERICAL);
        let never = find(found, place, None, S::OddsRatio);
        assert_eq!(never.group.as_deref(), Some("never with events"));
        near(log(never), &json!(odds.0), 1e-4);
        near(never.standard_error, &json!(odds.1), NUMERICAL);
    }
    let place = ("seizures", "zero-inflated negative binomial");
    near(
        find(&negative, place, None, S::Dispersion).estimate,
        &json!(0.328_087_044_494),
        NUMERICAL,
    );
}

/// Where an arm tells who had the event Firth's likelihood has a maximum: R's `nlm` on ln L + ln det I / 2, its profile
/// by `uniroot`.
#[test]
fn separation_has_an_estimate() {
    let x = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    let z = [3, 5, 1, 4, 2, 6, 8, 7, 9, 0, 2, 4, 6, 8, 1, 3, 5, 7, 9, 0];
    let events = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0];
    let mut table = Csv::new("USUBJID,TRTP,Z,PARAMCD,AVISIT,AVAL");
    for k in 0..20 {
        table.row(&[&k, &["P", "A"][x[k]], &z[k], &"EVENT", &"Week 1", &events[k]]);
    }
    let plan = format!("{ANSWERS}method = \"logistic\"\ncovariates = [\"z\"]");
    let found = analyse(&[("adlb", &table)], &plan);
    let ours = find(&found, ("answer", "logistic"), None, S::OddsRatio);
    near(log(ours), &json!(3.832_468_071_002), 1e-6);
    near(ours.standard_error, &json!(1.664_642_127_239), 1e-6);
    near(ours.p_value, &json!(0.000_972_500_313), 1e-5);
    near(ours.lower.map(proband_math::ln), &json!(1.323_007_59), 1e-5);
    near(ours.upper.map(proband_math::ln), &json!(8.884_870_66), 1e-5);
    assert!(ours.note.as_ref().unwrap().starts_with("by Firth's penalised likelihood"));
}

#[test]
fn hommel_shares_a_level() {
    let people = answers(&[("A", "x", 30, 60), ("P", "x", 20, 60), ("B", "x", 32, 60)]);
    let plan = |method: &str| {
        format!(
            "[arm.p]\ncontrol = true\n[arm.a]\n[arm.b]\n[endpoint.answer]\nvalue = \"at(event, week 1) > 0.5\"\n\
             [multiplicity]\nmethod = \"{method}\""
        )
    };
    let adjusted = |method: &str| -> Vec<f64> {
        let found = analyse(&[("adlb", &people)], &plan(method));
        found.iter().filter_map(|f| f.adjusted_p).collect()
    };
    // Of two hypotheses Hommel's and Hochberg's are the same.
    assert_eq!(adjusted("hommel"), adjusted("hochberg"));
    assert_eq!(adjusted("hommel").len(), 2);
}

#[test]
fn keys_are_of_their_methods() {
    for (options, fault) in [
        ("method = \"cox\"\nvariance = \"pooled\"", "`variance` is not used by cox"),
        ("method = \"log-rank\"\nties = \"efron\"", "`ties` is not used by log-rank"),
        ("method = \"kaplan-meier\"\ninterval = \"newcombe\"", "not one of `log-log`"),
        ("method = \"parametric\"\ndistribution = \"normal\"", "not one of `weibull`"),
        ("method = \"log-rank\"\nhypothesis = \"greater\"\nmargin = 2", "a margin of log-rank"),
        (
            "method = \"cox\"\nhypothesis = \"less\"\nmargin = 0.8",
            "the margin of a ratio is above 1",
        ),
    ] {
        let analysis = format!("{TIMES}\n[analysis.death]\nendpoint = \"death\"\n{options}");
        let faults = try_analyse(&[("adtte", &veteran())], &analysis).unwrap_err();
        assert!(faults.contains(fault), "{faults}");
    }
    // No events at all, in every method of times: a reason.
    let mut table = Csv::new("ID,TRTP,KARNO,PARAMCD,AVAL,CNSR");
    for k in 0..8 {
        table.row(&[&k, &(1 + k % 2), &k, &"DEATH", &(5 + k), &1]);
    }
    for (method, name, statistic) in [
        ("cox", "Cox", S::HazardRatio),
        ("parametric", "Weibull", S::TimeRatio),
        ("log-rank", "log-rank", S::LogRank),
    ] {
        let plan =
            format!("{TIMES}\n[analysis.death]\nendpoint = \"death\"\nmethod = \"{method}\"");
        let found = analyse(&[("adtte", &table)], &plan);
        assert_eq!(reason(find(&found, ("death", name), None, statistic)), "no events");
    }
}

/// R 4.2.2 with survival 3.5.3: `coxph(Surv(start, stop, event) ~ trt + age, cluster = id)`, and the mean cumulative function as
/// `survfit(..., id = id, robust = TRUE)` gives it.
#[test]
fn events_that_come_again() {
    let mut people = Csv::new("USUBJID,TRT01P,AGE,TRTDUR");
    let mut events = Csv::new("USUBJID,AEDECOD,ASTDY");
    for k in 0..40_usize {
        let followed = 30 + (7 * k) % 23;
        people.row(&[&k, &["P", "A"][k % 2], &(40 + (7 * k) % 31), &followed]);
        for event in (1..=(k * k) % 5).map(|j| (3 + k % 5) * j).filter(|day| *day <= followed) {
            // Day 1 is the beginning.
            events.row(&[&k, &"SEIZURE", &(event + 1)]);
        }
    }
    let plan = r#"
[arm.p]
control = true
[arm.a]
[endpoint.seizures]
value = "count(seizure)"
[analysis.seizures]
endpoint   = "seizures"
method     = "recurrent events"
covariates = ["age"]
tau        = "25 day"
"#;
    let found = analyse(&[("adsl", &people), ("adae", &events)], plan);
    for (method, error) in
        [("LWYY", 0.290_844_158_563_838), ("Andersen-Gill", 0.223_799_148_877_834)]
    {
        let ratio = find(&found, ("seizures", method), None, S::RateRatio);
        near(log(ratio), &json!(0.008_027_956_489_432_22), SAME);
        near(ratio.standard_error, &json!(error), SAME);
    }
    let place = ("seizures", "mean cumulative function");
    let mean = find(&found, place, Some("P"), S::MeanEvents);
    near(mean.estimate, &json!(2.0), SAME);
    near(mean.standard_error, &json!(0.374_165_738_677_394), SAME);
}

/// Whether values spread alike in the groups of people is a row beside the test of interaction.
#[test]
fn equity_is_of_effects_and_of_errors() {
    let mut table = Csv::new("USUBJID,TRTP,SEX,PARAMCD,AVISIT,AVAL");
    for k in 0..60_usize {
        let sex = ["F", "M"][(k / 2) % 2];
        let spread = if sex == "F" { 1.0 } else { 4.0 };
        let value = 10.0 + (k % 2) as f64 + spread * (((11 * k) % 17) as f64 - 8.0) / 8.0;
        table.row(&[&k, &["P", "A"][k % 2], &sex, &"Y", &"Week 1", &value]);
    }
    let plan = "[arm.p]\ncontrol = true\n[arm.a]\n[endpoint.y]\nvalue = \"at(y, week 1)\"\n\
                [analysis.y]\nendpoint = \"y\"\nsubgroups = [\"sex\"]";
    let found = analyse(&[("adlb", &table)], plan);
    let spread = find(&found, ("y", "Bartlett"), None, S::Test);
    assert_eq!(spread.group.as_deref(), Some("sex, spread"));
    assert!(spread.p_value.unwrap() < 1e-6, "{spread:?}");
    let effect = found.iter().find(|f| f.statistic == S::Interaction).unwrap();
    assert_eq!(effect.group.as_deref(), Some("sex"));
    assert!(effect.p_value.unwrap() > 0.05, "{effect:?}");
}
