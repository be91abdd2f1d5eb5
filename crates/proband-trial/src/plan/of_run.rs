//! What a plan over the tables of a run takes over from the run's trial: its arms, and the endpoints that it names.

use crate::toml::{Entry, Node, Value, read_document};
use crate::{Better, Endpoint, EndpointLevel, EndpointValue, Trial};
use proband_diag::{Faults, Sources};
use std::fmt::Write as _;

/// By this name faults speak of what is taken over.
const NAME: &str = "the trial of the run";

/// Adds to a plan the arms of a trial, if it declares none, and those endpoints that its analyses and estimands name and
/// it does not declare. Times are those of the run's own parameters; counts have none, and are not taken over.
pub(super) fn take_over(plan: &mut Node, trial: &Trial, sources: &mut Sources) {
    let text = tables(trial);
    let mut faults = Faults::default();
    let of_run = read_document(sources.add(NAME, &text), &text, &mut faults);
    let named = named(plan);
    for entry in of_run.entries() {
        match entry.key.as_str() {
            "arm" if plan.get("arm").is_none() => push(plan, entry.clone()),
            "endpoint" => {
                for endpoint in entry.node.entries().iter().filter(|e| named.contains(&e.key)) {
                    add(plan, entry, endpoint);
                }
            }
            _ => {}
        }
    }
}

/// The ids of the endpoints that analyses and estimands name.
fn named(plan: &Node) -> Vec<String> {
    let tables = ["analysis", "estimand"].into_iter().filter_map(|table| plan.get(table));
    let entries = tables.flat_map(|table| table.node.entries());
    entries
        .filter_map(|entry| Some(entry.node.get("endpoint")?.node.as_text()?.text.clone()))
        .collect()
}

fn push(table: &mut Node, entry: Entry) {
    if let Value::Table(entries) = &mut table.value {
        entries.push(entry);
    }
}

/// Adds one endpoint that the plan does not declare.
fn add(plan: &mut Node, table: &Entry, endpoint: &Entry) {
    if plan.get("endpoint").is_none() {
        let empty = Node { value: Value::Table(Vec::new()), span: table.node.span };
        push(plan, Entry { node: empty, ..table.clone() });
    }
    let Value::Table(entries) = &mut plan.value else { return };
    let Some(own) = entries.iter_mut().find(|entry| entry.key == "endpoint") else { return };
    if own.node.get(&endpoint.key).is_none() {
        push(&mut own.node, endpoint.clone());
    }
}

/// Arms and endpoints of a trial, as tables of a plan.
fn tables(trial: &Trial) -> String {
    let mut text = String::new();
    for arm in &trial.arms {
        let title = quoted(&arm.title);
        let written =
            writeln!(text, "[arm.{}]\ntreatment = {title}\ncontrol = {}", arm.id, arm.control);
        written.expect("a text takes all that is written");
    }
    for endpoint in &trial.endpoints {
        text.extend(table_of(endpoint));
    }
    text
}

fn table_of(endpoint: &Endpoint) -> Option<String> {
    let value = match &endpoint.value {
        EndpointValue::Number(of) | EndpointValue::Condition(of) => of.text.clone(),
        EndpointValue::Time(_) => format!("time_to({})", endpoint.paramcd.to_ascii_lowercase()),
        EndpointValue::Count { .. } => return None,
    };
    let level = match endpoint.level {
        EndpointLevel::Primary => "primary",
        EndpointLevel::Secondary => "secondary",
        EndpointLevel::Exploratory => "exploratory",
        EndpointLevel::Safety => "safety",
    };
    let better = match endpoint.better {
        Some(Better::Higher) => "better = \"higher\"\n",
        Some(Better::Lower) => "better = \"lower\"\n",
        None => "",
    };
    Some(format!(
        "[endpoint.{}]\nvalue = {}\ntitle = {}\nlevel = \"{level}\"\nparamcd = \"{}\"\n{better}",
        endpoint.id,
        quoted(&value),
        quoted(&endpoint.title),
        endpoint.paramcd,
    ))
}

/// A TOML string.
fn quoted(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04X}", c as u32),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}
