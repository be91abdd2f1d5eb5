//! Expressions of columns, many twins at a time.

use proband_kernel::system::{Source, TwinSlot};
use proband_kernel::{BuildError, Program, Rows, compile_expressions};
use proband_lang::Expr;

/// Twins that are computed side by side. The results do not depend on it.
const LANES: usize = 64;

/// A compiled expression whose symbols are columns.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    program: Program,
    /// The column of each row that the program reads.
    reads: Vec<usize>,
}

impl Expression {
    /// Compiles an expression in which symbol `i` is column `i`.
    pub(crate) fn new(expression: &Expr) -> Result<Self, BuildError> {
        let mut reads: Vec<usize> = Vec::new();
        let program = compile_expressions(&[expression], &mut |symbol| {
            let known = reads.iter().position(|&column| column == symbol.index());
            let row = known.unwrap_or(reads.len());
            if known.is_none() {
                reads.push(symbol.index());
            }
            Source::Twin(TwinSlot(row))
        })?;
        Ok(Self { program, reads })
    }

    /// The value for each twin.
    pub(crate) fn run<'c>(&self, column: impl Fn(usize) -> &'c [f64], out: &mut [f64]) {
        let mut kernel = self.program.kernel(LANES);
        let mut twin = vec![0.0; self.reads.len() * LANES];
        let mut values = [0.0; LANES];
        for (block, out) in out.chunks_mut(LANES).enumerate() {
            for (row, &read) in self.reads.iter().enumerate() {
                let from = &column(read)[block * LANES..][..out.len()];
                twin[row * LANES..][..out.len()].copy_from_slice(from);
            }
            let rows = Rows { lanes: LANES, twin: &twin, signals: &[], t: &[], states: &[] };
            kernel.run(&rows, &mut values);
            out.copy_from_slice(&values[..out.len()]);
        }
    }
}
