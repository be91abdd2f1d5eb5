//! Special functions behind the intervals and tests: private, so that they can be replaced.
//!
//! Logarithms and exponentials come from `libm`, which is plain Rust and so gives the same bits on
//! every platform. Tail probabilities are computed as tails, never as one minus the other tail, so
//! that small p-values keep their digits. The incomplete beta and gamma functions use Loader's
//! saddle-point form of their prefactor (C. Loader, "Fast and accurate computation of binomial
//! probabilities", 2000), which stays accurate for millions of observations where differences of
//! log-gammas do not. `statrs` is not used: its continued fraction of the beta function ends after
//! 140 terms (0.19), too few for large trials.

mod beta;
mod discrete;
mod gamma;
mod multinormal;
mod noncentral;
mod normal;
mod quadrature;
mod range;
mod root;
mod saddle;
mod student;

pub(crate) use beta::{
    beta_quantile_lower, beta_quantile_upper, beta_upper, density as beta_density,
};
pub(crate) use discrete::{
    binomial_pmf, binomial_tails, binomial_two_sided, hypergeometric_pmf,
};
pub(crate) use gamma::{
    chi_square_upper, gamma_quantile_lower, gamma_quantile_upper, gamma_upper,
};
pub(crate) use libm::{exp, expm1, lgamma as ln_gamma, log as ln, log1p as ln_1p, pow};
pub(crate) use multinormal::rectangle;
pub(crate) use noncentral::{noncentral_f_upper, noncentral_t_upper, over_sd};
pub(crate) use normal::{
    density as normal_density, normal_lower, normal_quantile, normal_quantile_upper,
    normal_two_sided, normal_upper,
};
pub(crate) use quadrature::{gauss_legendre, integrate, panels};
pub(crate) use range::studentized_range_upper;
pub(crate) use root::{bisect_decreasing, root};
pub(crate) use student::{
    density as t_density, f_quantile_upper, f_upper, t_quantile_upper, t_two_sided, t_upper,
};

/// Two outcomes are equally probable if their probabilities differ by less than rounding; R uses
/// the same factor.
pub(crate) const AS_PROBABLE: f64 = 1.0 + 1e-7;

/// ln(1 + e^x), without overflow.
pub(crate) fn softplus(x: f64) -> f64 {
    x.max(0.0) + ln_1p(exp(-x.abs()))
}

/// ln k! for a whole number k given as a float.
pub(crate) fn ln_factorial(k: f64) -> f64 {
    libm::lgamma(k + 1.0)
}

/// The lower and upper tail of a distribution at one point.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tails {
    pub(crate) lower: f64,
    pub(crate) upper: f64,
}

impl Tails {
    fn from_lower(lower: f64) -> Self {
        Self { lower, upper: 1.0 - lower }
    }

    fn from_upper(upper: f64) -> Self {
        Self { lower: 1.0 - upper, upper }
    }

    fn swapped(self) -> Self {
        Self { lower: self.upper, upper: self.lower }
    }
}
