//! What must hold for any data: order, labels and scales do not matter where they should not.

use proband_stats::ancova::{AncovaColumns, AncovaLayout, AncovaSums, ancova};
use proband_stats::binary::{
    Proportion, clopper_pearson, fisher_exact, miettinen_nurminen,
    miettinen_nurminen_odds_ratio, newcombe, wilson,
};
use proband_stats::counts::{negative_binomial_regression, poisson_regression};
use proband_stats::descriptive::{Moments, QuantileRule, quantile, summary};
use proband_stats::linear::{CrossProducts, ols};
use proband_stats::rank::{hodges_lehmann, rank_sum};
use proband_stats::survival::{
    CurveInterval, FollowUp, LogRankWeights, Ties, cox, kaplan_meier, logrank,
};
use proband_stats::{Continuity, Level, t_tests};
use proptest::prelude::*;

const L: Level = Level::P95;

/// Sums in another order differ by rounding; the designs here keep it this small.
const ROUNDING: f64 = 1e-9;

/// Columns and cross-products of the same rows.
const BOTH_FORMS: f64 = 1e-10;

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs()))
}

fn values(sizes: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-100.0..100.0, sizes)
}

/// Rows of (time from few values so that ties occur, event, group, covariate).
fn follow_ups() -> impl Strategy<Value = Vec<(f64, bool, bool, f64)>> {
    let row = (1..40_u32, prop::bool::weighted(0.7), any::<bool>(), -2.0..2.0)
        .prop_map(|(t, e, g, x)| (f64::from(t), e, g, x));
    prop::collection::vec(row, 12..60)
}

type Columns = (Vec<f64>, Vec<bool>, Vec<bool>, Vec<f64>);

