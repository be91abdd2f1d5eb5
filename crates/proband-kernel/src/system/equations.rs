//! How states move, as expressions that can be put together to larger ones.

use super::derivatives::Derivatives;
use super::prelude::Known;
use crate::graph::{Bank, Graph, Node, NodeId};
use std::collections::BTreeMap;

/// Rates of the integrated states and their derivatives, in which everything that is computed
/// elsewhere (by the prelude, at instants) is an input.
///
/// Each method adds what it gives to another graph, at a time and states that are nodes there. The
/// values have the bits of [`System`](super::System)'s programs.
#[derive(Clone, Debug)]
pub struct Equations {
    graph: Graph,
    rates: Vec<NodeId>,
    jacobian: Vec<NodeId>,
    time_derivative: Vec<NodeId>,
}

impl Equations {
    pub(super) fn new(
        from: &Graph,
        known: &Known,
        rates: &[NodeId],
        derivatives: &Derivatives,
    ) -> Self {
        let mut graph = Graph::default();
        let inputs = known.iter().map(|(&node, &(bank, row))| (node, graph.input(bank, row)));
        let inputs: BTreeMap<NodeId, NodeId> = inputs.collect();
        let by_time = derivatives.by_time.as_deref().unwrap_or_default();
        let roots = [rates, &derivatives.values, by_time].concat();
        let mut nodes = graph.import(from, &roots, inputs).into_iter();
        Self {
            rates: nodes.by_ref().take(rates.len()).collect(),
            jacobian: nodes.by_ref().take(derivatives.values.len()).collect(),
            time_derivative: nodes.collect(),
            graph,
        }
    }

    /// How many states.
    #[must_use]
    pub fn states(&self) -> usize {
        self.rates.len()
    }

    /// The rates.
    pub fn rates_at(&self, graph: &mut Graph, t: NodeId, states: &[NodeId]) -> Vec<NodeId> {
        self.at(graph, &self.rates, t, states)
    }

    /// The entries of the [`Jacobian`](super::Jacobian), in its order.
    pub fn jacobian_at(&self, graph: &mut Graph, t: NodeId, states: &[NodeId]) -> Vec<NodeId> {
        self.at(graph, &self.jacobian, t, states)
    }

    /// The derivatives of the rates with respect to time; nothing where all are zero.
    pub fn time_derivative_at(
        &self,
        graph: &mut Graph,
        t: NodeId,
        states: &[NodeId],
    ) -> Option<Vec<NodeId>> {
        let any = !self.time_derivative.is_empty();
        any.then(|| self.at(graph, &self.time_derivative, t, states))
    }

    fn at(
        &self,
        graph: &mut Graph,
        roots: &[NodeId],
        t: NodeId,
        states: &[NodeId],
    ) -> Vec<NodeId> {
        let input = |bank: Bank, row: usize| {
            let row = u32::try_from(row).expect("few states");
            self.graph.find(Node::Input(bank, row))
        };
        let mut given = BTreeMap::new();
        given.extend(input(Bank::Time, 0).map(|time| (time, t)));
        for (row, &state) in states.iter().enumerate() {
            given.extend(input(Bank::State, row).map(|input| (input, state)));
        }
        graph.import(&self.graph, roots, given)
    }
}
