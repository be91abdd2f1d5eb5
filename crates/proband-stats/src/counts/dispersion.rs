//! The dispersion of negative binomial counts with known means, by maximum likelihood.
//!
//! With variance mu + a mu^2 the log-likelihood in a is, up to terms free of a,
//! sum_i [ sum_{j < y_i} ln(1 + a j) - (y_i + 1/a) ln(1 + a mu_i) ]
//! (J. F. Lawless, Canadian Journal of Statistics 15, 1987, eq. 2.3). Written with sums over j
//! instead of gamma functions it has no cancellation as a goes to 0, the Poisson limit.

use crate::error::{Result, StatsError};
use crate::special::{exp, ln, ln_1p};

const MAX_ROUNDS: usize = 200;

/// ln a is looked for in this range: from counts that cannot be told from Poisson to counts of
/// which nearly all are zero.
const LOG_RANGE: (f64, f64) = (-30.0, 30.0);

/// Newton's step in ln a at which the answer stands.
const SETTLED: f64 = 1e-12;

/// How many counts exceed j, for j = 0, 1, ..., so that sums over j < y_i run once.
#[derive(Debug)]
pub(super) struct Exceedances(Vec<f64>);

impl Exceedances {
    pub(super) fn of(counts: &[u64]) -> Self {
        let largest = counts.iter().copied().max().unwrap_or(0) as usize;
        let mut above = vec![0.0; largest];
        for &count in counts {
            if count > 0 {
                above[count as usize - 1] += 1.0;
            }
        }
        for j in (1..largest).rev() {
            above[j - 1] += above[j];
        }
        Self(above)
    }

    pub(super) fn sum(&self, term: impl Fn(f64) -> f64) -> f64 {
        self.0.iter().enumerate().map(|(j, above)| above * term(j as f64)).sum()
    }

    /// sum_i sum_{j < y_i} ln(1 + a j).
    pub(super) fn log_terms(&self, a: f64) -> f64 {
        self.sum(|j| ln_1p(a * j))
    }
}

/// The maximum in a.
#[derive(Debug, Clone, Copy)]
pub(super) enum Dispersion {
    /// The likelihood falls from a = 0 on: no more spread than Poisson.
    Poisson,
    /// An interior maximum, with the second derivative there.
    Positive { a: f64, curvature: f64 },
}

/// First and second derivative of the log-likelihood by a.
fn derivatives(a: f64, above: &Exceedances, counts: &[u64], means: &[f64]) -> (f64, f64) {
    let mut first = above.sum(|j| j / (1.0 + a * j));
    let mut second = -above.sum(|j| (j / (1.0 + a * j)) * (j / (1.0 + a * j)));
    for (&y, &mu) in counts.iter().zip(means) {
        let shrunk = mu / (1.0 + a * mu);
        let (g, slope) = log_remainder(a * mu);
        first += mu * mu * g - y as f64 * shrunk;
        second += mu * mu * mu * slope + y as f64 * shrunk * shrunk;
    }
    (first, second)
}

/// g(t) = (ln(1+t) - t/(1+t)) / t^2 and its derivative, by their series where t is small.
pub(super) fn log_remainder(t: f64) -> (f64, f64) {
    const SERIES_BELOW: f64 = 0.02;
    if t > SERIES_BELOW {
        let g = (ln_1p(t) - t / (1.0 + t)) / (t * t);
        return (g, 1.0 / (t * (1.0 + t) * (1.0 + t)) - 2.0 * g / t);
    }
    let (mut g, mut slope, mut power) = (0.0, 0.0, 1.0);
    for k in 0..12 {
        let k = f64::from(k);
        let coefficient = (k + 1.0) / (k + 2.0);
        g += coefficient * power;
        slope -= (k + 1.0) * (k + 2.0) / (k + 3.0) * power;
        power *= -t;
    }
    (g, slope)
}

/// Newton's method in ln a, inside a shrinking bracket.
pub(super) fn maximise(
    above: &Exceedances,
    counts: &[u64],
    means: &[f64],
    start: f64,
) -> Result<Dispersion> {
    if derivatives(0.0, above, counts, means).0 <= 0.0 {
        return Ok(Dispersion::Poisson);
    }
    let (mut low, mut high) = LOG_RANGE;
    let mut log = ln(start).clamp(low, high);
    for _ in 0..MAX_ROUNDS {
        let a = exp(log);
        let (first, second) = derivatives(a, above, counts, means);
        if first > 0.0 {
            low = log;
        } else {
            high = log;
        }
        let newton = log - first / (first + a * second);
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - log).abs() < SETTLED {
            let a = exp(next);
            let curvature = derivatives(a, above, counts, means).1;
            return Ok(Dispersion::Positive { a, curvature });
        }
        log = next;
    }
    Err(StatsError::DidNotConverge { iterations: MAX_ROUNDS })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_and_formula_agree_where_they_meet() {
        let (series, slope) = log_remainder(0.02);
        let (formula, formula_slope) = log_remainder(0.02 + 1e-13);
        assert!((series - formula).abs() < 1e-11);
        assert!((slope - formula_slope).abs() < 1e-9);
    }

    #[test]
    fn second_derivative_is_the_slope_of_the_first() {
        let counts = [0, 3, 1, 12, 5, 0, 2];
        let means = [1.0, 2.5, 2.0, 6.0, 4.0, 0.3, 2.0];
        let above = Exceedances::of(&counts);
        for a in [0.001, 0.3, 4.0] {
            let step = 1e-6 * a;
            let up = derivatives(a + step, &above, &counts, &means).0;
            let down = derivatives(a - step, &above, &counts, &means).0;
            let second = derivatives(a, &above, &counts, &means).1;
            assert!(((up - down) / (2.0 * step) / second - 1.0).abs() < 1e-6, "{a}");
        }
    }
}
