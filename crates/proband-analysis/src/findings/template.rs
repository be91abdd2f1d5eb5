//! Findings that have most of their columns in common.

use crate::finding::{Category, Finding, StatisticName};
use proband_stats::{Effect, Estimate, Interval, Level, RatioEffect, StatsError};

/// What several findings share, and where they go.
#[derive(Clone, Debug)]
pub(super) struct Template {
    blank: Finding,
}

/// The numbers of a finding.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Value {
    pub(super) estimate: Option<f64>,
    pub(super) standard_error: Option<f64>,
    pub(super) interval: Option<Interval>,
    pub(super) p: Option<f64>,
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self { estimate: Some(value), ..Self::default() }
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::from(value as f64)
    }
}

impl From<Estimate> for Value {
    fn from(of: Estimate) -> Self {
        Self {
            estimate: Some(of.value),
            standard_error: Some(of.se),
            interval: Some(Interval { lower: of.lower, upper: of.upper }),
            p: None,
        }
    }
}

impl From<Effect> for Value {
    fn from(of: Effect) -> Self {
        Self { p: Some(of.p), ..Self::from(of.estimate) }
    }
}

impl From<RatioEffect> for Value {
    fn from(of: RatioEffect) -> Self {
        Self {
            estimate: Some(of.value),
            standard_error: Some(of.log.estimate.se),
            interval: Some(Interval { lower: of.lower, upper: of.upper }),
            p: Some(of.log.p),
        }
    }
}

impl Value {
    pub(super) fn with_interval(self, interval: Interval) -> Self {
        Self { interval: Some(interval), ..self }
    }

    pub(super) fn with_p(self, p: Option<f64>) -> Self {
        Self { p, ..self }
    }

    /// In another unit.
    pub(super) fn times(self, factor: f64) -> Self {
        let scaled = |value: Option<f64>| value.map(|v| factor * v);
        Self {
            estimate: scaled(self.estimate),
            standard_error: scaled(self.standard_error),
            interval: self
                .interval
                .map(|i| Interval { lower: factor * i.lower, upper: factor * i.upper }),
            p: self.p,
        }
    }
}

/// A value, or why there is none.
pub(super) type Computed = Result<Value, String>;

/// A group with what tells some of its findings apart.
pub(super) fn told_apart(group: Option<String>, by: &str) -> String {
    group.map_or_else(|| by.to_owned(), |group| format!("{group}, {by}"))
}

/// The reason in words.
pub(super) fn reason(error: StatsError) -> String {
    error.to_string()
}

impl Template {
    pub(super) fn new(category: Category, analysis: &str, method: &str) -> Self {
        Self {
            blank: Finding {
                analysis: analysis.to_owned(),
                method: method.to_owned(),
                ..Finding::blank(category)
            },
        }
    }

    /// The same with some columns changed.
    pub(super) fn with(&self, change: impl FnOnce(&mut Finding)) -> Self {
        let mut changed = self.clone();
        change(&mut changed.blank);
        changed
    }

    pub(super) fn arm(&self, title: &str) -> Self {
        self.with(|f| f.arm = Some(title.to_owned()))
    }

    pub(super) fn unit(&self, unit: Option<String>) -> Self {
        self.with(|f| f.unit = unit)
    }

    /// One finding. A number that is not one is no estimate, whatever computed it.
    pub(super) fn finding(&self, statistic: StatisticName, value: Computed) -> Finding {
        let mut finding = self.blank.clone();
        finding.statistic = statistic;
        match value {
            Ok(value) => fill(&mut finding, value),
            Err(note) => finding.note = Some(note),
        }
        if finding.p_value.is_none() && finding.lower.is_none() {
            finding.level = None;
        }
        finding
    }

    /// The level of intervals to come.
    pub(super) fn level(&self, level: Level) -> Self {
        self.with(|f| f.level = Some(level.value()))
    }
}

fn fill(finding: &mut Finding, value: Value) {
    let number = |v: Option<f64>| v.filter(|v| !v.is_nan());
    if value.estimate.is_some() && number(value.estimate).is_none() {
        finding.note = Some("not a number".to_owned());
    }
    finding.estimate = number(value.estimate);
    finding.standard_error = number(value.standard_error);
    finding.lower = number(value.interval.map(|i| i.lower));
    finding.upper = number(value.interval.map(|i| i.upper));
    finding.p_value = number(value.p);
}
