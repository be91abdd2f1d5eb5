//! Combination tests, conditional power, multi-arm multi-stage and response-adaptive designs.

use proband_stats::Level;
use proband_stats::design::{
    ArmBoundary, ArmsPlan, Goal, effect_of_superiority, promising_zone,
};
use proband_stats::response_adaptive::TwoArms;
use proband_stats::sequential::{
    Efficacy, Futility, GroupSequentialDesign, GroupSequentialPlan, Interim, NormalPrior,
    Sides, Spending, StageMeans, bauer_koehne_critical, fisher_boundaries, fisher_combination,
    inverse_normal,
};

use crate::area::Area;
use crate::cases::Case;

pub(crate) const COMBINATION: Area = Area {
    name: "adaptive_combination",
    agrees_to: 5e-6,
    certify: combination,
    not_reproduced: &[],
};

pub(crate) const CONDITIONAL_POWER: Area = Area {
    name: "conditional_power",
    agrees_to: 1e-12,
    certify: conditional_power,
    not_reproduced: &[],
};

pub(crate) const MAMS: Area = Area {
    name: "mams",
    // Three decimals by the quadrature of the reference.
    agrees_to: 5e-4,
    certify: mams,
    not_reproduced: &[],
};

pub(crate) const RESPONSE: Area = Area {
    name: "response_adaptive",
    agrees_to: 1e-12,
    certify: response,
    not_reproduced: &[],
};

fn mams(case: &Case) {
    let shape = |key: &str| match case.params[key].as_str() {
        Some("obf") => ArmBoundary::OBrienFleming,
        Some("triangular") => ArmBoundary::Triangular,
        Some("fixed") => ArmBoundary::Fixed(vec![0.0]),
        _ => ArmBoundary::Pocock,
    };
    let looks = case.param("J") as usize;
    let sizes: Vec<f64> = (1..=looks).map(|j| j as f64).collect();
    let plan = ArmsPlan {
        arms: case.param("K") as usize,
        active: sizes.clone(),
        control: sizes,
        alpha: case.param("alpha"),
        upper: shape("ushape"),
        lower: shape("lshape"),
    };
    let design = plan.solve().unwrap();
    let effect = |key: &str| effect_of_superiority(case.param(key)).unwrap();
    let n = design.size(effect("p"), effect("p0"), case.param("power")).unwrap();
    let list = |key: &str, ours: &[f64]| match case.values[key].is_array() {
        true => case.check_list(&format!("/{key}"), ours),
        false => case.check(&format!("/{key}"), ours[0]),
    };
    if case.id() == "published_jss_m1" {
        list("u", &design.upper);
        case.check("/n", n as f64);
        case.check("/N", design.total(n));
        return;
    }
    list("upper", &design.upper);
    list("lower", &design.lower);
    list("alpha_star", &design.spent());
    case.check("/n_control_stage1", n as f64);
    case.check("/total_sample_size", design.total(n));
}

fn response(case: &Case) {
    let arms = TwoArms::new(case.param("pA"), case.param("pB")).unwrap();
    let urn = arms.play_the_winner();
    for (key, ours) in [
        ("rpw", urn),
        ("neyman", arms.neyman()),
        ("rsihr", arms.fewest_failures()),
        ("expected_failure_rate_equal", arms.failure_rate(0.5).unwrap()),
        ("expected_failure_rate_rpw", arms.failure_rate(urn).unwrap()),
        ("rpw_var_limit_n_times_var", arms.play_the_winner_variance().unwrap()),
    ] {
        case.check(&format!("/{key}"), ours);
    }
}

fn combination(case: &Case) {
    match case.id() {
        "inv_normal_ttest_2stage" => two_stages(case),
        "promising_a" => promising(case),
        _ => p_values(case),
    }
}

fn p_values(case: &Case) {
    let p = case.list("p");
    let ours = inverse_normal(&p, &case.list("weights")).unwrap();
    case.check("/z", ours.z);
    case.check("/p_inverse_normal", ours.p_greater());
    let fisher = fisher_combination(&p).unwrap();
    case.check("/fisher_stat", fisher.statistic);
    case.check("/p_fisher", fisher.p);
    case.check("/c_alpha_025", bauer_koehne_critical(0.025).unwrap());
}

fn lan_de_mets(fractions: Vec<f64>) -> GroupSequentialDesign {
    GroupSequentialPlan {
        fractions,
        alpha: 0.025,
        sides: Sides::One,
        efficacy: Efficacy::Spending(Spending::OBrienFleming),
        futility: Futility::None,
        binding: false,
    }
    .solve()
    .unwrap()
}

