//! Beliefs about proportions and means.

use proband_stats::Level;
use proband_stats::bayes::{Beta, Normal, PredictiveRule, thompson_share};
use proband_stats::binary::Proportion;

use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area =
    Area { name: "bayes", agrees_to: 1e-12, certify, not_reproduced: &[] };

fn certify(case: &Case) {
    match case.id() {
        "normal_a" => normal(case),
        "pp_lee_liu" => predictive(case),
        _ => two_proportions(case),
    }
}

fn proportion(case: &Case, x: &str, n: &str) -> Proportion {
    Proportion::new(case.param(x) as u64, case.param(n) as u64).unwrap()
}

fn two_proportions(case: &Case) {
    let prior = case.list("prior");
    let prior = Beta::new(prior[0], prior[1]).unwrap();
    let (one, two) =
        (prior.after(proportion(case, "x1", "n1")), prior.after(proportion(case, "x2", "n2")));
    let better = two.exceeds(one, 0.0).unwrap();
    case.check("/prob_p2_gt_p1", better);
    case.check("/thompson_prob_c_half", thompson_share(better, 0.5).unwrap());
    for (k, belief) in [(1, one), (2, two)] {
        case.check(&format!("/post_mean{k}"), belief.mean());
        case.check_interval(&format!("/cri{k}"), belief.interval(Level::P95).unwrap());
    }
}

fn predictive(case: &Case) {
    let prior = Beta::new(case.param("a"), case.param("b")).unwrap();
    let seen = proportion(case, "x", "n");
    let rule = PredictiveRule {
        largest: case.param("N") as u64,
        null: case.param("p0"),
        threshold: case.param("theta_T"),
    };
    case.check("/predictive_probability", rule.success(prior, seen).unwrap());
    // What the posterior probability is expected to be at the end is what it is now.
    let now = prior.after(seen).above(rule.null).unwrap();
    case.check("/expected_posterior_prob", now);
}

fn normal(case: &Case) {
    let prior = Normal::new(case.param("prior_mean"), case.param("prior_sd")).unwrap();
    let se = case.param("sigma") / case.param("n").sqrt();
    let ours = prior.after(case.param("xbar"), se).unwrap();
    case.check("/post_mean", ours.mean());
    case.check("/post_sd", ours.sd());
    case.check("/p_gt_0", ours.above(0.0));
    case.check_interval("/cri95", ours.interval(Level::P95).unwrap());
}

#[test]
fn bayes_certified() {
    AREA.certify();
}
