//! TOML with places: a text to a tree of [`Node`]s, and tables that are read key by key.

mod date;
mod node;
mod offsets;
mod table;

pub(crate) use node::{Digits, Entry, Node, Text, Value};
pub(crate) use table::{Table, wrong_type};

use ::toml::de::DeTable;
use proband_diag::{Diagnostic, Faults, SourceId, code};

/// Reads a whole file. Every syntax fault is reported; what could be read is returned.
pub(crate) fn read_document(source: SourceId, text: &str, faults: &mut Faults) -> Node {
    let (table, errors) = DeTable::parse_recoverable(text);
    report(source, text, errors, faults);
    let span = source.span(0..text.find('\n').unwrap_or(text.len()));
    Node { value: Value::Table(node::entries(source, text, table.get_ref())), span }
}

fn report(source: SourceId, text: &str, errors: Vec<::toml::de::Error>, faults: &mut Faults) {
    for error in errors {
        let range = error.span().unwrap_or(0..0);
        let end = range.end.max(range.start + 1).min(text.len());
        let span = source.span(range.start.min(end)..end);
        faults.push(Diagnostic::error(code::TOML_SYNTAX, error.message(), span));
    }
}

#[cfg(test)]
mod tests;
