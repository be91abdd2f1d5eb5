//! Adverse events.

use crate::Expression;

/// `[adverse_event.ID]`.
#[derive(Clone, Debug)]
pub struct AdverseEvent {
    /// The id.
    pub id: String,
    /// AEDECOD.
    pub term: String,
    /// AEBODSYS.
    pub body_system: String,
    /// What brings it about.
    pub cause: Cause,
    /// Shares of grade 1, 2, ...; empty with `Cause::Grades`.
    pub severity: Vec<f64>,
    /// Mean of the exponential duration in days; none lasts to the end.
    pub lasts: Option<f64>,
    /// Whether it can happen again once it has ended.
    pub recurs: bool,
    /// Share that is serious.
    pub serious: f64,
    /// Share that the trial learns of.
    pub reported: f64,
    /// Learned of at the next attended encounter rather than at once.
    pub found_at_encounter: bool,
    /// Arms in which it happens (positions); all where empty.
    pub arms: Vec<usize>,
}

impl AdverseEvent {
    /// Whether it happens in an arm; before randomisation there is none.
    #[must_use]
    pub fn is_in(&self, arm: Option<usize>) -> bool {
        self.arms.is_empty() || arm.is_some_and(|arm| self.arms.contains(&arm))
    }
}

/// What brings an adverse event about.
#[derive(Clone, Debug)]
pub enum Cause {
    /// An event of a model: model, and position in its events; or a hazard of a model.
    ModelEvent(ModelHappening),
    /// A rate per day (truth context).
    Hazard(Expression),
    /// A share per attended encounter (truth context).
    Probability(Expression),
    /// Conditions for grade 1, 2, ...: of the truth (for `truth_events`) and of the records (for
    /// `adae`). The grade is that of the highest condition that holds.
    Grades {
        /// Over true values.
        truth: Vec<Expression>,
        /// Over records.
        seen: Vec<Expression>,
    },
}

/// An event or hazard of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModelHappening {
    /// Model, position in its events.
    Event(usize, usize),
    /// Model, position in its hazards.
    Hazard(usize, usize),
}