fn stages(case: &Case) -> Vec<StageMeans> {
    let (n1, n2) = (case.list("n1"), case.list("n2"));
    let columns = ["means1", "means2", "sd1", "sd2"].map(|name| case.list(name));
    (0..n1.len())
        .map(|k| StageMeans {
            n: [n1[k] as u64, n2[k] as u64],
            mean: [columns[0][k], columns[1][k]],
            sd: [columns[2][k], columns[3][k]],
        })
        .collect()
}

fn two_stages(case: &Case) {
    let (design, stages) = (lan_de_mets(case.list("information_rates")), stages(case));
    case.check_list("/critical_values", &design.upper);
    for k in 0..2 {
        let key = |name: &str| format!("/{name}/{k}");
        case.check(&key("stage_p_values"), stages[k].p(0.0).unwrap());
        let z = design.combine_means(&stages[..=k], 0.0).unwrap().z;
        case.check(&key("combination_z"), z);
        case.check(&key("weights"), 0.5_f64.sqrt());
        let repeated = design.repeated_interval_of_means(&stages[..=k]).unwrap();
        case.check(&key("rci_lower"), repeated.lower);
        case.check(&key("rci_upper"), repeated.upper);
        case.check(&key("repeated_p"), design.plan().repeated_p(k, z).unwrap());
    }
    let z = design.combine_means(&stages[..1], 0.0).unwrap().z;
    let error = design.conditional_power(0, z, 0.0).unwrap();
    case.check("/conditional_rejection_prob/0", error);
    case.check_optional("/conditional_rejection_prob/1", None);
    let ours = design.final_means(&stages, Level::P95).unwrap();
    for (name, value) in [
        ("final_p", ours.p),
        ("final_ci_upper", ours.interval.upper),
        ("median_unbiased", ours.median_unbiased),
    ] {
        // Not given before the trial has ended.
        case.check_optional(&format!("/{name}/0"), None);
        case.check(&format!("/{name}/1"), value);
    }
    // The reference finds limits as roots to about 1e-7, which is not small beside this one.
    case.check_optional("/final_ci_lower/0", None);
    case.check_within("/final_ci_lower/1", ours.interval.lower, 2e-5);
    case.check_list("/fisher_design_critical", &fisher_boundaries(0.025, 2).unwrap());
}

fn promising(case: &Case) {
    let goal = Goal { alpha: case.param("alpha"), power: case.param("power") };
    let sizes = [case.param("n1"), case.param("n2"), case.param("nmax")];
    let ours = promising_zone(case.param("z1"), sizes, goal).unwrap();
    case.check("/cp_observed", ours.conditional_power);
    case.check("/n2_star_uncapped", ours.size);
    case.check("/n2_star", ours.capped);
    case.check("/chw_equivalent_cutoff", ours.critical);
}

fn conditional_power(case: &Case) {
    let interim = Interim {
        z: case.param("z1"),
        fraction: case.param("info_fraction"),
        information: case.param("max_information"),
        critical: case.param("final_critical_value"),
    };
    case.check("/theta_hat", interim.estimate());
    let null = interim.conditional_power(0.0).unwrap();
    case.check("/cp_null", null);
    case.check("/conditional_error", null);
    let design = interim.conditional_power(case.param("theta_design")).unwrap();
    case.check("/cp_design", design);
    case.check("/cp_trend", interim.conditional_power_at_trend().unwrap());
    let flat = interim.predictive_power(NormalPrior::FLAT).unwrap();
    case.check("/predictive_power_flat", flat);
    let at = "/bayes_normal_prior";
    let (mean, information) =
        (case.number(&format!("{at}/prior_mean")), case.number(&format!("{at}/prior_info")));
    case.check(&format!("{at}/prior_mean"), case.param("theta_design"));
    case.check(&format!("{at}/prior_info"), case.param("max_information") / 4.0);
    let ours = interim.predictive_power(NormalPrior { mean, information }).unwrap();
    case.check(&format!("{at}/value"), ours);
}

#[test]
fn adaptive_combination_certified() {
    COMBINATION.certify();
}

#[test]
fn conditional_power_certified() {
    CONDITIONAL_POWER.certify();
}

#[test]
fn mams_certified() {
    MAMS.certify();
}

#[test]
fn response_adaptive_certified() {
    RESPONSE.certify();
}
