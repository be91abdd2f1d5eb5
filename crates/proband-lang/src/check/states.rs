//! States: where they start, their equations, what bounds them.

use super::definitions::has_unit;
use super::expression::{Checker, comparison_is_lower, counted_indices};
use super::sets::Member;
use super::spaces::member_name;
use super::typed::Typed;
use super::world::{Entry, Frame, ItemId, Known, QuantityId, Role, Type, World};
use crate::syntax::{Expr, Head, Name, Operator, Path, StartText, StatementKind};
use crate::{Expr as Value, Kind, Level, Start, SymbolKind, Unit};
use proband_diag::{Diagnostic, Span, code, nearest};
use std::collections::BTreeMap;
use std::rc::Rc;

impl World {
    /// Equations of motion.
    pub(crate) fn rates(&mut self) {
        let mut first: BTreeMap<usize, Span> = BTreeMap::new();
        for (statement, frame) in self.later.clone() {
            let StatementKind::Rate { head, value } = &statement.kind else { continue };
            let targets = self.targets(head, &frame, statement.span);
            if targets.is_empty() {
                self.stray += 1;
            }
            for (item, frame) in targets {
                let Some(state) = self.state_of(item) else { continue };
                if let Some(&place) = first.get(&state) {
                    let name = self.items[item].name.clone();
                    self.second.push((state, name, head.name.span, place));
                    continue;
                }
                first.insert(state, head.name.span);
                self.moved.insert(state);
                self.touched.insert(state);
                self.rate(item, state, &frame, value, head.name.span, statement.span);
            }
        }
    }

    fn rate(
        &mut self,
        item: ItemId,
        state: usize,
        frame: &Frame,
        value: &Expr,
        span: Span,
        statement: Span,
    ) {
        let Known::Type(known) = self.items[item].known.clone() else { return };
        let name = self.items[item].name.clone();
        let (file_time, time) = (self.files[frame.file].time.clone(), self.model.time.clone());
        if known.kind != Kind::Number {
            let message = format!("`{name}` is a category and has no rate of change");
            let fault = Diagnostic::error(code::KIND_MISMATCH, message, span)
                .help("it moves by `next` or `jump`");
            return self.keep_fault(fault, statement);
        }
        let rate = self.checked(frame, statement, |checker| {
            let value = checker.a_number(value, "a rate of change")?;
            let wanted = known.unit.per(&file_time);
            if !value.any_unit && !value.unit.same_dimension(&wanted) {
                let message = format!(
                    "the rate of `{name}` must be in {wanted}, but the expression has {}",
                    has_unit(&value.unit)
                );
                let fault = Diagnostic::error(code::UNIT_MISMATCH, message, span)
                    .maybe_help(value.unit.difference(&wanted));
                checker.report(fault);
                return None;
            }
            Some(checker.in_unit(value, &known.unit.per(&time)).expr)
        });
        self.model.states[state].rate = rate;
    }

    /// The position of a state in the model.
    pub(crate) fn state_of(&self, item: ItemId) -> Option<usize> {
        match self.model.symbols[self.items[item].symbol?.index()].kind {
            SymbolKind::State(position) => Some(position),
            _ => None,
        }
    }

    /// The members that the head of an equation means, each with a frame for its right side. A fault
    /// gives none.
    pub(crate) fn targets(
        &mut self,
        head: &Head,
        frame: &Frame,
        statement: Span,
    ) -> Vec<(ItemId, Frame)> {
        let Some(quantity) = self.state_named(&head.name, frame, statement) else {
            return Vec::new();
        };
        if self.quantities[quantity].axes != head.axes.len() {
            self.wrong_axes(quantity, head, statement);
            self.touch_all(quantity);
            return Vec::new();
        }
        if let Some(fault) = self.head_fault(quantity, head, frame) {
            self.touch_all(quantity);
            self.keep_fault(fault, statement);
            return Vec::new();
        }
        let Some(unrolled) = self.unroll(frame.space, frame.file, &head.axes) else {
            self.touch_all(quantity);
            return Vec::new();
        };
        let mut targets = Vec::new();
        for (key, frame) in unrolled {
            match self.quantities[quantity].members.get(&key) {
                Some(&item) => targets.push((item, frame)),
                None => {
                    let full = member_name(&head.name.text, &key);
                    let message = format!("`{full}` does not exist");
                    let fault =
                        Diagnostic::error(code::INDEX_OUT_OF_RANGE, message, head.name.span);
                    self.keep_fault(fault, statement);
                }
            }
        }
        targets
    }

