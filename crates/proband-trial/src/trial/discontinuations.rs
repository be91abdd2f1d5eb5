//! `[discontinuation.ID]`.

use crate::Expression;

/// What makes participants stop treatment or leave the trial before its end.
#[derive(Clone, Debug)]
pub struct Discontinuation {
    /// The id.
    pub id: String,
    /// What they leave.
    pub from: DiscontinuedFrom,
    /// What brings it about.
    pub cause: DiscontinuationCause,
    /// Share of those who stop treatment that stays for visits.
    pub retained: f64,
    /// Arms in which it happens (positions); all where empty.
    pub arms: Vec<usize>,
    /// DCTREAS, DCSREAS.
    pub reason: String,
}

impl Discontinuation {
    /// Whether it happens in an arm.
    #[must_use]
    pub fn is_in(&self, arm: usize) -> bool {
        self.arms.is_empty() || self.arms.contains(&arm)
    }
}

/// What a discontinuation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscontinuedFrom {
    /// Doses; visits go on.
    Treatment,
    /// Doses and visits.
    Trial,
}

/// What brings a discontinuation about.
#[derive(Clone, Debug)]
pub enum DiscontinuationCause {
    /// A rate per day (truth context).
    Hazard(Expression),
    /// A share per attended encounter (truth context).
    Probability(Expression),
    /// A condition of the seen context, asked after each attended encounter.
    When(Expression),
}
