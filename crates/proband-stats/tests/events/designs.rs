//! Designs against each other and against theory.

use proband_stats::bayes::{Beta, Gamma, HistoricalEffects, Mixture, Normal, power_prior};
use proband_stats::binary::Proportion;
use proband_stats::counts::EventRate;
use proband_stats::design::{
    ArmBoundary, ArmsPlan, EventFormula, ExponentialTrial, Goal, assurance, events_needed,
    lachin_foulkes_size, normal_assurance,
};
use proband_stats::multiplicity::{Adjustment, Dunnett, Graph, adjust, serial_gatekeeping};
use proband_stats::sequential::{
    Efficacy, Futility, GroupSequentialDesign, GroupSequentialPlan, Interim, NormalPrior,
    Sides, Spending, bauer_koehne_critical, bauer_koehne_first_stage, fisher_boundaries,
};
use proband_stats::{Level, StatsError};
use proptest::prelude::*;

use crate::near;

fn three_looks(efficacy: Efficacy, futility: Futility) -> GroupSequentialDesign {
    GroupSequentialPlan {
        fractions: vec![0.4, 0.7, 1.0],
        alpha: 0.025,
        sides: Sides::One,
        efficacy,
        futility,
        binding: false,
    }
    .solve()
    .unwrap()
}

fn phi(z: f64) -> f64 {
    0.5 * libm::erfc(-z / 2.0_f64.sqrt())
}

fn density(z: f64) -> f64 {
    libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt()
}

/// The power is what is rejected at the first look plus the conditional power over where the trial then stands.
#[test]
fn conditional_power_averages_to_power() {
    let design = three_looks(Efficacy::O_BRIEN_FLEMING, Futility::Bounds(vec![0.0, 0.5]));
    let drift = 3.1;
    let exits = design.exits(drift).unwrap();
    let (steps, low, high) = (2000, 0.0, design.upper[0]);
    let width = (high - low) / f64::from(steps);
    let later: f64 = (0..steps)
        .map(|k| low + (f64::from(k) + 0.5) * width)
        .map(|z| {
            density(z - drift * 0.4_f64.sqrt())
                * design.conditional_power(0, z, drift).unwrap()
                * width
        })
        .sum();
    near(exits.reject[0] + later, exits.power(), 1e-6);
}

#[test]
fn with_one_look_left_predictive_power_has_a_closed_form() {
    let design = three_looks(Efficacy::POCOCK, Futility::None);
    let prior = NormalPrior { mean: 2.0, information: 0.5 };
    let closed = Interim { z: 1.2, fraction: 0.7, information: 1.0, critical: design.upper[2] };
    let ours = design.predictive_power(1, 1.2, prior).unwrap();
    near(ours, closed.predictive_power(prior).unwrap(), 1e-10);
    near(
        design.conditional_power(1, 1.2, 2.5).unwrap(),
        closed.conditional_power(2.5).unwrap(),
        1e-12,
    );
}

/// In the stagewise ordering the p-value at a bound is the level spent so far, the repeated p-value there the level.
#[test]
fn at_the_bound_p_values_are_what_was_spent() {
    let design = three_looks(Efficacy::Spending(Spending::Pocock), Futility::None);
    let spent = design.spent().unwrap();
    for (look, total) in spent.iter().enumerate() {
        let z = design.upper[look];
        near(design.stagewise_p(look, z, 0.0).unwrap(), *total, 1e-12);
        near(design.plan().repeated_p(look, z).unwrap(), 0.025, 1e-9);
        let adjusted = design.adjusted(look, z, Level::new(0.95).unwrap()).unwrap();
        let again = design.stagewise_p(look, z, adjusted.median_unbiased).unwrap();
        near(again, 0.5, 1e-10);
    }
    near(spent[2], 0.025, 1e-12);
}

/// One look is no look: all estimates are the usual ones.
#[test]
fn a_single_look_is_the_plain_test() {
    let plan = GroupSequentialPlan {
        fractions: vec![1.0],
        alpha: 0.05,
        sides: Sides::Two,
        efficacy: Efficacy::POCOCK,
        futility: Futility::None,
        binding: false,
    };
    let design = plan.solve().unwrap();
    near(design.upper[0], 1.959_963_984_540_054, 1e-12);
    near(design.inflation(0.9).unwrap(), 1.0, 1e-4);
    let ours = design.adjusted(0, 2.5, Level::P95).unwrap();
    near(ours.median_unbiased, 2.5, 1e-10);
    near(ours.interval.lower, 2.5 - 1.959_963_984_540_054, 1e-10);
}

