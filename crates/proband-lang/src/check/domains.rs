//! Constants that no simulation could use: what would end every twin ends the check.
//!
//! Only what is made of numbers is judged, also through `let`. A parameter is judged by its typical value
//! where its distribution has no place for it; what depends on covariates or deviates is judged twin by
//! twin, when it is known.

use super::constant::constant_with;
use super::world::World;
use crate::{
    Draw, Expr, Level, Model, Parameter, Spread, Start, SymbolId, SymbolKind, Trigger, Unit,
};
use proband_diag::{Diagnostic, Span, code};

/// A part of a model and what is wrong with it: where, and the message.
type Found = (Span, String);

impl World {
    /// Reports constants outside the domain of their place.
    pub(crate) fn domains(&mut self) {
        for (span, message) in Constants::of(&self.model).outside() {
            self.keep_fault(Diagnostic::error(code::OUT_OF_RANGE, message, span), span);
        }
    }
}

impl Model {
    /// Why a parameter cannot have this typical value, if its distribution has no place for it. The
    /// value is in the unit of [`Model::typical_unit`].
    #[must_use]
    pub fn refuses_typical(&self, parameter: usize, value: f64) -> Option<String> {
        let parameter = &self.parameters[parameter];
        let whole = parameter.typical_value.is_none();
        let constants = Constants::of(self);
        let value = if whole { Some(value) } else { constants.typical(parameter, value) };
        refuses(parameter, value?, &self.symbols[parameter.symbol.index()].name)
    }
}

/// Why a distribution has no place for a typical value.
fn refuses(parameter: &Parameter, value: f64, name: &str) -> Option<String> {
    let spreads = [&parameter.between_twins, &parameter.between_occasions];
    let has = |wanted: fn(&Spread) -> bool| spreads.into_iter().flatten().any(wanted);
    if value.is_nan() {
        return Some(not_a_number(name));
    }
    if has(|spread| matches!(spread, Spread::LogitNormal(_))) && !(value > 0.0 && value < 1.0) {
        return Some(format!(
            "`logitnormal` is of values between 0 and 1, and this is {value}"
        ));
    }
    let chance = has(|spread| matches!(spread, Spread::Bernoulli));
    if chance { no_chance(value) } else { None }
}

fn not_a_number(name: &str) -> String {
    format!("`{name}` is not a number")
}

fn no_chance(value: f64) -> Option<String> {
    let outside = !(0.0..=1.0).contains(&value);
    outside.then(|| format!("a probability is from 0 to 1, and this is {value}"))
}

/// What is no number is not above zero either.
fn is_below_zero(value: &f64) -> bool {
    *value < 0.0 || value.is_nan()
}

fn no_mean(value: f64) -> Option<String> {
    is_below_zero(&value).then(|| format!("a count has no mean below 0, and this is {value}"))
}

/// A value with its unit, without the dust of converting it.
fn shown(value: f64, unit: &Unit) -> String {
    let value = rounded(value);
    if *unit == Unit::one() { value.to_string() } else { format!("{value} {unit}") }
}

/// To twelve digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

/// A model, and the value of each `let` that is made of numbers.
struct Constants<'a> {
    model: &'a Model,
    lets: Vec<Option<f64>>,
}

impl<'a> Constants<'a> {
    fn of(model: &'a Model) -> Self {
        let mut constants = Self { model, lets: Vec::with_capacity(model.lets.len()) };
        for derived in &model.lets {
            let value = constants.value(&derived.expression);
            constants.lets.push(value);
        }
        constants
    }

    fn outside(&self) -> Vec<Found> {
        let mut found = Vec::new();
        self.values(&mut found);
        self.spreads(&mut found);
        self.starts(&mut found);
        self.dose_times(&mut found);
        self.happenings(&mut found);
        self.records(&mut found);
        found
    }

