//! Adjusted p-values, Dunnett's comparisons and graphs.

use proband_stats::multiplicity::{Adjustment, Dunnett, Graph, adjust};
use proband_stats::sequential::Sides;

use crate::area::Area;
use crate::cases::Case;
use crate::table;

pub(crate) const AREA: Area =
    Area { name: "multiplicity", agrees_to: 1e-12, certify: multiplicity, not_reproduced: &[] };

fn multiplicity(case: &Case) {
    match case.id().split('_').next().unwrap() {
        "padj" => adjusted(case),
        "graph" => graph(case),
        _ if case.id() == "dunnett_cholesterol" => cholesterol(case),
        _ => critical_value(case),
    }
}

fn adjusted(case: &Case) {
    for (key, method) in [
        ("bonferroni", Adjustment::Bonferroni),
        ("holm", Adjustment::Holm),
        ("hochberg", Adjustment::Hochberg),
        ("hommel", Adjustment::Hommel),
        ("BH", Adjustment::BenjaminiHochberg),
        ("BY", Adjustment::BenjaminiYekutieli),
        ("sidak", Adjustment::Sidak),
        ("holm_sidak", Adjustment::HolmSidak),
        ("fixed_sequence", Adjustment::FixedSequence),
    ] {
        case.check_list(&format!("/{key}"), &adjust(&case.list("p"), method).unwrap());
    }
}

fn critical_value(case: &Case) {
    let loadings = vec![case.param("corr").sqrt(); case.param("k") as usize];
    let dunnett = Dunnett::of_loadings(&loadings, case.params["df"].as_f64()).unwrap();
    let sides = if case.params["two_sided"] == true { Sides::Two } else { Sides::One };
    case.check("/critical_value", dunnett.critical_value(case.param("alpha"), sides).unwrap());
}

fn cholesterol(case: &Case) {
    let table = table::read("cholesterol.csv");
    let arms = ["1time", "2times", "4times", "drugD", "drugE"];
    let (arm, response) = (table.levels("trt", &arms), table.numbers("response"));
    let of = |k: usize| -> Vec<f64> {
        arm.iter().zip(&response).filter(|(a, _)| **a == k).map(|(_, y)| *y).collect()
    };
    let groups: Vec<Vec<f64>> = (0..5).map(of).collect();
    let mean = |y: &[f64]| y.iter().sum::<f64>() / y.len() as f64;
    let squares: f64 = groups
        .iter()
        .map(|y| y.iter().map(|v| (v - mean(y)) * (v - mean(y))).sum::<f64>())
        .sum();
    let df = response.len() as f64 - 5.0;
    case.check("/df", df);
    let sizes: Vec<f64> = groups.iter().map(|y| y.len() as f64).collect();
    for (name, n) in arms.iter().zip(&sizes) {
        case.check(&format!("/n/{name}"), *n);
    }
    let dunnett = Dunnett::of_sizes(sizes[0], &sizes[1..], Some(df)).unwrap();
    let critical = dunnett.critical_value(0.05, Sides::Two).unwrap();
    case.check("/critical_value", critical);
    let mut statistics = Vec::new();
    for k in 1..5 {
        let estimate = mean(&groups[k]) - mean(&groups[0]);
        let se = (squares / df * (1.0 / sizes[k] + 1.0 / sizes[0])).sqrt();
        let key = |name: &str| format!("/{name}/{}", k - 1);
        case.check(&key("estimate"), estimate);
        case.check(&key("se"), se);
        case.check(&key("t"), estimate / se);
        case.check(&key("ci_lower"), estimate - critical * se);
        case.check(&key("ci_upper"), estimate + critical * se);
        for j in 1..5 {
            case.check(
                &format!("/correlation/{}/{}", k - 1, j - 1),
                if j == k { 1.0 } else { 0.5 },
            );
        }
        statistics.push(estimate / se);
    }
    let single = dunnett.p_values(&statistics, Sides::Two).unwrap();
    let stepwise = dunnett.step_down(&statistics, Sides::Two).unwrap();
    for (key, ours) in [("p_dunnett_two_sided", single), ("p_stepdown", stepwise)] {
        for (k, p) in ours.iter().enumerate() {
            let place = format!("/{key}/{k}");
            if *p > 1e-6 {
                case.check(&place, *p);
            } else {
                // The reference computes 1 - P and asks for no more than 1e-8 absolute; these
                // tails keep their digits.
                case.check_within(&place, *p, 1e-2);
            }
        }
    }
}

fn graph(case: &Case) {
    let rows: Vec<Vec<f64>> =
        serde_json::from_value(case.params["transitions"].clone()).unwrap();
    let graph = Graph::new(&case.list("hypotheses_weights"), &rows).unwrap();
    let (p, alpha) = (case.list("p"), case.param("alpha"));
    let shortcut = graph.test(&p, alpha).unwrap();
    let closed = graph.closed_test(&p, alpha).unwrap();
    for k in 0..p.len() {
        case.check_flag(&format!("/rejected/{k}"), shortcut.rejected[k]);
        case.check_flag(&format!("/closure_rejected/{k}"), closed.rejected[k]);
        case.check(&format!("/adjusted_p/{k}"), shortcut.adjusted[k]);
        // Rounded to ten decimals by the reference.
        case.check_within(&format!("/closure_adjusted_p/{k}"), closed.adjusted[k], 2e-8);
    }
}

#[test]
fn multiplicity_certified() {
    AREA.certify();
}
