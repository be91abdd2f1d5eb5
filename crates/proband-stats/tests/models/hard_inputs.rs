//! Inputs that leave nothing to estimate: a value or a reason.

use proband_stats::contingency::{CountTable, pearson_chi_square, stratified_association};
use proband_stats::counts::zero_inflated_poisson;
use proband_stats::gee::{CorrelatedRows, Response, WorkingCorrelation, gee};
use proband_stats::linear::{Heteroscedastic, ols_robust};
use proband_stats::missing::{
    Carried, CompleteDf, carry, inverse_probability_weights, jackknife, pool,
    weighted_difference,
};
use proband_stats::mixed::{
    Covariance, CrossoverPeriods, Inference, Likelihood, RandomEffects, RepeatedMeasures,
    crossover, mmrm, random_effects,
};
use proband_stats::model_matrix::{Margins, ModelMatrix, Variable};
use proband_stats::rank::{exact_rank_sum, exact_signed_rank, kruskal_wallis, signed_rank};
use proband_stats::regression::{
    firth_logistic, firth_profile_interval, logistic, profile_interval,
};
use proband_stats::{Continuity, Level, StatsError};

const L: Level = Level::P95;

const STRUCTURES: [Covariance; 7] = [
    Covariance::Unstructured,
    Covariance::Toeplitz,
    Covariance::HeterogeneousToeplitz,
    Covariance::AutoRegressive,
    Covariance::HeterogeneousAutoRegressive,
    Covariance::CompoundSymmetry,
    Covariance::HeterogeneousCompoundSymmetry,
];

fn measures<'a>(
    response: &'a [f64],
    columns: &'a [&'a [f64]],
    participant: &'a [usize],
    visit: &'a [usize],
) -> RepeatedMeasures<'a> {
    RepeatedMeasures { response, columns, participant, visit, visits: 2 }
}

#[test]
fn repeated_measures_of_little_or_nothing() {
    for structure in STRUCTURES {
        let none = mmrm(&measures(&[], &[], &[], &[]), structure);
        assert_eq!(none.unwrap_err(), StatsError::TooFew { needed: 2, found: 0 });
        // One participant leaves nothing to estimate a covariance by.
        let one = mmrm(&measures(&[1.0, 2.0], &[], &[0, 0], &[0, 1]), structure);
        assert!(one.is_err(), "{structure:?}");
        // No variation at all.
        let flat = mmrm(&measures(&[1.0; 4], &[], &[0, 0, 1, 1], &[0, 1, 0, 1]), structure);
        assert_eq!(flat.unwrap_err(), StatsError::ZeroVariance);
        // A visit that nobody came to.
        let empty = mmrm(&measures(&[1.0, 2.0, 4.0], &[], &[0, 1, 2], &[0, 0, 0]), structure);
        assert_eq!(empty.unwrap_err(), StatsError::OutOfRange { value: 1.0 });
        // The same visit twice.
        let twice = mmrm(&measures(&[1.0, 2.0, 4.0], &[], &[0, 0, 1], &[1, 1, 0]), structure);
        assert_eq!(twice.unwrap_err(), StatsError::OutOfRange { value: 1.0 });
        // A redundant column names itself.
        let copy = [0.0, 1.0, 0.0, 1.0];
        let columns: [&[f64]; 2] = [&copy, &copy];
        let data = measures(&[1.0, 2.0, 4.0, 3.0], &columns, &[0, 0, 1, 1], &[0, 1, 0, 1]);
        let redundant = mmrm(&data, structure);
        assert_eq!(redundant.unwrap_err(), StatsError::Singular { column: 1 });
        let nan = mmrm(&measures(&[1.0, f64::NAN], &[], &[0, 1], &[0, 1]), structure);
        assert_eq!(nan.unwrap_err(), StatsError::NotFinite { index: 1 });
    }
}

#[test]
fn visits_that_nobody_has_both_of_leave_their_correlation_open() {
    let response = [1.0, 3.0, 2.0, 5.0, 4.0, 4.5, 6.0, 5.5];
    let (participant, visit) = ([0, 1, 2, 3, 4, 5, 6, 7], [0, 0, 0, 0, 1, 1, 1, 1]);
    let data = measures(&response, &[], &participant, &visit);
    let open = mmrm(&data, Covariance::Unstructured).unwrap_err();
    assert!(matches!(open, StatsError::DidNotConverge { .. }), "{open:?}");
}

#[test]
fn random_effects_that_cannot_be_told_apart() {
    let y = [1.0, 2.0, 4.0, 3.0];
    let by = |participant: &[usize]| {
        random_effects(&y, &[], participant, RandomEffects::Intercept, Likelihood::Restricted)
    };
    assert!(matches!(by(&[0, 1, 2, 3]).unwrap_err(), StatsError::DidNotConverge { .. }));
    assert!(by(&[0, 0, 1]).is_err());
    let still = [1.0; 4];
    let slope = RandomEffects::InterceptAndSlope(&still);
    let constant = random_effects(&y, &[], &[0, 0, 1, 1], slope, Likelihood::Restricted);
    assert_eq!(constant.unwrap_err(), StatsError::ZeroVariance);
}