fn columns(rows: &[(f64, bool, bool, f64)]) -> Columns {
    let time = rows.iter().map(|r| r.0).collect();
    let event = rows.iter().map(|r| r.1).collect();
    let group = rows.iter().map(|r| r.2).collect();
    (time, event, group, rows.iter().map(|r| r.3).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn streams_merge_to_the_same_moments(all in values(2..60), cut in 0.0..1.0) {
        let cut = (cut * all.len() as f64) as usize;
        let stream = |part: &[f64]| {
            let mut moments = Moments::new();
            part.iter().for_each(|&v| moments.push(v).unwrap());
            moments
        };
        let mut merged = stream(&all[..cut]);
        merged.merge(&stream(&all[cut..]));
        let whole = summary(&all, QuantileRule::Linear).unwrap();
        prop_assert!(near(merged.mean().unwrap(), whole.mean, 1e-13));
        prop_assert!(near(merged.sd().unwrap(), whole.sd.unwrap(), 1e-13));
        prop_assert_eq!((merged.min().unwrap(), merged.max().unwrap()), (whole.min, whole.max));
    }

    #[test]
    fn quantiles_ignore_order_and_rise(mut all in values(1..40), p in 0.0..1.0, q in 0.0..1.0) {
        let (p, q) = if p <= q { (p, q) } else { (q, p) };
        for rule in [QuantileRule::Linear, QuantileRule::Averaged] {
            let low = quantile(&mut all.clone(), p, rule).unwrap();
            let high = quantile(&mut all.clone(), q, rule).unwrap();
            prop_assert!(low <= high + 1e-12);
            all.reverse();
            prop_assert_eq!(quantile(&mut all.clone(), p, rule).unwrap().to_bits(), low.to_bits());
        }
    }

    #[test]
    fn t_tests_follow_shift_scale_and_swap(
        x in values(3..20), y in values(3..20), shift in -50.0..50.0, scale in 0.1..10.0,
    ) {
        let ours = t_tests::welch(&x, &y, L).unwrap();
        let swapped = t_tests::welch(&y, &x, L).unwrap();
        prop_assert!(near(ours.statistic, -swapped.statistic, 1e-12));
        prop_assert!(near(ours.p, swapped.p, 1e-12));
        let moved = |v: &[f64]| -> Vec<f64> { v.iter().map(|a| scale * a + shift).collect() };
        let there = t_tests::welch(&moved(&x), &moved(&y), L).unwrap();
        prop_assert!(near(there.estimate.lower, scale * ours.estimate.lower, ROUNDING));
        prop_assert!(near(there.p, ours.p, ROUNDING));
    }

    #[test]
    fn least_squares_from_columns_and_from_a_merged_stream(
        rows in prop::collection::vec((-5.0..5.0, -5.0..5.0, -5.0..5.0), 12..80),
        mean in -1e4..1e4, cut in 0.0..1.0,
    ) {
        let x1: Vec<f64> = rows.iter().map(|r| r.0 + mean).collect();
        let x2: Vec<f64> = rows.iter().map(|r| r.1).collect();
        let y: Vec<f64> = rows.iter().map(|r: &(f64, f64, f64)| 0.3 * r.0 - r.1 + r.2).collect();
        let fit = ols(&[&x1, &x2], &y).unwrap();
        let cut = (cut * rows.len() as f64) as usize;
        let stream = |range: std::ops::Range<usize>| {
            let mut sums = CrossProducts::new(2);
            range.for_each(|k| sums.push(&[x1[k], x2[k]], y[k]).unwrap());
            sums
        };
        let mut sums = stream(0..cut);
        sums.merge(&stream(cut..rows.len())).unwrap();
        let streamed = sums.fit().unwrap();
        // The intercept lies `mean` away from the data: its own size sets its rounding.
        for k in 0..3 {
            let (a, b) = (fit.effect(k, L).unwrap(), streamed.effect(k, L).unwrap());
            let size = a.estimate.se;
            prop_assert!((a.estimate.value - b.estimate.value).abs() < BOTH_FORMS * (size + 1.0).max(a.estimate.value.abs()));
            prop_assert!(near(a.estimate.se / size, b.estimate.se / size, BOTH_FORMS));
        }
        prop_assert!(near(fit.residual_sd(), streamed.residual_sd(), BOTH_FORMS));
    }

    #[test]
    fn least_squares_follow_the_scale_of_a_column_and_ignore_order(
        rows in prop::collection::vec((-5.0..5.0, -5.0..5.0), 6..40), scale in 1e-6..1e6,
    ) {
        let x: Vec<f64> = rows.iter().map(|r| r.0).collect();
        let y: Vec<f64> = rows.iter().map(|r| r.1).collect();
        let ours = ols(&[&x], &y).unwrap().effect(1, L).unwrap();
        let scaled: Vec<f64> = x.iter().rev().map(|v| v * scale).collect();
        let reversed: Vec<f64> = y.iter().rev().copied().collect();
        let there = ols(&[&scaled], &reversed).unwrap().effect(1, L).unwrap();
        prop_assert!(near(there.estimate.value * scale, ours.estimate.value, ROUNDING));
        prop_assert!(near(there.p, ours.p, ROUNDING));
    }

    #[test]
    fn adjusted_differences_ignore_the_names_of_arms(
        rows in prop::collection::vec((0..3_usize, 0..2_usize, -5.0..5.0, -5.0..5.0), 30..80),
    ) {
        let layout = AncovaLayout { arms: 3, factor_levels: vec![2], covariates: 1 };
        let fit = |rename: fn(usize) -> usize| {
            let arm: Vec<usize> = rows.iter().map(|r| rename(r.0)).collect();
            let factor: Vec<usize> = rows.iter().map(|r| 1 - r.1).collect();
            let covariate: Vec<f64> = rows.iter().map(|r| r.2).collect();
            let response: Vec<f64> = rows.iter().map(|r| r.3).collect();
            ancova(&layout, &AncovaColumns {
                response: &response, arm: &arm, factors: &[&factor], covariates: &[&covariate],
            })
        };
        let mut sums = AncovaSums::new(layout.clone());
        rows.iter().for_each(|r| sums.push(r.0, &[1 - r.1], &[r.2], r.3).unwrap());
        let (Ok(ours), Ok(renamed)) = (fit(|a| a), fit(|a| 2 - a)) else { return Ok(()) };
        let there = renamed.difference(0, 1, L).unwrap();
        for here in [&ours, &sums.fit().unwrap()] {
            let here = here.difference(2, 1, L).unwrap();
            prop_assert!(near(here.estimate.value, there.estimate.value, BOTH_FORMS));
            prop_assert!(near(here.estimate.se, there.estimate.se, BOTH_FORMS));
            prop_assert!(near(here.p, there.p, ROUNDING));
        }
    }

    #[test]
    fn proportions_mirror_when_arms_or_outcomes_are_swapped(
        (x1, n1) in (1..60_u64).prop_flat_map(|n| (0..=n, Just(n))),
        (x2, n2) in (1..60_u64).prop_flat_map(|n| (0..=n, Just(n))),
    ) {
        let (a, c) = (Proportion::new(x1, n1).unwrap(), Proportion::new(x2, n2).unwrap());
        let opposite = |p: Proportion| Proportion::new(p.total() - p.events(), p.total()).unwrap();
        for method in [newcombe, miettinen_nurminen] {
            let ours = method(a, c, L).unwrap();
            for other in [method(c, a, L), method(opposite(a), opposite(c), L)] {
                let other = other.unwrap();
                prop_assert!(near(ours.lower, -other.upper, 1e-12), "{:?} {:?}", ours, other);
                prop_assert!(near(ours.upper, -other.lower, 1e-12), "{:?} {:?}", ours, other);
            }
        }
        for method in [clopper_pearson, wilson] {
            let (ours, other) = (method(a, L).unwrap(), method(opposite(a), L).unwrap());
            prop_assert!(near(ours.lower, 1.0 - other.upper, 1e-12));
        }
        let (odds, inverse) = (
            miettinen_nurminen_odds_ratio(a, c, L).unwrap(),
            miettinen_nurminen_odds_ratio(c, a, L).unwrap(),
        );
        prop_assert!(odds.lower * inverse.upper == 0.0 || inverse.upper.is_infinite()
            || near(odds.lower * inverse.upper, 1.0, 1e-9), "{:?} {:?}", odds, inverse);
        let (fisher, swapped) = (fisher_exact(a, c), fisher_exact(c, a));
        prop_assert!(near(fisher.p, swapped.p, 1e-12));
        prop_assert!(near(fisher.p_greater, swapped.p_less, 1e-12));
    }

    #[test]
    fn count_regressions_follow_the_unit_of_exposure(
        rows in prop::collection::vec((0..12_u64, any::<bool>(), 0.2..3.0), 20..60),
        unit in 0.01..100.0,
    ) {
        let counts: Vec<u64> = rows.iter().map(|r| r.0).collect();
        let group: Vec<f64> = rows.iter().map(|r| f64::from(u8::from(r.1))).collect();
        let exposure: Vec<f64> = rows.iter().map(|r| r.2).collect();
        let scaled: Vec<f64> = exposure.iter().map(|t| t * unit).collect();
        if let Ok(ours) = poisson_regression(&[&group], &counts, &exposure) {
            let there = poisson_regression(&[&group], &counts, &scaled).unwrap();
            let (a, b) = (ours.rate_ratio(1, L).unwrap(), there.rate_ratio(1, L).unwrap());
            prop_assert!(near(a.value, b.value, ROUNDING) && near(a.lower, b.lower, ROUNDING));
        }
        if let Ok(ours) = negative_binomial_regression(&[&group], &counts, &exposure) {
            let there = negative_binomial_regression(&[&group], &counts, &scaled).unwrap();
            prop_assert!(near(ours.dispersion, there.dispersion, 1e-7));
            let (a, b) = (ours.rate_ratio(1, L).unwrap(), there.rate_ratio(1, L).unwrap());
            prop_assert!(near(a.value, b.value, 1e-7) && near(a.upper, b.upper, 1e-7));
        }
    }

    #[test]
    fn survival_ignores_the_order_of_rows(rows in follow_ups()) {
        let (time, event, group, x) = columns(&rows);
        let mut backwards = rows.clone();
        backwards.reverse();
        let (time_b, event_b, group_b, x_b) = columns(&backwards);
        let here = FollowUp::new(&time, &event).unwrap();
        let there = FollowUp::new(&time_b, &event_b).unwrap();
        prop_assert_eq!(kaplan_meier(&here), kaplan_meier(&there));
        let w = LogRankWeights::Equal;
        prop_assert_eq!(logrank(&here, &group, w), logrank(&there, &group_b, w));
        if let Ok(fit) = cox(&here, &[&x], Ties::Efron) {
            let other = cox(&there, &[&x_b], Ties::Efron).unwrap();
            prop_assert!(near(fit.coefficients.values()[0], other.coefficients.values()[0], ROUNDING));
            prop_assert!(near(fit.log_likelihood, other.log_likelihood, 1e-12));
        }
    }

    #[test]
    fn survival_falls_from_one_and_its_limits_hold_it(rows in follow_ups()) {
        let (time, event, ..) = columns(&rows);
        let curve = kaplan_meier(&FollowUp::new(&time, &event).unwrap());
        let mut last = 1.0;
        for step in curve.steps() {
            prop_assert!(step.survival <= last && step.survival >= 0.0);
            last = step.survival;
            for scale in [CurveInterval::Plain, CurveInterval::Log, CurveInterval::LogLog] {
                let at = curve.at(step.time, scale, L).unwrap();
                prop_assert!(at.interval.is_none_or(|i| i.contains(at.survival)
                    && i.lower >= 0.0 && i.upper <= 1.0));
            }
        }
        let median = curve.median(CurveInterval::Log, L).unwrap();
        if let (Some(value), Some(lower)) = (median.value, median.lower) {
            prop_assert!(lower <= value);
        }
    }

    #[test]
    fn hazard_comparisons_mirror_and_follow_scales(rows in follow_ups(), scale in 0.01..100.0) {
        let (time, event, group, x) = columns(&rows);
        let follow_up = FollowUp::new(&time, &event).unwrap();
        let opposite: Vec<bool> = group.iter().map(|g| !g).collect();
        let w = LogRankWeights::Equal;
        if let Ok(ours) = logrank(&follow_up, &group, w) {
            let swapped = logrank(&follow_up, &opposite, w).unwrap();
            prop_assert!(near(ours.z, -swapped.z, 1e-12));
            // Any rising transformation of time leaves ranks, and so bits, alone.
            let squared: Vec<f64> = time.iter().map(|t| t * t).collect();
            let stretched = FollowUp::new(&squared, &event).unwrap();
            prop_assert_eq!(logrank(&stretched, &group, w).unwrap(), ours);
        }
        if let Ok(ours) = cox(&follow_up, &[&x], Ties::Efron) {
            let scaled: Vec<f64> = x.iter().map(|v| v * scale + 7.0).collect();
            let there = cox(&follow_up, &[&scaled], Ties::Efron).unwrap();
            let (a, b) = (ours.hazard_ratio(0, L).unwrap(), there.hazard_ratio(0, L).unwrap());
            prop_assert!(near(a.log.estimate.value, scale * b.log.estimate.value, ROUNDING));
            prop_assert!(near(a.log.p, b.log.p, ROUNDING));
        }
    }

    /// With distinct times the score test of a group is the log-rank test (Cox 1972, section 8).
    #[test]
    fn score_test_is_the_logrank_test(rows in follow_ups()) {
        let (_, event, group, _) = columns(&rows);
        let time: Vec<f64> = (0..rows.len()).map(|k| ((k * 37) % 101) as f64).collect();
        let follow_up = FollowUp::new(&time, &event).unwrap();
        let indicator: Vec<f64> = group.iter().map(|&g| f64::from(u8::from(g))).collect();
        let fit = cox(&follow_up, &[&indicator], Ties::Efron);
        if let (Ok(fit), Ok(test)) = (fit, logrank(&follow_up, &group, LogRankWeights::Equal)) {
            let (score, chi) = (fit.score_test().unwrap(), test.chi_square());
            prop_assert!(near(score.statistic, chi.statistic, ROUNDING));
        }
    }

    #[test]
    fn shift_is_the_median_of_all_differences(x in values(1..25), y in values(1..25), by in -9.0..9.0) {
        let mut all: Vec<f64> = x.iter().flat_map(|a| y.iter().map(move |b| a - b)).collect();
        let expected = quantile(&mut all, 0.5, QuantileRule::Averaged).unwrap();
        let ours = hodges_lehmann(&x, &y, L).unwrap();
        prop_assert!(near(ours.value, expected, 1e-13));
        prop_assert!(ours.interval.contains(ours.value));
        let moved: Vec<f64> = x.iter().map(|v| v + by).collect();
        prop_assert!(near(hodges_lehmann(&moved, &y, L).unwrap().value, ours.value + by, 1e-12));
        let (there, back) = (
            rank_sum(&x, &y, Continuity::Corrected).unwrap(),
            rank_sum(&y, &x, Continuity::Corrected).unwrap(),
        );
        prop_assert!(near(there.test.z, -back.test.z, 1e-12));
        prop_assert!(near(there.superiority + back.superiority, 1.0, 1e-12));
    }

    #[test]
    fn no_result_is_nan_whatever_the_numbers(x in prop::collection::vec(prop::num::f64::ANY, 1..12)) {
        let finite = x.iter().all(|v| v.is_finite());
        if let Ok(s) = summary(&x, QuantileRule::Linear) {
            prop_assert!(s.mean.is_finite() && s.sd.is_none_or(f64::is_finite));
        }
        let y: Vec<f64> = x.iter().rev().copied().collect();
        if let Ok(t) = t_tests::welch(&x, &y, L) {
            prop_assert!(finite && t.p.is_finite() && t.estimate.value.is_finite());
        }
        if let Ok(fit) = ols(&[&x], &y) {
            prop_assert!(fit.coefficients().values().iter().all(|b| b.is_finite()));
            prop_assert!(fit.effect(1, L).map_or(true, |e| e.p.is_finite()));
        }
    }
}
