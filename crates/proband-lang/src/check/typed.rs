//! The value of a checked expression while the checking goes on.

use crate::{Expr, Kind, Level, Unit};
use std::sync::Arc;

/// The names of a category, in order.
pub(crate) type Levels = Arc<[String]>;

/// A checked expression with what the rules of units and levels ask about.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    pub(crate) expr: Expr,
    pub(crate) unit: Unit,
    pub(crate) kind: Kind,
    pub(crate) level: Level,
    /// `0` and `inf` have any unit.
    pub(crate) any_unit: bool,
    /// Made of numbers that were written without a unit.
    pub(crate) bare: bool,
}

impl Typed {
    pub(crate) fn number(expr: Expr, unit: Unit, level: Level) -> Self {
        Self { expr, unit, kind: Kind::Number, level, any_unit: false, bare: false }
    }

    pub(crate) fn literal(value: f64, unit: Option<Unit>) -> Self {
        let bare = unit.is_none();
        Self {
            expr: Expr::Number(value),
            unit: unit.unwrap_or_else(Unit::one),
            kind: Kind::Number,
            level: Level::Constant,
            any_unit: bare && (value.to_bits() << 1 == 0 || value.is_infinite()),
            bare,
        }
    }

    pub(crate) fn condition(expr: Expr, level: Level) -> Self {
        Self { kind: Kind::Condition, ..Self::number(expr, Unit::one(), level) }
    }

    pub(crate) fn of_category(expr: Expr, levels: Levels, level: Level) -> Self {
        Self { kind: Kind::Level(levels), ..Self::number(expr, Unit::one(), level) }
    }

    pub(crate) fn is_number(&self) -> bool {
        self.kind == Kind::Number
    }

    /// Whether the expression is a number, known now.
    pub(crate) fn is_constant(&self) -> bool {
        self.expr.as_number().is_some()
    }
}

/// What a kind of value is called in messages.
pub(crate) fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Number => "a number",
        Kind::Condition => "a condition",
        Kind::Level(_) => "a level",
    }
}
