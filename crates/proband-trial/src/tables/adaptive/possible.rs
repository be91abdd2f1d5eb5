//! What a condition can come to be, given what its quantities can.

use proband_lang::{Binary, Expr, SymbolId, Unary};

/// The least and the most that something can be.
pub(super) type Range = (f64, f64);

const EITHER: Range = (0.0, 1.0);
const ANYTHING: Range = (f64::NEG_INFINITY, f64::INFINITY);

/// The range of an expression whose symbols have these; of a condition within 0 and 1.
pub(super) fn range(expr: &Expr, of: &dyn Fn(SymbolId) -> Range) -> Range {
    match expr {
        Expr::Number(value) => (*value, *value),
        Expr::Symbol(symbol) => of(*symbol),
        Expr::Unary(Unary::Neg, a) => {
            let (low, high) = range(a, of);
            (-high, -low)
        }
        Expr::Unary(Unary::Not, a) => {
            let (low, high) = range(a, of);
            (1.0 - high, 1.0 - low)
        }
        Expr::Binary(function, a, b) => binary(*function, range(a, of), range(b, of)),
        _ => ANYTHING,
    }
}

fn binary(function: Binary, (a, b): Range, (c, d): Range) -> Range {
    match function {
        Binary::Add => (a + c, b + d),
        Binary::Sub => (a - d, b - c),
        Binary::Mul => {
            // Nothing times what has no bound is nothing.
            let of = |x: f64, y: f64| if x == 0.0 || y == 0.0 { 0.0 } else { x * y };
            let corners = [of(a, c), of(a, d), of(b, c), of(b, d)];
            corners.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
                (low.min(value), high.max(value))
            })
        }
        Binary::Min => (a.min(c), b.min(d)),
        Binary::Max => (a.max(c), b.max(d)),
        Binary::Greater => (truth(a > d), truth(b > c)),
        Binary::GreaterEqual => (truth(a >= d), truth(b >= c)),
        Binary::Less => (truth(b < c), truth(a < d)),
        Binary::LessEqual => (truth(b <= c), truth(a <= d)),
        Binary::And => (a.min(c), b.min(d)),
        Binary::Or => (a.max(c), b.max(d)),
        Binary::Equal | Binary::NotEqual => EITHER,
        Binary::Div | Binary::Pow | Binary::Mod => ANYTHING,
    }
}

fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}
