//! How much of an error probability may be used up at a share of the information.

use crate::checks::{finite, positive, probability, share};
use crate::error::Result;
use crate::special::{expm1, ln_1p, normal_quantile_upper, normal_upper, pow};

/// A spending function: cumulative error at an information fraction (K. Lan & D. DeMets, Biometrika
/// 70, 1983).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spending {
    /// 2 - 2 Phi(z_{a/2} / sqrt t): like O'Brien and Fleming's boundary.
    OBrienFleming,
    /// a ln(1 + (e - 1) t): like Pocock's boundary.
    Pocock,
    /// a t^rho (K. Kim & D. DeMets, Biometrika 74, 1987).
    KimDeMets {
        /// The power, above 0.
        rho: f64,
    },
    /// a (1 - e^(-gamma t)) / (1 - e^(-gamma)); a t for gamma 0 (I. Hwang, W. Shih & J. de Cani,
    /// Statistics in Medicine 9, 1990).
    HwangShihDeCani {
        /// Negative spends late, positive spends early.
        gamma: f64,
    },
}

impl Spending {
    /// What of `total` is spent at `fraction` of the information; all of it from 1 on.
    ///
    /// Fails unless 0 < `total` < 1 and 0 <= `fraction`, or for a power that is not positive.
    pub fn spent(self, total: f64, fraction: f64) -> Result<f64> {
        probability(total)?;
        let t = share(fraction.min(1.0))?;
        if t >= 1.0 {
            return Ok(total);
        }
        Ok(match self {
            Self::OBrienFleming => {
                2.0 * normal_upper(normal_quantile_upper(0.5 * total)? / t.sqrt())
            }
            Self::Pocock => total * ln_1p((std::f64::consts::E - 1.0) * t),
            Self::KimDeMets { rho } => total * pow(t, positive(rho)?),
            Self::HwangShihDeCani { gamma } if finite(gamma)?.abs() < 1e-12 => total * t,
            Self::HwangShihDeCani { gamma } => total * expm1(-gamma * t) / expm1(-gamma),
        })
    }
}
