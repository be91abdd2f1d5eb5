//! Epochs and encounters.

use crate::{Expression, Repeated};

/// `[epoch.ID]`.
#[derive(Clone, Debug)]
pub struct Epoch {
    /// The id.
    pub id: String,
    /// The title, or the id.
    pub title: String,
    /// The kind.
    pub kind: EpochKind,
    /// When it starts.
    pub from: f64,
    /// When it ends.
    pub to: f64,
    /// A condition of the seen context: a participant for whom it holds after a visit goes on with the
    /// next epoch.
    pub until: Option<Expression>,
    /// A condition of the seen context, of an epoch before day 1: only participants for whom it holds at its
    /// end go on.
    pub continues: Option<Expression>,
    /// Regimens given to every arm in it (positions in `Trial::regimens`).
    pub regimens: Vec<usize>,
}

/// The kind of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words of the protocol")]
pub enum EpochKind {
    Screening,
    RunIn,
    Treatment,
    Washout,
    FollowUp,
}

/// A planned visit.
#[derive(Clone, Debug)]
pub struct Encounter {
    /// Planned time; NaN of a further visit that a rule asks for.
    pub day: f64,
    /// AVISIT: "Week 24", "Baseline", "Day -7", "Follow-up Week 1".
    pub label: String,
    /// AVISITN: the planned time in weeks (24 for `Week 24`, 1 for `Day 8`).
    pub number: f64,
    /// Position in `Trial::epochs`.
    pub epoch: usize,
    /// Positions in `Trial::observables`, increasing.
    pub observe: Vec<usize>,
    /// The actual time is uniform between planned + low and planned + high.
    pub window: Option<(f64, f64)>,
    /// Chance that the visit is not attended (truth context), a share from 0 to 1.
    pub missing: Option<Expression>,
    /// In a later period of a crossover: the visit of the first period that it repeats.
    pub repeats: Option<Repeated>,
}

impl Encounter {
    /// The planned time of a visit that took place on a day: a further visit is planned for when it takes
    /// place.
    #[must_use]
    pub fn planned(&self, day: f64) -> f64 {
        if self.day.is_nan() { day } else { self.day }
    }
}
