//! Expressions by plain recursion, in double precision: what the compiled ones are compared with.

use proband_lang::{Binary, Expr, Unary};

/// The value of an expression of arithmetic and conditions; symbol `i` is `values[i]`.
pub(crate) fn evaluate(expression: &Expr, values: &[f64]) -> f64 {
    let of = |part: &Expr| evaluate(part, values);
    match expression {
        Expr::Number(value) => *value,
        Expr::Symbol(symbol) => values[symbol.index()],
        Expr::Unary(function, a) => unary(*function, of(a)),
        Expr::Binary(function, a, b) => binary(*function, of(a), of(b)),
        Expr::If(condition, yes, no) => of(if of(condition) == 1.0 { yes } else { no }),
        other => panic!("the oracle has no {other:?}"),
    }
}

fn unary(function: Unary, a: f64) -> f64 {
    match function {
        Unary::Neg => -a,
        Unary::Not => 1.0 - a,
        Unary::Sqrt => a.sqrt(),
        Unary::Exp => proband_math::exp(a),
        Unary::Ln => proband_math::ln(a),
        other => panic!("the oracle has no {other:?}"),
    }
}

fn binary(function: Binary, a: f64, b: f64) -> f64 {
    let truth = |holds: bool| f64::from(u8::from(holds));
    match function {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div => a / b,
        Binary::Pow => proband_math::pow(a, b),
        Binary::Min => a.min(b),
        Binary::Max => a.max(b),
        Binary::Less => truth(a < b),
        Binary::LessEqual => truth(a <= b),
        Binary::Greater => truth(a > b),
        Binary::GreaterEqual => truth(a >= b),
        Binary::Equal => truth(a == b),
        Binary::And => truth(a == 1.0 && b == 1.0),
        Binary::Or => truth(a == 1.0 || b == 1.0),
        other => panic!("the oracle has no {other:?}"),
    }
}
