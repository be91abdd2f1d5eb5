use proband_stats::Level;
use proband_stats::survival::{
    CoxFit, CurveInterval, FollowUp, KaplanMeier, LogRank, LogRankWeights, Ties, cox,
    kaplan_meier, logrank, stratified_cox, stratified_logrank,
};
use serde_json::Value;

use crate::area::Area;
use crate::cases::{self, Case};
use crate::table::{self, Table, as_numbers};

/// One data set as the survival cases use it.
struct Trial {
    id: &'static str,
    time: Vec<f64>,
    event: Vec<bool>,
    active: Vec<bool>,
    strata: Vec<usize>,
    covariates: Vec<Vec<f64>>,
}

fn strata(table: &Table, name: &str) -> Vec<usize> {
    let levels = table.distinct(name);
    table.levels(name, &levels)
}

fn dermatology(id: &'static str, active: &str, left_out: &str, stratum: &str) -> Trial {
    let table = table::read("adtte.csv").without("TRTA", left_out);
    Trial {
        id,
        time: table.numbers("AVAL"),
        event: table.is("CNSR", "0"),
        active: table.is("TRTA", active),
        strata: strata(&table, stratum),
        covariates: vec![table.numbers("AGE"), as_numbers(&table.is("SEX", "M"))],
    }
}

fn veteran() -> Trial {
    let table = table::read("veteran.csv");
    Trial {
        id: "veteran",
        time: table.numbers("time"),
        event: table.is("status", "1"),
        active: table.is("trt", "2"),
        strata: strata(&table, "celltype"),
        covariates: vec![
            table.numbers("karno"),
            table.numbers("age"),
            // Prior therapy is coded 0 and 10; the case was run on the indicator.
            as_numbers(&table.is("prior", "10")),
        ],
    }
}

fn lung() -> Trial {
    let table = table::read("lung.csv").without("ph.ecog", "");
    Trial {
        id: "lung_sex",
        time: table.numbers("time"),
        event: table.is("status", "2"),
        active: table.is("sex", "2"),
        strata: strata(&table, "ph.ecog"),
        covariates: ["age", "ph.ecog"].map(|c| table.numbers(c)).to_vec(),
    }
}

fn ovarian() -> Trial {
    let table = table::read("ovarian.csv");
    Trial {
        id: "ovarian",
        time: table.numbers("futime"),
        event: table.is("fustat", "1"),
        active: table.is("rx", "2"),
        strata: strata(&table, "resid.ds"),
        covariates: vec![table.numbers("age")],
    }
}

fn pbc() -> Trial {
    let table = table::read("pbc.csv").without("trt", "");
    let log_bilirubin = table.numbers("bili").into_iter().map(libm::log).collect();
    Trial {
        id: "pbc_trt_death",
        time: table.numbers("time"),
        event: table.is("status", "2"),
        active: table.is("trt", "1"),
        strata: strata(&table, "edema"),
        covariates: vec![table.numbers("age"), log_bilirubin],
    }
}

fn trials() -> Vec<Trial> {
    let (high, low) = ("Xanomeline High Dose", "Xanomeline Low Dose");
    vec![
        dermatology("cdisc_derm_high", high, low, "AGEGR1"),
        dermatology("cdisc_derm_low", low, high, "SEX"),
        veteran(),
        lung(),
        ovarian(),
        pbc(),
    ]
}

fn tiny() -> (Case, Vec<f64>, Vec<bool>, Vec<bool>) {
    let case = cases::case("km", "tiny_ties");
    let column =
        |name: &str| -> Vec<f64> { serde_json::from_value(case.params[name].clone()).unwrap() };
    let flags = |name: &str| column(name).iter().map(|v| *v > 0.5).collect();
    let (time, event, group) = (column("t"), flags("e"), flags("g"));
    (case, time, event, group)
}

fn curve(time: &[f64], event: &[bool], keep: impl Fn(usize) -> bool) -> KaplanMeier {
    let rows: Vec<usize> = (0..time.len()).filter(|&k| keep(k)).collect();
    let time: Vec<f64> = rows.iter().map(|&k| time[k]).collect();
    let event: Vec<bool> = rows.iter().map(|&k| event[k]).collect();
    kaplan_meier(&FollowUp::new(&time, &event).unwrap())
}

