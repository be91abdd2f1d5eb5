//! States whose course between instants is known in closed form.
//!
//! A block of states that nothing but itself moves, linearly and with coefficients that stand still
//! between instants (the pharmacokinetics of most drugs, whatever they drive), is not integrated:
//! its states become functions of time. With the modes `l1 >= l2 >= ...` of a block (the negative
//! eigenvalues of its matrix `A`) and the instant `s` at which anything was changed last,
//!
//! `y(t) = sum over k of D(l1..lk; t - s) (A + l1)...(A + l(k-1)) y(s)`,
//!
//! where `D` are divided differences of `exp(-l t)`, signed to be positive: the interpolation of the
//! matrix exponential by Newton's formula (E. J. Putzer, Amer. Math. Monthly 73 (1966) 2-7; N. J.
//! Higham, Functions of Matrices, SIAM 2008, section 4.4). What a block acts on with `D(S; t) c`
//! follows as the sum over its own `k` of `D(S, l1..lk; t) (A + l1)...(A + l(k-1)) c`, and a constant
//! acts as a block with the one mode 0. There are no special cases: equal modes are as good as others,
//! at `t = s` it gives `y(s)` itself, and between compartments all terms are positive.
//!
//! The vectors are computed at instants only, by [`Anchor`](super::Anchor), and are rows of signals.

mod affine;
mod arithmetic;
mod blocks;
mod differences;
mod modes;
mod solved;

use super::derivatives::Entries;
use super::layout::Signal;
use super::prelude::Known;
use super::translate::Translator;
use crate::graph::{Bank, Graph, Node, NodeId, Reads};
use affine::Affine;
use blocks::Block;
use differences::Differences;
use proband_lang::Binary;
use solved::{Solved, Term};
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
    /// Finds the states that can be exact. `bounded` ones cannot, nor those that a guard watches: a
    /// change of its truth and back would pass unseen, where no step is short for the states' sake.
    pub(super) fn find(
        translator: &mut Translator<'_>,
        rates: &[NodeId],
        entries: &Entries,
        bounded: &BTreeSet<usize>,
        guards: &[NodeId],
    ) -> Self {
        let free = (0..rates.len()).filter(|state| !bounded.contains(state)).collect();
        let graph = &mut translator.graph;
        let mut affine = Affine::of(graph, rates, entries, &free);
        for &guard in guards {
            if !affine.crosses_once(graph, guard) {
                affine.leave_out(graph, guard);
            }
        }
        let blocks = blocks::exact(graph, &affine);
        let mut exact = Self::default();
        if !blocks.is_empty() {
            exact.follow(translator, &affine, &blocks);
            exact.anchor_coefficients(translator);
        }
        exact
    }

    /// Finds the courses of the states of all blocks.
    fn follow(&mut self, translator: &mut Translator<'_>, affine: &Affine, blocks: &[Block]) {
        let now = translator.graph.time();
        let since = self.anchor(translator, now);
        let elapsed = translator.graph.binary(Binary::Sub, now, since);
        let mut differences = Differences::new(elapsed);
        let mut solved = Solved::new(&mut translator.graph);
        for block in blocks {
            solved.solve(&mut translator.graph, affine, block);
            for &state in &block.states {
                let course = self.course(translator, &solved, &mut differences, state);
                self.states.insert(state, course);
            }
        }
    }

    /// The course of a state of the block that was solved last.
    fn course(
        &mut self,
        translator: &mut Translator<'_>,
        solved: &Solved,
        differences: &mut Differences,
        state: usize,
    ) -> NodeId {
        let mut course = None;
        for Term { ranges, vector } in solved.last() {
            let Some(&weight) = vector.get(&state) else { continue };
            let weight = self.anchor(translator, weight);
            let graph = &mut translator.graph;
            let difference = differences.over(graph, &solved.modes, ranges);
            let part = graph.binary(Binary::Mul, weight, difference);
            course = graph.sum_of(course, Some(part));
        }
        course.expect("a state begins where it is")
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

/// The rates with a constant, if all are linear with coefficients and constants that stand still between
/// instants.
pub(super) fn linear(
    graph: &mut Graph,
    rates: &[NodeId],
    entries: &Entries,
) -> Option<Vec<usize>> {
    let all = (0..rates.len()).collect();
    let affine = Affine::of(graph, rates, entries, &all);
    (affine.states == all).then(|| affine.constants.into_keys().collect())
}
