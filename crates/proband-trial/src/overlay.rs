//! Laying a piece of trial over a trial: scenarios, grids, and `--set` of the command line.

use crate::keys::NAMED;
use crate::reading::Reading;
use crate::toml::{Entry, Node, Value};
use crate::words::did_you_mean;
use proband_diag::{Diagnostic, code};

/// Whether `false` removes a key, as in scenarios.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Removal {
    /// `false` removes a key whose value is not true or false.
    Allowed,
    /// `false` is a value.
    No,
}

/// The base with another tree laid over it: tables merge, values and lists replace. An id that the
/// base does not have needs `add = true`.
pub(crate) fn merge(base: &Node, over: &Node, removal: Removal, reading: &mut Reading) -> Node {
    let mut merged = base.clone();
    for entry in over.entries() {
        lay(&mut merged, entry, "", removal, reading);
    }
    merged
}

fn lay(base: &mut Node, over: &Entry, path: &str, removal: Removal, reading: &mut Reading) {
    let here = if path.is_empty() { over.key.clone() } else { format!("{path}.{}", over.key) };
    let Value::Table(entries) = &mut base.value else { return };
    let position = entries.iter().position(|entry| entry.key == over.key);
    if let (Removal::Allowed, Value::Flag(false)) = (removal, &over.node.value) {
        let is_flag =
            position.is_some_and(|at| matches!(entries[at].node.value, Value::Flag(_)));
        if !is_flag {
            remove(entries, position, over, &here, reading);
            return;
        }
    }
    match position {
        Some(at) => lay_over(&mut entries[at], over, &here, removal, reading),
        None if NAMED.contains(&path) && !adds(&over.node) => {
            reading.fault(unknown_path(over, &here, path, entries));
        }
        None => entries.push(added(over)),
    }
}

fn lay_over(
    entry: &mut Entry,
    over: &Entry,
    path: &str,
    removal: Removal,
    reading: &mut Reading,
) {
    let both = matches!(entry.node.value, Value::Table(_))
        && matches!(over.node.value, Value::Table(_));
    if !both {
        entry.key_span = over.key_span;
        entry.node = over.node.clone();
        return;
    }
    for inner in over.node.entries() {
        lay(&mut entry.node, inner, path, removal, reading);
    }
}

fn remove(
    entries: &mut Vec<Entry>,
    position: Option<usize>,
    over: &Entry,
    path: &str,
    reading: &mut Reading,
) {
    match position {
        Some(at) => {
            entries.remove(at);
        }
        None => {
            let message = format!("the base has no `{path}` to remove");
            reading.fault(Diagnostic::error(code::NOTHING_TO_REMOVE, message, over.key_span));
        }
    }
}

fn adds(node: &Node) -> bool {
    matches!(node.get("add").map(|entry| &entry.node.value), Some(Value::Flag(true)))
}

fn added(over: &Entry) -> Entry {
    let mut entry = over.clone();
    if let Value::Table(entries) = &mut entry.node.value {
        entries.retain(|inner| inner.key != "add");
    }
    entry
}

fn unknown_path(over: &Entry, here: &str, table: &str, entries: &[Entry]) -> Diagnostic {
    let near = did_you_mean(&over.key, entries.iter().map(|entry| entry.key.as_str()));
    let article = if table.starts_with(['a', 'e']) { "an" } else { "a" };
    let kind = table.replace('_', " ");
    let add = format!("to add {article} {kind}, write `add = true` in it");
    let help = near.map_or_else(|| add.clone(), |near| format!("{near} {add}"));
    let message = format!("the trial has no `{here}`");
    Diagnostic::error(code::UNKNOWN_PATH, message, over.key_span).help(help)
}