    fn value(&self, expr: &Expr) -> Option<f64> {
        constant_with(expr, &|symbol| self.derived(symbol))
    }

    /// The value of a symbol, if it is a `let` made of numbers.
    fn derived(&self, symbol: SymbolId) -> Option<f64> {
        match self.model.symbols[symbol.index()].kind {
            SymbolKind::Let(position) => *self.lets.get(position)?,
            _ => None,
        }
    }

    /// The value of a parameter without its deviates, if its typical value is all that it depends on.
    fn typical(&self, parameter: &Parameter, value: f64) -> Option<f64> {
        // What has a fault of its own is left as the number that is none.
        if parameter.expression.as_number().is_some_and(f64::is_nan) {
            return None;
        }
        constant_with(&parameter.expression, &|symbol| {
            if symbol == parameter.typical { Some(value) } else { self.derived(symbol) }
        })
    }

    fn values(&self, found: &mut Vec<Found>) {
        for (derived, value) in self.model.lets.iter().zip(&self.lets) {
            let symbol = &self.model.symbols[derived.symbol.index()];
            let known =
                symbol.level == Level::Constant && derived.expression.as_number().is_none();
            if known && value.is_some_and(f64::is_nan) {
                found.push((symbol.span, not_a_number(&symbol.name)));
            }
        }
        for parameter in &self.model.parameters {
            let symbol = &self.model.symbols[parameter.symbol.index()];
            let value = self.typical(parameter, parameter.typical_value.unwrap_or(f64::NAN));
            let refused = value.and_then(|value| refuses(parameter, value, &symbol.name));
            found.extend(refused.map(|message| (symbol.span, message)));
        }
    }

    fn spreads(&self, found: &mut Vec<Found>) {
        for parameter in &self.model.parameters {
            let symbol = &self.model.symbols[parameter.symbol.index()];
            if let Some(Spread::Uniform(low, high)) = &parameter.between_twins
                && let (Some(low), Some(high)) = (self.value(low), self.value(high))
                && low > high
            {
                let (low, high) = (shown(low, &symbol.unit), shown(high, &symbol.unit));
                let message = format!("`uniform` goes from {low} down to {high}");
                found.push((symbol.span, message));
            }
            let limits = [&parameter.lower, &parameter.upper];
            let [low, high] =
                limits.map(|limit| limit.as_ref().and_then(|limit| self.value(&limit.value)));
            if let (Some(low), Some(high)) = (low, high)
                && low >= high
            {
                let (low, high) = (shown(low, &symbol.unit), shown(high, &symbol.unit));
                let message =
                    format!("no value of `{}` is above {low} and below {high}", symbol.name);
                found.push((symbol.span, message));
            }
        }
    }

    fn starts(&self, found: &mut Vec<Found>) {
        for state in &self.model.states {
            let symbol = &self.model.symbols[state.symbol.index()];
            let Start::Value(start) = &state.start else { continue };
            let Some(start) = self.value(start) else { continue };
            let below = state.lower.filter(|low| start < *low);
            let beyond = below.or_else(|| state.upper.filter(|high| start > *high));
            if let Some(bound) = beyond {
                let (start, bound) = (shown(start, &symbol.unit), shown(bound, &symbol.unit));
                let message =
                    format!("`{}` starts at {start}, beyond its bound {bound}", symbol.name);
                found.push((symbol.span, message));
            }
        }
    }

    fn dose_times(&self, found: &mut Vec<Found>) {
        let time = &self.model.time;
        for line in &self.model.doses {
            for (word, value) in [("lag", &line.lag), ("over", &line.over)] {
                let what = format!("`{word}`");
                found.extend(self.negative(value.as_ref(), &what, time, line.span));
            }
            let fraction = line.fraction.as_ref().and_then(|value| self.value(value));
            if let Some(fraction) = fraction.filter(is_below_zero) {
                found.push((
                    line.span,
                    format!("`fraction` is not below 0, and this is {fraction}"),
                ));
            }
        }
    }

