//! Power averaged over what is believed of the effect.

use crate::checks::{finite, positive, probability};
use crate::error::{Result, StatsError};
use crate::sequential::NormalPrior;
use crate::special::{normal_density, normal_lower, normal_quantile_upper, panels};

/// The probability of success, `power(effect)` averaged over a normal prior of the effect (A. O'Hagan, J.
/// Stevens & M. Campbell, Pharmaceutical Statistics 4, 2005), by quadrature over 8 standard deviations.
///
/// Fails for a prior without information, and where `power` does.
pub fn assurance(prior: NormalPrior, power: impl Fn(f64) -> Result<f64>) -> Result<f64> {
    let sd = 1.0 / positive(prior.information)?.sqrt();
    finite(prior.mean)?;
    let mut total = 0.0;
    for (x, weight) in panels(-8.0, 8.0, 1.0) {
        total += weight * normal_density(x) * power(prior.mean + sd * x)?;
    }
    Ok(total)
}

/// [`assurance`] of a one-sided Z test with this information in closed form:
/// Phi((m sqrt I - z_alpha) / sqrt(1 + I/I_0)).
pub fn normal_assurance(prior: NormalPrior, information: f64, alpha: f64) -> Result<f64> {
    probability(2.0 * alpha)?;
    if prior.information <= 0.0 {
        return Err(StatsError::OutOfRange { value: prior.information });
    }
    let gain = finite(prior.mean)? * positive(information)?.sqrt();
    let spread = (1.0 + information / positive(prior.information)?).sqrt();
    Ok(normal_lower((gain - normal_quantile_upper(alpha)?) / spread))
}
