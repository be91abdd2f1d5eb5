//! `[scenario.ID]` and `[grid]`: every trial that they make of the one in the file, each checked as a
//! trial.

use crate::Trial;
use crate::files::TrialFiles;
use crate::keys;
use crate::overlay::{Removal, merge};
use crate::reading::Reading;
use crate::tables::named::named;
use crate::toml::{Entry, Node, Value, wrong_type};
use crate::values;
use proband_diag::{Diagnostic, Sources, code};
use proband_math::stream::Purpose;

/// The id of the trial as written among its scenarios.
pub(crate) const BASE: &str = "base";

/// More scenarios than this are a slip in a grid.
const MOST: usize = 1000;

/// The trial file without its scenarios and grid: the base.
pub(crate) fn without(file: &Node) -> Node {
    let mut base = file.clone();
    if let Value::Table(entries) = &mut base.value {
        entries.retain(|entry| !matches!(entry.key.as_str(), "scenario" | "grid"));
    }
    base
}

/// One of the trials that a file makes.
#[derive(Clone)]
struct Made<'a> {
    id: String,
    title: Option<String>,
    /// Laid over the base, one after the other.
    over: Vec<Node>,
    /// The scenario as written.
    written: Option<&'a Node>,
}

/// Every trial that is run: the base and its scenarios, each with every combination of the values of the
/// grid. None at all where a file has neither.
pub(crate) fn read(
    file: &Node,
    base: &Node,
    files: &TrialFiles<'_>,
    sources: &mut Sources,
    reading: &mut Reading,
) -> Vec<Trial> {
    let as_written = Made { id: BASE.to_owned(), title: None, over: Vec::new(), written: None };
    let mut all = vec![as_written];
    for entry in named(file, "scenario", reading) {
        all.push(scenario(entry, reading));
    }
    if let Some(grid) = file.get("grid") {
        let axes = axes(&grid.node, "", reading);
        let cells: usize = axes.iter().map(|axis| axis.values.len()).product();
        if cells.saturating_mul(all.len()) > MOST {
            let message = format!("the grid and its scenarios make more than {MOST} trials");
            reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, grid.key_span));
            return Vec::new();
        }
        for axis in &axes {
            all = all.iter().flat_map(|made| axis.cross(made)).collect();
        }
    }
    if all.len() == 1 && all[0].over.is_empty() {
        return Vec::new();
    }
    let made = all.iter().map(|made| made.read(base, files, sources, reading));
    made.collect::<Vec<_>>().into_iter().flatten().collect()
}

/// What a scenario lays over the base.
fn scenario<'a>(entry: &'a Entry, reading: &mut Reading) -> Made<'a> {
    let mut over = entry.node.clone();
    if let Value::Table(entries) = &mut over.value {
        entries.retain(|inner| !keys::SCENARIO.contains(&inner.key.as_str()));
    }
    if entry.key == BASE {
        let message = "`base` is the trial as written, and no scenario";
        reading.fault(Diagnostic::error(code::DUPLICATE_NAME, message, entry.key_span));
    }
    let title = entry.node.get("title").and_then(|title| values::text(&title.node, reading));
    Made { id: entry.key.clone(), title, over: vec![over], written: Some(&entry.node) }
}

impl Made<'_> {
    fn read(
        &self,
        base: &Node,
        files: &TrialFiles<'_>,
        sources: &mut Sources,
        reading: &mut Reading,
    ) -> Option<Trial> {
        let mut own = Reading::default();
        let merged = self.over.iter().fold(base.clone(), |merged, over| {
            merge(&merged, over, Removal::Allowed, &mut own)
        });
        let trial = crate::read::trial(&merged, files, sources, &mut own);
        for fault in own.faults.sorted() {
            reading.fault(told(fault, self.written));
        }
        let mut trial = trial?;
        if self.id != BASE && !trial.simulation.common_scenarios {
            let own = Purpose::new("scenario").part(&self.id);
            trial.simulation.seed ^= own.bits();
        }
        trial.scenario.clone_from(&self.id);
        trial.title = self.title.clone().or(trial.title);
        Some(trial)
    }
}

/// One list of a grid.
struct Axis {
    /// The path of its values, without the words that others have too.
    name: String,
    /// Each value as a name says it, and as a piece of trial.
    values: Vec<(String, Node)>,
}

impl Axis {
    /// The trials that one becomes by each value.
    fn cross<'a>(&self, made: &Made<'a>) -> Vec<Made<'a>> {
        let with = |(told, over): &(String, Node)| {
            let cell = format!("{}={told}", self.name);
            let mut crossed = made.clone();
            crossed.id = match made.id.as_str() {
                BASE => cell,
                id => format!("{id}, {cell}"),
            };
            crossed.over.push(over.clone());
            crossed
        };
        self.values.iter().map(with).collect()
    }
}

/// The lists of a grid, in the order of the file, by the shortest names that tell them apart.
fn axes(grid: &Node, path: &str, reading: &mut Reading) -> Vec<Axis> {
    let mut found = Vec::new();
    lists(grid, path, &mut found, reading);
    let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
    let names: Vec<String> = found.iter().map(|axis| last(&axis.name)).collect();
    for (axis, name) in found.iter_mut().zip(&names) {
        if names.iter().filter(|other| *other == name).count() == 1 {
            axis.name.clone_from(name);
        }
    }
    found
}

fn lists(grid: &Node, path: &str, found: &mut Vec<Axis>, reading: &mut Reading) {
    for entry in grid.entries() {
        let here =
            if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
        match &entry.node.value {
            Value::List(values) if values.is_empty() => {
                let message = format!("`{here}` has no values to try");
                let fault = Diagnostic::error(code::OUT_OF_RANGE, message, entry.node.span);
                reading.fault(fault);
            }
            Value::List(values) => {
                let value = |(place, value): (usize, &Node)| {
                    let over = with(entry, value.clone(), grid);
                    (shown(value).unwrap_or_else(|| format!("#{}", place + 1)), over)
                };
                let values = values.iter().enumerate().map(value).collect();
                found.push(Axis { name: here, values });
            }
            Value::Table(_) => {
                let before = found.len();
                lists(&entry.node, &here, found, reading);
                for (_, over) in found[before..].iter_mut().flat_map(|axis| &mut axis.values) {
                    *over = with(entry, over.clone(), grid);
                }
            }
            _ => reading.fault(wrong_type(&entry.node, "a grid holds lists of values")),
        }
    }
}

/// A value of a grid in a name; none for a table or a list.
fn shown(value: &Node) -> Option<String> {
    match &value.value {
        Value::Text(text) => Some(text.text.clone()),
        Value::Number(digits) => Some(digits.written.clone()),
        Value::Flag(flag) => Some(flag.to_string()),
        Value::Date(_) | Value::List(_) | Value::Table(_) => None,
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

fn with(entry: &Entry, node: Node, grid: &Node) -> Node {
    let only = Entry { node, ..entry.clone() };
    Node { value: Value::Table(vec![only]), span: grid.span }
}
