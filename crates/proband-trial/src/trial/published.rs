//! Published figures.

use proband_lang::Unit;

/// `[[published]]`.
#[derive(Clone, Debug)]
pub struct Published {
    /// What it is a figure of.
    pub of: PublishedOf,
    /// Which statistic.
    pub statistic: Statistic,
    /// By arm (position) or time point.
    pub values: Vec<(PublishedKey, f64)>,
    /// Unit of the values, if they have one.
    pub unit: Option<Unit>,
    /// Grade at least.
    pub grade: Option<u8>,
    /// Half-width that counts as agreement, in the values' unit.
    pub within: f64,
    /// Where it is published.
    pub source: String,
}

/// What a published figure is of, with its position in the list of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum PublishedOf {
    Analysis(usize),
    Endpoint(usize),
    AdverseEvent(usize),
    Observable(usize),
}

/// What a published value belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PublishedKey {
    /// An arm.
    Arm(usize),
    /// A planned time.
    Day(f64),
}

/// A statistic of a published figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// The estimate of a comparison with the reference arm.
    Estimate,
    /// A mean by arm.
    Mean,
    /// A percentage by arm.
    Percent,
    /// A median by arm.
    Median,
    /// The true value of an observable at planned times (one participant, or the mean over all).
    Truth,
}
