//! What happens at instants: doses, events, hazards, updates, difference equations and jumps.

use super::expression::Checker;
use super::files::with_article;
use super::resolve::has_unit;
use super::typed::{Levels, Typed};
use super::world::{Frame, ItemId, Known, Type, World};
use crate::syntax::{
    Assignment, Choice, DrawText, Expr, Name, Operator, Statement, StatementKind, TriggerText,
    UnitText,
};
use crate::{
    Binary, DoseLine, Event, Expr as Value, Happening, Hazard, Jump, Kind, Level, Next,
    SymbolId, SymbolKind, Trigger, Unit, Update,
};
use proband_diag::{Diagnostic, Span, code};
use std::rc::Rc;

/// What authors of other languages write, and what it is called here.
const OTHER_WORDS: [(&str, &str); 9] = [
    ("bioavailability", "fraction"),
    ("f", "fraction"),
    ("F", "fraction"),
    ("bio", "fraction"),
    ("alag", "lag"),
    ("delay", "lag"),
    ("duration", "over"),
    ("dur", "over"),
    ("rate", "over"),
];

impl World {
    pub(crate) fn dose_lines(&mut self) {
        for (statement, frame) in self.doses.clone() {
            let line = self.dose_line(&statement, &frame);
            self.model.doses.extend(line);
        }
    }

    fn dose_line(&mut self, statement: &Rc<Statement>, frame: &Frame) -> Option<DoseLine> {
        let StatementKind::Dose { drug, route, unit, target, choices } = &statement.kind else {
            return None;
        };
        let item = self.state_at(target, frame, statement.span);
        for choice in choices {
            self.dose_option(choice);
        }
        let item = item?;
        let Known::Type(known) = self.items[item].known.clone() else { return None };
        let named = |word: &str| choices.iter().find(|choice| choice.word.text == word);
        let unit = match unit {
            Some(unit) => Some(self.unit_in(frame.space, frame.file, unit)?),
            None => None,
        };
        let place = target.span;
        let arrival = Arrival {
            state: &known,
            name: &self.items[item].name.clone(),
            unit: unit.as_ref(),
            given: named("fraction").map(|choice| &choice.value),
            span: place,
        };
        let (unit, fraction) =
            self.checked(frame, statement.span, |checker| checker.arrival(&arrival))?;
        let time = self.model.time.clone();
        let mut times = |word: &str| match named(word) {
            None => Some(None),
            Some(choice) => self
                .checked(frame, statement.span, |checker| {
                    checker.time(&choice.value, word, choice.word.span, &time)
                })
                .map(Some),
        };
        let (lag, over) = (times("lag"), times("over"));
        Some(DoseLine {
            drug: drug.as_ref().map(|drug| drug.text.clone()),
            route: route.text.clone(),
            unit,
            target: self.items[item].symbol?,
            lag: lag?,
            fraction,
            over: over?,
            span: statement.span,
        })
    }

