//! Symbols and categories of the model, and the rows of its lists.

use super::typed::Levels;
use super::world::{Role, World};
use crate::{
    Between, Category, Covariate, Expr as Value, Input, Level, Parameter, Start, State, Symbol,
    SymbolId, SymbolKind, Unit,
};
use proband_diag::Span;

impl World {
    /// A symbol, and its row in the list of its kind, to be filled when its definition is checked.
    pub(super) fn add_symbol(
        &mut self,
        name: String,
        role: Role,
        span: Span,
        text: Option<String>,
    ) -> SymbolId {
        let (kind, level) = match role {
            Role::Covariate => {
                (SymbolKind::Covariate(self.model.covariates.len()), Level::Twin)
            }
            Role::Input => (SymbolKind::Input(self.model.inputs.len()), Level::Time),
            Role::Parameter => {
                (SymbolKind::Parameter(self.model.parameters.len()), Level::Twin)
            }
            Role::State => (SymbolKind::State(self.model.states.len()), Level::State),
            _ => (SymbolKind::Let(usize::MAX), Level::Constant),
        };
        let typical = (role == Role::Parameter).then(|| {
            let kind = SymbolKind::Typical(self.model.parameters.len());
            self.push_symbol(name.clone(), kind, Level::Twin, span, None)
        });
        let symbol = self.push_symbol(name, kind, level, span, text);
        self.add_row(role, symbol, typical);
        symbol
    }

    pub(crate) fn push_symbol(
        &mut self,
        name: String,
        kind: SymbolKind,
        level: Level,
        span: Span,
        text: Option<String>,
    ) -> SymbolId {
        let id = u32::try_from(self.model.symbols.len()).expect("fewer items than u32 holds");
        let unit = Unit::one();
        self.model.symbols.push(Symbol { name, unit, kind, category: None, level, span, text });
        SymbolId(id)
    }

    fn add_row(&mut self, role: Role, symbol: SymbolId, typical: Option<SymbolId>) {
        let later = || Value::Number(f64::NAN);
        match role {
            Role::Covariate => self.model.covariates.push(Covariate {
                symbol,
                typical: None,
                between: Between::Last,
            }),
            Role::Input => self.model.inputs.push(Input { symbol, default: None }),
            Role::Parameter => self.model.parameters.push(Parameter {
                symbol,
                typical: typical.expect("a parameter has a typical value"),
                typical_value: None,
                expression: later(),
                between_twins: None,
                between_occasions: None,
                lower: None,
                upper: None,
                block: None,
            }),
            Role::State => self.model.states.push(State {
                symbol,
                start: Start::Value(later()),
                rate: None,
                lower: None,
                upper: None,
            }),
            _ => {}
        }
    }

    /// The position of a category in the model, added if it is new.
    pub(crate) fn category(&mut self, name: &str, levels: &Levels) -> usize {
        let same = |c: &Category| c.name == name && *c.levels == **levels;
        if let Some(known) = self.model.categories.iter().position(same) {
            return known;
        }
        let levels = levels.to_vec();
        self.model.categories.push(Category { name: name.to_owned(), levels });
        self.model.categories.len() - 1
    }
}
