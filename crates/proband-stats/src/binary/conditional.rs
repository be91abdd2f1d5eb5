//! Two proportions given both margins: the conditional odds ratio that goes with Fisher's test.

use super::Proportion;
use super::exact::conditional_distribution;
use crate::error::Result;
use crate::estimate::{Interval, Level};
use crate::special::{bisect_decreasing, exp, ln};

/// Logarithms of odds ratios beyond this are 0 or infinity.
const FAR: f64 = 300.0;

/// The odds ratio given the margins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConditionalOddsRatio {
    /// The maximum of the conditional likelihood; 0 or infinite where the observed table is the last
    /// one possible.
    pub value: f64,
    /// The exact interval: the odds ratios that neither one-sided exact test rejects.
    pub interval: Interval,
}

/// The conditional maximum likelihood estimate of the odds ratio with its exact interval (J.
/// Cornfield, Proceedings of the Third Berkeley Symposium 4, 1956; R's `fisher.test`).
///
/// Always defined: without events, or with only events, it is 0 with no limits. Time grows with the
/// number of tables that the margins allow.
pub fn conditional_odds_ratio(
    active: Proportion,
    control: Proportion,
    level: Level,
) -> Result<ConditionalOddsRatio> {
    let tables = Tables::of(active, control);
    let (tail, x) = (level.tail(), active.events());
    let (first, last) = (x == tables.first, x == tables.last());
    let end = |f: &dyn Fn(f64) -> f64| exp(bisect_decreasing(-FAR, FAR, f));
    let value = match (first, last) {
        (true, _) => 0.0,
        (false, true) => f64::INFINITY,
        _ => end(&|log| x as f64 - tables.mean(log)),
    };
    let lower =
        if first { 0.0 } else { end(&|log| tail - tables.share(log, |count| count >= x)) };
    let upper = if last {
        f64::INFINITY
    } else {
        end(&|log| tables.share(log, |count| count <= x) - tail)
    };
    Ok(ConditionalOddsRatio { value, interval: Interval { lower, upper } })
}

/// The tables with the margins given, with the logarithm of each one's probability at odds ratio 1.
struct Tables {
    first: u64,
    logs: Vec<f64>,
}

impl Tables {
    fn of(active: Proportion, control: Proportion) -> Self {
        let (first, probabilities) = conditional_distribution(active, control);
        Self { first, logs: probabilities.into_iter().map(ln).collect() }
    }

    fn last(&self) -> u64 {
        self.first + self.logs.len() as u64 - 1
    }

    /// Each number of events in the active group with its weight at odds ratio exp(log).
    fn weighted(&self, log: f64) -> impl Iterator<Item = (u64, f64)> {
        let exponent = move |(k, value): (usize, &f64)| value + k as f64 * log;
        let top = self.logs.iter().enumerate().map(exponent).fold(f64::NEG_INFINITY, f64::max);
        let first = self.first;
        self.logs
            .iter()
            .enumerate()
            .map(move |(k, value)| (first + k as u64, exp(exponent((k, value)) - top)))
    }

    fn mean(&self, log: f64) -> f64 {
        let (mut total, mut weighted) = (0.0, 0.0);
        for (count, weight) in self.weighted(log) {
            total += weight;
            weighted += weight * count as f64;
        }
        weighted / total
    }

    fn share(&self, log: f64, belongs: impl Fn(u64) -> bool) -> f64 {
        let (mut total, mut inside) = (0.0, 0.0);
        for (count, weight) in self.weighted(log) {
            total += weight;
            inside += if belongs(count) { weight } else { 0.0 };
        }
        inside / total
    }
}
