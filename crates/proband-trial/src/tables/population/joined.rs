//! Population and models: every covariate of every model is given, in its unit and with its levels.

use super::distribution::not_a_level;
use crate::expression::Names;
use crate::reading::Reading;
use crate::tables::inputs::Renamed;
use crate::tables::models::Told;
use crate::toml::Entry;
use proband_diag::{Diagnostic, Span, code};
use proband_lang::{Covariate, Kind, Model, Symbol, Unit};

/// What a model's covariates are in the population.
#[derive(Debug, Default)]
pub(crate) struct Joined {
    /// Position of each in the population.
    pub(crate) covariates: Vec<usize>,
    /// By what to multiply the population's value.
    pub(crate) factors: Vec<f64>,
    /// For those with levels, the model's level of each of the population's.
    pub(crate) levels: Vec<Vec<usize>>,
}

/// Joins the population to a model; `place` is where a covariate would be added.
pub(crate) fn join(
    model: usize,
    told: &Told<'_>,
    renamed: &Renamed,
    entries: &[Entry],
    place: Span,
    names: &Names,
    reading: &mut Reading,
) -> Option<Joined> {
    let (id, Some(owner)) = &names.models[model] else {
        return None;
    };
    let mut joined = Joined::default();
    let before = reading.faults.len();
    for covariate in &owner.covariates {
        let symbol = &owner.symbols[covariate.symbol.index()];
        let found = renamed.of(&symbol.name).or_else(|| names.covariate(&symbol.name));
        match found {
            Some(index) => give(index, symbol, owner, entries, names, &mut joined, reading),
            None if told.inputs.iter().any(|entry| entry.key == symbol.name) => {}
            None => reading.fault(missing(id, covariate, symbol, place)),
        }
    }
    (reading.faults.len() == before).then_some(joined)
}

fn missing(id: &str, covariate: &Covariate, symbol: &Symbol, place: Span) -> Diagnostic {
    let unit =
        if symbol.unit == Unit::one() { String::new() } else { format!(" [{}]", symbol.unit) };
    let message = format!("model `{id}` needs `{}`{unit}", symbol.name);
    let typical = covariate.typical.as_ref().and_then(proband_lang::Expr::as_number);
    let help = match typical {
        Some(value) => {
            let unit = if symbol.unit == Unit::one() {
                String::new()
            } else {
                format!(" {}", symbol.unit)
            };
            format!(
                "add it to `population.covariates`; the value in the model, {value:?}{unit}, is \
                 for its typical twin only"
            )
        }
        None => "add it to `population.covariates`".to_owned(),
    };
    Diagnostic::error(code::MISSING_COVARIATE, message, place).help(help)
}

fn give(
    index: usize,
    symbol: &Symbol,
    model: &Model,
    entries: &[Entry],
    names: &Names,
    joined: &mut Joined,
    reading: &mut Reading,
) {
    let covariate = &names.covariates[index];
    let Some((unit, kind)) = &covariate.value else {
        return;
    };
    joined.covariates.push(index);
    let levels = symbol.category.map(|category| &model.categories[category].levels);
    match (levels, kind) {
        (Some(known), Kind::Level(given)) => {
            joined.factors.push(1.0);
            joined.levels.push(positions(given, known, &entries[index], reading));
        }
        (None, Kind::Number) => {
            joined.levels.push(Vec::new());
            match unit.factor_to(&symbol.unit) {
                Some(factor) => joined.factors.push(factor),
                None => reading.fault(wrong_unit(symbol, unit, &entries[index])),
            }
        }
        (Some(known), _) => {
            let message = format!(
                "the model takes `{}` as one of {}, and here it is no level",
                symbol.name,
                known.join(", ")
            );
            reading.fault(Diagnostic::error(code::KIND_MISMATCH, message, covariate.span));
        }
        (None, _) => {
            let message = format!(
                "the model takes `{}` as a number, and here it is a level",
                symbol.name
            );
            reading.fault(Diagnostic::error(code::KIND_MISMATCH, message, covariate.span));
        }
    }
}

/// The model's position of each level of the population.
fn positions(
    given: &[String],
    known: &[String],
    entry: &Entry,
    reading: &mut Reading,
) -> Vec<usize> {
    let mut found = Vec::new();
    for level in given {
        match known.iter().position(|other| other == level) {
            Some(position) => found.push(position),
            None => {
                let choice = entry.node.get("choice").and_then(|choice| choice.node.get(level));
                let span = choice.map_or(entry.key_span, |level| level.key_span);
                reading.fault(not_a_level(level, known, span));
            }
        }
    }
    found
}

fn wrong_unit(symbol: &Symbol, unit: &Unit, entry: &Entry) -> Diagnostic {
    let (declared, span) = (&symbol.unit, entry.node.span);
    let of_model = if *declared == Unit::one() {
        format!("the model declares `{}` without unit", symbol.name)
    } else {
        format!("the model declares `{}` in {declared}", symbol.name)
    };
    if *unit == Unit::one() {
        let message = format!("{of_model}, here it has no unit");
        let help = match entry.node.as_text() {
            Some(text) => format!("write `\"{} {declared}\"`", text.text),
            None => format!("add `unit = \"{declared}\"`"),
        };
        return Diagnostic::error(code::UNIT_MISMATCH, message, span).help(help);
    }
    let message = format!("{of_model}, here it is in {unit}");
    Diagnostic::error(code::UNIT_MISMATCH, message, span).maybe_help(declared.difference(unit))
}
