//! Poisson counts beside units that never have events.

use super::check_counts;
use crate::checks::sum;
use crate::error::{Result, StatsError};
use crate::estimate::{Level, RatioEffect, Reference};
use crate::linear::Coefficients;
use crate::linear::matrix::Square;
use crate::regression::{Family, Regressor, Scored, Standardised, fit, predictor};
use crate::special::{exp, ln, ln_factorial, softplus};

const MAX_ROUNDS: usize = 500;

/// The step still to go, squared and in units of standard errors, at which the answer stands.
const CONVERGED: f64 = 1e-14;

/// A pivot that keeps less than this share of its diagonal makes the information singular.
const SINGULAR: f64 = 1e-12;

/// A log odds beyond this, or a slope per standard deviation, runs off to infinity.
const RUNAWAY: f64 = 25.0;

/// A fitted zero-inflated Poisson regression.
#[derive(Debug, Clone, PartialEq)]
pub struct ZeroInflatedFit {
    /// Log rates of those who can have events; number 0 is the intercept.
    pub counts: Coefficients,
    /// Log odds of never having events; number 0 is the intercept.
    pub zeros: Coefficients,
    /// The log-likelihood at the maximum.
    pub log_likelihood: f64,
    /// The number of rows.
    pub n: usize,
}

impl ZeroInflatedFit {
    /// The rate ratio, among those who can have events, of one unit of coefficient `index`.
    pub fn rate_ratio(&self, index: usize, level: Level) -> Result<RatioEffect> {
        Ok(self.counts.effect(index, level)?.ratio())
    }

    /// The odds ratio of never having events of one unit of coefficient `index`.
    pub fn odds_ratio(&self, index: usize, level: Level) -> Result<RatioEffect> {
        Ok(self.zeros.effect(index, level)?.ratio())
    }
}

/// Maximum likelihood where a unit never has events with probability q, ln(q/(1-q)) = g0 + g1 z1 + ..., and else
/// Poisson counts with ln(mu / exposure) = b0 + b1 x1 + ... (D. Lambert, Technometrics 34, 1992). Covariances are
/// blocks of the inverse observed information.
///
/// Columns of either part are as long as `counts`. Fails where [`super::poisson_regression`] does, and with
/// [`StatsError::Separated`] where there are no more zeros than Poisson counts have.
pub fn zero_inflated_poisson(
    count_columns: &[&[f64]],
    zero_columns: &[&[f64]],
    counts: &[u64],
    exposure: &[f64],
) -> Result<ZeroInflatedFit> {
    check_counts(count_columns.len() + zero_columns.len() + 1, counts, exposure)?;
    let n = counts.len();
    let mixture = Mixture {
        rates: Standardised::of(&Regressor::numbers(count_columns), n)?,
        never: Standardised::of(&Regressor::numbers(zero_columns), n)?,
        counts,
        exposure,
    };
    let (beta, gamma) = mixture.maximise()?;
    let (_, information) = mixture.derivatives(&beta, &gamma);
    let inverse = information.cholesky(SINGULAR).map_err(|_| StatsError::Separated)?.inverse();
    let (first, second): (Vec<usize>, Vec<usize>) =
        (0..inverse.size()).partition(|&k| k < beta.len());
    let block = |design: &Standardised, at: &[f64], places: &[usize]| {
        Coefficients::new(
            design.with_intercept(at),
            design.covariance_with_intercept(&inverse.part(places)),
            Reference::Normal,
        )
    };
    let constant = sum(counts.iter().map(|&y| ln_factorial(y as f64)));
    Ok(ZeroInflatedFit {
        counts: block(&mixture.rates, &beta, &first),
        zeros: block(&mixture.never, &gamma, &second),
        log_likelihood: mixture.log_likelihood(&beta, &gamma) - constant,
        n,
    })
}

struct Mixture<'a> {
    rates: Standardised,
    never: Standardised,
    counts: &'a [u64],
    exposure: &'a [f64],
}

/// One row at its two linear predictors.
struct Row {
    y: f64,
    mu: f64,
    /// The probability of never having events.
    q: f64,
    /// The same given what was observed: zero for a row with events.
    w: f64,
}

