use proband_stats::Level;
use proband_stats::counts::{
    EventRate, exact_rate_interval, exact_rate_ratio, log_rate_interval,
    negative_binomial_regression, poisson_regression, rate, rate_difference, rate_ratio,
};

use crate::area::Area;
use crate::cases::Case;
use crate::table::{self, as_numbers};

pub(crate) const AREA: Area =
    Area { name: "counts", agrees_to: 1e-7, certify: count, not_reproduced: &[] };

#[test]
fn counts_certified() {
    AREA.certify();
}

fn count(case: &Case) {
    match case.id() {
        "epil_total" => seizures_under_progabide(case),
        "cdisc_teae_counts" => adverse_events_of_the_pilot(case),
        "eair_derm" => exposure_adjusted_incidence(case),
        _ => one_rate(case),
    }
}

/// R's `summary.glm` takes the dispersion from the weights of the round before the last, which is
/// visible in the fifth digit; its own Pearson sum, compared above, is not affected.
const QUASI_DISPERSION: f64 = 1e-4;

/// `theta.ml` stops at a relative step of 1.2e-4 and reports the information one step earlier.
const THETA_SE: f64 = 1e-4;

/// The pack's joint information is a Hessian by finite differences.
const NUMERICAL_HESSIAN: f64 = 1e-6;

fn check_regressions(case: &Case, columns: &[&[f64]], counts: &[u64], exposure: &[f64]) {
    let keys = ["rate_ratio", "rr_lower", "rr_upper"];
    let poisson = poisson_regression(columns, counts, exposure).unwrap();
    case.check("/n", poisson.n as f64);
    case.check("/poisson/logLik", poisson.log_likelihood);
    case.check("/poisson/deviance", poisson.deviance);
    case.check("/poisson/pearson", poisson.pearson);
    case.check("/poisson/df", poisson.residual_df as f64);
    case.check_within("/quasipoisson_dispersion", poisson.dispersion(), QUASI_DISPERSION);
    let negative = negative_binomial_regression(columns, counts, exposure).unwrap();
    case.check("/negbin/theta", 1.0 / negative.dispersion);
    case.check("/negbin/alpha_1_over_theta", negative.dispersion);
    let theta_se = negative.dispersion_se.unwrap() / negative.dispersion.powi(2);
    case.check_within("/negbin/theta_se", theta_se, THETA_SE);
    case.check("/negbin/logLik", negative.log_likelihood);
    for k in 0..=columns.len() {
        let ours = poisson.rate_ratio(k, Level::P95).unwrap();
        case.check_glm(&format!("/poisson/coefficients/{k}"), keys, &ours);
        let ours = negative.rate_ratio(k, Level::P95).unwrap();
        case.check_glm(&format!("/negbin/coefficients/{k}"), keys, &ours);
        let robust = poisson.robust.effect(k, Level::P95).unwrap().estimate.se;
        case.check(&format!("/poisson/se_HC0/{k}"), robust);
        let joint = negative.joint.effect(k, Level::P95).unwrap().estimate.se;
        let place = format!("/negbin/se_observed_joint_information/{k}");
        if case.has(&place) {
            case.check_within(&place, joint, NUMERICAL_HESSIAN);
        }
    }
}

fn seizures_under_progabide(case: &Case) {
    let table = table::read("epil.csv");
    let (y, subject) = (table.numbers("y"), table.text("subject"));
    let (base, age) = (table.numbers("base"), table.numbers("age"));
    let progabide = as_numbers(&table.is("trt", "progabide"));
    let first: Vec<usize> =
        (0..y.len()).filter(|&k| !subject[..k].contains(&subject[k])).collect();
    let total = |k: usize| -> u64 {
        (0..y.len()).filter(|&j| subject[j] == subject[k]).map(|j| y[j] as u64).sum()
    };
    let counts: Vec<u64> = first.iter().map(|&k| total(k)).collect();
    let arm: Vec<f64> = first.iter().map(|&k| progabide[k]).collect();
    let quarter: Vec<f64> = first.iter().map(|&k| libm::log(base[k] / 4.0)).collect();
    let log_age: Vec<f64> = first.iter().map(|&k| libm::log(age[k])).collect();
    check_regressions(case, &[&arm, &quarter, &log_age], &counts, &vec![4.0; counts.len()]);
}

fn adverse_events_of_the_pilot(case: &Case) {
    let adsl = table::read("adsl.csv");
    let low = as_numbers(&adsl.is("TRT01A", "Xanomeline Low Dose"));
    let high = as_numbers(&adsl.is("TRT01A", "Xanomeline High Dose"));
    let years: Vec<f64> = adsl.numbers("TRTDUR").iter().map(|d| d / 365.25).collect();
    let counts = table::adverse_events(&adsl, &[]);
    check_regressions(case, &[&low, &high], &counts, &years);
}

fn exposure_adjusted_incidence(case: &Case) {
    let arm = |name: &str| {
        let table = table::read("adtte.csv").with(&[("TRTA", name)]);
        let events = table.is("CNSR", "0").iter().filter(|e| **e).count() as u64;
        let years = table.numbers("AVAL").iter().sum::<f64>() / 365.25;
        EventRate::new(events, years / 100.0).unwrap()
    };
    for name in ["Placebo", "Xanomeline High Dose", "Xanomeline Low Dose"] {
        let ours = rate(arm(name), Level::P95).unwrap();
        case.check(&format!("/by_arm/{name}/rate_per_100py"), ours.value);
        case.check(&format!("/by_arm/{name}/events"), arm(name).events() as f64);
        case.check(&format!("/by_arm/{name}/person_years"), 100.0 * arm(name).exposure());
        let log = log_rate_interval(arm(name), Level::P95).unwrap();
        case.check_interval(&format!("/by_arm/{name}/log_normal_ci95"), log);
        case.check(&format!("/by_arm/{name}/exact_ci95/0"), ours.lower);
        case.check(&format!("/by_arm/{name}/exact_ci95/1"), ours.upper);
    }
    let (active, control) = (arm("Xanomeline High Dose"), arm("Placebo"));
    let exact = exact_rate_ratio(active, control, Level::P95).unwrap();
    case.check("/rate_ratio", exact.value);
    case.check_interval("/exact_ci95", exact.interval);
    case.check("/exact_p", exact.p);
    let wald = rate_ratio(active, control, Level::P95).unwrap();
    case.check("/wald_log_ci95/0", wald.lower);
    case.check("/wald_log_ci95/1", wald.upper);
    let difference = rate_difference(active, control, Level::P95).unwrap().estimate;
    case.check("/rate_diff_per_100py", difference.value);
    case.check("/rate_diff_wald_ci95/0", difference.lower);
    case.check("/rate_diff_wald_ci95/1", difference.upper);
}

fn one_rate(case: &Case) {
    let ours = EventRate::new(case.param("x") as u64, case.param("T")).unwrap();
    case.check("/rate", ours.value());
    case.check_interval("/exact_ci95", exact_rate_interval(ours, Level::P95).unwrap());
}
