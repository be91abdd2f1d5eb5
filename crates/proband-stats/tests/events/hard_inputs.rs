//! Every edge gives a value or the cause, never a panic or a NaN.

#![expect(clippy::float_cmp, reason = "these edges are exact")]

use proband_stats::bayes::{Beta, Gamma, Normal, PredictiveRule};
use proband_stats::binary::Proportion;
use proband_stats::competing::{Outcomes, cumulative_incidence, fine_gray, gray_test};
use proband_stats::design::{
    ArmBoundary, ArmsPlan, CrossoverEquivalence, Goal, ProportionFormula, SimonPlan,
    crossover_equivalence_size, promising_zone, proportions_size, simon_designs, t_test_power,
    t_test_size,
};
use proband_stats::dose_finding::{
    Boin, Crm, CrmModel, DoseCounts, skeleton, three_plus_three,
};
use proband_stats::lifetimes::{Lifetime, gompertz, lifetime_regression};
use proband_stats::multiplicity::{Adjustment, Dunnett, Graph, adjust};
use proband_stats::recurrent::{Histories, lwyy, mean_cumulative_function};
use proband_stats::regression::Regressor;
use proband_stats::response_adaptive::{TwoArms, doubly_adaptive};
use proband_stats::sequential::{
    Efficacy, Futility, GroupSequentialPlan, Sides, Spending, fisher_boundaries,
    fisher_combination, inverse_normal,
};
use proband_stats::survival::{
    CoxModel, CurveInterval, FollowUp, Intervals, Landmark, LogRankWeights, Ties, TimeScale,
    exact_cox, kaplan_meier, max_combo, survival_difference,
};
use proband_stats::win_ratio::{Outcome, win_ratio};
use proband_stats::{Level, StatsError};

const L: Level = Level::P95;

#[test]
fn curves_of_one_participant() {
    let alive = kaplan_meier(&FollowUp::new(&[3.0], &[false]).unwrap());
    assert_eq!(alive.restricted_mean(3.0).unwrap().value, 3.0);
    assert_eq!(alive.restricted_mean(2.0).unwrap().se, 0.0);
    let beyond = StatsError::BeyondFollowUp { time: 4.0, last: 3.0 };
    assert_eq!(alive.restricted_mean(4.0), Err(beyond));
    let dead = kaplan_meier(&FollowUp::new(&[3.0], &[true]).unwrap());
    assert_eq!(dead.restricted_mean(10.0).unwrap().value, 3.0);
    assert!(dead.restricted_mean(f64::NAN).is_err());
    // Nothing lost on one side: no ratio of what was lost.
    let contrast = alive.restricted_mean(3.0).unwrap();
    assert_eq!(contrast.against(&contrast, L), Err(StatsError::ZeroVariance));
    assert_eq!(alive.at(3.0, CurveInterval::Log, L).unwrap().survival, 1.0);
}

#[test]
fn landmarks_nobody_reached() {
    let follow_up = FollowUp::new(&[1.0, 2.0], &[true, true]).unwrap();
    let late = StatsError::BeyondFollowUp { time: 5.0, last: 2.0 };
    assert_eq!(Landmark::new(&follow_up, 5.0), Err(late));
    assert_eq!(Landmark::new(&follow_up, 1.5).unwrap().rows, [1]);
    let empty = survival_difference(&follow_up, &[true, true], 1.0, L);
    assert_eq!(empty, Err(StatsError::EmptyArm { arm: 0 }));
}

#[test]
fn combined_tests_without_evidence() {
    let follow_up = FollowUp::new(&[1.0, 2.0, 3.0], &[true, true, false]).unwrap();
    let one = [0; 3];
    let weights = [LogRankWeights::Equal];
    assert_eq!(
        max_combo(&follow_up, &[true; 3], &one, &weights),
        Err(StatsError::EmptyArm { arm: 0 })
    );
    assert!(max_combo(&follow_up, &[true, false, false], &one, &[]).is_err());
    let never = FollowUp::new(&[1.0, 2.0, 3.0], &[false; 3]).unwrap();
    let none = max_combo(&never, &[true, false, true], &one, &weights);
    assert_eq!(none, Err(StatsError::NoEvents));
    // The first event carries no late weight: nothing to judge by.
    let single = FollowUp::new(&[1.0, 2.0], &[true, false]).unwrap();
    let late = [LogRankWeights::FlemingHarrington { rho: 0.0, gamma: 1.0 }];
    let ours = max_combo(&single, &[true, false], &[0; 2], &late);
    assert_eq!(ours, Err(StatsError::ZeroVariance));
}

