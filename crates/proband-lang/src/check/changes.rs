//! What changes states at instants: updates, difference equations, jumps.

use super::definitions::has_unit;
use super::expression::Checker;
use super::spaces::with_article;
use super::typed::{Levels, Typed};
use super::world::{Frame, ItemId, Known, Type, World};
use crate::syntax::{
    Assignment, DrawText, Expr, Name, Operator, Statement, StatementKind, UnitText,
};
use crate::{
    Binary, Expr as Value, Happening, Jump, Kind, Level, Next, SymbolId, SymbolKind, Unit,
    Update,
};
use proband_diag::{Diagnostic, Span, code};
use std::rc::Rc;

impl World {
    /// Updates, difference equations and jumps.
    pub(crate) fn changes(&mut self) {
        for (statement, frame) in self.later.clone() {
            match &statement.kind {
                StatementKind::On { name, assignments } => {
                    self.update(&statement, &frame, name, assignments);
                }
                StatementKind::Next { head, every, value, draw } => {
                    for (item, frame) in self.targets(head, &frame, statement.span) {
                        let next =
                            NextText { every, value: value.as_ref(), draw: draw.as_ref() };
                        self.next(&statement, item, &frame, &next);
                    }
                }
                StatementKind::Jump { head, from, to, unit, rate } => {
                    for (item, frame) in self.targets(head, &frame, statement.span) {
                        let jump = JumpText { levels: [from, to], unit: unit.as_ref(), rate };
                        self.jump(&statement, item, &frame, &jump);
                    }
                }
                _ => {}
            }
        }
    }

    fn update(
        &mut self,
        statement: &Rc<Statement>,
        frame: &Frame,
        name: &Name,
        assignments: &[Assignment],
    ) {
        let Some(at) = self.spaces[frame.space].happenings.get(&name.text).copied() else {
            self.unknown_happening(frame, name, statement.span);
            for assignment in assignments {
                self.state_at(&assignment.target, frame, statement.span)
                    .and_then(|item| self.state_of(item))
                    .map(|state| self.touched.insert(state));
            }
            return;
        };
        let mut frame = frame.clone();
        if let Happening::Dose(line) = at {
            let amount = self.amount(line, name.span);
            frame.locals.push(("amount".to_owned(), amount));
        }
        let mut done: Vec<(SymbolId, Value)> = Vec::new();
        for assignment in assignments {
            done.extend(self.assignment(statement, &frame, assignment));
        }
        self.model.updates.push(Update { at, assignments: done, span: statement.span });
    }

    /// The dose that is being given; none if its line is faulty.
    fn amount(&mut self, line: usize, span: Span) -> Option<Typed> {
        if self.model.doses.len() < self.doses.len() {
            return None;
        }
        let unit = self.model.doses[line].unit.clone();
        let known = self
            .model
            .symbols
            .iter()
            .position(|symbol| symbol.kind == SymbolKind::Amount && symbol.unit == unit);
        let symbol = match known {
            Some(known) => SymbolId(u32::try_from(known).expect("an index of a symbol")),
            None => {
                let kind = SymbolKind::Amount;
                let symbol =
                    self.push_symbol("amount".to_owned(), kind, Level::Time, span, None);
                self.model.symbols[symbol.index()].unit = unit.clone();
                symbol
            }
        };
        Some(Typed::number(Value::Symbol(symbol), unit, Level::Time))
    }

    fn unknown_happening(&mut self, frame: &Frame, name: &Name, statement: Span) {
        let space = &self.spaces[frame.space];
        if space.silenced.contains(&name.text) || space.any_name {
            return;
        }
        let message = format!("`{}` is not an event, a hazard or a route", name.text);
        let help = match space.names.get(&name.text) {
            Some(named) => Some(format!("it is {}", with_article(named.word))),
            None => {
                proband_diag::nearest(&name.text, space.happenings.keys().map(String::as_str))
                    .map(|meant| format!("did you mean `{meant}`?"))
            }
        };
        let fault = Diagnostic::error(code::NOT_AN_EVENT, message, name.span).maybe_help(help);
        self.keep_fault(fault, statement);
    }

