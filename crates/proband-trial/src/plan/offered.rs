//! What a data set offers to a plan, by the names that expressions use.

/// Everything that the expressions of a plan can name, and the arms that it compares.
#[derive(Clone, Debug, Default)]
pub struct Offered {
    /// The arms, in their order.
    pub arms: Vec<OfferedArm>,
    /// What is known of participants.
    pub covariates: Vec<OfferedCovariate>,
    /// Planned visits, by time.
    pub visits: Vec<OfferedVisit>,
    /// What was recorded at visits.
    pub observables: Vec<OfferedObservable>,
    /// Times to an event, or to the end of observation.
    pub times: Vec<OfferedTime>,
    /// Adverse events, a term each.
    pub adverse_events: Vec<OfferedEvent>,
    /// Days from day 1 to the last thing that anybody is known of.
    pub end: f64,
    /// Participants of all arms.
    pub participants: u64,
    /// Whether the data say who was treated.
    pub treated: bool,
    /// Whether the data say who completed the study.
    pub completed: bool,
    /// Whether the data say who stopped treatment early.
    pub stopped: bool,
}

/// An arm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedArm {
    /// Its id in the plan.
    pub id: String,
    /// Its title.
    pub title: String,
}

/// A column of the table of participants.
#[derive(Clone, Debug)]
pub struct OfferedCovariate {
    /// Its name in lower case.
    pub name: String,
    /// Its unit, as the data write it.
    pub unit: Option<String>,
    /// Its levels, in order; none of numbers.
    pub levels: Option<Vec<String>>,
}

/// A planned visit.
#[derive(Clone, Debug)]
pub struct OfferedVisit {
    /// AVISIT.
    pub label: String,
    /// Days since day 1.
    pub day: f64,
}

/// A parameter with values at visits.
#[derive(Clone, Debug)]
pub struct OfferedObservable {
    /// PARAMCD in lower case.
    pub name: String,
    /// PARAM.
    pub title: Option<String>,
    /// Its unit, as the data write it.
    pub unit: Option<String>,
    /// Positions of the visits at which it was recorded, increasing.
    pub visits: Vec<usize>,
    /// Whether records say which values are normal.
    pub ranged: bool,
}

/// A parameter that is a time.
#[derive(Clone, Debug)]
pub struct OfferedTime {
    /// PARAMCD in lower case.
    pub name: String,
    /// PARAM.
    pub title: Option<String>,
}

/// An adverse event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedEvent {
    /// A word made of the term.
    pub id: String,
    /// AEDECOD.
    pub term: String,
    /// AEBODSYS.
    pub body_system: String,
}
