//! The continuous laws: tails, quantiles and moments of each.

use crate::special::{Tail, Tails, beta_inverse, beta_tails, gamma_inverse, gamma_tails};
use crate::{exp, exp_m1, gamma_ln, ln, ln_1p, normal_cdf, normal_quantile, pow};

/// A continuous law with parameters that have been checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Continuous {
    Normal { mean: f64, sd: f64 },
    LogNormal { log_mean: f64, log_sd: f64 },
    Uniform { low: f64, high: f64 },
    Exponential { mean: f64 },
    Weibull { shape: f64, scale: f64 },
    Gamma { shape: f64, scale: f64 },
    Beta { a: f64, b: f64 },
    Triangular { low: f64, mode: f64, high: f64 },
}

impl Continuous {
    /// The probabilities below and above `x`.
    pub(super) fn tails(self, x: f64) -> Tails {
        match self {
            Self::Normal { mean, sd } => normal_tails((x - mean) / sd),
            Self::LogNormal { .. } if x <= 0.0 => Tails::from_lower(0.0),
            Self::LogNormal { log_mean, log_sd } => normal_tails((ln(x) - log_mean) / log_sd),
            Self::Uniform { low, high } => {
                let width = high - low;
                let part = |length: f64| (length / width).clamp(0.0, 1.0);
                Tails { lower: part(x - low), upper: part(high - x) }
            }
            Self::Exponential { mean } => exponential_tails(x / mean),
            Self::Weibull { .. } if x <= 0.0 => Tails::from_lower(0.0),
            Self::Weibull { shape, scale } => exponential_tails(pow(x / scale, shape)),
            Self::Gamma { shape, scale } => gamma_tails(shape, x / scale),
            Self::Beta { a, b } => beta_tails(a, b, x, 1.0 - x),
            Self::Triangular { low, mode, high } => triangular_tails(low, mode, high, x),
        }
    }

    /// The point with this tail.
    pub(super) fn quantile(self, tail: Tail) -> f64 {
        match self {
            Self::Normal { mean, sd } => mean + sd * normal_score(tail),
            Self::LogNormal { log_mean, log_sd } => exp(log_mean + log_sd * normal_score(tail)),
            Self::Uniform { low, high } => match tail.smaller() {
                Tail::Lower(p) => low + (high - low) * p,
                Tail::Upper(q) => high - (high - low) * q,
            },
            Self::Exponential { mean } => mean * exponential_score(tail),
            Self::Weibull { shape, scale } => scale * pow(exponential_score(tail), 1.0 / shape),
            Self::Gamma { shape, scale } => scale * gamma_inverse(shape, tail),
            Self::Beta { a, b } => beta_inverse(a, b, tail),
            Self::Triangular { low, mode, high } => triangular_quantile(low, mode, high, tail),
        }
    }

    pub(super) fn mean(self) -> f64 {
        match self {
            Self::Normal { mean, .. } | Self::Exponential { mean } => mean,
            Self::LogNormal { log_mean, log_sd } => exp(log_mean + 0.5 * log_sd * log_sd),
            Self::Uniform { low, high } => 0.5 * (low + high),
            Self::Weibull { shape, scale } => scale * exp(gamma_ln(1.0 + 1.0 / shape)),
            Self::Gamma { shape, scale } => shape * scale,
            Self::Beta { a, b } => a / (a + b),
            Self::Triangular { low, mode, high } => (low + mode + high) / 3.0,
        }
    }

    pub(super) fn sd(self) -> f64 {
        match self {
            Self::Normal { sd, .. } => sd,
            Self::LogNormal { log_sd, .. } => self.mean() * exp_m1(log_sd * log_sd).sqrt(),
            Self::Uniform { low, high } => (high - low) / 12.0_f64.sqrt(),
            Self::Exponential { mean } => mean,
            Self::Weibull { shape, .. } => {
                // sqrt(E X^2 - (E X)^2) = E X sqrt(E X^2 / (E X)^2 - 1)
                let log_ratio = gamma_ln(1.0 + 2.0 / shape) - 2.0 * gamma_ln(1.0 + 1.0 / shape);
                self.mean() * exp_m1(log_ratio).sqrt()
            }
            Self::Gamma { shape, scale } => shape.sqrt() * scale,
            Self::Beta { a, b } => (a * b / (a + b + 1.0)).sqrt() / (a + b),
            Self::Triangular { low, mode, high } => {
                let (p, q) = (mode - low, high - mode);
                ((p * p + q * q + p * q) / 18.0).sqrt()
            }
        }
    }
}

/// The tails of the standard normal distribution.
fn normal_tails(z: f64) -> Tails {
    Tails { lower: normal_cdf(z), upper: normal_cdf(-z) }
}

/// The standard normal quantile of a tail.
pub(super) fn normal_score(tail: Tail) -> f64 {
    match tail {
        Tail::Lower(p) => normal_quantile(p),
        Tail::Upper(q) => -normal_quantile(q),
    }
}

/// The tails of the exponential distribution of mean 1.
fn exponential_tails(t: f64) -> Tails {
    let t = t.max(0.0);
    Tails { lower: -exp_m1(-t), upper: exp(-t) }
}

/// The quantile of the exponential distribution of mean 1.
fn exponential_score(tail: Tail) -> f64 {
    match tail {
        Tail::Lower(p) => -ln_1p(-p),
        Tail::Upper(q) => -ln(q),
    }
}

fn triangular_tails(low: f64, mode: f64, high: f64, x: f64) -> Tails {
    let width = high - low;
    if x <= low {
        Tails::from_lower(0.0)
    } else if x >= high {
        Tails::from_upper(0.0)
    } else if x < mode {
        Tails::from_lower((x - low) / width * ((x - low) / (mode - low)))
    } else {
        Tails::from_upper((high - x) / width * ((high - x) / (high - mode)))
    }
}

fn triangular_quantile(low: f64, mode: f64, high: f64, tail: Tail) -> f64 {
    let width = high - low;
    if tail.lower() * width < mode - low {
        low + (tail.lower() * width * (mode - low)).sqrt()
    } else {
        high - (tail.upper() * width * (high - mode)).sqrt()
    }
}
