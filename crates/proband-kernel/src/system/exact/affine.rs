//! Which rates are linear in the states, with coefficients and constants that stand still between
//! instants.

use super::super::derivatives::Entries;
use super::arithmetic::{Term, times};
use super::solved::Vector;
use crate::graph::{Bank, Graph, Node, NodeId, Reads};
use proband_lang::{Binary, Unary};
use std::collections::{BTreeMap, BTreeSet};

/// The linear part of a system: `y' = A y + b`.
pub(super) struct Affine {
    /// Its states.
    pub(super) states: BTreeSet<usize>,
    /// `A` by (rate, state), where not zero by structure; columns may be of other states.
    entries: Entries,
    /// `b`, where not zero by structure.
    pub(super) constants: BTreeMap<usize, NodeId>,
}

/// How a value depends on the states.
#[derive(Clone, Copy)]
enum Shape {
    /// Not at all, nor on time.
    Still,
    /// Linearly, beside this constant.
    Linear(Term),
    /// In another way, or on time.
    Other,
}

impl Affine {
    /// The linear part, among the states that may be in it.
    pub(super) fn of(
        graph: &mut Graph,
        rates: &[NodeId],
        entries: &Entries,
        free: &BTreeSet<usize>,
    ) -> Self {
        let roots: Vec<NodeId> = free.iter().map(|&state| rates[state]).collect();
        let shapes = shapes(graph, &roots);
        let mut affine = Self {
            states: BTreeSet::new(),
            entries: Entries::new(),
            constants: BTreeMap::new(),
        };
        for (&state, root) in free.iter().zip(roots) {
            match shapes.get(&root).copied().unwrap_or(Shape::Still) {
                Shape::Other => continue,
                Shape::Linear(constant) => {
                    affine.constants.extend(constant.map(|constant| (state, constant)));
                }
                Shape::Still if graph.as_constant(root) == Some(0.0) => {}
                Shape::Still => {
                    affine.constants.insert(state, root);
                }
            }
            affine.states.insert(state);
        }
        let linear = |(row, _): &(usize, usize)| affine.states.contains(row);
        let entries = entries.iter().filter(|(at, _)| linear(at));
        affine.entries = entries.map(|(&at, &entry)| (at, entry)).collect();
        affine
    }

    /// Whether a guard changes its truth at most once between instants, whatever its states are: it is
    /// linear in a state on which no other acts, and which so only rises or only falls.
    pub(super) fn crosses_once(&self, graph: &mut Graph, guard: NodeId) -> bool {
        let states = states_of(graph, guard);
        let shape = shapes(graph, &[guard]).get(&guard).copied().unwrap_or(Shape::Still);
        match (shape, &states[..]) {
            (Shape::Linear(_), &[state]) => self.row(state).all(|(from, _)| from == state),
            (_, states) => states.is_empty(),
        }
    }

    /// Takes the states of which a value is made out of the linear part.
    pub(super) fn leave_out(&mut self, graph: &Graph, value: NodeId) {
        for state in states_of(graph, value) {
            self.states.remove(&state);
        }
    }

    /// The rows of `A` of some states times a vector.
    pub(super) fn times(&self, graph: &mut Graph, states: &[usize], vector: &Vector) -> Vector {
        let mut product = Vector::new();
        for &state in states {
            let mut moved = None;
            for (from, entry) in self.row(state) {
                let part = times(graph, Some(entry), vector.get(&from).copied());
                moved = graph.sum_of(moved, part);
            }
            product.extend(moved.map(|moved| (state, moved)));
        }
        product
    }

    /// The entries of a row, by state.
    pub(super) fn row(&self, rate: usize) -> impl Iterator<Item = (usize, NodeId)> {
        let row = self.entries.range((rate, 0)..=(rate, usize::MAX));
        row.map(|(&(_, state), &entry)| (state, entry))
    }

    /// An entry, where not zero by structure.
    pub(super) fn entry(&self, rate: usize, state: usize) -> Term {
        self.entries.get(&(rate, state)).copied()
    }
}

/// The states that a value reads.
fn states_of(graph: &Graph, value: NodeId) -> Vec<usize> {
    let read = graph.cone([value], |id| !graph.reads(id).any(Reads::STATE)).into_iter();
    let state = |id: NodeId| match graph.node(id) {
        Node::Input(Bank::State, row) => Some(row as usize),
        _ => None,
    };
    read.filter_map(state).collect()
}

/// The shapes of all nodes that these need, but for those that stand still.
fn shapes(graph: &mut Graph, roots: &[NodeId]) -> BTreeMap<NodeId, Shape> {
    let moves = |graph: &Graph, id: NodeId| graph.reads(id).without(STANDS) != Reads::default();
    let cone = graph.cone(roots.iter().copied(), |id| !moves(graph, id));
    let mut shapes = BTreeMap::new();
    for id in cone {
        if moves(graph, id) {
            let shape = shape(graph, id, &shapes);
            shapes.insert(id, shape);
        }
    }
    shapes
}

/// What stands still between instants.
const STANDS: Reads = Reads::TWIN.and(Reads::SIGNAL);

fn shape(graph: &mut Graph, id: NodeId, known: &BTreeMap<NodeId, Shape>) -> Shape {
    let of = |id: NodeId| known.get(&id).copied().unwrap_or(Shape::Still);
    match graph.node(id) {
        Node::Input(Bank::State, _) => Shape::Linear(None),
        Node::Unary(Unary::Neg, x) => match of(x) {
            Shape::Linear(constant) => Shape::Linear(constant.map(|c| graph.negative(c))),
            other => other,
        },
        Node::Binary(Binary::Add, a, b) => match constants((a, of(a)), (b, of(b))) {
            Some((a, b)) => Shape::Linear(graph.sum_of(a, b)),
            None => Shape::Other,
        },
        Node::Binary(Binary::Sub, a, b) => match constants((a, of(a)), (b, of(b))) {
            Some((a, b)) => {
                let b = b.map(|b| graph.negative(b));
                Shape::Linear(graph.sum_of(a, b))
            }
            None => Shape::Other,
        },
        Node::Binary(Binary::Mul, a, b) => match (of(a), of(b)) {
            (Shape::Still, Shape::Linear(c)) => Shape::Linear(times(graph, Some(a), c)),
            (Shape::Linear(c), Shape::Still) => Shape::Linear(times(graph, c, Some(b))),
            _ => Shape::Other,
        },
        Node::Binary(Binary::Div, a, b) => match (of(a), of(b)) {
            (Shape::Linear(c), Shape::Still) => Shape::Linear(c.map(|c| graph.over(c, b))),
            _ => Shape::Other,
        },
        Node::Select(condition, yes, no) if matches!(of(condition), Shape::Still) => {
            match constants((yes, of(yes)), (no, of(no))) {
                Some((None, None)) => Shape::Linear(None),
                Some((yes, no)) => {
                    let zero = graph.constant(0.0);
                    let (yes, no) = (yes.unwrap_or(zero), no.unwrap_or(zero));
                    Shape::Linear(Some(graph.select(condition, yes, no)))
                }
                None => Shape::Other,
            }
        }
        _ => Shape::Other,
    }
}

/// The constant parts of two values.
fn constants((a, of_a): (NodeId, Shape), (b, of_b): (NodeId, Shape)) -> Option<(Term, Term)> {
    let constant = |id: NodeId, shape: Shape| match shape {
        Shape::Still => Some(Some(id)),
        Shape::Linear(constant) => Some(constant),
        Shape::Other => None,
    };
    constant(a, of_a).zip(constant(b, of_b))
}
