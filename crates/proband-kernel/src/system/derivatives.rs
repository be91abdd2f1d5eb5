//! The derivatives of the rates.

use super::course::Course;
use crate::graph::{Bank, Graph, NodeId, Reads};
use std::collections::BTreeMap;

/// The derivatives of rates with respect to states: (rate, state) of all that are not zero by
/// structure.
pub(super) type Entries = BTreeMap<(usize, usize), NodeId>;

/// The derivatives of the rates.
pub(super) struct Derivatives {
    pub(super) entries: Vec<(usize, usize)>,
    pub(super) values: Vec<NodeId>,
    /// With respect to time; nothing where all are zero.
    pub(super) by_time: Option<Vec<NodeId>>,
}

impl Derivatives {
    /// Of integrated states along their course: `entries` are those of all states, `slopes` the partial
    /// derivatives of rates with respect to time.
    pub(super) fn of(
        graph: &mut Graph,
        course: &Course,
        entries: &Entries,
        slopes: &[Option<NodeId>],
    ) -> Self {
        let of_integrated = |&(&(rate, state), _): &(&(usize, usize), &NodeId)| {
            course.position(rate).zip(course.position(state))
        };
        let places = entries.iter().filter_map(|entry| of_integrated(&entry)).collect();
        let values = entries.iter().filter(|entry| of_integrated(entry).is_some());
        let values: Vec<NodeId> = values.map(|(_, &value)| value).collect();
        let values = along(graph, course, &values);
        let zero = graph.constant(0.0);
        let by_time = slopes.iter().any(Option::is_some).then(|| {
            let slopes: Vec<NodeId> =
                slopes.iter().map(|slope| slope.unwrap_or(zero)).collect();
            along(graph, course, &slopes)
        });
        Self { entries: places, values, by_time }
    }

    /// The entries that are not zero by structure, by row, then column.
    pub(super) fn with_respect_to(
        graph: &mut Graph,
        rates: &[NodeId],
        states: &[usize],
    ) -> Entries {
        let users = graph.users(rates);
        let mut entries = Entries::new();
        for (column, &state) in states.iter().enumerate() {
            let input = graph.input(Bank::State, state);
            let slopes = graph.derivatives_through(&users, rates, input);
            for (row, slope) in slopes.into_iter().enumerate() {
                entries.extend(slope.map(|slope| ((row, column), slope)));
            }
        }
        entries
    }
}

/// Derivatives where the states are on their course.
fn along(graph: &mut Graph, course: &Course, values: &[NodeId]) -> Vec<NodeId> {
    let values = course.along(graph, values);
    values.into_iter().map(|value| finite(graph, value)).collect()
}

/// A derivative that is infinite for an instant, as that of a power below 1 is where a drug has not
/// arrived yet, counts as zero there: a step of a stiff method is then explicit in it, and judged
/// by its error like any other. Constant ones stay what they are.
fn finite(graph: &mut Graph, slope: NodeId) -> NodeId {
    if graph.reads(slope).any(Reads::STATE.and(Reads::TIME)) {
        graph.finite(slope)
    } else {
        slope
    }
}
