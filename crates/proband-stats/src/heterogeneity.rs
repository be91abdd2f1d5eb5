//! Whether an effect differs between groups that were estimated separately.

use crate::checks::{all_finite, at_least, positive, same_length};
use crate::error::Result;
use crate::estimate::ChiSquareTest;
use crate::special::ln;

/// Cochran's Q of independent estimates with their standard errors: sum w (x - m)^2 with w = 1 / se^2 and m
/// the weighted mean, chi-square on one degree of freedom less than there are estimates (W. G. Cochran,
/// Biometrics 10, 1954). Ratios go in by their logarithms. For subgroups it is the test of interaction that
/// forest plots show; with two it is the square of the difference over its standard error (D. G. Altman &
/// J. M. Bland, BMJ 326, 2003).
///
/// Fails for lists of unlike lengths, below two estimates, and for standard errors that are not above 0.
pub fn cochran_q(estimates: &[f64], standard_errors: &[f64]) -> Result<ChiSquareTest> {
    same_length(estimates.len(), standard_errors.len())?;
    at_least(2, estimates.len())?;
    all_finite(estimates)?;
    for &se in standard_errors {
        positive(se)?;
    }
    let weights: Vec<f64> = standard_errors.iter().map(|se| 1.0 / (se * se)).collect();
    let total: f64 = weights.iter().sum();
    let mean = estimates.iter().zip(&weights).map(|(x, w)| w * x).sum::<f64>() / total;
    let q = estimates.iter().zip(&weights).map(|(x, w)| w * (x - mean) * (x - mean)).sum();
    ChiSquareTest::new(q, (estimates.len() - 1) as f64)
}

/// Bartlett's test that variances with their degrees of freedom are the same (M. S. Bartlett, Proceedings of the Royal
/// Society A 160, 1937; R's `bartlett.test`): chi-square on one degree of freedom less than there are variances. It
/// wants values that are about normal.
///
/// Fails for lists of unlike lengths, below two variances, and for variances or degrees of freedom that are not above 0.
pub fn bartlett(variances: &[f64], df: &[f64]) -> Result<ChiSquareTest> {
    same_length(variances.len(), df.len())?;
    at_least(2, variances.len())?;
    for &value in variances.iter().chain(df) {
        positive(value)?;
    }
    let total: f64 = df.iter().sum();
    let pooled = variances.iter().zip(df).map(|(v, n)| v * n).sum::<f64>() / total;
    let gap: f64 = variances.iter().zip(df).map(|(v, n)| n * ln(pooled / v)).sum();
    let groups = (variances.len() - 1) as f64;
    let reciprocals: f64 = df.iter().map(|n| 1.0 / n).sum();
    let correction = 1.0 + (reciprocals - 1.0 / total) / (3.0 * groups);
    ChiSquareTest::new((gap / correction).max(0.0), groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Altman and Bland (BMJ 326:219, 2003): log relative risks -0.4055 (SE 0.1911, from the
    /// interval 0.46 to 0.97) and -0.5108 (0.1206, from 0.47 to 0.76) differ by 0.1054 with SE 0.2260: z = 0.47.
    #[test]
    fn two_relative_risks() {
        let test = cochran_q(&[-0.4055, -0.5108], &[0.1911, 0.1206]).unwrap();
        let z = 0.1053 / (0.1911_f64 * 0.1911 + 0.1206 * 0.1206).sqrt();
        assert!((test.statistic - z * z).abs() < 1e-12);
        assert!((test.p - 0.64).abs() < 0.005, "{}", test.p);
    }

    /// R 4.2.2: `bartlett.test(count ~ spray, InsectSprays)`, by the variances of its six groups of twelve.
    #[test]
    fn insect_sprays() {
        let variances = [22.272_727, 18.242_424, 3.901_515, 6.265_152, 3.0, 38.606_061];
        let test = bartlett(&variances, &[11.0; 6]).unwrap();
        assert!((test.statistic - 25.959_825).abs() < 1e-4, "{}", test.statistic);
        assert!((test.p - 9.085e-5).abs() < 1e-7, "{}", test.p);
        assert!(bartlett(&[1.0, 0.0], &[3.0, 3.0]).is_err());
    }

    #[test]
    fn nothing_to_tell_apart() {
        assert!(cochran_q(&[1.0], &[0.5]).is_err());
        assert!(cochran_q(&[1.0, 2.0], &[0.5, 0.0]).is_err());
        assert!(cochran_q(&[1.0, 1.0, 1.0], &[0.1, 0.2, 0.3]).unwrap().p > 0.999_999);
    }
}
