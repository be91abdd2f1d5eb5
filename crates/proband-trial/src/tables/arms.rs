//! `[arm.ID]`: what each group is given.

use super::models::{no_parameter, typical};
use super::named::named;
use super::regimens::{Giver, Told as Regimens};
use crate::expression::Names;
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Entry, Node, Table};
use crate::values;
use crate::words::unnamed_as;
use proband_diag::{Diagnostic, Span, code};
use proband_lang::Model;

/// An arm as told.
pub(crate) struct Told<'a> {
    pub(crate) id: &'a str,
    pub(crate) span: Span,
    pub(crate) title: String,
    pub(crate) ratio: f64,
    pub(crate) ratio_span: Span,
    /// Whether `ratio` is written.
    pub(crate) has_ratio: bool,
    /// Whether `control` is written, and what.
    control: Option<bool>,
    /// It has neither regimen nor parameters nor inputs.
    bare: bool,
    pub(crate) regimens: Vec<usize>,
    parameters: &'a [Entry],
    pub(crate) inputs: &'a [Entry],
}

/// Reads the arms.
pub(crate) fn read<'a>(
    file: &'a Node,
    tables: &[Entry],
    regimens: &mut Regimens,
    reading: &mut Reading,
) -> Vec<Told<'a>> {
    let before = reading.faults.len();
    let entries = named(file, "arm", reading);
    let arms: Vec<Told<'a>> =
        entries.iter().filter_map(|entry| arm(entry, tables, regimens, reading)).collect();
    if arms.is_empty() && reading.faults.len() == before {
        let message = "the trial has no arm";
        reading.fault(
            Diagnostic::error(code::MISSING_KEY, message, file.span).help("add `[arm.ID]`"),
        );
    }
    arms
}

fn arm<'a>(
    entry: &'a Entry,
    tables: &[Entry],
    regimens: &mut Regimens,
    reading: &mut Reading,
) -> Option<Told<'a>> {
    let path = format!("arm.{}", entry.key);
    let table = Table::open(&entry.node, path.clone(), keys::ARM, reading)?;
    for key in ["participants", "opens", "closes"] {
        table.later(key, "arms that come and go", reading);
    }
    let giver = Giver { id: &entry.key, path, epoch: None };
    let given = table
        .get("regimen")
        .map_or_else(Vec::new, |regimen| regimens.of(&giver, &regimen.node, tables, reading));
    let entries = |key| table.get(key).map_or(&[][..], |entry: &'a Entry| entry.node.entries());
    let bare = !["regimen", "parameters", "inputs"].iter().any(|key| table.has(key));
    let title = table.read("title", reading, values::text).unwrap_or_else(|| entry.key.clone());
    Some(Told {
        id: &entry.key,
        span: entry.key_span,
        title,
        ratio: table.or("ratio", (1.0, "1"), reading, values::positive),
        ratio_span: table.get("ratio").map_or(entry.key_span, |ratio| ratio.node.span),
        has_ratio: table.has("ratio"),
        control: table.read("control", reading, values::flag),
        bare,
        regimens: given,
        parameters: entries("parameters"),
        inputs: entries("inputs"),
    })
}

/// The arm that the others are compared with: the one that says so, or the only one without regimen,
/// parameters and inputs.
pub(crate) fn control(arms: &[Told<'_>], reading: &mut Reading) -> Option<usize> {
    let said: Vec<usize> =
        (0..arms.len()).filter(|&index| arms[index].control == Some(true)).collect();
    if let [first, second, ..] = said[..] {
        let message = "two arms are the control";
        reading.fault(
            Diagnostic::error(code::CONFLICTING_KEYS, message, arms[second].span)
                .label(arms[first].span, "first here")
                .help("keep `control = true` in one, and write `compare` in the analyses"),
        );
    }
    if let Some(&first) = said.first() {
        return Some(first);
    }
    let bare: Vec<usize> = (0..arms.len())
        .filter(|&index| arms[index].bare && arms[index].control != Some(false))
        .collect();
    match bare[..] {
        [only] if arms.len() > 1 => {
            reading.defaulted(format!("arm.{}.control", arms[only].id), "true");
            Some(only)
        }
        _ => None,
    }
}

/// The ratio of allocation, in whole numbers without a common divisor.
pub(crate) fn ratio(arms: &[Told<'_>], reading: &mut Reading) -> Vec<u32> {
    for scale in 1..=1000u32 {
        let scaled: Vec<f64> = arms.iter().map(|arm| arm.ratio * f64::from(scale)).collect();
        let whole =
            scaled.iter().all(|x| (x - x.round()).abs() < 1e-9 && (1.0..=1e6).contains(x));
        if whole {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "whole and from 1 to 1e6"
            )]
            let numbers: Vec<u32> = scaled.iter().map(|x| x.round() as u32).collect();
            let divisor = numbers.iter().copied().fold(0, common_divisor);
            return numbers.iter().map(|number| number / divisor.max(1)).collect();
        }
    }
    let odd = arms.iter().max_by(|a, b| a.ratio.fract().total_cmp(&b.ratio.fract()));
    if let Some(arm) = odd {
        let message =
            "the ratio of the arms cannot be written in whole numbers up to a thousand";
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, arm.ratio_span));
    }
    vec![1; arms.len()]
}

fn common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

impl Told<'_> {
    /// Whether it has parameters or inputs of its own.
    pub(crate) fn has_more_than_regimens(&self) -> bool {
        !self.parameters.is_empty() || !self.inputs.is_empty()
    }

    /// Typical values in this arm: model, position of the parameter, value in its unit.
    pub(crate) fn parameters(
        &self,
        names: &Names,
        reading: &mut Reading,
    ) -> Vec<(usize, usize, f64)> {
        let mut found = Vec::new();
        for entry in self.parameters {
            let owner = names.sound_models().find_map(|(position, id, model)| {
                let plain = entry.key.strip_prefix(id).and_then(|rest| rest.strip_prefix('.'));
                model
                    .parameter(plain.unwrap_or(&entry.key))
                    .map(|index| (position, index, model))
            });
            match owner {
                Some((position, index, model)) => {
                    let value = typical(entry, model, index, reading);
                    found.extend(value.map(|value| (position, index, value)));
                }
                None if names.incomplete => {}
                None => {
                    let models: Vec<&Model> = names.sound_models().map(|(_, _, m)| m).collect();
                    reading.fault(no_parameter(entry, "no model has", &models));
                }
            }
        }
        found
    }
}

/// Positions of arms by their ids.
pub(crate) fn positions(
    node: &Node,
    names: &Names,
    reading: &mut Reading,
) -> Option<Vec<usize>> {
    values::list(node, reading, |item, reading| position(item, names, reading))
}

/// Position of an arm by its id.
pub(crate) fn position(node: &Node, names: &Names, reading: &mut Reading) -> Option<usize> {
    let text = values::string(node, "the id of an arm is needed", reading)?;
    position_of(&text.text, node.span, names, reading)
}

/// Position of the arm of an id; reports one that the trial does not have.
pub(crate) fn position_of(
    id: &str,
    span: Span,
    names: &Names,
    reading: &mut Reading,
) -> Option<usize> {
    let found = names.arms.iter().position(|arm| arm == id);
    if found.is_none() {
        let known = names.arms.iter().map(String::as_str);
        reading.fault(unnamed_as(code::UNKNOWN_ARM, "arm", id, span, known));
    }
    found
}
