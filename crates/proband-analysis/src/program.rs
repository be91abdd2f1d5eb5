//! Expressions of the record over all participants of a shard.

use proband_kernel::system::{Source, TwinSlot};
use proband_kernel::{BuildError, Program, Rows, compile_expressions};
use proband_trial::Expression;
use thiserror::Error;

/// Participants that are computed side by side. The results do not depend on it.
const LANES: usize = 64;

/// An expression of a trial that no value can be computed from.
#[derive(Clone, Debug, Error)]
#[error("cannot compute `{text}`: {cause}")]
pub struct ExpressionError {
    /// The expression as written.
    pub text: String,
    /// Why.
    pub cause: BuildError,
}

/// A compiled expression whose symbols are quantities.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    program: Program,
    /// The quantities it reads, in the order of their rows.
    pub(crate) quantities: Vec<usize>,
}

impl Compiled {
    /// Compiles an expression in which symbol `i` is quantity `i`.
    pub(crate) fn new(expression: &Expression) -> Result<Self, ExpressionError> {
        let mut quantities: Vec<usize> = Vec::new();
        let mut resolve = |symbol: proband_lang::SymbolId| {
            let known = quantities.iter().position(|&quantity| quantity == symbol.index());
            let row = known.unwrap_or(quantities.len());
            if known.is_none() {
                quantities.push(symbol.index());
            }
            Source::Twin(TwinSlot(row))
        };
        let failed = |cause| ExpressionError { text: expression.text.clone(), cause };
        let program = compile_expressions(&[&expression.expr], &mut resolve).map_err(failed)?;
        Ok(Self { program, quantities })
    }

    /// The value for each participant: `inputs` are the columns of the quantities, `t` each
    /// participant's end of follow-up.
    pub(crate) fn run(&self, inputs: &[&[f64]], t: &[f64]) -> Vec<f64> {
        let mut kernel = self.program.kernel(LANES);
        let mut block = Block::new(inputs.len());
        let mut out = vec![0.0; t.len()];
        for (from, out) in out.chunks_mut(LANES).enumerate() {
            block.load(inputs, t, from * LANES, out.len());
            let (twin, t) = (block.inputs.as_slice(), block.t.as_slice());
            let rows = Rows { lanes: LANES, twin, signals: &[], t, states: &[] };
            kernel.run(&rows, &mut block.values);
            out.copy_from_slice(&block.values[..out.len()]);
        }
        out
    }
}

/// Room for the participants that are computed side by side.
struct Block {
    inputs: Vec<f64>,
    t: Vec<f64>,
    values: Vec<f64>,
}

impl Block {
    fn new(inputs: usize) -> Self {
        let rows = |count| vec![0.0; count * LANES];
        Self { inputs: rows(inputs), t: rows(1), values: rows(1) }
    }

    fn load(&mut self, inputs: &[&[f64]], t: &[f64], from: usize, count: usize) {
        for (row, input) in self.inputs.chunks_mut(LANES).zip(inputs) {
            row[..count].copy_from_slice(&input[from..from + count]);
        }
        self.t[..count].copy_from_slice(&t[from..from + count]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proband_lang::{Binary, Expr, Kind, SymbolId, Unit};

    fn run(expr: Expr, inputs: &[&[f64]], t: &[f64]) -> Vec<f64> {
        let (unit, text) = (Unit::one(), String::new());
        let expression = Expression { expr, unit, kind: Kind::Number, text, span: None };
        Compiled::new(&expression).unwrap().run(inputs, t)
    }

    fn symbol(index: u32) -> Expr {
        Expr::Symbol(SymbolId(index))
    }

    #[test]
    fn inputs_come_in_the_order_in_which_they_are_read() {
        let expr = Expr::binary(Binary::Sub, symbol(9), symbol(4));
        let (a, b): (Vec<f64>, Vec<f64>) =
            (0..200).map(|k| (f64::from(3 * k), f64::from(k))).unzip();
        let expected: Vec<f64> = (0..200).map(|k| f64::from(2 * k)).collect();
        assert_eq!(run(expr, &[&a, &b], &[0.0; 200]), expected);
    }

    #[test]
    fn a_condition_on_a_missing_value_is_missing() {
        let below = Expr::binary(Binary::Less, symbol(0), Expr::Number(7.0));
        let met = run(below.clone(), &[&[6.5, f64::NAN, 7.0]], &[0.0; 3]);
        assert_eq!((met[0], met[2]), (1.0, 0.0));
        assert!(met[1].is_nan());
        let choice = Expr::If(below.into(), Expr::Number(1.0).into(), Expr::Number(2.0).into());
        assert!(run(choice, &[&[f64::NAN]], &[0.0])[0].is_nan());
    }

    #[test]
    fn time_is_the_end_of_follow_up() {
        assert_eq!(run(Expr::Time, &[], &[84.0, 12.0]), [84.0, 12.0]);
    }

    #[test]
    fn what_only_models_have_is_an_error() {
        let expr = Expr::Table(0, Expr::Number(1.0).into());
        let (unit, text) = (Unit::one(), "effect(1)".to_owned());
        let expression = Expression { expr, unit, kind: Kind::Number, text, span: None };
        let error = Compiled::new(&expression).unwrap_err();
        assert_eq!(error.text, "effect(1)");
    }
}
