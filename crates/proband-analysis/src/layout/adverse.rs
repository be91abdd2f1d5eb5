//! What is counted of adverse events.

use super::{Column, Layout};
use crate::record::{Happened, Participant};
use proband_trial::Happening;

/// A count over adverse events from day 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adverse {
    /// Of which terms.
    pub scope: Scope,
    /// Which of their events.
    pub events: Events,
    /// What is counted.
    pub measure: AdverseMeasure,
}

/// Terms that are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    Any,
    /// Those of a body system, by its position in the layout.
    System(usize),
    /// One, by its position in `Trial::adverse_events`.
    Term(usize),
}

/// A choice of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Events {
    /// Every one.
    All,
    /// Those that are serious.
    Serious,
    /// Those because of which treatment ended.
    Discontinuing,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdverseMeasure {
    /// The worst grade; 0 without an event.
    Grade,
    /// How many there were.
    Count,
    /// Days until the first, or to the end of follow-up.
    AtRisk,
}

impl Layout<'_> {
    /// Every scope: all together, then body systems, then terms.
    pub(crate) fn scopes(&self) -> Vec<Scope> {
        let systems = (0..self.body_systems.len()).map(Scope::System);
        let terms = (0..self.trial.adverse_events.len()).map(Scope::Term);
        std::iter::once(Scope::Any).chain(systems).chain(terms).collect()
    }

    pub(super) fn add_counts_of_adverse_events(&mut self) {
        for event in &self.trial.adverse_events {
            let known = self.body_systems.iter().position(|known| *known == event.body_system);
            self.system_of.push(known.unwrap_or(self.body_systems.len()));
            if known.is_none() {
                self.body_systems.push(event.body_system.clone());
            }
        }
        if self.trial.adverse_events.is_empty() {
            return;
        }
        for scope in self.scopes() {
            for events in [Events::All, Events::Serious, Events::Discontinuing] {
                self.add(Column::Adverse(Adverse {
                    scope,
                    events,
                    measure: AdverseMeasure::Grade,
                }));
                self.add(Column::Adverse(Adverse {
                    scope,
                    events,
                    measure: AdverseMeasure::Count,
                }));
            }
            let (events, measure) = (Events::All, AdverseMeasure::AtRisk);
            self.add(Column::Adverse(Adverse { scope, events, measure }));
        }
    }

    pub(crate) fn count_of(&self, of: Adverse, person: &Participant<'_>) -> f64 {
        let happened = person.happenings.iter().filter(|h| self.counts(of, h));
        match of.measure {
            AdverseMeasure::Grade => {
                f64::from(happened.map(|h| h.grade.max(1)).max().unwrap_or(0))
            }
            AdverseMeasure::Count => happened.count() as f64,
            AdverseMeasure::AtRisk => {
                let first = happened.map(|h| h.day).fold(f64::INFINITY, f64::min);
                first.min(person.followed).max(0.0)
            }
        }
    }

    fn counts(&self, of: Adverse, happened: &Happened) -> bool {
        let Happening::AdverseEvent(term) = happened.what else { return false };
        let in_scope = match of.scope {
            Scope::Any => true,
            Scope::System(system) => self.system_of[term] == system,
            Scope::Term(wanted) => term == wanted,
        };
        let chosen = match of.events {
            Events::All => true,
            Events::Serious => happened.serious,
            Events::Discontinuing => happened.discontinuing,
        };
        happened.day >= 0.0 && chosen && in_scope
    }
}