fn check_curve(case: &Case, at: &str, curve: &KaplanMeier) {
    case.check(&format!("{at}/n"), curve.n() as f64);
    case.check(&format!("{at}/events"), curve.events() as f64);
    let first = case.expected(&format!("{at}/first_time_points")).as_array().unwrap().len();
    for (k, step) in curve.steps()[..first].iter().enumerate() {
        let key = |name: &str| format!("{at}/first_time_points/{k}/{name}");
        case.check(&key("time"), step.time);
        case.check(&key("n_risk"), step.at_risk as f64);
        case.check(&key("n_event"), step.events as f64);
        case.check(&key("surv"), step.survival);
    }
    let scales = [CurveInterval::Plain, CurveInterval::Log, CurveInterval::LogLog];
    for (k, scale) in scales.into_iter().enumerate() {
        check_scale(case, &format!("{at}/by_conf_type/{k}"), curve, scale);
    }
    for (k, point) in points(case, &format!("{at}/nelson_aalen_at")).iter().enumerate() {
        let time = point["time"].as_f64().unwrap();
        let ours = curve.at(time, CurveInterval::Log, Level::P95).unwrap();
        case.check(&format!("{at}/nelson_aalen_at/{k}/cumhaz"), ours.cumulative_hazard);
    }
}

fn points(case: &Case, at: &str) -> Vec<Value> {
    case.expected(at).as_array().unwrap().clone()
}

fn check_scale(case: &Case, at: &str, curve: &KaplanMeier, scale: CurveInterval) {
    for (k, point) in points(case, &format!("{at}/at")).iter().enumerate() {
        let time = point["time"].as_f64().unwrap();
        let ours = curve.at(time, scale, Level::P95).unwrap();
        let key = |name: &str| format!("{at}/at/{k}/{name}");
        case.check(&key("n_risk"), ours.at_risk as f64);
        case.check(&key("n_event_cum"), ours.events as f64);
        case.check(&key("surv"), ours.survival);
        case.check_optional(&key("se"), ours.se);
        // Before the first event R says 1 to 1 or nothing, depending on whether anyone was
        // censored; this crate always says 1 to 1.
        if ours.survival < 1.0 {
            case.check_optional(&key("lower"), ours.interval.map(|i| i.lower));
            case.check_optional(&key("upper"), ours.interval.map(|i| i.upper));
        }
    }
    for (k, point) in points(case, &format!("{at}/quantiles")).iter().enumerate() {
        let p = point["prob"].as_f64().unwrap();
        let ours = curve.quantile(p, scale, Level::P95).unwrap();
        let key = |name: &str| format!("{at}/quantiles/{k}/{name}");
        case.check_optional(&key("estimate"), ours.value);
        case.check_optional(&key("lower"), ours.lower);
        case.check_optional(&key("upper"), ours.upper);
    }
}

#[test]
fn curves_of_both_arms() {
    for trial in trials() {
        let case = cases::case("km", trial.id);
        for (arm, is_active) in [("control", false), ("active", true)] {
            let curve = curve(&trial.time, &trial.event, |k| trial.active[k] == is_active);
            check_curve(&case, &format!("/{arm}"), &curve);
        }
    }
}

#[test]
fn curves_with_ties_by_hand() {
    let (case, time, event, group) = tiny();
    check_curve(&case, "/all", &curve(&time, &event, |_| true));
    check_curve(&case, "/g0", &curve(&time, &event, |k| !group[k]));
    check_curve(&case, "/g1", &curve(&time, &event, |k| group[k]));
}

fn check_logrank(case: &Case, ours: &LogRank) {
    case.check("/observed/0", ours.observed_control);
    case.check("/observed/1", ours.observed_active);
    case.check("/expected/0", ours.expected_control);
    case.check("/expected/1", ours.expected_active);
    case.check("/logrank_Z_active", ours.z);
    case.check("/hypergeom_var", ours.variance);
    case.check("/logrank_chisq", ours.chi_square().statistic);
    case.check("/logrank_p", ours.chi_square().p);
}

#[test]
fn logrank_tests() {
    for trial in trials() {
        let case = cases::case("logrank", trial.id);
        let follow_up = FollowUp::new(&trial.time, &trial.event).unwrap();
        let plain = logrank(&follow_up, &trial.active, LogRankWeights::Equal).unwrap();
        check_logrank(&case, &plain);
        let z = |weights| logrank(&follow_up, &trial.active, weights).unwrap().z;
        case.check("/gehan_Z", z(LogRankWeights::Gehan));
        case.check("/tarone_ware_Z", z(LogRankWeights::TaroneWare));
        for (k, point) in points(&case, "/fleming_harrington").iter().enumerate() {
            let power = |name: &str| point[name].as_f64().unwrap();
            let (rho, gamma) = (power("rho"), power("gamma"));
            let weights = LogRankWeights::FlemingHarrington { rho, gamma };
            let ours = logrank(&follow_up, &trial.active, weights).unwrap();
            let key = |name: &str| format!("/fleming_harrington/{k}/{name}");
            case.check(&key("U"), ours.score);
            case.check(&key("V"), ours.variance);
            case.check(&key("Z"), ours.z);
            case.check(&key("p_two_sided"), ours.p);
            case.check(&key("p_one_sided_active_better"), ours.p_less());
        }
    }
}

