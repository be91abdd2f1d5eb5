//! Exponential and Weibull fits.

use proband_stats::Level;
use proband_stats::lifetimes::{Lifetime, lifetime_regression};
use proband_stats::regression::Regressor;

use super::trial;
use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area =
    Area { name: "parametric_survival", agrees_to: 1e-12, certify, not_reproduced: &[] };

fn certify(case: &Case) {
    let trial = trial(case);
    let (follow_up, group) = (trial.follow_up(), trial.group());
    let columns = [Regressor::Numbers(&group)];
    let exponential = lifetime_regression(&follow_up, &columns, Lifetime::Exponential).unwrap();
    let ratio = exponential.hazard_ratio(0, Level::P95).unwrap();
    let rate = libm::exp(-exponential.coefficients.values()[0]);
    case.check("/exp_rate_control", rate);
    case.check("/exp_rate_active", rate * ratio.value);
    case.check("/exp_hr", ratio.value);
    case.check("/exp_log_hr_se", ratio.log.estimate.se);
    let weibull = lifetime_regression(&follow_up, &columns, Lifetime::Weibull).unwrap();
    let b = weibull.coefficients.values();
    case.check("/weibull_aft_intercept", b[0]);
    case.check("/weibull_aft_trt", b[1]);
    case.check("/weibull_scale", weibull.scale());
    case.check("/weibull_shape", weibull.shape());
    case.check("/weibull_loglik", weibull.log_likelihood);
    let hazard = weibull.hazard_ratio(0, Level::P95).unwrap();
    case.check("/weibull_ph_log_hr", hazard.log.estimate.value);
    for i in 0..3 {
        for j in 0..3 {
            let ours = weibull.coefficients.covariance(i, j).unwrap();
            case.check(&format!("/weibull_var/{i}/{j}"), ours);
        }
    }
}

#[test]
fn parametric_survival_certified() {
    AREA.certify();
}
