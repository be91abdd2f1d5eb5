//! `[endpoint.ID]`: one value a participant.

use super::named::named;
use crate::expression::{Context, EveryVisit, Names, Quantities, Target, check, condition};
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Entry, Node, Table, Text};
use crate::values;
use crate::words::{unknown_name, unnamed};
use crate::{
    Better, Endpoint, EndpointLevel, EndpointValue, Expression, Happening, Quantity, Repeat,
    TimeTo,
};
use proband_diag::{Diagnostic, code};
use proband_lang::{Binary, Expr, Kind};
use std::collections::BTreeSet;

/// The endpoints by id; none where one has a fault.
pub(crate) type Endpoints = Vec<(String, Option<Endpoint>)>;

const LEVELS: [(&str, EndpointLevel); 4] = [
    ("primary", EndpointLevel::Primary),
    ("secondary", EndpointLevel::Secondary),
    ("exploratory", EndpointLevel::Exploratory),
    ("safety", EndpointLevel::Safety),
];

const BETTER: [(&str, Better); 2] = [("higher", Better::Higher), ("lower", Better::Lower)];

/// Reads the endpoints.
pub(crate) fn read(
    file: &Node,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Endpoints {
    let entries = named(file, "endpoint", reading);
    let mut codes = BTreeSet::new();
    let mut read = Vec::new();
    for entry in entries {
        let only = entries.len() == 1;
        let endpoint = endpoint(entry, only, &mut codes, names, quantities, reading);
        read.push((entry.key.clone(), endpoint));
    }
    read
}

fn endpoint(
    entry: &Entry,
    only: bool,
    codes: &mut BTreeSet<String>,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Endpoint> {
    let path = format!("endpoint.{}", entry.key);
    let table = Table::open(&entry.node, path, keys::ENDPOINT, reading)?;
    let default = match only {
        true => (EndpointLevel::Primary, "primary"),
        false => (EndpointLevel::Secondary, "secondary"),
    };
    let level = table.or("level", default, reading, |n, r| values::word(&LEVELS, n, r));
    let better = table.read("better", reading, |n, r| values::word(&BETTER, n, r));
    let title = table.read("title", reading, values::text);
    let paramcd = table.read("paramcd", reading, paramcd);
    let why = "what is measured, such as `value = \"change(x, week 24)\"`";
    let text = table.required("value", why, reading, |node, reading| {
        values::string(node, "a value is an expression, as a text", reading)
    })?;
    quantities.every_visit = EveryVisit::Allowed;
    let checked = check(text, Context::Endpoint, &Target::Any, names, quantities, reading);
    let asked = std::mem::take(&mut quantities.every_visit) == EveryVisit::Asked;
    let checked = checked?;
    let (observable, encounter) = about(&checked, quantities);
    let visits = match observable.zip(encounter).filter(|_| asked) {
        Some(place) => after_baseline(&checked, place, names, quantities),
        None => Vec::new(),
    };
    if asked && visits.is_empty() {
        let what = "a value at every visit beside other observables or visits";
        reading.later(text.place(), what);
    }
    let unit = checked.unit.clone();
    let mut value = value(checked, quantities, reading);
    ends(&table, value.as_mut(), names, quantities, reading);
    let told = paramcd.is_some();
    let paramcd = unique(paramcd.unwrap_or_else(|| short(&entry.key)), codes);
    if !told {
        reading.defaulted(table.path_of("paramcd"), paramcd.clone());
    }
    Some(Endpoint {
        id: entry.key.clone(),
        title: title.unwrap_or_else(|| entry.key.clone()),
        paramcd,
        level,
        value: value?,
        unit,
        observable,
        encounter,
        visits,
        better,
    })
}

/// A value at each visit of an observable after baseline, up to the one that it is at.
pub(crate) fn after_baseline(
    value: &Expression,
    (observable, own): (usize, usize),
    names: &Names,
    quantities: &mut Quantities,
) -> Vec<Repeat> {
    let encounters = names.timeline.encounters.iter().enumerate();
    let visits = encounters.take(own + 1).filter(|(_, encounter)| {
        encounter.day > 0.0 && encounter.observe.contains(&observable)
    });
    visits
        .map(|(encounter, _)| {
            let value = at_visit(value, (observable, own), encounter, quantities);
            Repeat { encounter, value }
        })
        .collect()
}

/// An expression with the record of another visit in the place of its own.
pub(crate) fn at_visit(
    value: &Expression,
    (observable, own): (usize, usize),
    encounter: usize,
    quantities: &mut Quantities,
) -> Expression {
    let Expr::Symbol(other) = quantities.symbol(Quantity::At(observable, encounter)) else {
        return value.clone();
    };
    let mut moved = value.clone();
    moved.expr.renumber(&mut |symbol| {
        if quantities.get(*symbol) == Some(&Quantity::At(observable, own)) {
            *symbol = other;
        }
    });
    moved
}

/// What kind of value it is: a time or a count where it is nothing else, a condition or a number.
fn value(
    checked: Expression,
    quantities: &Quantities,
    reading: &mut Reading,
) -> Option<EndpointValue> {
    match checked.kind {
        Kind::Condition => return Some(EndpointValue::Condition(checked)),
        Kind::Level(_) => {
            let message =
                "an endpoint is a number, a condition, a time or a count, not a level";
            let span = checked.span?;
            reading.fault(
                Diagnostic::error(code::KIND_MISMATCH, message, span)
                    .help("compare it with a level"),
            );
            return None;
        }
        Kind::Number => {}
    }
    if let Some(events) = first_of(&checked.expr, quantities) {
        return Some(EndpointValue::Time(TimeTo { events, ..TimeTo::default() }));
    }
    if let Some(Quantity::Count { happening, from, to }) = alone(&checked.expr, quantities) {
        let (happening, from, to) = (*happening, *from, *to);
        return Some(EndpointValue::Count { happening, from, to });
    }
    Some(EndpointValue::Number(checked))
}

/// What ends a time beside its event: `competing` and `censor`.
fn ends(
    table: &Table<'_>,
    value: Option<&mut EndpointValue>,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) {
    let competing =
        table.read("competing", reading, |node, reading| competing(node, names, reading));
    let needed = "a condition is needed, as a text";
    let censor = table.read("censor", reading, |n, r| values::string(n, needed, r));
    let censored_by = censor.map(|text| censoring(text, names, quantities, reading));
    match value {
        Some(EndpointValue::Time(time)) => {
            time.competing = competing.unwrap_or_default();
            time.censored_by = censored_by.unwrap_or_default();
        }
        Some(other) => {
            for key in ["competing", "censor"] {
                let message = format!("`{key}` is used by times, and this is {}", kind(other));
                table.unused(key, &message, reading);
            }
        }
        None => {}
    }
}

/// The events that preclude the one of the endpoint: one, or a list.
fn competing(node: &Node, names: &Names, reading: &mut Reading) -> Option<Vec<Happening>> {
    let texts = values::strings(node, reading)?;
    let event = |text: &Text| {
        let found = names.happening(&text.text);
        if found.is_none() && !names.incomplete && !names.rules.contains(&text.text) {
            let ids = names.happening_ids();
            let known = ids.iter().map(String::as_str);
            reading.fault(unknown_name(&text.text, text.place(), known));
        }
        found
    };
    Some(texts.into_iter().filter_map(event).collect())
}

/// The events that a condition waits for: `happened(a) or happened(b)` is met from the first of them on.
fn censoring(
    text: &Text,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Vec<Happening> {
    let checked = condition(text, Context::Endpoint, names, quantities, reading);
    let Some(checked) = checked else { return Vec::new() };
    let whole = (names.timeline.start(), names.timeline.end());
    let found = happened(&checked.expr, whole, quantities);
    if found.is_none() {
        let span = text.place();
        reading.later(span, "censoring by conditions other than `happened(a) or happened(b)`");
    }
    found.unwrap_or_default()
}

/// The events of which a condition says that one happened, at any time.
fn happened(expr: &Expr, whole: (f64, f64), quantities: &Quantities) -> Option<Vec<Happening>> {
    let (operator, left, right) = match expr {
        Expr::Binary(operator, left, right) => (operator, left, right),
        _ => return None,
    };
    match operator {
        Binary::Or => {
            let mut all = happened(left, whole, quantities)?;
            all.extend(happened(right, whole, quantities)?);
            Some(all)
        }
        Binary::Greater if right.as_number() == Some(0.0) => match alone(left, quantities)? {
            Quantity::Count { happening, from, to } if (*from, *to) == whole => {
                Some(vec![*happening])
            }
            _ => None,
        },
        _ => None,
    }
}

/// The quantity that an expression is.
fn alone<'q>(expr: &Expr, quantities: &'q Quantities) -> Option<&'q Quantity> {
    match expr {
        Expr::Symbol(_) => quantities.of(expr).into_iter().next(),
        _ => None,
    }
}

/// The events of which an expression is the first time.
fn first_of(expr: &Expr, quantities: &Quantities) -> Option<Vec<Happening>> {
    if let Expr::Binary(Binary::Min, left, right) = expr {
        let mut all = first_of(left, quantities)?;
        all.extend(first_of(right, quantities)?);
        return Some(all);
    }
    match alone(expr, quantities)? {
        Quantity::TimeTo(happening) => Some(vec![*happening]),
        _ => None,
    }
}

/// The observable and the encounter that a value is about, where it is about one.
fn about(checked: &Expression, quantities: &Quantities) -> (Option<usize>, Option<usize>) {
    let (mut observables, mut encounters) = (BTreeSet::new(), BTreeSet::new());
    for quantity in quantities.of(&checked.expr) {
        match quantity {
            Quantity::Baseline(observable)
            | Quantity::Record(observable)
            | Quantity::Previous(observable)
            | Quantity::Period { observable, .. } => {
                observables.insert(*observable);
            }
            Quantity::At(observable, encounter) => {
                observables.insert(*observable);
                encounters.insert(*encounter);
            }
            _ => {}
        }
    }
    let only =
        |set: BTreeSet<usize>| if set.len() == 1 { set.into_iter().next() } else { None };
    (only(observables), only(encounters))
}

/// At most 8 capital letters, digits and `_`, starting with a letter.
fn paramcd(node: &Node, reading: &mut Reading) -> Option<String> {
    let text = values::text(node, reading)?;
    let fits = text.len() <= 8
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if fits {
        return Some(text);
    }
    let message = format!("`{text}` is not a parameter code");
    reading.fault(
        Diagnostic::error(code::BAD_ID, message, node.span)
            .help("at most 8 capital letters, digits and `_`, starting with a letter"),
    );
    None
}

/// A parameter code from an id.
fn short(id: &str) -> String {
    let capital = id.to_ascii_uppercase();
    if capital.len() <= 8 {
        return capital;
    }
    capital.chars().filter(|c| *c != '_').take(8).collect()
}

/// The code, with a number at its end if another endpoint has it.
fn unique(code: String, codes: &mut BTreeSet<String>) -> String {
    let mut tried = code.clone();
    let mut number = 2;
    while !codes.insert(tried.clone()) {
        let suffix = number.to_string();
        tried = format!("{}{suffix}", &code[..code.len().min(8 - suffix.len())]);
        number += 1;
    }
    tried
}

/// The position of the endpoint whose id a value is.
pub(crate) fn position(
    endpoints: &Endpoints,
    node: &Node,
    reading: &mut Reading,
) -> Option<usize> {
    let id = values::text(node, reading)?;
    let found = endpoints.iter().position(|(known, _)| *known == id);
    if found.is_none() {
        let known = endpoints.iter().map(|(id, _)| id.as_str());
        reading.fault(unnamed("endpoint", &id, node.span, known));
    }
    found
}

/// What an endpoint's kind is called in messages.
pub(crate) fn kind(value: &EndpointValue) -> &'static str {
    match value {
        EndpointValue::Number(_) => "a number",
        EndpointValue::Condition(_) => "a condition",
        EndpointValue::Time(_) => "a time",
        EndpointValue::Count { .. } => "a count",
    }
}
