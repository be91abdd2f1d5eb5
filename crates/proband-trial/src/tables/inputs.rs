//! What feeds the inputs of models: expressions and series from files.

use super::models::{Told, no_input};
use crate::csv::Csv;
use crate::expression::{Context, Names, Quantities, Target, check};
use crate::files::TrialFiles;
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Entry, Table, Value};
use crate::values;
use crate::{Expression, Series, Signal};
use proband_diag::{Diagnostic, Sources, Span, code};
use proband_lang::{Between, Expr, Kind, Model, Symbol, SymbolKind, Unit};

/// Covariates of a model that are covariates of the population under another name.
#[derive(Debug, Default)]
pub(crate) struct Renamed(Vec<(String, usize)>);

impl Renamed {
    /// The covariate of the population that feeds one of the model.
    pub(crate) fn of(&self, name: &str) -> Option<usize> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, index)| *index)
    }
}

/// Reads those `inputs` that give a covariate under another name.
pub(crate) fn renamed(
    told: &Told<'_>,
    model: &Model,
    names: &Names,
    reading: &mut Reading,
) -> Renamed {
    let mut found = Vec::new();
    for entry in told.inputs {
        if !is(model, &entry.key, |kind| matches!(kind, SymbolKind::Covariate(_))) {
            continue;
        }
        let covariate = entry.node.as_text().and_then(|text| names.covariate(&text.text));
        match covariate {
            Some(index) => found.push((entry.key.clone(), index)),
            None => {
                reading.later(entry.key_span, "a covariate that an expression or file feeds");
            }
        }
    }
    Renamed(found)
}

fn is(model: &Model, name: &str, what: impl Fn(SymbolKind) -> bool) -> bool {
    model.symbol(name).is_some_and(|symbol| what(model.symbols[symbol.index()].kind))
}

/// What reading a signal needs.
pub(crate) struct Feeding<'a, 'f> {
    pub(crate) names: &'a Names,
    pub(crate) quantities: &'a mut Quantities,
    pub(crate) files: &'a TrialFiles<'f>,
    pub(crate) sources: &'a mut Sources,
}

impl Feeding<'_, '_> {
    /// The signals of one model from `inputs` of its own.
    pub(crate) fn of_model(
        &mut self,
        told: &Told<'_>,
        position: usize,
        reading: &mut Reading,
    ) -> Vec<(usize, Signal)> {
        let names = self.names;
        let (id, Some(model)) = &names.models[position] else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for entry in told.inputs {
            match input(model, &entry.key) {
                Some(index) => {
                    let symbol = &model.symbols[model.inputs[index].symbol.index()];
                    let signal = self.signal(entry, symbol, model, reading);
                    found.extend(signal.map(|signal| (index, signal)));
                }
                None if is(model, &entry.key, |kind| {
                    matches!(kind, SymbolKind::Covariate(_))
                }) => {}
                None => reading.fault(no_input(entry, id, model)),
            }
        }
        found
    }

    /// The signals that an arm feeds, in whichever model has the input.
    pub(crate) fn of_arm(
        &mut self,
        entries: &[Entry],
        reading: &mut Reading,
    ) -> Vec<(usize, usize, Signal)> {
        let names = self.names;
        let mut found = Vec::new();
        for entry in entries {
            let owner = names.sound_models().find_map(|(position, id, model)| {
                let plain = entry.key.strip_prefix(id).and_then(|rest| rest.strip_prefix('.'));
                input(model, plain.unwrap_or(&entry.key)).map(|index| (position, index, model))
            });
            match owner {
                Some((position, index, model)) => {
                    let symbol = &model.symbols[model.inputs[index].symbol.index()];
                    let signal = self.signal(entry, symbol, model, reading);
                    found.extend(signal.map(|signal| (position, index, signal)));
                }
                None if names.incomplete => {}
                None => reading.fault(nobodys(entry, names)),
            }
        }
        found
    }

