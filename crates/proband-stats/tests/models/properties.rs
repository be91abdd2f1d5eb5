//! What must not change when rows are reordered, participants renamed, units changed.

use proband_math::stream::{Address, Purpose, Seed};
use proband_stats::binary::{
    Proportion, Stratum, conditional_odds_ratio, mid_p, miettinen_nurminen, newcombe,
    stratified_miettinen_nurminen, stratified_newcombe,
};
use proband_stats::gee::{CorrelatedRows, Response, WorkingCorrelation, gee};
use proband_stats::missing::{Incomplete, Strategy};
use proband_stats::mixed::{
    Covariance, CrossoverPeriods, Inference, Likelihood, RandomEffects, RepeatedMeasures,
    crossover, mmrm, random_effects,
};
use proband_stats::{Level, t_tests};
use proptest::prelude::*;

use crate::stream;

const L: Level = Level::P95;

/// Optima are found to half the digits of a double and better; sums in another order differ by less.
const ROUNDING: f64 = 1e-6;

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= ROUNDING * (1.0 + a.abs().max(b.abs()))
}

/// Twenty participants by three visits with values missing at random, and their arm.
struct Study {
    response: Vec<f64>,
    arm: Vec<f64>,
    participant: Vec<usize>,
    visit: Vec<usize>,
}

fn study(round: u64) -> Study {
    let mut random = stream(round);
    let mut study = Study { response: vec![], arm: vec![], participant: vec![], visit: vec![] };
    for participant in 0..20 {
        let own = random.normal();
        for visit in 0..3 {
            let noise = random.normal();
            if visit == 0 || random.uniform() < 0.8 {
                study.response.push(own + 0.7 * noise + 0.3 * visit as f64);
                study.arm.push((participant % 2) as f64);
                study.participant.push(participant);
                study.visit.push(visit);
            }
        }
    }
    study
}

impl Study {
    fn reordered(&self, order: &[usize], rename: impl Fn(usize) -> usize, scale: f64) -> Self {
        Self {
            response: order.iter().map(|&k| scale * self.response[k]).collect(),
            arm: order.iter().map(|&k| self.arm[k]).collect(),
            participant: order.iter().map(|&k| rename(self.participant[k])).collect(),
            visit: order.iter().map(|&k| self.visit[k]).collect(),
        }
    }

    /// (estimate, standard error, degrees of freedom) of the arm.
    fn by_mmrm(&self, structure: Covariance, inference: Inference) -> [f64; 3] {
        let data = RepeatedMeasures {
            response: &self.response,
            columns: &[&self.arm],
            participant: &self.participant,
            visit: &self.visit,
            visits: 3,
        };
        let ours = mmrm(&data, structure).unwrap().fit.effect(1, inference, L).unwrap();
        let proband_stats::Reference::T { df } = ours.reference else { panic!("a t test") };
        [ours.estimate.value, ours.estimate.se, df]
    }

