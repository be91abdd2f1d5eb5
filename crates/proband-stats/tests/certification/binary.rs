use proband_stats::binary::{
    Proportion, Stratum, agresti_caffo, agresti_coull, binomial_test, breslow_day, chi_square,
    chi_square_n_minus_1, clopper_pearson, cochran_difference, cochran_mantel_haenszel,
    conditional_odds_ratio, exact_stratified_test, fisher_exact, jeffreys, likelihood_ratio,
    mantel_haenszel_difference, mantel_haenszel_odds_ratio, mantel_haenszel_risk_ratio, mee,
    mid_p, miettinen_nurminen, miettinen_nurminen_odds_ratio, miettinen_nurminen_risk_ratio,
    miettinen_nurminen_test, newcombe, number_needed, odds_ratio, risk_difference,
    risk_difference_corrected, risk_ratio, wald, wilson, wilson_corrected,
};
use proband_stats::contingency::{CountTable, stratified_association};
use proband_stats::{ChiSquareTest, Continuity, Interval, Level, StatsError};

use crate::area::Area;
use crate::cases::Case;
use crate::table;

const L: Level = Level::P95;

/// The mid-p limits of the pack come from a search in steps of 1e-4 that stops a few steps off; that
/// ours solve the equation is a property test.
const MID_P: f64 = 5e-4;

/// R's `fisher.test` looks for the odds ratio and its limits with `uniroot`, which stops at an absolute
/// 1.2e-4 of the ratio or its reciprocal.
const UNIROOT: f64 = 1.3e-4;

pub(crate) const ONE_SAMPLE: Area = Area {
    name: "binary_one_sample",
    agrees_to: 1e-11,
    certify: one_proportion,
    not_reproduced: &[
        (
            "x10_n20/wilson_cc",
            "R shrinks the correction to how far x is from n/2, zero here; Newcombe's method 4 always has 1/(2n)",
        ),
        ("x500_n1000/wilson_cc", "as for x10_n20"),
    ],
};

pub(crate) const TWO_SAMPLE: Area = Area {
    name: "binary_two_sample",
    agrees_to: 1e-11,
    certify: two_proportions,
    not_reproduced: &[],
};

pub(crate) const STRATIFIED: Area =
    Area { name: "binary_stratified", agrees_to: 1e-11, certify: strata, not_reproduced: &[] };

#[test]
fn one_sample_certified() {
    ONE_SAMPLE.certify();
}

#[test]
fn two_sample_certified() {
    TWO_SAMPLE.certify();
}

#[test]
fn stratified_certified() {
    STRATIFIED.certify();
}

fn proportion(case: &Case, x: &str, n: &str) -> Proportion {
    Proportion::new(case.param(x) as u64, case.param(n) as u64).unwrap()
}

fn one_proportion(case: &Case) {
    let p = proportion(case, "x", "n");
    case.check("/p", p.value());
    case.check_interval("/clopper_pearson", clopper_pearson(p, L).unwrap());
    case.check_interval("/clopper_pearson_90", clopper_pearson(p, Level::P90).unwrap());
    case.check_interval("/wilson", wilson(p, L).unwrap());
    case.check_interval("/wald", wald(p, L).unwrap());
    case.check_interval("/agresti_coull", agresti_coull(p, L).unwrap());
    case.check_interval("/jeffreys", jeffreys(p, L).unwrap());
    if 2 * p.events() != p.total() {
        case.check_interval("/wilson_cc", wilson_corrected(p, L).unwrap());
    }
    let middle = mid_p(p, L).unwrap();
    case.check_places("/mid_p/0", middle.lower, MID_P);
    case.check_places("/mid_p/1", middle.upper, MID_P);
    case.check("/binom_test_p_vs_0.5", binomial_test(p, 0.5).unwrap().p);
    case.check("/binom_test_p_vs_0.3_greater", binomial_test(p, 0.3).unwrap().p_greater);
}

fn two_proportions(case: &Case) {
    let (a, c) = (proportion(case, "x1", "n1"), proportion(case, "x2", "n2"));
    case.check("/p1", a.value());
    case.check("/p2", c.value());
    differences(case, a, c);
    ratios(case, a, c);
    tests_of_independence(case, a, c);
}

