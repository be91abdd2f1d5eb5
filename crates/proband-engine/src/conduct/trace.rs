//! True values along one path, read off on a grid of days.

use super::record::Outputs;
use crate::plan::Phase;

/// Observables and states of one person at whole multiples of an interval.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    /// The interval, in days.
    pub(crate) every: f64,
    pub(crate) days: Vec<f64>,
    /// By observable of the trial, then by state of the system: a value for each day.
    observables: Vec<Vec<f64>>,
    states: Vec<Vec<f64>>,
}

impl Trace {
    pub(crate) fn every(every: f64) -> Self {
        Self { every, days: Vec::new(), observables: Vec::new(), states: Vec::new() }
    }

    /// The true values of an observable, in the unit of its quantity.
    pub(crate) fn observable(&self, index: usize) -> impl Iterator<Item = f64> {
        self.observables.get(index).into_iter().flatten().copied()
    }

    /// The values of a row of states.
    pub(crate) fn state(&self, row: usize) -> impl Iterator<Item = f64> {
        self.states.get(row).into_iter().flatten().copied()
    }

    /// Adds an instant.
    pub(super) fn add(
        &mut self,
        phase: &Phase,
        day: f64,
        observed: Outputs<'_>,
        states: Outputs<'_>,
    ) {
        let system = &phase.system;
        self.days.push(day);
        self.observables.resize(system.observables.len(), Vec::new());
        self.states.resize(system.states.len(), Vec::new());
        for (values, of) in self.observables.iter_mut().zip(&system.observables) {
            values.push(observed.get(of.truth));
        }
        for (row, values) in self.states.iter_mut().enumerate() {
            values.push(states.get(row));
        }
    }
}
