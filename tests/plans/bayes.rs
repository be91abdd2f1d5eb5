//! Beliefs after data: R 4.2.2 (`pbeta`, `qbeta`, `integrate`, `pnorm`).

use crate::reference::{Csv, analyse, expected, find, near, reason, share, try_analyse};
use proband::{Finding, StatisticName as S};

/// How closely the functions agree with R (`bayes` of the certification).
const SAME: f64 = 1e-9;

const COLUMNS: &str = "USUBJID,TRTP,PARAMCD,AVISIT,AVAL";

const PLAN: &str = r#"
[arm.one]
control = true
[arm.two]

[endpoint.response]
value  = "at(response, week 1) > 0"
better = "higher"

[analysis.response]
endpoint = "response"
method   = "beta-binomial"
prior    = { beta = { alpha = 1, beta = 1 } }
"#;

/// Arms with so many responses among so many participants.
fn responses(arms: [(usize, usize); 2]) -> Csv {
    let mut table = Csv::new(COLUMNS);
    for (arm, (events, total)) in ["one", "two"].iter().zip(arms) {
        for k in 0..total {
            let id = format!("{arm}-{k}");
            table.row(&[&id, arm, &"RESPONSE", &"Week 1", &u8::from(k < events)]);
        }
    }
    table
}

fn one<'a>(found: &'a [Finding], arm: Option<&str>, statistic: S) -> &'a Finding {
    find(found, ("response", "beta-binomial"), arm, statistic)
}

#[test]
fn proportions_with_a_beta_prior() {
    for (case, arms, prior) in
        [("beta_a", [(12, 40), (19, 40)], 1.0), ("beta_b", [(0, 10), (3, 11)], 0.5)]
    {
        let plan =
            PLAN.replace("alpha = 1, beta = 1", &format!("alpha = {prior}, beta = {prior}"));
        let found = analyse(&[("adeff", &responses(arms))], &plan);
        let r = expected("bayes", case);
        for (arm, mean, limits) in
            [("one", "post_mean1", "cri1"), ("two", "post_mean2", "cri2")]
        {
            let ours = one(&found, Some(arm), S::PosteriorMean);
            near(share(ours.estimate), &r[mean], SAME);
            near(share(ours.lower), &r[limits][0], SAME);
            near(share(ours.upper), &r[limits][1], SAME);
        }
        near(share(one(&found, None, S::Posterior).estimate), &r["prob_p2_gt_p1"], SAME);
        let difference = one(&found, None, S::RiskDifference);
        let means = r["post_mean2"].as_f64().unwrap() - r["post_mean1"].as_f64().unwrap();
        near(share(difference.estimate), &means.into(), SAME);
        assert!(
            difference.lower < difference.estimate && difference.estimate < difference.upper
        );
        // Where lower is better, it is the other way round.
        let lower = plan.replace("\"higher\"", "\"lower\"");
        let found = analyse(&[("adeff", &responses(arms))], &lower);
        let better = share(one(&found, None, S::Posterior).estimate).map(|p| 1.0 - p);
        near(better, &r["prob_p2_gt_p1"], SAME);
    }
}

#[test]
fn a_difference_with_a_normal_prior() {
    let plan = PLAN
        .replace("at(response, week 1) > 0", "at(response, week 1)")
        .replace("beta-binomial", "normal-normal")
        .replace("beta = { alpha = 1, beta = 1 }", "normal = { mean = 0, sd = 2 }");
    let mut table = Csv::new(COLUMNS);
    // The difference 1.3 with the standard error 4 / sqrt(25).
    let d = 0.8 / 2.0_f64.sqrt();
    let values = [("one", -d), ("one", d), ("two", 1.3 - d), ("two", 1.3 + d)];
    for (id, (arm, value)) in values.iter().enumerate() {
        table.row(&[&id, arm, &"RESPONSE", &"Week 1", value]);
    }
    let found = analyse(&[("adeff", &table)], &plan);
    let of = |statistic| find(&found, ("response", "normal-normal"), None, statistic);
    let r = expected("bayes", "normal_a");
    let ours = of(S::Difference);
    near(ours.estimate, &r["post_mean"], SAME);
    near(ours.standard_error, &r["post_sd"], SAME);
    near(ours.lower, &r["cri95"][0], SAME);
    near(share(of(S::Posterior).estimate), &r["p_gt_0"], SAME);
    // Without spread there is nothing to believe by.
    let mut flat = Csv::new(COLUMNS);
    for (id, arm) in ["one", "one", "two", "two"].iter().enumerate() {
        flat.row(&[&id, arm, &"RESPONSE", &"Week 1", &7]);
    }
    let found = analyse(&[("adeff", &flat)], &plan);
    let none = find(&found, ("response", "normal-normal"), None, S::Difference);
    assert!(reason(none).contains("no variation"), "{none:?}");
}

