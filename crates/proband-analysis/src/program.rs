//! Expressions of the record over all participants of a shard at once.

use proband_lang::{Binary, Expr, Unary};
use proband_trial::Expression;

/// An expression ready to be run over columns.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    expr: Expr,
    symbols: Vec<usize>,
}

impl Program {
    /// Prepares an expression whose inputs are these symbols, in this order.
    pub(crate) fn new(expression: &Expression, symbols: Vec<usize>) -> Self {
        Self { expr: expression.expr.clone(), symbols }
    }

    /// The values of the expression for `rows` rows of inputs.
    pub(crate) fn run(&self, inputs: &[&[f64]], rows: usize) -> Vec<f64> {
        (0..rows).map(|row| self.value(&self.expr, inputs, row)).collect()
    }

    fn value(&self, expr: &Expr, inputs: &[&[f64]], row: usize) -> f64 {
        let of = |e: &Expr| self.value(e, inputs, row);
        match expr {
            Expr::Number(v) => *v,
            Expr::Symbol(s) => {
                let place = self.symbols.iter().position(|&p| p == s.index());
                place.map_or(f64::NAN, |p| inputs[p][row])
            }
            Expr::Unary(Unary::Neg, a) => -of(a),
            Expr::Binary(op, a, b) => {
                let (a, b) = (of(a), of(b));
                let flag = |is: bool| f64::from(u8::from(is));
                match op {
                    Binary::Add => a + b,
                    Binary::Sub => a - b,
                    Binary::Mul => a * b,
                    Binary::Div => a / b,
                    Binary::Less => flag(a < b),
                    Binary::GreaterEqual => flag(a >= b),
                    _ => f64::NAN,
                }
            }
            _ => f64::NAN,
        }
    }
}