    fn assignment(
        &mut self,
        statement: &Rc<Statement>,
        frame: &Frame,
        assignment: &Assignment,
    ) -> Option<(SymbolId, Value)> {
        let item = self.state_at(&assignment.target, frame, statement.span)?;
        let state = self.state_of(item)?;
        self.touched.insert(state);
        let symbol = self.items[item].symbol?;
        let Known::Type(known) = self.items[item].known.clone() else { return None };
        let value = self.checked(frame, statement.span, |checker| {
            checker.new_value(assignment, symbol, &known)
        })?;
        Some((symbol, value))
    }

    fn next(
        &mut self,
        statement: &Rc<Statement>,
        item: ItemId,
        frame: &Frame,
        next: &NextText<'_>,
    ) {
        let (Some(state), Some(symbol)) = (self.state_of(item), self.items[item].symbol) else {
            return;
        };
        self.touched.insert(state);
        let Known::Type(known) = self.items[item].known.clone() else { return };
        let time = self.model.time.clone();
        let span = self.items[item].span;
        let found = self.checked(frame, statement.span, |checker| {
            let every = checker.time(next.every, "every", statement.span, &time);
            let value = match next.value {
                None => Some(None),
                Some(e) => checker.next_value(e, &known, next.draw, statement.span).map(Some),
            };
            let draw = match next.draw {
                None => Some(None),
                Some(draw) => checker.draw(draw, &known, "the next value").map(Some),
            };
            Some((every?, value?, draw?))
        });
        let Some((every, value, draw)) = found else { return };
        if value.is_none() && draw.is_none() {
            let message = "`next` needs `= ...` or `~ ...`: what becomes of the state";
            let fault = Diagnostic::error(code::SYNTAX, message, span);
            return self.keep_fault(fault, statement.span);
        }
        if self.model.nexts.iter().any(|known| known.state == symbol) {
            let what = format!("`{}` has two difference equations", self.items[item].name);
            return self.second_change(what, statement.span);
        }
        self.model.nexts.push(Next { state: symbol, every, value, draw });
    }

    fn jump(
        &mut self,
        statement: &Rc<Statement>,
        item: ItemId,
        frame: &Frame,
        jump: &JumpText<'_>,
    ) {
        self.touched.extend(self.state_of(item));
        let (Some(symbol), Known::Type(known)) =
            (self.items[item].symbol, self.items[item].known.clone())
        else {
            return;
        };
        let Kind::Level(levels) = &known.kind else {
            let name = &self.items[item].name;
            let message = format!("`{name}` has no levels between which to jump");
            let fault = Diagnostic::error(code::KIND_MISMATCH, message, statement.span);
            return self.keep_fault(fault, statement.span);
        };
        let per_time = Unit::one().per(&self.model.time);
        let jump = self.checked(frame, statement.span, |checker| {
            let [from, to] = jump.levels.map(|level| checker.level_at(level, levels));
            let rate = checker.jump_rate(jump.rate, jump.unit, statement.span, &per_time);
            Some(Jump { state: symbol, from: from?, to: to?, rate: rate? })
        });
        let Some(jump) = jump else { return };
        let ends = |of: &Jump| (of.state, of.from, of.to);
        if self.model.jumps.iter().any(|known| ends(known) == ends(&jump)) {
            let [from, to] = [&levels[jump.from], &levels[jump.to]];
            let name = &self.items[item].name;
            let what = format!("`{name}` has two rates from `{from}` to `{to}`");
            return self.second_change(what, statement.span);
        }
        self.model.jumps.push(jump);
    }

