//! `proband models`.

use super::Done;
use crate::arguments::Format;
use crate::console::Console;
use crate::print;
use proband::{Block, Declared, Listed, ModelCard};
use serde_json::{Value, json};
use std::path::Path;

pub(crate) fn models(
    model: Option<&Path>,
    folder: &Path,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    match model {
        Some(file) => show(&proband::model(file)?, format, console),
        None => list(&proband::models(folder)?, format, console),
    }
}

fn list(listed: &[Listed], format: Format, console: &mut Console<'_>) -> Done {
    if format == Format::Json {
        let models: Vec<Value> = listed.iter().map(Listed::to_json).collect();
        return Ok(print::object_of(&json!({ "models": models }), console)?);
    }
    let rows = listed.iter().map(listed_row).collect();
    let table = print::table(&["file", "model", ">states", ">parameters", "title"], rows);
    Ok(print::document(vec![table], console)?)
}

fn listed_row(listed: &Listed) -> Vec<String> {
    let file = listed.file.display().to_string();
    match &listed.model {
        Ok(card) => vec![
            file,
            card.name.clone(),
            card.states.len().to_string(),
            card.parameters.len().to_string(),
            card.title.clone().unwrap_or_default(),
        ],
        Err(faulty) => {
            let faults =
                format!("has {} faults: `proband models FILE` shows them", faulty.faults.len());
            vec![file, String::new(), String::new(), String::new(), faults]
        }
    }
}

fn show(card: &ModelCard, format: Format, console: &mut Console<'_>) -> Done {
    if format == Format::Json {
        return Ok(print::object_of(&json!({ "model": card }), console)?);
    }
    let title = card.title.as_ref().map_or(String::new(), |title| format!(": {title}"));
    let mut blocks = vec![Block::Title(format!("{}{title}", card.name))];
    blocks.extend(card.sources.iter().map(|source| Block::Text(format!("Source: {source}"))));
    blocks.push(Block::Text(format!("Time in {}.", card.time)));
    for (heading, declared) in [
        ("Covariates", &card.covariates),
        ("Inputs", &card.inputs),
        ("Parameters", &card.parameters),
        ("States", &card.states),
        ("Doses", &card.doses),
        ("Events and hazards", &card.happenings),
        ("Observables", &card.observables),
    ] {
        blocks.extend(section(heading, declared));
    }
    Ok(print::document(blocks, console)?)
}

fn section(heading: &str, declared: &[Declared]) -> Vec<Block> {
    if declared.is_empty() {
        return Vec::new();
    }
    let told = |text: &Option<String>| text.clone().unwrap_or_default();
    let row = |of: &Declared| {
        let value = of.value.map_or(String::new(), |value| value.to_string());
        vec![of.name.clone(), value, told(&of.unit), told(&of.spread), told(&of.text)]
    };
    let heads = ["name", ">value", "unit", "between twins", "meaning"];
    let table = print::table(&heads, declared.iter().map(row).collect());
    vec![Block::Heading(heading.to_owned()), table]
}