#[test]
fn hazards_that_have_no_maximum() {
    let (time, event) = ([1.0, 2.0, 3.0, 4.0], [true, true, false, false]);
    let group = [1.0, 1.0, 0.0, 0.0];
    let follow_up = FollowUp::new(&time, &event).unwrap();
    assert_eq!(exact_cox(&follow_up, &[&group], &[0; 4]), Err(StatsError::Separated));
    let rows = Intervals::new(&[0.0; 4], &time, &event).unwrap();
    let columns = [Regressor::Numbers(&group)];
    let model = CoxModel::counting(&rows, &columns, &[0; 4], Ties::Breslow).unwrap();
    assert_eq!(model.fit(), Err(StatsError::Separated));
    let constant =
        CoxModel::counting(&rows, &[Regressor::Numbers(&[2.0; 4])], &[0; 4], Ties::Efron);
    assert_eq!(constant.err(), Some(StatsError::Singular { column: 0 }));
    let backwards = Intervals::new(&[2.0], &[2.0], &[true]);
    assert_eq!(backwards.err(), Some(StatsError::NotIncreasing { index: 0 }));
    let never = Intervals::new(&[0.0; 4], &time, &[false; 4]).unwrap();
    let none = CoxModel::counting(&never, &columns, &[0; 4], Ties::Efron);
    assert_eq!(none.err(), Some(StatsError::NoEvents));
}

#[test]
fn proportionality_needs_more_than_one_time() {
    let (time, event) = ([0.0, 2.0, 2.0, 2.0, 3.0], [false, true, true, false, false]);
    let x = [0.3, 1.0, 0.0, 2.0, 0.5];
    let follow_up = FollowUp::new(&time, &event).unwrap();
    let model =
        CoxModel::new(&follow_up, &[Regressor::Numbers(&x)], &[0; 5], Ties::Efron).unwrap();
    let fit = model.fit().unwrap();
    let test = model.proportionality(&fit, TimeScale::Identity);
    assert_eq!(test, Err(StatsError::ZeroVariance));
    let logs = model.proportionality(&fit, TimeScale::Log);
    assert_eq!(logs, Err(StatsError::NotPositive { index: 0 }));
}

#[test]
fn incidences_of_nothing_and_of_everything() {
    let outcomes = Outcomes::new(&[1.0, 2.0], &[0, 0]).unwrap();
    let curve = cumulative_incidence(&outcomes, 1).unwrap();
    assert_eq!(curve.estimate(2.0, L).unwrap(), (0.0, 0.0, None));
    assert_eq!(fine_gray(&outcomes, 1, &[]), Err(StatsError::NoEvents));
    let group = gray_test(&outcomes, 1, &[0, 1], 2, 0.0);
    assert_eq!(group, Err(StatsError::NoEvents));
    let all = Outcomes::new(&[1.0, 1.0, 2.0], &[1, 2, 1]).unwrap();
    let curve = cumulative_incidence(&all, 1).unwrap();
    let (value, se, interval) = curve.estimate(50.0, L).unwrap();
    assert!((value - 2.0 / 3.0).abs() < 1e-15 && se > 0.0 && interval.is_some());
    assert!(curve.steps().iter().all(|s| s.variance.is_finite()));
    assert!(cumulative_incidence(&all, 0).is_err());
    assert_eq!(gray_test(&all, 1, &[0, 0, 0], 2, 0.0), Err(StatsError::EmptyArm { arm: 1 }));
    let one = Outcomes::new(&[1.0, 2.0], &[1, 2]).unwrap();
    let test = gray_test(&one, 1, &[0, 1], 2, 0.0);
    assert!(test.is_ok_and(|t| t.statistic.is_finite()) || test.is_err());
}

