//! States whose course between instants is known in closed form.
//!
//! A block of states that nothing but itself moves, linearly and with coefficients that stand still
//! between instants (the pharmacokinetics of most drugs, whatever they drive), is not integrated:
//! its states become functions of time. With the modes `l1 >= l2 >= ...` of a block (the negative
//! eigenvalues of its matrix `A`, and a zero where something flows in at a constant rate) and the
//! instant `s` at which it was changed last,
//!
//! `y(t) = sum over k of D(l1..lk; t - s) (A + l1)...(A + l(k-1)) y(s)`,
//!
//! where `D` are divided differences of `exp(-l t)`, signed to be positive: the interpolation of the
//! matrix exponential by Newton's formula (E. J. Putzer, Amer. Math. Monthly 73 (1966) 2-7; N. J.
//! Higham, Functions of Matrices, SIAM 2008, section 4.4). It knows no special cases: equal modes
//! are as good as others, at `t = s` it gives `y(s)` itself, and for compartments all terms are
//! positive.
//!
//! The vectors are computed at instants only, by [`Anchor`](super::Anchor), and are rows of signals.

mod affine;
mod arithmetic;
mod blocks;
mod differences;
mod modes;

use super::derivatives::Entries;
use super::layout::Signal;
use super::prelude::Known;
use super::translate::Translator;
use crate::graph::{Bank, Graph, Node, NodeId, Reads};
use affine::Affine;
use arithmetic::{sum, times};
use blocks::Group;
use proband_lang::Binary;
use std::collections::{BTreeMap, BTreeSet};

/// The exact states of a system, in the making.
#[derive(Default)]
pub(super) struct Exact {
    /// What each exact state is as a function of time, by its row.
    pub(super) states: BTreeMap<usize, NodeId>,
    /// What is computed at instants, from all states as they are then.
    pub(super) anchored: Vec<NodeId>,
    /// The rows of signals that hold it.
    pub(super) rows: Vec<usize>,
    /// Which nodes those are.
    pub(super) known: Known,
}

impl Exact {
    /// Finds the states that are exact, among those that may be.
    pub(super) fn find(
        translator: &mut Translator<'_>,
        rates: &[NodeId],
        entries: &Entries,
        free: &BTreeSet<usize>,
    ) -> Self {
        let affine = Affine::of(&mut translator.graph, rates, entries, free);
        let groups = blocks::groups(&translator.graph, &affine);
        let mut exact = Self::default();
        for group in &groups {
            exact.add(translator, &affine, group);
        }
        exact.anchor_coefficients(translator);
        exact
    }

    /// Adds the states of a block.
    fn add(&mut self, translator: &mut Translator<'_>, affine: &Affine, group: &Group) {
        let mut modes = modes::of(&mut translator.graph, affine, group);
        let flows = group.states().any(|state| affine.constants.contains_key(&state));
        if flows {
            modes.push(translator.graph.constant(0.0));
        }
        let modes = modes::descending(&mut translator.graph, modes);
        let now = translator.graph.time();
        let since = self.anchor(translator, now);
        let elapsed = translator.graph.binary(Binary::Sub, now, since);
        let graph = &mut translator.graph;
        let differences = differences::of(graph, &modes, elapsed, group.depth);
        let vectors = vectors(graph, affine, group, &modes);
        for state in group.states() {
            let mut course = None;
            for (difference, vector) in differences.iter().zip(&vectors) {
                let Some(&weight) = vector.get(&state) else { continue };
                let weight = self.anchor(translator, weight);
                let term = translator.graph.binary(Binary::Mul, weight, *difference);
                course = sum(&mut translator.graph, course, Some(term));
            }
            self.states.insert(state, course.expect("a state begins where it is"));
        }
    }

    /// A value that is computed at instants, as the row that holds it in between.
    fn anchor(&mut self, translator: &mut Translator<'_>, value: NodeId) -> NodeId {
        let row = self.anchored_row(translator, value);
        translator.graph.input(Bank::Signal, row)
    }

    fn anchored_row(&mut self, translator: &mut Translator<'_>, value: NodeId) -> usize {
        if let Some(known) = self.anchored.iter().position(|known| *known == value) {
            return self.rows[known];
        }
        let row = translator.signal_row(Signal::Anchor(self.rows.len()));
        self.anchored.push(value);
        self.rows.push(row);
        row
    }

    /// Takes what the courses need of signals out of them, to be computed at instants too; what they
    /// need of the twin alone is the prelude's.
    fn anchor_coefficients(&mut self, translator: &mut Translator<'_>) {
        let stands_still =
            |graph: &Graph, id: NodeId| !graph.reads(id).any(Reads::STATE.and(Reads::TIME));
        let courses: Vec<NodeId> = self.states.values().copied().collect();
        let graph = &translator.graph;
        let cone = graph.cone(courses, |id| stands_still(graph, id));
        let of_signals = |id: &NodeId| {
            stands_still(graph, *id)
                && graph.reads(*id).any(Reads::SIGNAL)
                && !matches!(graph.node(*id), Node::Input(..))
        };
        let coefficients: Vec<NodeId> = cone.into_iter().filter(of_signals).collect();
        for id in coefficients {
            let row = self.anchored_row(translator, id);
            self.known.insert(id, (Bank::Signal, row));
        }
    }
}

/// Whether all rates are linear, with coefficients and constants that stand still between instants.
pub(super) fn is_linear(graph: &mut Graph, rates: &[NodeId], entries: &Entries) -> bool {
    let all = (0..rates.len()).collect();
    Affine::of(graph, rates, entries, &all).states == all
}

/// `y`, `(A + l1) y`, `(A + l2) (A + l1) y`, ... at the instant, for the states of a block and a one
/// that constant rates flow from; nothing where zero by structure.
fn vectors(
    graph: &mut Graph,
    affine: &Affine,
    group: &Group,
    modes: &[NodeId],
) -> Vec<BTreeMap<usize, NodeId>> {
    let here = |graph: &mut Graph, state: usize| (state, graph.input(Bank::State, state));
    let mut vector: BTreeMap<usize, NodeId> =
        group.states().map(|state| here(graph, state)).collect();
    let mut source = graph.constant(1.0);
    let mut vectors = vec![vector.clone()];
    for &mode in &modes[..modes.len() - 1] {
        let mut next = BTreeMap::new();
        for state in group.states() {
            let own = times(graph, vector.get(&state).copied(), Some(mode));
            let flow = times(graph, affine.constants.get(&state).copied(), Some(source));
            let mut moved = sum(graph, own, flow);
            for (from, coefficient) in affine.row(state) {
                let part = times(graph, Some(coefficient), vector.get(&from).copied());
                moved = sum(graph, moved, part);
            }
            next.extend(moved.map(|moved| (state, moved)));
        }
        source = graph.binary(Binary::Mul, source, mode);
        vectors.push(next.clone());
        vector = next;
    }
    vectors
}
