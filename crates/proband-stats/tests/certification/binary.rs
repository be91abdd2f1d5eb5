use proband_stats::binary::{
    Proportion, Stratum, chi_square, clopper_pearson, cochran_mantel_haenszel, fisher_exact,
    mantel_haenszel_difference, mantel_haenszel_odds_ratio, miettinen_nurminen,
    miettinen_nurminen_odds_ratio, miettinen_nurminen_risk_ratio, miettinen_nurminen_test,
    newcombe, odds_ratio, risk_difference, risk_ratio, wilson,
};
use proband_stats::{Continuity, Level, StatsError};
use serde_json::Value;

use crate::area::Area;
use crate::cases::{self, Case};

fn proportion(params: &Value, x: &str, n: &str) -> Proportion {
    Proportion::new(params[x].as_u64().unwrap(), params[n].as_u64().unwrap()).unwrap()
}

#[test]
fn one_proportion() {
    for case in cases::all("binary_one_sample") {
        let p = proportion(&case.params, "x", "n");
        case.check("/p", p.value());
        case.check_interval("/clopper_pearson", clopper_pearson(p, Level::P95).unwrap());
        case.check_interval("/clopper_pearson_90", clopper_pearson(p, Level::P90).unwrap());
        case.check_interval("/wilson", wilson(p, Level::P95).unwrap());
    }
}

fn pairs() -> Vec<(Case, Proportion, Proportion)> {
    cases::all("binary_two_sample")
        .into_iter()
        .map(|case| {
            let a = proportion(&case.params, "x1", "n1");
            let c = proportion(&case.params, "x2", "n2");
            (case, a, c)
        })
        .collect()
}

#[test]
fn differences_of_two_proportions() {
    for (case, a, c) in pairs() {
        case.check_interval("/rd_newcombe", newcombe(a, c, Level::P95).unwrap());
        case.check_interval(
            "/rd_miettinen_nurminen",
            miettinen_nurminen(a, c, Level::P95).unwrap(),
        );
        match miettinen_nurminen_test(a, c, 0.0) {
            Ok(test) => case.check("/mn_score_z_at_0", test.z),
            Err(error) => {
                assert_eq!((error, a.events() + c.events()), (StatsError::ZeroVariance, 0));
            }
        }
        if case.has("/z_unpooled") {
            let wald = risk_difference(a, c, Level::P95).unwrap();
            case.check("/risk_difference", wald.estimate.value);
            case.check("/z_unpooled", wald.statistic);
            case.check("/rd_wald/0", wald.estimate.lower);
            case.check("/rd_wald/1", wald.estimate.upper);
        }
    }
}

#[test]
fn ratios_of_two_proportions() {
    for (case, a, c) in pairs() {
        if case.has("/log_rr_se") {
            let ours = risk_ratio(a, c, Level::P95).unwrap();
            case.check("/risk_ratio", ours.value);
            case.check("/log_rr_se", ours.log.estimate.se);
            case.check("/rr_katz/0", ours.lower);
            case.check("/rr_katz/1", ours.upper);
        }
        if case.has("/log_or_se") {
            let ours = odds_ratio(a, c, Level::P95).unwrap();
            case.check("/odds_ratio", ours.value);
            case.check("/log_or_se", ours.log.estimate.se);
            case.check("/or_woolf/0", ours.lower);
            case.check("/or_woolf/1", ours.upper);
        }
        if case.has("/rr_miettinen_nurminen") {
            let ours = miettinen_nurminen_risk_ratio(a, c, Level::P95).unwrap();
            case.check_interval("/rr_miettinen_nurminen", ours);
        }
        if case.has("/or_miettinen_nurminen") {
            let ours = miettinen_nurminen_odds_ratio(a, c, Level::P95).unwrap();
            case.check_interval("/or_miettinen_nurminen", ours);
        }
    }
}

#[test]
fn tests_of_independence() {
    for (case, a, c) in pairs() {
        let fisher = fisher_exact(a, c);
        case.check("/fisher_p", fisher.p);
        case.check("/fisher_p_greater", fisher.p_greater);
        case.check("/fisher_p_less", fisher.p_less);
        if !case.has("/chisq") {
            let ours = chi_square(a, c, Continuity::Uncorrected);
            assert_eq!(ours, Err(StatsError::NoEvents));
            continue;
        }
        let plain = chi_square(a, c, Continuity::Uncorrected).unwrap();
        case.check("/chisq", plain.statistic);
        case.check("/chisq_p", plain.p);
        let yates = chi_square(a, c, Continuity::Corrected).unwrap();
        case.check("/chisq_yates", yates.statistic);
        case.check("/chisq_yates_p", yates.p);
    }
}

fn strata(params: &Value) -> Vec<Stratum> {
    let column =
        |name: &str| -> Vec<u64> { serde_json::from_value(params[name].clone()).unwrap() };
    let (x1, n1, x2, n2) = (column("x1"), column("n1"), column("x2"), column("n2"));
    (0..x1.len())
        .map(|k| Stratum {
            active: Proportion::new(x1[k], n1[k]).unwrap(),
            control: Proportion::new(x2[k], n2[k]).unwrap(),
        })
        .collect()
}

#[test]
fn proportions_in_strata() {
    for case in cases::all("binary_stratified").iter().filter(|c| c.has("/cmh")) {
        let strata = strata(&case.params);
        let difference = mantel_haenszel_difference(&strata, Level::P95).unwrap();
        case.check("/mh_rd", difference.estimate.value);
        case.check("/mh_rd_se_sato", difference.estimate.se);
        case.check("/mh_rd_ci_sato/0", difference.estimate.lower);
        case.check("/mh_rd_ci_sato/1", difference.estimate.upper);
        let ratio = mantel_haenszel_odds_ratio(&strata, Level::P95).unwrap();
        case.check("/mh_or", ratio.value);
        case.check("/mh_or_ci_rbg/0", ratio.lower);
        case.check("/mh_or_ci_rbg/1", ratio.upper);
        let plain = cochran_mantel_haenszel(&strata, Continuity::Uncorrected).unwrap();
        case.check("/cmh", plain.statistic);
        case.check("/cmh_p", plain.p);
        let corrected = cochran_mantel_haenszel(&strata, Continuity::Corrected).unwrap();
        case.check("/cmh_cc", corrected.statistic);
        case.check("/cmh_cc_p", corrected.p);
    }
}

pub(crate) const ONE_SAMPLE: Area = Area {
    name: "binary_one_sample",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

pub(crate) const TWO_SAMPLE: Area = Area {
    name: "binary_two_sample",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

pub(crate) const STRATIFIED: Area = Area {
    name: "binary_stratified",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}
