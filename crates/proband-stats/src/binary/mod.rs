//! Proportions: one, two, and two in strata.

mod conditional;
mod difference;
mod exact;
mod one_sample;
mod ratios;
mod score;
mod stratified;
mod trend;

pub use conditional::{ConditionalOddsRatio, conditional_odds_ratio};
pub use difference::{
    NumberNeeded, agresti_caffo, newcombe, number_needed, risk_difference,
    risk_difference_corrected,
};
pub use exact::{FisherTest, chi_square, chi_square_n_minus_1, fisher_exact, likelihood_ratio};
pub use one_sample::{
    BinomialTest, agresti_coull, binomial_test, clopper_pearson, jeffreys, mid_p, wald, wilson,
    wilson_corrected,
};
pub use ratios::{odds_ratio, risk_ratio};
pub use score::{
    mee, miettinen_nurminen, miettinen_nurminen_odds_ratio, miettinen_nurminen_risk_ratio,
    miettinen_nurminen_test,
};
pub use stratified::{
    Homogeneity, Stratum, breslow_day, cochran_difference, cochran_mantel_haenszel,
    exact_stratified_test, mantel_haenszel_difference, mantel_haenszel_odds_ratio,
    mantel_haenszel_risk_ratio, stratified_miettinen_nurminen, stratified_newcombe,
};
pub use trend::cochran_armitage;

use crate::checks::countable;
use crate::error::{Result, StatsError};

/// Events among units observed: at least one unit, and no more events than units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proportion {
    events: u64,
    total: u64,
}

impl Proportion {
    /// `events` of `total`; fails for no units, for more events than units, and above 2^53 units.
    pub fn new(events: u64, total: u64) -> Result<Self> {
        if total == 0 {
            return Err(StatsError::TooFew { needed: 1, found: 0 });
        }
        if events > total {
            return Err(StatsError::MoreEventsThanObserved { events, total });
        }
        Ok(Self { events, total: countable(total)? })
    }

    /// Counts the events among flags.
    pub fn count(events: &[bool]) -> Result<Self> {
        Self::new(events.iter().filter(|&&e| e).count() as u64, events.len() as u64)
    }

    /// The number of events.
    pub fn events(self) -> u64 {
        self.events
    }

    /// The number of units.
    pub fn total(self) -> u64 {
        self.total
    }

    /// The proportion of units with the event.
    pub fn value(self) -> f64 {
        self.x() / self.n()
    }

    fn without(self) -> u64 {
        self.total - self.events
    }

    fn x(self) -> f64 {
        self.events as f64
    }

    fn n(self) -> f64 {
        self.total as f64
    }

    /// p(1-p)/n.
    fn variance(self) -> f64 {
        self.x() * self.without() as f64 / (self.n() * self.n() * self.n())
    }
}

/// Some unit had the event and some had not, over both groups.
fn both_outcomes(a: Proportion, b: Proportion) -> Result<()> {
    if a.events + b.events == 0 {
        return Err(StatsError::NoEvents);
    }
    if a.without() + b.without() == 0 {
        return Err(StatsError::OnlyEvents);
    }
    Ok(())
}
