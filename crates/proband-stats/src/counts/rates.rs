//! Rates of events per unit of exposure, alone and compared.

use crate::binary::{Proportion, clopper_pearson};
use crate::checks::{countable, positive};
use crate::error::{Result, StatsError};
use crate::estimate::{Effect, Estimate, Interval, Level, RatioEffect, Reference};
use crate::special::{binomial_two_sided, exp, gamma_quantile_lower, gamma_quantile_upper, ln};

/// A number of events and the exposure (person-time) in which they were counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventRate {
    events: u64,
    exposure: f64,
}

impl EventRate {
    /// `events` in `exposure`; fails above 2^53 events and unless the exposure is positive and finite.
    pub fn new(events: u64, exposure: f64) -> Result<Self> {
        Ok(Self { events: countable(events)?, exposure: positive(exposure)? })
    }

    /// The number of events.
    pub fn events(self) -> u64 {
        self.events
    }

    /// The exposure.
    pub fn exposure(self) -> f64 {
        self.exposure
    }

    /// Events per unit of exposure.
    pub fn value(self) -> f64 {
        self.events as f64 / self.exposure
    }
}

/// The exposure-adjusted incidence rate x/T with standard error sqrt(x)/T and the exact interval.
pub fn rate(rate: EventRate, level: Level) -> Result<Estimate> {
    let Interval { lower, upper } = exact_rate_interval(rate, level)?;
    let se = (rate.events as f64).sqrt() / rate.exposure;
    Ok(Estimate { value: rate.value(), se, lower, upper })
}

/// The exact Poisson interval: Gamma quantiles G(a/2; x)/T and G(1-a/2; x+1)/T, with lower end 0
/// for x = 0 (F. Garwood, Biometrika 28, 1936).
pub fn exact_rate_interval(rate: EventRate, level: Level) -> Result<Interval> {
    let (x, tail) = (rate.events as f64, level.tail());
    let lower = if rate.events == 0 { 0.0 } else { gamma_quantile_lower(tail, x)? };
    let upper = gamma_quantile_upper(tail, x + 1.0)?;
    Ok(Interval { lower: lower / rate.exposure, upper: upper / rate.exposure })
}

/// The interval of a rate by the normal approximation of its logarithm, Var ln = 1/x. Fails without
/// events.
pub fn log_rate_interval(rate: EventRate, level: Level) -> Result<Interval> {
    if rate.events == 0 {
        return Err(StatsError::NoEvents);
    }
    let half = level.z()? / (rate.events as f64).sqrt();
    Ok(Interval { lower: rate.value() * exp(-half), upper: rate.value() * exp(half) })
}

/// The difference of two rates with variance x1/T1^2 + x2/T2^2 (Wald). Fails without any event.
pub fn rate_difference(active: EventRate, control: EventRate, level: Level) -> Result<Effect> {
    if active.events + control.events == 0 {
        return Err(StatsError::NoEvents);
    }
    let part = |r: EventRate| r.value() / r.exposure;
    let se = (part(active) + part(control)).sqrt();
    Effect::wald(active.value() - control.value(), se, Reference::Normal, level)
}

/// The ratio of two rates with Var ln = 1/x1 + 1/x2. Fails where either has no event.
pub fn rate_ratio(active: EventRate, control: EventRate, level: Level) -> Result<RatioEffect> {
    if active.events == 0 || control.events == 0 {
        return Err(StatsError::NoEvents);
    }
    let se = (1.0 / active.events as f64 + 1.0 / control.events as f64).sqrt();
    let log = ln(active.value() / control.value());
    Ok(Effect::wald(log, se, Reference::Normal, level)?.ratio())
}

/// A rate ratio with inference conditional on the total number of events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExactRateRatio {
    /// The ratio; infinite where the control group had no event.
    pub value: f64,
    /// The exact interval, from Clopper and Pearson's.
    pub interval: Interval,
    /// The exact two-sided p-value of a ratio of 1: all splits no more probable than the observed.
    pub p: f64,
}

/// The ratio of two Poisson rates given their total: the events of the active group are binomial
/// with odds ratio T1/T2 (E. L. Lehmann, *Testing Statistical Hypotheses*, section 4.5).
///
/// Fails without any event.
pub fn exact_rate_ratio(
    active: EventRate,
    control: EventRate,
    level: Level,
) -> Result<ExactRateRatio> {
    let total = active.events + control.events;
    if total == 0 {
        return Err(StatsError::NoEvents);
    }
    let share = clopper_pearson(Proportion::new(active.events, total)?, level)?;
    let odds_to_ratio = |p: f64| {
        if p >= 1.0 {
            f64::INFINITY
        } else {
            p / (1.0 - p) * control.exposure / active.exposure
        }
    };
    let interval =
        Interval { lower: odds_to_ratio(share.lower), upper: odds_to_ratio(share.upper) };
    let null = active.exposure / (active.exposure + control.exposure);
    Ok(ExactRateRatio {
        value: if control.events == 0 {
            f64::INFINITY
        } else {
            active.value() / control.value()
        },
        interval,
        p: binomial_two_sided(active.events, total, null)?,
    })
}
