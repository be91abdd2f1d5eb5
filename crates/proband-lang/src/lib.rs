//! The model language: text to checked models and checked expressions.
//!
//! The one grammar, names, units and contexts of proband. A `*.model` file becomes a [`Model`]; the
//! expressions of a trial become [`Checked`] ones through a [`Scope`] that says what its names mean.
//! This crate knows no kernel, solver or TOML.

mod check;
mod entry;
mod expr;
mod model;
mod scope;
mod syntax;
mod unit;

pub use entry::{check_expression, open_model, parse_model, parse_quantity};
pub use expr::{Binary, Expr, Happening, SymbolId, Unary};
pub use model::*;
pub use scope::{Argument, Checked, Checker, Kind, Meaning, Scope, TimePoint};
pub use syntax::Expr as Syntax;
pub use unit::{Conversion, Declared, SymbolicPower, Unit, UnknownUnit};
