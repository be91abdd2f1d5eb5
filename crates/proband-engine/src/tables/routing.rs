//! Which table the records of an observable go to: the rule that the page of the tables states.

use super::TableId;
use proband_lang::{
    Declared, Expr, Happening, Model, Observable, Start, State, SymbolId, SymbolKind, Unit,
};
use std::collections::BTreeSet;

/// [`TableId::Adpc`] for the concentration of a drug, [`TableId::Adlb`] for everything else.
///
/// The concentration of a drug has the unit of one and comes from drug states alone, and from at
/// least one: it would be 0 had nothing been given.
#[must_use]
pub fn records_table(model: &Model, observable: &Observable) -> TableId {
    let states = states_of(model, &Expr::Symbol(observable.symbol));
    let drug = drug_states(model);
    let from_drug = !states.is_empty() && states.is_subset(&drug);
    if from_drug && is_concentration(&observable.unit) { TableId::Adpc } else { TableId::Adlb }
}

fn is_concentration(unit: &Unit) -> bool {
    ["g/L", "mol/L", "U/L"].iter().any(|concentration| {
        let concentration = Unit::parse(concentration, &Declared::default());
        unit.same_dimension(&concentration.expect("a unit that every file knows"))
    })
}

/// States that start at 0, and that a dose enters or another drug state moves.
fn drug_states(model: &Model) -> BTreeSet<SymbolId> {
    let mut drug = BTreeSet::new();
    loop {
        let moved = |state: &&State| dosed(model, state) || depends(model, state, &drug);
        let from_zero = model.states.iter().filter(|state| starts_at_zero(state));
        let found: BTreeSet<SymbolId> = from_zero.filter(moved).map(|s| s.symbol).collect();
        if found == drug {
            return drug;
        }
        drug = found;
    }
}

fn starts_at_zero(state: &State) -> bool {
    matches!(&state.start, Start::Value(value) if value.as_number() == Some(0.0))
}

/// Whether a dose line ends in the state, or an `on` of a dose assigns it.
fn dosed(model: &Model, state: &State) -> bool {
    let by_line = model.doses.iter().any(|dose| dose.target == state.symbol);
    let updates = model.updates.iter().filter(|u| matches!(u.at, Happening::Dose(_)));
    by_line || updates.flat_map(|u| &u.assignments).any(|(target, _)| *target == state.symbol)
}

fn depends(model: &Model, state: &State, on: &BTreeSet<SymbolId>) -> bool {
    state.rate.as_ref().is_some_and(|rate| !states_of(model, rate).is_disjoint(on))
}

/// The states that an expression needs, through derived quantities.
#[derive(Default)]
struct Needed {
    states: BTreeSet<SymbolId>,
    /// Derived quantities that were followed, each once however many ways lead to it.
    followed: BTreeSet<SymbolId>,
}

fn states_of(model: &Model, expression: &Expr) -> BTreeSet<SymbolId> {
    let mut needed = Needed::default();
    needed.add(model, expression);
    needed.states
}

