//! The modes of blocks, the negative eigenvalues of their matrices, in closed form.

use super::affine::Affine;
use crate::graph::{Graph, NodeId};
use proband_lang::{Binary, Unary};

/// The modes of a block, the greatest first.
pub(super) fn of(graph: &mut Graph, affine: &Affine, block: &[usize]) -> Vec<NodeId> {
    let mut leave = |state: usize| leaving(graph, affine, state);
    match *block {
        [a] => vec![leave(a)],
        [a, b] => {
            let both = [leave(a), leave(b)];
            let exchange = exchange(graph, affine, a, b);
            of_two(graph, both, exchange).to_vec()
        }
        [a, b, c] => {
            let leave = [leave(a), leave(b), leave(c)];
            let exchanges = [b, c].map(|other| exchange(graph, affine, a, other));
            of_three(graph, leave, exchanges).to_vec()
        }
        _ => unreachable!("larger blocks are not exact"),
    }
}

/// Puts modes in order, the greatest first: an exchange sort, whose comparisons don't depend on the
/// values.
pub(super) fn descending(graph: &mut Graph, mut modes: Vec<NodeId>) -> Vec<NodeId> {
    for last in (1..modes.len()).rev() {
        for at in 0..last {
            let (a, b) = (modes[at], modes[at + 1]);
            modes[at] = graph.binary(Binary::Max, a, b);
            modes[at + 1] = graph.binary(Binary::Min, a, b);
        }
    }
    modes
}

/// The rate at which a state is left: the diagonal of `-A`.
fn leaving(graph: &mut Graph, affine: &Affine, state: usize) -> NodeId {
    match affine.entry(state, state) {
        Some(entry) => graph.negative(entry),
        None => graph.constant(0.0),
    }
}

/// The product of the rates between two states, which is never negative.
fn exchange(graph: &mut Graph, affine: &Affine, a: usize, b: usize) -> NodeId {
    let (there, back) = affine.entry(a, b).zip(affine.entry(b, a)).expect("the two are linked");
    graph.product_of(there, back)
}

/// The modes of two states that are left at `a` and `b`.
fn of_two(graph: &mut Graph, [a, b]: [NodeId; 2], exchange: NodeId) -> [NodeId; 2] {
    let product = graph.product_of(a, b);
    let determinant = graph.minus(product, exchange);
    let sum = graph.plus(a, b);
    let middle = graph.scaled(sum, 0.5);
    let difference = graph.minus(a, b);
    let half = graph.scaled(difference, 0.5);
    let square = graph.product_of(half, half);
    let square = graph.plus(square, exchange);
    let distance = graph.root_of(square);
    of_quadratic(graph, middle, distance, determinant)
}

/// `middle + distance` and `middle - distance`, whose product is known: where the first is
/// positive, the second without loss of digits.
fn of_quadratic(
    graph: &mut Graph,
    middle: NodeId,
    distance: NodeId,
    product: NodeId,
) -> [NodeId; 2] {
    let greater = graph.plus(middle, distance);
    let lesser = graph.minus(middle, distance);
    let positive = graph.is_positive(middle);
    let quotient = graph.over(product, greater);
    [greater, graph.select(positive, quotient, lesser)]
}

