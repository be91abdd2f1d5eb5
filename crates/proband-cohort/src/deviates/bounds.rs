//! From bounds on a parameter's value to bounds on its deviate.

use proband_math::{exp, expit, ln, logit};

/// How a deviate moves a parameter away from its typical value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// Multiplies by `exp(eta)`.
    Factor,
    /// Adds `eta`.
    Shift,
    /// Multiplies by `1 + eta`.
    Proportion,
    /// Adds `eta` on the logit.
    Logit,
}

impl Move {
    /// A value moved by a deviate.
    pub(super) fn value(self, centre: f64, eta: f64) -> f64 {
        match self {
            Self::Factor => centre * exp(eta),
            Self::Shift => centre + eta,
            Self::Proportion => centre * (1.0 + eta),
            Self::Logit => expit(logit(centre) + eta),
        }
    }

    /// The deviates that keep the value between `lower` and `upper`, where the typical value is
    /// `centre`; NaN where none does, and where the centre is none that this move can leave.
    pub(super) fn deviates(self, centre: f64, lower: f64, upper: f64) -> (f64, f64) {
        let bounds = |low: f64, high: f64| match self {
            Self::Factor => (log_ratio(low, centre), log_ratio(high, centre)),
            Self::Shift => (low - centre, high - centre),
            Self::Proportion => (low / centre - 1.0, high / centre - 1.0),
            Self::Logit => (logit_of(low) - logit(centre), logit_of(high) - logit(centre)),
        };
        match self {
            // Away from a negative value a larger deviate leads downwards.
            Self::Factor | Self::Proportion if centre < 0.0 => bounds(upper, lower),
            // A value of zero is not moved at all.
            Self::Factor | Self::Proportion if centre == 0.0 => {
                let stays = lower <= 0.0 && 0.0 <= upper;
                if stays { (f64::NEG_INFINITY, f64::INFINITY) } else { (f64::NAN, f64::NAN) }
            }
            _ => bounds(lower, upper),
        }
    }
}

/// `ln(bound / centre)`, with minus infinity for a bound on the other side of zero, which no factor
/// can reach.
fn log_ratio(bound: f64, centre: f64) -> f64 {
    let ratio = bound / centre;
    if ratio <= 0.0 { f64::NEG_INFINITY } else { ln(ratio) }
}

/// The logit, infinite at the ends of (0, 1) and beyond them.
fn logit_of(bound: f64) -> f64 {
    if bound <= 0.0 {
        f64::NEG_INFINITY
    } else if bound >= 1.0 {
        f64::INFINITY
    } else {
        logit(bound)
    }
}
