use proband_stats::descriptive::Moments;
use proband_stats::rank::{hodges_lehmann, rank_sum};
use proband_stats::{Continuity, Effect, Level, t_tests};

use crate::area::Area;
use crate::cases::{self, Case};
use crate::table::{self, Table};

fn check_t(case: &Case, at: &str, ours: &Effect) {
    case.check(&format!("{at}/t"), ours.statistic);
    case.check(&format!("{at}/p"), ours.p);
    case.check(&format!("{at}/ci95/0"), ours.estimate.lower);
    case.check(&format!("{at}/ci95/1"), ours.estimate.upper);
}

fn week_24() -> Table {
    table::read("adqsadas_actot.csv").with(&[
        ("EFFFL", "Y"),
        ("ITTFL", "Y"),
        ("AVISITN", "24"),
        ("ANL01FL", "Y"),
    ])
}

fn change(arm: &str) -> Vec<f64> {
    week_24().with(&[("TRTP", arm)]).numbers("CHG")
}

fn pilot() -> Vec<(Case, Vec<f64>, Vec<f64>)> {
    ["adas_chg_high_vs_placebo", "adas_chg_low_vs_placebo"]
        .into_iter()
        .map(|id| {
            let case = cases::case("two_sample", id);
            let y = change(case.params["y"].as_str().unwrap());
            let x = change(case.params["x"].as_str().unwrap());
            (case, y, x)
        })
        .collect()
}

#[test]
fn means_of_two_arms() {
    for (case, y, x) in pilot() {
        let welch = t_tests::welch(&y, &x, Level::P95).unwrap();
        case.check("/diff", welch.estimate.value);
        case.check("/welch/se", welch.estimate.se);
        case.check("/welch/p_one_sided_greater", welch.p_greater().unwrap());
        check_t(&case, "/welch", &welch);
        let pooled = t_tests::pooled(&y, &x, Level::P95).unwrap();
        case.check("/pooled/se", pooled.estimate.se);
        check_t(&case, "/pooled", &pooled);
        let stream = |values: &[f64]| {
            let mut moments = Moments::new();
            values.iter().for_each(|&v| moments.push(v).unwrap());
            moments
        };
        let streamed = t_tests::welch_from_moments(&stream(&y), &stream(&x), Level::P95);
        check_t(&case, "/welch", &streamed.unwrap());
    }
}

#[test]
fn ranks_of_two_arms() {
    for (case, y, x) in pilot() {
        let corrected = rank_sum(&y, &x, Continuity::Corrected).unwrap();
        case.check("/wilcoxon_cc/W", corrected.u);
        case.check("/wilcoxon_cc/p", corrected.test.p);
        case.check("/mann_whitney_prob", corrected.superiority);
        let plain = rank_sum(&y, &x, Continuity::Uncorrected).unwrap();
        case.check("/wilcoxon_nocc/p", plain.test.p);
        let shift = hodges_lehmann(&y, &x, Level::P95).unwrap();
        case.check("/hodges_lehmann_median_of_differences", shift.value);
    }
}

#[test]
fn pairs_of_students_sleep() {
    let case = cases::case("two_sample", "paired_sleep");
    let x: Vec<f64> = serde_json::from_value(case.params["x"].clone()).unwrap();
    let y: Vec<f64> = serde_json::from_value(case.params["y"].clone()).unwrap();
    let ours = t_tests::paired(&y, &x, Level::P95).unwrap();
    case.check("/mean_diff", ours.estimate.value);
    check_t(&case, "", &ours);
}

pub(crate) const AREA: Area = Area {
    name: "two_sample",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}
