//! Dose lines: where a dose enters, when, and what one of it adds.

use super::expression::Checker;
use super::typed::Typed;
use super::world::{Frame, Known, Type, World};
use crate::syntax::{Choice, Expr, Statement, StatementKind};
use crate::{DoseLine, Expr as Value, Level, Unit};
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
}
