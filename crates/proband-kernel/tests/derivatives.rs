//! Symbolic derivatives against central differences.

use proband_kernel::{Bank, Graph, NodeId, Rows, Table};
use proband_lang::{Between, Binary, Unary};

/// A difference over +-h errs by h^2 f'''/6, and by rounding of f over h: with h = 1e-5 |x| and
/// functions of moderate curvature both stay below 1e-8 of the larger of f and f'.
const TOLERANCE: f64 = 1e-7;

/// Evaluates nodes that read two states.
fn values(graph: &Graph, nodes: &[NodeId], states: [f64; 2]) -> Vec<f64> {
    let mut out = vec![f64::NAN; nodes.len()];
    let rows = Rows { lanes: 1, twin: &[], signals: &[], t: &[], states: &states };
    graph.program(nodes).kernel(1).run(&rows, &mut out);
    out
}

/// The derivative of a function of two states with respect to each.
fn check(make: impl Fn(&mut Graph, NodeId, NodeId) -> NodeId, at: [f64; 2]) {
    let mut graph = Graph::default();
    let inputs = [0, 1].map(|row| graph.input(Bank::State, row));
    let function = make(&mut graph, inputs[0], inputs[1]);
    for (which, input) in inputs.into_iter().enumerate() {
        let zero = graph.constant(0.0);
        let slope = graph.derivatives(&[function], input)[0].unwrap_or(zero);
        let h = 1e-5 * at[which].abs().max(1.0);
        let moved = |by: f64| {
            let mut at = at;
            at[which] += by;
            values(&graph, &[function], at)[0]
        };
        let expected = (moved(h) - moved(-h)) / (2.0 * h);
        let got = values(&graph, &[slope], at)[0];
        let scale = expected.abs().max(moved(0.0).abs()).max(1e-3);
        let node = graph.node(function);
        assert!(
            (got - expected).abs() <= TOLERANCE * scale,
            "{got} for {expected} at {at:?} by {which} of {node:?}"
        );
    }
}

#[test]
fn of_every_function() {
    use Unary::*;
    let everywhere =
        [Neg, Abs, Exp, Sin, Cos, Tan, Atan, Sinh, Cosh, Tanh, Expit, Erf, NormalCdf];
    for which in everywhere {
        for x in [-2.3, -0.7, 0.4, 1.9, 3.1] {
            check(|graph, a, _| graph.unary(which, a), [x, 0.0]);
        }
    }
    for which in [Sqrt, Ln, Log10, Log2, GammaLn] {
        for x in [0.2, 0.9, 1.3, 2.6, 7.9, 25.0] {
            check(|graph, a, _| graph.unary(which, a), [x, 0.0]);
        }
    }
    for x in [0.1, 0.5, 0.93] {
        check(|graph, a, _| graph.unary(Logit, a), [x, 0.0]);
    }
    for which in [Sign, Floor, Round, Not] {
        let graph = &mut Graph::default();
        let x = graph.input(Bank::State, 0);
        let node = graph.unary(which, x);
        assert_eq!(graph.derivatives(&[node], x), [None]);
    }
}

#[test]
fn of_every_operator() {
    use Binary::*;
    for which in [Add, Sub, Mul, Div, Pow, Min, Max, Mod] {
        for at in [[1.3, 2.2], [4.1, 0.7], [0.6, -1.9], [9.2, 3.4]] {
            check(|graph, a, b| graph.binary(which, a, b), at);
        }
    }
    for which in [Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual, And, Or] {
        let graph = &mut Graph::default();
        let (a, b) = (graph.input(Bank::State, 0), graph.input(Bank::State, 1));
        let node = graph.binary(which, a, b);
        assert_eq!(graph.derivatives(&[node], a), [None]);
    }
}

