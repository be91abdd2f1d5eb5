//! Competing risks.

use proband_stats::Level;
use proband_stats::competing::{Outcomes, cumulative_incidence, fine_gray, gray_test};
use proband_stats::regression::Regressor;
use proband_stats::survival::{FollowUp, Ties, cox};

use crate::area::Area;
use crate::cases::Case;
use crate::table::{self, as_numbers};

pub(crate) const AREA: Area =
    Area { name: "competing_risks", agrees_to: 5e-9, certify, not_reproduced: &[] };

/// Death before transplantation is cause 1, transplantation cause 2; D-penicillamine is the active arm.
fn certify(case: &Case) {
    let table = table::read("pbc.csv").without("trt", "");
    let time = table.numbers("time");
    let cause: Vec<u8> = table
        .text("status")
        .into_iter()
        .map(|status| match status {
            "2" => 1,
            "1" => 2,
            _ => 0,
        })
        .collect();
    let active = table.is("trt", "1");
    let outcomes = Outcomes::new(&time, &cause).unwrap();
    case.check("/n", outcomes.n() as f64);
    for k in 0..3 {
        case.check(&format!("/counts/{k}"), outcomes.events(k) as f64);
    }
    for (arm, is_active) in [("g0", false), ("g1", true)] {
        let keep = |k: &usize| active[*k] == is_active;
        let time: Vec<f64> = (0..time.len()).filter(keep).map(|k| time[k]).collect();
        let cause: Vec<u8> = (0..cause.len()).filter(keep).map(|k| cause[k]).collect();
        incidence(case, arm, &Outcomes::new(&time, &cause).unwrap());
    }
    regressions(case, &outcomes, &time, &cause, &active);
}

fn incidence(case: &Case, arm: &str, outcomes: &Outcomes<'_>) {
    for cause in [1, 2] {
        let curve = cumulative_incidence(outcomes, cause).unwrap();
        let at = format!("/aalen_johansen/event{cause}/{arm}");
        for k in 0..case.length(&at) {
            let key = |name: &str| format!("{at}/{k}/{name}");
            let time = case.number(&key("time"));
            case.check(&key("time"), time);
            let (value, se, interval) = curve.estimate(time, Level::P95).unwrap();
            case.check(&key("cif"), value);
            case.check(&key("se"), se);
            case.check_optional(&key("log_lower"), interval.map(|i| i.lower));
            case.check_optional(&key("log_upper"), interval.map(|i| i.upper));
            let aalen = curve.aalen_estimate(time, Level::P95).unwrap();
            let number = &arm[1..];
            case.check(&format!("/cuminc_est/{number} {cause}/{k}"), aalen.value);
            case.check(&format!("/cuminc_var/{number} {cause}/{k}"), aalen.se * aalen.se);
        }
    }
}

fn regressions(
    case: &Case,
    outcomes: &Outcomes<'_>,
    time: &[f64],
    cause: &[u8],
    active: &[bool],
) {
    let group: Vec<usize> = active.iter().map(|a| usize::from(*a)).collect();
    let indicator = as_numbers(active);
    for k in [1, 2] {
        let test = gray_test(outcomes, k, &group, 2, 0.0).unwrap();
        let at = format!("/gray_test/{}", k - 1);
        case.check(&format!("{at}/event"), f64::from(k));
        case.check(&format!("{at}/stat"), test.statistic);
        case.check(&format!("{at}/p"), test.p);
        case.check(&format!("{at}/df"), test.df);
        let fit = fine_gray(outcomes, k, &[Regressor::Numbers(&indicator)]).unwrap();
        let ours = fit.hazard_ratio(0, Level::P95).unwrap();
        case.check_effect(&format!("/fine_gray/event{k}"), &ours.log);
        let event: Vec<bool> = cause.iter().map(|c| *c == k).collect();
        let follow_up = FollowUp::new(time, &event).unwrap();
        let specific = cox(&follow_up, &[&indicator], Ties::Efron).unwrap();
        let ours = specific.hazard_ratio(0, Level::P95).unwrap();
        case.check_effect(&format!("/cause_specific_cox/event{k}"), &ours.log);
    }
}

#[test]
fn competing_risks_certified() {
    AREA.certify();
}
