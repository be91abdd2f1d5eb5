//! The derivatives of the rates, and what they say about a system.

use super::prelude::Known;
use crate::BuildError;
use crate::graph::{Bank, Graph, Node, NodeId, Reads};
use std::collections::BTreeMap;

/// The derivatives of the rates.
pub(super) struct Derivatives {
    pub(super) entries: Vec<(usize, usize)>,
    pub(super) values: Vec<NodeId>,
    pub(super) by_time: Vec<NodeId>,
    pub(super) depends_on_time: bool,
}

impl Derivatives {
    pub(super) fn of(graph: &mut Graph, rates: &[NodeId]) -> Result<Self, BuildError> {
        let states: Vec<usize> = (0..rates.len()).collect();
        let jacobian = Self::with_respect_to(graph, rates, &states)?;
        let (entries, values): (_, Vec<NodeId>) = jacobian.into_iter().unzip();
        let values = values.into_iter().map(|value| finite(graph, value)).collect();
        let time = graph.time();
        let by_time = graph.derivatives(rates, time)?;
        let depends_on_time = by_time.iter().any(Option::is_some);
        let zero = graph.constant(0.0);
        let by_time = by_time.into_iter().map(|slope| finite(graph, slope.unwrap_or(zero)));
        let by_time = by_time.collect();
        Ok(Self { entries, values, by_time, depends_on_time })
    }

    /// The entries that are not zero by structure, by row, then column.
    pub(super) fn with_respect_to(
        graph: &mut Graph,
        rates: &[NodeId],
        states: &[usize],
    ) -> Result<BTreeMap<(usize, usize), NodeId>, BuildError> {
        let cone = graph.cone(rates.iter().copied(), |_| false);
        let mut entries = BTreeMap::new();
        for (column, &state) in states.iter().enumerate() {
            let input = graph.input(Bank::State, state);
            let slopes = graph.derivatives_over(&cone, rates, input)?;
            for (row, slope) in slopes.into_iter().enumerate() {
                entries.extend(slope.map(|slope| ((row, column), slope)));
            }
        }
        Ok(entries)
    }

    /// Whether the coefficients move at instants only, and what is added too.
    pub(super) fn linear(&self, graph: &Graph, switches: &Known) -> bool {
        let cone = graph.cone(self.values.iter().copied(), |id| switches.contains_key(&id));
        let moves = |id: NodeId| {
            matches!(graph.node(id), Node::Input(Bank::State | Bank::Time, _))
                && !switches.contains_key(&id)
        };
        !self.depends_on_time && !cone.into_iter().any(moves)
    }
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
