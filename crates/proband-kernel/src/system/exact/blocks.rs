//! Blocks of linear states: which move together, in which order, and which can be exact.

use super::affine::Affine;
use crate::Rows;
use crate::graph::{Graph, Node, NodeId};
use std::collections::{BTreeMap, BTreeSet};

/// States that all depend on each other.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The one in the middle comes first.
    pub(super) states: Vec<usize>,
    /// The blocks that act on it, by position.
    pub(super) acting: Vec<usize>,
    /// How many terms the course of a state has, and the most blocks that act in a row.
    terms: usize,
    row: usize,
}

/// With more terms, or more blocks in a row, a course is dearer to evaluate at every step than to
/// integrate.
const MOST_TERMS: usize = 24;
const LONGEST_ROW: usize = 7;

/// The blocks whose states are exact, each after those that act on it: nothing but such states acts on
/// them, and their modes are real numbers that formulas give. None where nothing would move in closed
/// form.
pub(super) fn exact(graph: &Graph, affine: &Affine) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    // The block of each exact state.
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    for states in strong_blocks(affine) {
        let acting = acting_on(affine, &states);
        let acting: Option<BTreeSet<usize>> =
            acting.iter().map(|state| places.get(state).copied()).collect();
        let Some((acting, states)) = acting.zip(with_real_modes(graph, affine, states)) else {
            continue;
        };
        let block = Block::new(affine, &blocks, acting, states);
        if block.terms <= MOST_TERMS && block.row <= LONGEST_ROW {
            places.extend(block.states.iter().map(|&state| (state, blocks.len())));
            blocks.push(block);
        }
    }
    let in_motion = |block: &Block| block.states.iter().any(|&state| is_moved(affine, state));
    if blocks.iter().any(in_motion) { blocks } else { Vec::new() }
}

impl Block {
    fn new(
        affine: &Affine,
        blocks: &[Self],
        acting: BTreeSet<usize>,
        states: Vec<usize>,
    ) -> Self {
        let flows = states.iter().any(|state| affine.constants.contains_key(state));
        let before = acting.iter().map(|&at| &blocks[at]);
        let terms: usize = before.clone().map(|block| block.terms).sum();
        let row = before.map(|block| block.row).max().unwrap_or(0).max(usize::from(flows));
        let terms = states.len() * (1 + usize::from(flows) + terms);
        Self { states, acting: acting.into_iter().collect(), terms, row: row + 1 }
    }
}

/// Whether anything moves a state between instants.
fn is_moved(affine: &Affine, state: usize) -> bool {
    affine.row(state).next().is_some() || affine.constants.contains_key(&state)
}

/// The states outside a block that act on it.
fn acting_on(affine: &Affine, block: &[usize]) -> BTreeSet<usize> {
    let rows = block.iter().flat_map(|&state| affine.row(state));
    rows.map(|(from, _)| from).filter(|from| !block.contains(from)).collect()
}

/// The block, the one in the middle first, if its modes are real and known in closed form: up to
/// three states, of which each two act on each other with one sign and without a circle. Such a
/// matrix is similar to a symmetric one.
fn with_real_modes(
    graph: &Graph,
    affine: &Affine,
    mut block: Vec<usize>,
) -> Option<Vec<usize>> {
    let linked = |a: usize, b: usize| affine.entry(a, b).or(affine.entry(b, a)).is_some();
    match block[..] {
        [_] | [_, _] => {}
        [a, b, c] if !linked(b, c) => block = vec![a, b, c],
        [a, b, c] if !linked(a, c) => block = vec![b, a, c],
        [a, b, c] if !linked(a, b) => block = vec![c, a, b],
        _ => return None,
    }
    let (&middle, others) = block.split_first()?;
    let agree = |&other: &usize| {
        let both = affine.entry(middle, other).zip(affine.entry(other, middle));
        both.is_some_and(|(there, back)| agree_in_sign(graph, there, back))
    };
    others.iter().all(agree).then_some(block)
}

/// Whether two rates have one sign, as those between compartments do, for numbers that a person may
/// have. A person whose numbers say otherwise has modes that are no real numbers, and fails.
fn agree_in_sign(graph: &Graph, there: NodeId, back: NodeId) -> bool {
    const LIKELY: [f64; 2] = [1.0, 40.0];
    LIKELY.into_iter().any(|number| {
        let [there, back] = where_all_is(graph, [there, back], number);
        there * back > 0.0
    })
}

/// Values where every input is one number.
fn where_all_is<const N: usize>(graph: &Graph, nodes: [NodeId; N], number: f64) -> [f64; N] {
    let inputs =
        graph.cone(nodes, |_| false).into_iter().filter_map(|id| match graph.node(id) {
            Node::Input(_, row) => Some(row as usize + 1),
            _ => None,
        });
    let bank = vec![number; inputs.max().unwrap_or(0)];
    let rows = Rows { lanes: 1, twin: &bank, signals: &bank, t: &bank, states: &bank };
    let mut values = [0.0; N];
    graph.program(&nodes).kernel(1).run(&rows, &mut values);
    values
}

/// The strongly connected blocks of the linear states, those that act before those they act on
/// (S. R. Kosaraju; A. V. Aho, J. E. Hopcroft, J. D. Ullman, Data Structures and Algorithms, 1983,
/// section 6.7). States of which others act that are not linear come out too.
fn strong_blocks(affine: &Affine) -> Vec<Vec<usize>> {
    let mut acts_on: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &state in &affine.states {
        for (from, _) in affine.row(state) {
            acts_on.entry(from).or_default().push(state);
        }
    }
    let forward = |state: usize| acts_on.get(&state).cloned().unwrap_or_default();
    let mut seen = BTreeSet::new();
    let mut finished = Vec::new();
    for &state in &affine.states {
        finish(state, &forward, &mut seen, &mut finished);
    }
    let backward = |state: usize| {
        let from = affine.row(state).map(|(from, _)| from);
        from.filter(|from| affine.states.contains(from)).collect()
    };
    let mut seen = BTreeSet::new();
    let mut blocks = Vec::new();
    for state in finished.into_iter().rev() {
        let mut block = Vec::new();
        finish(state, &backward, &mut seen, &mut block);
        block.sort_unstable();
        if !block.is_empty() {
            blocks.push(block);
        }
    }
    blocks
}

/// Goes from a state to all that were not seen, depth first; writes them in the order in which they
/// were left.
fn finish(
    state: usize,
    next: &impl Fn(usize) -> Vec<usize>,
    seen: &mut BTreeSet<usize>,
    finished: &mut Vec<usize>,
) {
    let mut open = vec![(state, false)];
    while let Some((state, left)) = open.pop() {
        if left {
            finished.push(state);
        } else if seen.insert(state) {
            open.push((state, true));
            open.extend(next(state).into_iter().map(|state| (state, false)));
        }
    }
}
