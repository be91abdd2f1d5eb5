//! Sample size and power, before a trial.
//!
//! Sizes are real numbers, as the formulas give them; [`Sizes::whole`] rounds up. Levels are one-sided
//! (0.025 where a two-sided test is at 5 %) unless a function asks for [`Sides`](crate::sequential::Sides).

mod assurance;
mod counts;
mod equivalence;
mod exact;
mod looks;
mod mams;
mod means;
mod proportions;
mod re_estimation;
mod survival;
mod two_stage;

pub use assurance::{assurance, normal_assurance};
pub use counts::{negative_binomial_power, negative_binomial_size};
pub use equivalence::{
    CrossoverEquivalence, crossover_equivalence_power, crossover_equivalence_size,
};
pub use exact::{ExactTest, exact_power};
pub use looks::{
    SequentialMeans, SequentialRates, SequentialSurvival, sequential_means, sequential_rates,
    sequential_survival,
};
pub use mams::{ArmBoundary, ArmsDesign, ArmsPlan, effect_of_superiority};
pub use means::{
    ancova_power, anova_power, one_sample_t_power, t_test_power, t_test_size, z_test_size,
};
pub use proportions::{NullVariance, ProportionFormula, margin_size, proportions_size};
pub use re_estimation::{
    BlindedVariance, PromisingZone, SecondStage, TwoStagePlan, blinded_rate_size,
    blinded_variance, promising_zone,
};
pub use survival::{
    EventFormula, ExponentialTrial, SurvivalSize, events_needed, lachin_foulkes_size,
    log_rank_power,
};
pub use two_stage::{SimonDesign, SimonOptimum, SimonPlan, simon_designs};

use crate::checks::{positive, probability};
use crate::error::{Result, StatsError};
use crate::special::{normal_quantile, normal_quantile_upper};

/// What a trial should reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal {
    /// The one-sided type I error.
    pub alpha: f64,
    /// The probability to reject if the effect is as assumed.
    pub power: f64,
}

impl Goal {
    /// z_alpha and z_beta, after a check that both are probabilities.
    pub(crate) fn deviates(self) -> Result<(f64, f64)> {
        probability(2.0 * self.alpha)?;
        Ok((normal_quantile_upper(self.alpha)?, normal_quantile(self.power)?))
    }
}

/// Participants in each arm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sizes {
    /// In the active arm.
    pub active: f64,
    /// In the control arm.
    pub control: f64,
}

impl Sizes {
    /// `ratio` active participants for each of `control`.
    pub(crate) fn of(control: f64, ratio: f64) -> Self {
        Self { active: control * ratio, control }
    }

    /// Both arms.
    pub fn total(self) -> f64 {
        self.active + self.control
    }

    /// Rounded up, arm by arm.
    pub fn whole(self) -> [u64; 2] {
        [self.active.ceil() as u64, self.control.ceil() as u64]
    }
}

/// An effect that is there and an allocation that gives participants to both arms.
fn effect_and_ratio(effect: f64, ratio: f64) -> Result<()> {
    positive(effect.abs())?;
    positive(ratio).map(|_| ())
}

/// The smallest size above `low` that is `enough`, by doubling from `first` and then halving: once
/// enough, larger sizes are too. Fails where none of the sizes tried up to `most` is.
fn smallest_size(
    mut low: u64,
    first: u64,
    most: u64,
    enough: impl Fn(u64) -> Result<bool>,
) -> Result<u64> {
    let mut high = first;
    while !enough(high)? {
        (low, high) = (high, 2 * high);
        if high > most {
            return Err(StatsError::NoSolution);
        }
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if enough(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}