/// Fisher's boundaries with one stage, two (Bauer and Koehne's closed form) and three, the last by adding up a grid.
#[test]
fn fisher_boundaries_hold_the_level() {
    near(fisher_boundaries(0.05, 1).unwrap()[0], 0.05, 1e-12);
    let two = fisher_boundaries(0.025, 2).unwrap();
    near(two[0] - two[1] * libm::log(two[0]), 0.025, 1e-12);
    let three = fisher_boundaries(0.025, 3).unwrap();
    let (c1, c2, c3) = (three[0], three[1], three[2]);
    // p1 > c1, p1 p2 > c2, p1 p2 p3 < c3.
    let steps = 3000;
    let third: f64 = (0..steps)
        .map(|k| c1 + (f64::from(k) + 0.5) / f64::from(steps) * (1.0 - c1))
        .map(|p1| c3 / p1 * libm::log(p1 / c2) * (1.0 - c1) / f64::from(steps))
        .sum();
    near(c1 - c2 * libm::log(c1) + third, 0.025, 1e-7);
    let first = bauer_koehne_first_stage(0.025, 0.5).unwrap();
    let c = bauer_koehne_critical(0.025).unwrap();
    near(first + c * libm::log(0.5 / first), 0.025, 1e-12);
    assert!(first > c && first < 0.025);
}

#[test]
fn dunnett_with_one_arm_is_students_test() {
    let one = Dunnett::of_sizes(20.0, &[20.0], Some(38.0)).unwrap();
    near(one.critical_value(0.05, Sides::Two).unwrap(), 2.024_394_164, 1e-8);
    let known = Dunnett::of_sizes(20.0, &[20.0], None).unwrap();
    near(known.critical_value(0.025, Sides::One).unwrap(), 1.959_963_984_540_054, 1e-9);
    let p = Dunnett::of_sizes(9.0, &[5.0, 7.0], None).unwrap();
    let single = p.p_values(&[2.1, -0.3], Sides::Two).unwrap();
    let stepwise = p.step_down(&[2.1, -0.3], Sides::Two).unwrap();
    near(stepwise[0], single[0], 1e-12);
    near(stepwise[1], 2.0 * phi(-0.3), 1e-10);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// More powerful procedures never give larger p-values, and order follows the labels.
    #[test]
    fn procedures_are_ordered(p in prop::collection::vec(0.0..1.0_f64, 1..9)) {
        let of = |method| adjust(&p, method).unwrap();
        let chain = [
            Adjustment::Bonferroni,
            Adjustment::Holm,
            Adjustment::Hochberg,
            Adjustment::Hommel,
        ];
        for pair in chain.windows(2) {
            for (weak, strong) in of(pair[0]).iter().zip(of(pair[1])) {
                prop_assert!(strong <= weak + 1e-12);
            }
        }
        let turned: Vec<f64> = p.iter().rev().copied().collect();
        let again = adjust(&turned, Adjustment::Hommel).unwrap();
        for (a, b) in of(Adjustment::Hommel).iter().rev().zip(again) {
            near(*a, b, 1e-14);
        }
    }

    /// The sequentially rejective test is the closed test it stands for, and Holm's procedure is a graph.
    #[test]
    fn graphs_are_closed_tests(
        p in prop::collection::vec(0.0..0.2_f64, 4),
        raw in prop::collection::vec(0.0..1.0_f64, 20),
    ) {
        let share = |part: &[f64]| -> Vec<f64> {
            let total: f64 = part.iter().sum::<f64>() + 0.1;
            part.iter().map(|v| v / total).collect()
        };
        let rows: Vec<Vec<f64>> = (0..4)
            .map(|i| {
                let mut row = raw[4 + 4 * i..8 + 4 * i].to_vec();
                row[i] = 0.0;
                share(&row)
            })
            .collect();
        let graph = Graph::new(&share(&raw[..4]), &rows).unwrap();
        let (short, closed) =
            (graph.test(&p, 0.05).unwrap(), graph.closed_test(&p, 0.05).unwrap());
        for (a, b) in short.adjusted.iter().zip(&closed.adjusted) {
            near(*a, *b, 1e-9);
        }
        let holm = Graph::holm(4).unwrap().test(&p, 0.05).unwrap().adjusted;
        for (a, b) in holm.iter().zip(adjust(&p, Adjustment::Holm).unwrap()) {
            near(*a, b, 1e-12);
        }
    }
}

#[test]
fn gates_open_in_order() {
    let families = [&[0.01, 0.02][..], &[0.03, 0.001]];
    let ours = serial_gatekeeping(&families, Adjustment::Holm).unwrap();
    near(ours[0][0], 0.02, 1e-12);
    near(ours[1][1], 0.02, 1e-12);
    near(ours[1][0], 0.03, 1e-12);
    // Bonferroni-based parallel gatekeeping: half of the level goes on with one rejected primary hypothesis.
    let graph = Graph::parallel_gatekeeping(&[0.5, 0.5], 2).unwrap();
    let test = graph.test(&[0.01, 0.3, 0.012, 0.03], 0.05).unwrap();
    assert_eq!(test.rejected, [true, false, true, false]);
}

#[test]
fn one_arm_against_control_is_a_group_sequential_trial() {
    let plan = ArmsPlan {
        arms: 1,
        active: vec![1.0, 2.0],
        control: vec![1.0, 2.0],
        alpha: 0.025,
        upper: ArmBoundary::OBrienFleming,
        lower: ArmBoundary::Fixed(vec![0.0]),
    };
    let arms = plan.solve().unwrap();
    let looks = GroupSequentialPlan {
        fractions: vec![0.5, 1.0],
        alpha: 0.025,
        sides: Sides::One,
        efficacy: Efficacy::O_BRIEN_FLEMING,
        futility: Futility::Bounds(vec![0.0]),
        binding: true,
    };
    let design = looks.solve().unwrap();
    for (a, b) in arms.upper.iter().zip(&design.upper) {
        near(*a, *b, 1e-4);
    }
    let drift = 0.4 * (0.5 * 100.0_f64).sqrt();
    let power = design.exits(drift).unwrap().power();
    near(arms.power(0.4, 0.0, 50.0).unwrap(), power, 1e-4);
}