    fn minus_two(&self, structure: Covariance) -> f64 {
        let data = RepeatedMeasures {
            response: &self.response,
            columns: &[&self.arm],
            participant: &self.participant,
            visit: &self.visit,
            visits: 3,
        };
        mmrm(&data, structure).unwrap().fit.minus_two_log_likelihood()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mixed_models_ignore_order_names_and_units(round in 0_u64..1000, scale in 0.01..100.0) {
        let study = study(round);
        let reversed: Vec<usize> = (0..study.response.len()).rev().collect();
        let other = study.reordered(&reversed, |p| 1000 - 7 * p, scale);
        for (structure, inference) in [
            (Covariance::Unstructured, Inference::KenwardRogerLinear),
            (Covariance::Toeplitz, Inference::Satterthwaite),
            (Covariance::AutoRegressive, Inference::KenwardRoger),
        ] {
            let [value, se, df] = study.by_mmrm(structure, inference);
            let [other_value, other_se, other_df] = other.by_mmrm(structure, inference);
            prop_assert!(near(value * scale, other_value), "{value} {other_value}");
            prop_assert!(near(se * scale, other_se), "{se} {other_se}");
            prop_assert!((df / other_df - 1.0).abs() < 1e-4, "{df} {other_df}");
        }
    }

    /// A structure that contains another cannot have a smaller likelihood.
    #[test]
    fn richer_structures_fit_better(round in 0_u64..1000) {
        let study = study(round);
        let at = |structure| study.minus_two(structure);
        let chain = [
            (Covariance::CompoundSymmetry, Covariance::Toeplitz),
            (Covariance::AutoRegressive, Covariance::Toeplitz),
            (Covariance::Toeplitz, Covariance::HeterogeneousToeplitz),
            (Covariance::HeterogeneousToeplitz, Covariance::Unstructured),
            (Covariance::CompoundSymmetry, Covariance::HeterogeneousCompoundSymmetry),
            (Covariance::HeterogeneousAutoRegressive, Covariance::Unstructured),
        ];
        for (poor, rich) in chain {
            prop_assert!(at(rich) <= at(poor) + 1e-7, "{poor:?} {rich:?}");
        }
    }

    /// Compound symmetry with a positive correlation is a random intercept.
    #[test]
    fn compound_symmetry_is_a_random_intercept(round in 0_u64..1000) {
        let study = study(round);
        let random = random_effects(
            &study.response, &[&study.arm], &study.participant,
            RandomEffects::Intercept, Likelihood::Restricted,
        ).unwrap();
        prop_assume!(random.intercept_variance > 0.01);
        let ours = study.minus_two(Covariance::CompoundSymmetry);
        prop_assert!(near(ours, random.fit.minus_two_log_likelihood()));
    }

    #[test]
    fn estimating_equations_ignore_order_and_names(round in 0_u64..1000) {
        let study = study(round);
        let reversed: Vec<usize> = (0..study.response.len()).rev().collect();
        let other = study.reordered(&reversed, |p| 50 - p, 1.0);
        for shape in [WorkingCorrelation::Exchangeable, WorkingCorrelation::AutoRegressive] {
            let fit = |study: &Study| {
                let rows = CorrelatedRows {
                    response: &study.response,
                    columns: &[&study.arm],
                    participant: &study.participant,
                    visit: &study.visit,
                };
                gee(&rows, Response::Number, shape).unwrap().robust.effect(1, L).unwrap()
            };
            let (a, b) = (fit(&study).estimate, fit(&other).estimate);
            prop_assert!(near(a.value, b.value) && near(a.se, b.se));
        }
    }

    /// The crossover's treatment effect is that of the mixed model with period and random participants.
    #[test]
    fn a_crossover_is_a_mixed_model(round in 0_u64..1000) {
        let mut random = stream(round);
        let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| random.normal()).collect() };
        let (own, a, b) = (draw(12), draw(12), draw(12));
        let first: Vec<f64> = own.iter().zip(&a).map(|(u, e)| 2.0 * u + e).collect();
        let second: Vec<f64> = own.iter().zip(&b).map(|(u, e)| 2.0 * u + e + 0.5).collect();
        let part = |range: std::ops::Range<usize>| CrossoverPeriods {
            first: &first[range.clone()],
            second: &second[range],
        };
        let ours = crossover(part(0..6), part(6..12), L).unwrap().treatment;
        let mut rows: [Vec<f64>; 3] = [vec![], vec![], vec![]];
        let mut participant = vec![];
        for k in 0..12 {
            for (late, value) in [(0.0, first[k]), (1.0, second[k])] {
                let test = if (k < 6) == (late < 0.5) { 1.0 } else { 0.0 };
                for (column, entry) in rows.iter_mut().zip([value, late, test]) {
                    column.push(entry);
                }
                participant.push(k);
            }
        }
        let sequence: Vec<f64> = participant.iter().map(|&k| f64::from(u8::from(k < 6))).collect();
        let fit = random_effects(
            &rows[0], &[&rows[1], &rows[2], &sequence], &participant,
            RandomEffects::Intercept, Likelihood::Restricted,
        ).unwrap();
        prop_assume!(fit.intercept_variance > 0.1);
        let theirs = fit.fit.effect(2, Inference::Satterthwaite, L).unwrap();
        prop_assert!(near(ours.estimate.value, theirs.estimate.value));
        prop_assert!(near(ours.estimate.se, theirs.estimate.se));
        prop_assert!((ours.p - theirs.p).abs() < 1e-4);
    }

    #[test]
    fn one_stratum_is_no_stratum(a in 0_u64..30, c in 0_u64..40) {
        let (active, control) = (Proportion::new(a, 30).unwrap(), Proportion::new(c, 40).unwrap());
        let stratum = [Stratum { active, control }];
        let pairs = [
            (stratified_newcombe(&stratum, L), newcombe(active, control, L)),
            (stratified_miettinen_nurminen(&stratum, L), miettinen_nurminen(active, control, L)),
        ];
        for (ours, plain) in pairs {
            let (ours, plain) = (ours.unwrap(), plain.unwrap());
            prop_assert!((ours.lower - plain.lower).abs() < 1e-9, "{ours:?} {plain:?}");
            prop_assert!((ours.upper - plain.upper).abs() < 1e-9, "{ours:?} {plain:?}");
        }
    }

    /// The limits solve their equation, summed term by term.
    #[test]
    fn mid_p_limits_leave_half_of_the_point(x in 1_u64..40, n in 41_u64..60) {
        let ours = mid_p(Proportion::new(x, n).unwrap(), L).unwrap();
        let tail = |p: f64, above: bool| -> f64 {
            let mut ways = 1.0;
            let mut total = 0.0;
            for k in 0..=n {
                let term = ways * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32);
                total += match k.cmp(&x) {
                    std::cmp::Ordering::Equal => 0.5 * term,
                    order if (order == std::cmp::Ordering::Greater) == above => term,
                    _ => 0.0,
                };
                ways *= (n - k) as f64 / (k + 1) as f64;
            }
            total
        };
        prop_assert!((tail(ours.lower, true) - 0.025).abs() < 1e-10);
        prop_assert!((tail(ours.upper, false) - 0.025).abs() < 1e-10);
    }

    #[test]
    fn conditional_odds_ratio_turns_over_with_the_arms(a in 1_u64..20, c in 1_u64..20) {
        let (x, y) = (Proportion::new(a, 20).unwrap(), Proportion::new(c, 20).unwrap());
        let (ours, swapped) = (
            conditional_odds_ratio(x, y, L).unwrap(),
            conditional_odds_ratio(y, x, L).unwrap(),
        );
        prop_assert!((ours.value * swapped.value - 1.0).abs() < 1e-9);
        prop_assert!((ours.interval.lower * swapped.interval.upper - 1.0).abs() < 1e-9);
        prop_assert!(ours.interval.lower <= ours.value && ours.value <= ours.interval.upper);
    }
}

