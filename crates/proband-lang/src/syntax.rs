//! The syntax tree.

/// An expression as written.
#[derive(Clone, Debug)]
pub struct Expr {}
