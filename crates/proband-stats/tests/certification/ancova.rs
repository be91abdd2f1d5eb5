use proband_stats::Level;
use proband_stats::ancova::{
    AncovaColumns, AncovaFit, AncovaLayout, AncovaSums, Margins, ancova,
};
use proband_stats::linear::ols;

use crate::area::Area;
use crate::cases::{self, Case};
use crate::table::{self, Table};

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
    for (k, (active, control)) in [(1, 0), (2, 0), (2, 1)].into_iter().enumerate() {
        let ours = fit.difference(active, control, Level::P95).unwrap();
        case.check_effect(&format!("{at}/pairwise_unadjusted/{k}"), &ours);
    }
}

#[test]
fn primary_analysis_of_the_pilot() {
    let case = cases::case("ancova", "adas_w24_locf_primary");
    for fit in both_forms(&week("24")) {
        let linear = fit.linear();
        case.check("/n", linear.n() as f64);
        case.check("/df_residual", linear.residual_df());
        case.check("/sigma", linear.residual_sd());
        case.check("/r2", linear.r_squared().unwrap());
        for k in 0..14 {
            let ours = linear.effect(k, Level::P95).unwrap();
            case.check_effect(&format!("/coefficients/{k}"), &ours);
        }
        check_means(&case, &fit, Margins::Equal, "/lsmeans_equal");
        check_means(&case, &fit, Margins::Observed, "/lsmeans_proportional");
        case.check("/type3_drop1/0/F", fit.arms_test().unwrap().statistic);
        case.check("/type3_drop1/0/p", fit.arms_test().unwrap().p);
        case.check("/type3_drop1/1/F", fit.factor_test(0).unwrap().statistic);
        case.check("/type3_drop1/1/p", fit.factor_test(0).unwrap().p);
        case.check("/type3_drop1/2/p", fit.slope(0, Level::P95).unwrap().p);
    }
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

#[test]
fn every_visit_of_the_pilot() {
    let case = cases::case("ancova", "adas_by_visit_locf");
    for (k, visit) in ["8", "16", "24"].into_iter().enumerate() {
        for fit in both_forms(&week(visit)) {
            for arm in [1, 2] {
                let ours = fit.difference(arm, 0, Level::P95).unwrap();
                case.check_effect(&format!("/{k}/diff/{}", arm - 1), &ours);
            }
        }
    }
}

#[test]
fn dose_as_a_number() {
    let case = cases::case("ancova", "adas_w24_locf_dose_response");
    let table = week("24");
    let (dose, base, change) =
        (table.numbers("TRTPN"), table.numbers("BASE"), table.numbers("CHG"));
    let sites = table.distinct("SITEGR1");
    let site = table.levels("SITEGR1", &sites);
    let mut columns = vec![dose, base];
    for level in 1..sites.len() {
        columns.push(site.iter().map(|&s| f64::from(u8::from(s == level))).collect());
    }
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let ours = ols(&slices, &change).unwrap().effect(1, Level::P95).unwrap();
    case.check("/slope", ours.estimate.value);
    case.check_effect("", &ours);
}

/// Interactions are not in [`ancova`]; the linear model takes any columns and any contrast.
#[test]
fn interaction_with_sex_by_hand() {
    let case = cases::case("ancova", "adas_w24_locf_by_sex_interaction");
    let table = week("24");
    let arm = table.levels("TRTP", &ARMS);
    let male = table::as_numbers(&table.is("SEX", "M"));
    let indicator =
        |k: usize| -> Vec<f64> { arm.iter().map(|&a| f64::from(u8::from(a == k))).collect() };
    let product = |a: &[f64]| -> Vec<f64> { a.iter().zip(&male).map(|(x, y)| x * y).collect() };
    let (low, high) = (indicator(1), indicator(2));
    let (low_male, high_male) = (product(&low), product(&high));
    let base = table.numbers("BASE");
    let columns: [&[f64]; 6] = [&low, &high, &male, &base, &low_male, &high_male];
    let fit = ols(&columns, &table.numbers("CHG")).unwrap();
    for k in 0..7 {
        let ours = fit.effect(k, Level::P95).unwrap();
        case.check_effect(&format!("/coefficients/{k}"), &ours);
    }
    case.check("/type3_drop1/1/F", fit.f_test(&[5, 6]).unwrap().statistic);
    case.check("/type3_drop1/1/p", fit.f_test(&[5, 6]).unwrap().p);
    // Low dose against placebo with both sexes weighted equally.
    let weights = [0.0, 1.0, 0.0, 0.0, 0.0, 0.5, 0.0];
    let ours = fit.coefficients().contrast(&weights, Level::P95).unwrap();
    case.check_effect("/lsmeans_equal/pairwise_unadjusted/0", &ours);
}

pub(crate) const AREA: Area = Area {
    name: "ancova",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}
