//! The types and values of items, each after those it needs, in whatever order they stand.

use super::expression::{Checker, Findings, Names};
use super::typed::Typed;
use super::world::{Bound, Frame, Item, ItemId, Known, Role, Type, World};
use crate::syntax::{Binding, Expr, Of, Statement, StatementKind, misplaced_draw};
use crate::{Between, Expr as Value, Kind, Let, Level, SymbolKind};
use proband_diag::{Diagnostic, Severity, Span, code};
use std::collections::BTreeSet;
use std::rc::Rc;

/// An item whose definition is being looked at.
struct Visit {
    item: ItemId,
    needs: Vec<ItemId>,
}

impl World {
    /// Runs a check in a frame; its faults are kept, those of further members of one statement not.
    pub(crate) fn checked<T>(
        &mut self,
        frame: &Frame,
        statement: Span,
        run: impl FnOnce(&mut Checker<'_>) -> Option<T>,
    ) -> Option<T> {
        let (value, findings) = self.attempt(frame, run);
        self.keep(findings, statement);
        value
    }

    pub(crate) fn attempt<T>(
        &self,
        frame: &Frame,
        run: impl FnOnce(&mut Checker<'_>) -> Option<T>,
    ) -> (Option<T>, Findings) {
        let mut checker = Checker::new(Names::Model(self), frame.clone());
        let value = run(&mut checker);
        (value, checker.findings())
    }

    pub(crate) fn keep(&mut self, findings: Findings, statement: Span) {
        let Findings { faults, unfound, used, .. } = findings;
        self.used.extend(used);
        if self.faulted.contains(&statement) {
            return;
        }
        let errors = faults.sorted().iter().any(|f| f.severity == Severity::Error);
        if errors || !unfound.is_empty() {
            self.faulted.insert(statement);
        }
        self.faults.extend(faults);
        self.unfound.extend(unfound);
    }

    /// Finds the type and value of every item.
    pub(crate) fn resolve(&mut self) {
        let (covariates, others): (Vec<ItemId>, Vec<ItemId>) =
            (0..self.items.len()).partition(|&item| self.items[item].role == Role::Covariate);
        for item in covariates.into_iter().chain(others) {
            // A circle ends the way before the item itself is done; what is in it is then faulty.
            while !self.items[item].defined {
                self.resolve_item(item);
            }
        }
    }

    /// Looks at the definitions that an item needs first; the way is kept in a list, because a chain
    /// of definitions may be long.
    fn resolve_item(&mut self, item: ItemId) {
        let mut way: Vec<Visit> = Vec::new();
        let mut on_way: BTreeSet<ItemId> = BTreeSet::new();
        self.visit(item, &mut way);
        while let Some(visit) = way.last_mut() {
            on_way.insert(visit.item);
            let (item, next) = (visit.item, visit.needs.pop());
            match next {
                Some(next) if on_way.contains(&next) => {
                    self.circular(&way, next);
                    way.clear();
                }
                Some(next) => self.visit(next, &mut way),
                None => {
                    way.pop();
                    on_way.remove(&item);
                    self.visit(item, &mut way);
                }
            }
        }
    }

    /// Looks at one definition; if it needs others, it goes on the way.
    fn visit(&mut self, item: ItemId, way: &mut Vec<Visit>) {
        if self.items[item].defined {
            return;
        }
        let mut needs = self.define(item);
        needs.reverse();
        if !needs.is_empty() {
            way.push(Visit { item, needs });
        }
    }

    fn circular(&mut self, way: &[Visit], back_to: ItemId) {
        let start = way.iter().position(|visit| visit.item == back_to).unwrap_or(0);
        let circle: Vec<ItemId> = way[start..].iter().map(|visit| visit.item).collect();
        let name = |id: &ItemId| self.items[*id].name.clone();
        let mut chain: Vec<String> = circle.iter().map(name).collect();
        chain.push(name(&back_to));
        let message = format!("`{}` is defined by itself", chain[0]);
        let fault =
            Diagnostic::error(code::CIRCULAR_DEFINITION, message, self.items[back_to].span)
                .help(format!("through {}", chain.join(" -> ")));
        self.faults.push(fault);
        for id in circle {
            self.items[id].known = Known::Faulty;
            self.items[id].defined = true;
        }
    }

    /// Checks the definition of an item. What it returns must be looked at before; then nothing was
    /// kept.
    fn define(&mut self, id: ItemId) -> Vec<ItemId> {
        let statement = self.items[id].statement.clone();
        let bound = self.items[id].bound.clone();
        if statement.faulty || matches!(self.items[id].role, Role::Entry) {
            return self.defined(id);
        }
        let binding = bound.as_ref().and_then(|bound| bound.binding());
        match self.items[id].role {
            Role::Parameter => self.define_parameter(id, &statement, bound.as_deref()),
            Role::Covariate => self.define_covariate(id, &statement),
            Role::Input => self.define_input(id, &statement),
            Role::State => self.define_state(id),
            _ => match (bound.as_deref(), binding) {
                (Some(bound), Some(binding)) => self.define_bound(id, bound, binding),
                _ => self.define_let(id, &statement),
            },
        }
    }

    pub(crate) fn defined(&mut self, id: ItemId) -> Vec<ItemId> {
        self.items[id].defined = true;
        if matches!(self.items[id].known, Known::Pending) {
            self.items[id].known = Known::Faulty;
        }
        Vec::new()
    }

    fn define_state(&mut self, id: ItemId) -> Vec<ItemId> {
        if let Known::Type(known) = self.items[id].known.clone() {
            self.set_type(id, known);
        }
        self.defined(id)
    }

    fn define_covariate(&mut self, id: ItemId, statement: &Rc<Statement>) -> Vec<ItemId> {
        let StatementKind::Covariate { value, between, .. } = &statement.kind else {
            return self.defined(id);
        };
        let value = match self.defaulted(id, statement, value.as_ref()) {
            Ok(value) => value,
            Err(needs) => return needs,
        };
        if let Some(value) = &value
            && value.level > Level::Constant
        {
            let message = "the value for the typical twin must be a number";
            self.keep_fault(
                Diagnostic::error(code::NOT_PER_TWIN, message, self.items[id].span)
                    .help("to compute it from others write `let`"),
                statement.span,
            );
        }
        let Some(symbol) = self.items[id].symbol else { return Vec::new() };
        if let SymbolKind::Covariate(position) = self.model.symbols[symbol.index()].kind {
            let covariate = &mut self.model.covariates[position];
            covariate.typical = value.map(|value| value.expr);
            covariate.between = match between.as_ref().map(|word| word.text.as_str()) {
                Some("next") => Between::Next,
                Some("linear") => Between::Linear,
                _ => Between::Last,
            };
        }
        self.in_order(id)
    }

    fn define_input(&mut self, id: ItemId, statement: &Rc<Statement>) -> Vec<ItemId> {
        let StatementKind::Input { value, .. } = &statement.kind else {
            return self.defined(id);
        };
        let value = match self.defaulted(id, statement, value.as_ref()) {
            Ok(value) => value,
            Err(needs) => return needs,
        };
        let Some(symbol) = self.items[id].symbol else { return Vec::new() };
        if let (Some(value), Known::Type(known)) = (&value, &mut self.items[id].known) {
            known.level = known.level.max(value.level);
            self.model.symbols[symbol.index()].level = known.level;
        }
        if let SymbolKind::Input(position) = self.model.symbols[symbol.index()].kind {
            self.model.inputs[position].default = value.map(|value| value.expr);
        }
        self.in_order(id)
    }

    /// The value after `=` of a covariate or input, in its declared unit or category; what must be
    /// looked at before, if anything.
    fn defaulted(
        &mut self,
        id: ItemId,
        statement: &Rc<Statement>,
        value: Option<&Expr>,
    ) -> Result<Option<Typed>, Vec<ItemId>> {
        let Known::Type(known) = self.items[id].known.clone() else { return Ok(None) };
        self.set_type(id, known.clone());
        let Some(value) = value else { return Ok(None) };
        let item = &self.items[id];
        let (result, findings) = self.attempt(&item.frame.clone(), |checker| {
            checker.declared(value, &known, &item.name, item.span)
        });
        let needs = self.needs(&findings);
        if !needs.is_empty() {
            return Err(needs);
        }
        self.keep(findings, statement.span);
        Ok(result)
    }

    fn needs(&self, findings: &Findings) -> Vec<ItemId> {
        let mut needs: Vec<ItemId> = Vec::new();
        for &item in &findings.missing {
            if !needs.contains(&item) {
                needs.push(item);
            }
        }
        needs
    }

    /// A covariate, input or parameter of a used file that `with` replaces.
    fn define_bound(&mut self, id: ItemId, bound: &Bound, binding: &Binding) -> Vec<ItemId> {
        let Known::Type(known) = self.items[id].known.clone() else { return self.defined(id) };
        let (value, findings) = self
            .attempt(&bound.frame, |checker| checker.bound(binding, &known, &bound.file_name));
        let needs = self.needs(&findings);
        if !needs.is_empty() {
            return needs;
        }
        self.keep(findings, binding.name.span);
        if let Some(draw) = &binding.draw {
            self.keep_fault(misplaced_draw(draw.span), binding.name.span);
        }
        match value {
            Some(value) => self.finish_let(id, value),
            None => {
                self.items[id].known = Known::Faulty;
                self.defined(id)
            }
        }
    }

    fn define_let(&mut self, id: ItemId, statement: &Rc<Statement>) -> Vec<ItemId> {
        let item = &self.items[id];
        let (value, findings) =
            self.attempt(&item.frame.clone(), |checker| match &statement.kind {
                StatementKind::Let { value, unit, .. } => {
                    checker.defined(value, unit.as_ref(), &item.name, item.span)
                }
                StatementKind::Hazard { rate, unit, .. } => {
                    checker.rate_of_hazard(rate, unit.as_ref(), &item.name, item.span)
                }
                StatementKind::Observe { value, of: Of::Category(text), head, .. } => {
                    checker.of_category(value.as_ref(), text, head)
                }
                StatementKind::Observe { value: Some(value), of, .. } => {
                    let unit = if let Of::Unit(unit) = of { Some(unit) } else { None };
                    checker.defined(value, unit, &item.name, item.span)
                }
                _ => None,
            });
        let needs = self.needs(&findings);
        if !needs.is_empty() {
            return needs;
        }
        self.keep(findings, statement.span);
        match value {
            Some(value) => self.finish_let(id, value),
            None => self.defined(id),
        }
    }

    fn finish_let(&mut self, id: ItemId, value: Typed) -> Vec<ItemId> {
        let known =
            Type { unit: value.unit.clone(), kind: value.kind.clone(), level: value.level };
        self.set_type(id, known);
        if let Some(symbol) = self.items[id].symbol {
            let position = self.model.lets.len();
            self.model.symbols[symbol.index()].kind = SymbolKind::Let(position);
            self.model.lets.push(Let { symbol, expression: value.expr });
        }
        self.in_order(id)
    }

    /// The item is done, and comes next in the order of evaluation.
    pub(crate) fn in_order(&mut self, id: ItemId) -> Vec<ItemId> {
        if let (Known::Type(_), Some(symbol)) = (&self.items[id].known, self.items[id].symbol) {
            self.model.order.push(symbol);
        }
        self.defined(id)
    }

    /// Writes the type of an item into its symbol.
    pub(crate) fn set_type(&mut self, id: ItemId, known: Type) {
        if let Some(symbol) = self.items[id].symbol {
            let category = match &known.kind {
                Kind::Level(levels) => Some(self.category(&self.category_name(id), levels)),
                _ => None,
            };
            let symbol = &mut self.model.symbols[symbol.index()];
            symbol.unit = known.unit.clone();
            symbol.level = known.level;
            symbol.category = category;
        }
        self.items[id].known = Known::Type(known);
    }

    /// What the category of an item is called: the set it names, or the item itself.
    fn category_name(&self, id: ItemId) -> String {
        let item = &self.items[id];
        let of = match &item.statement.kind {
            StatementKind::Covariate { of, .. }
            | StatementKind::Input { of, .. }
            | StatementKind::State { of, .. }
            | StatementKind::Observe { of, .. } => of,
            _ => return item.name.clone(),
        };
        match of {
            Of::Category(crate::syntax::SetText::Named { name, except })
                if except.is_empty() =>
            {
                name.text.clone()
            }
            _ => item.head_name().to_owned(),
        }
    }

    pub(crate) fn keep_fault(&mut self, fault: Diagnostic, statement: Span) {
        if self.faulted.insert(statement) {
            self.faults.push(fault);
        }
    }

    /// Which of the quantities that a value is made of changes most often, in words.
    pub(crate) fn cause(&self, value: &Value) -> Option<String> {
        let mut waiting = vec![value];
        let mut seen = BTreeSet::new();
        while let Some(value) = waiting.pop() {
            let mut found = None;
            value.walk(&mut |part| match part {
                Value::Time => found = found.take().or(Some("the time `t`".to_owned())),
                Value::Since(_) => found = found.take().or(Some("`since`".to_owned())),
                Value::Symbol(symbol) if seen.insert(*symbol) => {
                    let symbol = &self.model.symbols[symbol.index()];
                    match symbol.kind {
                        SymbolKind::State(_) => {
                            found = Some(format!("the state `{}`", symbol.name));
                        }
                        SymbolKind::Input(_) => {
                            found =
                                found.take().or(Some(format!("the input `{}`", symbol.name)));
                        }
                        SymbolKind::Let(position) => {
                            waiting
                                .extend(self.model.lets.get(position).map(|l| &l.expression));
                        }
                        _ => {}
                    }
                }
                _ => {}
            });
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

impl Item {
    /// Its name as the file declares it, without the qualifier of an instance or an index.
    pub(crate) fn head_name(&self) -> &str {
        let base = self.name.split_once('[').map_or(&*self.name, |_| {
            let end = if self.name.ends_with(']') { self.name.rfind('[') } else { None };
            &self.name[..end.unwrap_or(self.name.len())]
        });
        base.rsplit('.').next().unwrap_or(base)
    }
}

impl Bound {
    /// The binding itself.
    pub(crate) fn binding(&self) -> Option<&Binding> {
        match &self.statement.kind {
            StatementKind::Use { bindings, .. } => bindings.get(self.position),
            _ => None,
        }
    }
}
