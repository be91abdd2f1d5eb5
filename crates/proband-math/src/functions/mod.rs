//! The elementary functions and their kin, once over any [`Vector`].
//!
//! Each is a fixed sequence of operations without branches or tables, so that a lane's answer
//! depends on nothing but that lane's argument. Measured errors stand in `tests/accuracy.rs`.
//! For single numbers use the functions of the same names at the root of the crate.
//!
//! NaN goes in and comes out, but for the two cases where C99's `pow` ignores its other argument.

mod exponential;
mod gamma;
mod hyperbolic;
mod logarithm;
mod normal;
mod polynomial;
mod power;
mod trigonometric;

pub use exponential::{exp, exp_m1, exp2};
pub use gamma::gamma_ln;
pub use hyperbolic::{cosh, expit, sinh, tanh};
pub use logarithm::{ln, ln_1p, log2, log10, logit};
pub use normal::{erf, erfc, normal_cdf, normal_pdf, normal_quantile};
pub use power::{pow, step_factor_power};
pub use trigonometric::{TRIGONOMETRIC_LIMIT, atan, cos, sin, tan};

pub(crate) use exponential::Exponential;
pub(crate) use gamma::{gamma_ln_beside_two, stirling_error};
pub(crate) use logarithm::ln_double;
pub(crate) use normal::erfc_scaled;

#[cfg(doc)]
use crate::vector::Vector;
