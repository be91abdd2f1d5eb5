//! The leading terms of the incomplete functions, with large powers kept apart until they cancel.
//!
//! Loader, "Fast and accurate computation of binomial probabilities" (2000): densities as
//! `exp(-deviance)` times Stirling errors, here with the deviance in double-double.

use crate::functions::{Exponential, ln_double, stirling_error};
use crate::scalar::fused;
use crate::{exp, gamma_ln, ln, ln_1p, pow};

/// From here up Stirling's series has all the digits.
const STIRLING: f64 = 8.0;
const TWO_PI: f64 = 2.0 * std::f64::consts::PI;

/// A number as the sum of two.
#[derive(Clone, Copy, Debug)]
pub(super) struct Double {
    pub(super) high: f64,
    pub(super) low: f64,
}

impl Double {
    /// `a + b` exactly (Knuth).
    #[inline(always)]
    fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let part = high - a;
        Self { high, low: (a - (high - part)) + (b - part) }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        let sum = Self::sum(self.high, other.high);
        Self::sum(sum.high, sum.low + (self.low + other.low))
    }
}

fused! {
    /// `x ln(x / mean) + mean - x`, Loader's `bd0`: zero where they agree, positive elsewhere.
    pub(super) fn deviance(x: f64, mean: f64) -> Double = deviance_body;

    /// `e^-x`.
    pub(super) fn exp_minus(x: Double) -> f64 = exp_minus_body;
}

#[inline(always)]
fn exp_minus_body(x: Double) -> f64 {
    // Beyond these exp is zero or infinite, and the parts would not be numbers.
    if x.high.abs() < 745.0 { Exponential::of(-x.high, -x.low).value() } else { exp(-x.high) }
}

#[inline(always)]
fn deviance_body(x: f64, mean: f64) -> Double {
    let ratio = x / mean;
    if ratio == 0.0 || !ratio.is_finite() {
        return Double { high: f64::INFINITY, low: 0.0 };
    }
    let lost = (-ratio).mul_add(mean, x) / x;
    let (log, log_low) = ln_double(ratio);
    let high = x * log;
    let low = x.mul_add(log_low + lost, x.mul_add(log, -high));
    Double { high, low }.plus(Double::sum(mean, -x))
}

/// `x^a e^-x / Gamma(a + 1)`.
pub(super) fn gamma_term(a: f64, x: f64) -> f64 {
    if a < STIRLING {
        let half = exp(-0.5 * x);
        return half * pow(x, a) * exp(-gamma_ln(a + 1.0)) * half;
    }
    let error = stirling_error(a);
    exp_minus(deviance(a, x)) * exp(-error) / (TWO_PI * a).sqrt()
}

/// `x^a` where `y = 1 - x` is known apart.
fn power(x: f64, y: f64, a: f64) -> f64 {
    if x <= 0.5 { pow(x, a) } else { exp(a * ln_1p(-y)) }
}

/// `x^a y^b / B(a, b)` with `y = 1 - x`.
pub(super) fn beta_term(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    if a >= STIRLING && b >= STIRLING {
        let error = stirling_error(n) - stirling_error(a) - stirling_error(b);
        let deviance = deviance(a, n * x).plus(deviance(b, n * y));
        return exp_minus(deviance) * exp(error) * (a * (b / n) / TWO_PI).sqrt();
    }
    if a < STIRLING && b < STIRLING {
        let ln_beta = gamma_ln(a) + gamma_ln(b) - gamma_ln(n);
        return power(x, y, a) * power(y, x, b) * exp(-ln_beta);
    }
    if a < b {
        power(x, y, a) * power(y, x, b) * gamma_ratio(b, a)
    } else {
        power(x, y, a) * power(y, x, b) * gamma_ratio(a, b)
    }
}

/// `1 / B(small, large) = Gamma(large + small) / (Gamma(large) Gamma(small))`.
fn gamma_ratio(large: f64, small: f64) -> f64 {
    let n = large + small;
    let errors = stirling_error(n) - stirling_error(large);
    let rest = (large - 0.5) * ln_1p(small / large) - small + errors;
    exp(small * ln(n) + rest - gamma_ln(small))
}
