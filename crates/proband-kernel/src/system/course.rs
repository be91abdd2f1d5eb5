//! Where states are between instants: those that are integrated in their rows, the exact ones as
//! functions of time.

use super::derivatives::Entries;
use super::exact::Exact;
use super::translate::Translator;
use crate::graph::{Bank, Graph, NodeId};
use proband_lang::Binary;
use std::collections::BTreeMap;

/// The course of the states, in the making.
#[derive(Default)]
pub(super) struct Course {
    /// The rows of the states that are integrated.
    pub(super) integrated: Vec<usize>,
    pub(super) exact: Exact,
    /// What to read in place of the rows of all states; nothing where all are integrated.
    replacements: BTreeMap<NodeId, NodeId>,
}

impl Course {
    /// With these exact states; the others are integrated.
    pub(super) fn of(translator: &mut Translator<'_>, rates: &[NodeId], exact: Exact) -> Self {
        let mut course = Self { exact, ..Self::default() };
        if course.exact.states.is_empty() {
            course.integrated.extend(0..rates.len());
            return course;
        }
        for row in 0..rates.len() {
            let state = translator.graph.input(Bank::State, row);
            let now = course.exact.states.get(&row).copied().unwrap_or_else(|| {
                course.integrated.push(row);
                translator.graph.input(Bank::State, course.integrated.len() - 1)
            });
            course.replacements.insert(state, now);
        }
        course
    }

    /// Where an integrated state is among them.
    pub(super) fn position(&self, row: usize) -> Option<usize> {
        self.integrated.binary_search(&row).ok()
    }

    /// Values as functions of the integrated states and time.
    pub(super) fn along(&self, graph: &mut Graph, values: &[NodeId]) -> Vec<NodeId> {
        graph.replace_all(values, &self.replacements)
    }

    /// The partial derivatives of integrated rates with respect to time, on which exact states depend.
    pub(super) fn slopes(
        &self,
        graph: &mut Graph,
        rates: &[NodeId],
        entries: &Entries,
    ) -> Vec<Option<NodeId>> {
        let time = graph.time();
        let moving: Vec<NodeId> = self.integrated.iter().map(|&row| rates[row]).collect();
        let mut slopes = graph.derivatives(&moving, time);
        for (&(rate, state), &entry) in entries {
            let Some(place) = self.position(rate) else { continue };
            let stands_still = graph.as_constant(rates[state]) == Some(0.0);
            if self.position(state).is_some() || stands_still {
                continue;
            }
            let part = graph.binary(Binary::Mul, entry, rates[state]);
            slopes[place] = graph.sum_of(slopes[place], Some(part));
        }
        slopes
    }

    /// The values of all states.
    pub(super) fn present(&self, graph: &mut Graph, states: usize) -> Vec<NodeId> {
        let states: Vec<NodeId> =
            (0..states).map(|row| graph.input(Bank::State, row)).collect();
        self.along(graph, &states)
    }
}
