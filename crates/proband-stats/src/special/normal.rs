//! The standard normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, PI, SQRT_2};

use super::{exp, root::invert_upper_tail};
use crate::checks::probability;
use crate::error::Result;

/// Beyond this many standard deviations the upper tail is zero in double precision.
const FAR: f64 = 39.0;

/// P(Z > z).
pub(crate) fn normal_upper(z: f64) -> f64 {
    0.5 * libm::erfc(z * FRAC_1_SQRT_2)
}

/// P(|Z| > |z|).
pub(crate) fn normal_two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() / SQRT_2)
}

/// P(Z < z).
pub(crate) fn normal_lower(z: f64) -> f64 {
    normal_upper(-z)
}

/// The density of the standard normal.
pub(crate) fn density(z: f64) -> f64 {
    exp(-0.5 * z * z) / (2.0 * PI).sqrt()
}

/// The z with P(Z > z) = `tail`, for 0 < tail <= 1/2.
pub(crate) fn normal_quantile_upper(tail: f64) -> Result<f64> {
    invert_upper_tail(tail, (0.0, FAR), 1.0, |z| Ok(normal_upper(z)), density)
}

/// The z with P(Z < z) = `p`; fails unless 0 < `p` < 1.
pub(crate) fn normal_quantile(p: f64) -> Result<f64> {
    probability(p)?;
    if p < 0.5 { Ok(-normal_quantile_upper(p)?) } else { normal_quantile_upper(1.0 - p) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values by mpmath 1.3 at 40 digits.
    #[test]
    fn quantiles_match_arbitrary_precision() {
        for (tail, z) in [
            (0.025, 1.959_963_984_540_054_2),
            (0.005, 2.575_829_303_548_901),
            (1e-10, 6.361_340_902_404_056),
            (1e-100, 21.273_453_560_965_324),
        ] {
            let ours = normal_quantile_upper(tail).unwrap();
            assert!((ours / z - 1.0).abs() < 1e-14, "{tail}: {ours}");
        }
    }
}
