//! Functions of the records of a period: `average`, `highest`, `lowest`, `auc`, `time_in`.

use super::Context;
use super::calls::Call;
use super::records::Refused;
use super::scope::TrialScope;
use crate::{Quantity, Summary};
use proband_diag::{Diagnostic, Span, code};
use proband_lang::{Kind, Meaning, Unit};

impl TrialScope<'_> {
    pub(super) fn period(&mut self, call: &mut Call<'_, '_>) -> Meaning {
        self.try_period(call).unwrap_or_else(|refused| *refused)
    }

    fn try_period(&mut self, call: &mut Call<'_, '_>) -> Result<Meaning, Refused> {
        let limits = if call.function == "time_in" { 2 } else { 0 };
        if call.arguments.len() != 1 + limits && call.arguments.len() != 3 + limits {
            let takes = match limits {
                2 => "an observable, its two limits, and the two time points of a period",
                _ => "an observable, and the two time points of a period",
            };
            return Err(Box::new(call.wrong_arguments(takes)));
        }
        let observable = self.observed(call, 0)?;
        let held = self.names.observables[observable].unit.clone();
        let (summary, unit) = match call.function {
            "average" => (Summary::Average, held),
            "highest" => (Summary::Highest, held),
            "lowest" => (Summary::Lowest, held),
            "auc" => (Summary::AreaUnderCurve, held.times(&Unit::day())),
            _ => {
                let (low, high) = (limit(call, 1, &held)?, limit(call, 2, &held)?);
                (Summary::TimeIn { low, high }, Unit::percent())
            }
        };
        if self.context == Context::Truth {
            let what = format!("`{}` of true values", call.function);
            return Ok(self.later(call.span, &what, unit, Kind::Number));
        }
        let period = self.bounds(call, 1 + limits)?;
        self.some_record(observable, &period, call.span)?;
        let (from, to) = (period.from, period.to);
        let quantity = Quantity::Period { summary, observable, from, to };
        Ok(self.number(period.restrict(quantity), unit))
    }

    /// The period that arguments bound from one on: two time points, or the whole trial. Up to now, a
    /// period may begin with the last dose, and end now.
    pub(super) fn bounds(
        &self,
        call: &mut Call<'_, '_>,
        first: usize,
    ) -> Result<Period, Refused> {
        let (start, end) = (self.names.timeline.start(), self.names.timeline.end());
        if call.arguments.len() == first {
            return Ok(Period { from: start, to: end, since_last_dose: false });
        }
        let up_to_now = matches!(self.context, Context::Dosing | Context::Seen);
        let is_word = |call: &Call<'_, '_>, index, word| {
            up_to_now && call.name(index).is_some_and(|(name, _)| name == word)
        };
        let takes = "time points for a period, such as `week 4, week 12`";
        let since_last_dose = is_word(call, first, "last_dose");
        let from = if since_last_dose { start } else { call.day(first, takes)?.0 };
        // Nothing is known of what comes after now.
        let (to, shown) = match is_word(call, first + 1, "now") {
            true => (f64::INFINITY, "now".to_owned()),
            false => call.day(first + 1, takes)?,
        };
        if to < from {
            let message = format!("the period ends at {shown}, before it begins");
            let span = call.arguments[first + 1].span;
            let fault = Diagnostic::error(code::OUT_OF_RANGE, message, span);
            return Err(Box::new(Self::fault(fault)));
        }
        if to.is_finite() {
            self.not_after_the_end(to, &shown, call.arguments[first + 1].span)?;
        }
        Ok(Period { from, to, since_last_dose })
    }

    fn not_after_the_end(&self, day: f64, shown: &str, span: Span) -> Result<(), Refused> {
        let timeline = &self.names.timeline;
        if timeline.faulty || day <= timeline.end() {
            return Ok(());
        }
        let end = crate::values::point_words(timeline.end());
        let message = format!("{shown} is after the last epoch, which ends at {end}");
        Err(Box::new(Self::fault(Diagnostic::error(code::AFTER_THE_END, message, span))))
    }

    fn some_record(
        &self,
        observable: usize,
        period: &Period,
        span: Span,
    ) -> Result<(), Refused> {
        let timeline = &self.names.timeline;
        let days = period.from..=period.to;
        let inside = timeline.records(observable).any(|e| days.contains(&e.day));
        if inside || timeline.faulty {
            return Ok(());
        }
        let name = &self.names.observables[observable].name;
        let message = format!("`{name}` is not observed in this period");
        Err(Box::new(Self::fault(Diagnostic::error(code::NO_SUCH_ENCOUNTER, message, span))))
    }
}

/// A period of days, or what of it comes after the last dose.
pub(super) struct Period {
    pub(super) from: f64,
    pub(super) to: f64,
    since_last_dose: bool,
}

impl Period {
    /// A quantity of the period's days, restricted to what comes after the last dose where the period is.
    pub(super) fn restrict(&self, quantity: Quantity) -> Quantity {
        match self.since_last_dose {
            true => Quantity::SinceLastDose(Box::new(quantity)),
            false => quantity,
        }
    }
}

/// A limit, as a constant in the unit of the observable.
fn limit(call: &mut Call<'_, '_>, index: usize, unit: &Unit) -> Result<f64, Refused> {
    let argument = call.arguments[index];
    let checked = call.checker.check(argument).ok_or_else(|| Box::new(Meaning::Silent))?;
    let Some(value) = checked.expr.as_number() else {
        let takes = "limits that are plain numbers or quantities";
        return Err(Box::new(call.wrong_arguments(takes)));
    };
    let Some(factor) = checked.unit.factor_to(unit) else {
        let found = super::in_unit(&checked.unit);
        let message = format!("the limit must be in {unit}, and it {found}");
        let fault = Diagnostic::error(code::UNIT_MISMATCH, message, argument.span);
        return Err(Box::new(TrialScope::fault(fault)));
    };
    Ok(value * factor)
}
