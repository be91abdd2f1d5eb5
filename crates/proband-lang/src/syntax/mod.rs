//! Text to syntax tree. Reading never fails: it yields a tree and pushes faults, and after a fault it
//! goes on at the next statement.

mod cursor;
mod declarations;
mod dynamics;
mod expressions;
mod lexer;
mod statements;
mod tables;
#[cfg(test)]
mod tests;
mod tree;
mod units;

pub(crate) use statements::{
    misplaced_draw, parse_expression, parse_file, parse_number_and_unit,
};
pub(crate) use tables::counted;
pub use tree::Expr;
pub(crate) use tree::*;
