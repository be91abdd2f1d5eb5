//! Arithmetic on nodes, some of which are zero by structure.

use crate::graph::{Graph, NodeId};
use proband_lang::{Binary, Unary};

/// A value; nothing where it is zero by structure.
pub(super) type Term = Option<NodeId>;

/// `a b`.
pub(super) fn times(graph: &mut Graph, a: Term, b: Term) -> Term {
    let is_zero = |term: NodeId| graph.as_constant(term) == Some(0.0);
    let (a, b) = a.zip(b)?;
    if is_zero(a) || is_zero(b) {
        return None;
    }
    Some(graph.binary(Binary::Mul, a, b))
}

impl Graph {
    pub(super) fn plus(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(Binary::Add, a, b)
    }

    pub(super) fn minus(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(Binary::Sub, a, b)
    }

    pub(super) fn product_of(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(Binary::Mul, a, b)
    }

    pub(super) fn over(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(Binary::Div, a, b)
    }

    pub(super) fn scaled(&mut self, a: NodeId, factor: f64) -> NodeId {
        let factor = self.constant(factor);
        self.binary(Binary::Mul, a, factor)
    }

    pub(super) fn negative(&mut self, a: NodeId) -> NodeId {
        self.unary(Unary::Neg, a)
    }

    pub(super) fn root_of(&mut self, a: NodeId) -> NodeId {
        self.unary(Unary::Sqrt, a)
    }

    /// Where `a > 0`.
    pub(super) fn is_positive(&mut self, a: NodeId) -> NodeId {
        let zero = self.constant(0.0);
        self.binary(Binary::Less, zero, a)
    }
}