/// Draws of what is missing have the conditional means as their average, and come from their addresses
/// alone.
#[test]
fn draws_scatter_about_the_conditional_means() {
    let (participants, visits) = (30, 3);
    let mut random = stream(7);
    let mut response = Vec::new();
    let mut arm = Vec::new();
    for participant in 0..participants {
        let own = random.normal();
        for visit in 0..visits {
            let value = own + 0.5 * random.normal();
            let gone = participant % 3 == 0 && visit > 0;
            response.push(if gone { f64::NAN } else { value });
            arm.push((participant % 2) as f64);
        }
    }
    let second: Vec<f64> =
        (0..response.len()).map(|c| f64::from(u8::from(c % 3 == 1))).collect();
    let third: Vec<f64> =
        (0..response.len()).map(|c| f64::from(u8::from(c % 3 == 2))).collect();
    let reference = vec![0.0; arm.len()];
    let from: Vec<Option<usize>> =
        (0..participants).map(|p| (p % 3 == 0).then_some(1)).collect();
    let data = Incomplete {
        response: &response,
        visits,
        columns: &[&arm, &second, &third],
        under_reference: &[&reference, &second, &third],
        from: &from,
        structure: Covariance::Unstructured,
    };
    let fit = data.fit().unwrap();
    let address = Address::new(Seed(1), Purpose::new("imputation"));
    let means = fit.conditional_means(&data, Strategy::JumpToReference).unwrap();
    let draw = |index: u64| {
        let at = Address { index, ..address };
        fit.drawn(&data, Strategy::JumpToReference, at).unwrap()
    };
    assert_eq!(draw(3), draw(3));
    let many: Vec<Vec<f64>> = (0..400).map(draw).collect();
    for (cell, mean) in means.iter().enumerate() {
        let column: Vec<f64> = many.iter().map(|all| all[cell]).collect();
        if response[cell].is_nan() {
            let ours = t_tests::one_sample(&column, *mean, Level::P99).unwrap();
            assert!(ours.statistic.abs() < 4.5, "{cell}: {}", ours.statistic);
        } else {
            assert!(column.iter().all(|v| v.to_bits() == response[cell].to_bits()));
        }
    }
}