impl Mixture<'_> {
    fn row(&self, k: usize, beta: &[f64], gamma: &[f64]) -> Row {
        let mu = self.exposure[k] * exp(predictor(&self.rates, k, beta));
        let zeta = predictor(&self.never, k, gamma);
        let logistic = |x: f64| 1.0 / (1.0 + exp(-x));
        let w = if self.counts[k] == 0 { logistic(zeta + mu) } else { 0.0 };
        Row { y: self.counts[k] as f64, mu, q: logistic(zeta), w }
    }

    /// Without the factorials of the counts.
    fn log_likelihood(&self, beta: &[f64], gamma: &[f64]) -> f64 {
        sum((0..self.counts.len()).map(|k| {
            let zeta = predictor(&self.never, k, gamma);
            let Row { y, mu, .. } = self.row(k, beta, gamma);
            let own = if self.counts[k] == 0 {
                // ln(e^zeta + e^-mu).
                softplus(zeta + mu) - mu
            } else {
                y * ln(mu) - mu
            };
            own - softplus(zeta)
        }))
    }

    /// Expectation and maximisation, and Newton's step wherever it does better.
    fn maximise(&self) -> Result<(Vec<f64>, Vec<f64>)> {
        let mut beta = vec![0.0; self.rates.columns + 1];
        let mut gamma = vec![0.0; self.never.columns + 1];
        let events = sum(self.counts.iter().map(|&y| y as f64));
        beta[0] = ln(events / sum(self.exposure.iter().copied()));
        for _ in 0..MAX_ROUNDS {
            if beta[1..].iter().chain(&gamma).any(|b| b.abs() > RUNAWAY) {
                return Err(StatsError::Separated);
            }
            let (score, information) = self.derivatives(&beta, &gamma);
            let here = self.log_likelihood(&beta, &gamma);
            if let Ok(factor) = information.cholesky(SINGULAR) {
                let step = factor.solve_both(&score);
                let left: f64 = step.iter().zip(&score).map(|(s, u)| s * u).sum();
                let moved = |at: &[f64], step: &[f64]| -> Vec<f64> {
                    at.iter().zip(step).map(|(b, s)| b + s).collect()
                };
                let next = moved(&beta, &step[..beta.len()]);
                let other = moved(&gamma, &step[beta.len()..]);
                if left < CONVERGED {
                    return Ok((next, other));
                }
                if self.log_likelihood(&next, &other) > here {
                    (beta, gamma) = (next, other);
                    continue;
                }
            }
            (beta, gamma) = self.expected(&beta, &gamma)?;
        }
        Err(StatsError::Separated)
    }

    /// One round of expectation and maximisation.
    fn expected(&self, beta: &[f64], gamma: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
        let n = self.counts.len();
        let never: Vec<f64> = (0..n).map(|k| self.row(k, beta, gamma).w).collect();
        let poisson = WeightedPoisson { mixture: self, never: &never };
        let next = fit(&self.rates, n, &poisson, beta.to_vec())?.at;
        let other = fit(&self.never, n, &Share { never: &never }, gamma.to_vec())?.at;
        Ok((next, other))
    }

    /// The score and the observed information of (beta, gamma).
    fn derivatives(&self, beta: &[f64], gamma: &[f64]) -> (Vec<f64>, Square) {
        let (p, size) = (beta.len(), beta.len() + gamma.len());
        let (mut score, mut information) = (vec![0.0; size], Square::zeros(size));
        for k in 0..self.counts.len() {
            let Row { y, mu, q, w } = self.row(k, beta, gamma);
            let x = [&[1.0], self.rates.row(k), &[1.0], self.never.row(k)].concat();
            let zero = self.counts[k] == 0;
            let by_rate = if zero { -mu * (1.0 - w) } else { y - mu };
            let unsure = w * (1.0 - w);
            let rate = if zero { mu * (1.0 - w) - mu * mu * unsure } else { mu };
            let (crossed, odds) = (-mu * unsure, q * (1.0 - q) - unsure);
            for i in 0..size {
                score[i] += x[i] * if i < p { by_rate } else { w - q };
                for j in 0..size {
                    let weight = match (i < p, j < p) {
                        (true, true) => rate,
                        (false, false) => odds,
                        _ => crossed,
                    };
                    information.add(i, j, weight * x[i] * x[j]);
                }
            }
        }
        (score, information)
    }
}

/// Poisson rows that count as much as they probably can have events.
struct WeightedPoisson<'a> {
    mixture: &'a Mixture<'a>,
    never: &'a [f64],
}

impl Family for WeightedPoisson<'_> {
    fn scored(&self, row: usize, eta: f64) -> Scored {
        let y = self.mixture.counts[row] as f64;
        let mu = self.mixture.exposure[row] * exp(eta);
        let weight = 1.0 - self.never[row];
        Scored {
            score: weight * (y - mu),
            weight: weight * mu,
            log_likelihood: weight * (y * eta - mu),
        }
    }
}

/// A logistic regression of probabilities.
struct Share<'a> {
    never: &'a [f64],
}

impl Family for Share<'_> {
    fn scored(&self, row: usize, eta: f64) -> Scored {
        let q = 1.0 / (1.0 + exp(-eta));
        let softplus = softplus(eta);
        Scored {
            score: self.never[row] - q,
            weight: q * (1.0 - q),
            log_likelihood: self.never[row] * eta - softplus,
        }
    }
}
