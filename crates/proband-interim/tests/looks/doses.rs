//! Dose escalation with known toxicities.

use proband_interim::{Climb, Climbed};
use proband_math::stream::{Address, Purpose, Seed};
use proband_trial::{Escalation, EscalationMethod};

const TOXICITY: Purpose = Purpose::new("test/toxicity");

/// Climbs with these chances of toxicity by rung.
fn climb(escalation: &Escalation, toxicity: &[f64], most: u64, replicate: u32) -> Climbed {
    let mut climb = Climb::new(escalation, toxicity.len(), most);
    let mut treated = 0;
    while let Some((rung, size)) = climb.wanted() {
        let toxic = |twin: u64| {
            let address = Address { twin, replicate, ..Address::new(Seed(7), TOXICITY) };
            address.uniform() < toxicity[rung]
        };
        let outcomes: Vec<bool> = (treated..treated + size).map(toxic).collect();
        treated += size;
        climb.take(treated as f64, &outcomes).expect("a decision");
    }
    climb.close().expect("a choice")
}

fn repeated(escalation: &Escalation, toxicity: &[f64], most: u64, n: u32) -> Vec<Climbed> {
    (0..n).map(|replicate| climb(escalation, toxicity, most, replicate)).collect()
}

fn escalation(method: EscalationMethod) -> Escalation {
    Escalation {
        method,
        endpoint: 0,
        cohort: 3,
        start: 0,
        stop_at: None,
        no_skip: true,
        regimen: 0,
    }
}

/// The share that selects each rung, and none.
fn selected(all: &[Climbed], rungs: usize) -> Vec<f64> {
    let share = |rung: Option<usize>| {
        all.iter().filter(|climbed| climbed.selected == rung).count() as f64 / all.len() as f64
    };
    (0..rungs).map(Some).chain([None]).map(share).collect()
}

fn close(all: &[f64], known: &[f64], n: u32, known_from: f64) {
    for (found, known) in all.iter().zip(known) {
        let se = (known * (1.0 - known) * (1.0 / f64::from(n) + known_from)).sqrt();
        assert!(
            (found - known).abs() < 3.0 * se + 1e-12,
            "{all:?}: {found}, known {known}, SE {se}"
        );
    }
}

#[test]
fn three_plus_three_selects_as_its_exact_recursion_says() {
    let toxicity = [0.05, 0.1, 0.2, 0.3, 0.5];
    let n = 4000;
    let all = repeated(&escalation(EscalationMethod::ThreePlusThree), &toxicity, 60, n);
    let exact = proband_stats::dose_finding::three_plus_three(&toxicity).expect("exact");
    let mut known = exact.selected;
    known.push(exact.below_lowest);
    close(&selected(&all, 5), &known, n, 0.0);
    let treated: u64 = all.iter().map(|climbed| climbed.counts.treated[2]).sum();
    // Three or six, or none: its SD is below 3.
    let mean = treated as f64 / f64::from(n);
    assert!((mean - exact.treated[2]).abs() < 3.0 * 3.0 / f64::from(n).sqrt(), "{mean}");
}

#[test]
fn boin_selects_as_its_authors_program_does() {
    // BOIN 2.7.2, get.oc(target = 0.3, ncohort = 10, cohortsize = 3), 20000 trials.
    let toxicity = [0.05, 0.15, 0.3, 0.45, 0.6];
    let method = EscalationMethod::Boin { target: 0.3, low: 0.18, high: 0.42, eliminate: 0.95 };
    let n = 3000;
    let all = repeated(&escalation(method), &toxicity, 30, n);
    let known = [0.01045, 0.2325, 0.5505, 0.192, 0.0143];
    let selected = selected(&all, 5);
    close(&selected, &known, n, 1.0 / 20_000.0);
    // None in 0.00025: too few for a standard error.
    assert!(selected[5] < 0.003, "{selected:?}");
    let treated: u64 = all.iter().map(|climbed| climbed.counts.treated[2]).sum();
    // Cohorts of three among ten: its SD is below 7.
    let mean = treated as f64 / f64::from(n);
    assert!((mean - 11.131).abs() < 3.0 * 7.0 / f64::from(n).sqrt(), "{mean}");
}

#[test]
fn every_rule_finds_a_tolerated_dose_and_stops_at_enough() {
    let toxicity = [0.02, 0.05, 0.3, 0.7, 0.9];
    let (target, eliminate) = (0.3, 0.95);
    let skeleton = vec![0.05, 0.12, 0.25, 0.4, 0.55];
    for method in [
        EscalationMethod::Crm { target, eliminate, skeleton, prior_sd: 1.16 },
        EscalationMethod::MtpiTwo { target, eliminate },
        EscalationMethod::IThreePlusThree { target, eliminate },
    ] {
        let escalation = Escalation { stop_at: Some(12), ..escalation(method.clone()) };
        let all = repeated(&escalation, &toxicity, 36, 200);
        let right = selected(&all, 5)[2];
        assert!(right > 0.6, "{method:?}: {right}");
        for climbed in &all {
            assert!(climbed.counts.treated.iter().all(|&n| n <= 12), "{climbed:?}");
            let jumps = climbed.cohorts.windows(2).all(|pair| pair[1].rung <= pair[0].rung + 1);
            assert!(jumps, "{climbed:?}");
        }
    }
}

#[test]
fn a_first_dose_that_is_too_toxic_ends_the_climb_without_a_dose() {
    let method = EscalationMethod::Boin { target: 0.2, low: 0.12, high: 0.28, eliminate: 0.95 };
    let all = repeated(&escalation(method), &[0.95, 0.99], 30, 50);
    assert!(all.iter().all(|climbed| climbed.selected.is_none() && climbed.cohorts.len() <= 2));
}
