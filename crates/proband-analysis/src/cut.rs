//! A participant as an estimand sees it: records and events after some intercurrent events do not count.

use crate::record::{Happened, Participant, Record};
use crate::shard::measured;
use proband_trial::{Encounter, EndpointValue, Estimand, Missing, Quantity, Strategy};

/// The days after which nothing of a participant counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cut {
    /// That of the first event that hypothetically does not happen; infinite without one.
    hypothetical: f64,
    /// That of the first event before which the last value counts.
    last_value: f64,
}

impl Cut {
    pub(crate) fn of(estimand: &Estimand, person: &Participant<'_>) -> Self {
        let first = |strategy| {
            let days = estimand.treated_by(strategy).map(|event| person.time_to(event));
            days.fold(f64::INFINITY, f64::min)
        };
        Self {
            hypothetical: first(Strategy::Hypothetical),
            last_value: first(Strategy::WhileOnTreatment),
        }
    }

    fn day(self) -> f64 {
        self.hypothetical.min(self.last_value)
    }

    /// Gives what counts of a participant to a reader.
    fn seen<T>(self, person: &Participant<'_>, read: impl FnOnce(&Participant<'_>) -> T) -> T {
        if self.day() == f64::INFINITY {
            return read(person);
        }
        let records = person.records.iter().filter(|record| record.day <= self.day());
        let records: Vec<Record> = records.copied().collect();
        let happenings = person.happenings.iter().filter(|happened| happened.day <= self.day());
        let happenings: Vec<Happened> = happenings.copied().collect();
        let followed = person.followed.min(self.day());
        read(&Participant { records: &records, happenings: &happenings, followed, ..*person })
    }

    /// The value of a quantity. Visits after an event before which the last value counts have that value:
    /// of the baseline record if there is no later one.
    pub(crate) fn value(
        self,
        person: &Participant<'_>,
        quantity: &Quantity,
        missing: Missing,
        encounters: &[Encounter],
    ) -> f64 {
        self.seen(person, |seen| {
            let value = seen.value(quantity, missing, encounters);
            match *quantity {
                Quantity::At(observable, encounter)
                    if value.is_nan()
                        && self.last_value < self.hypothetical
                        && self.last_value < encounters[encounter].day =>
                {
                    seen.value(&Quantity::Record(observable), missing, encounters)
                }
                _ => value,
            }
        })
    }

    /// A count and the days over which it was counted.
    pub(crate) fn measured(
        self,
        value: &EndpointValue,
        person: &Participant<'_>,
    ) -> Option<(f64, f64)> {
        self.seen(person, |seen| measured(value, seen))
    }
}
