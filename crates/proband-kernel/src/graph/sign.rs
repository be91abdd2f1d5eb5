//! Which values can be seen never to be negative, whatever the numbers they are made from.

use super::{Graph, Node, NodeId};
use proband_lang::{Binary, Unary};

impl Graph {
    /// Whether a value is 0 or above wherever it is a number, as far as its form shows.
    pub(crate) fn is_never_negative(&self, id: NodeId) -> bool {
        // Operands stand before what they are used in.
        let mut known = Vec::with_capacity(id.index() + 1);
        for &node in &self.nodes[..=id.index()] {
            let number = |operand| self.as_constant(operand);
            let never = never_negative(node, number, |operand: NodeId| known[operand.index()]);
            known.push(never);
        }
        known[id.index()]
    }
}

fn never_negative(
    node: Node,
    number: impl Fn(NodeId) -> Option<f64>,
    known: impl Fn(NodeId) -> bool,
) -> bool {
    match node {
        Node::Constant(bits) => {
            let value = f64::from_bits(bits);
            value >= 0.0 || value.is_nan()
        }
        Node::Unary(function, x) => match function {
            Unary::Abs | Unary::Sqrt | Unary::Exp | Unary::Cosh => true,
            Unary::Expit | Unary::NormalCdf | Unary::Not => true,
            Unary::Floor | Unary::Round | Unary::Sign => known(x),
            Unary::Atan | Unary::Sinh | Unary::Tanh | Unary::Erf => known(x),
            _ => false,
        },
        Node::Binary(function, a, b) => match function {
            Binary::Mul => a == b || known(a) && known(b),
            Binary::Add | Binary::Div | Binary::Min => known(a) && known(b),
            Binary::Max => known(a) || known(b),
            // A power of a negative number with a broken exponent is no number.
            Binary::Pow => known(a) || number(b).is_some_and(|power| power.fract() != 0.0),
            Binary::Sub | Binary::Mod => false,
            _ => true,
        },
        Node::Fma(a, b, c) => (a == b || known(a) && known(b)) && known(c),
        Node::Select(_, a, b) => known(a) && known(b),
        Node::Finite(x) => known(x),
        Node::Input(..) | Node::Table(..) | Node::Unknown(_) | Node::Root { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Bank;

    #[test]
    fn what_cannot_be_negative_is_seen_by_its_form() {
        let mut graph = Graph::default();
        let state = graph.input(Bank::State, 0);
        let (two, less) = (graph.constant(2.0), graph.constant(-1.0));
        let exp = graph.unary(Unary::Exp, state);
        let product = graph.binary(Binary::Mul, two, exp);
        let square = graph.binary(Binary::Mul, state, state);
        let never = [two, exp, product, square];
        let clamped = graph.binary(Binary::Max, state, product);
        let chosen = graph.select(state, product, two);
        let sum = graph.binary(Binary::Add, product, state);
        let difference = graph.binary(Binary::Sub, product, two);
        let shown = |id| graph.is_never_negative(id);
        assert!(never.into_iter().chain([clamped, chosen]).all(shown));
        assert!(![less, state, sum, difference].into_iter().any(shown));
    }
}