impl Needed {
    fn add(&mut self, model: &Model, expression: &Expr) {
        expression.walk(&mut |part| {
            let Expr::Symbol(symbol) = *part else { return };
            match model.symbols[symbol.index()].kind {
                SymbolKind::State(_) => drop(self.states.insert(symbol)),
                SymbolKind::Let(place) if self.followed.insert(symbol) => {
                    self.add(model, &model.lets[place].expression);
                }
                _ => {}
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proband_diag::{Sources, Span};
    use proband_lang::{Binary, DoseLine, Let, Level, Symbol};

    fn nowhere() -> Span {
        Sources::default().add("test.model", "").span(0..0)
    }

    fn unit(text: &str) -> Unit {
        Unit::parse(text, &Declared::default()).unwrap()
    }

    /// A model in which quantities are written in the order in which they are needed.
    struct Writing(Model);

    impl Writing {
        fn new() -> Self {
            Self(Model {
                name: "test".into(),
                title: None,
                sources: Vec::new(),
                time: Unit::hour(),
                symbols: Vec::new(),
                categories: Vec::new(),
                tables: Vec::new(),
                covariates: Vec::new(),
                inputs: Vec::new(),
                parameters: Vec::new(),
                blocks: Vec::new(),
                lets: Vec::new(),
                states: Vec::new(),
                doses: Vec::new(),
                nexts: Vec::new(),
                jumps: Vec::new(),
                events: Vec::new(),
                hazards: Vec::new(),
                updates: Vec::new(),
                observables: Vec::new(),
                order: Vec::new(),
            })
        }

        fn symbol(&mut self, kind: SymbolKind) -> SymbolId {
            let (name, unit) = (String::new(), Unit::one());
            let (category, level, text) = (None, Level::State, None);
            self.0.symbols.push(Symbol {
                name,
                unit,
                kind,
                category,
                level,
                span: nowhere(),
                text,
            });
            SymbolId(self.0.symbols.len() as u32 - 1)
        }

        /// A state that starts at a number and is moved by other quantities.
        fn state(&mut self, start: f64, moved_by: &[SymbolId]) -> SymbolId {
            let symbol = self.symbol(SymbolKind::State(self.0.states.len()));
            let (start, rate) = (Start::Value(Expr::Number(start)), Some(sum(moved_by)));
            self.0.states.push(State { symbol, start, rate, lower: None, upper: None });
            symbol
        }

        fn quantity(&mut self, of: &[SymbolId]) -> SymbolId {
            let symbol = self.symbol(SymbolKind::Let(self.0.lets.len()));
            self.0.lets.push(Let { symbol, expression: sum(of) });
            symbol
        }

        fn dose(&mut self, target: SymbolId) {
            let (drug, route, unit) = (None, "oral".into(), unit("mg"));
            let (lag, fraction, over) = (None, None, None);
            let line =
                DoseLine { drug, route, unit, target, lag, fraction, over, span: nowhere() };
            self.0.doses.push(line);
        }

        fn table(&self, symbol: SymbolId, in_unit: &str) -> TableId {
            let observable = Observable {
                name: "seen".into(),
                symbol,
                unit: unit(in_unit),
                draw: None,
                lower_limit: None,
                upper_limit: None,
                text: None,
            };
            records_table(&self.0, &observable)
        }
    }

    fn sum(of: &[SymbolId]) -> Expr {
        let add = |a, &b| Expr::binary(Binary::Add, a, Expr::Symbol(b));
        of.iter().fold(Expr::Number(1.0), add)
    }

    #[test]
    fn a_concentration_that_is_zero_without_a_dose_is_one_of_a_drug() {
        let mut model = Writing::new();
        let depot = model.state(0.0, &[]);
        let central = model.state(0.0, &[depot]);
        let concentration = model.quantity(&[central]);
        let metabolite = model.state(0.0, &[concentration]);
        model.dose(depot);
        for symbol in [concentration, metabolite] {
            assert_eq!(model.table(symbol, "ng/mL"), TableId::Adpc);
            assert_eq!(model.table(symbol, "nmol/L"), TableId::Adpc);
            assert_eq!(model.table(symbol, "mg"), TableId::Adlb);
        }
    }

    #[test]
    fn everything_else_is_a_laboratory_value() {
        let mut model = Writing::new();
        let central = model.state(0.0, &[]);
        model.dose(central);
        let glucose = model.state(8.0, &[central]);
        let both = model.quantity(&[central, glucose]);
        let undosed = model.state(0.0, &[]);
        let constant = model.quantity(&[]);
        for symbol in [glucose, both, undosed, constant] {
            assert_eq!(model.table(symbol, "mmol/L"), TableId::Adlb);
        }
        assert_eq!(model.table(central, "mmol/L"), TableId::Adpc);
    }
}