/// The modes of three states, the first of which exchanges with each of the others: the greatest by
/// the cosine formula (F. Vieta; O. K. Smith, Comm. ACM 4 (1961) 168), the others by what is left of
/// the polynomial, so that all three together give its coefficients again.
fn of_three(
    graph: &mut Graph,
    [a, b, c]: [NodeId; 3],
    [with_b, with_c]: [NodeId; 2],
) -> [NodeId; 3] {
    let trace = sum_of(graph, &[a, b, c]);
    let exchanged = graph.plus(with_b, with_c);
    let determinant = determinant(graph, [a, b, c], [with_b, with_c]);
    let minors = [(a, b), (a, c), (b, c)].map(|(x, y)| graph.product_of(x, y));
    let minors = sum_of(graph, &minors);
    let minors = graph.minus(minors, exchanged);

    let middle = graph.scaled(trace, 1.0 / 3.0);
    let off = [a, b, c].map(|x| graph.minus(x, middle));
    let squares = off.map(|x| graph.product_of(x, x));
    let squares = sum_of(graph, &squares);
    let twice = graph.scaled(exchanged, 2.0);
    let spread = graph.plus(squares, twice);
    let spread = graph.scaled(spread, 1.0 / 6.0);
    let spread = graph.root_of(spread);
    let shape = self::determinant(graph, off, [with_b, with_c]);
    let greatest = greatest(graph, middle, spread, shape);
    let greatest = improved(graph, greatest, [trace, minors, determinant]);

    let positive = graph.is_positive(greatest);
    let rest = graph.minus(trace, greatest);
    let quotient = graph.over(determinant, greatest);
    let from_sum = graph.product_of(greatest, rest);
    let from_sum = graph.minus(minors, from_sum);
    let product = graph.select(positive, quotient, from_sum);
    let over = graph.minus(minors, product);
    let over = graph.over(over, greatest);
    let rest = graph.select(positive, over, rest);
    let half = graph.scaled(rest, 0.5);
    let square = graph.product_of(half, half);
    let square = graph.minus(square, product);
    let zero = graph.constant(0.0);
    let square = graph.binary(Binary::Max, square, zero);
    let distance = graph.root_of(square);
    let [second, third] = of_quadratic(graph, half, distance, product);
    [greatest, second, third]
}

/// A step of Newton's method towards the root of `l^3 - trace l^2 + minors l - determinant`, where the
/// polynomial rises: the cosine formula loses digits where the two greatest roots are near each other.
fn improved(
    graph: &mut Graph,
    root: NodeId,
    [trace, minors, determinant]: [NodeId; 3],
) -> NodeId {
    let value = graph.minus(root, trace);
    let value = graph.product_of(value, root);
    let value = graph.plus(value, minors);
    let value = graph.product_of(value, root);
    let value = graph.minus(value, determinant);
    let slope = graph.scaled(root, 3.0);
    let twice = graph.scaled(trace, 2.0);
    let slope = graph.minus(slope, twice);
    let slope = graph.product_of(slope, root);
    let slope = graph.plus(slope, minors);
    let step = graph.over(value, slope);
    let improved = graph.minus(root, step);
    let rising = graph.is_positive(slope);
    graph.select(rising, improved, root)
}

fn sum_of(graph: &mut Graph, terms: &[NodeId]) -> NodeId {
    terms[1..].iter().fold(terms[0], |sum, &term| graph.plus(sum, term))
}

/// The determinant of `-A` with these on the diagonal.
fn determinant(
    graph: &mut Graph,
    [a, b, c]: [NodeId; 3],
    [with_b, with_c]: [NodeId; 2],
) -> NodeId {
    let bc = graph.product_of(b, c);
    let all = graph.product_of(a, bc);
    let first = graph.product_of(with_b, c);
    let second = graph.product_of(with_c, b);
    let less = graph.minus(all, first);
    graph.minus(less, second)
}

/// `middle + 2 spread cos(acos(shape / (2 spread^3)) / 3)`.
fn greatest(graph: &mut Graph, middle: NodeId, spread: NodeId, shape: NodeId) -> NodeId {
    let (one, least) = (graph.constant(1.0), graph.constant(-1.0));
    let square = graph.product_of(spread, spread);
    let cube = graph.product_of(square, spread);
    let cube = graph.scaled(cube, 2.0);
    let cosine = graph.over(shape, cube);
    let cosine = graph.binary(Binary::Min, cosine, one);
    let cosine = graph.binary(Binary::Max, cosine, least);
    let (below, above) = (graph.minus(one, cosine), graph.plus(one, cosine));
    let tangent = graph.over(below, above);
    let tangent = graph.root_of(tangent);
    let angle = graph.unary(Unary::Atan, tangent);
    let third = graph.scaled(angle, 2.0 / 3.0);
    let cosine = graph.unary(Unary::Cos, third);
    let reach = graph.product_of(spread, cosine);
    let reach = graph.scaled(reach, 2.0);
    let greatest = graph.plus(middle, reach);
    let apart = graph.is_positive(cube);
    graph.select(apart, greatest, middle)
}
