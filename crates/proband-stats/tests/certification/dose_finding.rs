//! Dose escalation and Simon's designs.

use proband_math::stream::Seed;
use proband_stats::design::{SimonPlan, simon_designs};
use proband_stats::dose_finding::{
    Boin, Conduct, Crm, CrmModel, Decision, DoseCounts, IntervalRule, MonteCarlo,
    ThreePlusThree, ToxicityIntervals, simulate_doses, skeleton, three_plus_three,
    three_plus_three_expanded,
};

use crate::area::Area;
use crate::cases::Case;

pub(crate) const AREA: Area =
    Area { name: "dose_finding", agrees_to: 1e-12, certify, not_reproduced: &[] };

fn certify(case: &Case) {
    match case.id() {
        "boin_oc_a" => boin_characteristics(case),
        id if id.starts_with("boin_select") => boin_select(case),
        id if id.starts_with("boin") => boin_bounds(case),
        id if id.starts_with("crm") => crm(case),
        id if id.starts_with("skeleton") => skeletons(case),
        id if id.starts_with("mtpi2") => interval_rules(case),
        id if id.starts_with("three") => three(case),
        _ => simon(case),
    }
}

fn boin(case: &Case) -> Boin {
    let mut design = Boin::new(case.param("target")).unwrap();
    if let Some(safe) = case.params["p.saf"].as_f64() {
        (design.safe, design.toxic) = (safe, case.param("p.tox"));
    }
    design
}

fn boin_bounds(case: &Case) {
    let design = boin(case);
    let [escalate, de_escalate] = design.thresholds().unwrap();
    case.check("/lambda_e", escalate);
    case.check("/lambda_d", de_escalate);
    for k in 0..case.length("/n") {
        let key = |name: &str| format!("/{name}/{k}");
        let n = case.number(&key("n"));
        let bounds = design.bounds(n as u64).unwrap();
        case.check(&key("n"), k as f64 + 1.0);
        case.check(&key("escalate_if_le"), bounds.escalate as f64);
        case.check(&key("deescalate_if_ge"), bounds.de_escalate as f64);
        case.check_optional(&key("eliminate_if_ge"), bounds.eliminate.map(|y| y as f64));
    }
}

fn whole(values: &[f64]) -> Vec<u64> {
    values.iter().map(|v| *v as u64).collect()
}

fn boin_select(case: &Case) {
    let design = boin(case);
    let counts =
        DoseCounts::new(&whole(&case.list("npts")), &whole(&case.list("ntox"))).unwrap();
    let chosen = design.select(&counts).unwrap();
    // 99 stands for no dose.
    case.check("/mtd", chosen.map_or(99.0, |dose| dose as f64 + 1.0));
    for (dose, estimate) in design.estimates(&counts).into_iter().enumerate() {
        let printed = estimate.map_or("----".to_owned(), |p| format!("{p:.2}"));
        assert_eq!(case.text(&format!("/p_est/{dose}/phat")), printed);
    }
}

fn boin_characteristics(case: &Case) {
    let conduct = Conduct {
        start: 0,
        cohorts: case.param("ncohort") as usize,
        size: case.param("cohortsize") as u64,
    };
    let truth = case.list("p_true");
    let trials = 20_000;
    let ours = simulate_doses(&boin(case), &truth, conduct, trials, Seed(1)).unwrap();
    // Both are simulated with as many trials: four standard errors of the difference.
    let near = |place: &str, scale: f64, own: MonteCarlo| {
        let expected = case.number(place);
        let allowed = 4.0 * (2.0_f64.sqrt() * own.se * scale) + 1e-9;
        let gap = own.mean * scale - expected;
        assert!(gap.abs() <= allowed, "{place}: {} for {expected}", own.mean * scale);
        case.check_within(place, expected, 0.0);
    };
    for dose in 0..truth.len() {
        near(&format!("/selection_pct/{dose}"), 100.0, ours.selected[dose]);
        near(&format!("/n_patients/{dose}"), 1.0, ours.treated[dose]);
        near(&format!("/n_tox/{dose}"), 1.0, ours.toxic[dose]);
    }
    near("/percent_stop", 100.0, ours.none);
    let total = |all: &[MonteCarlo]| MonteCarlo {
        mean: all.iter().map(|m| m.mean).sum(),
        se: all.iter().map(|m| m.se).sum(),
    };
    near("/total_n", 1.0, total(&ours.treated));
    near("/total_tox", 1.0, total(&ours.toxic));
}

fn model(case: &Case) -> CrmModel {
    match case.params["model"].as_str().unwrap() {
        "empiric" => CrmModel::Empiric,
        _ => CrmModel::Logistic { intercept: case.params["intercept"].as_f64().unwrap_or(3.0) },
    }
}