    /// A single member in a head that the family does not have.
    fn head_fault(
        &self,
        quantity: QuantityId,
        head: &Head,
        frame: &Frame,
    ) -> Option<Diagnostic> {
        for (axis, over) in head.axes.iter().enumerate() {
            let crate::syntax::SetText::Named { name, except } = &over.set else { continue };
            if !except.is_empty() || self.find_set(frame.space, &name.text).is_some() {
                continue;
            }
            let member = Member::new(&name.text);
            let family = &self.quantities[quantity];
            let known: Vec<String> =
                family.order.iter().map(|key| key[axis].to_string()).collect();
            if known.contains(&member.to_string()) {
                continue;
            }
            if let Member::Number(_) = member {
                continue;
            }
            let meant = nearest(&name.text, known.iter().map(String::as_str));
            let message =
                format!("`{}` is not a member of the family `{}`", name.text, family.name);
            return Some(
                Diagnostic::error(code::NOT_A_MEMBER, message, name.span)
                    .maybe_help(meant.map(|m| format!("did you mean `{m}`?"))),
            );
        }
        None
    }

    fn wrong_axes(&mut self, quantity: QuantityId, head: &Head, statement: Span) {
        let name = &head.name.text;
        let fault = if head.axes.is_empty() {
            let message = format!("`{name}` is a family: say which member");
            Diagnostic::error(code::FAMILY_NEEDS_INDEX, message, head.name.span)
                .help(format!("`{name}[...]`"))
        } else {
            let axes = self.quantities[quantity].axes;
            let message = match axes {
                0 => format!("`{name}` is no family and has no members"),
                axes => format!(
                    "`{name}` takes {}, {} given",
                    counted_indices(axes),
                    head.axes.len()
                ),
            };
            Diagnostic::error(code::WRONG_INDEX, message, head.name.span)
        };
        self.keep_fault(fault, statement);
    }

    /// All members count as moved, where it is not known which are.
    fn touch_all(&mut self, quantity: QuantityId) {
        let items: Vec<ItemId> = self.quantities[quantity].members.values().copied().collect();
        let states: Vec<usize> = items.iter().filter_map(|&item| self.state_of(item)).collect();
        self.touched.extend(states);
    }

    /// The state, or family of states, of a name.
    pub(crate) fn state_named(
        &mut self,
        name: &Name,
        frame: &Frame,
        statement: Span,
    ) -> Option<QuantityId> {
        let space = &self.spaces[frame.space];
        let entry = space.names.get(&name.text).map(|named| (named.entry.clone(), named.word));
        let fault = match entry {
            Some((Entry::Quantity(quantity), "state")) => return Some(quantity),
            Some((Entry::Silent, _)) => return None,
            None if space.any_name || space.silenced.contains(&name.text) => return None,
            Some((_, word)) => {
                let word = super::spaces::with_article(word);
                let message = format!("`{}` is {word}, not a state", name.text);
                Diagnostic::error(code::NOT_A_STATE, message, name.span)
                    .help("what changes by itself is a `state`")
            }
            None => {
                let states = space.names.iter().filter(|(_, named)| named.word == "state");
                let meant = nearest(&name.text, states.map(|(name, _)| name.as_str()));
                let message = format!("unknown name `{}`", name.text);
                Diagnostic::error(code::UNKNOWN_NAME, message, name.span)
                    .maybe_help(meant.map(|n| format!("did you mean `{n}`?")))
            }
        };
        self.keep_fault(fault, statement);
        None
    }

    /// The state that a dose or an update names, possibly one member of a family.
    pub(crate) fn state_at(
        &mut self,
        path: &Path,
        frame: &Frame,
        statement: Span,
    ) -> Option<ItemId> {
        let known = self.checked(frame, statement, |checker| {
            let value = checker.path_of_state(path)?;
            match value.expr {
                Value::Symbol(symbol) => Some(symbol),
                _ => None,
            }
        });
        let Some(symbol) = known else {
            if let Some(name) = path.segments.last().map(|segment| &segment.name) {
                self.touch_named(frame, name);
            }
            return None;
        };
        let item = self.items.iter().position(|item| item.symbol == Some(symbol))?;
        if self.items[item].role != Role::State {
            let message = format!("`{}` is not a state", self.items[item].name);
            let fault = Diagnostic::error(code::NOT_A_STATE, message, path.span)
                .help("only states can be dosed, or changed at an event");
            self.keep_fault(fault, statement);
            return None;
        }
        Some(item)
    }

    fn touch_named(&mut self, frame: &Frame, name: &Name) {
        if let Some(Entry::Quantity(quantity)) =
            self.spaces[frame.space].names.get(&name.text).map(|named| named.entry.clone())
        {
            self.touch_all(quantity);
        }
    }

    /// Start values and bounds.
    pub(crate) fn starts(&mut self) {
        for item in 0..self.items.len() {
            if self.items[item].role == Role::State && !self.items[item].statement.faulty {
                self.start(item);
            }
        }
    }

