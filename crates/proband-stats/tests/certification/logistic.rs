//! Logistic regression and the marginal risk difference.

use proband_stats::Level;
use proband_stats::model_matrix::{ModelMatrix, Variable};
use proband_stats::regression::{
    Counterfactuals, MarginalVariance, likelihood_ratio, logistic, marginal_risks,
    profile_interval,
};

use crate::area::Area;
use crate::cases::Case;
use crate::{respiratory, table};

pub(crate) const AREA: Area = Area {
    name: "logistic",
    // Sandwich errors inherit what `glm` does not know of its weights; the rest agrees to 1e-9.
    agrees_to: 2e-8,
    certify: regress,
    not_reproduced: &[],
};

/// MASS draws a spline through the profile (the case's notes).
const SPLINE: f64 = 1e-4;

#[test]
fn logistic_certified() {
    AREA.certify();
}

fn regress(case: &Case) {
    match case.id() {
        "respiratory_v4" => last_visit(case, check_fit),
        "derm_event" => dermatologic_events(case),
        _ => last_visit(case, check_marginal),
    }
}

type Check = fn(&Case, &ModelMatrix<'_>, &[bool]);

/// The respiratory trial at its last visit.
fn last_visit(case: &Case, check: Check) {
    let table = table::read("respiratory.csv").with(&[("visit", "4")]);
    let events = table.is("outcome", "1");
    respiratory::with_design(&table, |design| check(case, design, &events));
}

fn dermatologic_events(case: &Case) {
    let adsl = table::read("adsl.csv");
    let events: Vec<bool> = table::adverse_events(&adsl, &[("CQ01NAM", "DERMATOLOGIC EVENTS")])
        .iter()
        .map(|&events| events > 0)
        .collect();
    let arms = ["Placebo", "Xanomeline Low Dose", "Xanomeline High Dose"];
    let (arm, sex) = (adsl.levels("TRT01A", &arms), adsl.levels("SEX", &["F", "M"]));
    let age = adsl.numbers("AGE");
    let variables = [
        Variable::Factor { codes: &arm, levels: 3 },
        Variable::Number(&age),
        Variable::Factor { codes: &sex, levels: 2 },
    ];
    let design = ModelMatrix::new(&variables, &[&[0], &[1], &[2]]).unwrap();
    check_fit(case, &design, &events);
}

fn check_fit(case: &Case, design: &ModelMatrix<'_>, events: &[bool]) {
    let columns = design.columns();
    let fit = logistic(&columns, events).unwrap();
    case.check("/n", fit.n as f64);
    case.check("/logLik", fit.log_likelihood);
    case.check("/deviance", fit.deviance());
    case.check("/null_deviance", -2.0 * fit.null_log_likelihood);
    case.check("/aic", fit.aic());
    for k in 0..case.length("/coefficients") {
        let at = format!("/coefficients/{k}");
        let ours = fit.odds_ratio(k, Level::P95).unwrap();
        case.check_glm(&at, ["or", "or_lower", "or_upper"], &ours);
        let robust = fit.robust.effect(k, Level::P95).unwrap();
        case.check(&format!("{at}/se_HC0"), robust.estimate.se);
        let profile = profile_interval(&columns, events, k, Level::P95).unwrap();
        case.check_places(&format!("{at}/profile_lower"), profile.lower, SPLINE);
        case.check_places(&format!("{at}/profile_upper"), profile.upper, SPLINE);
    }
    for term in 0..case.length("/lrt") {
        let left_out = design.coefficients_of(term);
        let kept: Vec<&[f64]> = (0..columns.len())
            .filter(|k| !left_out.contains(&(k + 1)))
            .map(|k| columns[k])
            .collect();
        let reduced = logistic(&kept, events).unwrap().log_likelihood;
        let ours = likelihood_ratio(fit.log_likelihood, reduced, left_out.len()).unwrap();
        let at = format!("/lrt/{term}");
        case.check_those_there(&at, &[("df", ours.df), ("lrt", ours.statistic), ("p", ours.p)]);
    }
}

fn check_marginal(case: &Case, design: &ModelMatrix<'_>, events: &[bool]) {
    let fit = logistic(&design.columns(), events).unwrap();
    let under = [1, 0].map(|level| design.with_level(0, level).unwrap());
    let slices = under
        .each_ref()
        .map(|columns| -> Vec<&[f64]> { columns.iter().map(Vec::as_slice).collect() });
    let active: Vec<bool> = design.columns()[0].iter().map(|&v| v > 0.5).collect();
    let control: Vec<bool> = active.iter().map(|a| !a).collect();
    let rows = Counterfactuals {
        active: &active,
        control: &control,
        events,
        under_active: &slices[0],
        under_control: &slices[1],
    };
    for (key, variance) in
        [("/ge_hc0", MarginalVariance::Conditional), ("/ye", MarginalVariance::Unconditional)]
    {
        let ours = marginal_risks(&fit, &rows, variance, Level::P95).unwrap();
        case.check_effect(key, &ours.difference);
    }
}
