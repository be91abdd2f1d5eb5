//! Models in which ln T = b0 + b1 x1 + ... + sigma W.

use crate::checks::{all_positive, positive, same_length};
use crate::error::{Result, StatsError};
use crate::estimate::{Effect, Level, RatioEffect, Reference};
use crate::linear::Coefficients;
use crate::linear::matrix::Square;
use crate::regression::{
    Local, Maximum, Regressor, Standardised, counted_without_intercept, maximise,
};
use crate::special::{exp, ln, ln_1p, normal_density, normal_upper};
use crate::survival::FollowUp;

/// The distribution of the time to the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// A constant hazard: the Weibull distribution with sigma 1.
    Exponential,
    /// W is the logarithm of a unit exponential; the shape is 1/sigma.
    Weibull,
    /// W is standard normal.
    LogNormal,
    /// W is logistic.
    LogLogistic,
}

/// A fitted model, in the parameters of R's `survreg`.
#[derive(Debug, Clone, PartialEq)]
pub struct LifetimeFit {
    /// The distribution.
    pub lifetime: Lifetime,
    /// Intercept and slopes of ln T, then ln sigma (but for the exponential distribution), with the inverse observed
    /// information.
    pub coefficients: Coefficients,
    /// The log-likelihood of the times (not of their logarithms).
    pub log_likelihood: f64,
    /// The number of units.
    pub n: usize,
    /// The number of events.
    pub events: usize,
}

impl LifetimeFit {
    /// sigma; 1 for the exponential distribution.
    pub fn scale(&self) -> f64 {
        match self.lifetime {
            Lifetime::Exponential => 1.0,
            _ => exp(self.coefficients.values()[self.coefficients.count() - 1]),
        }
    }

    /// 1 / sigma: the shape of the Weibull distribution.
    pub fn shape(&self) -> f64 {
        1.0 / self.scale()
    }

    fn slopes(&self) -> usize {
        self.coefficients.count() - 1 - usize::from(self.lifetime != Lifetime::Exponential)
    }

    /// By what one unit of covariate `index` (0 is the first after the intercept) multiplies the time.
    pub fn time_ratio(&self, index: usize, level: Level) -> Result<RatioEffect> {
        crate::checks::index_below(self.slopes(), index)?;
        Ok(self.coefficients.effect(index + 1, level)?.ratio())
    }

    /// By what it multiplies the hazard, exp(-b / sigma), with the delta method on its logarithm. Only exponential and
    /// Weibull models have proportional hazards; [`StatsError::NoSolution`] for the others.
    pub fn hazard_ratio(&self, index: usize, level: Level) -> Result<RatioEffect> {
        crate::checks::index_below(self.slopes(), index)?;
        if !matches!(self.lifetime, Lifetime::Exponential | Lifetime::Weibull) {
            return Err(StatsError::NoSolution);
        }
        let value = -self.coefficients.values()[index + 1] / self.scale();
        let mut by = vec![0.0; self.coefficients.count()];
        by[index + 1] = -1.0 / self.scale();
        if self.lifetime == Lifetime::Weibull {
            by[self.coefficients.count() - 1] = -value;
        }
        let v = |i, j| self.coefficients.covariance(i, j).map(|c| by[i] * by[j] * c);
        let mut variance = 0.0;
        for i in 0..by.len() {
            for j in 0..by.len() {
                variance += v(i, j)?;
            }
        }
        Ok(Effect::wald(value, variance.max(0.0).sqrt(), Reference::Normal, level)?.ratio())
    }

    /// The probability to survive past `time` for a unit with these covariates.
    pub fn survival(&self, time: f64, covariates: &[f64]) -> Result<f64> {
        same_length(self.slopes(), covariates.len())?;
        let b = self.coefficients.values();
        let mean = b[0] + b[1..].iter().zip(covariates).map(|(b, x)| b * x).sum::<f64>();
        let w = (ln(positive(time)?) - mean) / self.scale();
        Ok(match self.lifetime {
            Lifetime::Exponential | Lifetime::Weibull => exp(-exp(w)),
            Lifetime::LogNormal => normal_upper(w),
            Lifetime::LogLogistic => 1.0 / (1.0 + exp(w)),
        })
    }
}

