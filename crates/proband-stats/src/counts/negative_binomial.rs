//! Negative binomial regression with exposure and dispersion by maximum likelihood.

use super::check_counts;
use super::dispersion::{Dispersion, Exceedances, maximise};
use super::poisson::{Poisson, fitted, maximum};
use crate::checks::sum;
use crate::error::{Result, StatsError};
use crate::estimate::{Level, RatioEffect, Reference};
use crate::linear::Coefficients;
use crate::linear::matrix::Square;
use crate::regression::{Family, Maximum, Regressor, Scored, Standardised, fit};
use crate::special::{exp, ln, ln_1p, ln_factorial};

const MAX_ROUNDS: usize = 200;

/// A pivot that keeps less than this share of its diagonal marks a redundant column.
const COLLINEAR: f64 = 1e-11;

/// Means and dispersion are estimated in turns until the dispersion moves by less than this share.
const SETTLED: f64 = 1e-11;

/// A fitted negative binomial regression with variance mu + dispersion mu^2.
#[derive(Debug, Clone, PartialEq)]
pub struct NegativeBinomialFit {
    /// Log rates with their covariance (inverse expected information, dispersion taken as known:
    /// the convention of R's `glm.nb`, not of SAS GENMOD); number 0 is the intercept.
    pub coefficients: Coefficients,
    /// The same log rates with the inverse of their observed information joint with the dispersion's,
    /// which takes the dispersion for estimated: SAS GENMOD, Stata and statsmodels. With a dispersion of 0
    /// the observed information of the rates alone.
    pub joint: Coefficients,
    /// The dispersion, 1/theta of `glm.nb`; 0 where the counts spread no more than Poisson counts.
    pub dispersion: f64,
    /// The standard error of the dispersion; none at 0, the edge of its range.
    pub dispersion_se: Option<f64>,
    /// The log-likelihood at the maximum.
    pub log_likelihood: f64,
    /// The number of rows.
    pub n: usize,
}

impl NegativeBinomialFit {
    /// The rate ratio of one unit of coefficient `index`, with Wald inference.
    pub fn rate_ratio(&self, index: usize, level: Level) -> Result<RatioEffect> {
        Ok(self.coefficients.effect(index, level)?.ratio())
    }
}

/// Maximum likelihood of ln(mu / exposure) = b0 + b1 x1 + ... and of the dispersion.
///
/// J. F. Lawless, "Negative binomial and mixed Poisson regression", Canadian Journal of Statistics
/// 15 (1987), 209-225. The dispersion ranges over zero and above, so that counts without extra
/// spread give the Poisson fit with dispersion 0 rather than an error. Fails where
/// [`super::poisson_regression`] does.
pub fn negative_binomial_regression(
    columns: &[&[f64]],
    counts: &[u64],
    exposure: &[f64],
) -> Result<NegativeBinomialFit> {
    negative_binomial_regression_with(&Regressor::numbers(columns), counts, exposure)
}

