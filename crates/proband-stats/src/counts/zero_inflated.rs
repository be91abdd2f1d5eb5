//! Poisson and negative binomial counts beside units that never have events.

use super::check_counts;
use super::dispersion::{Exceedances, log_remainder};
use crate::checks::sum;
use crate::error::{Result, StatsError};
use crate::estimate::{Level, RatioEffect, Reference};
use crate::linear::Coefficients;
use crate::linear::matrix::Square;
use crate::regression::{Family, Regressor, Scored, Standardised, fit, predictor};
use crate::special::{bisect_decreasing, exp, ln, ln_1p, ln_factorial, softplus};

const MAX_ROUNDS: usize = 500;

/// The step still to go, squared and in units of standard errors, at which the answer stands.
const CONVERGED: f64 = 1e-14;

/// A pivot that keeps less than this share of its diagonal makes the information singular.
const SINGULAR: f64 = 1e-12;

/// A log odds beyond this, or a slope per standard deviation, runs off to infinity.
const RUNAWAY: f64 = 25.0;

/// ln of the dispersions between which the maximum is looked for. Counts that spread less than the first say cannot be
/// told from Poisson's.
const LOG_DISPERSIONS: (f64, f64) = (-14.0, 10.0);

/// A fitted zero-inflated regression.
#[derive(Debug, Clone, PartialEq)]
pub struct ZeroInflatedFit {
    /// Log rates of those who can have events; number 0 is the intercept.
    pub counts: Coefficients,
    /// Log odds of never having events; number 0 is the intercept.
    pub zeros: Coefficients,
    /// The dispersion of the counts of those who can have events; 0 for Poisson's.
    pub dispersion: f64,
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
    let [rates, never] = [count_columns, zero_columns].map(Regressor::numbers);
    zero_inflated_poisson_with(&rates, &never, counts, exposure)
}

