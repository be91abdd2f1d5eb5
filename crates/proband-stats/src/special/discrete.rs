//! Binomial and hypergeometric probabilities of whole numbers.

use super::{AS_PROBABLE, exp, ln, saddle};
use crate::error::Result;

/// P(X = k) for X of Binomial(n, p), 0 < p < 1.
pub(crate) fn binomial_pmf(k: u64, n: u64, p: f64) -> f64 {
    let q = 1.0 - p;
    let (k_real, n_real) = (k as f64, n as f64);
    if k == 0 {
        return exp(n_real * super::ln_1p(-p));
    }
    if k == n {
        return exp(n_real * ln(p));
    }
    saddle::binomial_density(k_real, n_real, p, q)
}

/// P(X <= k) and P(X >= k) for X of Binomial(n, p).
pub(crate) fn binomial_tails(k: u64, n: u64, p: f64) -> Result<(f64, f64)> {
    let (k_real, n_real) = (k as f64, n as f64);
    let q = 1.0 - p;
    let at_most = if k == n {
        1.0
    } else {
        super::beta::beta_tails(k_real + 1.0, n_real - k_real, p, q)?.upper
    };
    let at_least = if k == 0 {
        1.0
    } else {
        super::beta::beta_tails(k_real, n_real - k_real + 1.0, p, q)?.lower
    };
    Ok((at_most, at_least))
}

/// P(X = k) when `drawn` are taken from `successes` + `failures` (Loader 2000, section 5).
pub(crate) fn hypergeometric_pmf(k: u64, successes: u64, failures: u64, drawn: u64) -> f64 {
    let total = successes + failures;
    if drawn == 0 || drawn == total {
        return 1.0;
    }
    let p = drawn as f64 / total as f64;
    binomial_pmf(k, successes, p) * binomial_pmf(drawn - k, failures, p)
        / binomial_pmf(drawn, total, p)
}

/// The probability of all counts no more probable than `x`: one tail up to x, and the part of the
/// other tail that is no more probable, found by bisection because the probabilities fall there.
pub(crate) fn binomial_two_sided(x: u64, n: u64, p: f64) -> Result<f64> {
    let mode = (((n + 1) as f64 * p).floor() as u64).min(n);
    if x == mode {
        return Ok(1.0);
    }
    let limit = binomial_pmf(x, n, p) * AS_PROBABLE;
    let improbable = |k: u64| binomial_pmf(k, n, p) <= limit;
    let (at_most, at_least) = binomial_tails(x, n, p)?;
    if x < mode {
        // The first improbable count above the mode, if any.
        let first = partition(mode, n + 1, improbable);
        let other = if first > n { 0.0 } else { binomial_tails(first, n, p)?.1 };
        return Ok((at_most + other).min(1.0));
    }
    // The number of improbable counts below the mode.
    let count = partition(0, mode, |k| !improbable(k));
    let other = if count == 0 { 0.0 } else { binomial_tails(count - 1, n, p)?.0 };
    Ok((at_least + other).min(1.0))
}

/// The first k in low..high for which `holds`, which must stay true from there on; else high.
fn partition(low: u64, high: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (low, high);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hypergeometric_probabilities_sum_to_one() {
        let total: f64 = (0..=30).map(|k| hypergeometric_pmf(k, 40, 50, 30)).sum();
        assert!((total - 1.0).abs() < 1e-13);
    }

    #[test]
    fn binomial_tails_overlap_in_the_point() {
        let (at_most, at_least) = binomial_tails(7, 20, 0.3).unwrap();
        assert!((at_most + at_least - 1.0 - binomial_pmf(7, 20, 0.3)).abs() < 1e-14);
    }
}
