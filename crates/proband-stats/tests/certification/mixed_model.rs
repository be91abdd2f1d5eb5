//! Random intercepts and slopes.

use proband_stats::Level;
use proband_stats::mixed::{Inference, Likelihood, RandomEffects, RandomFit, random_effects};
use proband_stats::model_matrix::{ModelMatrix, Variable};

use crate::area::Area;
use crate::cases::Case;
use crate::table;

pub(crate) const AREA: Area = Area {
    name: "mixed_model",
    // The optimiser of lme4 stops at about this distance from the maximum.
    agrees_to: 1e-5,
    certify: fit,
    not_reproduced: &[],
};

#[test]
fn mixed_model_certified() {
    AREA.certify();
}

fn fit(case: &Case) {
    let table = table::read("orthodont.csv");
    let (age, sex) = (table.numbers("age"), table.levels("Sex", &["Female", "Male"]));
    let children = table.distinct("Subject");
    let child = table.levels("Subject", &children);
    let variables = [Variable::Number(&age), Variable::Factor { codes: &sex, levels: 2 }];
    let matrix = ModelMatrix::new(&variables, &[&[0], &[1], &[0, 1]]).unwrap();
    let effects = match case.id() {
        "orthodont_ri" => RandomEffects::Intercept,
        _ => RandomEffects::InterceptAndSlope(&age),
    };
    let distance = table.numbers("distance");
    let by = |likelihood: Likelihood| {
        random_effects(&distance, &matrix.columns(), &child, effects, likelihood).unwrap()
    };
    let ours = by(Likelihood::Restricted);
    case.check("/reml_crit", ours.fit.minus_two_log_likelihood());
    case.check("/ml_neg2loglik", by(Likelihood::Full).fit.minus_two_log_likelihood());
    for (key, inference) in [
        ("satterthwaite", Inference::Satterthwaite),
        ("kenward_roger", Inference::KenwardRogerLinear),
    ] {
        for k in 0..4 {
            let effect = ours.fit.effect(k, inference, Level::P95).unwrap();
            case.check_effect(&format!("/{key}/{k}"), &effect);
        }
    }
    check_variances(case, &ours);
}

fn check_variances(case: &Case, ours: &RandomFit) {
    let mut variances = vec![ours.intercept_variance];
    variances.extend(ours.slope.into_iter().flat_map(|(slope, crossed)| [slope, crossed]));
    variances.push(ours.residual_variance);
    assert_eq!(case.length("/varcomp"), variances.len());
    for (k, variance) in variances.into_iter().enumerate() {
        let at = format!("/varcomp/{k}");
        case.check(&format!("{at}/vcov"), variance);
        // What a row is the variance of are names, or null where there is no second one.
        for name in ["var1", "var2"] {
            if case.expected(&format!("{at}/{name}")).is_null() {
                case.check_optional(&format!("{at}/{name}"), None);
            }
        }
    }
}
