//! Proportional hazards.

use proband_stats::Level;
use proband_stats::regression::Regressor;
use proband_stats::survival::{
    CoxFit, CoxModel, LogRankWeights, Ties, TimeScale, cox, exact_cox, logrank, stratified_cox,
};

use super::{Trial, trial};
use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area =
    Area { name: "cox", agrees_to: 1e-12, certify, not_reproduced: &[] };

fn certify(case: &Case) {
    let trial = trial(case);
    let (follow_up, group) = (trial.follow_up(), trial.group());
    let one_stratum = vec![0; group.len()];
    fit(case, "/efron", &cox(&follow_up, &[&group], Ties::Efron).unwrap());
    fit(case, "/breslow", &cox(&follow_up, &[&group], Ties::Breslow).unwrap());
    fit(case, "/exact", &exact_cox(&follow_up, &[&group], &one_stratum).unwrap());
    if case.has("/efron_stratified") {
        let ours = stratified_cox(&follow_up, &[&group], &trial.strata, Ties::Efron).unwrap();
        fit(case, "/efron_stratified", &ours);
    }
    if case.has("/efron_adjusted") {
        adjusted(case, &trial);
    }
    if case.has("/zph_km") {
        proportionality(case, &trial);
    }
    if case.has("/pike_peto_hr") {
        let test = logrank(&follow_up, &trial.active, LogRankWeights::Equal).unwrap();
        case.check("/pike_peto_hr", libm::exp(test.score / test.variance));
    }
}

fn fit(case: &Case, at: &str, fit: &CoxFit) {
    case.check(&format!("{at}/n"), fit.n as f64);
    case.check(&format!("{at}/events"), fit.events as f64);
    case.check(&format!("{at}/loglik/0"), fit.null_log_likelihood);
    case.check(&format!("{at}/loglik/1"), fit.log_likelihood);
    for k in 0..case.length(&format!("{at}/coefficients")) {
        let ours = fit.hazard_ratio(k, Level::P95).unwrap();
        case.check_ratio(&format!("{at}/coefficients/{k}"), ["hr", "lower", "upper"], &ours);
    }
    let tests = [
        ("lr", fit.likelihood_ratio_test().unwrap()),
        ("score", fit.score_test().unwrap()),
        ("wald", fit.wald_test().unwrap()),
    ];
    for (key, test) in tests {
        let place = |k: usize| format!("{at}/{key}/{k}");
        // R prints Wald's statistic with two decimals.
        if key == "wald" {
            assert!((case.number(&place(0)) - test.statistic).abs() <= 0.005_001, "{at}");
            case.check_within(&place(0), test.statistic, 1.0);
        } else {
            case.check(&place(0), test.statistic);
        }
        case.check(&place(1), test.df);
        case.check(&place(2), test.p);
    }
}

fn adjusted(case: &Case, trial: &Trial) {
    let group = trial.group();
    let mut columns = vec![Regressor::Numbers(&group)];
    columns.extend(trial.covariates.iter().map(|c| Regressor::Numbers(c)));
    let one_stratum = vec![0; group.len()];
    let model = CoxModel::new(&trial.follow_up(), &columns, &one_stratum, Ties::Efron).unwrap();
    let ours = model.fit().unwrap();
    fit(case, "/efron_adjusted", &ours);
    let each_its_own: Vec<usize> = (0..group.len()).collect();
    let robust = model.robust(&ours, &each_its_own).unwrap();
    for k in 0..columns.len() {
        let se = robust.covariance(k, k).unwrap().sqrt();
        case.check(&format!("/efron_adjusted/robust_se/{k}"), se);
    }
    let left: f64 = model.martingale_residuals(&ours).iter().sum();
    assert!(left.abs() < 1e-9, "martingale residuals add up to {left}");
}

fn proportionality(case: &Case, trial: &Trial) {
    let group = trial.group();
    let one_stratum = vec![0; group.len()];
    let columns = [Regressor::Numbers(&group)];
    let model = CoxModel::new(&trial.follow_up(), &columns, &one_stratum, Ties::Efron).unwrap();
    let ours = model.fit().unwrap();
    for (key, scale) in
        [("zph_km", TimeScale::KaplanMeier), ("zph_identity", TimeScale::Identity)]
    {
        let test = model.proportionality(&ours, scale).unwrap().each[0];
        case.check(&format!("/{key}/chisq"), test.statistic);
        case.check(&format!("/{key}/p"), test.p);
    }
}

#[test]
fn cox_certified() {
    AREA.certify();
}
