//! The quantities that expressions refer to, each once.

use crate::Quantity;
use proband_lang::{Binary, Expr, SymbolId};

/// The condition that a number is above 0: of a count, that it happened; of a yes, that it is so.
pub(crate) fn above_0(number: Expr) -> Expr {
    Expr::binary(Binary::Greater, number, Expr::Number(0.0))
}

/// `Trial::quantities` in the making. The covariates come first, in their order, so that the symbol
/// of a covariate is its position.
#[derive(Clone, Debug, Default)]
pub(crate) struct Quantities {
    list: Vec<Quantity>,
    /// Whether an expression may ask for a value at every visit, and has.
    pub(crate) every_visit: EveryVisit,
}

/// A value at every visit, such as `change(x)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum EveryVisit {
    /// One value a participant is wanted.
    #[default]
    Refused,
    /// An endpoint may ask for it.
    Allowed,
    /// It did.
    Asked,
}

impl Quantities {
    /// Starts with this many covariates.
    pub(crate) fn of_covariates(count: usize) -> Self {
        let list = (0..count).map(Quantity::Covariate).collect();
        Self { list, ..Self::default() }
    }

    /// The value of a quantity.
    pub(crate) fn symbol(&mut self, quantity: Quantity) -> Expr {
        Expr::Symbol(self.id(quantity))
    }

    fn id(&mut self, quantity: Quantity) -> SymbolId {
        let known = self.list.iter().position(|other| *other == quantity);
        let index = known.unwrap_or_else(|| {
            self.list.push(quantity);
            self.list.len() - 1
        });
        SymbolId(u32::try_from(index).expect("fewer than 2^32 quantities"))
    }

    /// What a symbol stands for.
    pub(crate) fn get(&self, symbol: SymbolId) -> Option<&Quantity> {
        self.list.get(symbol.index())
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.list.len()
    }

    /// Of the quantities from a position on, keeps those that an expression uses; its symbols follow.
    /// Checking asks for more than an expression turns out to need.
    pub(crate) fn keep(&mut self, from: usize, expr: Option<&mut Expr>) {
        let asked = self.list.split_off(from);
        let Some(expr) = expr else { return };
        expr.renumber(&mut |symbol| {
            if let Some(quantity) =
                symbol.index().checked_sub(from).and_then(|at| asked.get(at))
            {
                *symbol = self.id(quantity.clone());
            }
        });
    }

    /// The quantities in an expression, in order of appearance.
    pub(crate) fn of(&self, expr: &Expr) -> Vec<&Quantity> {
        let mut found = Vec::new();
        expr.walk(&mut |part| {
            if let Expr::Symbol(symbol) = part {
                found.extend(self.list.get(symbol.index()));
            }
        });
        found
    }

    /// All of them, so far.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Quantity> {
        self.list.iter()
    }

    /// All of them.
    pub(crate) fn into_list(self) -> Vec<Quantity> {
        self.list
    }
}
