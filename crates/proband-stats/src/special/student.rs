//! Student's t and Fisher's F distribution, by the incomplete beta function.

use std::f64::consts::PI;

use super::beta::beta_tails;
use super::normal::{normal_quantile_upper, normal_upper};
use super::{exp, ln_1p, root::invert_upper_tail};
use crate::error::Result;

/// From here on the t distribution is taken by Hill's expansion, whose error is of order 1/df^4,
/// because the continued fraction loses digits in proportion to df.
const EXPANSION_FROM: f64 = 1e5;

/// P(T > t) for `df` degrees of freedom.
pub(crate) fn t_upper(t: f64, df: f64) -> Result<f64> {
    if df >= EXPANSION_FROM {
        return Ok(normal_upper(normal_deviate(t, df)));
    }
    let half = 0.5 * t_two_sided(t, df)?;
    Ok(if t < 0.0 { 1.0 - half } else { half })
}

/// P(|T| > |t|) = I_{df/(df+t^2)}(df/2, 1/2).
pub(crate) fn t_two_sided(t: f64, df: f64) -> Result<f64> {
    if df >= EXPANSION_FROM {
        return Ok(super::normal_two_sided(normal_deviate(t, df)));
    }
    let square = t * t;
    if square == f64::INFINITY {
        return Ok(0.0);
    }
    let total = df + square;
    Ok(beta_tails(0.5 * df, 0.5, df / total, square / total)?.lower)
}

/// The density of t: Gamma((df+1)/2) / (sqrt(pi df) Gamma(df/2)) (1 + t^2/df)^(-(df+1)/2).
pub(crate) fn density(t: f64, df: f64) -> f64 {
    exp(ln_constant(df) - 0.5 * (df + 1.0) * ln_1p(t * t / df))
}

/// The logarithm of the density at zero. It only steers Newton's steps, so that above
/// [`EXPANSION_FROM`], where log-gammas cancel, the leading term is enough.
fn ln_constant(df: f64) -> f64 {
    let half = 0.5 * df;
    let gammas = if df >= EXPANSION_FROM {
        0.5 * super::ln(half)
    } else {
        libm::lgamma(half + 0.5) - libm::lgamma(half)
    };
    gammas - 0.5 * super::ln(PI * df)
}

/// The normal deviate with the same tail as t (G. W. Hill, Communications of the ACM 13, 1970,
/// algorithm 395).
fn normal_deviate(t: f64, df: f64) -> f64 {
    let a = df - 0.5;
    let b = 48.0 * a * a;
    let square = a * ln_1p(t * t / df);
    let w = square.sqrt();
    let first = w * (square + 3.0) / b;
    let polynomial = ((4.0 * square + 33.0) * square + 240.0) * square + 855.0;
    let second = w * polynomial / (10.0 * b * (b + 0.8 * square * square + 100.0));
    (w + first - second).copysign(t)
}

/// The t with P(T > t) = `tail`, for 0 < tail <= 1/2.
pub(crate) fn t_quantile_upper(tail: f64, df: f64) -> Result<f64> {
    let z = normal_quantile_upper(tail)?;
    let mut far = 2.0 * z + 1.0;
    while t_upper(far, df)? > tail && far < f64::MAX / 4.0 {
        far *= 2.0;
    }
    // First term of the Cornish-Fisher expansion.
    let start = z + z * (z * z + 1.0) / (4.0 * df);
    invert_upper_tail(tail, (0.0, far), start, |t| t_upper(t, df), |t| density(t, df))
}

/// P(F > f) for `df1` and `df2` degrees of freedom.
pub(crate) fn f_upper(f: f64, df1: f64, df2: f64) -> Result<f64> {
    if f == f64::INFINITY {
        return Ok(0.0);
    }
    let (scaled, total) = (df1 * f, df1 * f + df2);
    Ok(beta_tails(0.5 * df2, 0.5 * df1, df2 / total, scaled / total)?.lower)
}

/// The f with P(F > f) = `tail` for F on `df1` and `df2` degrees of freedom.
pub(crate) fn f_quantile_upper(tail: f64, df1: f64, df2: f64) -> Result<f64> {
    let y = super::beta_quantile_lower(tail, 0.5 * df2, 0.5 * df1)?;
    Ok(df2 / df1 * (1.0 - y) / y)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values by mpmath 1.3 at 34 digits.
    #[test]
    fn quantiles_match_arbitrary_precision() {
        for (df, t) in [
            (1.0, 12.706_204_736_174_705),
            (2.0, 4.302_652_729_749_464),
            (9.0, 2.262_157_162_798_205_5),
            (30.0, 2.042_272_456_301_238),
            (220.0, 1.970_805_592_384_903),
        ] {
            let ours = t_quantile_upper(0.025, df).unwrap();
            assert!((ours / t - 1.0).abs() < 2e-14, "{df}: {ours}");
        }
    }

    #[test]
    fn density_is_the_slope_of_the_tail() {
        for df in [1.0, 3.5, 50.0, 1e6] {
            let slope = (t_upper(0.999, df).unwrap() - t_upper(1.001, df).unwrap()) / 0.002;
            assert!((slope / density(1.0, df) - 1.0).abs() < 1e-5, "{df}");
        }
    }

    /// Values by mpmath 1.3 at 40 digits, on both sides of where the expansion takes over.
    #[test]
    fn tails_match_arbitrary_precision() {
        for (t, df, p) in [
            (2.5, 3.0, 0.087_706_647_008_065_55),
            (40.0, 5.0, 1.841_196_217_177_295_4e-7),
            (8.0, 99.0, 2.400_303_821_056_868_3e-12),
            (2.5, 99_999.0, 0.012_420_919_208_445_002),
            (2.5, 100_001.0, 0.012_420_919_176_673_406),
            (6.0, 1e6, 1.973_849_812_354_434_7e-9),
            (12.0, 2e5, 3.647_523_700_755_783e-33),
            (2.5, 1e9, 0.012_419_330_810_402_494),
            (2.5, 1e12, 0.012_419_330_651_711_12),
        ] {
            let ours = t_two_sided(t, df).unwrap();
            assert!((ours / p - 1.0).abs() < 2e-11, "{t} {df}: {ours} {p}");
        }
    }
}
