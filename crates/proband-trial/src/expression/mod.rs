//! Expressions of a trial: what their names and functions mean in each context.

mod calls;
mod events;
mod looks;
mod names;
mod periods;
mod quantities;
mod records;
mod scope;
mod target;

pub(crate) use looks::{AnalysisName, EndpointName, LookNames, LookScope};
pub(crate) use names::{CovariateName, Names, RegimenName};
pub(crate) use quantities::{EveryVisit, Quantities, above_0};
pub(crate) use scope::{RESERVED, TrialScope};
pub(crate) use target::{Target, check, check_at_look, condition, in_unit};

/// Who asks, which decides what may be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    /// Deriving a covariate: other covariates.
    Draw,
    /// Screening and stratification: covariates and the records of a visit.
    Screening,
    /// Doses: what the trial saw up to now.
    Dosing,
    /// Rules: the same.
    Seen,
    /// Nature: true values.
    Truth,
    /// The whole record of one participant.
    Endpoint,
}

impl Context {
    /// Who asks, in a message.
    fn who(self) -> &'static str {
        match self {
            Self::Draw => "a derived covariate",
            Self::Screening => "a screening visit",
            Self::Dosing => "a dose",
            Self::Seen => "a rule",
            Self::Truth => "nature",
            Self::Endpoint => "an endpoint",
        }
    }

    /// Where it asks, in a message.
    fn place(self) -> &'static str {
        match self {
            Self::Draw => "in a derived covariate",
            Self::Screening => "at screening",
            Self::Dosing | Self::Seen => "up to now",
            Self::Truth => "in nature",
            Self::Endpoint => "in an endpoint",
        }
    }
}