/// [`negative_binomial_regression`] with columns that may be indicators of codes.
pub fn negative_binomial_regression_with(
    columns: &[Regressor<'_>],
    counts: &[u64],
    exposure: &[f64],
) -> Result<NegativeBinomialFit> {
    check_counts(columns.len(), counts, exposure)?;
    let design = Standardised::of(columns, counts.len())?;
    let (maximum, dispersion) = in_turns(&design, counts, exposure)?;
    let means = fitted(&design, &maximum.at, exposure);
    let (a, dispersion_se) = match dispersion {
        Dispersion::Poisson => (0.0, None),
        Dispersion::Positive { a, curvature } => {
            (a, (curvature < 0.0).then(|| (-1.0 / curvature).sqrt()))
        }
    };
    let values = design.with_intercept(&maximum.at);
    let observed = Observed { counts, means: &means, a };
    let joint = observed.covariance(&design, dispersion)?;
    Ok(NegativeBinomialFit {
        joint: Coefficients::new(
            values.clone(),
            design.covariance_with_intercept(&joint),
            Reference::Normal,
        ),
        coefficients: Coefficients::new(
            values,
            design.covariance_with_intercept(&maximum.covariance),
            Reference::Normal,
        ),
        dispersion: a,
        dispersion_se,
        log_likelihood: log_likelihood(a, counts, &means),
        n: counts.len(),
    })
}

/// Means given the dispersion, dispersion given the means, and again. The two are asymptotically
/// independent, so that few turns do.
fn in_turns(
    design: &Standardised,
    counts: &[u64],
    exposure: &[f64],
) -> Result<(Maximum, Dispersion)> {
    let above = Exceedances::of(counts);
    let mut best = maximum(design, &Poisson { counts, exposure })?;
    let mut last = 1.0;
    for _ in 0..MAX_ROUNDS {
        let means = fitted(design, &best.at, exposure);
        let dispersion = maximise(&above, counts, &means, last)?;
        let Dispersion::Positive { a, .. } = dispersion else {
            let poisson = maximum(design, &Poisson { counts, exposure })?;
            return Ok((poisson, Dispersion::Poisson));
        };
        let family = NegativeBinomial { counts, exposure, a };
        best = fit(design, counts.len(), &family, best.at)?;
        if (a - last).abs() <= SETTLED * a {
            return Ok((best, dispersion));
        }
        last = a;
    }
    Err(StatsError::DidNotConverge { iterations: MAX_ROUNDS })
}

struct NegativeBinomial<'a> {
    counts: &'a [u64],
    exposure: &'a [f64],
    a: f64,
}

impl Family for NegativeBinomial<'_> {
    fn scored(&self, row: usize, eta: f64) -> Scored {
        let y = self.counts[row] as f64;
        let mu = self.exposure[row] * exp(eta);
        let spread = 1.0 + self.a * mu;
        Scored {
            score: (y - mu) / spread,
            weight: mu / spread,
            log_likelihood: y * eta - (y + 1.0 / self.a) * ln_1p(self.a * mu),
        }
    }
}

/// The second derivatives of the log-likelihood where it was observed.
struct Observed<'a> {
    counts: &'a [u64],
    means: &'a [f64],
    a: f64,
}

impl Observed<'_> {
    /// The rates' block of the inverse information, on the standardised scale: with
    /// w = (1 + a y) mu/(1 + a mu)^2 for the rates, c = (y - mu) mu/(1 + a mu)^2 between rates and dispersion
    /// and the dispersion's curvature, (sum w x x' - d d'/v)^-1, d = sum c x.
    fn covariance(&self, design: &Standardised, dispersion: Dispersion) -> Result<Square> {
        let size = design.columns + 1;
        let (mut information, mut crossed) = (Square::zeros(size), vec![0.0; size]);
        for (index, (&count, &mu)) in self.counts.iter().zip(self.means).enumerate() {
            let row = [&[1.0], design.row(index)].concat();
            let (y, spread) = (count as f64, 1.0 + self.a * mu);
            let slope = mu / (spread * spread);
            information.add_outer(&row, (1.0 + self.a * y) * slope);
            for (sum, x) in crossed.iter_mut().zip(&row) {
                *sum += (y - mu) * slope * x;
            }
        }
        if let Dispersion::Positive { curvature, .. } = dispersion
            && curvature < 0.0
        {
            information.add_outer(&crossed, 1.0 / curvature);
        }
        Ok(information.cholesky(COLLINEAR)?.inverse())
    }
}

fn log_likelihood(a: f64, counts: &[u64], means: &[f64]) -> f64 {
    let rows = sum(counts.iter().zip(means).map(|(&count, &mu)| {
        let y = count as f64;
        // ln(1 + a mu)/a tends to mu.
        let zero = if a > 0.0 { ln_1p(a * mu) / a } else { mu };
        y * ln(mu) - y * ln_1p(a * mu) - zero - ln_factorial(y)
    }));
    rows + Exceedances::of(counts).log_terms(a)
}
