//! Combining p-values of stages whose design may depend on the stages before.

use crate::checks::{all_positive, at_least, probability, same_length, share};
use crate::error::{Result, StatsError};
use crate::estimate::{ChiSquareTest, ZTest};
use crate::special::{exp, gamma_quantile_upper, ln, normal_quantile, root};

/// The inverse normal combination sum(sqrt(w) z) / sqrt(sum w) of one-sided p-values with
/// z = Phi^-1(1 - p) (W. Lehmacher & G. Wassmer, Biometrics 55, 1999).
///
/// Fails for p outside 0..1 (both excluded: their z is infinite) and weights that are not positive.
pub fn inverse_normal(p: &[f64], weights: &[f64]) -> Result<ZTest> {
    same_length(p.len(), weights.len())?;
    at_least(1, p.len())?;
    all_positive(weights)?;
    combined(p.iter().map(|p| Ok(-normal_quantile(*p)?)), weights)
}

/// sum(sqrt(w) z) / sqrt(sum w) of the stages' deviates.
pub(super) fn combined(
    deviates: impl Iterator<Item = Result<f64>>,
    weights: &[f64],
) -> Result<ZTest> {
    let mut sum = 0.0;
    for (z, w) in deviates.zip(weights) {
        sum += w.sqrt() * z?;
    }
    Ok(ZTest::new(sum / weights.iter().sum::<f64>().sqrt()))
}

/// Fisher's combination -2 sum ln p, chi-square on twice their number.
pub fn fisher_combination(p: &[f64]) -> Result<ChiSquareTest> {
    at_least(1, p.len())?;
    let mut statistic = 0.0;
    for p in p {
        share(*p)?;
        statistic -= 2.0 * ln(*p);
    }
    ChiSquareTest::new(statistic, 2.0 * p.len() as f64)
}

/// The product of two p-values below which P. Bauer & K. Koehne's test (Biometrics 50, 1994)
/// rejects after its second stage: exp(-q/2) with the upper `alpha` quantile q of chi-square on 4.
pub fn bauer_koehne_critical(alpha: f64) -> Result<f64> {
    Ok(exp(-gamma_quantile_upper(probability(alpha)?, 2.0)?))
}

/// The first-stage p-value below which that test rejects at once, when it stops for futility above
/// `futility`: a1 + c (ln a0 - ln a1) = alpha. With `futility` = 1 it is c itself or more.
pub fn bauer_koehne_first_stage(alpha: f64, futility: f64) -> Result<f64> {
    let critical = bauer_koehne_critical(alpha)?;
    if share(futility)? <= alpha {
        return Err(StatsError::OutOfRange { value: futility });
    }
    let level = |first: f64| Ok(first + critical * ln(futility / first) - alpha);
    // The level grows with the first bound from c on; at c it is not above alpha.
    root(critical, alpha, level)
}

/// Products of p-values below which Fisher's test rejects at each of `stages` looks, with the same
/// nominal level at each and `alpha` over all (G. Wassmer, Biometrical Journal 41, 1999).
///
/// With s = -ln of the product, successive s are a unit Poisson process, so that the probability of
/// rejecting first at stage k is exp(-b_k) times the volume of 0 < s_1 < s_2 < ..., s_j < b_j.
pub fn fisher_boundaries(alpha: f64, stages: usize) -> Result<Vec<f64>> {
    at_least(1, stages)?;
    let bounds = |level: f64| -> Result<Vec<f64>> {
        (1..=stages).map(|k| gamma_quantile_upper(level, k as f64)).collect()
    };
    let gap = |level: f64| Ok(rejection(&bounds(level)?) - alpha);
    // One stage has the whole level; the bracket is wider than that by rounding.
    let most = probability(alpha)? * (1.0 + 1e-9);
    let level = root(alpha / (2.0 * stages as f64), most, gap)?;
    Ok(bounds(level)?.into_iter().map(|b| exp(-b)).collect())
}

/// The probability to reject at any stage, for bounds of -ln of the product.
fn rejection(bounds: &[f64]) -> f64 {
    let mut volumes = vec![1.0];
    let mut total = 0.0;
    for (k, bound) in bounds.iter().enumerate() {
        total += exp(-bound) * volumes[k];
        // V_k = sum over j of (-1)^(j+1) b_{k-j+1}^j / j! V_{k-j}.
        let (mut volume, mut factorial, mut sign) = (0.0, 1.0, 1.0);
        for j in 1..=k + 1 {
            factorial *= j as f64;
            let power = bounds[k + 1 - j].powi(j as i32);
            volume += sign * power / factorial * volumes[k + 1 - j];
            sign = -sign;
        }
        volumes.push(volume);
    }
    total
}