fn differences(case: &Case, a: Proportion, c: Proportion) {
    let score = miettinen_nurminen(a, c, L).unwrap();
    case.check_interval("/rd_miettinen_nurminen", score);
    case.check_interval("/rd_newcombe", newcombe(a, c, L).unwrap());
    case.check_interval("/rd_mee_no_bcf", mee(a, c, L).unwrap());
    case.check_interval("/rd_agresti_caffo", agresti_caffo(a, c, L).unwrap());
    case.check_interval("/rd_wald_cc", risk_difference_corrected(a, c, L).unwrap());
    if case.values.get("nnt").is_some() {
        case.check("/nnt", number_needed(a, c, score).value);
    }
    case.check("/risk_difference", a.value() - c.value());
    match risk_difference(a, c, L) {
        Ok(ours) => {
            case.check("/z_unpooled", ours.statistic);
            case.check("/rd_wald/0", ours.estimate.lower);
            case.check("/rd_wald/1", ours.estimate.upper);
        }
        Err(error) => {
            // No variance: R prints the difference as both limits.
            assert_eq!(error, StatsError::ZeroVariance);
            case.check_optional("/z_unpooled", None);
            case.check("/rd_wald/0", a.value() - c.value());
            case.check("/rd_wald/1", a.value() - c.value());
        }
    }
    match miettinen_nurminen_test(a, c, 0.0) {
        Ok(test) => case.check("/mn_score_z_at_0", test.z),
        Err(error) => {
            assert_eq!(error, StatsError::ZeroVariance);
            case.check("/mn_score_z_at_0", 0.0);
        }
    }
}

fn ratios(case: &Case, a: Proportion, c: Proportion) {
    if case.has("/log_rr_se") {
        let ours = risk_ratio(a, c, L).unwrap();
        case.check("/risk_ratio", ours.value);
        case.check("/log_rr_se", ours.log.estimate.se);
        case.check("/rr_katz/0", ours.lower);
        case.check("/rr_katz/1", ours.upper);
    }
    if case.has("/log_or_se") {
        let ours = odds_ratio(a, c, L).unwrap();
        case.check("/odds_ratio", ours.value);
        case.check("/log_or_se", ours.log.estimate.se);
        case.check("/or_woolf/0", ours.lower);
        case.check("/or_woolf/1", ours.upper);
    }
    if case.has("/rr_miettinen_nurminen") {
        let ours = miettinen_nurminen_risk_ratio(a, c, L).unwrap();
        check_score(case, "/rr_miettinen_nurminen", ours);
    }
    if case.has("/or_miettinen_nurminen") {
        let ours = miettinen_nurminen_odds_ratio(a, c, L).unwrap();
        check_score(case, "/or_miettinen_nurminen", ours);
    }
}

/// The pack's score limits of ratios come from R's `uniroot` at a tolerance near 1e-8.
fn check_score(case: &Case, pointer: &str, ours: Interval) {
    case.check_within(&format!("{pointer}/0"), ours.lower, 1e-7);
    case.check_within(&format!("{pointer}/1"), ours.upper, 1e-7);
}

fn tests_of_independence(case: &Case, a: Proportion, c: Proportion) {
    let fisher = fisher_exact(a, c);
    case.check("/fisher_p", fisher.p);
    case.check("/fisher_p_greater", fisher.p_greater);
    case.check("/fisher_p_less", fisher.p_less);
    let conditional = conditional_odds_ratio(a, c, L).unwrap();
    check_root(case, "/fisher_cmle_or", conditional.value);
    check_root(case, "/fisher_or_ci/0", conditional.interval.lower);
    check_root(case, "/fisher_or_ci/1", conditional.interval.upper);
    check_chi_square(case, "/chisq", "/chisq_p", chi_square(a, c, Continuity::Uncorrected));
    let yates = chi_square(a, c, Continuity::Corrected);
    check_chi_square(case, "/chisq_yates", "/chisq_yates_p", yates);
    if case.values.get("n_minus_1_chisq").is_some() {
        let ours = chi_square_n_minus_1(a, c).ok().map(|test| test.statistic);
        case.check_optional("/n_minus_1_chisq", ours);
    }
    if case.values.get("lr_G2").is_some() {
        // Without events R has a statistic of 0; here that is a reason.
        let ours = likelihood_ratio(a, c).map_or((0.0, 1.0), |test| (test.statistic, test.p));
        case.check("/lr_G2", ours.0);
        case.check("/lr_p", ours.1);
    }
}

fn check_root(case: &Case, pointer: &str, ours: f64) {
    case.check_within(pointer, ours, UNIROOT * ours.max(1.0 / ours));
}

pub(crate) fn check_chi_square(
    case: &Case,
    statistic: &str,
    p: &str,
    ours: Result<ChiSquareTest, StatsError>,
) {
    case.check_optional(statistic, ours.ok().map(|test| test.statistic));
    case.check_optional(p, ours.ok().map(|test| test.p));
}