fn crm(case: &Case) {
    let design = Crm {
        skeleton: case.list("skeleton"),
        model: model(case),
        target: case.param("target"),
        prior_sd: case.param("prior_sd"),
    };
    let mut counts = DoseCounts::none(design.skeleton.len());
    for (level, toxic) in case.list("level").into_iter().zip(case.list("tox")) {
        counts.treated[level as usize - 1] += 1;
        counts.toxic[level as usize - 1] += toxic as u64;
    }
    let (ours, variance) = match case.params["method"].as_str().unwrap() {
        "bayes" => {
            let ours = design.posterior(&counts).unwrap();
            let variance = ours.variance;
            (ours, variance)
        }
        _ => {
            // dfcrm's variance is the second moment about 0 under a prior with standard deviation 500, less the squared
            // maximum; ours is the inverse observed information.
            let ours = design.maximum_likelihood(&counts).unwrap();
            let flat = Crm { prior_sd: 500.0, ..design.clone() }.posterior(&counts).unwrap();
            let variance = flat.variance + flat.b * flat.b - ours.b * ours.b;
            (ours, variance)
        }
    };
    // Its optimiser stops at 1e-4, its integrals at 1e-8.
    case.check_within("/beta_hat", ours.b, 1e-4);
    case.check_within("/post_var", variance, 1e-5);
    for (k, p) in ours.plug_in.iter().enumerate() {
        case.check_within(&format!("/ptox_plugin/{k}"), *p, 1e-5);
    }
    let chosen = design.nearest(&ours.plug_in).unwrap();
    case.check("/mtd", chosen as f64 + 1.0);
}

fn skeletons(case: &Case) {
    let start = case.param("nu") as usize - 1;
    let ours = skeleton(
        model(case),
        case.param("target"),
        case.param("halfwidth"),
        start,
        case.param("nlevel") as usize,
    );
    case.check_list("/skeleton", &ours.unwrap());
}

fn interval_rules(case: &Case) {
    let rules = [
        ("mtpi2", IntervalRule::Mtpi2),
        ("keyboard", IntervalRule::Keyboard),
        ("mtpi", IntervalRule::Mtpi),
    ];
    let mut tables: Vec<Vec<String>> = Vec::new();
    for (key, rule) in rules {
        let design = ToxicityIntervals {
            rule,
            target: case.param("target"),
            below: case.param("eps1"),
            above: case.param("eps2"),
            cutoff: case.param("unacceptable_cutoff"),
        };
        let rows: Vec<String> = (1..=case.param("max_n") as u64)
            .map(|n| {
                let letters: Vec<&str> = (0..=n)
                    .map(|y| match design.decision(y, n).unwrap() {
                        Decision::Escalate => "E",
                        Decision::Stay => "S",
                        Decision::DeEscalate => "D",
                        Decision::Eliminate => "DU",
                    })
                    .collect();
                letters.join(" ")
            })
            .collect();
        for (k, row) in rows.iter().enumerate() {
            assert_eq!(case.text(&format!("/{key}/{k}")), row, "{}/{key}", case.id());
        }
        tables.push(rows);
    }
    let differ = tables[0].iter().zip(&tables[1]).filter(|(a, b)| a != b).count();
    case.check("/rows_where_mtpi2_and_keyboard_differ", differ as f64);
}

fn three(case: &Case) {
    let truth = case.list("p_true");
    let plain = three_plus_three(&truth).unwrap();
    let expanded = three_plus_three_expanded(&truth).unwrap();
    for (key, ours) in [("variantA", plain), ("variantB", expanded)] {
        check_three(case, key, &ours);
    }
}

fn check_three(case: &Case, key: &str, ours: &ThreePlusThree) {
    case.check(&format!("/{key}/mtd_prob/below_lowest"), ours.below_lowest);
    for (dose, p) in ours.selected.iter().enumerate() {
        case.check(&format!("/{key}/mtd_prob/dose{}", dose + 1), *p);
    }
    case.check_list(&format!("/{key}/expected_n"), &ours.treated);
    case.check_list(&format!("/{key}/expected_dlt"), &ours.toxic);
    case.check(&format!("/{key}/total_n"), ours.treated.iter().sum());
}

fn simon(case: &Case) {
    let plan = SimonPlan {
        null: case.param("p0"),
        alternative: case.param("p1"),
        alpha: case.param("alpha"),
        beta: case.param("beta"),
        largest: case.param("nmax") as u64,
    };
    let [optimal, minimax] = simon_designs(&plan).unwrap();
    for (key, ours) in [("optimal", optimal), ("minimax", minimax)] {
        for (name, value) in [
            ("r1", ours.design.r1 as f64),
            ("n1", ours.design.n1 as f64),
            ("r", ours.design.r as f64),
            ("n", ours.design.n as f64),
            ("pet0", ours.early_stop),
            ("en0", ours.expected),
            ("alpha", ours.alpha),
            ("power", ours.power),
        ] {
            case.check(&format!("/{key}/{name}"), value);
        }
    }
}

#[test]
fn dose_finding_certified() {
    AREA.certify();
}
