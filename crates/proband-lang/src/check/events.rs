//! Events and hazards, and the times that they speak of.

use super::expression::Checker;
use super::typed::Typed;
use super::world::{Frame, Known, World};
use crate::syntax::{Expr, Statement, StatementKind, TriggerText};
use crate::{Event, Expr as Value, Hazard, Trigger, Unit};
use proband_diag::{Diagnostic, Span, code};
use std::rc::Rc;

impl World {
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
}

impl Checker<'_> {
    /// A time in the unit of the model.
    pub(super) fn time(
        &mut self,
        e: &Expr,
        word: &str,
        span: Span,
        time: &Unit,
    ) -> Option<Value> {
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
}
