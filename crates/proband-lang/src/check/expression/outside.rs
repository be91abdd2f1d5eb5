//! Expressions of a trial: names and functions that someone else knows.

use super::{Checker, Names};
use crate::check::typed::Typed;
use crate::scope;
use crate::syntax::{Expr, ExprKind, Name, Path};
use crate::{Argument, Checked, Level, Meaning, TimePoint, Unit};
use proband_diag::{Diagnostic, Faults, Span, code};

/// The value of an expression of a trial changes as often as anything.
const LEVEL: Level = Level::State;

impl Checker<'_> {
    pub(super) fn path_outside(&mut self, path: &Path) -> Option<Typed> {
        let Some(name) = dotted(path) else {
            let message = "the member must be known before anything runs";
            return self.report(Diagnostic::error(code::WRONG_INDEX, message, path.span));
        };
        let Names::Outside(scope) = &mut self.names else { return None };
        match scope.name(&name, path.span) {
            Meaning::Value { expr, unit, kind } => {
                Some(Typed { kind, ..Typed::number(expr, unit, LEVEL) })
            }
            Meaning::Fault(fault) => self.report(*fault),
            Meaning::Silent => None,
            Meaning::Unknown => {
                let help = self.meant(&name, self.candidates());
                let message = format!("unknown name `{name}`");
                let fault = Diagnostic::error(code::UNKNOWN_NAME, message, path.span);
                self.report_unfound(&name, fault.maybe_help(help))
            }
        }
    }

    /// A function of the scope. The arguments are checked before it is asked, because both need it;
    /// the faults of one show only if the scope takes it as an expression.
    pub(super) fn call_outside(
        &mut self,
        function: &Name,
        arguments: &[Expr],
        span: Span,
    ) -> Option<Typed> {
        let mut ready = Ready { values: Vec::new(), faults: Faults::default() };
        for argument in arguments {
            let value = self.on_trial(argument);
            ready.values.push(value);
        }
        let given: Vec<Argument<'_>> =
            arguments.iter().map(|e| Argument { syntax: e, span: e.span }).collect();
        let Names::Outside(scope) = &mut self.names else { return None };
        let meaning = scope.call(&function.text, &given, span, &mut ready);
        self.faults.extend(ready.faults);
        match meaning {
            Meaning::Value { expr, unit, kind } => {
                Some(Typed { kind, ..Typed::number(expr, unit, LEVEL) })
            }
            Meaning::Fault(fault) => self.report(*fault),
            Meaning::Silent => None,
            Meaning::Unknown => self.unknown_function(function),
        }
    }

    /// Checks an expression and keeps its faults apart.
    fn on_trial(&mut self, e: &Expr) -> Attempt {
        let faults = std::mem::take(&mut self.faults);
        let unfound = self.unfound.len();
        let value = self.check(e);
        let mut found = std::mem::replace(&mut self.faults, faults);
        for unfound in self.unfound.drain(unfound..) {
            found.push(unfound.fault);
        }
        Attempt { span: e.span, value, faults: found }
    }

    /// `week 24`: a time since day 1, where the scope takes one.
    pub(super) fn time_point(&mut self, word: &Name, number: f64, span: Span) -> Option<Typed> {
        let takes = matches!(&self.names, Names::Outside(scope) if scope.takes_time_points());
        if !takes {
            let message = format!("the time point `{} {number}` belongs to a trial", word.text);
            return self.report(Diagnostic::error(code::WRONG_PLACE, message, span));
        }
        let point = TimePoint { word: word.text.clone(), number, span };
        match point.since_day_one() {
            Some((value, unit)) => Some(Typed::literal(value, Some(unit))),
            None => {
                let message = "there is no day 0";
                let fault = Diagnostic::error(code::NO_DAY_ZERO, message, span)
                    .help("the first day is `day 1`, the day before it `day -1`");
                self.report(fault)
            }
        }
    }
}

impl TimePoint {
    /// The time since day 1 and its unit; none for day 0, which does not exist.
    #[must_use]
    pub fn since_day_one(&self) -> Option<(f64, Unit)> {
        let unit = Unit::parse(
            if self.word == "hour" { "h" } else { &self.word },
            &crate::Declared::default(),
        )
        .ok()?;
        if self.word != "day" {
            return Some((self.number, unit));
        }
        match self.number {
            number if number >= 1.0 => Some((number - 1.0, unit)),
            number if number < 0.0 => Some((number, unit)),
            _ => None,
        }
    }
}

/// An argument that was checked in case it is asked for.
struct Attempt {
    span: Span,
    value: Option<Typed>,
    faults: Faults,
}

/// The checked arguments of a call.
struct Ready {
    values: Vec<Attempt>,
    faults: Faults,
}

impl scope::Checker for Ready {
    fn check(&mut self, argument: Argument<'_>) -> Option<Checked> {
        let attempt = self.values.iter().find(|attempt| attempt.span == argument.span)?;
        self.faults.extend(attempt.faults.clone());
        let value = attempt.value.clone()?;
        Some(Checked {
            expr: value.expr,
            unit: value.unit,
            kind: value.kind,
            span: argument.span,
        })
    }

    fn as_name(&self, argument: Argument<'_>) -> Option<String> {
        match &argument.syntax.kind {
            ExprKind::Path(path) => dotted(path),
            _ => None,
        }
    }

    fn as_time_point(&self, argument: Argument<'_>) -> Option<TimePoint> {
        match &argument.syntax.kind {
            ExprKind::TimePoint(word, number) => Some(TimePoint {
                word: word.text.clone(),
                number: *number,
                span: argument.span,
            }),
            _ => None,
        }
    }

    fn report(&mut self, fault: Diagnostic) {
        self.faults.push(fault);
    }
}

/// The full name of a path whose indices are numbers or words: `pk.conc`, `c[liver]`, `w[1, 2]`.
fn dotted(path: &Path) -> Option<String> {
    let mut segments = Vec::new();
    for segment in &path.segments {
        let mut text = segment.name.text.clone();
        if !segment.indices.is_empty() {
            let indices: Option<Vec<String>> = segment.indices.iter().map(index_text).collect();
            text = format!("{text}[{}]", indices?.join(", "));
        }
        segments.push(text);
    }
    Some(segments.join("."))
}

fn index_text(e: &Expr) -> Option<String> {
    match &e.kind {
        ExprKind::Number(number, None) => Some(format!("{number}")),
        ExprKind::Path(path) => path.single().map(|name| name.text.clone()),
        ExprKind::Text(text) => Some(text.clone()),
        _ => None,
    }
}
