//! Blocks of linear states: which move together, in which order, and which can be exact.

use super::affine::Affine;
use crate::graph::Graph;
use std::collections::{BTreeMap, BTreeSet};

/// States that one set of modes serves: blocks that act on each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// Those that others depend on come first.
    pub(super) blocks: Vec<Block>,
    /// The most blocks that act on each other in a row.
    pub(super) depth: usize,
}

/// States that all depend on each other, the one in the middle first.
pub(super) type Block = Vec<usize>;

/// More modes than this are dearer to evaluate at every step than to integrate.
const MOST_MODES: usize = 6;

impl Group {
    pub(super) fn states(&self) -> impl Iterator<Item = usize> {
        self.blocks.iter().flatten().copied()
    }

    fn size(&self) -> usize {
        self.blocks.iter().map(Vec::len).sum()
    }

    fn join(&mut self, other: Self) {
        self.blocks.extend(other.blocks);
        self.depth = self.depth.max(other.depth);
    }
}

/// The groups of states that are exact: nothing but themselves acts on them, and their modes are
/// real numbers that formulas give. None where nothing would move in closed form.
pub(super) fn groups(graph: &Graph, affine: &Affine) -> Vec<Group> {
    let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
    // The group of each exact state, and how many blocks lead to it.
    let mut places: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for (number, block) in strong_blocks(affine).into_iter().enumerate() {
        let acting = acting_on(affine, &block);
        let known: Option<Vec<(usize, usize)>> =
            acting.iter().map(|state| places.get(state).copied()).collect();
        let Some((known, block)) = known.zip(with_real_modes(graph, affine, block)) else {
            continue;
        };
        let joined: BTreeSet<usize> = known.iter().map(|&(group, _)| group).collect();
        let size: usize = joined.iter().map(|group| groups[group].size()).sum();
        if size + block.len() > MOST_MODES {
            continue;
        }
        let before = known.iter().map(|&(_, depth)| depth).max().unwrap_or(0);
        let depth = before + usize::from(block.len() > 1 || moves(affine, block[0]));
        let mut group = Group::default();
        joined.iter().for_each(|old| group.join(groups.remove(old).expect("joined once")));
        group.join(Group { blocks: vec![block], depth });
        for state in group.states() {
            let depth = places.get(&state).map_or(depth, |&(_, depth)| depth);
            places.insert(state, (number, depth));
        }
        groups.insert(number, group);
    }
    let in_motion = |group: &Group| group.states().any(|state| is_moved(affine, state));
    if groups.values().any(in_motion) { groups.into_values().collect() } else { Vec::new() }
}

/// Whether a state decays or grows by itself.
fn moves(affine: &Affine, state: usize) -> bool {
    affine.entry(state, state).is_some()
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
fn with_real_modes(graph: &Graph, affine: &Affine, mut block: Block) -> Option<Block> {
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
        let there = affine.entry(middle, other)?;
        let back = affine.entry(other, middle)?;
        graph.agree_in_sign(there, back).then_some(())
    };
    others.iter().all(|other| agree(other).is_some()).then_some(block)
}

/// The strongly connected blocks of the linear states, those that act before those they act on
/// (S. R. Kosaraju; A. V. Aho, J. E. Hopcroft, J. D. Ullman, Data Structures and Algorithms, 1983,
/// section 6.7). States of which others act that are not linear come out too.
fn strong_blocks(affine: &Affine) -> Vec<Block> {
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
