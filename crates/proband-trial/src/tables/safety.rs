//! `[safety]`: the order of adverse events, and the ranges that records are held against.

use super::adverse_events::are_grades;
use crate::expression::Names;
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Entry, Node, Table, Value, wrong_type};
use crate::values;
use crate::words::did_you_mean;
use crate::{EventOrder, Limits, Observed, ReferenceRange, Safety};
use proband_diag::{Diagnostic, code};

const ORDERS: [(&str, EventOrder); 3] = [
    ("frequency", EventOrder::Frequency),
    ("risk difference", EventOrder::RiskDifference),
    ("alphabet", EventOrder::Alphabet),
];

/// Reads how safety is told.
pub(crate) fn read(file: &Node, names: &Names, reading: &mut Reading) -> Safety {
    let Some(table) = Table::of_file(file, "safety", keys::SAFETY, reading) else {
        return Safety::default();
    };
    let order = table.read("order", reading, |node, r| values::word(&ORDERS, node, r));
    if !table.has("order") && !names.adverse_events.is_empty() {
        reading.defaulted("safety.order", "frequency");
    }
    let ranges = table.read("range", reading, |node, r| ranges(node, names, r));
    Safety { order: order.unwrap_or_default(), ranges: ranges.unwrap_or_default() }
}

fn ranges(node: &Node, names: &Names, reading: &mut Reading) -> Option<Vec<ReferenceRange>> {
    let Value::Table(entries) = &node.value else {
        reading.fault(wrong_type(node, "`range` is a table by what is recorded"));
        return None;
    };
    Some(entries.iter().filter_map(|entry| range(entry, names, reading)).collect())
}

fn range(entry: &Entry, names: &Names, reading: &mut Reading) -> Option<ReferenceRange> {
    let path = format!("safety.range.{}", entry.key);
    let table = Table::open(&entry.node, path, keys::RANGE, reading);
    let observable = observable(entry, names, reading)?;
    let (table, observed) = (table?, &names.observables[observable]);
    if !keys::RANGE.iter().any(|key| table.has(key)) {
        let message = format!("`{}` has no limit", table.path());
        let help = "give `low`, `high` or `grades`";
        reading.fault(Diagnostic::error(code::MISSING_KEY, message, table.span()).help(help));
    }
    let limits = limits(&table, observed, reading);
    Some(ReferenceRange { observable, limits, grades: grades(&table, observed, reading) })
}

fn limits(table: &Table<'_>, observed: &Observed, reading: &mut Reading) -> Option<Limits> {
    let mut limit = |key| table.read(key, reading, |node, r| quantity(node, observed, r));
    let (low, high) = (limit("low"), limit("high"));
    if low.zip(high).is_some_and(|(low, high)| low >= high) {
        let message =
            format!("the range of `{}` ends where it begins, or before", observed.name);
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, table.span()));
    }
    (low.is_some() || high.is_some()).then(|| Limits::Fixed {
        low: low.unwrap_or(f64::NEG_INFINITY),
        high: high.unwrap_or(f64::INFINITY),
    })
}

/// What is recorded under this name, as a number.
fn observable(entry: &Entry, names: &Names, reading: &mut Reading) -> Option<usize> {
    let Some(index) = names.observable(&entry.key) else {
        if !names.incomplete {
            let known = names.observables.iter().map(|observed| observed.name.as_str());
            let message = format!("nothing is recorded as `{}`", entry.key);
            let fault = Diagnostic::error(code::UNKNOWN_NAME, message, entry.key_span);
            reading.fault(fault.maybe_help(did_you_mean(&entry.key, known)));
        }
        return None;
    };
    if names.observables[index].levels.is_some() {
        let message = format!("`{}` has levels, which no range can hold", entry.key);
        reading.fault(Diagnostic::error(code::KIND_MISMATCH, message, entry.key_span));
        return None;
    }
    Some(index)
}

fn quantity(node: &Node, observed: &Observed, reading: &mut Reading) -> Option<f64> {
    values::quantity(node, &observed.name, &observed.unit, reading)
}

/// Values beyond which the grade is 1, 2, ...: they go up or down.
fn grades(table: &Table<'_>, observed: &Observed, reading: &mut Reading) -> Vec<f64> {
    let item = |node, r: &mut Reading| quantity(node, observed, r);
    let limits = table.read("grades", reading, |node, r| values::list(node, r, item));
    let (Some(limits), Some(entry)) = (limits, table.get("grades")) else { return Vec::new() };
    let pairs = || limits.windows(2);
    if !pairs().all(|pair| pair[0] < pair[1]) && !pairs().all(|pair| pair[0] > pair[1]) {
        let message = "the limits of grades neither rise nor fall throughout";
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, entry.node.span));
    } else {
        are_grades(limits.len(), entry.node.span, reading);
    }
    limits
}
