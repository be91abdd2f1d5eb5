//! Divided differences of `exp(-l t)` as functions of `l`, signed to be positive: the response at `t` of
//! so many stages in a row, each left at its rate.

use super::modes::descending;
use crate::graph::{Graph, NodeId};
use proband_lang::{Binary, Unary};
use std::collections::BTreeMap;

/// Modes by position, first and last of a block's: one after the other, such a range for each block.
pub(super) type Ranges = Vec<(usize, usize)>;

/// Differences over modes, each made once.
pub(super) struct Differences {
    /// The time since the instant.
    t: NodeId,
    known: BTreeMap<Ranges, NodeId>,
}

impl Differences {
    pub(super) fn new(t: NodeId) -> Self {
        Self { t, known: BTreeMap::new() }
    }

    /// The difference over the modes of some ranges. What two modes of one block differ by is what
    /// weighs it, so that a quotient by it is as exact as is needed; modes of different blocks may be as
    /// near as they like.
    pub(super) fn over(
        &mut self,
        graph: &mut Graph,
        modes: &[NodeId],
        ranges: &[(usize, usize)],
    ) -> NodeId {
        if let Some(&known) = self.known.get(ranges) {
            return known;
        }
        let wide = ranges.iter().position(|(first, last)| first < last);
        let difference = if let Some(at) = wide {
            let (first, last) = ranges[at];
            let [mut left, mut right] = [ranges.to_vec(), ranges.to_vec()];
            (left[at], right[at]) = ((first, last - 1), (first + 1, last));
            let both = [left, right].map(|ranges| self.over(graph, modes, &ranges));
            let gap = graph.minus(modes[first], modes[last]);
            let none = graph.constant(0.0);
            let quotient = quotient(graph, gap, both);
            let differ = graph.is_positive(gap);
            graph.select(differ, quotient, none)
        } else {
            let single = ranges.iter().map(|&(mode, _)| modes[mode]).collect();
            in_a_row(graph, single, self.t)
        };
        self.known.insert(ranges.to_vec(), difference);
        difference
    }
}

/// The difference over rates that may be near each other.
fn in_a_row(graph: &mut Graph, rates: Vec<NodeId>, t: NodeId) -> NodeId {
    match rates[..] {
        [rate] => decay(graph, rate, t),
        [a, b] => pair(graph, a, b, t),
        _ => {
            let rates = descending(graph, rates);
            of_many(graph, &rates, t)
        }
    }
}

/// `exp(-rate t)`.
fn decay(graph: &mut Graph, rate: NodeId, t: NodeId) -> NodeId {
    if graph.as_constant(rate) == Some(0.0) {
        return graph.constant(1.0);
    }
    let negative = graph.negative(rate);
    let exponent = graph.product_of(negative, t);
    graph.unary(Unary::Exp, exponent)
}

/// `(exp(-b t) - exp(-a t)) / (a - b)`, equal ones included. The difference loses no digits as
/// `exp(-b t) (1 - exp(-z))` for `b < a` with `1 - exp(-z) = 2 T / (1 + T)`, `T = tanh(z / 2)`.
fn pair(graph: &mut Graph, a: NodeId, b: NodeId, t: NodeId) -> NodeId {
    let both = [a, b].map(|rate| decay(graph, rate, t));
    let slower = graph.binary(Binary::Max, both[0], both[1]);
    if a == b {
        return graph.product_of(t, both[0]);
    }
    let equal_ones = graph.product_of(t, slower);
    let one = graph.constant(1.0);
    let gap = graph.minus(a, b);
    let gap = graph.unary(Unary::Abs, gap);
    let half = graph.scaled(gap, 0.5);
    let z = graph.product_of(half, t);
    let tangent = graph.unary(Unary::Tanh, z);
    let under = graph.plus(one, tangent);
    let part = graph.over(tangent, under);
    let inverse = graph.over(one, half);
    let part = graph.product_of(part, inverse);
    let apart = graph.product_of(part, slower);
    let differ = graph.is_positive(gap);
    graph.select(differ, apart, equal_ones)
}

/// The difference over three rates or more in descending order, by differences over one less where the
/// rates differ by much over the time, by its series where they don't.
fn of_many(graph: &mut Graph, rates: &[NodeId], t: NodeId) -> NodeId {
    let mut present: Vec<NodeId> =
        rates.windows(2).map(|two| pair(graph, two[0], two[1], t)).collect();
    for order in 2..rates.len() {
        let both = present.windows(2).map(|both| [both[0], both[1]]);
        let both: Vec<[NodeId; 2]> = both.collect();
        let next = rates.windows(order + 1).zip(both);
        present = next.map(|(rates, both)| far_or_near(graph, rates, both, t)).collect();
    }
    present[0]
}

fn far_or_near(graph: &mut Graph, rates: &[NodeId], both: [NodeId; 2], t: NodeId) -> NodeId {
    let gap = graph.minus(rates[0], rates[rates.len() - 1]);
    let far = quotient(graph, gap, both);
    let near = series(graph, rates, t);
    let reach = graph.product_of(gap, t);
    let most = graph.constant(NEAR);
    let is_far = graph.binary(Binary::Less, most, reach);
    graph.select(is_far, far, near)
}

/// `(right - left) / gap`, which rounding must not make negative.
fn quotient(graph: &mut Graph, gap: NodeId, [left, right]: [NodeId; 2]) -> NodeId {
    let (one, zero) = (graph.constant(1.0), graph.constant(0.0));
    let inverse = graph.over(one, gap);
    let difference = graph.minus(right, left);
    let quotient = graph.product_of(difference, inverse);
    graph.binary(Binary::Max, quotient, zero)
}

/// Up to which difference over the time the series is taken.
const NEAR: f64 = 0.5;

/// Terms of the series: with differences up to [`NEAR`] and up to seven rates the next is below 1e-17.
const TERMS: usize = 16;

/// The difference over rates in descending order as its limit for equal ones, `t^k / k! exp(-l1 t)`,
/// times the sum over `m` of `k! / (m + k)!` times the complete homogeneous polynomial of degree `m` in
/// `(l1 - l2) t`, `(l1 - l3) t`, ..., all of whose terms are positive (A. C. `McCurdy` and others,
/// Math. Comp. 43 (1984) 501-528).
fn series(graph: &mut Graph, rates: &[NodeId], t: NodeId) -> NodeId {
    let mut limit = decay(graph, rates[0], t);
    let mut ways = Vec::new();
    for (order, &rate) in rates.iter().enumerate().skip(1) {
        let gap = graph.minus(rates[0], rate);
        ways.push(graph.product_of(gap, t));
        limit = graph.product_of(limit, t);
        limit = graph.scaled(limit, 1.0 / order as f64);
    }
    let one = graph.constant(1.0);
    let mut polynomials = vec![one; ways.len()];
    let (mut sum, mut factor) = (one, 1.0);
    for degree in 1..TERMS {
        let mut below = None;
        for (polynomial, &way) in polynomials.iter_mut().zip(&ways) {
            let raised = graph.product_of(way, *polynomial);
            *polynomial = below.map_or(raised, |below| graph.plus(raised, below));
            below = Some(*polynomial);
        }
        factor /= (degree + ways.len()) as f64;
        let term = graph.scaled(*polynomials.last().expect("there are rates"), factor);
        sum = graph.plus(sum, term);
    }
    graph.product_of(limit, sum)
}