/// Rows of a participant that are less alike than those of different ones: the variance between is zero.
#[test]
fn a_variance_between_participants_may_be_zero() {
    let y = [0.0, 2.0, 2.1, 0.1, 0.2, 2.2, 1.9, 0.3];
    let participant = [0, 0, 1, 1, 2, 2, 3, 3];
    let fit =
        random_effects(&y, &[], &participant, RandomEffects::Intercept, Likelihood::Restricted)
            .unwrap();
    assert!(fit.intercept_variance < 1e-12, "{}", fit.intercept_variance);
    let mean = fit.fit.effect(0, Inference::Satterthwaite, L).unwrap();
    assert!((mean.estimate.value - 1.1).abs() < 1e-12);
    assert!((mean.estimate.se - (fit.residual_variance / 8.0).sqrt()).abs() < 1e-9);
}

#[test]
fn crossover_without_a_sequence_or_without_spread() {
    let none = CrossoverPeriods { first: &[], second: &[] };
    let some = CrossoverPeriods { first: &[1.0, 2.0], second: &[2.0, 3.5] };
    assert!(crossover(none, some, L).is_err());
    let flat = CrossoverPeriods { first: &[1.0, 1.0], second: &[1.0, 1.0] };
    assert_eq!(crossover(flat, flat, L).unwrap_err(), StatsError::ZeroVariance);
}

#[test]
fn estimating_equations_without_an_answer() {
    let solve = |y: &[f64], columns: &[&[f64]], participant: &[usize], response: Response| {
        let visit: Vec<usize> = (0..y.len()).collect();
        let rows = CorrelatedRows { response: y, columns, participant, visit: &visit };
        gee(&rows, response, WorkingCorrelation::Exchangeable)
    };
    let four = [0, 0, 1, 1];
    assert_eq!(
        solve(&[0.0; 4], &[], &four, Response::Event).unwrap_err(),
        StatsError::NoEvents
    );
    assert_eq!(
        solve(&[1.0; 4], &[], &four, Response::Event).unwrap_err(),
        StatsError::OnlyEvents
    );
    assert_eq!(
        solve(&[0.5; 4], &[], &four, Response::Event).unwrap_err(),
        StatsError::OutOfRange { value: 0.5 }
    );
    assert_eq!(
        solve(&[2.0; 4], &[], &four, Response::Number).unwrap_err(),
        StatsError::ZeroVariance
    );
    assert!(solve(&[1.0, 0.0, 1.0, 0.0], &[], &[3; 4], Response::Event).is_err());
    let x = [0.0, 0.0, 1.0, 1.0];
    let separated = solve(&[0.0, 0.0, 1.0, 1.0], &[&x], &[0, 1, 2, 3], Response::Event);
    assert!(separated.is_err());
}

#[test]
fn regressions_at_the_edge() {
    let x = [0.0, 0.0, 1.0, 1.0, 1.0];
    assert_eq!(firth_logistic(&[&x], &[false; 5]).unwrap_err(), StatsError::NoEvents);
    assert_eq!(firth_logistic(&[&x], &[true; 5]).unwrap_err(), StatsError::OnlyEvents);
    assert_eq!(
        firth_logistic(&[&[1.0; 5]], &[true, false, true, false, true]).unwrap_err(),
        StatsError::Singular { column: 0 }
    );
    // A column that repeats another is named by its own place.
    let (number, events) = ([1.0, 4.0, 2.0, 3.0, 6.0], [true, false, true, false, true]);
    let columns: [&[f64]; 3] = [&x, &number, &x];
    for redundant in [
        logistic(&columns, &events).unwrap_err(),
        firth_logistic(&columns, &events).unwrap_err(),
        profile_interval(&columns, &events, 1, L).unwrap_err(),
        firth_profile_interval(&columns, &events, 1, L).unwrap_err(),
    ] {
        assert_eq!(redundant, StatsError::Singular { column: 2 });
    }
    let separated = [false, false, true, true, true];
    assert_eq!(profile_interval(&[&x], &separated, 1, L).unwrap_err(), StatsError::Separated);
    let alone = [0.0, 0.0, 0.0, 0.0, 1.0];
    let lever = ols_robust(&[&alone], &[1.0, 2.0, 4.0, 3.0, 9.0], Heteroscedastic::Hc3);
    assert_eq!(lever.unwrap_err(), StatsError::ZeroVariance);
    // Counts without a single zero say nothing about who never has events.
    let counts = [3, 4, 2, 5, 6, 2, 3, 4];
    let none = zero_inflated_poisson(&[], &[], &counts, &[1.0; 8]);
    assert_eq!(none.unwrap_err(), StatsError::Separated);
}

