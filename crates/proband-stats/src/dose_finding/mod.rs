//! Which dose is tolerated: 3+3, BOIN, mTPI and keyboard, CRM, and what they do in repeated trials.
//!
//! Doses are counted from 0, the lowest.

mod boin;
mod crm;
mod interval_rules;
mod simulate;
mod three_plus_three;

pub use boin::{Boin, BoinBounds};
pub use crm::{Crm, CrmEstimate, CrmModel, skeleton};
pub use interval_rules::{Decision, IntervalRule, ThreePlusThreeIntervals, ToxicityIntervals};
pub use simulate::{
    Conduct, DoseCharacteristics, Escalation, MonteCarlo, Next, simulate_doses,
};
pub use three_plus_three::{ThreePlusThree, three_plus_three, three_plus_three_expanded};

use crate::checks::{at_least, probability};
use crate::error::{Result, StatsError};
use crate::special::beta_upper;

/// What was seen at each dose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoseCounts {
    /// Participants treated.
    pub treated: Vec<u64>,
    /// Those with a dose-limiting toxicity.
    pub toxic: Vec<u64>,
}

impl DoseCounts {
    /// Nobody yet, at this many doses.
    pub fn none(doses: usize) -> Self {
        Self { treated: vec![0; doses], toxic: vec![0; doses] }
    }

    /// Checks two columns: equally long, at least one dose, no more toxicities than participants.
    pub fn new(treated: &[u64], toxic: &[u64]) -> Result<Self> {
        at_least(1, treated.len())?;
        crate::checks::same_length(treated.len(), toxic.len())?;
        for (&total, &events) in treated.iter().zip(toxic) {
            if events > total {
                return Err(StatsError::MoreEventsThanObserved { events, total });
            }
        }
        Ok(Self { treated: treated.to_vec(), toxic: toxic.to_vec() })
    }

    /// The number of doses.
    pub fn doses(&self) -> usize {
        self.treated.len()
    }
}

/// P(toxicity > target) with a uniform prior.
fn too_toxic(toxic: u64, treated: u64, target: f64) -> Result<f64> {
    beta_upper(toxic as f64 + 1.0, (treated - toxic) as f64 + 1.0, target)
}

/// The lowest dose that is left for good, or the number of doses where none is: at least three participants and P(toxicity > target) above `cutoff`.
pub fn lowest_eliminated(counts: &DoseCounts, target: f64, cutoff: f64) -> Result<usize> {
    for dose in 0..counts.doses() {
        let (n, y) = (counts.treated[dose], counts.toxic[dose]);
        if n >= 3 && too_toxic(y, n, target)? > cutoff {
            return Ok(dose);
        }
    }
    Ok(counts.doses())
}

/// Every probability strictly between 0 and 1.
fn probabilities(values: &[f64]) -> Result<()> {
    at_least(1, values.len())?;
    for value in values {
        probability(*value)?;
    }
    Ok(())
}