    fn signal(
        &mut self,
        entry: &Entry,
        symbol: &Symbol,
        model: &Model,
        reading: &mut Reading,
    ) -> Option<Signal> {
        match &entry.node.value {
            Value::Text(text) => {
                if let Some(category) = symbol.category {
                    let levels = &model.categories[category].levels;
                    return level(entry, &text.text, levels, reading);
                }
                let what = format!("`{}` takes", entry.key);
                let target = Target::In { unit: &symbol.unit, what: &what };
                let (names, quantities) = (self.names, &mut *self.quantities);
                let checked = check(text, Context::Truth, &target, names, quantities, reading);
                checked.map(Signal::Expression)
            }
            Value::Number(digits) => {
                let value = values::quantity(&entry.node, &entry.key, &symbol.unit, reading)?;
                let (unit, text) = (symbol.unit.clone(), digits.written.clone());
                let value = Expression::constant(value, unit, text, Some(entry.node.span));
                Some(Signal::Expression(value))
            }
            _ => self.series(entry, symbol, reading).map(Signal::Series),
        }
    }

    /// `{ file, time = { column, unit, origin }, column, unit, between }`.
    fn series(
        &mut self,
        entry: &Entry,
        symbol: &Symbol,
        reading: &mut Reading,
    ) -> Option<Series> {
        let table = Table::open(&entry.node, entry.key.clone(), keys::INPUT, reading)?;
        table.later("participant", "a series for each participant", reading);
        let text =
            |node, reading: &mut Reading| values::string(node, "a text is needed", reading);
        let file = table.required("file", "the path of a CSV or Parquet file", reading, text);
        let why = "`previous`, `next` or `linear`: the value between two rows";
        let between = table.required("between", why, reading, |node, reading| {
            values::word(&BETWEEN, node, reading)
        });
        let column = match table.read("column", reading, text) {
            Some(name) => (name.text.clone(), name.place()),
            None => (entry.key.clone(), entry.key_span),
        };
        let unit =
            table.read("unit", reading, values::unit).unwrap_or_else(|| symbol.unit.clone());
        let factor = factor(&unit, &symbol.unit, &table, reading);
        let time = time(&table, reading);
        let file = file?;
        let (source, csv) = self.files.source(file, self.sources, reading)?;
        let csv = Csv::read(source, &csv, reading)?;
        let time = time?;
        let days = days(&csv, &time, reading)?;
        let position = csv.column(&column.0, column.1, reading)?;
        let values = csv.numbers(position, reading)?;
        let factor = factor?;
        let values = values.iter().map(|value| value * factor).collect();
        Some(Series { days, values, between: between? })
    }
}

const BETWEEN: [(&str, Between); 3] =
    [("previous", Between::Last), ("next", Between::Next), ("linear", Between::Linear)];

/// The input of a name, by position.
fn input(model: &Model, name: &str) -> Option<usize> {
    model.inputs.iter().position(|input| model.symbols[input.symbol.index()].name == name)
}

fn nobodys(entry: &Entry, names: &Names) -> Diagnostic {
    let known: Vec<&str> = names
        .sound_models()
        .flat_map(|(_, _, model)| {
            model.inputs.iter().map(|input| model.symbols[input.symbol.index()].name.as_str())
        })
        .collect();
    let message = format!("no model has an input `{}`", entry.key);
    Diagnostic::error(code::UNKNOWN_NAME, message, entry.key_span)
        .maybe_help(crate::words::did_you_mean(&entry.key, known))
}

fn level(
    entry: &Entry,
    text: &str,
    levels: &[String],
    reading: &mut Reading,
) -> Option<Signal> {
    let Some(position) = levels.iter().position(|level| level == text) else {
        let message = format!("`{text}` is not one of {}", levels.join(", "));
        let help = crate::words::did_you_mean(text, levels.iter().map(String::as_str));
        let fault = Diagnostic::error(code::NOT_A_MEMBER, message, entry.node.span);
        reading.fault(fault.maybe_help(help));
        return None;
    };
    #[expect(clippy::cast_precision_loss, reason = "a category has few levels")]
    let value = position as f64;
    Some(Signal::Expression(Expression {
        expr: Expr::Number(value),
        unit: Unit::one(),
        kind: Kind::Level(levels.to_vec().into()),
        text: text.to_owned(),
        span: Some(entry.node.span),
    }))
}

