//! Blocks as sums of divided differences.

use super::affine::Affine;
use super::arithmetic::times;
use super::blocks::Block;
use super::differences::Ranges;
use super::modes;
use crate::graph::{Bank, Graph, NodeId};
use proband_lang::Binary;
use std::collections::BTreeMap;

/// States by row; nothing for those that are zero by structure.
pub(super) type Vector = BTreeMap<usize, NodeId>;

/// A part of a block's course: a difference over these modes, times this.
pub(super) struct Term {
    pub(super) ranges: Ranges,
    pub(super) vector: Vector,
}

/// Blocks whose courses are known.
pub(super) struct Solved {
    /// The modes of all blocks; that of constants comes first.
    pub(super) modes: Vec<NodeId>,
    /// The terms of each block.
    terms: Vec<Vec<Term>>,
}

impl Solved {
    pub(super) fn new(graph: &mut Graph) -> Self {
        Self { modes: vec![graph.constant(0.0)], terms: Vec::new() }
    }

    /// The terms of the block that was solved last.
    pub(super) fn last(&self) -> &[Term] {
        self.terms.last().map_or(&[], Vec::as_slice)
    }

    /// Adds a block, which comes after those that act on it.
    pub(super) fn solve(&mut self, graph: &mut Graph, affine: &Affine, block: &Block) {
        let beginnings = self.beginnings(graph, affine, block);
        let first = self.modes.len();
        self.modes.extend(modes::of(graph, affine, &block.states));
        let mut terms = Vec::new();
        for Term { ranges, mut vector } in beginnings {
            for mode in first..self.modes.len() {
                let ranges = ranges.iter().copied().chain([(first, mode)]).collect();
                terms.push(Term { ranges, vector: vector.clone() });
                vector = shifted(graph, affine, &block.states, self.modes[mode], &vector);
                without_fastest(graph, affine, &block.states, self.modes[first], &mut vector);
            }
        }
        self.terms.push(terms);
    }

    /// What is there at the instant, what constants bring, and what the blocks bring that act on it.
    fn beginnings(&self, graph: &mut Graph, affine: &Affine, block: &Block) -> Vec<Term> {
        let states = block.states.iter();
        let there = states.clone().map(|&row| (row, graph.input(Bank::State, row))).collect();
        let constant =
            |row: &usize| affine.constants.get(row).map(|&constant| (*row, constant));
        let constants = states.filter_map(constant).collect();
        let mut beginnings = vec![
            Term { ranges: Vec::new(), vector: there },
            Term { ranges: vec![(0, 0)], vector: constants },
        ];
        for before in block.acting.iter().flat_map(|&before| &self.terms[before]) {
            let vector = affine.times(graph, &block.states, &before.vector);
            beginnings.push(Term { ranges: before.ranges.clone(), vector });
        }
        beginnings.retain(|beginning| !beginning.vector.is_empty());
        beginnings
    }
}

/// `(A + mode) vector`.
fn shifted(
    graph: &mut Graph,
    affine: &Affine,
    states: &[usize],
    mode: NodeId,
    vector: &Vector,
) -> Vector {
    let moved = affine.times(graph, states, vector);
    let mut shifted = Vector::new();
    for &state in states {
        let own = times(graph, vector.get(&state).copied(), Some(mode));
        let sum = graph.sum_of(own, moved.get(&state).copied());
        shifted.extend(sum.map(|sum| (state, sum)));
    }
    shifted
}

/// Takes what rounding has left of the fastest mode out of a vector that has been through it, where that
/// is the mode of the middle: later factors would enlarge it. The left eigenvector of the mode is
/// orthogonal to all others, which gives the middle from the rest.
fn without_fastest(
    graph: &mut Graph,
    affine: &Affine,
    states: &[usize],
    fastest: NodeId,
    vector: &mut Vector,
) {
    let [middle, ref others @ ..] = *states else { return };
    let Some(&rounded) = vector.get(&middle).filter(|_| !others.is_empty()) else { return };
    let (mut value, mut conditions) = (None, Vec::new());
    for &other in others {
        let entry = affine.entry(middle, other);
        let left =
            affine.entry(other, other).map_or(fastest, |leaves| graph.plus(fastest, leaves));
        let part =
            times(graph, entry, vector.get(&other).copied()).map(|part| graph.over(part, left));
        value = graph.sum_of(value, part);
        let half = graph.scaled(fastest, 0.5);
        conditions.push(graph.binary(Binary::Less, half, left));
    }
    let Some(value) = value else { return };
    let faster = conditions.into_iter().reduce(|a, b| graph.binary(Binary::And, a, b));
    let faster = faster.expect("there are others");
    vector.insert(middle, graph.select(faster, value, rounded));
}
