//! One space of names: events, adverse events, rules, discontinuations and regimens.

use crate::expression::Names;
use crate::reading::Reading;
use crate::toml::{Entry, Node};
use proband_diag::{Diagnostic, code};

const TABLES: [(&str, &str); 4] = [
    ("adverse_event", "an adverse event"),
    ("rule", "a rule"),
    ("discontinuation", "a discontinuation"),
    ("regimen", "a regimen"),
];

/// Reports ids that two tables share, or that are those of a model's event.
pub(crate) fn check(file: &Node, names: &Names, reading: &mut Reading) {
    let mut taken: Vec<(&Entry, &str)> = Vec::new();
    for (table, what) in TABLES {
        for entry in file.get(table).map_or(&[][..], |entry| entry.node.entries()) {
            if let Some((first, other)) = taken.iter().find(|(first, _)| first.key == entry.key)
            {
                let message = format!("`{}` is {what} here, and {other} before", entry.key);
                reading.fault(
                    Diagnostic::error(code::DUPLICATE_NAME, message, entry.key_span)
                        .label(first.key_span, "first here")
                        .help("expressions could not tell them apart: rename one"),
                );
            }
            taken.push((entry, what));
            if names.model_happening(&entry.key).is_some() && !carries(entry, table) {
                let message = format!("`{}` is the id of a model event", entry.key);
                let help = match table {
                    "adverse_event" => {
                        format!("write `event = \"{}\"`, or rename it", entry.key)
                    }
                    _ => "rename it".to_owned(),
                };
                reading.fault(
                    Diagnostic::error(code::DUPLICATE_NAME, message, entry.key_span).help(help),
                );
            }
        }
    }
}

/// An adverse event may carry the id of the model event that it comes from.
fn carries(entry: &Entry, table: &str) -> bool {
    let event = entry.node.get("event").and_then(|event| event.node.as_text());
    table == "adverse_event" && event.is_some_and(|event| event.text == entry.key)
}
