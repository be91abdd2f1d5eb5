//! Loader's pieces: the error of Stirling's formula and the deviance, from which binomial and
//! Poisson probabilities follow without cancellation.

use std::f64::consts::PI;

use super::{exp, ln};

/// Below this, Stirling's error is taken from the log-gamma function; above it the series has
/// converged to the last digit.
const STIRLING_SERIES_FROM: f64 = 16.0;

/// ln n! - ln( sqrt(2 pi n) (n/e)^n ), Loader (2000), section 2.
pub(super) fn stirling_error(n: f64) -> f64 {
    if n < STIRLING_SERIES_FROM {
        return libm::lgamma(n + 1.0) - (n + 0.5) * ln(n) + n - 0.5 * ln(2.0 * PI);
    }
    let square = n * n;
    let series = 1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / (1188.0 * square)) / square;
    (1.0 / 12.0 - (1.0 / 360.0 - series / square) / square) / n
}

/// x ln(x/m) + m - x, Loader (2000), section 3, without cancellation where x is near m.
pub(super) fn deviance(x: f64, m: f64) -> f64 {
    let gap = x - m;
    if gap.abs() >= 0.1 * (x + m) {
        return x * ln(x / m) + m - x;
    }
    let v = gap / (x + m);
    let mut sum = gap * v;
    let mut term = 2.0 * x * v;
    for j in 1..1000_u32 {
        term *= v * v;
        let next = sum + term / f64::from(2 * j + 1);
        if next.to_bits() == sum.to_bits() {
            break;
        }
        sum = next;
    }
    sum
}

/// Gamma(n+1) / (Gamma(k+1) Gamma(n-k+1)) p^k q^(n-k) for real 0 < k < n and 0 < p, q = 1 - p.
pub(super) fn binomial_density(k: f64, n: f64, p: f64, q: f64) -> f64 {
    let rest = n - k;
    binomial_density_of_parts(k, rest, p, q)
}

/// [`binomial_density`] given the two counts, so that neither is found by a subtraction.
pub(super) fn binomial_density_of_parts(k: f64, rest: f64, p: f64, q: f64) -> f64 {
    let n = k + rest;
    let log = stirling_error(n)
        - stirling_error(k)
        - stirling_error(rest)
        - deviance(k, n * p)
        - deviance(rest, n * q);
    exp(log) * (n / (2.0 * PI * k * rest)).sqrt()
}

/// m^x e^(-m) / Gamma(x+1) for real x > 0, m > 0.
pub(super) fn poisson_density(x: f64, m: f64) -> f64 {
    exp(-stirling_error(x) - deviance(x, m)) / (2.0 * PI * x).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stirling_error_joins_smoothly() {
        let below = libm::lgamma(17.0) - 16.5 * ln(16.0) + 16.0 - 0.5 * ln(2.0 * PI);
        assert!((stirling_error(16.0) - below).abs() < 1e-14);
    }

    #[test]
    fn deviance_is_the_same_by_series_and_by_formula() {
        let direct = 100.0 * ln(100.0 / 95.0) + 95.0 - 100.0;
        assert!((deviance(100.0, 95.0) - direct).abs() < 1e-13);
    }
}
