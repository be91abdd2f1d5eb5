//! Functions of what happens: events, adverse events, doses.

use super::calls::Call;
use super::periods::Period;
use super::records::Refused;
use super::scope::TrialScope;
use super::{Context, above_0};
use crate::words::{unknown_name, unnamed};
use crate::{Happening, Quantity};
use proband_lang::{Binary, Expr, Kind, Meaning, Unit};

impl TrialScope<'_> {
    pub(super) fn event(&mut self, call: &mut Call<'_, '_>) -> Meaning {
        let meaning = match call.function {
            "earliest" => self.earliest(call),
            "time_to" => self.time_to(call),
            _ => self.counted(call),
        };
        meaning.unwrap_or_else(|refused| *refused)
    }

    pub(super) fn graded(&mut self, call: &mut Call<'_, '_>) -> Meaning {
        self.try_graded(call).unwrap_or_else(|refused| *refused)
    }

    pub(super) fn dosing(&mut self, call: &mut Call<'_, '_>) -> Meaning {
        self.try_dosing(call).unwrap_or_else(|refused| *refused)
    }

    fn time_to(&mut self, call: &Call<'_, '_>) -> Result<Meaning, Refused> {
        if call.arguments.len() != 1 {
            return Err(Box::new(
                call.wrong_arguments("one event; of several, `earliest(a, b)`"),
            ));
        }
        let happening = self.happening(call, 0)?;
        Ok(self.number(Quantity::TimeTo(happening), Unit::day()))
    }

    /// The first of several events: the smallest of their times.
    fn earliest(&mut self, call: &Call<'_, '_>) -> Result<Meaning, Refused> {
        if call.arguments.len() < 2 {
            return Err(Box::new(call.wrong_arguments("two events or more")));
        }
        let mut first: Option<Expr> = None;
        for index in 0..call.arguments.len() {
            let happening = self.happening(call, index)?;
            let time = self.quantities.symbol(Quantity::TimeTo(happening));
            first = Some(match first {
                None => time,
                Some(before) => Expr::binary(Binary::Min, before, time),
            });
        }
        let expr = first.unwrap_or(Expr::Number(f64::INFINITY));
        Ok(Self::value(expr, Unit::day(), Kind::Number))
    }

    fn counted(&mut self, call: &mut Call<'_, '_>) -> Result<Meaning, Refused> {
        let condition = call.function == "happened";
        let unit =
            if call.function == "rate" { Unit::one().per(&Unit::day()) } else { Unit::one() };
        let kind = if condition { Kind::Condition } else { Kind::Number };
        self.event_arguments(call)?;
        let happening = self.happening(call, 0)?;
        if self.context == Context::Truth && call.arguments.len() == 1 {
            return Ok(match condition {
                true => self.holds(Quantity::SoFar(happening)),
                false => self.number(Quantity::SoFar(happening), unit),
            });
        }
        if self.context == Context::Truth {
            let what = format!("`{}` in nature", call.function);
            return Ok(self.later(call.span, &what, unit, kind));
        }
        let period = self.bounds(call, 1)?;
        let (from, to) = (period.from, period.to);
        let count = period.restrict(Quantity::Count { happening, from, to });
        let count = self.quantities.symbol(count);
        let expr = match call.function {
            "happened" => above_0(count),
            "rate" => {
                let followed = self.quantities.symbol(Quantity::Followed { from, to });
                Expr::binary(Binary::Div, count, followed)
            }
            _ => count,
        };
        Ok(Self::value(expr, unit, kind))
    }

    fn event_arguments(&self, call: &Call<'_, '_>) -> Result<(), Refused> {
        match call.arguments.len() {
            1 | 3 => Ok(()),
            _ => Err(Box::new(
                call.wrong_arguments("an event, and the two time points of a period"),
            )),
        }
    }

    fn try_graded(&mut self, call: &mut Call<'_, '_>) -> Result<Meaning, Refused> {
        let wanted: &[usize] = match call.function {
            "worst_grade" => &[1, 3],
            "longest" => &[2],
            _ => &[1],
        };
        if !wanted.contains(&call.arguments.len()) {
            let takes = match call.function {
                "worst_grade" => "an adverse event, and the two time points of a period",
                "longest" => "an adverse event and a grade",
                _ => "an adverse event",
            };
            return Err(Box::new(call.wrong_arguments(takes)));
        }
        let adverse_event = self.adverse_event(call)?;
        let (unit, kind) = match call.function {
            "longest" => (Unit::day(), Kind::Number),
            "ongoing" => (Unit::one(), Kind::Condition),
            _ => (Unit::one(), Kind::Number),
        };
        let now = self.context != Context::Endpoint;
        let quantity = match call.function {
            "worst_grade" if self.context != Context::Truth => {
                let period = self.bounds(call, 1)?;
                let (from, to) = (period.from, period.to);
                period.restrict(Quantity::WorstGrade { adverse_event, from, to })
            }
            "ongoing" if now => {
                return Ok(self.holds(Quantity::Grade(adverse_event)));
            }
            "grade" if now => Quantity::Grade(adverse_event),
            "longest" => return Ok(self.later(call.span, "`longest`", unit, kind)),
            function => {
                let what = format!("`{function}` {}", self.context.place());
                return Ok(self.later(call.span, &what, unit, kind));
            }
        };
        Ok(self.number(quantity, unit))
    }

    fn try_dosing(&mut self, call: &mut Call<'_, '_>) -> Result<Meaning, Refused> {
        let daily = call.function == "daily_dose";
        if daily && call.arguments.len() != 1 || !matches!(call.arguments.len(), 1 | 3) {
            let takes = if daily {
                "a regimen"
            } else {
                "a regimen, and the two time points of a period"
            };
            return Err(Box::new(call.wrong_arguments(takes)));
        }
        let regimens = self.regimens(call)?;
        if !daily {
            let Period { from, to, .. } = self.bounds(call, 1)?;
            let quantity = Quantity::DoseIntensity { regimens, from, to };
            return Ok(self.number(quantity, Unit::one()));
        }
        let Some(unit) = self.names.regimens[regimens[0]].unit.clone() else {
            return Err(Box::new(Meaning::Silent));
        };
        Ok(self.number(Quantity::DailyDose { regimens, unit: unit.clone() }, unit))
    }

    fn regimens(&self, call: &Call<'_, '_>) -> Result<Vec<usize>, Refused> {
        let Some((name, span)) = call.name(0) else {
            return Err(Box::new(call.wrong_arguments("the id of a regimen")));
        };
        if let Some(found) = self.names.regimens(&name) {
            return Ok(found);
        }
        let regimens = self.names.regimens.iter();
        let known = regimens.flat_map(|regimen| regimen.names.iter().map(String::as_str));
        Err(Box::new(Self::fault(unnamed("regimen", &name, span, known))))
    }

    /// The event or adverse event that an argument names.
    fn happening(&self, call: &Call<'_, '_>, index: usize) -> Result<Happening, Refused> {
        let Some((name, span)) = call.name(index) else {
            return Err(Box::new(
                call.wrong_arguments("the name of an event or adverse event"),
            ));
        };
        if let Some(happening) = self.names.happening(&name) {
            return Ok(happening);
        }
        Err(Box::new(self.unknown_happening(&name, span, self.names.happening_ids())))
    }

    fn adverse_event(&self, call: &Call<'_, '_>) -> Result<usize, Refused> {
        let Some((name, span)) = call.name(0) else {
            return Err(Box::new(call.wrong_arguments("the id of an adverse event")));
        };
        match self.names.adverse_events.iter().position(|id| *id == name) {
            Some(index) => Ok(index),
            None => {
                let known = self.names.adverse_events.clone();
                Err(Box::new(self.unknown_happening(&name, span, known)))
            }
        }
    }

    fn unknown_happening(
        &self,
        name: &str,
        span: proband_diag::Span,
        known: Vec<String>,
    ) -> Meaning {
        if self.names.incomplete {
            return Meaning::Silent;
        }
        Self::fault(unknown_name(name, span, known.iter().map(String::as_str)))
    }
}