/// Maximum likelihood for right-censored times, all positive.
///
/// Fails without events (a scale has no estimate then), for a constant or redundant column, and with
/// [`StatsError::Separated`] where the likelihood rises for ever.
pub fn lifetime_regression(
    follow_up: &FollowUp<'_>,
    columns: &[Regressor<'_>],
    lifetime: Lifetime,
) -> Result<LifetimeFit> {
    all_positive(follow_up.times())?;
    if follow_up.events() == 0 {
        return Err(StatsError::NoEvents);
    }
    let design = Standardised::of(columns, follow_up.n())?;
    let likelihood = Likelihood::new(follow_up, &design, lifetime);
    let maximum = maximise(likelihood.start(), |at| likelihood.evaluate(at))
        .map_err(counted_without_intercept)?;
    let (values, covariance) = likelihood.back(&maximum);
    Ok(LifetimeFit {
        lifetime,
        coefficients: Coefficients::new(values, covariance, Reference::Normal),
        log_likelihood: maximum.value - likelihood.log_times,
        n: follow_up.n(),
        events: follow_up.events(),
    })
}

/// The likelihood in 1/sigma and b/sigma, in which it is concave (J. Burridge, Biometrika 68, 1981), so that Newton's
/// method finds the maximum from anywhere.
struct Likelihood<'a> {
    design: &'a Standardised,
    lifetime: Lifetime,
    event: &'a [bool],
    /// ln t less its mean.
    logs: Vec<f64>,
    centre: f64,
    /// The sum of ln t over events: the density of times has 1/t more than that of their logarithms.
    log_times: f64,
}

/// ln f or ln S at w, with its first two derivatives.
struct Point {
    value: f64,
    first: f64,
    second: f64,
}

impl Lifetime {
    fn density(self, w: f64) -> Point {
        match self {
            Self::Exponential | Self::Weibull => {
                let e = exp(w);
                Point { value: w - e, first: 1.0 - e, second: -e }
            }
            Self::LogNormal => Point {
                value: -0.5 * w * w - 0.5 * ln(2.0 * std::f64::consts::PI),
                first: -w,
                second: -1.0,
            },
            Self::LogLogistic => {
                let survival = Self::LogLogistic.survivor(w);
                let p = -survival.first;
                Point {
                    value: w + 2.0 * survival.value,
                    first: 1.0 - 2.0 * p,
                    second: -2.0 * p * (1.0 - p),
                }
            }
        }
    }

    fn survivor(self, w: f64) -> Point {
        match self {
            Self::Exponential | Self::Weibull => {
                let e = exp(w);
                Point { value: -e, first: -e, second: -e }
            }
            Self::LogNormal => {
                let tail = normal_upper(w).max(f64::MIN_POSITIVE);
                let hazard = normal_density(w) / tail;
                // Beyond the range of doubles the hazard is w itself.
                let hazard = if w > 37.0 { w + 1.0 / w } else { hazard };
                Point { value: ln(tail), first: -hazard, second: -hazard * (hazard - w) }
            }
            Self::LogLogistic => {
                let small = exp(-w.abs());
                let p = if w > 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
                Point { value: -(w.max(0.0) + ln_1p(small)), first: -p, second: -p * (1.0 - p) }
            }
        }
    }
}

impl<'a> Likelihood<'a> {
    fn new(follow_up: &FollowUp<'a>, design: &'a Standardised, lifetime: Lifetime) -> Self {
        let mut logs: Vec<f64> = follow_up.times().iter().map(|t| ln(*t)).collect();
        let event = follow_up.event_flags();
        let log_times = logs.iter().zip(event).filter(|(_, e)| **e).map(|(l, _)| l).sum();
        let centre = logs.iter().sum::<f64>() / logs.len() as f64;
        for log in &mut logs {
            *log -= centre;
        }
        Self { design, lifetime, event, logs, centre, log_times }
    }

