//! Adjustment for a prognostic score, such as each participant's own prediction under control.
//!
//! A covariate measured before randomisation that correlates with the outcome takes its share out of
//! the variance of the estimate. The score may be any number known before treatment: a baseline, or
//! what a digital twin predicts (A. Schuler et al., International Journal of Biostatistics 18, 2022;
//! EMA qualification opinion on PROCOVA, 2022).

use crate::checks::{all_finite, at_least, mean, positive, probability, same_length, sum};
use crate::error::{Result, StatsError};
use crate::estimate::{Effect, Level};
use crate::linear::{Heteroscedastic, LinearFit, ols, ols_robust};
use crate::special::{normal_quantile, normal_quantile_upper, normal_upper};

/// The difference of two arms adjusted for a score.
#[derive(Debug, Clone)]
pub struct Adjusted {
    /// The linear model; coefficient 1 is the difference of active less control.
    pub model: LinearFit,
    columns: Vec<Vec<f64>>,
    response: Vec<f64>,
}

impl Adjusted {
    /// The difference with the model's own standard error.
    pub fn difference(&self, level: Level) -> Result<Effect> {
        self.model.effect(1, level)
    }

    /// The difference with a standard error that holds whether or not the model is true.
    pub fn robust_difference(&self, kind: Heteroscedastic, level: Level) -> Result<Effect> {
        let columns: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        ols_robust(&columns, &self.response, kind)?.effect(1, level)
    }
}

/// How the score enters the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreEffect {
    /// One slope for both arms (analysis of covariance).
    Common,
    /// A slope for each arm, about the mean over both, so that the difference remains the average
    /// one (W. Lin, Annals of Applied Statistics 7, 2013).
    ByArm,
}

/// Adjusts the difference of `response` between arms for `score`, known before treatment.
///
/// Columns are equally long. Fails where [`ols`] does: an empty arm or a constant score among them.
pub fn adjusted(
    response: &[f64],
    active: &[bool],
    score: &[f64],
    effect: ScoreEffect,
) -> Result<Adjusted> {
    same_length(response.len(), active.len())?;
    same_length(response.len(), score.len())?;
    all_finite(score)?;
    at_least(1, score.len())?;
    let arm: Vec<f64> = active.iter().map(|&a| f64::from(u8::from(a))).collect();
    let centre = mean(score)?;
    let centred: Vec<f64> = score.iter().map(|s| s - centre).collect();
    let product = arm.iter().zip(&centred).map(|(a, s)| a * s).collect();
    let mut columns = vec![arm, centred];
    if effect == ScoreEffect::ByArm {
        columns.push(product);
    }
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let model = ols(&slices, response)?;
    Ok(Adjusted { model, columns, response: response.to_vec() })
}

/// Pearson's correlation. Fails below two pairs and where either column is constant.
pub fn correlation(x: &[f64], y: &[f64]) -> Result<f64> {
    let (xx, xy, yy) = products(x, y)?;
    if xx <= 0.0 || yy <= 0.0 {
        return Err(StatsError::ZeroVariance);
    }
    Ok((xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0))
}

/// The share of the variance within arms that the score explains with one slope for both arms, which is
/// the share by which adjustment lowers the variance of the difference.
///
/// Fails for an empty arm and where score or response does not vary within arms.
pub fn explained_within_arms(response: &[f64], active: &[bool], score: &[f64]) -> Result<f64> {
    same_length(response.len(), active.len())?;
    same_length(response.len(), score.len())?;
    let mut within = [0.0; 3];
    for arm in [false, true] {
        let own = |column: &[f64]| -> Vec<f64> {
            column.iter().zip(active).filter(|(_, a)| **a == arm).map(|(v, _)| *v).collect()
        };
        let (xx, xy, yy) = products(&own(score), &own(response))?;
        within = [within[0] + xx, within[1] + xy, within[2] + yy];
    }
    let [xx, xy, yy] = within;
    if xx <= 0.0 || yy <= 0.0 {
        return Err(StatsError::ZeroVariance);
    }
    Ok(xy / xx * (xy / yy))
}

/// Centred sums of squares and products.
fn products(x: &[f64], y: &[f64]) -> Result<(f64, f64, f64)> {
    same_length(x.len(), y.len())?;
    at_least(2, x.len())?;
    all_finite(x)?;
    all_finite(y)?;
    let (mx, my) = (mean(x)?, mean(y)?);
    let pairs = || x.iter().zip(y).map(|(a, b)| (a - mx, b - my));
    Ok((
        sum(pairs().map(|(a, _)| a * a)),
        sum(pairs().map(|(a, b)| a * b)),
        sum(pairs().map(|(_, b)| b * b)),
    ))
}

/// A comparison of two equally large arms that is being planned, with a score whose correlation with
/// the outcome within arms is `correlation`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdjustedPlan {
    /// The difference to be detected.
    pub difference: f64,
    /// The standard deviation of the outcome within arms.
    pub sd: f64,
    /// The correlation of score and outcome within arms, the same in both.
    pub correlation: f64,
    /// The two-sided level of the test.
    pub alpha: f64,
}

impl AdjustedPlan {
    /// The share of the variance that adjustment takes away: correlation^2.
    pub fn variance_reduction(&self) -> f64 {
        self.correlation * self.correlation
    }

    /// Participants of each arm, not rounded: 2 (z_alpha/2 + z_power)^2 sd^2 (1 - r^2) / difference^2.
    ///
    /// Fails for a power not between alpha/2 and 1, and parameters outside their ranges.
    pub fn arm_size(&self, power: f64) -> Result<f64> {
        self.check()?;
        if !(power > 0.5 * self.alpha && power < 1.0) {
            return Err(StatsError::OutOfRange { value: power });
        }
        let reach = normal_quantile_upper(0.5 * self.alpha)? + normal_quantile(power)?;
        let ratio = reach * self.residual_sd() / self.difference;
        Ok(2.0 * ratio * ratio)
    }

    /// The power with `arm_size` participants in each arm:
    /// Phi(difference / (sd sqrt(1 - r^2) sqrt(2/n)) - z_alpha/2).
    pub fn power(&self, arm_size: f64) -> Result<f64> {
        self.check()?;
        let se = self.residual_sd() * (2.0 / positive(arm_size)?).sqrt();
        let z = normal_quantile_upper(0.5 * self.alpha)?;
        Ok(normal_upper(z - self.difference.abs() / se))
    }

    fn residual_sd(&self) -> f64 {
        self.sd * (1.0 - self.variance_reduction()).sqrt()
    }

    fn check(&self) -> Result<()> {
        positive(self.sd)?;
        positive(self.difference.abs())?;
        if !(self.correlation > -1.0 && self.correlation < 1.0) {
            return Err(StatsError::OutOfRange { value: self.correlation });
        }
        probability(self.alpha).map(|_| ())
    }
}
