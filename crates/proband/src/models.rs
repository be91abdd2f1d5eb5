//! Model files: which there are in a folder, and what one of them declares.

use crate::{Error, Faulty, Result};
use proband_diag::{Disk, Faults, Sources, Style, code};
use proband_lang::{Expr, Model, Parameter, Spread, Start, SymbolId, Unit, open_model};
use serde::Serialize;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// What a model declares.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelCard {
    /// Its file.
    pub file: PathBuf,
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// Where it was published.
    pub sources: Vec<String>,
    /// The unit of its time.
    pub time: String,
    /// Traits of a twin that a population must give.
    pub covariates: Vec<Declared>,
    /// Signals from outside.
    pub inputs: Vec<Declared>,
    /// Numbers of a twin.
    pub parameters: Vec<Declared>,
    /// Integrated quantities.
    pub states: Vec<Declared>,
    /// Where doses enter.
    pub doses: Vec<Declared>,
    /// Events and hazards.
    pub happenings: Vec<Declared>,
    /// What a visit can record.
    pub observables: Vec<Declared>,
}

/// Something that a model declares.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// Its unit; none for a plain number.
    pub unit: Option<String>,
    /// The value in the file, in this unit, where it is a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// How it varies: between twins, between occasions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread: Option<String>,
    /// The text beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What a file of a folder is.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The file.
    pub file: PathBuf,
    /// The model in it, or what is wrong with it.
    pub model: std::result::Result<ModelCard, Faulty>,
}

impl Listed {
    /// What the model declares, or its faults, as one object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.model {
            Ok(card) => json!(card),
            Err(faulty) => {
                let faults: Value =
                    serde_json::from_str(&faulty.render(Style::Json)).unwrap_or_default();
                json!({ "file": self.file, "faults": faults })
            }
        }
    }
}

/// The `*.model` files of a folder, by name.
pub(crate) fn list(folder: &Path) -> Result<Vec<Listed>> {
    let unreadable = |error: std::io::Error| {
        let message = format!("cannot read the folder `{}`: {error}", folder.display());
        Faulty::one(code::UNKNOWN_FILE, message, Some("`--folder` names another".to_owned()))
    };
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let mut files: Vec<PathBuf> = entries
        .map_err(unreadable)?
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "model"))
        .collect();
    files.sort();
    Ok(files.into_iter().map(|file| Listed { model: read(&file), file }).collect())
}

/// One model.
pub(crate) fn show(file: &Path) -> Result<ModelCard> {
    read(file).map_err(Error::Faulty)
}

fn read(file: &Path) -> std::result::Result<ModelCard, Faulty> {
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let path = file.to_string_lossy();
    match open_model(&path, &Disk, &mut sources, &mut faults) {
        Some(model) => Ok(card(file, &model)),
        None => Err(Faulty { sources, faults }),
    }
}

fn card(file: &Path, model: &Model) -> ModelCard {
    let named = |name: &String, text: &Option<String>| Declared {
        name: name.clone(),
        text: text.clone(),
        ..Declared::default()
    };
    let events = model.events.iter().map(|event| named(&event.name, &event.text));
    let hazards = model.hazards.iter().map(|hazard| Declared {
        unit: shown(&Unit::one().per(&model.time)),
        ..named(&hazard.name, &hazard.text)
    });
    ModelCard {
        file: file.into(),
        name: model.name.clone(),
        title: model.title.clone(),
        sources: model.sources.clone(),
        time: model.time.to_string(),
        covariates: model
            .covariates
            .iter()
            .map(|c| symbol(model, c.symbol, &c.typical))
            .collect(),
        inputs: model.inputs.iter().map(|i| symbol(model, i.symbol, &i.default)).collect(),
        parameters: model.parameters.iter().map(|p| parameter(model, p)).collect(),
        states: model
            .states
            .iter()
            .map(|state| match &state.start {
                Start::Value(start) => symbol(model, state.symbol, &Some(start.clone())),
                Start::Steady => symbol(model, state.symbol, &None),
            })
            .collect(),
        doses: model.doses.iter().map(|dose| dose_line(model, dose)).collect(),
        happenings: events.chain(hazards).collect(),
        observables: model
            .observables
            .iter()
            .map(|seen| Declared { unit: shown(&seen.unit), ..named(&seen.name, &seen.text) })
            .collect(),
    }
}

fn symbol(model: &Model, id: SymbolId, value: &Option<Expr>) -> Declared {
    let symbol = &model.symbols[id.index()];
    Declared {
        name: symbol.name.clone(),
        unit: shown(&symbol.unit),
        value: value.as_ref().and_then(Expr::as_number),
        spread: None,
        text: symbol.text.clone(),
    }
}

fn parameter(model: &Model, parameter: &Parameter) -> Declared {
    let unit = &model.symbols[parameter.symbol.index()].unit;
    let between = |spread: &Option<Spread>, what| {
        spread.as_ref().map(|spread| format!("{}{what}", spread_words(spread, unit)))
    };
    let spreads = [
        between(&parameter.between_twins, ""),
        between(&parameter.between_occasions, " between occasions"),
    ];
    let spreads: Vec<String> = spreads.into_iter().flatten().collect();
    Declared {
        unit: shown(&model.symbols[parameter.typical.index()].unit),
        value: parameter.typical_value,
        spread: (!spreads.is_empty()).then(|| spreads.join(", ")),
        ..symbol(model, parameter.symbol, &None)
    }
}

fn dose_line(model: &Model, dose: &proband_lang::DoseLine) -> Declared {
    let drug = dose.drug.as_ref().map_or(String::new(), |drug| format!("{drug} "));
    let target = &model.symbols[dose.target.index()].name;
    Declared {
        name: format!("{drug}{} -> {target}", dose.route),
        unit: shown(&dose.unit),
        ..Declared::default()
    }
}

fn spread_words(spread: &Spread, unit: &Unit) -> String {
    let of = |size: &Expr| match size.as_number() {
        Some(number) => rounded(number).to_string(),
        None => "that depends on covariates".to_owned(),
    };
    let unit = shown(unit).map_or(String::new(), |unit| format!(" {unit}"));
    match spread {
        Spread::LogNormal(sd) => format!("log-normal, sd {} of the logarithm", of(sd)),
        Spread::Normal(sd) => format!("normal, sd {}{unit}", of(sd)),
        Spread::Proportional(sd) => format!("normal, sd {} of the value", of(sd)),
        Spread::LogitNormal(sd) => format!("logit-normal, sd {} of the logit", of(sd)),
        Spread::Uniform(low, high) => format!("uniform from {} to {}{unit}", of(low), of(high)),
        Spread::Bernoulli => "0 or 1".to_owned(),
    }
}

/// To six digits: what conversions leave behind them is nobody's value.
fn rounded(number: f64) -> f64 {
    format!("{number:.5e}").parse().expect("a printed number is a number")
}

fn shown(unit: &Unit) -> Option<String> {
    (*unit != Unit::one()).then(|| unit.to_string())
}
