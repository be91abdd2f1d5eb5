//! Adjustment for a prognostic score.

use proband_stats::Level;
use proband_stats::linear::{Heteroscedastic, LinearFit, ols, ols_robust};
use proband_stats::prognostic::{
    AdjustedPlan, ScoreEffect, adjusted, correlation, explained_within_arms,
};

use crate::area::Area;
use crate::cases::Case;
use crate::table::{self, as_numbers};

pub(crate) const AREA: Area = Area {
    name: "prognostic_adjustment",
    agrees_to: 1e-11,
    certify: adjust,
    not_reproduced: &[],
};

const KINDS: [(&str, Heteroscedastic); 4] = [
    ("se_HC0", Heteroscedastic::Hc0),
    ("se_HC1", Heteroscedastic::Hc1),
    ("se_HC2", Heteroscedastic::Hc2),
    ("se_HC3", Heteroscedastic::Hc3),
];

#[test]
fn prognostic_adjustment_certified() {
    AREA.certify();
}

fn adjust(case: &Case) {
    if case.id().starts_with("formula") { by_formula(case) } else { pilot(case) }
}

fn by_formula(case: &Case) {
    let plan = |correlation: f64| AdjustedPlan {
        difference: case.param("delta"),
        sd: case.param("sd"),
        correlation,
        alpha: case.param("alpha"),
    };
    let (plain, adjusted) = (plan(0.0), plan(case.param("rho")));
    let (power, size) = (case.param("power"), case.param("n_per_arm"));
    case.check("/n_per_arm_unadj", plain.arm_size(power).unwrap());
    case.check("/n_per_arm_adj", adjusted.arm_size(power).unwrap());
    case.check("/power_at_n_unadj", plain.power(size).unwrap());
    case.check("/power_at_n_adj", adjusted.power(size).unwrap());
    case.check("/variance_reduction", adjusted.variance_reduction());
}

fn check_model(case: &Case, at: &str, model: &LinearFit) {
    let ours = model.effect(1, Level::P95).unwrap().estimate;
    case.check(&format!("{at}/estimate"), ours.value);
    case.check(&format!("{at}/se_model"), ours.se);
}

fn pilot(case: &Case) {
    let table = table::read("adqsadas_actot.csv")
        .with(&[("EFFFL", "Y"), ("ITTFL", "Y"), ("AVISITN", "24"), ("ANL01FL", "Y")])
        .without("TRTP", "Xanomeline Low Dose");
    let (y, base) = (table.numbers("AVAL"), table.numbers("BASE"));
    let active = table.is("TRTP", "Xanomeline High Dose");
    let arm = as_numbers(&active);
    check_model(case, "/unadjusted", &ols(&[&arm], &y).unwrap());
    for (key, kind) in KINDS {
        let ours = ols_robust(&[&arm], &y, kind).unwrap().effect(1, Level::P95).unwrap();
        case.check(&format!("/unadjusted/{key}"), ours.estimate.se);
    }
    for (at, effect) in
        [("/ancova", ScoreEffect::Common), ("/lin_interaction", ScoreEffect::ByArm)]
    {
        let fit = adjusted(&y, &active, &base, effect).unwrap();
        check_model(case, at, &fit.model);
        for (key, kind) in KINDS {
            let ours = fit.robust_difference(kind, Level::P95).unwrap();
            case.check(&format!("{at}/{key}"), ours.estimate.se);
        }
    }
    let own = |is: bool| {
        let part = |v: &[f64]| -> Vec<f64> {
            v.iter().zip(&active).filter(|(_, a)| **a == is).map(|(v, _)| *v).collect()
        };
        correlation(&part(&base), &part(&y)).unwrap()
    };
    case.check("/cor_overall", correlation(&base, &y).unwrap());
    case.check("/cor_trt", own(true));
    case.check("/cor_ctl", own(false));
    let explained = explained_within_arms(&y, &active, &base).unwrap();
    case.check("/within_arm_pooled_r2", explained);
    let se = |effect: proband_stats::Effect| effect.estimate.se;
    let plain = se(ols(&[&arm], &y).unwrap().effect(1, Level::P95).unwrap());
    let fit = adjusted(&y, &active, &base, ScoreEffect::Common).unwrap();
    let ratio = se(fit.difference(Level::P95).unwrap()) / plain;
    case.check("/variance_ratio_ancova_vs_unadjusted_model", ratio * ratio);
}