#[test]
fn stratified_logrank_tests() {
    for trial in trials() {
        let case = cases::case("logrank", trial.id);
        let follow_up = FollowUp::new(&trial.time, &trial.event).unwrap();
        let weights = LogRankWeights::Equal;
        let ours =
            stratified_logrank(&follow_up, &trial.active, &trial.strata, weights).unwrap();
        case.check("/stratified/Z_active", ours.z);
        case.check("/stratified/U", ours.score);
        case.check("/stratified/V", ours.variance);
        case.check("/stratified/p", ours.p);
    }
}

fn check_cox(case: &Case, at: &str, fit: &CoxFit) {
    case.check(&format!("{at}/n"), fit.n as f64);
    case.check(&format!("{at}/events"), fit.events as f64);
    case.check(&format!("{at}/loglik/0"), fit.null_log_likelihood);
    case.check(&format!("{at}/loglik/1"), fit.log_likelihood);
    for k in 0..points(case, &format!("{at}/coefficients")).len() {
        let ours = fit.hazard_ratio(k, Level::P95).unwrap();
        let keys = ["hr", "lower", "upper"];
        case.check_ratio(&format!("{at}/coefficients/{k}"), keys, &ours);
    }
    let lr = fit.likelihood_ratio_test().unwrap();
    case.check(&format!("{at}/lr/0"), lr.statistic);
    case.check(&format!("{at}/lr/1"), lr.df);
    case.check(&format!("{at}/lr/2"), lr.p);
    let score = fit.score_test().unwrap();
    case.check(&format!("{at}/score/0"), score.statistic);
    case.check(&format!("{at}/score/2"), score.p);
    // R rounds the statistic of this one to two decimals, not its p-value.
    case.check(&format!("{at}/wald/2"), fit.wald_test().unwrap().p);
}

#[test]
fn proportional_hazards() {
    for trial in trials() {
        let case = cases::case("cox", trial.id);
        let follow_up = FollowUp::new(&trial.time, &trial.event).unwrap();
        let group = as_numbers(&trial.active);
        let efron = cox(&follow_up, &[&group], Ties::Efron).unwrap();
        check_cox(&case, "/efron", &efron);
        let breslow = cox(&follow_up, &[&group], Ties::Breslow).unwrap();
        check_cox(&case, "/breslow", &breslow);
        let strata = &trial.strata;
        let stratified = stratified_cox(&follow_up, &[&group], strata, Ties::Efron).unwrap();
        check_cox(&case, "/efron_stratified", &stratified);
        if case.has("/efron_adjusted") {
            let mut columns: Vec<&[f64]> = vec![&group];
            columns.extend(trial.covariates.iter().map(Vec::as_slice));
            let adjusted = cox(&follow_up, &columns, Ties::Efron).unwrap();
            check_cox(&case, "/efron_adjusted", &adjusted);
        }
    }
}

#[test]
fn proportional_hazards_with_ties_by_hand() {
    let (_, time, event, group) = tiny();
    let case = cases::case("cox", "tiny_ties");
    let follow_up = FollowUp::new(&time, &event).unwrap();
    let group = as_numbers(&group);
    check_cox(&case, "/efron", &cox(&follow_up, &[&group], Ties::Efron).unwrap());
    check_cox(&case, "/breslow", &cox(&follow_up, &[&group], Ties::Breslow).unwrap());
}

pub(crate) const COMPETING_RISKS: Area = Area {
    name: "competing_risks",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

pub(crate) const COX: Area = Area {
    name: "cox",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

pub(crate) const KM: Area = Area {
    name: "km",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

pub(crate) const LANDMARK: Area = Area {
    name: "landmark",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

pub(crate) const LOGRANK: Area = Area {
    name: "logrank",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

pub(crate) const PARAMETRIC: Area = Area {
    name: "parametric_survival",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

pub(crate) const RMST: Area = Area {
    name: "rmst",
    agrees_to: 0.0,
    certify: none,
    not_reproduced: &[("*", "not built yet")],
};

fn none(_: &Case) {}

#[test]
fn competing_risks_certified() {
    COMPETING_RISKS.certify();
}

#[test]
fn cox_certified() {
    COX.certify();
}

#[test]
fn km_certified() {
    KM.certify();
}

#[test]
fn landmark_certified() {
    LANDMARK.certify();
}

#[test]
fn logrank_certified() {
    LOGRANK.certify();
}

#[test]
fn parametric_survival_certified() {
    PARAMETRIC.certify();
}

#[test]
fn rmst_certified() {
    RMST.certify();
}