fn factor(from: &Unit, to: &Unit, table: &Table<'_>, reading: &mut Reading) -> Option<f64> {
    let factor = from.factor_to(to);
    if factor.is_none() {
        let span = table.place("unit");
        let message =
            format!("the model takes `{}` in {to}, and the file has {from}", table.path());
        reading.fault(Diagnostic::error(code::UNIT_MISMATCH, message, span));
    }
    factor
}

struct TimeColumn {
    name: String,
    asked: Span,
    /// Days in one unit of the column.
    factor: f64,
    /// Days since day 1 of its 0.
    origin: f64,
}

fn time(table: &Table<'_>, reading: &mut Reading) -> Option<TimeColumn> {
    let Some(entry) = table.get("time") else {
        let message = format!("`{}` needs `time`", table.path());
        let help = "`time = { column, unit, origin }` says when each row holds";
        reading.fault(Diagnostic::error(code::MISSING_KEY, message, table.span()).help(help));
        return None;
    };
    let time = Table::open(&entry.node, "time", keys::INPUT_TIME, reading)?;
    let name =
        time.required("column", "the column that holds the time", reading, |node, reading| {
            values::string(node, "a text is needed", reading)
        });
    let unit =
        time.required("unit", "the unit of the column, such as `day`", reading, values::unit);
    let why = "the time point that 0 in the column stands for";
    let origin = time.required("origin", why, reading, values::point);
    let factor = unit.and_then(|unit| {
        let factor = unit.factor_to(&Unit::day());
        if factor.is_none() {
            let message = format!("a time is needed, and {unit} is none");
            let span = time.place("unit");
            reading.fault(Diagnostic::error(code::UNIT_MISMATCH, message, span));
        }
        factor
    });
    let name = name?;
    let asked = name.place();
    Some(TimeColumn { name: name.text.clone(), asked, factor: factor?, origin: origin?.day })
}

/// Days since day 1 of each row, which must increase.
fn days(csv: &Csv<'_>, time: &TimeColumn, reading: &mut Reading) -> Option<Vec<f64>> {
    let column = csv.column(&time.name, time.asked, reading)?;
    let values = csv.numbers(column, reading)?;
    let days: Vec<f64> = values.iter().map(|value| time.origin + value * time.factor).collect();
    if let Some(row) = days.windows(2).position(|pair| pair[1] <= pair[0]) {
        let message = "times must increase from row to row";
        let span = csv.span(row + 1, column);
        reading.fault(Diagnostic::error(code::DATA_FILE, message, span));
        return None;
    }
    if days.is_empty() {
        let message = "the table has no rows";
        reading.fault(Diagnostic::error(code::DATA_FILE, message, time.asked));
        return None;
    }
    Some(days)
}

/// Reports inputs of models that nobody feeds: neither the model's table nor a default. Arms are no
/// help: a twin needs a value before it has an arm, at the visits that decide on its eligibility.
pub(crate) fn missing(told: &Told<'_>, position: usize, names: &Names, reading: &mut Reading) {
    let (id, Some(model)) = &names.models[position] else {
        return;
    };
    for input in &model.inputs {
        let symbol = &model.symbols[input.symbol.index()];
        let fed = told.inputs.iter().any(|entry| entry.key == symbol.name);
        if input.default.is_some() || fed {
            continue;
        }
        let unit = match symbol.unit == Unit::one() {
            true => String::new(),
            false => format!(" [{}]", symbol.unit),
        };
        let message = format!("model `{id}` needs the input `{}`{unit}", symbol.name);
        let help =
            format!("add it to `model.{id}.inputs`, which holds until an arm replaces it");
        let place = told.table.span();
        reading.fault(Diagnostic::error(code::MISSING_INPUT, message, place).help(help));
    }
}
