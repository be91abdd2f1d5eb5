//! `[model.ID]`: the models, the values a trial fixes in them, and what they need from outside.

use super::named::named;
use crate::expression::Names;
use crate::files::TrialFiles;
use crate::keys;
use crate::reading::Reading;
use crate::tables::population::uncertainty;
use crate::toml::{Entry, Node, Table};
use crate::values;
use crate::words::did_you_mean;
use crate::{Observed, Uncertainty};
use proband_diag::{Diagnostic, Sources, code};
use proband_lang::{Model, open_model, parse_model};

/// A model as told.
pub(crate) struct Told<'a> {
    pub(crate) table: Table<'a>,
    /// Typical values: position of the parameter, value in its unit.
    pub(crate) parameters: Vec<(usize, f64)>,
    /// Typical values that are not known.
    pub(crate) uncertainty: Option<Uncertainty>,
    /// What feeds its inputs and covariates.
    pub(crate) inputs: &'a [Entry],
}

/// Opens every model, and puts its names into `names`.
pub(crate) fn read<'a>(
    file: &'a Node,
    files: &TrialFiles<'_>,
    sources: &mut Sources,
    names: &mut Names,
    reading: &mut Reading,
) -> Vec<Told<'a>> {
    let entries = named(file, "model", reading);
    if entries.is_empty() {
        let message = "the trial has no model";
        reading.fault(
            Diagnostic::error(code::MISSING_KEY, message, file.span)
                .help("add `[model.ID]` with `file = \"...\"`"),
        );
        names.incomplete = true;
    }
    let mut told = Vec::new();
    for entry in entries {
        let path = format!("model.{}", entry.key);
        let table = Table::open(&entry.node, path, keys::MODEL, reading);
        let model = table.as_ref().and_then(|table| open(table, files, sources, reading));
        names.incomplete |= model.is_none();
        if let Some(table) = table {
            let uncertainty = model
                .as_ref()
                .and_then(|model| uncertainty::read(&table, model, files, sources, reading));
            let parameters = model
                .as_ref()
                .map_or_else(Vec::new, |model| parameters(&table, &entry.key, model, reading));
            let inputs = table.get("inputs").map_or(&[][..], |inputs| inputs.node.entries());
            told.push(Told { table, parameters, uncertainty, inputs });
        }
        names.models.push((entry.key.clone(), model));
    }
    names.observables = observables(names);
    told
}

fn open(
    table: &Table<'_>,
    files: &TrialFiles<'_>,
    sources: &mut Sources,
    reading: &mut Reading,
) -> Option<Model> {
    table.one_of(&["file", "text"], "is given", reading);
    if table.has("file") && table.has("text") {
        return None;
    }
    let needed =
        |node, reading: &mut Reading| values::string(node, "a text is needed", reading);
    if let Some(text) = table.read("text", reading, needed) {
        let base = files.path("model");
        return parse_model(text.fragment(), &base, files, sources, &mut reading.faults);
    }
    if !table.has("file") {
        let message = format!("`{}` needs `file` or `text`", table.path());
        let help = "the path of a model file, from this file";
        reading.fault(Diagnostic::error(code::MISSING_KEY, message, table.span()).help(help));
    }
    let path = table.read("file", reading, needed)?;
    files.text(path, reading)?;
    open_model(&files.path(&path.text), files, sources, &mut reading.faults)
}

/// `parameters = { name = quantity }` of one model.
fn parameters(
    table: &Table<'_>,
    id: &str,
    model: &Model,
    reading: &mut Reading,
) -> Vec<(usize, f64)> {
    let entries = table.get("parameters").map_or(&[][..], |entry| entry.node.entries());
    let mut found = Vec::new();
    for entry in entries {
        match model.parameter(&entry.key) {
            Some(position) => {
                let value = typical(entry, model, position, reading);
                found.extend(value.map(|value| (position, value)));
            }
            None => reading.fault(no_parameter(
                entry,
                &format!("model `{id}` does not have"),
                &[model],
            )),
        }
    }
    found
}

/// A typical value that replaces the model's, in its unit.
pub(crate) fn typical(
    entry: &Entry,
    model: &Model,
    position: usize,
    reading: &mut Reading,
) -> Option<f64> {
    let unit = model.typical_unit(position);
    let value = values::quantity(&entry.node, &entry.key, unit, reading)?;
    let refused = model.refuses_typical(position, value);
    let fine = refused.is_none();
    if let Some(message) = refused {
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, entry.node.span));
    }
    fine.then_some(value)
}

/// The fault of a parameter that no model has; `who` begins the message.
pub(crate) fn no_parameter(entry: &Entry, who: &str, models: &[&Model]) -> Diagnostic {
    let known = models.iter().flat_map(|model| {
        model.parameters.iter().map(|p| model.symbols[p.symbol.index()].name.as_str())
    });
    let message = format!("{who} a parameter `{}`", entry.key);
    Diagnostic::error(code::UNKNOWN_NAME, message, entry.key_span)
        .maybe_help(did_you_mean(&entry.key, known))
}

/// Every observable of every model; of a name that several have, with the id of the model.
fn observables(names: &Names) -> Vec<Observed> {
    let mut all = Vec::new();
    for (position, id, model) in names.sound_models() {
        for (index, observable) in model.observables.iter().enumerate() {
            let shared = names.declared_in(&observable.name).len() > 1;
            let symbol = &model.symbols[observable.symbol.index()];
            all.push(Observed {
                name: match shared {
                    true => format!("{id}.{}", observable.name),
                    false => observable.name.clone(),
                },
                model: position,
                index,
                unit: observable.unit.clone(),
                text: observable.text.clone(),
                levels: symbol.category.map(|c| model.categories[c].levels.clone()),
            });
        }
    }
    all
}

/// The fault of an input that a model does not have.
pub(crate) fn no_input(entry: &Entry, id: &str, model: &Model) -> Diagnostic {
    let message = format!("model `{id}` has no input `{}`", entry.key);
    let inputs =
        model.inputs.iter().map(|input| model.symbols[input.symbol.index()].name.as_str());
    let fault = Diagnostic::error(code::UNKNOWN_NAME, message, entry.key_span);
    fault.maybe_help(did_you_mean(&entry.key, inputs))
}