    fn dose_option(&mut self, choice: &Choice) {
        let word = choice.word.text.as_str();
        if ["lag", "fraction", "over"].contains(&word) {
            return;
        }
        let other = OTHER_WORDS.iter().find(|(name, _)| *name == word).map(|(_, right)| *right);
        let meant = other.or_else(|| proband_diag::nearest(word, ["lag", "fraction", "over"]));
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "it takes `lag`, `fraction` and `over`".to_owned(),
        };
        let message = format!("a dose has no `{word}`");
        self.faults.push(
            Diagnostic::error(code::UNKNOWN_OPTION, message, choice.word.span).help(help),
        );
    }

    pub(crate) fn event_list(&mut self) {
        for (statement, frame) in self.events.clone() {
            let StatementKind::Event { name, trigger, once, terminal } = &statement.kind else {
                continue;
            };
            let Some(trigger) = self.trigger(&statement, &frame, trigger) else { continue };
            self.model.events.push(Event {
                name: format!("{}{}", self.spaces[frame.space].prefix, name.text),
                trigger,
                once: *once,
                terminal: *terminal,
                text: statement.text.clone(),
                span: name.span,
            });
        }
    }

    fn trigger(
        &mut self,
        statement: &Rc<Statement>,
        frame: &Frame,
        text: &TriggerText,
    ) -> Option<Trigger> {
        let time = self.model.time.clone();
        let at = statement.span;
        self.checked(frame, at, |checker| match text {
            TriggerText::When(when) => {
                let condition = checker.condition_at(&when.condition, "`when`", at);
                let hold = checker.optional_time(when.hold.as_ref(), "for", at, &time);
                let until = match &when.until {
                    None => Some(None),
                    Some(e) => checker.condition_at(e, "`until`", at).map(Some),
                };
                let until_hold =
                    checker.optional_time(when.until_hold.as_ref(), "for", at, &time);
                Some(Trigger::When {
                    condition: condition?.expr,
                    hold: hold?,
                    until: until?.map(|until| until.expr),
                    until_hold: until_hold?,
                })
            }
            TriggerText::Every { period, from } => {
                let period = checker.time(period, "every", at, &time);
                let from = checker.optional_time(from.as_ref(), "from", at, &time);
                Some(Trigger::Every { period: period?, from: from? })
            }
        })
    }

    pub(crate) fn hazard_list(&mut self) {
        for item in self.hazards.clone() {
            let statement = self.statement_of(item);
            let StatementKind::Hazard { name, once, terminal, .. } = &statement.kind else {
                continue;
            };
            let (Some(symbol), Known::Type(known)) =
                (self.items[item].symbol, self.items[item].known.clone())
            else {
                continue;
            };
            let per_time = Unit::one().per(&self.model.time);
            let frame = self.items[item].frame.clone();
            let rate = self.checked(&frame, statement.span, |checker| {
                let rate =
                    Typed::number(Value::Symbol(symbol), known.unit.clone(), known.level);
                Some(checker.in_unit(rate, &per_time).expr)
            });
            self.model.hazards.extend(rate.map(|rate| Hazard {
                name: self.items[item].name.clone(),
                symbol,
                rate,
                once: *once,
                terminal: *terminal,
                text: statement.text.clone(),
                span: name.span,
            }));
        }
    }

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
                StatementKind::Jump { name, from, to, unit, rate } => {
                    let levels = [from, to];
                    self.jump(&statement, &frame, name, levels, unit.as_ref(), rate);
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
        self.model.nexts.push(Next { state: symbol, every, value, draw });
    }

    fn jump(
        &mut self,
        statement: &Rc<Statement>,
        frame: &Frame,
        name: &Name,
        [from, to]: [&Name; 2],
        unit: Option<&UnitText>,
        rate: &Expr,
    ) {
        let Some(quantity) = self.state_named(name, frame, statement.span) else { return };
        let Some(&item) = self.quantities[quantity].members.get(&Vec::new()) else {
            let message = "not supported yet: a jump of a family of states";
            let fault = Diagnostic::error(code::NOT_SUPPORTED, message, name.span);
            return self.keep_fault(fault, statement.span);
        };
        self.touched.extend(self.state_of(item));
        let (Some(symbol), Known::Type(known)) =
            (self.items[item].symbol, self.items[item].known.clone())
        else {
            return;
        };
        let Kind::Level(levels) = &known.kind else {
            let message = format!("`{}` has no levels between which to jump", name.text);
            let fault = Diagnostic::error(code::KIND_MISMATCH, message, name.span);
            return self.keep_fault(fault, statement.span);
        };
        let per_time = Unit::one().per(&self.model.time);
        let jump = self.checked(frame, statement.span, |checker| {
            let from = checker.level_at(from, levels);
            let to = checker.level_at(to, levels);
            let rate = checker.jump_rate(rate, unit, statement.span, &per_time);
            Some(Jump { state: symbol, from: from?, to: to?, rate: rate? })
        });
        self.model.jumps.extend(jump);
    }
}

/// The parts of a `next`.
struct NextText<'a> {
    every: &'a Expr,
    value: Option<&'a Expr>,
    draw: Option<&'a DrawText>,
}

/// A dose on its way into a state.
struct Arrival<'a> {
    state: &'a Type,
    name: &'a str,
    unit: Option<&'a Unit>,
    given: Option<&'a Expr>,
    span: Span,
}

impl Checker<'_> {
    /// A time in the unit of the model.
    fn time(&mut self, e: &Expr, word: &str, span: Span, time: &Unit) -> Option<Value> {
        let value = self.a_number(e, &format!("`{word}`"))?;
        if !value.any_unit && !value.unit.same_dimension(time) {
            let own = self.file_time();
            let message = format!("`{word}` must be a time: {:#} and {own}", value.unit);
            self.report(Diagnostic::error(code::UNIT_MISMATCH, message, span));
            return None;
        }
        Some(self.in_unit(value, time).expr)
    }

    fn optional_time(
        &mut self,
        e: Option<&Expr>,
        word: &str,
        span: Span,
        time: &Unit,
    ) -> Option<Option<Value>> {
        match e {
            None => Some(None),
            Some(e) => self.time(e, word, span, time).map(Some),
        }
    }

    /// The unit of a dose, and what one of it adds to the state: the fraction, which may carry a unit
    /// that converts, and the factor between the two units.
    fn arrival(&mut self, arrival: &Arrival<'_>) -> Option<(Unit, Option<Value>)> {
        let state = &arrival.state.unit;
        let fraction = match arrival.given {
            None => None,
            Some(e) => Some(self.a_number(e, "`fraction`")?),
        };
        let plain = fraction.as_ref().is_none_or(|f| f.unit.is_dimensionless());
        let unit = match (arrival.unit, &fraction) {
            (Some(unit), _) => unit.clone(),
            (None, Some(fraction)) if !plain => state.per(&fraction.unit),
            (None, _) => state.clone(),
        };
        let has_fraction = fraction.is_some();
        let one = Typed::number(Value::Number(1.0), Unit::one(), Level::Constant);
        let fraction = fraction.unwrap_or(one);
        let arrives = unit.times(&fraction.unit);
        if !arrives.same_dimension(state) {
            let shown = if plain { format!("{unit}") } else { format!("{arrives:#}") };
            let message =
                format!("the dose arrives in {shown}, but `{}` holds {state}", arrival.name);
            let fault = Diagnostic::error(code::UNIT_MISMATCH, message, arrival.span)
                .maybe_help(arrives.difference(state));
            self.report(fault);
            return None;
        }
        let arriving = Typed::number(fraction.expr, arrives, fraction.level);
        let expr = self.convert(arriving, state);
        let identity = !has_fraction && expr == Value::Number(1.0);
        Some((unit, (!identity).then_some(expr)))
    }

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
