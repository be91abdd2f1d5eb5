//! `[scenario.ID]` and `[grid]`: not run yet, and checked all the same. The trial that a scenario makes
//! is checked as a trial.

use crate::files::TrialFiles;
use crate::keys;
use crate::overlay::{Removal, merge};
use crate::reading::Reading;
use crate::tables::named::named;
use crate::toml::{Entry, Node, Value, wrong_type};
use proband_diag::{Diagnostic, Sources, code};

/// The trial file without its scenarios and grid: the base.
pub(crate) fn without(file: &Node) -> Node {
    let mut base = file.clone();
    if let Value::Table(entries) = &mut base.value {
        entries.retain(|entry| !matches!(entry.key.as_str(), "scenario" | "grid"));
    }
    base
}

/// Reports scenarios and grid as not supported yet, and every fault of the trials they make.
pub(crate) fn check(
    file: &Node,
    base: &Node,
    files: &TrialFiles<'_>,
    sources: &mut Sources,
    reading: &mut Reading,
) {
    for entry in named(file, "scenario", reading) {
        reading.later(entry.key_span, "scenarios");
        check_one(&scenario(entry), Some(&entry.node), base, files, sources, reading);
    }
    if let Some(entry) = file.get("grid") {
        reading.later(entry.key_span, "a grid of values");
        for over in cells(&entry.node, reading) {
            check_one(&over, None, base, files, sources, reading);
        }
    }
}

/// What a scenario lays over the base.
fn scenario(entry: &Entry) -> Node {
    let mut over = entry.node.clone();
    if let Value::Table(entries) = &mut over.value {
        entries.retain(|inner| !keys::SCENARIO.contains(&inner.key.as_str()));
    }
    over
}

fn check_one(
    over: &Node,
    written: Option<&Node>,
    base: &Node,
    files: &TrialFiles<'_>,
    sources: &mut Sources,
    reading: &mut Reading,
) {
    let mut own = Reading::quiet();
    let merged = merge(base, over, Removal::Allowed, &mut own);
    crate::read::trial(&merged, files, sources, &mut own);
    for fault in own.faults.sorted() {
        reading.fault(told(fault, written));
    }
}

/// A key of the base that the merged trial does not use can be removed.
fn told(fault: &Diagnostic, written: Option<&Node>) -> Diagnostic {
    let key = fault.message.split('`').nth(1);
    let own = match (written, fault.span) {
        (Some(written), Some(span)) => stands_in(written, span),
        _ => true,
    };
    match key {
        Some(key) if fault.code == code::UNUSED_KEY && !own => {
            fault.clone().help(format!("it comes from the base; `{key} = false` removes it"))
        }
        _ => fault.clone(),
    }
}

/// Whether a place is that of a key or value in a tree.
fn stands_in(node: &Node, span: proband_diag::Span) -> bool {
    node.entries().iter().any(|entry| {
        entry.key_span == span || entry.node.span == span || stands_in(&entry.node, span)
    })
}

/// One overlay for each value of each list in a grid.
fn cells(grid: &Node, reading: &mut Reading) -> Vec<Node> {
    let mut found = Vec::new();
    for entry in grid.entries() {
        match &entry.node.value {
            Value::List(values) => {
                for value in values {
                    found.push(with(entry, value.clone(), grid));
                }
            }
            Value::Table(_) => {
                for inner in cells(&entry.node, reading) {
                    found.push(with(entry, inner, grid));
                }
            }
            _ => reading.fault(wrong_type(&entry.node, "a grid holds lists of values")),
        }
    }
    found
}

fn with(entry: &Entry, node: Node, grid: &Node) -> Node {
    let only = Entry { node, ..entry.clone() };
    Node { value: Value::Table(vec![only]), span: grid.span }
}