    fn has_scale(&self) -> bool {
        self.lifetime != Lifetime::Exponential
    }

    /// Sigma 1 and the intercept of an exponential distribution.
    fn start(&self) -> Vec<f64> {
        let total: f64 = self.logs.iter().map(|l| exp(*l)).sum();
        let events = self.event.iter().filter(|e| **e).count() as f64;
        let mut start = vec![0.0; self.design.columns + 1];
        start[0] = ln(total / events);
        start.extend(self.has_scale().then_some(1.0));
        start
    }

    fn evaluate(&self, at: &[f64]) -> Local {
        let (size, p) = (at.len(), self.design.columns + 1);
        let inverse = if self.has_scale() { at[p] } else { 1.0 };
        let mut total =
            Local { value: 0.0, score: vec![0.0; size], information: Square::zeros(size) };
        if inverse <= 0.0 {
            // Outside: Newton's step is halved.
            total.value = f64::NEG_INFINITY;
            return total;
        }
        for (row, log) in self.logs.iter().enumerate() {
            // w = ln t / sigma - x'b / sigma, and its derivatives by the parameters.
            let mut by = vec![-1.0];
            by.extend(self.design.row(row).iter().map(|x| -x));
            let linear: f64 = by.iter().zip(at).map(|(d, b)| d * b).sum();
            by.extend(self.has_scale().then_some(*log));
            let w = inverse * log + linear;
            let point = if self.event[row] {
                total.value += ln(inverse);
                self.lifetime.density(w)
            } else {
                self.lifetime.survivor(w)
            };
            total.value += point.value;
            for (i, d) in by.iter().enumerate() {
                total.score[i] += point.first * d;
                for (j, e) in by[..=i].iter().enumerate() {
                    total.information.add(i, j, -point.second * d * e);
                }
            }
        }
        if self.has_scale() {
            let events = self.event.iter().filter(|e| **e).count() as f64;
            total.score[p] += events / inverse;
            total.information.add(p, p, events / (inverse * inverse));
        }
        total
    }

    /// From (b/sigma, 1/sigma) to (b, ln sigma), and from standardised columns to the original ones, with the covariance
    /// by the derivatives of that map (exact at the maximum, where the score is zero).
    fn back(&self, maximum: &Maximum) -> (Vec<f64>, Square) {
        let p = self.design.columns + 1;
        let inverse = if self.has_scale() { maximum.at[p] } else { 1.0 };
        let b = &maximum.at[..p];
        let standard: Vec<f64> = b.iter().map(|b| b / inverse).collect();
        let mut values = self.design.with_intercept(&standard);
        let mut rows = self.design.map_with_intercept();
        for (row, value) in rows.iter_mut().zip(&values) {
            row.iter_mut().for_each(|entry| *entry /= inverse);
            row.extend(self.has_scale().then_some(-value / inverse));
        }
        values[0] += self.centre;
        if self.has_scale() {
            let mut row = vec![0.0; p];
            row.push(-1.0 / inverse);
            rows.push(row);
            values.push(-ln(inverse));
        }
        (values, maximum.covariance.sandwiched(&rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_slopes() {
        for lifetime in [Lifetime::Weibull, Lifetime::LogNormal, Lifetime::LogLogistic] {
            for w in [-3.0, -0.2, 0.0, 1.3, 4.0] {
                for pick in [Lifetime::density, Lifetime::survivor] {
                    let (low, here, high) =
                        (pick(lifetime, w - 1e-5), pick(lifetime, w), pick(lifetime, w + 1e-5));
                    let slope = (high.value - low.value) / 2e-5;
                    assert!((slope - here.first).abs() < 1e-6 * (1.0 + slope.abs()));
                    let bend = (high.first - low.first) / 2e-5;
                    assert!((bend - here.second).abs() < 1e-6 * (1.0 + bend.abs()));
                }
            }
        }
    }
}