#[test]
fn sizes_of_survival_trials_agree_where_they_should() {
    let goal = Goal { alpha: 0.025, power: 0.9 };
    let trial = ExponentialTrial {
        control_hazard: 0.05,
        hazard_ratio: 0.9,
        dropout_hazard: 0.0,
        ratio: 1.0,
        accrual: 12.0,
        follow_up: 24.0,
    };
    // Close to no effect all formulas are the same.
    let by_events = trial.size(EventFormula::Schoenfeld, goal).unwrap().sizes.total();
    let by_hazards = lachin_foulkes_size(&trial, goal).unwrap().total();
    assert!((by_hazards / by_events - 1.0).abs() < 0.02, "{by_hazards} {by_events}");
    let events = events_needed(0.9, 1.0, EventFormula::Freedman, goal).unwrap();
    let other = events_needed(1.0 / 0.9, 1.0, EventFormula::Freedman, goal).unwrap();
    near(events, other, 1e-9);
    // When everybody is followed for ever, everybody has the event.
    let time = trial.time_of(500.0, 1000.0).unwrap();
    near(trial.event_probability_by(time).unwrap(), 0.5, 1e-12);
    assert_eq!(trial.time_of(1001.0, 1000.0), Err(StatsError::NoSolution));
}

#[test]
fn assurance_by_quadrature_is_the_closed_form() {
    let prior = NormalPrior { mean: 0.3, information: 25.0 };
    let information = 60.0;
    let power = |effect: f64| Ok(phi(effect * f64::sqrt(information) - 1.959_963_984_540_054));
    let ours = assurance(prior, power).unwrap();
    near(ours, normal_assurance(prior, information, 0.025).unwrap(), 1e-10);
}

#[test]
fn beliefs_learn_as_they_should() {
    let history = Proportion::new(30, 100).unwrap();
    let borrowed = power_prior(Beta::new(1.0, 1.0).unwrap(), history, 0.2).unwrap();
    assert_eq!(borrowed.parameters(), (7.0, 15.0));
    // Where data agree with history, history keeps its weight; where they do not, it gives way.
    let informed = Mixture::new(&[1.0], &[Beta::new(30.0, 70.0).unwrap()])
        .unwrap()
        .robust(Beta::new(1.0, 1.0).unwrap(), 0.2)
        .unwrap();
    let weight =
        |events| informed.after(&Proportion::new(events, 50).unwrap()).components()[0].0;
    assert!(weight(15) > 0.9 && weight(40) < 0.01, "{} {}", weight(15), weight(40));
    // The evidence is the beta-binomial probability: a mixture after data has the mean by Bayes' theorem.
    let seen = Proportion::new(20, 50).unwrap();
    let (a, b) = (Beta::new(30.0, 70.0).unwrap(), Beta::new(1.0, 1.0).unwrap());
    let (pa, pb) = (0.8 * a.predicts(20, 50).unwrap(), 0.2 * b.predicts(20, 50).unwrap());
    let expected = (pa * 50.0 / 150.0 + pb * 21.0 / 52.0) / (pa + pb);
    near(informed.after(&seen).mean(), expected, 1e-12);
    // Exponential hazards: P(h1 > r h2) = b2 / (b2 + r b1) for shapes of one.
    let (one, two) = (Gamma::new(1.0, 3.0).unwrap(), Gamma::new(1.0, 5.0).unwrap());
    near(one.exceeds(two, 2.0).unwrap(), 5.0 / (5.0 + 2.0 * 3.0), 1e-12);
    let after = Gamma::new(1.0, 3.0).unwrap().after(EventRate::new(4, 10.0).unwrap());
    near(after.mean(), 5.0 / 13.0, 1e-12);
}

/// One earlier trial: the next effect has its mean, and variance se^2 + 2 E(tau^2) with E(tau^2) the squared scale.
#[test]
fn the_predictive_prior_of_one_trial_is_known() {
    let history = HistoricalEffects::new(&[1.5], &[0.4]).unwrap();
    let prior = history.predictive(0.3).unwrap();
    near(prior.mean(), 1.5, 1e-12);
    near(prior.variance(), 0.16 + 2.0 * 0.09, 1e-6);
    let many = HistoricalEffects::new(&[1.0, 1.1, 0.9, 1.0, 1.0], &[0.1; 5]).unwrap();
    let after = many.predictive(0.2).unwrap().after(&Normal::new(1.0, 0.2).unwrap());
    assert!((after.mean() - 1.0).abs() < 1e-9 && after.variance() < 0.02);
    near(after.above(1.0).unwrap(), 0.5, 1e-9);
}
