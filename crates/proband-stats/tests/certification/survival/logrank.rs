//! Log-rank tests, weighted, stratified and combined.

use proband_stats::survival::{
    LogRank, LogRankWeights, MaxCombo, logrank, max_combo, stratified_logrank,
};

use super::{Trial, trial};
use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area =
    Area { name: "logrank", agrees_to: 1e-12, certify, not_reproduced: &[] };

fn fleming_harrington(rho: f64, gamma: f64) -> LogRankWeights {
    LogRankWeights::FlemingHarrington { rho, gamma }
}

fn certify(case: &Case) {
    let trial = trial(case);
    let follow_up = trial.follow_up();
    let test = |weights| logrank(&follow_up, &trial.active, weights).unwrap();
    plain(case, &test(LogRankWeights::Equal));
    case.check("/gehan_Z", test(LogRankWeights::Gehan).z);
    case.check("/tarone_ware_Z", test(LogRankWeights::TaroneWare).z);
    let early = test(fleming_harrington(1.0, 0.0));
    case.check("/peto_peto_rho1_chisq", early.chi_square().statistic);
    for k in 0..case.length("/fleming_harrington") {
        let key = |name: &str| format!("/fleming_harrington/{k}/{name}");
        let (rho, gamma) = (case.number(&key("rho")), case.number(&key("gamma")));
        let ours = test(fleming_harrington(rho, gamma));
        case.check(&key("rho"), rho);
        case.check(&key("gamma"), gamma);
        case.check(&key("U"), ours.score);
        case.check(&key("V"), ours.variance);
        case.check(&key("Z"), ours.z);
        case.check(&key("p_two_sided"), ours.p);
        case.check(&key("p_one_sided_active_better"), ours.p_less());
    }
    stratified(case, &trial);
    let four = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)];
    combined(case, "/maxcombo_fh00_fh01_fh10_fh11", &trial, &four);
    combined(case, "/maxcombo_fh00_fh05", &trial, &[(0.0, 0.0), (0.0, 0.5)]);
}

fn plain(case: &Case, ours: &LogRank) {
    case.check("/observed/0", ours.observed_control);
    case.check("/observed/1", ours.observed_active);
    case.check("/expected/0", ours.expected_control);
    case.check("/expected/1", ours.expected_active);
    case.check("/logrank_Z_active", ours.z);
    case.check("/hypergeom_var", ours.variance);
    case.check("/logrank_chisq", ours.chi_square().statistic);
    case.check("/logrank_p", ours.chi_square().p);
}

fn stratified(case: &Case, trial: &Trial) {
    let weights = LogRankWeights::Equal;
    let ours =
        stratified_logrank(&trial.follow_up(), &trial.active, &trial.strata, weights).unwrap();
    case.check("/stratified/Z_active", ours.z);
    case.check("/stratified/U", ours.score);
    case.check("/stratified/V", ours.variance);
    case.check("/stratified/chisq", ours.chi_square().statistic);
    case.check("/stratified/p", ours.p);
}

fn combined(case: &Case, at: &str, trial: &Trial, powers: &[(f64, f64)]) {
    let weights: Vec<LogRankWeights> =
        powers.iter().map(|(rho, gamma)| fleming_harrington(*rho, *gamma)).collect();
    let one_stratum = vec![0; trial.time.len()];
    let ours: MaxCombo =
        max_combo(&trial.follow_up(), &trial.active, &one_stratum, &weights).unwrap();
    case.check_list(&format!("{at}/Z"), &ours.z);
    for j in 0..powers.len() {
        for k in 0..powers.len() {
            case.check(&format!("{at}/corr/{j}/{k}"), ours.correlation(j, k).unwrap());
        }
    }
    let smallest = ours.z.iter().copied().fold(f64::INFINITY, f64::min);
    case.check(&format!("{at}/z_min"), smallest);
    for (key, p) in [("p_one_sided", ours.p_less), ("p_two_sided", ours.p_two_sided)] {
        // Quasi-Monte Carlo in the reference, good to 1e-5.
        let place = format!("{at}/{key}");
        let expected = case.number(&place);
        assert!((p - expected).abs() < 1e-5, "{place}: {p} {expected}");
        case.check_within(&place, expected, 0.0);
    }
}

#[test]
fn logrank_certified() {
    AREA.certify();
}
