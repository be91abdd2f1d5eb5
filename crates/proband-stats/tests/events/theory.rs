//! What must be equal by theory.

use proband_stats::Level;
use proband_stats::competing::{Outcomes, cumulative_incidence, fine_gray};
use proband_stats::recurrent::{Histories, lwyy, mean_cumulative_function};
use proband_stats::regression::Regressor;
use proband_stats::survival::{
    CoxModel, CurveInterval, FollowUp, Intervals, LogRankWeights, Ties, TimeScale, cox,
    exact_cox, kaplan_meier, logrank, max_combo,
};
use proband_stats::win_ratio::{Outcome, win_ratio};
use proptest::prelude::*;

use crate::near;

const L: Level = Level::P95;

/// Rows of (time from few values so that ties occur, event, group, covariate).
type Row = (f64, bool, bool, f64);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (1..40_u32, prop::bool::weighted(0.7), any::<bool>(), -2.0..2.0)
        .prop_map(|(t, e, g, x)| (f64::from(t), e, g, x));
    prop::collection::vec(row, 14..60)
}

fn split(rows: &[Row]) -> (Vec<f64>, Vec<bool>, Vec<bool>, Vec<f64>) {
    (
        rows.iter().map(|r| r.0).collect(),
        rows.iter().map(|r| r.1).collect(),
        rows.iter().map(|r| r.2).collect(),
        rows.iter().map(|r| r.3).collect(),
    )
}

