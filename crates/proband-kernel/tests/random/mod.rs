//! Random numbers and expressions.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use proband_lang::{Binary, Expr, SymbolId, Unary};
use proptest::prelude::*;

pub const FUNCTIONS: [Unary; 22] = [
    Unary::Neg,
    Unary::Abs,
    Unary::Sign,
    Unary::Floor,
    Unary::Round,
    Unary::Sqrt,
    Unary::Exp,
    Unary::Ln,
    Unary::Log10,
    Unary::Log2,
    Unary::Sin,
    Unary::Cos,
    Unary::Tan,
    Unary::Atan,
    Unary::Sinh,
    Unary::Cosh,
    Unary::Tanh,
    Unary::Expit,
    Unary::Logit,
    Unary::Erf,
    Unary::NormalCdf,
    Unary::GammaLn,
];

pub const OPERATORS: [Binary; 8] = [
    Binary::Add,
    Binary::Sub,
    Binary::Mul,
    Binary::Div,
    Binary::Pow,
    Binary::Min,
    Binary::Max,
    Binary::Mod,
];

pub const COMPARISONS: [Binary; 6] = [
    Binary::Less,
    Binary::LessEqual,
    Binary::Greater,
    Binary::GreaterEqual,
    Binary::Equal,
    Binary::NotEqual,
];

/// Numbers of every kind, ordinary ones the most.
pub fn number() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![
        4 => -10.0..10.0f64,
        2 => prop::sample::select(vec![0.0, -0.0, 1.0, -1.0, 2.0, 3.0, 0.5]),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-310, 1e300]),
        1 => prop::num::f64::ANY,
    ]
}

fn leaf(symbols: u32) -> impl Strategy<Value = Expr> + Clone {
    prop_oneof![
        number().prop_map(Expr::Number),
        (0..symbols).prop_map(|at| Expr::Symbol(SymbolId(at))),
        Just(Expr::Time),
    ]
}

/// A condition whose sides are numbers.
fn condition(
    number: impl Strategy<Value = Expr> + Clone + 'static,
) -> impl Strategy<Value = Expr> + Clone {
    let comparison = (prop::sample::select(&COMPARISONS[..]), number.clone(), number)
        .prop_map(|(which, a, b)| Expr::binary(which, a, b));
    comparison.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|x| Expr::unary(Unary::Not, x)),
            (prop::bool::ANY, inner.clone(), inner).prop_map(|(and, a, b)| {
                Expr::binary(if and { Binary::And } else { Binary::Or }, a, b)
            }),
        ]
    })
}

/// The root of u^3 + u = x, or of what another root decides that depends on u.
fn root(x: Expr, low: f64, nested: bool) -> Expr {
    let unknown = if nested { 8 } else { 7 };
    let u = || Expr::Unknown(unknown);
    let cube = Expr::binary(Binary::Mul, Expr::binary(Binary::Mul, u(), u()), u());
    let sum = Expr::binary(Binary::Add, cube, u());
    let right = if nested { root(Expr::binary(Binary::Add, x, u()), -3.0, false) } else { x };
    Expr::Root {
        unknown,
        from: Box::new(Expr::Number(low)),
        to: Box::new(Expr::Number(40.0)),
        body: Box::new(Expr::binary(Binary::Sub, sum, right)),
    }
}

/// An expression of so many symbols and time, of about so many parts.
pub fn expression(symbols: u32, parts: u32) -> impl Strategy<Value = Expr> + Clone {
    leaf(symbols).prop_recursive(5, parts, 4, move |inner| {
        prop_oneof![
            4 => (prop::sample::select(&FUNCTIONS[..]), inner.clone())
                .prop_map(|(which, x)| Expr::unary(which, x)),
            6 => (prop::sample::select(&OPERATORS[..]), inner.clone(), inner.clone())
                .prop_map(|(which, a, b)| Expr::binary(which, a, b)),
            2 => (condition(inner.clone()), inner.clone(), inner.clone())
                .prop_map(|(c, a, b)| Expr::If(Box::new(c), Box::new(a), Box::new(b))),
            1 => (inner.clone(), -1..3i64, prop::collection::vec(inner.clone(), 1..4)).prop_map(
                |(index, first, members)| {
                    let index = Box::new(Expr::unary(Unary::Round, index));
                    Expr::Member { index, first, members }
                }
            ),
            // Of leaves alone: the recursion evaluates everything anew at every step of a search.
            1 => (prop::sample::select(&OPERATORS[..]), leaf(symbols), leaf(symbols), -40.0..10.0f64, prop::bool::ANY)
                .prop_map(|(which, a, b, low, nested)| root(Expr::binary(which, a, b), low, nested)),
        ]
    })
}
