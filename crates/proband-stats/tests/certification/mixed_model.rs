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

/// Distances from pituitary to maxilla, by age and sex.
struct Children {
    distance: Vec<f64>,
    age: Vec<f64>,
    sex: Vec<usize>,
    child: Vec<usize>,
}

impl Children {
    /// The rows of the data set that are wanted.
    fn of(wanted: impl Fn(usize) -> bool) -> Self {
        let table = table::read("orthodont.csv");
        let children = table.distinct("Subject");
        Self {
            distance: chosen(&table.numbers("distance"), &wanted),
            age: chosen(&table.numbers("age"), &wanted),
            sex: chosen(&table.levels("Sex", &["Female", "Male"]), &wanted),
            child: chosen(&table.levels("Subject", &children), &wanted),
        }
    }

    /// Age, sex and their product.
    fn fit(&self, slope: bool, likelihood: Likelihood) -> RandomFit {
        let sex = Variable::Factor { codes: &self.sex, levels: 2 };
        let variables = [Variable::Number(&self.age), sex];
        let matrix = ModelMatrix::new(&variables, &[&[0], &[1], &[0, 1]]).unwrap();
        let effects = match slope {
            true => RandomEffects::InterceptAndSlope(&self.age),
            false => RandomEffects::Intercept,
        };
        let columns = matrix.columns();
        random_effects(&self.distance, &columns, &self.child, effects, likelihood).unwrap()
    }
}

fn chosen<T: Copy>(values: &[T], wanted: impl Fn(usize) -> bool) -> Vec<T> {
    let rows = values.iter().enumerate().filter(|(row, _)| wanted(*row));
    rows.map(|(_, value)| *value).collect()
}

fn fit(case: &Case) {
    let children = Children::of(|_| true);
    let by = |likelihood| children.fit(case.id() == "orthodont_rs", likelihood);
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

/// lmerTest's degrees of freedom rest on numerical derivatives.
const TESTED: f64 = 1e-4;

/// Tests of several coefficients at once. R 4.2.2, lmerTest 3.1.3 and pbkrtest 0.5.2 on lme4 1.1.31:
/// `contestMD(lmer(distance ~ age * Sex + (1 | Subject)), L)`, and the same with `(age | Subject)`, by bobyqa with
/// rhoend 1e-12: F, denominator degrees of freedom and p. pbkrtest takes the expected information where SAS, mmrm
/// and we take the observed one: the two agree in balanced data only.
#[test]
fn tests_of_several_coefficients() {
    let (balanced, unbalanced) = (Children::of(|_| true), Children::of(|k| (k + 1) % 7 != 0));
    let (by_sex, all): (&[usize], &[usize]) = (&[2, 3], &[1, 2, 3]);
    let (satterthwaite, kenward_roger) =
        (Inference::Satterthwaite, Inference::KenwardRogerLinear);
    for (children, slope, terms, inference, [f, df, p]) in [
        (
            &balanced,
            false,
            by_sex,
            satterthwaite,
            [7.797_403_914_619_05, 59.718_302_403_395_7, 9.801_633_956_001_44e-4],
        ),
        (
            &balanced,
            false,
            by_sex,
            kenward_roger,
            [7.694_968_720_112_55, 49.941_016_685_805_2, 1.221_518_380_128_39e-3],
        ),
        (
            &balanced,
            true,
            by_sex,
            satterthwaite,
            [6.570_833_416_428_59, 24.999_999_298_337_6, 5.090_427_622_428_22e-3],
        ),
        (
            &balanced,
            true,
            by_sex,
            kenward_roger,
            [6.308_000_079_771_39, 24.0, 6.287_588_121_372_19e-3],
        ),
        (
            &balanced,
            true,
            all,
            satterthwaite,
            [37.528_915_307_765_4, 33.082_383_608_656_3, 9.339_192_547_229_29e-11],
        ),
        (
            &balanced,
            true,
            all,
            kenward_roger,
            [36.145_540_002_441_1, 27.595_080_280_209_6, 1.069_760_283_979_23e-9],
        ),
        (
            &unbalanced,
            false,
            by_sex,
            satterthwaite,
            [6.974_202_515_468_03, 62.843_175_394_007_2, 1.838_986_161_460_37e-3],
        ),
        (
            &unbalanced,
            true,
            by_sex,
            satterthwaite,
            [5.191_794_365_446_06, 25.274_904_611_301, 1.291_326_987_800_08e-2],
        ),
    ] {
        let fit = children.fit(slope, Likelihood::Restricted).fit;
        let ours = fit.term_test(terms, inference).unwrap();
        for (ours, theirs) in [(ours.statistic, f), (ours.df2, df), (ours.p, p)] {
            let gap = (ours / theirs - 1.0).abs();
            assert!(gap < TESTED, "{ours} for {theirs} ({inference:?}, {slope}, {terms:?})");
        }
    }
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
