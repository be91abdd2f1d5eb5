use proband_stats::ancova::{
    AncovaColumns, AncovaFit, AncovaLayout, AncovaSums, Margins, ancova,
};
use proband_stats::linear::{LinearFit, ols, tukey_p};
use proband_stats::model_matrix::{ModelMatrix, Variable};
use proband_stats::{Effect, FTest, Level};

use crate::area::Area;
use crate::cases::Case;
use crate::table::{self, Table};

pub(crate) const AREA: Area =
    Area { name: "ancova", agrees_to: 1e-9, certify: analyse, not_reproduced: &[] };

#[test]
fn ancova_certified() {
    AREA.certify();
}

fn analyse(case: &Case) {
    match case.id() {
        "adas_w24_locf_primary" => primary_analysis_of_the_pilot(case),
        "adas_w24_locf_dose_response" => dose_as_a_number(case),
        "adas_w24_locf_by_sex_interaction" => interaction_with_sex(case),
        "cholesterol_anova" => one_factor(case),
        _ => every_visit_of_the_pilot(case),
    }
}

const ARMS: [&str; 3] = ["Placebo", "Xanomeline Low Dose", "Xanomeline High Dose"];

/// Both roads to a fit must give the same numbers.
const BOTH_FORMS: f64 = 1e-10;

fn week(visit: &str) -> Table {
    table::read("adqsadas_actot.csv").with(&[
        ("EFFFL", "Y"),
        ("ITTFL", "Y"),
        ("AVISITN", visit),
        ("ANL01FL", "Y"),
    ])
}

/// CHG on arm, pooled site and baseline: from columns, and from a stream in three pieces.
fn both_forms(table: &Table) -> [AncovaFit; 2] {
    let sites = table.distinct("SITEGR1");
    let (arm, site) = (table.levels("TRTP", &ARMS), table.levels("SITEGR1", &sites));
    let (base, change) = (table.numbers("BASE"), table.numbers("CHG"));
    let layout = AncovaLayout { arms: 3, factor_levels: vec![sites.len()], covariates: 1 };
    let columns =
        AncovaColumns { response: &change, arm: &arm, factors: &[&site], covariates: &[&base] };
    let mut whole = AncovaSums::new(layout.clone());
    let rows: Vec<usize> = (0..change.len()).collect();
    for piece in rows.chunks(rows.len().div_ceil(3)) {
        let mut part = AncovaSums::new(layout.clone());
        for &k in piece {
            part.push(arm[k], &[site[k]], &[base[k]], change[k]).unwrap();
        }
        whole.merge(&part).unwrap();
    }
    [ancova(&layout, &columns).unwrap(), whole.fit().unwrap()]
}

fn check_means(case: &Case, fit: &AncovaFit, margins: Margins, at: &str) {
    for arm in 0..3 {
        let ours = fit.ls_mean(arm, margins, Level::P95).unwrap();
        case.check_effect(&format!("{at}/lsmeans/{arm}"), &ours);
    }
    for (k, (control, active)) in pairs(3).into_iter().enumerate() {
        let ours = fit.difference(active, control, Level::P95).unwrap();
        check_pair(case, at, k, &ours, [ARMS[control], ARMS[active]], 3);
    }
}

/// The difference of two levels, alone and among all pairs.
fn check_pair(case: &Case, at: &str, k: usize, ours: &Effect, names: [&str; 2], levels: usize) {
    case.check_effect(&format!("{at}/pairwise_unadjusted/{k}"), ours);
    let place = format!("{at}/tukey_p/{} - {}", names[0], names[1]);
    case.check(&place, tukey_p(ours, levels).unwrap());
}

fn primary_analysis_of_the_pilot(case: &Case) {
    for fit in both_forms(&week("24")) {
        check_fit(case, fit.linear());
        check_means(case, &fit, Margins::Equal, "/lsmeans_equal");
        check_means(case, &fit, Margins::Observed, "/lsmeans_proportional");
        let residual = fit.linear().residual_sd();
        check_f(case, 0, fit.arms_test().unwrap(), residual);
        check_f(case, 1, fit.factor_test(0).unwrap(), residual);
        check_f(case, 2, fit.linear().f_test(&[13]).unwrap(), residual);
    }
}

fn check_fit(case: &Case, fit: &LinearFit) {
    case.check("/n", fit.n() as f64);
    case.check("/df_residual", fit.residual_df());
    case.check("/sigma", fit.residual_sd());
    case.check("/r2", fit.r_squared().unwrap());
    assert_eq!(case.length("/coefficients"), fit.coefficients().count());
    for k in 0..fit.coefficients().count() {
        let ours = fit.effect(k, Level::P95).unwrap();
        case.check_effect(&format!("/coefficients/{k}"), &ours);
    }
}

fn check_f(case: &Case, row: usize, test: FTest, residual_sd: f64) {
    let at = format!("/type3_drop1/{row}");
    case.check(&format!("{at}/df"), test.df1);
    case.check(&format!("{at}/F"), test.statistic);
    case.check(&format!("{at}/p"), test.p);
    let squares = test.statistic * test.df1 * residual_sd * residual_sd;
    case.check(&format!("{at}/ss"), squares);
}

