//! How somebody's treatment and participation ended.

use crate::conduct::{Person, Why};
use proband_analysis::Exit;
use proband_trial::Trial;

/// The end of treatment, or of participation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Departure {
    /// Days since day 1.
    pub(crate) day: f64,
    /// Why it came early; none if it came as planned.
    pub(crate) why: Option<Why>,
}

impl Departure {
    /// The end of treatment: by the first discontinuation or by what ended the trial, if that came early.
    pub(crate) fn from_treatment(trial: &Trial, person: &Person, followed: f64) -> Self {
        let planned = person.treated_until.unwrap_or(trial.end_of_treatment());
        let discontinued =
            person.discontinued.first().map(|one| (one.day, Why::Discontinued(one.by)));
        let by_rule = person.stopped.map(|(rule, day)| (day, Why::Rule(rule)));
        let stopped = discontinued.or(by_rule);
        let ended = person.ending.as_ref().map(|ending| (ending.day, ending.why.clone()));
        match stopped.or(ended) {
            Some((day, why)) if day < planned => Self { day, why: Some(why) },
            _ => Self { day: planned.min(followed), why: None },
        }
    }

    /// The end of participation.
    pub(crate) fn from_trial(person: &Person, followed: f64) -> Self {
        Self { day: followed, why: person.ending.as_ref().map(|ending| ending.why.clone()) }
    }

    /// EOTSTT, EOSSTT.
    pub(crate) fn status(&self) -> &'static str {
        if self.why.is_some() { "DISCONTINUED" } else { "COMPLETED" }
    }

    /// As analyses count it.
    pub(crate) fn exit(&self) -> Exit {
        match &self.why {
            None => Exit::AsPlanned,
            Some(Why::Discontinued(by)) => Exit::Discontinued(*by),
            Some(Why::Terminal(_)) => Exit::ByEvent,
            Some(Why::Rule(rule)) => Exit::ByRule(*rule),
            Some(Why::Failed { .. }) => Exit::ByFailure,
        }
    }
}
