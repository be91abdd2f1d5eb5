//! Logistic regression by a penalised likelihood that always has a maximum.

use super::logistic::{Bernoulli, both_outcomes, split};
use super::profile::{profile_of_likelihood, test_of_likelihood};
use super::{
    Local, Regressor, Standardised, counted_without_intercept, evaluate, maximise, predictor,
};
use crate::error::Result;
use crate::estimate::{ChiSquareTest, Interval, Level, RatioEffect, Reference};
use crate::linear::Coefficients;

/// A pivot of the information that keeps less than this share of its diagonal: the penalty is there
/// minus infinity.
const COLLINEAR: f64 = 1e-14;

/// A fitted logistic regression with Firth's correction.
#[derive(Debug, Clone, PartialEq)]
pub struct FirthFit {
    /// Log odds with the inverse information as their covariance; number 0 is the intercept.
    pub coefficients: Coefficients,
    /// ln L + ln det(I) / 2 at its maximum.
    pub penalised_log_likelihood: f64,
}

impl FirthFit {
    /// The odds ratio of one unit of coefficient `index`, with Wald inference; under separation prefer
    /// [`firth_profile_interval`], for the likelihood is then far from a parabola.
    pub fn odds_ratio(&self, index: usize, level: Level) -> Result<RatioEffect> {
        Ok(self.coefficients.effect(index, level)?.ratio())
    }
}

/// Logistic regression that maximises the likelihood times Jeffreys' prior, which takes away the bias
/// of order 1/n and gives finite estimates where columns separate the events (D. Firth, Biometrika
/// 80, 1993; G. Heinze & M. Schemper, Statistics in Medicine 21, 2002).
///
/// Columns are as long as `events`. Fails without events or without non-events, and on a redundant column.
pub fn firth_logistic(columns: &[&[f64]], events: &[bool]) -> Result<FirthFit> {
    both_outcomes(columns.len(), events)?;
    let design = Standardised::of(&Regressor::numbers(columns), events.len())?;
    let start = vec![0.0; columns.len() + 1];
    let maximum = maximise(start, |beta| penalised(&design, events, beta))
        .map_err(counted_without_intercept)?;
    Ok(FirthFit {
        coefficients: Coefficients::new(
            design.with_intercept(&maximum.at),
            design.covariance_with_intercept(&maximum.covariance),
            Reference::Normal,
        ),
        penalised_log_likelihood: maximum.value + design.log_scale(),
    })
}

/// The profile interval of coefficient `index` by the penalised likelihood (Heinze & Schemper 2002).
///
/// Fails where [`firth_logistic`] does.
pub fn firth_profile_interval(
    columns: &[&[f64]],
    events: &[bool],
    index: usize,
    level: Level,
) -> Result<Interval> {
    profile_of_likelihood(columns, events, index, level, |design, beta| {
        penalised(design, events, beta)
    })
}

/// The test that coefficient `index` is zero: twice the penalised log-likelihood that is lost where it is held there
/// (Heinze & Schemper 2002; `logistf` of R).
///
/// Fails where [`firth_logistic`] does.
pub fn firth_profile_test(
    columns: &[&[f64]],
    events: &[bool],
    index: usize,
) -> Result<ChiSquareTest> {
    test_of_likelihood(columns, events, index, |design, beta| penalised(design, events, beta))
}

/// The penalised likelihood with its score, U + X'h(1/2 - p), h the leverages of the weighted design.
fn penalised(design: &Standardised, events: &[bool], beta: &[f64]) -> Local {
    let mut here = evaluate(design, events.len(), &Bernoulli { events }, beta);
    let Ok(factor) = here.information.cholesky(COLLINEAR) else {
        here.value = f64::NEG_INFINITY;
        return here;
    };
    here.value += 0.5 * factor.log_determinant();
    for index in 0..events.len() {
        let row = [&[1.0], design.row(index)].concat();
        let (p, q) = split(predictor(design, index, beta));
        let leverage = p * q * factor.inverse_quadratic(&row);
        for (score, x) in here.score.iter_mut().zip(&row) {
            *score += leverage * 0.5 * (q - p) * x;
        }
    }
    here
}
