//! Group sequential boundaries and spending functions.

use proband_stats::sequential::{
    Efficacy, Futility, GroupSequentialDesign, GroupSequentialPlan, Sides, Spending,
};
use serde_json::Value;

use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area = Area {
    name: "group_sequential",
    // The bounds of rpact are roots to an absolute 1e-8, 4e-7 with futility by spending.
    agrees_to: 1e-6,
    certify: design,
    not_reproduced: &[],
};

pub(crate) const SPENDING: Area =
    Area { name: "spending", agrees_to: 1e-12, certify: spending, not_reproduced: &[] };

fn named(name: &str, parameter: &Value) -> Spending {
    match &name[2..] {
        "OF" => Spending::OBrienFleming,
        "P" => Spending::Pocock,
        "KD" => Spending::KimDeMets { rho: parameter.as_f64().unwrap() },
        "HSD" => Spending::HwangShihDeCani { gamma: parameter.as_f64().unwrap() },
        other => panic!("no spending function {other}"),
    }
}

fn efficacy(params: &Value) -> Efficacy {
    match params["typeOfDesign"].as_str().unwrap() {
        "OF" => Efficacy::O_BRIEN_FLEMING,
        "P" => Efficacy::POCOCK,
        "WT" => Efficacy::WangTsiatis { delta: params["deltaWT"].as_f64().unwrap() },
        "HP" => Efficacy::HaybittlePeto { early: 3.0 },
        "asUser" => Efficacy::UserSpending(
            serde_json::from_value(params["userAlphaSpending"].clone()).unwrap(),
        ),
        name => Efficacy::Spending(named(name, &params["gammaA"])),
    }
}

fn futility(params: &Value, beta: f64) -> Futility {
    if let Some(name) = params["typeBetaSpending"].as_str() {
        return Futility::Spending { function: named(name, &params["gammaB"]), beta };
    }
    match &params["futilityBounds"] {
        Value::Null => Futility::None,
        bounds => Futility::Bounds(serde_json::from_value(bounds.clone()).unwrap()),
    }
}

/// Thirds and the like, which the file rounds to 15 digits, to all 17.
fn fractions(params: &Value) -> Vec<f64> {
    let rounded: Vec<f64> = serde_json::from_value(params["informationRates"].clone()).unwrap();
    rounded.into_iter().map(|t| (t * 3e6).round() / 3e6).collect()
}

pub(crate) fn plan(params: &Value) -> GroupSequentialPlan {
    GroupSequentialPlan {
        fractions: fractions(params),
        alpha: params["alpha"].as_f64().unwrap(),
        sides: if params["sided"] == 2 { Sides::Two } else { Sides::One },
        efficacy: efficacy(params),
        futility: futility(params, params["beta"].as_f64().unwrap_or(0.1)),
        binding: params["bindingFutility"] == true,
    }
}

fn design(case: &Case) {
    match case.id() {
        "published_JT_tables" => return tables(case),
        id if id.starts_with("oc_") => return operating(case),
        _ => {}
    }
    let design = plan(&case.params).solve().unwrap();
    case.check_list("/critical_values", &design.upper);
    let levels: Vec<f64> =
        design.upper.iter().map(|z| 0.5 * libm::erfc(z / 2_f64.sqrt())).collect();
    case.check_list("/stage_levels_one_sided", &levels);
    case.check_list("/alpha_spent", &design.spent().unwrap());
    let looks = design.looks();
    if case.has("/futility_bounds") {
        case.check_list("/futility_bounds", &design.lower[..looks - 1]);
    }
    characteristics(case, &design, 1.0 - case.param("beta"));
}

fn characteristics(case: &Case, design: &GroupSequentialDesign, power: f64) {
    let drift = design.drift_for(power).unwrap();
    case.check("/shift", drift * drift);
    let inflation = design.inflation(power).unwrap();
    case.check("/inflation_factor", inflation);
    let exits = design.exits(drift).unwrap();
    case.check_list("/reject_prob_per_stage_H1", &exits.reject);
    let futile = &exits.futility[..design.looks() - 1];
    match futile {
        [one] if case.values["futility_prob_per_stage_H1"].is_number() => {
            case.check("/futility_prob_per_stage_H1", *one);
        }
        all => case.check_list("/futility_prob_per_stage_H1", all),
    }
    if case.has("/beta_spent") {
        let mut total = 0.0;
        for (k, each) in
            futile.iter().chain([&(1.0 - power - futile.iter().sum::<f64>())]).enumerate()
        {
            total += each;
            case.check(&format!("/beta_spent/{k}"), total);
        }
    }
    for (key, share) in [("H1", 1.0), ("H01", 0.5), ("H0", 0.0)] {
        let expected = design.expected_fraction(drift * share).unwrap();
        case.check(&format!("/avg_sample_fraction_{key}"), inflation * expected);
    }
}

fn tables(case: &Case) {
    for (key, efficacy) in [("P", Efficacy::POCOCK), ("B", Efficacy::O_BRIEN_FLEMING)] {
        for k in 0..4 {
            let looks = k + 2;
            let design = GroupSequentialPlan {
                fractions: (1..=looks).map(|j| j as f64 / looks as f64).collect(),
                alpha: 0.05,
                sides: Sides::Two,
                efficacy: efficacy.clone(),
                futility: Futility::None,
                binding: false,
            }
            .solve()
            .unwrap();
            // Three decimals are printed.
            case.check_within(&format!("/C_{key}/{k}"), design.upper[looks - 1], 5e-4);
            case.check_within(&format!("/R_{key}/{k}"), design.inflation(0.9).unwrap(), 5e-4);
        }
    }
}

fn operating(case: &Case) {
    let design = plan(&case.params).solve().unwrap();
    let most = case.param("nMax");
    for k in 0..case.length("") {
        let key = |name: &str| format!("/{k}/{name}");
        let drift = case.number(&key("theta")) * most.sqrt();
        case.check(&key("theta"), drift / most.sqrt());
        let exits = design.exits(drift).unwrap();
        case.check(&key("overall_reject"), exits.power());
        let early: f64 = exits.reject[..2].iter().chain(&exits.futility[..2]).sum();
        let futility: f64 = exits.futility.iter().sum();
        if case.number(&key("futility")) < 1e-8 {
            // Without futility the reference has 2e-9, the mass that its integration leaves out; it
            // counts among early stops too.
            assert!(futility == 0.0);
            case.check_within(&key("futility"), 1.962_428_383e-9, 1e-6);
            case.check_within(&key("early_stop"), early, 1e-6);
        } else {
            case.check(&key("futility"), futility);
            case.check(&key("early_stop"), early);
        }
        case.check(&key("asn"), most * design.expected_fraction(drift).unwrap());
        case.check_list(&key("reject_per_stage"), &exits.reject);
    }
}

fn spending(case: &Case) {
    let total = case.param("alpha");
    let functions = [
        ("asOF", Spending::OBrienFleming),
        ("asP", Spending::Pocock),
        ("asKD", Spending::KimDeMets { rho: case.param("rho") }),
        ("asHSD", Spending::HwangShihDeCani { gamma: case.param("gamma") }),
    ];
    for (key, function) in functions {
        let ours: Vec<f64> =
            case.list("t").iter().map(|t| function.spent(total, *t).unwrap()).collect();
        case.check_list(&format!("/{key}"), &ours);
    }
}

#[test]
fn group_sequential_certified() {
    AREA.certify();
}

#[test]
fn spending_certified() {
    SPENDING.certify();
}
