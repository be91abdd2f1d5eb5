//! Checked models to expression graphs to lane-wide programs
#![expect(
    unsafe_code,
    reason = "the interpreter reads rows through pointers, checked once a run"
)]

mod error;
pub mod function;
mod graph;
mod program;
pub mod system;
mod table;

pub use error::BuildError;
pub use graph::{Bank, Graph, Node, NodeId};
pub use program::{Kernel, Program, Rows};
pub use system::{System, SystemBuilder, compile_expressions};
pub use table::Table;
