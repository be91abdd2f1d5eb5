//! The prelude: what depends on the twin alone is computed once.

use super::layout::TwinRow;
use crate::graph::{Bank, Graph, Node, NodeId};
use std::collections::{BTreeMap, BTreeSet};

/// Nodes that are read from a row instead of computed.
pub(super) type Known = BTreeMap<NodeId, (Bank, usize)>;

/// The prelude in the making: what it writes, and where the rest of the system finds it.
pub(super) struct Prelude {
    given: usize,
    pub(super) outputs: Vec<NodeId>,
    pub(super) known: Known,
}

impl Prelude {
    pub(super) fn new(given: &[TwinRow]) -> Self {
        Self { given: given.len(), outputs: Vec::new(), known: Known::new() }
    }

    /// Writes a value of twin level; gives its row of the twin bank.
    pub(super) fn add(&mut self, graph: &Graph, node: NodeId) -> usize {
        let row = self.given + self.outputs.len();
        self.outputs.push(node);
        if graph.reads(node).only_twin() && !matches!(graph.node(node), Node::Input(..)) {
            self.known.entry(node).or_insert((Bank::Twin, row));
        }
        row
    }

    /// Takes over the largest parts of `roots` that depend on the twin alone.
    pub(super) fn hoist(&mut self, graph: &Graph, roots: &[NodeId], elsewhere: &Known) {
        let stops = |id: NodeId| graph.reads(id).only_twin() || elsewhere.contains_key(&id);
        let cone: BTreeSet<NodeId> = graph.cone(roots.iter().copied(), stops);
        for id in cone {
            let computed = !matches!(graph.node(id), Node::Input(..));
            if computed && graph.reads(id).only_twin() && !self.known.contains_key(&id) {
                self.add(graph, id);
            }
        }
    }
}
