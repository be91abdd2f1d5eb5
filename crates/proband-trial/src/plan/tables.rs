//! `[table.NAME]`, `[visit]` and `[arm.ID]` of a plan: how the tables of the data are to be read.

use super::OfferedArm;
use crate::keys;
use crate::reading::Reading;
use crate::tables::named::named;
use crate::toml::{Node, Table, Text};
use crate::values;
use crate::words::{did_you_mean, listed};
use proband_diag::{Diagnostic, Faults, Span, code};

/// What the rows of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Participants: ADSL.
    Participants,
    /// Values of parameters at visits: BDS.
    Records,
    /// Times to an event or to the end of observation: ADTTE.
    Times,
    /// Adverse events: ADAE.
    AdverseEvents,
}

/// How a table of the data is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TableOptions {
    /// What its rows are; none lets the columns tell.
    pub holds: Option<Holds>,
    /// Days in the unit of its times, where the plan gives one.
    pub time_unit: Option<f64>,
    /// Days in the unit of AVISITN, where visits are told by it.
    pub visit_unit: Option<f64>,
}

/// `[table.NAME]`.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) rows: Option<Text>,
    pub(super) options: TableOptions,
}

const HOLDS: [(&str, Holds); 4] = [
    ("participants", Holds::Participants),
    ("records", Holds::Records),
    ("times", Holds::Times),
    ("adverse events", Holds::AdverseEvents),
];

/// Words of time with their lengths in days.
const TIME_UNITS: [(&str, f64); 5] =
    [("h", 1.0 / 24.0), ("day", 1.0), ("week", 7.0), ("month", 30.4375), ("year", 365.25)];

/// Reads how tables are to be read.
pub(super) fn tables(file: &Node, reading: &mut Reading) -> Vec<Told> {
    let mut told = Vec::new();
    for entry in named(file, "table", reading) {
        let path = format!("table.{}", entry.key);
        let Some(table) = Table::open(&entry.node, path, keys::PLAN_TABLE, reading) else {
            continue;
        };
        let needed = "a condition on the columns is needed, as a text";
        let rows = table.read("rows", reading, |n, r| values::string(n, needed, r).cloned());
        let time = |n: &Node, r: &mut Reading| values::word(&TIME_UNITS, n, r);
        let options = TableOptions {
            holds: table.read("holds", reading, |n, r| values::word(&HOLDS, n, r)),
            time_unit: table.read("unit", reading, time),
            visit_unit: table.read("visits", reading, time),
        };
        told.push(Told { name: entry.key.clone(), span: entry.key_span, rows, options });
    }
    told
}

/// Reads the times of visits whose labels do not say them.
pub(super) fn visits(file: &Node, reading: &mut Reading) -> Vec<(String, f64)> {
    let entries = file.get("visit").map_or(&[][..], |entry| entry.node.entries());
    let mut told = Vec::new();
    for entry in entries {
        let point = values::point(&entry.node, reading);
        told.extend(point.map(|point| (entry.key.trim().to_owned(), point.day)));
    }
    told
}

/// The time that a label says: `Baseline`, `Week 24`, `Day 15`, `Month 6`.
pub(super) fn day_of_label(label: &str) -> Option<f64> {
    let label = label.trim().to_ascii_lowercase();
    if label == "baseline" {
        return Some(0.0);
    }
    let (word, number) = label.split_once(' ')?;
    values::day_of(word, number.trim().parse().ok()?).ok()
}

/// `[arm.ID]`.
#[derive(Clone, Debug)]
pub(super) struct ArmTold {
    id: String,
    span: Span,
    title: Option<String>,
    treatment: Option<(String, Span)>,
    control: bool,
}

/// Reads the arms that the plan chooses and names.
pub(super) fn arms(file: &Node, reading: &mut Reading) -> Vec<ArmTold> {
    let mut told = Vec::new();
    for entry in named(file, "arm", reading) {
        let path = format!("arm.{}", entry.key);
        let Some(table) = Table::open(&entry.node, path, keys::PLAN_ARM, reading) else {
            continue;
        };
        let control = table.read("control", reading, values::flag);
        let treatment = table.read("treatment", reading, values::text);
        let span = table.get("treatment").map(|entry| entry.node.span);
        told.push(ArmTold {
            id: entry.key.clone(),
            span: entry.key_span,
            title: table.read("title", reading, values::text),
            treatment: treatment.zip(span),
            control: control == Some(true),
        });
    }
    told
}

/// The position of the arm that the others are compared with.
pub(super) fn control(told: &[ArmTold], reading: &mut Reading) -> Option<usize> {
    let said: Vec<usize> = (0..told.len()).filter(|&index| told[index].control).collect();
    if let [first, second, ..] = said[..] {
        let message = "two arms are the control";
        reading.fault(
            Diagnostic::error(code::CONFLICTING_KEYS, message, told[second].span)
                .label(told[first].span, "first here")
                .help("keep `control = true` in one, and write `compare` in the analyses"),
        );
    }
    said.first().copied()
}

/// The arms in the order of the plan, or one for each treatment.
pub(super) fn chosen_arms(
    told: &[ArmTold],
    treatments: &[OfferedArm],
    faults: &mut Faults,
) -> Vec<(OfferedArm, usize)> {
    if told.is_empty() {
        return treatments.iter().cloned().zip(0..).collect();
    }
    let mut chosen = Vec::new();
    for arm in told {
        let found = match &arm.treatment {
            Some((text, _)) => treatments.iter().position(|known| known.title == *text),
            None => treatments.iter().position(|known| known.id == arm.id),
        };
        match found {
            Some(index) => {
                let title = arm.title.clone();
                let title = title.unwrap_or_else(|| treatments[index].title.clone());
                chosen.push((OfferedArm { id: arm.id.clone(), title }, index));
            }
            None => faults.push(no_such_treatment(arm, treatments)),
        }
    }
    chosen
}

fn no_such_treatment(arm: &ArmTold, treatments: &[OfferedArm]) -> Diagnostic {
    let (name, span) = match &arm.treatment {
        Some((text, span)) => (text.as_str(), *span),
        None => (arm.id.as_str(), arm.span),
    };
    let treatments: Vec<&str> = treatments.iter().map(|known| known.title.as_str()).collect();
    let message = format!("nobody in the data is treated with `{name}`");
    let near = did_you_mean(name, treatments.iter().copied());
    let help = near.unwrap_or_else(|| format!("the treatments are {}", listed(&treatments)));
    Diagnostic::error(code::UNKNOWN_ARM, message, span).help(help)
}

/// A word of the expression language made of a text: `Xanomeline High Dose` is `xanomeline_high_dose`.
#[must_use]
pub fn word_of(text: &str) -> String {
    let mut word = String::new();
    for c in text.trim().chars() {
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        } else if !word.is_empty() && !word.ends_with('_') {
            word.push('_');
        }
    }
    let word = word.trim_end_matches('_');
    if word.starts_with(|c: char| c.is_ascii_alphabetic()) {
        word.to_owned()
    } else {
        format!("x{word}")
    }
}
