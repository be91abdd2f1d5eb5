//! Functions of single records: `baseline`, `at`, `change`, `percent_change`, `previous`, `latest`.

use super::Context;
use super::calls::Call;
use super::quantities::EveryVisit;
use super::scope::TrialScope;
use crate::Quantity;
use crate::timeline::same_time;
use crate::words::did_you_mean;
use proband_diag::{Diagnostic, Span, code};
use proband_lang::{Binary, Expr, Kind, Meaning, SymbolId, Unit};

/// Why a function cannot be used; already as a meaning.
pub(super) type Refused = Box<Meaning>;

impl TrialScope<'_> {
    pub(super) fn record(&mut self, call: &mut Call<'_, '_>) -> Meaning {
        self.try_record(call).unwrap_or_else(|refused| *refused)
    }

    fn try_record(&mut self, call: &mut Call<'_, '_>) -> Result<Meaning, Refused> {
        let (function, span) = (call.function, call.span);
        let most = if matches!(function, "at" | "change" | "percent_change") { 2 } else { 1 };
        if call.arguments.is_empty() || call.arguments.len() > most {
            let takes = match function {
                "at" => "an observable and a time point, such as `at(x, week 8)`",
                "change" | "percent_change" => "an observable, and a time point",
                _ => "an observable",
            };
            return Err(Box::new(call.wrong_arguments(takes)));
        }
        if self.context == Context::Truth && !matches!(function, "previous" | "latest") {
            return self.true_change(call);
        }
        let observable = self.observed(call, 0)?;
        let unit = self.names.observables[observable].unit.clone();
        if function == "latest" {
            return Ok(self.number(Quantity::Record(observable), unit));
        }
        if function == "previous" {
            return Ok(self.number(Quantity::Previous(observable), unit));
        }
        if function == "baseline" {
            let baseline = self.baseline(observable, span)?;
            return Ok(Self::value(baseline, unit, Kind::Number));
        }
        let Some(value) = self.value_at(observable, call)? else {
            let unit = unit_of(function, unit);
            return Ok(self.later(span, "a value at every visit", unit, Kind::Number));
        };
        let expr = match function {
            "at" => value,
            _ => changed(value, self.baseline(observable, span)?, function == "percent_change"),
        };
        Ok(Self::value(expr, unit_of(function, unit), Kind::Number))
    }

    /// Of true values, which may be those of what nobody observes: the baseline, and the change from it
    /// up to now.
    fn true_change(&mut self, call: &mut Call<'_, '_>) -> Result<Meaning, Refused> {
        let (model, symbol, unit) = self.true_value(call)?;
        let (function, of_now) = (call.function, call.arguments.len() == 1);
        if !of_now {
            let what = format!("`{function}` of the true value at another time");
            return Ok(self.later(call.span, &what, unit_of(function, unit), Kind::Number));
        }
        let baseline = self.quantities.symbol(Quantity::TrueBaseline { model, symbol });
        let owner = self.names.models[model].1.as_ref().expect("it has no fault");
        let level = owner.symbols[symbol.index()].level;
        let expr = match function {
            "baseline" => baseline,
            _ => {
                let now = self.quantities.symbol(Quantity::Truth { model, symbol, level });
                changed(now, baseline, function == "percent_change")
            }
        };
        Ok(Self::value(expr, unit_of(function, unit), Kind::Number))
    }

    /// The quantity of a model that an argument names: model, symbol, unit.
    fn true_value(&mut self, call: &Call<'_, '_>) -> Result<(usize, SymbolId, Unit), Refused> {
        let Some((name, span)) = call.name(0) else {
            return Err(Box::new(call.wrong_arguments("the name of a quantity of a model")));
        };
        if let Some(fault) = self.ambiguous(&name, span) {
            return Err(Box::new(fault));
        }
        if let Some(found) = self.names.symbol(&name) {
            return Ok((found.model, found.id, found.symbol.unit.clone()));
        }
        let observed = self.names.observable(&name).map(|o| &self.names.observables[o]);
        let Some(observed) = observed else {
            return Err(Box::new(self.not_an_observable(&name, span)));
        };
        let model = observed.model;
        let owner = self.names.models[model].1.as_ref();
        let owner = owner.ok_or_else(|| Box::new(Meaning::Silent))?;
        let symbol = owner.observables[observed.index].symbol;
        Ok((model, symbol, owner.symbols[symbol.index()].unit.clone()))
    }

    /// The record that a change is measured by: at a time point, of every visit, or (in a rule) the latest. None for
    /// what cannot be done yet, which is then noted.
    fn value_at(
        &mut self,
        observable: usize,
        call: &mut Call<'_, '_>,
    ) -> Result<Option<Expr>, Refused> {
        if call.arguments.len() == 1 {
            return match (self.context == Context::Endpoint, call.function) {
                (_, "at") => {
                    Err(Box::new(call.wrong_arguments("an observable and a time point")))
                }
                (true, _) => Ok(self.at_every_visit(observable)),
                (false, _) => Ok(Some(self.quantities.symbol(Quantity::Record(observable)))),
            };
        }
        let (day, shown) = call.day(1, "a time point, such as `week 8`")?;
        let encounter = self.encounter(observable, day, &shown, call.arguments[1].span)?;
        Ok(Some(self.quantities.symbol(Quantity::At(observable, encounter))))
    }

    /// The record of the last visit after baseline, which stands for that of every visit; none where one value is wanted,
    /// or there is no such visit.
    fn at_every_visit(&mut self, observable: usize) -> Option<Expr> {
        if self.quantities.every_visit == EveryVisit::Refused {
            return None;
        }
        let encounters = &self.names.timeline.encounters;
        let last = encounters.iter().rposition(|encounter| {
            encounter.day > 0.0 && encounter.observe.contains(&observable)
        })?;
        self.quantities.every_visit = EveryVisit::Asked;
        Some(self.quantities.symbol(Quantity::At(observable, last)))
    }

    /// The observable that an argument names, which some encounter must record.
    pub(super) fn observed(
        &mut self,
        call: &Call<'_, '_>,
        index: usize,
    ) -> Result<usize, Refused> {
        let Some((name, span)) = call.name(index) else {
            return Err(Box::new(call.wrong_arguments("the name of an observable")));
        };
        if let Some(observable) = self.names.observable(&name) {
            return match self.never_observed(observable, span) {
                Some(fault) if self.context != Context::Truth => Err(Box::new(fault)),
                _ => Ok(observable),
            };
        }
        Err(Box::new(self.not_an_observable(&name, span)))
    }

    fn not_an_observable(&mut self, name: &str, span: Span) -> Meaning {
        if self.names.incomplete {
            return Meaning::Silent;
        }
        if let Some(found) = self.names.symbol(name) {
            let help = match self.names.observed_by(found.model, found.id) {
                Some(observable) => format!("`{observable}` observes it"),
                None => "declare it with `observe` in the model".to_owned(),
            };
            let message = format!("`{name}` is not observed, so it has no records");
            return Self::fault(Diagnostic::error(code::UNSEEN_NAME, message, span).help(help));
        }
        let known: Vec<String> =
            self.names.observables.iter().map(|o| o.name.clone()).collect();
        let message = match self.names.of_data {
            true => format!("the data have no records of `{name}`"),
            false => format!("no model observes `{name}`"),
        };
        let fault = Diagnostic::error(code::UNKNOWN_NAME, message, span);
        Self::fault(fault.maybe_help(did_you_mean(name, known.iter().map(String::as_str))))
    }

    /// The fault of reading what no encounter records.
    pub(super) fn never_observed(&self, observable: usize, span: Span) -> Option<Meaning> {
        let timeline = &self.names.timeline;
        if timeline.faulty || timeline.records(observable).next().is_some() {
            return None;
        }
        let name = &self.names.observables[observable].name;
        let message = format!("`{name}` is observed at no encounter");
        let fault = Diagnostic::error(code::NEVER_OBSERVED, message, span);
        Some(Self::fault(fault.help("add it to `observe`")))
    }

    /// The fault of a record that is not there when it is asked for.
    pub(super) fn unseen_record(&self, observable: usize, span: Span) -> Option<Meaning> {
        if let Some(fault) = self.never_observed(observable, span) {
            return Some(fault);
        }
        let timeline = &self.names.timeline;
        let by = self.names.screening;
        let seen = timeline.records(observable).any(|encounter| same_time(encounter.day, by));
        if self.context != Context::Screening || timeline.faulty || seen {
            return None;
        }
        let name = &self.names.observables[observable].name;
        let message = format!(
            "`{name}` is not observed at {}, where eligibility is decided",
            crate::values::point_words(by)
        );
        let fault = Diagnostic::error(code::NO_SUCH_ENCOUNTER, message, span);
        Some(Self::fault(
            fault.help("add it to `observe` of that encounter, or set `eligibility.at`"),
        ))
    }

    /// The baseline record, which an encounter at or before day 1 must make.
    fn baseline(&mut self, observable: usize, span: Span) -> Result<Expr, Refused> {
        let timeline = &self.names.timeline;
        let early = timeline.records(observable).any(|encounter| encounter.day <= 0.0);
        if early || timeline.faulty {
            return Ok(self.quantities.symbol(Quantity::Baseline(observable)));
        }
        let name = &self.names.observables[observable].name;
        let message = format!("`{name}` has no baseline: it is not observed by day 1");
        let fault = Diagnostic::error(code::NO_SUCH_ENCOUNTER, message, span);
        Err(Box::new(Self::fault(fault.help("observe it at `week 0`"))))
    }

    /// The encounter at a time that records an observable.
    fn encounter(
        &self,
        observable: usize,
        day: f64,
        shown: &str,
        span: Span,
    ) -> Result<usize, Refused> {
        let timeline = &self.names.timeline;
        let here = timeline.encounters.iter().position(|encounter| {
            same_time(encounter.day, day) && encounter.observe.contains(&observable)
        });
        if let Some(index) = here {
            return Ok(index);
        }
        if timeline.faulty {
            return Err(Box::new(Meaning::Silent));
        }
        let any = timeline.encounters.iter().any(|encounter| same_time(encounter.day, day));
        let name = &self.names.observables[observable].name;
        let what = if any { format!("`{name}`") } else { "nothing".to_owned() };
        let negation = if any { " not" } else { "" };
        let message = format!("{what} is{negation} observed at {shown}");
        let fault = Diagnostic::error(code::NO_SUCH_ENCOUNTER, message, span);
        Err(Box::new(Self::fault(fault.maybe_help(self.last_encounters(observable)))))
    }

    fn last_encounters(&self, observable: usize) -> Option<String> {
        let all: Vec<&str> =
            self.names.timeline.records(observable).map(|e| e.shown.as_str()).collect();
        match all[..] {
            [] => None,
            [only] => Some(format!("the only encounter is {only}")),
            [.., before, last] => Some(format!("the last encounters are {before} and {last}")),
        }
    }
}

/// Change, or percent change, from baseline.
fn changed(value: Expr, baseline: Expr, percent: bool) -> Expr {
    let change = Expr::binary(Binary::Sub, value, baseline.clone());
    if !percent {
        return change;
    }
    let hundredfold = Expr::binary(Binary::Mul, Expr::Number(100.0), change);
    Expr::binary(Binary::Div, hundredfold, baseline)
}

fn unit_of(function: &str, unit: Unit) -> Unit {
    if function == "percent_change" { Unit::percent() } else { unit }
}