/// A product and a sum rounded once: by both factors, by the summand, and with a factor squared.
#[test]
fn of_fused_multiply_add() {
    for at in [[1.3, 2.2], [-4.1, 0.7], [0.6, -1.9]] {
        check(|graph, a, b| graph.fma(a, b, a), at);
        check(|graph, a, b| graph.fma(b, b, a), at);
    }
    let mut graph = Graph::default();
    let (a, b) = (graph.input(Bank::State, 0), graph.input(Bank::State, 1));
    let product = graph.binary(Binary::Mul, a, b);
    let minus = graph.unary(Unary::Neg, product);
    let lost = graph.fma(a, b, minus);
    let x = 1.0 + f64::EPSILON;
    assert_eq!(values(&graph, &[lost], [x, x]), [f64::EPSILON * f64::EPSILON]);
    let three = [x, x, -1.0].map(|x| graph.constant(x));
    let folded = graph.fma(three[0], three[1], three[2]);
    assert_eq!(graph.as_constant(folded), Some(x.mul_add(x, -1.0)));
}

#[test]
fn of_choices_tables_and_products_of_all() {
    let table = Table::new(vec![(0.0, 1.0), (1.0, 3.0), (4.0, -2.0)], Between::Linear);
    for at in [[0.4, 1.0], [2.5, -0.4], [5.2, 0.3], [-1.2, 2.0]] {
        let table = table.clone();
        check(
            move |graph, a, b| {
                let table = graph.add_table(table.clone());
                let looked_up = graph.table(table, a);
                let less = graph.binary(Binary::Less, a, b);
                let product = graph.binary(Binary::Mul, a, b);
                let chosen = graph.select(less, product, looked_up);
                let raised = graph.unary(Unary::Exp, b);
                let hill = graph.binary(Binary::Add, raised, chosen);
                let square = graph.binary(Binary::Mul, hill, chosen);
                graph.binary(Binary::Div, square, raised)
            },
            at,
        );
    }
}

/// d ln gamma at 1 is minus Euler's constant (DLMF 5.4.12), at 1/2 minus that and 2 ln 2 (5.4.13).
#[test]
fn digamma_at_known_points() {
    const EULER: f64 = 0.577_215_664_901_532_9;
    let mut graph = Graph::default();
    let x = graph.input(Bank::State, 0);
    let log_gamma = graph.unary(Unary::GammaLn, x);
    let digamma = graph.derivatives(&[log_gamma], x)[0].unwrap();
    let at = |x: f64| values(&graph, &[digamma], [x, 0.0])[0];
    // Eight terms are taken away, each rounded: a few times 1e-16 of their sum, which is below 5.
    assert!((at(1.0) + EULER).abs() < 4e-15);
    assert!((at(0.5) + EULER + 2.0 * std::f64::consts::LN_2).abs() < 4e-15);
    assert!((at(10.0) - 2.251_752_589_066_721).abs() < 4e-15);
}

/// The root in `u` of `u^3 + a u = b`, and of that whose right side is such a root of its own.
#[test]
fn of_roots() {
    fn cubic(graph: &mut Graph, a: NodeId, b: NodeId, depth: u32) -> NodeId {
        let (low, high) = (graph.constant(-10.0), graph.constant(10.0));
        let u = graph.unknown(depth);
        let square = graph.binary(Binary::Mul, u, u);
        let factor = graph.binary(Binary::Add, square, a);
        let left = graph.binary(Binary::Mul, factor, u);
        let body = graph.binary(Binary::Sub, left, b);
        graph.root(low, high, body, depth)
    }
    for at in [[1.0, 2.0], [0.3, -4.0], [5.0, 0.7]] {
        check(|graph, a, b| cubic(graph, a, b, 0), at);
        check(
            |graph, a, b| {
                // Inside the outer root, whose unknown is a coefficient of the inner one.
                let outer = graph.unknown(0);
                let coefficient = graph.binary(Binary::Mul, outer, outer);
                let coefficient = graph.binary(Binary::Add, coefficient, a);
                let inner = cubic(graph, coefficient, b, 1);
                let (low, high) = (graph.constant(-10.0), graph.constant(10.0));
                let three = graph.constant(3.0);
                let left = graph.binary(Binary::Mul, three, outer);
                let body = graph.binary(Binary::Sub, left, inner);
                graph.root(low, high, body, 0)
            },
            at,
        );
    }
}