/// [`zero_inflated_poisson`] with columns that may be indicators of codes.
pub fn zero_inflated_poisson_with(
    count_columns: &[Regressor<'_>],
    zero_columns: &[Regressor<'_>],
    counts: &[u64],
    exposure: &[f64],
) -> Result<ZeroInflatedFit> {
    let mixture = Mixture::new(count_columns, zero_columns, counts, exposure)?;
    let at = mixture.maximise(mixture.start())?;
    let (_, information) = mixture.derivatives(&at.0, &at.1);
    mixture.fit(at, &information)
}

/// The same where the counts of those who can have events are negative binomial, with variance mu + dispersion mu^2
/// (D. Hall, Biometrics 56, 2000; W. Greene 1994). The dispersion maximises the profile likelihood and is estimated, not
/// known, in the covariances, which are blocks of the inverse of the joint observed information. Counts
/// that spread no more than Poisson's give [`zero_inflated_poisson`]'s fit with dispersion 0.
///
/// Fails where that does.
pub fn zero_inflated_negative_binomial_with(
    count_columns: &[Regressor<'_>],
    zero_columns: &[Regressor<'_>],
    counts: &[u64],
    exposure: &[f64],
) -> Result<ZeroInflatedFit> {
    let mut mixture = Mixture::new(count_columns, zero_columns, counts, exposure)?;
    let mut at = mixture.maximise(mixture.start())?;
    // Where no fit is found the dispersion is taken for too large.
    let mut slope = |log: f64| {
        mixture.a = exp(log);
        let found = mixture.maximise(at.clone())?;
        at = found;
        Ok::<f64, StatsError>(mixture.by_dispersion(&at.0, &at.1).slope)
    };
    let (low, high) = LOG_DISPERSIONS;
    if slope(low)? <= 0.0 {
        return zero_inflated_poisson_with(count_columns, zero_columns, counts, exposure);
    }
    let log = bisect_decreasing(low, high, |log| slope(log).unwrap_or(-1.0));
    slope(log)?;
    let (_, mut information) = mixture.derivatives(&at.0, &at.1);
    let own = mixture.by_dispersion(&at.0, &at.1);
    // What is left of the information once the dispersion is estimated too.
    if own.curvature < 0.0 {
        information.add_outer(&own.crossed, 1.0 / own.curvature);
    }
    mixture.fit(at, &information)
}

struct Mixture<'a> {
    rates: Standardised,
    never: Standardised,
    counts: &'a [u64],
    exposure: &'a [f64],
    /// The dispersion.
    a: f64,
}

/// How the log-likelihood changes with the dispersion: its first and second derivative, and that of the score.
struct ByDispersion {
    slope: f64,
    curvature: f64,
    crossed: Vec<f64>,
}

/// One row at its two linear predictors.
struct Row {
    y: f64,
    mu: f64,
    /// 1 + a mu.
    spread: f64,
    /// The probability of never having events.
    q: f64,
    /// The same given what was observed: zero for a row with events.
    w: f64,
}

impl<'a> Mixture<'a> {
    fn new(
        count_columns: &[Regressor<'_>],
        zero_columns: &[Regressor<'_>],
        counts: &'a [u64],
        exposure: &'a [f64],
    ) -> Result<Self> {
        check_counts(count_columns.len() + zero_columns.len() + 1, counts, exposure)?;
        let n = counts.len();
        let rates = Standardised::of(count_columns, n)?;
        let never = Standardised::of(zero_columns, n)?;
        Ok(Self { rates, never, counts, exposure, a: 0.0 })
    }

    /// The common rate, and half of everybody never having events.
    fn start(&self) -> (Vec<f64>, Vec<f64>) {
        let mut beta = vec![0.0; self.rates.columns + 1];
        let events = sum(self.counts.iter().map(|&y| y as f64));
        beta[0] = ln(events / sum(self.exposure.iter().copied()));
        (beta, vec![0.0; self.never.columns + 1])
    }

    fn fit(
        &self,
        (beta, gamma): (Vec<f64>, Vec<f64>),
        information: &Square,
    ) -> Result<ZeroInflatedFit> {
        let factor = information.cholesky(SINGULAR).map_err(|_| StatsError::Separated)?;
        let inverse = factor.inverse();
        let (first, second): (Vec<usize>, Vec<usize>) =
            (0..inverse.size()).partition(|&k| k < beta.len());
        let block = |design: &Standardised, at: &[f64], places: &[usize]| {
            Coefficients::new(
                design.with_intercept(at),
                design.covariance_with_intercept(&inverse.part(places)),
                Reference::Normal,
            )
        };
        let constant = sum(self.counts.iter().map(|&y| ln_factorial(y as f64)));
        Ok(ZeroInflatedFit {
            counts: block(&self.rates, &beta, &first),
            zeros: block(&self.never, &gamma, &second),
            dispersion: self.a,
            log_likelihood: self.log_likelihood(&beta, &gamma) - constant,
            n: self.counts.len(),
        })
    }

    /// -ln of the probability that somebody who can have events has none: it tends to mu as the dispersion goes to 0.
    fn empty(&self, mu: f64) -> f64 {
        if self.a > 0.0 { ln_1p(self.a * mu) / self.a } else { mu }
    }

    fn row(&self, k: usize, beta: &[f64], gamma: &[f64]) -> Row {
        let mu = self.exposure[k] * exp(predictor(&self.rates, k, beta));
        let zeta = predictor(&self.never, k, gamma);
        let logistic = |x: f64| 1.0 / (1.0 + exp(-x));
        let w = if self.counts[k] == 0 { logistic(zeta + self.empty(mu)) } else { 0.0 };
        let spread = 1.0 + self.a * mu;
        Row { y: self.counts[k] as f64, mu, spread, q: logistic(zeta), w }
    }

    /// Without the factorials of the counts.
    fn log_likelihood(&self, beta: &[f64], gamma: &[f64]) -> f64 {
        let spread = match self.a > 0.0 {
            true => Exceedances::of(self.counts).log_terms(self.a),
            false => 0.0,
        };
        spread
            + sum((0..self.counts.len()).map(|k| {
                let zeta = predictor(&self.never, k, gamma);
                let Row { y, mu, .. } = self.row(k, beta, gamma);
                let own = if self.counts[k] == 0 {
                    // ln(e^zeta + e^-empty).
                    softplus(zeta + self.empty(mu)) - self.empty(mu)
                } else {
                    y * ln(mu) - y * ln_1p(self.a * mu) - self.empty(mu)
                };
                own - softplus(zeta)
            }))
    }

    /// Expectation and maximisation, and Newton's step wherever it does better.
    fn maximise(
        &self,
        (mut beta, mut gamma): (Vec<f64>, Vec<f64>),
    ) -> Result<(Vec<f64>, Vec<f64>)> {
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
        let able = Able { mixture: self, never: &never };
        let next = fit(&self.rates, n, &able, beta.to_vec())?.at;
        let other = fit(&self.never, n, &Share { never: &never }, gamma.to_vec())?.at;
        Ok((next, other))
    }

    /// By the dispersion a: with L = ln(1 + a mu), e = L/a^2 - mu/(a (1 + a mu)) is the derivative of what is
    /// [`empty`](Self::empty), negated, and of a row with events sum over j < y of j/(1 + a j) + e - y mu/(1 + a mu).
    fn by_dispersion(&self, beta: &[f64], gamma: &[f64]) -> ByDispersion {
        let (a, p) = (self.a, beta.len());
        let above = Exceedances::of(self.counts);
        let mut slope = above.sum(|j| j / (1.0 + a * j));
        let mut curvature = -above.sum(|j| (j / (1.0 + a * j)) * (j / (1.0 + a * j)));
        let mut crossed = vec![0.0; p + gamma.len()];
        for k in 0..self.counts.len() {
            let Row { y, mu, spread, w, .. } = self.row(k, beta, gamma);
            let shrunk = mu / spread;
            let (remainder, bend) = log_remainder(a * mu);
            let (e, bent) = (mu * mu * remainder, mu * mu * mu * bend);
            let sure = 1.0 - w;
            let (mut by_rate, mut by_odds) = (-(y - mu) * shrunk / spread, 0.0);
            if self.counts[k] == 0 {
                slope += sure * e;
                curvature += sure * bent + w * sure * e * e;
                by_rate = sure * shrunk * shrunk - w * sure * e * shrunk;
                by_odds = -w * sure * e;
            } else {
                slope += e - y * shrunk;
                curvature += bent + y * shrunk * shrunk;
            }
            let rows = [&[1.0], self.rates.row(k), &[1.0], self.never.row(k)].concat();
            for (i, x) in rows.iter().enumerate() {
                crossed[i] += x * if i < p { by_rate } else { by_odds };
            }
        }
        ByDispersion { slope, curvature, crossed }
    }

    /// The score and the observed information of (beta, gamma).
    fn derivatives(&self, beta: &[f64], gamma: &[f64]) -> (Vec<f64>, Square) {
        let (p, size) = (beta.len(), beta.len() + gamma.len());
        let (mut score, mut information) = (vec![0.0; size], Square::zeros(size));
        for k in 0..self.counts.len() {
            let Row { y, mu, spread, q, w } = self.row(k, beta, gamma);
            let x = [&[1.0], self.rates.row(k), &[1.0], self.never.row(k)].concat();
            let zero = self.counts[k] == 0;
            let shrunk = mu / spread;
            let by_rate = if zero { -shrunk * (1.0 - w) } else { (y - mu) / spread };
            let unsure = w * (1.0 - w);
            let rate = match zero {
                true => shrunk / spread * (1.0 - w) - shrunk * shrunk * unsure,
                false => shrunk / spread * (1.0 + self.a * y),
            };
            let (crossed, odds) = (-shrunk * unsure, q * (1.0 - q) - unsure);
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

/// Rows that count as much as they probably can have events.
struct Able<'a> {
    mixture: &'a Mixture<'a>,
    never: &'a [f64],
}

impl Family for Able<'_> {
    fn scored(&self, row: usize, eta: f64) -> Scored {
        let y = self.mixture.counts[row] as f64;
        let mu = self.mixture.exposure[row] * exp(eta);
        let (weight, a) = (1.0 - self.never[row], self.mixture.a);
        let spread = 1.0 + a * mu;
        let value = y * eta - y * ln_1p(a * mu) - self.mixture.empty(mu);
        Scored {
            score: weight * (y - mu) / spread,
            weight: weight * mu / spread,
            log_likelihood: weight * value,
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
