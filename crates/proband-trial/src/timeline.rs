//! When things are planned: epochs one after another, and encounters in them.

use crate::{Encounter, Epoch, EpochKind, Expression};

/// Epochs and encounters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timeline {
    /// In the order of the file.
    pub(crate) epochs: Vec<Epoch>,
    /// By planned time, one for each.
    pub(crate) encounters: Vec<Planned>,
    /// Some epoch or encounter has a fault, so that what seems missing may be there.
    pub(crate) faulty: bool,
}

/// A planned encounter.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    /// Days since day 1.
    pub(crate) day: f64,
    /// As the author would write the time: `week 24`.
    pub(crate) shown: String,
    /// AVISIT.
    pub(crate) label: String,
    /// Position of its epoch.
    pub(crate) epoch: usize,
    /// Positions of the observables, increasing.
    pub(crate) observe: Vec<usize>,
    /// The actual time is uniform between planned + low and planned + high.
    pub(crate) window: Option<(f64, f64)>,
    /// The entry of the file whose `missing` holds here (position).
    pub(crate) missing: Option<usize>,
}

impl Planned {
    /// The visit, which is missed by this chance.
    pub(crate) fn encounter(&self, missing: Option<Expression>) -> Encounter {
        Encounter {
            day: self.day,
            label: self.label.clone(),
            number: self.day / 7.0,
            epoch: self.epoch,
            observe: self.observe.clone(),
            window: self.window,
            missing,
            repeats: None,
        }
    }
}

impl Timeline {
    /// When the first epoch starts.
    pub(crate) fn start(&self) -> f64 {
        self.epochs.first().map_or(0.0, |epoch| epoch.from)
    }

    /// When the last epoch ends.
    pub(crate) fn end(&self) -> f64 {
        self.epochs.last().map_or(0.0, |epoch| epoch.to)
    }

    /// The treatment.
    pub(crate) fn treatment(&self) -> Option<&Epoch> {
        self.epochs.iter().find(|epoch| epoch.kind == EpochKind::Treatment)
    }

    /// The epoch of an id, by position.
    pub(crate) fn epoch(&self, id: &str) -> Option<usize> {
        self.epochs.iter().position(|epoch| epoch.id == id)
    }

    /// The encounters that record an observable.
    pub(crate) fn records(&self, observable: usize) -> impl Iterator<Item = &Planned> {
        self.encounters.iter().filter(move |encounter| encounter.observe.contains(&observable))
    }
}

/// Whether two planned times are the same. Times are multiples of a millisecond (see
/// [`crate::values::day_of`]), so that the tolerance only absorbs the rounding of divisions.
pub(crate) fn same_time(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}