#[test]
fn tables_without_contrast() {
    let empty = CountTable::new(&[&[0, 0], &[0, 0]]).unwrap();
    assert_eq!(pearson_chi_square(&empty).unwrap_err(), StatsError::ZeroVariance);
    let one = CountTable::new(&[&[3, 0], &[2, 0]]).unwrap();
    assert_eq!(pearson_chi_square(&one).unwrap_err(), StatsError::ZeroVariance);
    let strata = [one.clone(), empty];
    let none = stratified_association(&strata, &[0.0, 1.0], &[0.0, 1.0]);
    assert_eq!(none.unwrap_err(), StatsError::ZeroVariance);
    assert!(CountTable::new(&[&[1, 2], &[3]]).is_err());
    assert!(CountTable::new(&[]).is_err());
}

#[test]
fn ranks_of_little_and_of_much() {
    assert!(exact_rank_sum(&[], &[1.0]).is_err());
    let tied = exact_rank_sum(&[1.0, 1.0], &[1.0, 1.0]).unwrap();
    assert!((tied.p - 1.0).abs() < 1e-12);
    assert!(exact_rank_sum(&[0.0; 150], &[1.0; 150]).is_err());
    assert!(signed_rank(&[0.0, 0.0], Continuity::Corrected).is_err());
    assert!(exact_signed_rank(&[f64::NAN]).is_err());
    assert!((exact_signed_rank(&[1.0]).unwrap() - 1.0).abs() < 1e-12);
    assert_eq!(kruskal_wallis(&[&[1.0], &[1.0]]).unwrap_err(), StatsError::ZeroVariance);
}

#[test]
fn model_matrices_that_say_what_is_missing() {
    let (arm, sex) = ([0, 0, 1, 1], [0, 1, 0, 1]);
    let variables = [
        Variable::Factor { codes: &arm, levels: 3 },
        Variable::Factor { codes: &sex, levels: 2 },
    ];
    // An interaction without its main effects.
    let bare = ModelMatrix::new(&variables, &[&[0], &[0, 1]]);
    assert_eq!(bare.unwrap_err(), StatsError::NoSuchIndex { index: 1, count: 2 });
    let matrix = ModelMatrix::new(&variables, &[&[0], &[1], &[0, 1]]).unwrap();
    assert_eq!(matrix.columns().len(), 3);
    // Level 2 never occurs.
    assert!(matrix.mean(&[(0, 2)], Margins::Equal).is_err());
    assert!(ModelMatrix::new(&[], &[]).is_err());
    let outside = [Variable::Factor { codes: &[0, 5], levels: 2 }];
    assert!(ModelMatrix::new(&outside, &[&[0]]).is_err());
}

#[test]
fn missing_values_that_cannot_be_made_up() {
    let (filled, left) =
        (carry(&[f64::NAN, 1.0, f64::NAN], 3, Carried::Last).unwrap(), f64::NAN);
    assert_eq!(filled[2].to_bits(), 1.0_f64.to_bits());
    assert!(filled[0].is_nan() && left.is_nan());
    let base = carry(&[2.0, f64::NAN], 2, Carried::Baseline(&[7.0])).unwrap();
    assert_eq!(base[1].to_bits(), 7.0_f64.to_bits());
    assert!(carry(&[1.0, 2.0, 3.0], 2, Carried::Last).is_err());
    assert!(pool(&[1.0], &[1.0], CompleteDf::Large, L).is_err());
    assert!(pool(&[1.0, 2.0], &[1.0, 0.0], CompleteDf::Large, L).is_err());
    // Equal estimates: nothing is missing, and the normal is what Rubin's degrees of freedom go to.
    let equal = pool(&[1.0, 1.0], &[0.25, 0.25], CompleteDf::Large, L).unwrap();
    assert!((equal.effect.estimate.se - 0.5).abs() < 1e-15);
    assert!((equal.missing_information).abs() < 1e-15);
    assert!(jackknife(1.0, &[1.0, 1.0], L).is_err());
    let ones = inverse_probability_weights(&[&[1.0, 2.0]], &[true, true]).unwrap();
    assert_eq!(ones, [1.0, 1.0]);
    assert_eq!(
        inverse_probability_weights(&[&[1.0, 2.0, 3.0]], &[false; 3]).unwrap_err(),
        StatsError::NoEvents
    );
    let weights = [1.0, 1.0, 0.0, 0.0];
    let empty =
        weighted_difference(&[1.0, 2.0, 3.0, 4.0], &[true, true, false, false], &weights, L);
    assert_eq!(empty.unwrap_err(), StatsError::TooFew { needed: 2, found: 0 });
    let values = [1.0, 2.0, f64::NAN, 4.0, 5.5];
    let active = [true, true, true, false, false];
    let seen = weighted_difference(&values, &active, &[1.0, 1.0, 0.0, 1.0, 1.0], L).unwrap();
    assert!((seen.estimate.value + 3.25).abs() < 1e-12);
}
