//! `[adverse_event.ID]`: what happens to participants beside the effect, and what the trial learns of it.

use super::named::named;
use super::{arms, causes};
use crate::expression::{Context, Names, Quantities, condition};
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Entry, Node, Table};
use crate::values;
use crate::words::did_you_mean;
use crate::{AdverseEvent, Cause, Expression};
use proband_diag::{Diagnostic, Span, code};

/// Reads the adverse events; none if one has a fault.
pub(crate) fn read(
    file: &Node,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Vec<AdverseEvent>> {
    let mut read = Vec::new();
    for entry in named(file, "adverse_event", reading) {
        read.push(adverse_event(entry, names, quantities, reading));
    }
    read.into_iter().collect()
}

const CAUSES: [&str; 4] = ["event", "hazard", "probability", "grades"];

const FOUND: [(&str, bool); 2] = [("at once", false), ("encounter", true)];

fn adverse_event(
    entry: &Entry,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<AdverseEvent> {
    let path = format!("adverse_event.{}", entry.key);
    let table = Table::open(&entry.node, path, keys::ADVERSE_EVENT, reading)?;
    causes::one(&table, &CAUSES, reading);
    let cause = cause(&table, names, quantities, reading);
    let graded = table.has("grades");
    if graded {
        for key in ["severity", "lasts", "recurs", "found"] {
            let message = format!("`{key}` is not used with `grades`, which say it all");
            table.unused(key, &message, reading);
        }
    }
    let term = table.read("term", reading, values::text).unwrap_or_else(|| entry.key.clone());
    let body_system =
        table.read("soc", reading, values::text).unwrap_or_else(|| entry.key.clone());
    let severity = if graded { Vec::new() } else { severity(&table, reading) };
    Some(AdverseEvent {
        id: entry.key.clone(),
        term,
        body_system,
        severity,
        lasts: lasts(&table, graded, reading),
        recurs: !graded && table.or("recurs", (false, "false"), reading, values::flag),
        serious: table.or("serious", (0.0, "0 %"), reading, values::share),
        reported: table.or("reported", (1.0, "100 %"), reading, values::share),
        found_at_encounter: table.or("found", (false, "at once"), reading, |node, reading| {
            values::word(&FOUND, node, reading)
        }),
        arms: table
            .read("arms", reading, |node, reading| arms::positions(node, names, reading))
            .unwrap_or_default(),
        cause: cause?,
    })
}

fn cause(
    table: &Table<'_>,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Cause> {
    if let Some(entry) = table.get("event") {
        return model_event(entry, names, reading);
    }
    if let Some(entry) = table.get("hazard") {
        return causes::hazard(&entry.node, names, quantities, reading).map(Cause::Hazard);
    }
    if let Some(entry) = table.get("probability") {
        return causes::chance(&entry.node, names, quantities, reading).map(Cause::Probability);
    }
    grades(&table.get("grades")?.node, names, quantities, reading)
}

fn model_event(entry: &Entry, names: &Names, reading: &mut Reading) -> Option<Cause> {
    let id = values::text(&entry.node, reading)?;
    if let Some(happening) = names.model_happening(&id) {
        return Some(Cause::ModelEvent(happening));
    }
    if names.incomplete {
        return None;
    }
    let known: Vec<String> = names
        .sound_models()
        .flat_map(|(_, _, model)| {
            let events = model.events.iter().map(|event| event.name.clone());
            events.chain(model.hazards.iter().map(|hazard| hazard.name.clone()))
        })
        .collect();
    let message = format!("no model has an event `{id}`");
    let fault = Diagnostic::error(code::UNKNOWN_NAME, message, entry.node.span);
    reading.fault(fault.maybe_help(did_you_mean(&id, known.iter().map(String::as_str))));
    None
}

fn grades(
    node: &Node,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Cause> {
    let texts = values::strings(node, reading)?;
    if !are_grades(texts.len(), node.span, reading) {
        return None;
    }
    let (mut truth, mut seen) = (Vec::new(), Vec::new());
    for text in texts {
        let by_records = condition(text, Context::Seen, names, quantities, reading);
        // What the records cannot say, the truth need not be asked.
        let by_truth = match &by_records {
            Some(_) => condition(text, Context::Truth, names, quantities, reading),
            None => None,
        };
        truth.push(by_truth);
        seen.push(by_records);
    }
    let all = |list: Vec<Option<Expression>>| list.into_iter().collect::<Option<Vec<_>>>();
    Some(Cause::Grades { truth: all(truth)?, seen: all(seen)? })
}

/// Whether there can be so many grades; reports it if not.
pub(super) fn are_grades(count: usize, span: Span, reading: &mut Reading) -> bool {
    if (1..=5).contains(&count) {
        return true;
    }
    let message = format!("there are grades 1 to 5, and this gives {count}");
    reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
    false
}

/// The mean duration; none lasts to the end.
fn lasts(table: &Table<'_>, graded: bool, reading: &mut Reading) -> Option<f64> {
    if !graded && !table.has("lasts") {
        reading.defaulted(table.path_of("lasts"), "to the end");
    }
    table.read("lasts", reading, values::positive_duration)
}

/// Shares of grade 1, 2, ...
fn severity(table: &Table<'_>, reading: &mut Reading) -> Vec<f64> {
    let Some(entry) = table.get("severity") else {
        reading.defaulted(table.path_of("severity"), "[1]");
        return vec![1.0];
    };
    let shares = values::list(&entry.node, reading, values::part).unwrap_or_default();
    if shares.is_empty() {
        return vec![1.0];
    }
    let span = entry.node.span;
    if values::sum_to_one(shares.iter().copied(), span, reading).is_some() {
        are_grades(shares.len(), span, reading);
    }
    shares
}
