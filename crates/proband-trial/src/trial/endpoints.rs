//! Endpoints.

use crate::{Expression, Happening, Repeat};
use proband_lang::Unit;

/// `[endpoint.ID]`.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The id.
    pub id: String,
    /// The title, or the id.
    pub title: String,
    /// PARAMCD, at most 8 characters.
    pub paramcd: String,
    /// Primary, secondary, ...
    pub level: EndpointLevel,
    /// One value a participant.
    pub value: EndpointValue,
    /// Unit of the value (days for times).
    pub unit: Unit,
    /// The observable whose baseline adjusts it, where it is about one.
    pub observable: Option<usize>,
    /// AVISIT, where the value belongs to one encounter (position).
    pub encounter: Option<usize>,
    /// The value at each visit of the observable after baseline, where it has one at every visit: `value` is the last
    /// of them. Empty where it has one value.
    pub visits: Vec<Repeat>,
    /// Which way is better.
    pub better: Option<Better>,
}

impl Endpoint {
    /// Whether it is a time to an event that others preclude.
    #[must_use]
    pub fn has_competing(&self) -> bool {
        matches!(&self.value, EndpointValue::Time(time) if !time.competing.is_empty())
    }
}

/// The rank of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words of the protocol")]
pub enum EndpointLevel {
    Primary,
    Secondary,
    Exploratory,
    Safety,
}

/// What an endpoint measures.
#[derive(Clone, Debug)]
pub enum EndpointValue {
    /// A number; NaN where a record is missing.
    Number(Expression),
    /// A condition; missing where a record is missing.
    Condition(Expression),
    /// Days from day 1 to an event; censored at the end of follow-up.
    Time(TimeTo),
    /// A count of these in a period, with the time followed in it.
    Count {
        /// What is counted.
        happening: Happening,
        /// From this day.
        from: f64,
        /// To this day.
        to: f64,
    },
}

/// What a time to an event ends with, whichever comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeTo {
    /// Any of these is the event.
    pub events: Vec<Happening>,
    /// Any of these precludes it.
    pub competing: Vec<Happening>,
    /// Any of these ends observation.
    pub censored_by: Vec<Happening>,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum Better {
    Higher,
    Lower,
}

impl Better {
    /// The other way.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Higher => Self::Lower,
            Self::Lower => Self::Higher,
        }
    }
}