    fn second_change(&mut self, what: String, statement: Span) {
        let fault = Diagnostic::error(code::DUPLICATE_EQUATION, what, statement)
            .help("write one for all, with `if` or `+` inside");
        self.keep_fault(fault, statement);
    }
}

/// The parts of a `next`.
struct NextText<'a> {
    every: &'a Expr,
    value: Option<&'a Expr>,
    draw: Option<&'a DrawText>,
}

/// The parts of a `jump`.
struct JumpText<'a> {
    levels: [&'a Name; 2],
    unit: Option<&'a UnitText>,
    rate: &'a Expr,
}

impl Checker<'_> {
    fn new_value(
        &mut self,
        assignment: &Assignment,
        symbol: SymbolId,
        known: &Type,
    ) -> Option<Value> {
        let (e, span) = (&assignment.value, assignment.span);
        if let Kind::Level(levels) = &known.kind {
            if assignment.operator.is_some() {
                let message = "a level can only be set by `=`";
                self.report(Diagnostic::error(code::KIND_MISMATCH, message, span));
                return None;
            }
            return self.level_of(e, levels).map(|value| value.expr);
        }
        let value = self.a_number(e, "an update")?;
        let wanted = match assignment.operator {
            Some(Operator::Multiply) => Unit::one(),
            _ => known.unit.clone(),
        };
        if !value.any_unit && !value.unit.same_dimension(&wanted) {
            let message =
                format!("the new value must be in {wanted}, but has {}", has_unit(&value.unit));
            let fault = Diagnostic::error(code::UNIT_MISMATCH, message, e.span)
                .maybe_help(value.unit.difference(&wanted));
            self.report(fault);
            return None;
        }
        let value = self.in_unit(value, &wanted).expr;
        let before = Value::Symbol(symbol);
        Some(match assignment.operator {
            None => value,
            Some(Operator::Add) => Value::binary(Binary::Add, before, value),
            Some(Operator::Subtract) => Value::binary(Binary::Sub, before, value),
            Some(_) => Value::binary(Binary::Mul, before, value),
        })
    }

    /// The next value of a state, or the centre of its draw.
    fn next_value(
        &mut self,
        e: &Expr,
        known: &Type,
        draw: Option<&DrawText>,
        span: Span,
    ) -> Option<Value> {
        if let Kind::Level(levels) = &known.kind {
            return self.level_of(e, levels).map(|value| value.expr);
        }
        let value = self.a_number(e, "`next`")?;
        let chance = draw.is_some_and(|draw| draw.distribution.text == "bernoulli");
        let wanted = if chance { Unit::one() } else { known.unit.clone() };
        if !value.any_unit && !value.unit.same_dimension(&wanted) {
            let message = format!(
                "the next value must be in {wanted}, but has {}",
                has_unit(&value.unit)
            );
            self.report(Diagnostic::error(code::UNIT_MISMATCH, message, span));
            return None;
        }
        Some(self.in_unit(value, &wanted).expr)
    }

    fn level_at(&mut self, name: &Name, levels: &Levels) -> Option<usize> {
        let position = levels.iter().position(|level| *level == name.text);
        if position.is_none() {
            self.report(super::sets::not_one_of(&name.text, name.span, levels));
        }
        position
    }

    fn jump_rate(
        &mut self,
        e: &Expr,
        unit: Option<&UnitText>,
        span: Span,
        per_time: &Unit,
    ) -> Option<Value> {
        let value = self.defined(e, unit, "the rate", span)?;
        if !value.is_number() || (!value.any_unit && !value.unit.same_dimension(per_time)) {
            let message = format!(
                "a jump needs a rate (1/time), but the expression has {}",
                has_unit(&value.unit)
            );
            let fault = Diagnostic::error(code::UNIT_MISMATCH, message, span)
                .help("for a probability per interval use `next ... every ...`");
            self.report(fault);
            return None;
        }
        Some(self.in_unit(value, per_time).expr)
    }
}
