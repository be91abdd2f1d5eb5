//! Checked models to expression graphs to lane-wide programs.
//!
//! ```text
//! Model, Expr -> Graph -> Program -> Kernel
//!                  |         |         rows of lanes in, rows of lanes out
//!                  |         instructions on rows, registers used again
//!                  equal parts once, constants folded, derivatives
//! ```
//!
//! - [`system`]: what an arm's simulation integrates: models, and what a trial adds to them. Start
//!   at [`SystemBuilder`] and [`System`].
//! - [`compile_expressions`]: expressions outside any system, for many lanes or one.
//! - [`Graph`]: the expression graph and its simplifications, all of which keep every bit.
//! - [`function`]: what each function of the language computes.
//!
//! # What is promised
//!
//! A value has the same bits at every width of vectors, at any number of lanes, in any lane, next
//! to anything: no arithmetic crosses lanes. Equations compute the bits that the same equations
//! typed by hand compute: nothing is reordered, fused or approximated. A value that is no number
//! is never passed over in silence: comparisons of it are no number either. Running a kernel
//! allocates nothing.
//!
//! The interpreter defines the meaning of programs. A faster [`Backend`] takes the same
//! instructions, and the functions in them from the same source.
//!
//! # An expression over lanes
//!
//! ```
//! use proband_kernel::system::{Source, TwinSlot};
//! use proband_kernel::{Rows, compile_expressions};
//! use proband_lang::{Binary, Expr, SymbolId};
//!
//! // Weight over height squared.
//! let (weight, height) = (Expr::Symbol(SymbolId(0)), Expr::Symbol(SymbolId(1)));
//! let square = Expr::binary(Binary::Pow, height, Expr::Number(2.0));
//! let bmi = Expr::binary(Binary::Div, weight, square);
//!
//! let rows_of = |symbol: SymbolId| Source::Twin(TwinSlot(symbol.index()));
//! let program = compile_expressions(&[&bmi], &mut { rows_of })?;
//!
//! let twin = [70.0, 85.0, 62.0, 1.75, 1.80, 1.60];
//! let rows = Rows { lanes: 3, twin: &twin, signals: &[], t: &[], states: &[] };
//! let mut out = [0.0; 3];
//! program.kernel(3).run(&rows, &mut out);
//! assert_eq!(out[1], 85.0 / (1.80 * 1.80));
//! # Ok::<(), proband_kernel::BuildError>(())
//! ```
#![expect(
    unsafe_code,
    reason = "rows are read through pointers, checked once a run; machine code is called"
)]

mod error;
pub mod function;
mod graph;
mod program;
pub mod system;
mod table;

pub use error::BuildError;
pub use graph::{Bank, Graph, Node, NodeId};
pub use program::{Backend, BackendRefusal, Kernel, Program, Rows};
pub use system::{System, SystemBuilder, compile_expressions};
pub use table::Table;