    fn start(&mut self, id: ItemId) {
        let statement = self.items[id].statement.clone();
        let StatementKind::State { start, bounds, .. } = &statement.kind else { return };
        let (Some(state), Known::Type(known)) =
            (self.state_of(id), self.items[id].known.clone())
        else {
            return;
        };
        let (frame, name, span) =
            (self.items[id].frame.clone(), self.items[id].name.clone(), self.items[id].span);
        self.model.states[state].start = match start {
            None => Start::Value(Value::Number(0.0)),
            Some(StartText::Steady) if known.kind == Kind::Number => Start::Steady,
            Some(StartText::Steady) => {
                let message = format!("`{name}` is a category and has no steady state");
                let fault = Diagnostic::error(code::KIND_MISMATCH, message, span);
                return self.keep_fault(fault, statement.span);
            }
            Some(StartText::Value(e)) => {
                let value = self.checked(&frame, statement.span, |checker| {
                    checker.start(e, &known, &name, span)
                });
                let Some(value) = value else { return };
                self.start_level(&value, &name, span, statement.span);
                Start::Value(value.expr)
            }
        };
        for (operator, place, e) in bounds {
            let bound = self.checked(&frame, statement.span, |checker| {
                checker.bound_of_state(e, &known, &name, *place)
            });
            let state = &mut self.model.states[state];
            match (operator, comparison_is_lower(*operator)) {
                (Operator::GreaterEqual, _) | (_, true) => state.lower = bound,
                _ => state.upper = bound,
            }
        }
    }

    fn start_level(&mut self, value: &Typed, name: &str, span: Span, statement: Span) {
        if value.level < Level::State {
            return;
        }
        let cause = self.cause(&value.expr).unwrap_or_else(|| "a state".to_owned());
        let message = format!("the start of `{name}` depends on {cause}");
        let fault = Diagnostic::error(code::NOT_PER_TWIN, message, span)
            .help("a start value may use parameters, covariates, inputs and `t`");
        self.keep_fault(fault, statement);
    }

    /// Every state must be moved by something, and by one equation.
    pub(crate) fn equations(&mut self) {
        let mut still: Vec<(usize, ItemId)> = Vec::new();
        for (id, item) in self.items.iter().enumerate() {
            let Some(state) = self.state_of(id) else { continue };
            let silent = self.spaces[item.frame.space].silenced.contains(item.head_name());
            let faulty = item.statement.faulty || matches!(item.known, Known::Faulty);
            if !self.touched.contains(&state) && !silent && !faulty {
                still.push((state, id));
            }
        }
        for (_, name, span, first) in std::mem::take(&mut self.second) {
            let line = self.line(first);
            let mut help = format!("the other is in line {line}");
            if !still.is_empty() {
                let (_, other) = still.remove(0);
                help = format!("{help}, and `{}` has none", self.items[other].name);
            }
            let message = format!("`{name}` has two equations");
            let fault = Diagnostic::error(code::DUPLICATE_EQUATION, message, span)
                .label(first, "the first")
                .help(help);
            self.faults.push(fault);
        }
        // An equation of something else was probably meant for one of them.
        for (_, id) in still.into_iter().skip(self.stray) {
            let item = &self.items[id];
            let message = format!("nothing changes `{}`", item.name);
            let fault = Diagnostic::error(code::MISSING_EQUATION, message, item.span)
                .help(format!("write `d {}/dt = ...`", item.name));
            let statement = item.statement.span;
            self.keep_fault(fault, statement);
        }
    }

    /// The statement of an item, shared.
    pub(crate) fn statement_of(&self, item: ItemId) -> Rc<crate::syntax::Statement> {
        self.items[item].statement.clone()
    }
}

impl Checker<'_> {
    fn start(&mut self, e: &Expr, known: &Type, name: &str, span: Span) -> Option<Typed> {
        if let Kind::Level(levels) = &known.kind {
            return self.level_of(e, levels);
        }
        let value = self.a_number(e, &format!("`{name}`"))?;
        self.near_state(value, &known.unit, name, "start", span)
    }

    fn bound_of_state(
        &mut self,
        e: &Expr,
        known: &Type,
        name: &str,
        span: Span,
    ) -> Option<f64> {
        let value = self.a_number(e, "a bound")?;
        let value = self.near_state(value, &known.unit, name, "bound", span)?;
        let number = value.expr.constant();
        if number.is_none() {
            let message = format!("a bound of `{name}` is a number: nothing in it may change");
            self.report(Diagnostic::error(code::WRONG_PLACE, message, span));
        }
        number
    }

    fn near_state(
        &mut self,
        value: Typed,
        unit: &Unit,
        name: &str,
        what: &str,
        span: Span,
    ) -> Option<Typed> {
        if value.any_unit || value.unit.same_dimension(unit) {
            if unit.is_percent() && value.bare && !value.any_unit {
                let number = super::constant::constant(&value.expr).unwrap_or(f64::NAN);
                return self.report(super::expression::percent_number(number, span));
            }
            return Some(self.in_unit(value, unit));
        }
        let declared = if *unit == Unit::one() {
            "without a unit".to_owned()
        } else {
            format!("in {unit}")
        };
        let message = format!(
            "`{name}` is declared {declared}, but its {what} has {}",
            has_unit(&value.unit)
        );
        let fault = Diagnostic::error(code::UNIT_MISMATCH, message, span)
            .maybe_help(value.unit.difference(unit));
        self.report(fault)
    }
}
