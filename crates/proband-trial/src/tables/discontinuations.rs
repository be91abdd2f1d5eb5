//! `[discontinuation.ID]`: who stops treatment, who leaves the trial, and why.

use super::named::named;
use super::{arms, causes};
use crate::expression::{Names, Quantities};
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Entry, Node, Table, Value};
use crate::values;
use crate::{Discontinuation, DiscontinuationCause, DiscontinuedFrom, Expression};
use proband_diag::{Diagnostic, code};
use proband_lang::Unit;

/// Reads the discontinuations; none if one has a fault.
pub(crate) fn read(
    file: &Node,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Vec<Discontinuation>> {
    let mut read = Vec::new();
    for entry in named(file, "discontinuation", reading) {
        read.push(discontinuation(entry, names, quantities, reading));
    }
    read.into_iter().collect()
}

const CAUSES: [&str; 4] = ["hazard", "probability", "when", "share"];

const ENDS: [(&str, DiscontinuedFrom); 2] =
    [("treatment", DiscontinuedFrom::Treatment), ("trial", DiscontinuedFrom::Trial)];

fn discontinuation(
    entry: &Entry,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Discontinuation> {
    let path = format!("discontinuation.{}", entry.key);
    let table = Table::open(&entry.node, path, keys::DISCONTINUATION, reading)?;
    causes::one(&table, &CAUSES, reading);
    let why = "`treatment` (dosing stops, visits go on) or `trial` (both)";
    let from = table.required("from", why, reading, |n, r| values::word(&ENDS, n, r));
    let cause = cause(&table, names, quantities, reading);
    if from == Some(DiscontinuedFrom::Trial) {
        let message = "`retained` is used by `from = \"treatment\"`: nobody who leaves stays";
        table.unused("retained", message, reading);
    }
    let retained = match from {
        Some(DiscontinuedFrom::Treatment) => {
            table.or("retained", (1.0, "100 %"), reading, values::share)
        }
        _ => 0.0,
    };
    let arms =
        table.read("arms", reading, |node, reading| arms::positions(node, names, reading));
    let reason = table.read("reason", reading, values::text);
    Some(Discontinuation {
        id: entry.key.clone(),
        from: from?,
        cause: cause?,
        retained,
        arms: arms.unwrap_or_default(),
        reason: reason.unwrap_or_else(|| entry.key.to_uppercase()),
    })
}

fn cause(
    table: &Table<'_>,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<DiscontinuationCause> {
    let reached = share(table, reading);
    if let Some(entry) = table.get("hazard") {
        return causes::hazard(&entry.node, names, quantities, reading)
            .map(DiscontinuationCause::Hazard);
    }
    if let Some(entry) = table.get("probability") {
        return causes::chance(&entry.node, names, quantities, reading)
            .map(DiscontinuationCause::Probability);
    }
    if let Some(entry) = table.get("when") {
        return causes::seen(&entry.node, names, quantities, reading)
            .map(DiscontinuationCause::When);
    }
    reached.map(DiscontinuationCause::Hazard)
}

/// The constant rate by which a share is reached by a time point, were there no other reason to leave.
fn share(table: &Table<'_>, reading: &mut Reading) -> Option<Expression> {
    let Some(entry) = table.get("share") else {
        table.unused("by", "`by` is used by `share`", reading);
        return None;
    };
    let share = table.read("share", reading, values::share);
    let text = written(&entry.node)?;
    if !table.has("by") {
        let message = format!("`share = {text}` needs `by`");
        reading.fault(
            Diagnostic::error(code::MISSING_KEY, message, entry.node.span)
                .help("the time point by which it is reached"),
        );
    }
    let by = table.read("by", reading, values::point)?;
    let share = share?;
    let refuse = |span, message: &str, reading: &mut Reading| {
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
        None
    };
    if by.day <= 0.0 {
        let span = table.get("by").map_or(entry.node.span, |by| by.node.span);
        return refuse(span, "the share is reached after day 1", reading);
    }
    if share >= 1.0 {
        let message = "no rate makes everybody leave by a time point";
        return refuse(entry.node.span, message, reading);
    }
    let rate = -proband_math::ln_1p(-share) / by.day;
    let unit = Unit::one().per(&Unit::day());
    Some(Expression::constant(rate, unit, text, Some(entry.node.span)))
}

fn written(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(format!("\"{}\"", text.text)),
        Value::Number(digits) => Some(digits.written.clone()),
        _ => None,
    }
}
