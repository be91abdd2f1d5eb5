//! Divided differences of `exp(-l t)` as functions of `l`, signed to be positive: the response at `t`
//! of so many stages in a row, each left at its rate.

use crate::graph::{Graph, NodeId};
use proband_lang::{Binary, Unary};

/// From how many blocks in a row on the quotients of differences need care. With fewer, what a small
/// gap makes of rounding is weighed by what is as small.
const LONG: usize = 3;

/// `D(l1; t)`, `D(l1, l2; t)`, ... for rates in descending order, of blocks of which at most `depth`
/// act in a row.
pub(super) fn of(graph: &mut Graph, rates: &[NodeId], t: NodeId, depth: usize) -> Vec<NodeId> {
    let decays: Vec<NodeId> = rates.iter().map(|&rate| decay(graph, rate, t)).collect();
    let mut first = vec![decays[0]];
    let mut present = decays.clone();
    for order in 1..rates.len() {
        let mut next = Vec::new();
        for at in 0..rates.len() - order {
            let some = &rates[at..=at + order];
            let both = [present[at], present[at + 1]];
            next.push(match order {
                1 => pair(graph, (some[0], some[1]), both[1], t),
                _ if depth < LONG => quotient(graph, some, both, (decays[at], t)),
                _ => careful(graph, some, both, (decays[at], t)),
            });
        }
        first.push(next[0]);
        present = next;
    }
    first
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

/// `(exp(-b t) - exp(-a t)) / (a - b)` for `a >= b`, equal ones included. The difference loses no
/// digits as `exp(-b t) (1 - exp(-z))` with `1 - exp(-z) = 2 T / (1 + T)`, `T = tanh(z / 2)`.
fn pair(graph: &mut Graph, (a, b): (NodeId, NodeId), decay: NodeId, t: NodeId) -> NodeId {
    let equal_ones = graph.product_of(t, decay);
    if a == b {
        return equal_ones;
    }
    let one = graph.constant(1.0);
    let gap = graph.minus(a, b);
    let half = graph.scaled(gap, 0.5);
    let z = graph.product_of(half, t);
    let tangent = graph.unary(Unary::Tanh, z);
    let under = graph.plus(one, tangent);
    let part = graph.over(tangent, under);
    let inverse = graph.over(one, half);
    let part = graph.product_of(part, inverse);
    let apart = graph.product_of(part, decay);
    let differ = graph.is_positive(gap);
    graph.select(differ, apart, equal_ones)
}

/// The next order from the two of the order before, right and left of it. Rounding must not make it
/// negative.
fn by_gap(graph: &mut Graph, gap: NodeId, [left, right]: [NodeId; 2]) -> NodeId {
    let (one, zero) = (graph.constant(1.0), graph.constant(0.0));
    let inverse = graph.over(one, gap);
    let difference = graph.minus(right, left);
    let quotient = graph.product_of(difference, inverse);
    graph.binary(Binary::Max, quotient, zero)
}

/// The next order, where rates are equal all by the limit.
fn quotient(
    graph: &mut Graph,
    rates: &[NodeId],
    both: [NodeId; 2],
    (decay, t): (NodeId, NodeId),
) -> NodeId {
    let gap = graph.minus(rates[0], rates[rates.len() - 1]);
    let apart = by_gap(graph, gap, both);
    let equal_ones = limit(graph, rates.len() - 1, decay, t);
    let differ = graph.is_positive(gap);
    graph.select(differ, apart, equal_ones)
}

/// `t^order / order! decay`: the difference of equal rates.
fn limit(graph: &mut Graph, order: usize, decay: NodeId, t: NodeId) -> NodeId {
    (1..=order).fold(decay, |product, factor| {
        let product = graph.product_of(product, t);
        graph.scaled(product, 1.0 / factor as f64)
    })
}

/// The next order; by its series where the rates differ by little over the time.
fn careful(
    graph: &mut Graph,
    rates: &[NodeId],
    both: [NodeId; 2],
    (decay, t): (NodeId, NodeId),
) -> NodeId {
    let gap = graph.minus(rates[0], rates[rates.len() - 1]);
    let apart = by_gap(graph, gap, both);
    let close = limit(graph, rates.len() - 1, decay, t);
    let series = series(graph, rates, t);
    let close = graph.product_of(close, series);
    let reach = graph.product_of(gap, t);
    let near = graph.constant(NEAR);
    let far = graph.binary(Binary::Less, near, reach);
    graph.select(far, apart, close)
}

/// Up to which difference over the time the series is taken.
const NEAR: f64 = 0.5;

/// Terms of the series: with differences up to [`NEAR`] and up to six rates the next is below 1e-17.
const TERMS: usize = 16;

/// The difference beside its limit for equal rates: the sum over `m` of `order! / (m + order)!` times
/// the complete homogeneous polynomial of degree `m` in `(l1 - l2) t`, `(l1 - l3) t`, ..., all of
/// whose terms are positive (A. C. `McCurdy` and others, Math. Comp. 43 (1984) 501-528).
fn series(graph: &mut Graph, rates: &[NodeId], t: NodeId) -> NodeId {
    let one = graph.constant(1.0);
    let mut ways = Vec::new();
    for &rate in &rates[1..] {
        let gap = graph.minus(rates[0], rate);
        ways.push(graph.product_of(gap, t));
    }
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
    sum
}
