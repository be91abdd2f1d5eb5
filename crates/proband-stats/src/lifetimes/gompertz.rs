//! B. Gompertz' law: a hazard that grows or falls exponentially with time.

use crate::checks::{all_positive, not_overflown};
use crate::error::{Result, StatsError};
use crate::estimate::{Level, RatioEffect, Reference};
use crate::linear::Coefficients;
use crate::linear::matrix::Square;
use crate::regression::{Local, Regressor, Standardised, counted_without_intercept, maximise};
use crate::special::{exp, expm1, ln};
use crate::survival::FollowUp;

/// A fitted Gompertz model with hazard exp(b0 + b1 x1 + ... + a t).
#[derive(Debug, Clone, PartialEq)]
pub struct GompertzFit {
    /// ln of the rate (b0), log hazard ratios, then the shape a, with the inverse observed information: the parameters of
    /// R's `flexsurvreg(dist = "gompertz")` but for the rate, which is exp(b0).
    pub coefficients: Coefficients,
    /// The log-likelihood.
    pub log_likelihood: f64,
    /// The number of units.
    pub n: usize,
    /// The number of events.
    pub events: usize,
}

impl GompertzFit {
    /// The shape a: positive where the hazard grows.
    pub fn shape(&self) -> f64 {
        self.coefficients.values()[self.coefficients.count() - 1]
    }

    /// The hazard ratio of one unit of covariate `index` (0 is the first).
    pub fn hazard_ratio(&self, index: usize, level: Level) -> Result<RatioEffect> {
        crate::checks::index_below(self.coefficients.count() - 2, index)?;
        Ok(self.coefficients.effect(index + 1, level)?.ratio())
    }
}

/// Maximum likelihood for right-censored times, all positive. Fails as
/// [`lifetime_regression`](super::lifetime_regression) does.
pub fn gompertz(follow_up: &FollowUp<'_>, columns: &[Regressor<'_>]) -> Result<GompertzFit> {
    all_positive(follow_up.times())?;
    let events = follow_up.events();
    if events == 0 {
        return Err(StatsError::NoEvents);
    }
    let design = Standardised::of(columns, follow_up.n())?;
    let longest = follow_up.times().iter().copied().fold(0.0, f64::max);
    let p = columns.len() + 1;
    let total: f64 = follow_up.times().iter().map(|t| t / longest).sum();
    let mut start = vec![0.0; p + 1];
    start[0] = ln(events as f64 / not_overflown(total)?);
    let likelihood = Likelihood { follow_up, design: &design, longest };
    let maximum =
        maximise(start, |at| likelihood.evaluate(at)).map_err(counted_without_intercept)?;
    let mut rows = design.map_with_intercept();
    for row in &mut rows {
        row.push(0.0);
    }
    let mut values = design.with_intercept(&maximum.at[..p]);
    // Time was measured in units of the longest.
    let mut shape = vec![0.0; p];
    shape.push(1.0 / longest);
    rows.push(shape);
    values[0] -= ln(longest);
    values.push(maximum.at[p] / longest);
    Ok(GompertzFit {
        coefficients: Coefficients::new(
            values,
            maximum.covariance.sandwiched(&rows),
            Reference::Normal,
        ),
        log_likelihood: maximum.value - events as f64 * ln(longest),
        n: follow_up.n(),
        events,
    })
}

/// In (b, a) with time as a share of the longest, in which it is concave.
struct Likelihood<'a> {
    follow_up: &'a FollowUp<'a>,
    design: &'a Standardised,
    longest: f64,
}

impl Likelihood<'_> {
    fn evaluate(&self, at: &[f64]) -> Local {
        let size = at.len();
        let p = size - 1;
        let mut total =
            Local { value: 0.0, score: vec![0.0; size], information: Square::zeros(size) };
        let times = self.follow_up.times().iter().zip(self.follow_up.event_flags());
        for (row, (time, event)) in times.enumerate() {
            let t = time / self.longest;
            let mut x = vec![1.0];
            x.extend(self.design.row(row));
            let eta: f64 = x.iter().zip(at).map(|(x, b)| x * b).sum();
            // H = e^eta A, with A = (e^(at) - 1)/a and its derivatives by a.
            let area = cumulated(at[p], t).map(|v| v * exp(eta));
            let happened = f64::from(u8::from(*event));
            total.value += happened * (eta + at[p] * t) - area[0];
            for (i, xi) in x.iter().enumerate() {
                total.score[i] += xi * (happened - area[0]);
                total.information.add(p, i, xi * area[1]);
                for (j, xj) in x[..=i].iter().enumerate() {
                    total.information.add(i, j, xi * xj * area[0]);
                }
            }
            total.score[p] += happened * t - area[1];
            total.information.add(p, p, area[2]);
        }
        total
    }
}

/// The integrals of e^(as), s e^(as) and s^2 e^(as) over s in 0..t.
fn cumulated(a: f64, t: f64) -> [f64; 3] {
    let z = a * t;
    if z.abs() < 0.5 {
        // Integral of s^k e^(as) = t^(k+1) sum of z^j / (j! (j + k + 1)).
        return [0.0, 1.0, 2.0].map(|k: f64| {
            let (mut term, mut sum) = (1.0, 0.0);
            for j in 0..25 {
                let j = f64::from(j);
                sum += term / (j + k + 1.0);
                term *= z / (j + 1.0);
            }
            sum * t.powi(k as i32 + 1)
        });
    }
    let e = exp(z);
    let zero = expm1(z) / a;
    let one = (t * e - zero) / a;
    [zero, one, (t * t * e - 2.0 * one) / a]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrals_are_the_same_by_series_and_by_formula() {
        let (below, above) = (cumulated(0.499_999_999, 1.0), cumulated(0.500_000_001, 1.0));
        for (b, a) in below.iter().zip(above) {
            assert!((b - a).abs() < 1e-8, "{b} {a}");
        }
    }
}
