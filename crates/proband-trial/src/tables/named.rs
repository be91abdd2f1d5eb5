//! Tables whose entries have ids: `[arm.ID]`, and lists of tables: `[[encounter]]`.

use crate::reading::Reading;
use crate::toml::{Entry, Node, Value, wrong_type};
use crate::values;
use proband_diag::{Diagnostic, code};

/// The entries of a table of ids, in the order of the file. Reports ids that are no words, and a list
/// where named tables are needed.
pub(crate) fn named<'a>(file: &'a Node, table: &str, reading: &mut Reading) -> &'a [Entry] {
    let Some(entry) = file.get(table) else {
        return &[];
    };
    match &entry.node.value {
        Value::Table(entries) => {
            for entry in entries {
                values::id(&entry.key, entry.key_span, reading);
            }
            entries
        }
        Value::List(items) => {
            let place = items.first().map_or(entry.node.span, |item| item.span);
            let id = items.iter().rev().find_map(|item| item.get("id")?.node.as_text());
            let id = id.map_or("ID", |text| text.text.as_str());
            let kinds = plural(table);
            reading.fault(
                Diagnostic::error(code::WRONG_TYPE, format!("{kinds} are named tables"), place)
                    .help(format!("write `[{table}.{id}]`")),
            );
            &[]
        }
        _ => {
            let expected = format!("{} are named tables", plural(table));
            reading.fault(wrong_type(&entry.node, &expected));
            &[]
        }
    }
}

/// The items of a list of tables: `[[encounter]]`.
pub(crate) fn items<'a>(file: &'a Node, table: &str, reading: &mut Reading) -> &'a [Node] {
    let Some(entry) = file.get(table) else {
        return &[];
    };
    match &entry.node.value {
        Value::List(items) => items,
        _ => {
            let message = format!("{} are a list of tables", plural(table));
            reading.fault(
                Diagnostic::error(code::WRONG_TYPE, message, entry.node.span)
                    .help(format!("write `[[{table}]]`")),
            );
            &[]
        }
    }
}

fn plural(table: &str) -> String {
    match table {
        "analysis" => "analyses".to_owned(),
        "published" => "published figures".to_owned(),
        "adverse_event" => "adverse events".to_owned(),
        other => format!("{other}s"),
    }
}
