//! The functions of records and events: which there are, and where.

use super::Context;
use super::records::Refused;
use super::scope::TrialScope;
use crate::values::day_of;
use crate::words::number;
use proband_diag::{Diagnostic, Span, code};
use proband_lang::{Argument, Checker, Kind, Meaning, Unit};

/// What a function needs of its context.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Records up to now, or of the whole trial.
    Records,
    /// The whole record of a participant.
    Whole,
    /// A trial that is going on.
    Trial,
    /// A look.
    Look,
}

const FUNCTIONS: &[(&str, Needs)] = &[
    ("baseline", Needs::Records),
    ("at", Needs::Whole),
    ("change", Needs::Records),
    ("percent_change", Needs::Records),
    ("previous", Needs::Records),
    ("latest", Needs::Records),
    ("average", Needs::Records),
    ("highest", Needs::Records),
    ("lowest", Needs::Records),
    ("auc", Needs::Records),
    ("time_in", Needs::Records),
    ("time_to", Needs::Whole),
    ("earliest", Needs::Whole),
    ("happened", Needs::Trial),
    ("count", Needs::Trial),
    ("rate", Needs::Whole),
    ("ongoing", Needs::Trial),
    ("grade", Needs::Trial),
    ("worst_grade", Needs::Trial),
    ("longest", Needs::Whole),
    ("dose_intensity", Needs::Whole),
    ("daily_dose", Needs::Trial),
    ("prognosis", Needs::Whole),
    ("category", Needs::Whole),
    ("events", Needs::Look),
    ("completed", Needs::Look),
    ("p", Needs::Look),
    ("z", Needs::Look),
    ("estimate", Needs::Look),
    ("conditional_power", Needs::Look),
    ("predictive_power", Needs::Look),
    ("posterior", Needs::Look),
];

impl Needs {
    fn met_in(self, context: Context) -> bool {
        match self {
            Self::Records => context != Context::Draw,
            Self::Whole => context == Context::Endpoint,
            Self::Trial => !matches!(context, Context::Draw | Context::Screening),
            Self::Look => false,
        }
    }

    fn place(self) -> &'static str {
        match self {
            Self::Records => "belongs where records can be read",
            Self::Whole => "belongs to endpoints",
            Self::Trial => "belongs where treatment is under way",
            Self::Look => "belongs to looks and adaptations",
        }
    }
}

/// The functions of a context.
pub(super) fn functions(context: Context) -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().filter(move |(_, needs)| needs.met_in(context)).map(|(name, _)| *name)
}

impl TrialScope<'_> {
    pub(super) fn call_function(
        &mut self,
        function: &str,
        arguments: &[Argument<'_>],
        span: Span,
        checker: &mut dyn Checker,
    ) -> Meaning {
        let Some((_, needs)) = FUNCTIONS.iter().find(|(name, _)| *name == function) else {
            return extreme_of_records(function, arguments, span, checker);
        };
        if !needs.met_in(self.context) {
            let message = format!("`{function}` {}", needs.place());
            return Self::fault(Diagnostic::error(code::WRONG_PLACE, message, span));
        }
        // The arguments were read as expressions in case the function takes one; of those that it takes
        // as names, what cannot be done yet with their values does not matter.
        let inside = |span: Span| arguments.iter().any(|argument| holds(argument.span, span));
        self.later.retain(|(span, _)| !inside(*span));
        let mut call = Call { function, arguments, span, checker };
        match function {
            "baseline" | "at" | "change" | "percent_change" | "previous" | "latest" => {
                self.record(&mut call)
            }
            "average" | "highest" | "lowest" | "auc" | "time_in" => self.period(&mut call),
            "time_to" | "earliest" | "happened" | "count" | "rate" => self.event(&mut call),
            "worst_grade" | "ongoing" | "grade" | "longest" => self.graded(&mut call),
            "daily_dose" | "dose_intensity" => self.dosing(&mut call),
            _ => {
                let what = format!("`{function}`");
                self.later(span, &what, Unit::one(), Kind::Number)
            }
        }
    }
}

/// `max(conc)`: the largest record of a period has another name.
fn extreme_of_records(
    function: &str,
    arguments: &[Argument<'_>],
    span: Span,
    checker: &dyn Checker,
) -> Meaning {
    let (size, name) = match function {
        "max" => ("largest", "highest"),
        "min" => ("smallest", "lowest"),
        _ => return Meaning::Unknown,
    };
    let of = arguments.first().and_then(|argument| checker.as_name(*argument));
    let of = of.unwrap_or_else(|| "x".to_owned());
    let message = format!("`{function}` takes two values or more");
    let fault = Diagnostic::error(code::WRONG_ARGUMENTS, message, span)
        .help(format!("the {size} record of a period is `{name}({of})`"));
    TrialScope::fault(fault)
}

/// Whether a place lies in another.
pub(super) fn holds(outer: Span, inner: Span) -> bool {
    outer.source == inner.source && outer.start <= inner.start && inner.end <= outer.end
}

/// A call being read.
pub(super) struct Call<'c, 'a> {
    pub(super) function: &'c str,
    pub(super) arguments: &'c [Argument<'a>],
    pub(super) span: Span,
    pub(super) checker: &'c mut dyn Checker,
}

impl Call<'_, '_> {
    /// The fault of wrong arguments; `takes` completes "takes".
    pub(super) fn wrong_arguments(&self, takes: &str) -> Meaning {
        let message = format!("`{}` takes {takes}", self.function);
        TrialScope::fault(Diagnostic::error(code::WRONG_ARGUMENTS, message, self.span))
    }

    /// The argument at a position, as a name.
    pub(super) fn name(&self, index: usize) -> Option<(String, Span)> {
        let argument = *self.arguments.get(index)?;
        self.checker.as_name(argument).map(|name| (name, argument.span))
    }

    /// The argument at a position, as days since day 1 and as written; `takes` says what the function
    /// needs.
    pub(super) fn day(&mut self, index: usize, takes: &str) -> Result<(f64, String), Refused> {
        let Some(&argument) = self.arguments.get(index) else {
            return Err(Box::new(self.wrong_arguments(takes)));
        };
        let Some(point) = self.checker.as_time_point(argument) else {
            return Err(Box::new(self.not_a_point(argument, takes)));
        };
        let shown = format!("{} {}", point.word, number(point.number));
        match day_of(&point.word, point.number) {
            Ok(day) => Ok((day, shown)),
            Err(reason) => {
                Err(Box::new(TrialScope::fault(reason.diagnostic(&shown, point.span))))
            }
        }
    }

    /// The fault of an argument that is no time point, such as the duration `8 week`.
    fn not_a_point(&mut self, argument: Argument<'_>, takes: &str) -> Meaning {
        let Some(checked) = self.checker.check(argument) else {
            return Meaning::Silent;
        };
        let duration =
            checked.expr.as_number().filter(|_| checked.unit.same_dimension(&Unit::day()));
        let Some(value) = duration.map(number) else {
            return self.wrong_arguments(takes);
        };
        let unit = checked.unit.to_string();
        let word = if unit == "h" { "hour" } else { unit.as_str() };
        let message = format!("`{value} {unit}` is a duration where a time point is needed");
        let fault = Diagnostic::error(code::WRONG_TYPE, message, argument.span)
            .help(format!("write `{word} {value}`"));
        TrialScope::fault(fault)
    }
}