#[test]
fn an_empty_arm_and_priors_that_do_not_fit() {
    let mut table = responses([(3, 8), (0, 0)]);
    table.row(&[&"two-0", &"two", &"RESPONSE", &"Week 1", &""]);
    let found = analyse(&[("adeff", &table)], PLAN);
    for statistic in [S::RiskDifference, S::Posterior] {
        let told = reason(one(&found, None, statistic));
        assert_eq!(told, "no participants with a value in two");
    }
    let full = responses([(3, 8), (2, 9)]);
    let of = |prior: &str| PLAN.replace("prior    = { beta = { alpha = 1, beta = 1 } }", prior);
    for (prior, message) in [
        ("", "needs `prior`"),
        (
            "prior = { normal = { mean = 0, sd = 1 } }",
            "not supported yet: a prior other than `beta`",
        ),
        ("prior = { beta = { alpha = -1, beta = 1 } }", "must be above"),
    ] {
        let faults = try_analyse(&[("adeff", &full)], &of(prior)).unwrap_err();
        assert!(faults.contains(message), "{message}:\n{faults}");
    }
}

/// Counts of earlier control arms that count by half: R's `qbeta` of the parameters that this gives.
#[test]
fn a_share_that_borrows_from_the_past() {
    let history = "history = { events = [20, 10], total = [50, 30], weight = 0.5 }";
    let found =
        analyse(&[("adeff", &responses([(12, 40), (19, 40)]))], &format!("{PLAN}{history}"));
    // Beta(1 + 12 + 15, 1 + 28 + 25): the past counts for 40 participants.
    let control = one(&found, Some("one"), S::PosteriorMean);
    near(share(control.estimate), &(28.0 / 82.0).into(), SAME);
    let own = 28.0 * 54.0 / (82.0 * 82.0 * 83.0_f64);
    near(share(control.standard_error), &own.sqrt().into(), SAME);
    // The arm under test does not borrow.
    near(
        share(one(&found, Some("two"), S::PosteriorMean).estimate),
        &(20.0 / 42.0).into(),
        SAME,
    );
    for (from, to, fault) in [
        ("weight = 0.5", "weight = 2", "a share is from 0 to 1"),
        ("total = [50, 30]", "total = [50, 3]", "a total that is as large"),
        (", weight = 0.5", "", "needs `weight`"),
        ("events =", "evnets =", "did you mean `events`"),
    ] {
        let plan = format!("{PLAN}{}", history.replace(from, to));
        let faults =
            try_analyse(&[("adeff", &responses([(1, 4), (2, 4)]))], &plan).unwrap_err();
        assert!(faults.contains(fault), "{faults}");
    }
}

/// Means of earlier control arms: the meta-analytic predictive prior, by R's `integrate` over the deviation between trials,
/// without and with a vague component. The library's quadrature of it is good to this.
#[test]
fn a_mean_that_borrows_from_the_past() {
    const QUADRATURE: f64 = 1e-6;
    let mut table = Csv::new(COLUMNS);
    // Means 1.5 and 2.4 with standard errors of 0.2 each.
    let d = 0.2;
    let values = [("one", 1.5 - d), ("one", 1.5 + d), ("two", 2.4 - d), ("two", 2.4 + d)];
    for (id, (arm, value)) in values.iter().enumerate() {
        table.row(&[&id, arm, &"RESPONSE", &"Week 1", value]);
    }
    let of = |more: &str| {
        let history = format!(
            "history = {{ means = [2.1, 1.6, 2.6], errors = [0.3, 0.4, 0.35], between = 0.5{more} }}"
        );
        let plan = PLAN
            .replace("at(response, week 1) > 0", "at(response, week 1)")
            .replace("beta-binomial", "normal-normal")
            .replace("prior    = { beta = { alpha = 1, beta = 1 } }", &history);
        let found = analyse(&[("adeff", &table)], &plan);
        let of =
            |statistic| find(&found, ("response", "normal-normal"), None, statistic).clone();
        (of(S::Difference), share(of(S::Posterior).estimate))
    };
    let (difference, better) = of("");
    near(difference.estimate, &0.785_180_402_625_454.into(), QUADRATURE);
    near(difference.standard_error, &0.281_443_596_469_387.into(), QUADRATURE);
    near(better, &0.997_730_347_791_323.into(), QUADRATURE);
    assert!(difference.lower < difference.estimate && difference.estimate < difference.upper);
    let (difference, better) = of(", robust = 0.2, vague = 2");
    near(difference.estimate, &0.800_593_636_395.into(), QUADRATURE);
    near(better, &0.997_943_462_683_338.into(), QUADRATURE);
}