fn indicator(flags: &[bool]) -> Vec<f64> {
    flags.iter().map(|f| f64::from(u8::from(*f))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Cutting each row in two changes neither the fit, nor its robust errors by participant, nor the test of
    /// proportionality, nor the martingale residuals of participants.
    #[test]
    fn a_row_may_be_cut(all in rows()) {
        let (time, event, group, x) = split(&all);
        let g = indicator(&group);
        let n = time.len();
        let one = vec![0; n];
        let follow_up = FollowUp::new(&time, &event).unwrap();
        let columns = [Regressor::Numbers(&g), Regressor::Numbers(&x)];
        let whole = CoxModel::new(&follow_up, &columns, &one, Ties::Efron);
        let Ok(whole) = whole else { return Ok(()) };
        let Ok(fit) = whole.fit() else { return Ok(()) };
        let start: Vec<f64> = time.iter().flat_map(|t| [0.0, 0.4 * t]).collect();
        let stop: Vec<f64> = time.iter().flat_map(|t| [0.4 * t, *t]).collect();
        let ends: Vec<bool> = event.iter().flat_map(|e| [false, *e]).collect();
        let twice = |c: &[f64]| -> Vec<f64> { c.iter().flat_map(|v| [*v, *v]).collect() };
        let (g2, x2) = (twice(&g), twice(&x));
        let cut_rows = Intervals::new(&start, &stop, &ends).unwrap();
        let columns = [Regressor::Numbers(&g2), Regressor::Numbers(&x2)];
        let cut = CoxModel::counting(&cut_rows, &columns, &vec![0; 2 * n], Ties::Efron).unwrap();
        let cut_fit = cut.fit().unwrap();
        let ids: Vec<usize> = (0..n).flat_map(|k| [k, k]).collect();
        let robust = whole.robust(&fit, &(0..n).collect::<Vec<_>>()).unwrap();
        let cut_robust = cut.robust(&cut_fit, &ids).unwrap();
        for k in 0..2 {
            near(cut_fit.coefficients.values()[k], fit.coefficients.values()[k], 1e-7);
            let v = |c: &proband_stats::linear::Coefficients| c.covariance(k, k).unwrap();
            near(v(&cut_fit.coefficients), v(&fit.coefficients), 1e-6);
            near(v(&cut_robust), v(&robust), 1e-6);
        }
        let (whole_left, cut_left) =
            (whole.martingale_residuals(&fit), cut.martingale_residuals(&cut_fit));
        for k in 0..n {
            near(cut_left[2 * k] + cut_left[2 * k + 1], whole_left[k], 1e-6);
        }
        let test = |m: &CoxModel<'_>, f| m.proportionality(f, TimeScale::KaplanMeier);
        if let (Ok(a), Ok(b)) = (test(&whole, &fit), test(&cut, &cut_fit)) {
            near(a.global.statistic, b.global.statistic, 1e-5);
        }
    }

    /// Order, labels and the unit of time do not matter.
    #[test]
    fn order_and_units_do_not_matter(all in rows(), scale in 0.01..100.0_f64) {
        let turned: Vec<Row> = all.iter().rev().map(|r| (r.0 * scale, r.1, r.2, r.3)).collect();
        let result = |rows: &[Row]| {
            let (time, event, group, _) = split(rows);
            let follow_up = FollowUp::new(&time, &event).unwrap();
            let weights = [
                LogRankWeights::Equal,
                LogRankWeights::FlemingHarrington { rho: 0.0, gamma: 1.0 },
            ];
            let combo = max_combo(&follow_up, &group, &vec![0; time.len()], &weights).ok();
            let cause: Vec<u8> =
                rows.iter().map(|r| if !r.1 { 0 } else if r.3 > 0.0 { 1 } else { 2 }).collect();
            let outcomes = Outcomes::new(&time, &cause).unwrap();
            let fine = fine_gray(&outcomes, 1, &[Regressor::Numbers(&indicator(&group))]).ok();
            let outcome = [Outcome::Time { time: &time, event: &event }];
            let wins = win_ratio(&outcome, &group, L).ok();
            (
                combo.map(|c| c.p_two_sided),
                fine.map(|f| (f.coefficients.values()[0], f.coefficients.covariance(0, 0).unwrap())),
                wins.map(|w| w.net_benefit.estimate.value),
            )
        };
        let (a, b) = (result(&all), result(&turned));
        prop_assert_eq!(a.0.is_some(), b.0.is_some());
        if let (Some(p), Some(q)) = (a.0, b.0) { near(p, q, 1e-7); }
        if let (Some(p), Some(q)) = (a.1, b.1) { near(p.0, q.0, 1e-6); near(p.1, q.1, 1e-6); }
        if let (Some(p), Some(q)) = (a.2, b.2) { near(p, q, 1e-12); }
    }

    /// Without competing events the cumulative incidence is one minus Kaplan and Meier's curve and its jackknife error is
    /// Greenwood's; with them the incidences and the event-free share add up to one.
    #[test]
    fn incidences_add_up(all in rows()) {
        let (time, event, _, x) = split(&all);
        let curve = kaplan_meier(&FollowUp::new(&time, &event).unwrap());
        let alone: Vec<u8> = event.iter().map(|e| u8::from(*e)).collect();
        let incidence = cumulative_incidence(&Outcomes::new(&time, &alone).unwrap(), 1).unwrap();
        for step in curve.steps() {
            let at = curve.at(step.time, CurveInterval::Plain, L).unwrap();
            near(incidence.at(step.time).unwrap().unwrap().incidence, 1.0 - at.survival, 1e-12);
            if let Some(se) = at.se {
                near(incidence.jackknife_se(step.time).unwrap(), se, 1e-10);
            }
        }
        let cause: Vec<u8> =
            (0..time.len()).map(|k| if !event[k] { 0 } else if x[k] > 0.0 { 1 } else { 2 }).collect();
        let outcomes = Outcomes::new(&time, &cause).unwrap();
        let both = [1, 2].map(|c| cumulative_incidence(&outcomes, c).unwrap());
        for (a, b) in both[0].steps().iter().zip(both[1].steps()) {
            near(a.incidence + b.incidence + a.event_free, 1.0, 1e-12);
        }
    }

    /// Without competing events Fine and Gray's model is Cox's with Breslow's ties, and its robust errors are those of Lin and
    /// Wei.
    #[test]
    fn fine_gray_without_competing_events_is_cox(all in rows()) {
        let (time, event, group, _) = split(&all);
        let g = indicator(&group);
        let n = time.len();
        let follow_up = FollowUp::new(&time, &event).unwrap();
        let columns = [Regressor::Numbers(&g)];
        let Ok(model) = CoxModel::new(&follow_up, &columns, &vec![0; n], Ties::Breslow) else {
            return Ok(());
        };
        let Ok(fit) = model.fit() else { return Ok(()) };
        let cause: Vec<u8> = event.iter().map(|e| u8::from(*e)).collect();
        let ours = fine_gray(&Outcomes::new(&time, &cause).unwrap(), 1, &columns).unwrap();
        near(ours.coefficients.values()[0], fit.coefficients.values()[0], 1e-8);
        let robust = model.robust(&fit, &(0..n).collect::<Vec<_>>()).unwrap();
        near(
            ours.coefficients.covariance(0, 0).unwrap(),
            robust.covariance(0, 0).unwrap(),
            1e-8,
        );
    }

    /// MaxCombo of one test is that test.
    #[test]
    fn one_test_is_its_own_maximum(all in rows()) {
        let (time, event, group, _) = split(&all);
        let follow_up = FollowUp::new(&time, &event).unwrap();
        let Ok(test) = logrank(&follow_up, &group, LogRankWeights::Equal) else { return Ok(()) };
        let one = vec![0; time.len()];
        let combo = max_combo(&follow_up, &group, &one, &[LogRankWeights::Equal]).unwrap();
        near(combo.p_two_sided, test.p, 1e-12);
        near(combo.p_less, test.p_less(), 1e-12);
    }
}

#[test]
fn without_ties_all_likelihoods_agree() {
    let time: Vec<f64> = (0..40).map(|k| 1.0 + f64::from(k * 17 % 41)).collect();
    let event: Vec<bool> = (0..40).map(|k| k % 4 != 0).collect();
    let x: Vec<f64> = (0..40).map(|k| f64::from(k * 7 % 11) / 5.0).collect();
    let follow_up = FollowUp::new(&time, &event).unwrap();
    let efron = cox(&follow_up, &[&x], Ties::Efron).unwrap();
    let exact = exact_cox(&follow_up, &[&x], &[0; 40]).unwrap();
    near(exact.log_likelihood, efron.log_likelihood, 1e-12);
    near(exact.coefficients.values()[0], efron.coefficients.values()[0], 1e-10);
}

/// The restricted mean of uncensored times is the mean of the times cut at the horizon, with its usual standard error
/// (divisor n).
#[test]
fn the_area_is_the_mean() {
    let time: Vec<f64> = (0..25).map(|k| 1.0 + f64::from(k * 7 % 25)).collect();
    let curve = kaplan_meier(&FollowUp::new(&time, &[true; 25]).unwrap());
    for horizon in [3.5, 10.0, 40.0] {
        let cut: Vec<f64> = time.iter().map(|t| t.min(horizon)).collect();
        let mean = cut.iter().sum::<f64>() / 25.0;
        let squares: f64 = cut.iter().map(|t| (t - mean) * (t - mean)).sum();
        let ours = curve.restricted_mean(horizon).unwrap();
        near(ours.value, mean, 1e-12);
        near(ours.se, (squares / 25.0).sqrt() / 5.0, 1e-12);
    }
}

/// With everybody followed equally long, the mean function is the mean count and its variance that of a mean (divisor n),
/// and the rate ratio is the ratio of means.
#[test]
fn recurrent_events_of_equal_follow_up() {
    let counts = [3, 0, 5, 1, 2, 2, 8, 0, 1, 4];
    let follow_up = [10.0; 10];
    let (mut who, mut when) = (Vec::new(), Vec::new());
    for (k, count) in counts.iter().enumerate() {
        for j in 0..*count {
            who.push(k);
            when.push(0.5 + f64::from(j) + 0.01 * k as f64);
        }
    }
    let histories = Histories::new(&follow_up, &who, &when).unwrap();
    let ours = mean_cumulative_function(&histories).at(10.0, L).unwrap();
    let mean = |c: &[i32]| f64::from(c.iter().sum::<i32>()) / c.len() as f64;
    let squares = |c: &[i32]| -> f64 {
        c.iter().map(|v| (f64::from(*v) - mean(c)) * (f64::from(*v) - mean(c))).sum()
    };
    near(ours.value, mean(&counts), 1e-12);
    near(ours.se, squares(&counts).sqrt() / 10.0, 1e-12);
    let arm: Vec<f64> = (0..10).map(|k| f64::from(u8::from(k >= 5))).collect();
    let fit = lwyy(&histories, &[&arm], Ties::Breslow).unwrap();
    let ratio = mean(&counts[5..]) / mean(&counts[..5]);
    near(fit.andersen_gill.coefficients.values()[0], libm::log(ratio), 1e-9);
    // The delta method on both means.
    let part = |c: &[i32]| squares(c) / (25.0 * mean(c) * mean(c));
    let expected = part(&counts[..5]) + part(&counts[5..]);
    near(fit.robust.covariance(0, 0).unwrap(), expected, 1e-9);
}

/// One number per participant: the net benefit is twice the Mann-Whitney statistic less one, with its variance by U statistics; and a
/// case counted by hand.
#[test]
fn wins_of_one_score() {
    let value = [5.0, 3.0, 3.0, 8.0, 1.0, 4.0, 3.0];
    let active = [true, true, true, true, false, false, false];
    let outcome = [Outcome::Score { value: &value, margin: 0.0 }];
    let ours = win_ratio(&outcome, &active, L).unwrap();
    // 5, 3, 3, 8 against 1, 4, 3: wins 3 + 1 + 1 + 3, losses 0 + 1 + 1 + 0, ties 0 + 1 + 1 + 0.
    assert_eq!((&ours.wins[..], &ours.losses[..], ours.ties), (&[8][..], &[2][..], 2));
    near(ours.ratio.unwrap().value, 4.0, 1e-12);
    near(ours.odds.unwrap().value, 9.0 / 3.0, 1e-12);
    near(ours.net_benefit.estimate.value, 0.5, 1e-12);
    // Placements: actives 1, 0, 0, 1 (net of 3 pairs each), controls 1, 0, 1/2 (net of 4).
    let actives = [1.0, 0.0, 0.0, 1.0];
    let controls = [1.0, 0.0, 0.5];
    let variance = |p: &[f64]| {
        let n = p.len() as f64;
        p.iter().map(|v| (v - 0.5) * (v - 0.5)).sum::<f64>() / (n * (n - 1.0))
    };
    let expected = (variance(&actives) + variance(&controls)).sqrt();
    near(ours.net_benefit.estimate.se, expected, 1e-12);
}

/// Death decides first; hospital stay decides only among those whom death does not.
#[test]
fn outcomes_decide_in_order() {
    let (time, died) = ([10.0, 10.0, 4.0, 10.0], [false, false, true, false]);
    let score = [1.0, 5.0, 9.0, 1.0];
    let outcomes = [
        Outcome::Time { time: &time, event: &died },
        Outcome::Score { value: &score, margin: 0.5 },
    ];
    let ours = win_ratio(&outcomes, &[true, true, false, false], L).unwrap();
    // Both actives outlive the first control; against the second the scores are 1-1 and 5-1.
    assert_eq!((&ours.wins[..], ours.ties), (&[2, 1][..], 1));
    assert_eq!(ours.ratio, None);
}