fn strata(case: &Case) {
    if case.has("/cmh") {
        proportions_in_strata(case);
    } else {
        impressions_of_change(case);
    }
}

fn proportions_in_strata(case: &Case) {
    let column = |name: &str| case.list(name).into_iter().map(|v| v as u64);
    let pair = |x: &str, n: &str| column(x).zip(column(n)).map(|(x, n)| Proportion::new(x, n));
    let strata: Vec<Stratum> = pair("x1", "n1")
        .zip(pair("x2", "n2"))
        .map(|(active, control)| Stratum { active: active.unwrap(), control: control.unwrap() })
        .collect();
    let sato = mantel_haenszel_difference(&strata, L).unwrap().estimate;
    case.check("/mh_rd", sato.value);
    case.check("/mh_rd_se_sato", sato.se);
    case.check_list("/mh_rd_ci_sato", &[sato.lower, sato.upper]);
    let cochran = cochran_difference(&strata, L).unwrap().estimate;
    case.check("/mh_rd_se_cochran_unpooled", cochran.se);
    let odds = mantel_haenszel_odds_ratio(&strata, L).unwrap();
    case.check("/mh_or", odds.value);
    case.check_list("/mh_or_ci_rbg", &[odds.lower, odds.upper]);
    let risks = mantel_haenszel_risk_ratio(&strata, L).unwrap();
    case.check("/mh_rr", risks.value);
    case.check_list("/mh_rr_ci", &[risks.lower, risks.upper]);
    let plain = cochran_mantel_haenszel(&strata, Continuity::Uncorrected);
    check_chi_square(case, "/cmh", "/cmh_p", plain);
    let corrected = cochran_mantel_haenszel(&strata, Continuity::Corrected);
    check_chi_square(case, "/cmh_cc", "/cmh_cc_p", corrected);
    case.check("/exact_p", exact_stratified_test(&strata).unwrap().p);
    let homogeneity = breslow_day(&strata).unwrap();
    check_chi_square(case, "/breslow_day", "/breslow_day_p", Ok(homogeneity.breslow_day));
    check_chi_square(case, "/breslow_day_tarone", "/tarone_p", Ok(homogeneity.tarone));
}

const ARMS: [&str; 3] = ["Placebo", "Xanomeline Low Dose", "Xanomeline High Dose"];

/// Counts of the clinicians' impression of change (1 to 7) by arm in each pooled site.
pub(crate) fn impressions(visit: &str) -> Vec<CountTable> {
    let table = table::read("adqscibc.csv").with(&[
        ("EFFFL", "Y"),
        ("ITTFL", "Y"),
        ("AVISITN", visit),
        ("ANL01FL", "Y"),
    ]);
    let sites = table.distinct("SITEGR1");
    let (arm, site) = (table.levels("TRTP", &ARMS), table.levels("SITEGR1", &sites));
    let score: Vec<usize> = table.numbers("AVAL").into_iter().map(|v| v as usize).collect();
    (0..sites.len())
        .map(|s| {
            let mut counts = [[0; 8]; 3];
            for k in (0..arm.len()).filter(|&k| site[k] == s) {
                counts[arm[k]][score[k]] += 1;
            }
            CountTable::new(&counts.each_ref().map(|row| &row[..])).unwrap()
        })
        .collect()
}

fn impressions_of_change(case: &Case) {
    let visit = &case.id()["cibic_w".len()..];
    let visit = visit.split('_').next().unwrap();
    let strata = impressions(visit);
    let scores: Vec<f64> = (0..8).map(f64::from).collect();
    let ours = stratified_association(&strata, &[0.0, 1.0, 2.0], &scores).unwrap();
    check_chi_square(case, "/row_mean_scores_chisq", "/p", Ok(ours.mean_scores));
    case.check("/df", ours.mean_scores.df);
    let general = ("/general_association_chisq", "/general_association_p");
    check_chi_square(case, general.0, general.1, Ok(ours.general));
    // Coin gives the signed root.
    case.check("/correlation_chisq", ours.correlation.z);
    case.check("/correlation_p", ours.correlation.p);
    let mut n = 0;
    for arm in 0..3 {
        for key in case.keys(&format!("/counts/{arm}")) {
            let Ok(category) = key.parse::<usize>() else { continue };
            let count: u64 = strata.iter().map(|s| s.count(arm, category)).sum();
            case.check(&format!("/counts/{arm}/{key}"), count as f64);
            n += count;
        }
    }
    case.check("/n", n as f64);
}
