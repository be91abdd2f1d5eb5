//! Comparisons of means.

use super::{Goal, Sizes, effect_and_ratio};
use crate::checks::{all_finite, at_least, finite, positive, probability};
use crate::error::{Result, StatsError};
use crate::sequential::Sides;
use crate::special::{
    noncentral_f_upper, noncentral_t_upper, root, t_density, t_quantile_upper,
};

/// Power of a t test with noncentrality `ncp`: the far tail counts in a two-sided test only.
fn power(ncp: f64, df: f64, alpha: f64, sides: Sides) -> Result<f64> {
    let critical = t_quantile_upper(alpha, df)?;
    let near = noncentral_t_upper(critical, df, ncp);
    Ok(match sides {
        Sides::One => near,
        Sides::Two => near + noncentral_t_upper(critical, df, -ncp),
    })
}

/// The power of the pooled t test of two means (W. S. Gosset's test; noncentral t with
/// n_1 + n_2 - 2 degrees of freedom): `effect` is the difference in standard deviations, `n` active and
/// control. With two sides, `alpha` is the level of each.
pub fn t_test_power(effect: f64, n: [f64; 2], alpha: f64, sides: Sides) -> Result<f64> {
    probability(2.0 * alpha)?;
    for n in n {
        if positive(n)? < 1.0 {
            return Err(StatsError::OutOfRange { value: n });
        }
    }
    let df = n[0] + n[1] - 2.0;
    let ncp = finite(effect)? / (1.0 / n[0] + 1.0 / n[1]).sqrt();
    power(ncp, positive(df)?, alpha, sides)
}

/// The power of the one-sample or paired t test with `n` values (or pairs): `effect` is the mean in
/// standard deviations (of the differences).
pub fn one_sample_t_power(effect: f64, n: f64, alpha: f64, sides: Sides) -> Result<f64> {
    probability(2.0 * alpha)?;
    let df = positive(n - 1.0)?;
    power(finite(effect)? * n.sqrt(), df, alpha, sides)
}

/// The size at which the t test reaches its power in the direction of the effect: what R's
/// `power.t.test` solves, for any allocation. At least two participants in each arm.
pub fn t_test_size(effect: f64, ratio: f64, goal: Goal) -> Result<Sizes> {
    let normal = z_test_size(effect, ratio, goal)?;
    let gap = |control: f64| {
        let sizes = Sizes::of(control, ratio);
        let n = [sizes.active, sizes.control];
        Ok(t_test_power(effect.abs(), n, goal.alpha, Sides::One)? - goal.power)
    };
    let least = 2.0_f64.max(2.0 / ratio);
    if gap(least)? >= 0.0 {
        return Ok(Sizes::of(least, ratio));
    }
    Ok(Sizes::of(root(least, 4.0 * (normal.control + least + 1.0), gap)?, ratio))
}

/// The size for a known standard deviation: control (1 + 1/r) (z_alpha + z_beta)^2 / effect^2.
pub fn z_test_size(effect: f64, ratio: f64, goal: Goal) -> Result<Sizes> {
    effect_and_ratio(effect, ratio)?;
    let (za, zb) = goal.deviates()?;
    let z = (za + zb) / effect;
    Ok(Sizes::of((1.0 + 1.0 / ratio) * z * z, ratio))
}

/// The power of the one-way analysis of variance with `n` participants in each arm: noncentral F
/// with noncentrality n sum (mean - overall)^2 / sd^2.
pub fn anova_power(means: &[f64], sd: f64, n: f64, alpha: f64) -> Result<f64> {
    all_finite(means)?;
    at_least(2, means.len())?;
    probability(alpha)?;
    let arms = means.len() as f64;
    let (df1, df2) = (arms - 1.0, positive(arms * (positive(n)? - 1.0))?);
    let overall = crate::checks::mean(means)?;
    let squares: f64 = means.iter().map(|m| (m - overall) * (m - overall)).sum();
    let ncp = n * squares / (positive(sd)? * sd);
    // The critical value is where the central tail is alpha; the share x = F df1 / (F df1 + df2)
    // brings the search to 0..1.
    let at = |share: f64| share / (1.0 - share) * df2 / df1;
    let central = |share: f64| Ok(noncentral_f_upper(at(share), df1, df2, 0.0)? - alpha);
    let critical = at(root(0.0, 1.0 - 1e-15, central)?);
    noncentral_f_upper(critical, df1, df2, ncp)
}

/// The two-sided power of an analysis of covariance with one covariate that correlates with the
/// outcome by `correlation` within arms of `n` each; `effect` is the difference in standard deviations
/// of the outcome.
///
/// Exact for a normal covariate: t with 2n - 3 degrees of freedom whose noncentrality is averaged over
/// the chance imbalance of the covariate, d^2 n/2 / (SS/(2n-2)) being F(1, 2n-2).
pub fn ancova_power(effect: f64, correlation: f64, n: f64, alpha: f64) -> Result<f64> {
    if !(correlation > -1.0 && correlation < 1.0) {
        return Err(StatsError::OutOfRange { value: correlation });
    }
    probability(alpha)?;
    let (df, spread) = (positive(2.0 * n - 3.0)?, 2.0 * n - 2.0);
    let residual = (1.0 - correlation * correlation).sqrt();
    let critical = t_quantile_upper(0.5 * alpha, df)?;
    let given = |imbalance: f64| {
        let variance = 2.0 / n * (1.0 + imbalance * imbalance / spread);
        let ncp = effect / (residual * variance.sqrt());
        noncentral_t_upper(critical, df, ncp) + noncentral_t_upper(critical, df, -ncp)
    };
    finite(effect)?;
    // Even in the imbalance, which is a t variable: half of it, twice.
    let reach = t_quantile_upper(1e-15, spread)?;
    Ok(2.0 * crate::special::integrate(0.0, reach, 1e-10, |x| t_density(x, spread) * given(x)))
}
