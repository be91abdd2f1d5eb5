//! Which values move continuously, so that to compare them by `==` is a slip.

use crate::{Binary, Expr, Level, Model, SymbolKind, Unary};

/// How many definitions are looked through.
pub(crate) const DEEPEST: usize = 32;

impl Model {
    /// Whether a value moves continuously: a state with an equation of motion, or arithmetic of one with
    /// what belongs to the twin, also through `let` and `observe`. What is chosen, rounded or cut off may
    /// well rest at a value, and does not count.
    #[must_use]
    pub fn is_continuous(&self, value: &Expr) -> bool {
        moves(self, &|state| self.states[state].rate.is_some(), value, DEEPEST)
    }
}

/// The same while a model is being read, when `moved` says which states have an equation.
pub(crate) fn moves(
    model: &Model,
    moved: &dyn Fn(usize) -> bool,
    value: &Expr,
    depth: usize,
) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let moves = |value: &Expr| moves(model, moved, value, depth);
    match value {
        Expr::Symbol(symbol) => {
            let symbol = &model.symbols[symbol.index()];
            match symbol.kind {
                SymbolKind::State(state) => symbol.category.is_none() && moved(state),
                SymbolKind::Let(position) => {
                    model.lets.get(position).is_some_and(|derived| moves(&derived.expression))
                }
                _ => false,
            }
        }
        Expr::Unary(Unary::Neg | Unary::Exp | Unary::Ln | Unary::Sqrt | Unary::Log10, a) => {
            moves(a)
        }
        Expr::Binary(Binary::Add | Binary::Sub | Binary::Mul | Binary::Div, a, b) => {
            (moves(a) && (moves(b) || rests(model, b))) || (rests(model, a) && moves(b))
        }
        Expr::Binary(Binary::Pow, a, b) => moves(a) && rests(model, b),
        _ => false,
    }
}

/// Whether a value is a number, or a quantity of the twin.
fn rests(model: &Model, value: &Expr) -> bool {
    match value {
        Expr::Number(_) => true,
        Expr::Symbol(symbol) => model.symbols[symbol.index()].level <= Level::Twin,
        Expr::Unary(_, a) => rests(model, a),
        Expr::Binary(_, a, b) => rests(model, a) && rests(model, b),
        _ => false,
    }
}
