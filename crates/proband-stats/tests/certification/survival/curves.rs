//! Curves, mean survival up to a horizon, and what follows a landmark.

use proband_stats::Level;
use proband_stats::survival::{
    CurveInterval, KaplanMeier, Landmark, LogRankWeights, RestrictedMean, Ties, cox,
    kaplan_meier, logrank, survival_difference,
};

use super::{Trial, trial};
use crate::area::Area;
use crate::cases::Case;
use crate::table::as_numbers;

pub(crate) const KM: Area =
    Area { name: "km", agrees_to: 1e-12, certify: curves, not_reproduced: &[] };

pub(crate) const RMST: Area =
    Area { name: "rmst", agrees_to: 1e-12, certify: restricted_means, not_reproduced: &[] };

pub(crate) const LANDMARK: Area =
    Area { name: "landmark", agrees_to: 1e-12, certify: landmark, not_reproduced: &[] };

fn curves(case: &Case) {
    let trial = trial(case);
    let arms = if case.id() == "tiny_ties" { ["g0", "g1"] } else { ["control", "active"] };
    for (arm, is_active) in arms.into_iter().zip([false, true]) {
        check(case, &format!("/{arm}"), &curve(&trial.part(|k| trial.active[k] == is_active)));
    }
    if case.id() == "tiny_ties" {
        check(case, "/all", &curve(&trial));
    }
}

fn curve(trial: &Trial) -> KaplanMeier {
    kaplan_meier(&trial.follow_up())
}

fn check(case: &Case, at: &str, curve: &KaplanMeier) {
    case.check(&format!("{at}/n"), curve.n() as f64);
    case.check(&format!("{at}/events"), curve.events() as f64);
    for k in 0..case.length(&format!("{at}/first_time_points")) {
        let key = |name: &str| format!("{at}/first_time_points/{k}/{name}");
        let step = curve.steps()[k];
        case.check(&key("time"), step.time);
        case.check(&key("n_risk"), step.at_risk as f64);
        case.check(&key("n_event"), step.events as f64);
        case.check(&key("surv"), step.survival);
        let here = curve.at(step.time, CurveInterval::Log, Level::P95).unwrap();
        case.check_optional(&key("greenwood_se"), here.se);
    }
    let scales = [CurveInterval::Plain, CurveInterval::Log, CurveInterval::LogLog];
    for (k, scale) in scales.into_iter().enumerate() {
        check_scale(case, &format!("{at}/by_conf_type/{k}"), curve, scale);
    }
    for k in 0..case.length(&format!("{at}/nelson_aalen_at")) {
        let key = |name: &str| format!("{at}/nelson_aalen_at/{k}/{name}");
        let time = case.number(&key("time"));
        let ours = curve.at(time, CurveInterval::Log, Level::P95).unwrap();
        case.check(&key("time"), ours.time);
        case.check(&key("cumhaz"), ours.cumulative_hazard);
    }
}

fn check_scale(case: &Case, at: &str, curve: &KaplanMeier, scale: CurveInterval) {
    for k in 0..case.length(&format!("{at}/at")) {
        let key = |name: &str| format!("{at}/at/{k}/{name}");
        let ours = curve.at(case.number(&key("time")), scale, Level::P95).unwrap();
        case.check(&key("time"), ours.time);
        case.check(&key("n_risk"), ours.at_risk as f64);
        case.check(&key("n_event_cum"), ours.events as f64);
        case.check(&key("surv"), ours.survival);
        case.check_optional(&key("se"), ours.se);
        for (name, limit) in [
            ("lower", ours.interval.map(|i| i.lower)),
            ("upper", ours.interval.map(|i| i.upper)),
        ] {
            // Before the first event R says 1 to 1 or nothing, depending on whether anyone was
            // censored; this crate always says 1 to 1.
            let nothing = ours.survival >= 1.0 && !case.has(&key(name));
            case.check_optional(&key(name), if nothing { None } else { limit });
        }
    }
    for k in 0..case.length(&format!("{at}/quantiles")) {
        let key = |name: &str| format!("{at}/quantiles/{k}/{name}");
        let p = case.number(&key("prob"));
        let ours = curve.quantile(p, scale, Level::P95).unwrap();
        case.check(&key("prob"), p);
        case.check_optional(&key("estimate"), ours.value);
        case.check_optional(&key("lower"), ours.lower);
        case.check_optional(&key("upper"), ours.upper);
    }
}

fn restricted_means(case: &Case) {
    let trial = trial(case);
    let horizon = case.number("/tau");
    case.check("/tau", horizon);
    let mean = |group: bool| -> RestrictedMean {
        curve(&trial.part(|k| trial.active[k] == group)).restricted_mean(horizon).unwrap()
    };
    let (control, active) = (mean(false), mean(true));
    for (k, (name, mean)) in [("control", control), ("active", active)].into_iter().enumerate()
    {
        for (key, ours) in [
            (format!("/{name}"), mean.estimate(Level::P95).unwrap()),
            (format!("/rmtl_{name}"), mean.time_lost(Level::P95).unwrap()),
        ] {
            case.check_list(&key, &[ours.value, ours.se, ours.lower, ours.upper]);
        }
        case.check(&format!("/survival_rmean/{k}"), mean.value);
        case.check(&format!("/survival_se/{k}"), mean.se);
    }
    let ours = active.against(&control, Level::P95).unwrap();
    let difference = ours.difference.estimate;
    contrast(
        case,
        "difference",
        [difference.value, difference.lower, difference.upper],
        ours.difference.p,
    );
    for (key, ratio) in [("ratio", ours.ratio), ("rmtl_ratio", ours.lost_ratio)] {
        contrast(case, key, [ratio.value, ratio.lower, ratio.upper], ratio.log.p);
    }
}

fn contrast(case: &Case, key: &str, values: [f64; 3], p: f64) {
    for (k, value) in values.into_iter().enumerate() {
        case.check(&format!("/{key}/{k}"), value);
    }
    // Twice one minus a probability in the reference, which loses digits of small p.
    case.check_within(&format!("/{key}/3"), p, if p < 1e-6 { 1.0 } else { 1e-8 });
}

fn landmark(case: &Case) {
    let trial = trial(case);
    let at = case.number("/landmark");
    case.check("/landmark", at);
    let follow_up = trial.follow_up();
    let later = Landmark::new(&follow_up, at).unwrap();
    let active = later.of(&trial.active).unwrap();
    for (k, group) in [false, true].into_iter().enumerate() {
        let n = active.iter().filter(|a| **a == group).count();
        case.check(&format!("/n_at_risk/{k}"), n as f64);
    }
    let after = later.follow_up().unwrap();
    case.check("/logrank_Z", logrank(&after, &active, LogRankWeights::Equal).unwrap().z);
    let fit = cox(&after, &[&as_numbers(&active)], Ties::Efron).unwrap();
    let ours = fit.hazard_ratio(0, Level::P95).unwrap().log.estimate;
    case.check("/cox_log_hr", ours.value);
    case.check("/cox_se", ours.se);
    let difference = survival_difference(&follow_up, &trial.active, at, Level::P95).unwrap();
    case.check("/landmark_diff", difference.estimate.value);
    case.check("/landmark_diff_se", difference.estimate.se);
    case.check("/landmark_diff_ci/0", difference.estimate.lower);
    case.check("/landmark_diff_ci/1", difference.estimate.upper);
    case.check("/p", difference.p);
}

#[test]
fn km_certified() {
    KM.certify();
}

#[test]
fn rmst_certified() {
    RMST.certify();
}

#[test]
fn landmark_certified() {
    LANDMARK.certify();
}