#[test]
fn lifetimes_without_information() {
    let columns: [Regressor<'_>; 0] = [];
    let none = FollowUp::new(&[1.0, 2.0], &[false; 2]).unwrap();
    for lifetime in [Lifetime::Exponential, Lifetime::Weibull, Lifetime::LogNormal] {
        let fit = lifetime_regression(&none, &columns, lifetime);
        assert_eq!(fit, Err(StatsError::NoEvents));
    }
    let zero = FollowUp::new(&[0.0, 2.0], &[true; 2]).unwrap();
    let place = Err(StatsError::NotPositive { index: 0 });
    assert_eq!(lifetime_regression(&zero, &columns, Lifetime::Weibull), place);
    assert_eq!(gompertz(&zero, &columns).err(), Some(StatsError::NotPositive { index: 0 }));
    // Equal times are a point mass: the scale runs to zero.
    let equal = FollowUp::new(&[2.0; 6], &[true; 6]).unwrap();
    assert!(lifetime_regression(&equal, &columns, Lifetime::Weibull).is_err());
    let rate = lifetime_regression(&equal, &columns, Lifetime::Exponential).unwrap();
    assert!((rate.coefficients.values()[0] - libm::log(2.0)).abs() < 1e-12);
    let constant = [1.0; 6];
    let redundant =
        lifetime_regression(&equal, &[Regressor::Numbers(&constant)], Lifetime::Exponential);
    assert_eq!(redundant, Err(StatsError::Singular { column: 0 }));
}

#[test]
fn histories_at_their_ends() {
    let outside = Histories::new(&[5.0], &[0], &[6.0]);
    assert_eq!(outside.err(), Some(StatsError::BeyondFollowUp { time: 6.0, last: 5.0 }));
    let nobody = Histories::new(&[5.0], &[1], &[1.0]);
    assert_eq!(nobody.err(), Some(StatsError::NoSuchIndex { index: 1, count: 1 }));
    let quiet = Histories::new(&[5.0, 6.0], &[], &[]).unwrap();
    let mean = mean_cumulative_function(&quiet).at(5.5, L).unwrap();
    assert_eq!((mean.value, mean.se), (0.0, 0.0));
    assert_eq!(lwyy(&quiet, &[&[0.0, 1.0]], Ties::Efron), Err(StatsError::NoEvents));
    // Two events at once, at the beginning and at the end of follow-up.
    let busy = Histories::new(&[5.0; 4], &[0, 0, 1, 2, 3, 3], &[5.0, 5.0, 0.0, 1.0, 2.0, 2.0]);
    let fit = lwyy(&busy.unwrap(), &[&[0.0, 1.0, 0.0, 1.0]], Ties::Efron).unwrap();
    assert!(fit.robust.covariance(0, 0).unwrap().is_finite());
}

#[test]
fn pairs_that_cannot_be_won() {
    let value = [1.0, 1.0, 1.0, 1.0];
    let tied = [Outcome::Score { value: &value, margin: 0.0 }];
    let all = win_ratio(&tied, &[true, true, false, false], L);
    assert_eq!(all, Err(StatsError::ZeroVariance));
    let empty = win_ratio(&tied, &[true; 4], L);
    assert_eq!(empty, Err(StatsError::EmptyArm { arm: 0 }));
    let nan = [Outcome::Score { value: &[f64::NAN; 4], margin: 0.0 }];
    let place = Err(StatsError::NotFinite { index: 0 });
    assert_eq!(win_ratio(&nan, &[true, true, false, false], L), place);
}

fn plan(fractions: Vec<f64>, alpha: f64) -> GroupSequentialPlan {
    GroupSequentialPlan {
        fractions,
        alpha,
        sides: Sides::One,
        efficacy: Efficacy::POCOCK,
        futility: Futility::None,
        binding: false,
    }
}

#[test]
fn designs_that_make_no_sense() {
    for fractions in [vec![], vec![0.5], vec![0.5, 0.5, 1.0], vec![1.0, 0.5], vec![f64::NAN]] {
        assert!(plan(fractions.clone(), 0.025).solve().is_err(), "{fractions:?}");
    }
    for alpha in [0.0, 1.0, -1.0, f64::NAN] {
        assert!(plan(vec![0.5, 1.0], alpha).solve().is_err(), "{alpha}");
    }
    let overspent = GroupSequentialPlan {
        efficacy: Efficacy::UserSpending(vec![0.02, 0.03]),
        ..plan(vec![0.5, 1.0], 0.025)
    };
    assert_eq!(overspent.solve(), Err(StatsError::OutOfRange { value: 0.03 }));
    // Futility so strict that no drift reaches the power.
    let hopeless = GroupSequentialPlan {
        futility: Futility::Bounds(vec![2.1]),
        ..plan(vec![0.01, 1.0], 0.025)
    };
    let design = hopeless.solve().unwrap();
    assert!(design.drift_for(0.9).is_ok());
    assert!(design.conditional_power(1, 0.0, 1.0).is_err());
    // Nothing is spent so early: the first bound is out of reach.
    let early = GroupSequentialPlan {
        efficacy: Efficacy::Spending(Spending::OBrienFleming),
        ..plan(vec![0.001, 1.0], 0.025)
    };
    let bounds = early.solve().unwrap().upper;
    assert!(bounds[0] > 30.0 && (bounds[1] - 1.96).abs() < 1e-3, "{bounds:?}");
    for value in [0.0, 1.0, f64::NAN] {
        assert!(inverse_normal(&[0.5, value], &[1.0, 1.0]).is_err());
    }
    assert_eq!(fisher_combination(&[0.0, 0.5]).unwrap().p, 0.0);
    assert!(fisher_boundaries(0.025, 0).is_err());
}

#[test]
fn sizes_without_an_effect() {
    let goal = Goal { alpha: 0.025, power: 0.9 };
    assert!(t_test_size(0.0, 1.0, goal).is_err());
    assert!(t_test_size(f64::NAN, 1.0, goal).is_err());
    assert_eq!(t_test_size(50.0, 1.0, goal).unwrap().control, 2.0);
    assert!(t_test_size(0.5, 1.0, Goal { alpha: 0.025, power: 1.0 }).is_err());
    let tiny = t_test_size(1e-4, 1.0, goal).unwrap().control;
    assert!((tiny / 2.101_484_6e9 - 1.0).abs() < 1e-3, "{tiny}");
    assert!(t_test_power(0.5, [1.0, 1.0], 0.025, Sides::One).is_err());
    assert!(proportions_size(0.3, 0.3, 1.0, ProportionFormula::Arcsine, goal).is_err());
    let outside =
        CrossoverEquivalence { cv: 0.2, ratio: 1.3, limits: [0.8, 1.25], alpha: 0.05 };
    assert_eq!(crossover_equivalence_size(&outside, 0.8), Err(StatsError::NoSolution));
    assert!(promising_zone(-0.2, [100.0, 200.0, 400.0], goal).is_err());
    let none = SimonPlan { null: 0.2, alternative: 0.21, alpha: 0.01, beta: 0.01, largest: 20 };
    assert_eq!(simon_designs(&none), Err(StatsError::NoSolution));
    let looks = ArmsPlan {
        arms: 2,
        active: vec![1.0, 2.0, 3.0, 4.0],
        control: vec![1.0, 2.0, 3.0, 4.0],
        alpha: 0.025,
        upper: ArmBoundary::Pocock,
        lower: ArmBoundary::Pocock,
    };
    assert_eq!(looks.solve(), Err(StatsError::OutOfRange { value: 4.0 }));
}

#[test]
fn hypotheses_at_the_edges() {
    assert!(adjust(&[], Adjustment::Holm).is_err());
    assert!(adjust(&[0.5, 1.5], Adjustment::Holm).is_err());
    assert_eq!(adjust(&[0.0], Adjustment::Hommel).unwrap(), [0.0]);
    assert!(Graph::new(&[0.6, 0.6], &[vec![0.0, 1.0], vec![1.0, 0.0]]).is_err());
    assert!(Graph::new(&[0.5, 0.5], &[vec![0.5, 0.5], vec![1.0, 0.0]]).is_err());
    // Two that hand everything back and forth, and one without a share that nobody feeds.
    let loop_of_two = Graph::new(
        &[0.5, 0.5, 0.0],
        &[vec![0.0, 1.0, 0.0], vec![1.0, 0.0, 0.0], vec![0.0, 0.0, 0.0]],
    )
    .unwrap();
    let test = loop_of_two.test(&[0.01, 0.02, 0.0], 0.05).unwrap();
    assert_eq!(test.rejected, [true, true, false]);
    assert!(Dunnett::of_loadings(&[1.0], None).is_err());
    assert!(Dunnett::of_sizes(0.0, &[5.0], None).is_err());
    let zero = Dunnett::of_loadings(&[0.0, 0.0], None).unwrap();
    let c = zero.critical_value(0.05, Sides::One).unwrap();
    assert!((c - 1.954_508_3).abs() < 1e-6, "{c}");
    let far = Dunnett::of_sizes(5.0, &[5.0; 3], Some(2.0)).unwrap();
    let critical = far.critical_value(1e-6, Sides::Two).unwrap();
    assert!(critical > 500.0 && critical.is_finite());
}

#[test]
fn doses_and_beliefs_at_the_edges() {
    assert!(three_plus_three(&[]).is_err());
    assert!(three_plus_three(&[0.0, 0.5]).is_err());
    assert!(Boin::new(0.8).is_err());
    assert!(DoseCounts::new(&[3], &[4]).is_err());
    let nobody = DoseCounts::none(3);
    assert_eq!(Boin::new(0.3).unwrap().select(&nobody).unwrap(), None);
    let crm = Crm {
        skeleton: vec![0.1, 0.2, 0.4],
        model: CrmModel::Empiric,
        target: 0.25,
        prior_sd: 1.0,
    };
    let prior = crm.posterior(&nobody).unwrap();
    assert!(prior.b.abs() < 1e-12 && (prior.variance - 1.0).abs() < 1e-9);
    assert_eq!(crm.maximum_likelihood(&nobody), Err(StatsError::NoEvents));
    let all = DoseCounts::new(&[50, 50, 50], &[50, 50, 50]).unwrap();
    assert_eq!(crm.maximum_likelihood(&all), Err(StatsError::OnlyEvents));
    assert!(crm.posterior(&all).unwrap().plug_in[0] > 0.9);
    assert!(skeleton(CrmModel::Empiric, 0.25, 0.3, 1, 4).is_err());
    let (never, always) = (Proportion::new(0, 40).unwrap(), Proportion::new(40, 40).unwrap());
    let flat = Beta::new(1.0, 1.0).unwrap();
    let sure = flat.after(always).exceeds(flat.after(never), 0.0).unwrap();
    assert!((sure - 1.0).abs() < 1e-12, "{sure}");
    let huge = Proportion::new(400_000, 1_000_000).unwrap();
    let half = flat.after(huge).exceeds(flat.after(huge), 0.0).unwrap();
    assert!((half - 0.5).abs() < 1e-9, "{half}");
    assert_eq!(flat.exceeds(flat, 1.0), Err(StatsError::OutOfRange { value: 1.0 }));
    let rule = PredictiveRule { largest: 10, null: 0.5, threshold: 0.9 };
    assert!(rule.success(flat, never).is_err());
    assert!(Beta::new(0.0, 1.0).is_err() && Gamma::new(1.0, f64::NAN).is_err());
    assert!(Normal::new(0.0, 0.0).is_err());
    assert!(TwoArms::new(0.0, 0.5).is_err());
    assert_eq!(TwoArms::new(0.9, 0.9).unwrap().play_the_winner_variance(), None);
    assert_eq!(doubly_adaptive(0.6, 0.0, 2.0).unwrap(), 1.0);
}
