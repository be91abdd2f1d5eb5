//! The stages of a participant's path.

use super::person::Person;
use crate::plan::Plan;
use proband_trial::Encounter;

/// A stretch of a participant's path that is integrated in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Up to the visit that decides on eligibility.
    Screening,
    /// From there to day 1.
    RunIn,
    /// From day 1 to the end of follow-up, or a period of it: the first is 0.
    Treatment(usize),
}

impl Stage {
    /// When it begins for a person, in days.
    pub(crate) fn begin(self, plan: &Plan<'_>, person: &Person) -> f64 {
        match self {
            Self::Screening => plan.start,
            Self::RunIn => person.until,
            Self::Treatment(period) => plan.periods[period],
        }
    }

    /// Whether a planned visit belongs to it. The visit of day 1 comes before what day 1 brings.
    pub(crate) fn holds(self, plan: &Plan<'_>, encounter: &Encounter) -> bool {
        match self {
            Self::Screening => encounter.day <= plan.screening,
            Self::RunIn => encounter.day > plan.screening && encounter.day <= 0.0,
            Self::Treatment(period) => {
                encounter.day > 0.0 && plan.period_of(encounter, encounter.day) == period
            }
        }
    }

    /// When it ends, in days, given the last of its visits.
    pub(crate) fn end(self, plan: &Plan<'_>, last_visit: f64) -> f64 {
        match self {
            Self::Screening => plan.screening.max(last_visit),
            Self::RunIn => 0.0,
            Self::Treatment(_) => match self.latest(plan) {
                border if border.is_finite() => border,
                _ => plan.end.max(last_visit),
            },
        }
    }

    /// The day that no visit of the stage may be after.
    pub(crate) fn latest(self, plan: &Plan<'_>) -> f64 {
        match self {
            Self::Screening | Self::RunIn => 0.0,
            Self::Treatment(period) => plan.period(period).1,
        }
    }

    /// Whether it is treatment.
    pub(crate) fn is_treatment(self) -> bool {
        matches!(self, Self::Treatment(_))
    }
}
