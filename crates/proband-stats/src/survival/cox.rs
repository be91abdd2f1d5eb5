//! Cox's proportional hazards model.

use super::FollowUp;
use super::cox_sums::RiskSets;
use super::intervals::{Intervals, Watched};
use crate::checks::{at_least, same_length};
use crate::error::{Result, StatsError};
use crate::estimate::{ChiSquareTest, Level, RatioEffect, Reference};
use crate::linear::Coefficients;
use crate::regression::{Maximum, Regressor, Standardised, maximise};

/// How events at the same time share their risk set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ties {
    /// Efron's approximation: the default of R's `coxph`.
    Efron,
    /// Breslow's approximation: the default of SAS PROC PHREG.
    Breslow,
}

/// A fitted proportional hazards model.
#[derive(Debug, Clone, PartialEq)]
pub struct CoxFit {
    /// Log hazard ratios with their covariance (inverse observed information).
    pub coefficients: Coefficients,
    /// The log partial likelihood at the maximum.
    pub log_likelihood: f64,
    /// The log partial likelihood with all coefficients zero.
    pub null_log_likelihood: f64,
    /// The number of rows.
    pub n: usize,
    /// The number of events.
    pub events: usize,
    score_statistic: f64,
    pub(super) maximum: Maximum,
}

impl CoxFit {
    pub(super) fn new(
        design: &Standardised,
        maximum: Maximum,
        (n, events): (usize, usize),
    ) -> Self {
        Self {
            coefficients: Coefficients::new(
                design.slopes(&maximum.at),
                design.slopes_covariance(&maximum.covariance),
                Reference::Normal,
            ),
            log_likelihood: maximum.value,
            null_log_likelihood: maximum.start_value,
            n,
            events,
            score_statistic: maximum.start_score,
            maximum,
        }
    }

    /// The hazard ratio of one unit of covariate `index`, with Wald inference.
    pub fn hazard_ratio(&self, index: usize, level: Level) -> Result<RatioEffect> {
        Ok(self.coefficients.effect(index, level)?.ratio())
    }

    fn df(&self) -> f64 {
        self.coefficients.count() as f64
    }

    /// Twice the log partial likelihood gained over all coefficients zero.
    pub fn likelihood_ratio_test(&self) -> Result<ChiSquareTest> {
        let gained = 2.0 * (self.log_likelihood - self.null_log_likelihood);
        ChiSquareTest::new(gained.max(0.0), self.df())
    }

    /// U' I^-1 U with all coefficients zero: for one group indicator without ties, the log-rank test.
    pub fn score_test(&self) -> Result<ChiSquareTest> {
        ChiSquareTest::new(self.score_statistic, self.df())
    }

    /// b' V^-1 b.
    pub fn wald_test(&self) -> Result<ChiSquareTest> {
        let all: Vec<usize> = (0..self.coefficients.count()).collect();
        self.coefficients.wald_test(&all)
    }
}

/// Data and covariates made ready for a fit and for what follows it: robust errors, residuals, the test
/// of proportionality.
#[derive(Debug)]
pub struct CoxModel<'a> {
    pub(super) watched: Watched<'a>,
    pub(super) design: Standardised,
    pub(super) sets: RiskSets,
}

impl<'a> CoxModel<'a> {
    /// Hazards h0(t) exp(b1 x1 + ...) with a baseline of its own in each of `strata`. Each column has one
    /// value a unit.
    ///
    /// Fails without events or columns, and on a constant column.
    pub fn new(
        follow_up: &FollowUp<'a>,
        columns: &[Regressor<'_>],
        strata: &[usize],
        ties: Ties,
    ) -> Result<Self> {
        Self::of(follow_up.into(), columns, strata, ties)
    }

    /// The same for rows of a counting process: covariates that change, late entry, recurrent events.
    pub fn counting(
        rows: &Intervals<'a>,
        columns: &[Regressor<'_>],
        strata: &[usize],
        ties: Ties,
    ) -> Result<Self> {
        Self::of(rows.into(), columns, strata, ties)
    }

    fn of(
        watched: Watched<'a>,
        columns: &[Regressor<'_>],
        strata: &[usize],
        ties: Ties,
    ) -> Result<Self> {
        let n = watched.stop.len();
        same_length(n, strata.len())?;
        at_least(1, columns.len())?;
        if !watched.event.contains(&true) {
            return Err(StatsError::NoEvents);
        }
        let design = Standardised::of(columns, n)?;
        let sets = RiskSets::new(watched, strata, &design, ties);
        Ok(Self { watched, design, sets })
    }

    /// Maximum partial likelihood, in O(n p^2) a round.
    ///
    /// Fails on a redundant column, and with [`StatsError::Separated`] where the likelihood rises for
    /// ever, as when one arm has no events.
    pub fn fit(&self) -> Result<CoxFit> {
        let start = vec![0.0; self.design.columns];
        let maximum = maximise(start, |beta| self.sets.evaluate(beta))?;
        let events = self.watched.event.iter().filter(|&&e| e).count();
        Ok(CoxFit::new(&self.design, maximum, (self.watched.stop.len(), events)))
    }
}

/// Maximum partial likelihood of hazard = h0(t) exp(b1 x1 + ...) (D. R. Cox, JRSS B 34, 1972), in
/// O(n log n) and then O(n p^2) a round. Each column has one value a unit.
///
/// Fails without events or columns, on a redundant column, and with [`StatsError::Separated`]
/// where the likelihood rises for ever, as when one arm has no events.
pub fn cox(follow_up: &FollowUp<'_>, columns: &[&[f64]], ties: Ties) -> Result<CoxFit> {
    stratified_cox(follow_up, columns, &vec![0; follow_up.n()], ties)
}

/// [`cox`] with a baseline hazard of its own in each stratum.
pub fn stratified_cox(
    follow_up: &FollowUp<'_>,
    columns: &[&[f64]],
    strata: &[usize],
    ties: Ties,
) -> Result<CoxFit> {
    stratified_cox_with(follow_up, &Regressor::numbers(columns), strata, ties)
}

/// [`stratified_cox`] with columns that may be indicators of codes.
pub fn stratified_cox_with(
    follow_up: &FollowUp<'_>,
    columns: &[Regressor<'_>],
    strata: &[usize],
    ties: Ties,
) -> Result<CoxFit> {
    CoxModel::new(follow_up, columns, strata, ties)?.fit()
}