#[test]
fn columns_and_cross_products_agree() {
    let [columns, stream] = both_forms(&week("24"));
    for k in 0..14 {
        let ours = columns.linear().effect(k, Level::P95).unwrap();
        let theirs = stream.linear().effect(k, Level::P95).unwrap();
        for (a, b) in [
            (ours.estimate.value, theirs.estimate.value),
            (ours.estimate.se, theirs.estimate.se),
            (ours.p, theirs.p),
        ] {
            assert!((a / b - 1.0).abs() < BOTH_FORMS, "{k}: {a} {b}");
        }
    }
}

fn every_visit_of_the_pilot(case: &Case) {
    for (k, visit) in ["8", "16", "24"].into_iter().enumerate() {
        case.check(&format!("/{k}/visit"), visit.parse().unwrap());
        for fit in both_forms(&week(visit)) {
            case.check(&format!("/{k}/n"), fit.linear().n() as f64);
            for arm in [1, 2] {
                let ours = fit.difference(arm, 0, Level::P95).unwrap();
                case.check_effect(&format!("/{k}/diff/{}", arm - 1), &ours);
            }
        }
    }
}

fn dose_as_a_number(case: &Case) {
    let table = week("24");
    let (dose, base, change) =
        (table.numbers("TRTPN"), table.numbers("BASE"), table.numbers("CHG"));
    let sites = table.distinct("SITEGR1");
    let site = table.levels("SITEGR1", &sites);
    let variables = [
        Variable::Number(&dose),
        Variable::Factor { codes: &site, levels: sites.len() },
        Variable::Number(&base),
    ];
    let design = ModelMatrix::new(&variables, &[&[0], &[1], &[2]]).unwrap();
    let ours = ols(&design.columns(), &change).unwrap().effect(1, Level::P95).unwrap();
    case.check("/slope", ours.estimate.value);
    case.check_effect("", &ours);
}

/// Least-squares means and all pairs, later level first, of a factor that is variable 0.
fn check_design_means(
    case: &Case,
    design: &ModelMatrix<'_>,
    fit: &LinearFit,
    margins: Margins,
    at: &str,
) {
    let levels = case.length(&format!("{at}/lsmeans"));
    let mean = |level: usize| design.mean(&[(0, level)], margins).unwrap();
    for level in 0..levels {
        let ours = fit.coefficients().contrast(&mean(level), Level::P95).unwrap();
        case.check_effect(&format!("{at}/lsmeans/{level}"), &ours);
    }
    for (k, (low, high)) in pairs(levels).into_iter().enumerate() {
        let ours = fit.coefficients().difference(&mean(high), &mean(low), Level::P95).unwrap();
        let name = |level: usize| case.text(&format!("{at}/lsmeans/{level}/level"));
        check_pair(case, at, k, &ours, [name(low), name(high)], levels);
    }
}

/// In the order of the pack: by the later level, then by the earlier.
fn pairs(levels: usize) -> Vec<(usize, usize)> {
    (0..levels).flat_map(|high| (0..high).map(move |low| (low, high))).collect()
}

fn interaction_with_sex(case: &Case) {
    let table = week("24");
    let (arm, sex) = (table.levels("TRTP", &ARMS), table.levels("SEX", &["F", "M"]));
    let base = table.numbers("BASE");
    let variables = [
        Variable::Factor { codes: &arm, levels: 3 },
        Variable::Factor { codes: &sex, levels: 2 },
        Variable::Number(&base),
    ];
    let design = ModelMatrix::new(&variables, &[&[0], &[1], &[2], &[0, 1]]).unwrap();
    let fit = ols(&design.columns(), &table.numbers("CHG")).unwrap();
    check_fit(case, &fit);
    let test = |term: usize| fit.f_test(&design.coefficients_of(term)).unwrap();
    check_f(case, 0, test(2), fit.residual_sd());
    check_f(case, 1, test(3), fit.residual_sd());
    check_design_means(case, &design, &fit, Margins::Equal, "/lsmeans_equal");
    check_design_means(case, &design, &fit, Margins::Observed, "/lsmeans_proportional");
}

fn one_factor(case: &Case) {
    let table = table::read("cholesterol.csv");
    let arm = table.levels("trt", &["1time", "2times", "4times", "drugD", "drugE"]);
    let variables = [Variable::Factor { codes: &arm, levels: 5 }];
    let design = ModelMatrix::new(&variables, &[&[0]]).unwrap();
    let fit = ols(&design.columns(), &table.numbers("response")).unwrap();
    check_fit(case, &fit);
    check_f(case, 0, fit.f_test(&design.coefficients_of(0)).unwrap(), fit.residual_sd());
    check_design_means(case, &design, &fit, Margins::Equal, "/lsmeans_equal");
    check_design_means(case, &design, &fit, Margins::Observed, "/lsmeans_proportional");
}
