//! Reproducible mathematics, addressed random streams, distributions by quantile.
//!
//! A run of proband gives the same bits on every processor, with any number of threads and at any
//! vector width. This crate is where that begins:
//!
//! - [`functions`]: `exp`, `ln`, `pow` and their kin from operations that IEEE 754 pins down, never
//!   from the platform's library; here at the root for single numbers, there for whole vectors.
//! - [`vector`]: one lane, four or eight, with equal answers, and the choice between them.
//! - [`stream`]: random numbers looked up by what they are for rather than consumed in turn.
//! - [`distribution`]: values from uniform numbers by the inverse distribution function, truncated
//!   or not, one draw each.
//! - [`special`]: incomplete gamma and beta functions, both tails, and their inverses.
//!
//! # A covariate of a twin
//!
//! ```
//! use proband_math::distribution::Distribution;
//! use proband_math::stream::{Address, Purpose, Seed};
//!
//! const AGE: Purpose = Purpose::new("covariate/age");
//!
//! let age = Distribution::normal(58.0, 9.0)?.within(18.0, 80.0)?;
//! let of_twin = |twin| {
//!     let address = Address { twin, ..Address::new(Seed(2026), AGE) };
//!     age.quantile(address.uniform())
//! };
//! assert!((18.0..=80.0).contains(&of_twin(7)));
//!
//! // The same twin asked again, before or after any other, has the same age.
//! let ages: Vec<f64> = (0..8).map(of_twin).collect();
//! assert_eq!(ages[7], of_twin(7));
//! # Ok::<(), proband_math::distribution::DistributionError>(())
//! ```
//!
//! # What is promised
//!
//! Equal arguments give equal bits on every platform with IEEE 754 doubles in round-to-nearest,
//! subnormal numbers included: nothing may set flush-to-zero. NaN is one value, whose payload is
//! not promised. Fused multiply-add is an instruction on ARM64 and on x86-64 since 2013; a
//! processor without it calls the C library's `fma`, which is slow, and exact by definition.
#![expect(unsafe_code, reason = "vector instructions have no safe form")]

pub mod distribution;
pub mod functions;
mod scalar;
pub mod special;
pub mod stream;
pub mod vector;

pub use scalar::{
    atan, cos, cosh, erf, erfc, exp, exp_m1, exp2, expit, gamma_ln, ln, ln_1p, log2, log10,
    logit, normal_cdf, normal_pdf, normal_quantile, pow, sin, sinh, step_factor_power, tan,
    tanh,
};
