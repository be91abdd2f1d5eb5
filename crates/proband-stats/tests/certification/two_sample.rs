use proband_stats::descriptive::Moments;
use proband_stats::rank::{
    Shift, exact_hodges_lehmann, exact_rank_sum, hodges_lehmann, kruskal_wallis, rank_sum,
    signed_rank,
};
use proband_stats::{Continuity, Effect, Level, t_tests};

use crate::area::Area;
use crate::cases::Case;
use crate::table;

pub(crate) const AREA: Area =
    Area { name: "two_sample", agrees_to: 1e-11, certify: compare, not_reproduced: &[] };

/// R finds the asymptotic shift and its limits by `uniroot` on a step function.
const STEPS: f64 = 1e-3;

#[test]
fn two_sample_certified() {
    AREA.certify();
}

fn compare(case: &Case) {
    if case.id() == "paired_sleep" {
        return pairs_of_students_sleep(case);
    }
    let (x, y) = (sample(case, "x"), sample(case, "y"));
    case.check("/n_x", x.len() as f64);
    case.check("/n_y", y.len() as f64);
    means(case, &y, &x);
    ranks(case, &y, &x);
    spread(case, &y, &x);
}

fn sample(case: &Case, which: &str) -> Vec<f64> {
    let name = case.params[which].as_str().unwrap();
    if case.id().starts_with("cholesterol") {
        return table::read("cholesterol.csv").with(&[("trt", name)]).numbers("response");
    }
    let week_24 = [("EFFFL", "Y"), ("ITTFL", "Y"), ("AVISITN", "24"), ("ANL01FL", "Y")];
    table::read("adqsadas_actot.csv").with(&week_24).with(&[("TRTP", name)]).numbers("CHG")
}

fn check_t(case: &Case, at: &str, ours: &Effect) {
    case.check_effect(at, ours);
    case.check_list(&format!("{at}/ci95"), &[ours.estimate.lower, ours.estimate.upper]);
}

fn means(case: &Case, y: &[f64], x: &[f64]) {
    let mean = |v: &[f64]| t_tests::one_sample(v, 0.0, Level::P95).unwrap().estimate.value;
    case.check("/mean_x", mean(x));
    case.check("/mean_y", mean(y));
    let welch = t_tests::welch(y, x, Level::P95).unwrap();
    case.check("/diff", welch.estimate.value);
    case.check("/welch/p_one_sided_greater", welch.p_greater().unwrap());
    check_t(case, "/welch", &welch);
    check_t(case, "/pooled", &t_tests::pooled(y, x, Level::P95).unwrap());
    let streamed = t_tests::welch_from_moments(&stream(y), &stream(x), Level::P95);
    check_t(case, "/welch", &streamed.unwrap());
}

fn stream(values: &[f64]) -> Moments {
    let mut moments = Moments::new();
    values.iter().for_each(|&v| moments.push(v).unwrap());
    moments
}

fn ranks(case: &Case, y: &[f64], x: &[f64]) {
    let corrected = rank_sum(y, x, Continuity::Corrected).unwrap();
    case.check("/wilcoxon_cc/W", corrected.u);
    case.check("/wilcoxon_cc/p", corrected.test.p);
    case.check("/mann_whitney_prob", corrected.superiority);
    let plain = rank_sum(y, x, Continuity::Uncorrected).unwrap();
    case.check("/wilcoxon_nocc/p", plain.test.p);
    let shift = hodges_lehmann(y, x, Level::P95).unwrap();
    case.check("/hodges_lehmann_median_of_differences", shift.value);
    check_shift(case, "/hodges_lehmann_asymptotic", "estimate", "ci95", shift, STEPS);
    let exact = "/wilcoxon_exact";
    if case.has(exact) {
        let ours = exact_rank_sum(y, x).unwrap();
        case.check(&format!("{exact}/W"), ours.u);
        case.check(&format!("{exact}/p"), ours.p);
        let shift = exact_hodges_lehmann(y, x, Level::P95).unwrap();
        check_shift(case, exact, "hl", "hl_ci95", shift, 1e-9);
    } else {
        case.check_optional(exact, None);
    }
    let groups = kruskal_wallis(&[x, y]).unwrap();
    case.check("/kruskal/chisq", groups.statistic);
    case.check("/kruskal/p", groups.p);
}

fn check_shift(case: &Case, at: &str, value: &str, limits: &str, ours: Shift, to: f64) {
    case.check_within(&format!("{at}/{value}"), ours.value, to);
    case.check_within(&format!("{at}/{limits}/0"), ours.interval.lower, to);
    case.check_within(&format!("{at}/{limits}/1"), ours.interval.upper, to);
}

fn spread(case: &Case, y: &[f64], x: &[f64]) {
    let ratio = t_tests::variance_ratio(y, x, Level::P95).unwrap();
    case.check("/var_ratio_F/F", ratio.test.statistic);
    case.check("/var_ratio_F/p", ratio.p);
    case.check_interval("/var_ratio_F/ci95", ratio.interval);
    let standardised = t_tests::standardised_difference(y, x).unwrap();
    case.check("/cohen_d", standardised.cohen_d);
    case.check("/hedges_g", standardised.hedges_g);
    case.check("/pooled/sd_pooled", standardised.pooled_sd);
}

fn pairs_of_students_sleep(case: &Case) {
    let (x, y) = (case.list("x"), case.list("y"));
    let ours = t_tests::paired(&y, &x, Level::P95).unwrap();
    case.check("/mean_diff", ours.estimate.value);
    check_t(case, "", &ours);
    let gaps: Vec<f64> = y.iter().zip(&x).map(|(y, x)| y - x).collect();
    let signed = signed_rank(&gaps, Continuity::Corrected).unwrap();
    case.check("/signed_rank/V", signed.v);
    case.check("/signed_rank/p_cc", signed.test.p);
}
