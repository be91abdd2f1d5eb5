//! The value of expressions that are made of numbers alone.

use crate::{Binary, Expr, SymbolId, Unary};
use proband_math as m;

impl Expr {
    /// The value, if the expression is made of numbers alone.
    #[must_use]
    pub fn constant(&self) -> Option<f64> {
        constant(self)
    }

    /// The value, where those of all its symbols are known; none where one is not, and for what is made of
    /// more than numbers and symbols.
    #[must_use]
    pub fn value_where(&self, known: &dyn Fn(SymbolId) -> Option<f64>) -> Option<f64> {
        constant_with(self, known)
    }
}

/// The value, if nothing in the expression changes.
pub(crate) fn constant(expr: &Expr) -> Option<f64> {
    constant_with(expr, &|_| None)
}

/// The value, if nothing in the expression changes but symbols whose values are known.
pub(crate) fn constant_with(
    expr: &Expr,
    known: &dyn Fn(SymbolId) -> Option<f64>,
) -> Option<f64> {
    let value = |expr: &Expr| constant_with(expr, known);
    match expr {
        Expr::Number(value) => Some(*value),
        Expr::Symbol(symbol) => known(*symbol),
        Expr::Unary(function, a) => Some(unary(*function, value(a)?)),
        Expr::Binary(function, a, b) => Some(binary(*function, value(a)?, value(b)?)),
        Expr::If(condition, a, b) => value(if is_true(value(condition)?) { a } else { b }),
        _ => None,
    }
}

fn is_true(value: f64) -> bool {
    value.abs() > 0.0
}

fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}

fn unary(function: Unary, a: f64) -> f64 {
    match function {
        Unary::Neg => -a,
        Unary::Not => truth(!is_true(a)),
        Unary::Abs => a.abs(),
        Unary::Sign if a > 0.0 => 1.0,
        Unary::Sign if a < 0.0 => -1.0,
        Unary::Sign => a,
        Unary::Floor => a.floor(),
        Unary::Round => a.round(),
        Unary::Sqrt => a.sqrt(),
        Unary::Exp => m::exp(a),
        Unary::Ln => m::ln(a),
        Unary::Log10 => m::log10(a),
        Unary::Log2 => m::log2(a),
        Unary::Sin => m::sin(a),
        Unary::Cos => m::cos(a),
        Unary::Tan => m::tan(a),
        Unary::Atan => m::atan(a),
        Unary::Sinh => m::sinh(a),
        Unary::Cosh => m::cosh(a),
        Unary::Tanh => m::tanh(a),
        Unary::Expit => m::expit(a),
        Unary::Logit => m::logit(a),
        Unary::Erf => m::erf(a),
        Unary::NormalCdf => m::normal_cdf(a),
        Unary::GammaLn => m::gamma_ln(a),
    }
}

#[expect(clippy::float_cmp, reason = "the language's == is exact")]
fn binary(function: Binary, a: f64, b: f64) -> f64 {
    match function {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div => a / b,
        Binary::Pow => m::pow(a, b),
        Binary::Min => a.min(b),
        Binary::Max => a.max(b),
        Binary::Mod => a - b * (a / b).floor(),
        Binary::Less => truth(a < b),
        Binary::LessEqual => truth(a <= b),
        Binary::Greater => truth(a > b),
        Binary::GreaterEqual => truth(a >= b),
        Binary::Equal => truth(a == b),
        Binary::NotEqual => truth(a != b),
        Binary::And => truth(is_true(a) && is_true(b)),
        Binary::Or => truth(is_true(a) || is_true(b)),
    }
}
