//! The noncentral t and F distributions, and the rectangle that a pair of t tests asks for.

use super::beta::beta_tails;

use super::normal::normal_upper;
use super::{exp, integrate, ln, ln_1p};
use crate::error::{Result, StatsError};

/// Gauss and Kronrod's rules may differ by this much on one piece.
const TOLERANCE: f64 = 1e-12;

/// Beyond this many standard deviations of a chi variable nothing is left.
const REACH: f64 = 12.0;

/// The mean of `f(s)` for s = sqrt(chi-square / df), the estimate of a standard deviation of 1.
///
/// The density of s is 2 (df/2)^(df/2) / Gamma(df/2) s^(df-1) exp(-df s^2/2).
pub(crate) fn over_sd(df: f64, f: impl Fn(f64) -> f64) -> f64 {
    let half = 0.5 * df;
    // ln of 2 (df/2)^(df/2) e^(-df/2) / Gamma(df/2), by Stirling's formula and its error.
    let constant = ln(2.0 * half / (2.0 * std::f64::consts::PI * half).sqrt())
        - super::saddle::stirling_error(half);
    let spread = (0.5 / df).sqrt();
    let (from, to) = ((1.0 - REACH * spread).max(0.0), 1.0 + REACH * spread);
    integrate(from, to, TOLERANCE, |s| {
        if s <= 0.0 {
            return 0.0;
        }
        let x = s - 1.0;
        // ln s - (s^2 - 1)/2, without cancellation of its linear part.
        let bend = ln_1p(x) - x - 0.5 * x * x;
        exp(constant + df * bend - ln(s)) * f(s)
    })
}

/// P(T > t) for the noncentral t distribution with `df` degrees of freedom and noncentrality `ncp`:
/// P(Z + ncp > t s) averaged over s.
pub(crate) fn noncentral_t_upper(t: f64, df: f64, ncp: f64) -> f64 {
    over_sd(df, |s| normal_upper(t * s - ncp)).min(1.0)
}

/// P(F > f) for the noncentral F distribution: a Poisson mixture of beta tails.
pub(crate) fn noncentral_f_upper(f: f64, df1: f64, df2: f64, ncp: f64) -> Result<f64> {
    const MAX_TERMS: usize = 100_000;
    if f <= 0.0 {
        return Ok(1.0);
    }
    let total = df1 * f + df2;
    let (x, y) = (df1 * f / total, df2 / total);
    let mean = 0.5 * ncp;
    let (mut below, mut rest) = (0.0, 1.0);
    let mut weight = exp(-mean);
    for j in 0..MAX_TERMS {
        let shape = 0.5 * df1 + j as f64;
        below += weight * beta_tails(shape, 0.5 * df2, x, y)?.lower;
        rest -= weight;
        if j as f64 > mean && (rest <= f64::EPSILON || weight < f64::EPSILON * 1e-3) {
            return Ok((1.0 - below).max(0.0));
        }
        weight *= mean / (j as f64 + 1.0);
    }
    Err(StatsError::DidNotConverge { iterations: MAX_TERMS })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At noncentrality 0, and F(1, df) being the square of t(df).
    #[test]
    fn tails_agree_with_central_ones() {
        for (t, df) in [(2.0, 1.0), (1.5, 3.0), (2.5, 40.0), (-1.0, 7.0)] {
            let central = super::super::t_upper(t, df).unwrap();
            let ours = noncentral_t_upper(t, df, 0.0);
            assert!((ours - central).abs() < 1e-12, "{t} {df}: {ours} {central}");
            let square = noncentral_f_upper(t * t, 1.0, df, 2.25).unwrap();
            let both = noncentral_t_upper(t.abs(), df, 1.5) + 1.0
                - noncentral_t_upper(-t.abs(), df, 1.5);
            assert!((square - both).abs() < 1e-12, "{t} {df}: {square} {both}");
        }
    }
}