    fn happenings(&self, found: &mut Vec<Found>) {
        let time = &self.model.time;
        let per_time = &Unit::one().per(time);
        for event in &self.model.events {
            match &event.trigger {
                Trigger::When { hold, until_hold, .. } => {
                    for hold in [hold, until_hold] {
                        found.extend(self.negative(hold.as_ref(), "`for`", time, event.span));
                    }
                }
                Trigger::Every { period, .. } => {
                    found.extend(self.no_interval(period, event.span));
                }
            }
        }
        for next in &self.model.nexts {
            found.extend(
                self.no_interval(&next.every, self.model.symbols[next.state.index()].span),
            );
        }
        for hazard in &self.model.hazards {
            found.extend(self.negative(Some(&hazard.rate), "a hazard", per_time, hazard.span));
        }
        for jump in &self.model.jumps {
            let span = self.model.symbols[jump.state.index()].span;
            found.extend(self.negative(Some(&jump.rate), "the rate of a jump", per_time, span));
        }
    }

    fn negative(
        &self,
        value: Option<&Expr>,
        what: &str,
        unit: &Unit,
        span: Span,
    ) -> Option<Found> {
        let value = self.value(value?).filter(is_below_zero)?;
        let value = shown(value, unit);
        Some((span, format!("{what} is not below 0, and this is {value}")))
    }

    fn no_interval(&self, value: &Expr, span: Span) -> Option<Found> {
        let value = self.value(value).filter(|value| *value <= 0.0 || value.is_nan())?;
        let value = shown(value, &self.model.time);
        Some((span, format!("`every` is above 0, and this is {value}")))
    }

    fn records(&self, found: &mut Vec<Found>) {
        for observable in &self.model.observables {
            let span = self.model.symbols[observable.symbol.index()].span;
            let centre = self.derived(observable.symbol);
            let draw = observable.draw.as_ref().and_then(|draw| self.no_law(draw, centre));
            found.extend(draw.map(|message| (span, message)));
            let limits = [&observable.lower_limit, &observable.upper_limit];
            let [low, high] =
                limits.map(|limit| limit.as_ref().and_then(|limit| self.value(limit)));
            if let (Some(low), Some(high)) = (low, high)
                && low > high
            {
                let (low, high) = (shown(low, &observable.unit), shown(high, &observable.unit));
                found.push((span, format!("`lloq` is {low}, above `uloq`, which is {high}")));
            }
        }
    }

    /// Why a law of records does not exist.
    fn no_law(&self, draw: &Draw, centre: Option<f64>) -> Option<String> {
        match draw {
            Draw::Bernoulli => no_chance(centre?),
            Draw::Poisson => no_mean(centre?),
            Draw::NegativeBinomial(dispersion) => {
                let dispersion = self.value(dispersion).filter(is_below_zero);
                let message =
                    |value| format!("`dispersion` is not below 0, and this is {value}");
                dispersion.map(message).or_else(|| no_mean(centre?))
            }
            Draw::Binomial(trials) => {
                let trials = self.value(trials);
                let odd = trials.filter(|n| !(*n >= 0.0 && n.fract().abs() <= 0.0));
                let message =
                    |n| format!("`binomial` takes a whole number from 0, and this is {n}");
                odd.map(message).or_else(|| no_chance(centre?))
            }
            Draw::Categorical(chances) => {
                let known: Vec<f64> = chances.iter().filter_map(|e| self.value(e)).collect();
                let sum: f64 = known.iter().sum();
                let outside = known.iter().find_map(|value| no_chance(*value));
                let much = (sum > 1.0 + 1e-9)
                    .then(|| format!("the probabilities sum to {}", rounded(sum)));
                outside.or(much)
            }
            Draw::Normal { .. } | Draw::LogNormal(_) | Draw::Ordinal(_) => None,
        }
    }
}
