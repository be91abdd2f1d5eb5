//! Results and faults, for persons and for programs.

use crate::arguments::Format;
use crate::console::Console;
use proband::{
    Align, Block, COLUMNS, Cell, Characteristic, Document, Error, Faults, Faulty, Finding,
    Sources, Style, Table,
};
use serde_json::{Map, Value, json};
use std::io;

/// Prints why a command did not end well.
pub(crate) fn error(
    error: &Error,
    format: Format,
    console: &mut Console<'_>,
) -> io::Result<()> {
    match (format, error) {
        (Format::Json, Error::Faulty(faulty)) => {
            object_of(&json!({ "faults": parsed(&faulty.render(Style::Json)) }), console)
        }
        (Format::Json, Error::Failed(failure)) => {
            object_of(&json!({ "failed": failure.to_string() }), console)
        }
        (Format::Text, Error::Faulty(faulty)) => faults(faulty, console),
        (Format::Text, Error::Failed(failure)) => {
            console.note(&format!("proband failed: {failure}"))
        }
    }
}

fn faults(faulty: &Faulty, console: &mut Console<'_>) -> io::Result<()> {
    let style = Style::Human { colour: console.colours() };
    console.err.write_all(faulty.render(style).as_bytes())?;
    match faulty.faults.len() {
        1 => console.note("1 fault"),
        count => console.note(&format!("{count} faults")),
    }
}

/// Prints what is probably not what was meant.
pub(crate) fn warnings(
    warnings: &Faults,
    sources: &Sources,
    console: &mut Console<'_>,
) -> io::Result<()> {
    let style = Style::Human { colour: console.colours() };
    console.err.write_all(warnings.render(sources, style).as_bytes())
}

/// The same for a program.
pub(crate) fn warnings_value(warnings: &Faults, sources: &Sources) -> Value {
    parsed(&warnings.render(sources, Style::Json))
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).expect("diagnostics are valid JSON")
}

/// Prints one JSON object.
pub(crate) fn object_of(object: &Value, console: &mut Console<'_>) -> io::Result<()> {
    let text = serde_json::to_string_pretty(object).expect("a value of ours is valid JSON");
    writeln!(console.out, "{text}")
}

/// Prints a document.
pub(crate) fn document(blocks: Vec<Block>, console: &mut Console<'_>) -> io::Result<()> {
    console.out.write_all(Document { blocks }.to_text().as_bytes())
}

/// A table of words and, under heads that begin with `>`, numbers. Columns in which nothing stands are
/// left out.
pub(crate) fn table(heads: &[&str], mut rows: Vec<Vec<String>>) -> Block {
    let mut columns: Vec<(String, Align)> = heads.iter().map(|head| column(head)).collect();
    for place in (1..columns.len()).rev() {
        if rows.iter().all(|row| row[place].is_empty()) {
            columns.remove(place);
            rows.iter_mut().for_each(|row| _ = row.remove(place));
        }
    }
    Block::Table(Table { columns, rows })
}

fn column(head: &str) -> (String, Align) {
    match head.strip_prefix('>') {
        Some(head) => (head.to_owned(), Align::Right),
        None => (head.to_owned(), Align::Left),
    }
}

/// Findings as objects with the names of the table's columns; what is missing is left out, and a limit
/// that the data did not set is the text `Infinity` or `-Infinity`.
pub(crate) fn findings(findings: &[Finding]) -> Value {
    findings.iter().map(finding).collect()
}

fn finding(finding: &Finding) -> Value {
    object(COLUMNS.iter().map(|(name, _)| *name).zip(finding.cells()))
}

/// Operating characteristics as objects, in the same way.
pub(crate) fn characteristics(found: &[Characteristic]) -> Value {
    let one = |of: &Characteristic| object(Characteristic::COLUMNS.into_iter().zip(of.cells()));
    found.iter().map(one).collect()
}

fn object<'a>(cells: impl Iterator<Item = (&'static str, Cell<'a>)>) -> Value {
    let mut object = Map::new();
    for (name, cell) in cells {
        let value = match cell {
            Cell::Text(text) => text.map(Value::from),
            Cell::Whole(whole) => whole.map(Value::from),
            Cell::Number(number) => number.map(number_value),
        };
        if let Some(value) = value {
            object.insert(name.to_owned(), value);
        }
    }
    Value::Object(object)
}

fn number_value(number: f64) -> Value {
    match number {
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        finite => finite.into(),
    }
}

/// `1 twin`, `2 twins`.
pub(crate) fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `12.3 MB`.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [(&str, f64); 3] = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    let large = UNITS.iter().find(|(_, size)| bytes as f64 >= *size);
    large.map_or(format!("{bytes} B"), |(unit, size)| {
        format!("{:.1} {unit}", bytes as f64 / size)
    })
}

/// `less than a second`, `about 40 s`, `about 12 min`, `about 3.1 h`.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 1.0 => "less than a second".to_owned(),
        seconds if seconds < 120.0 => format!("about {seconds:.0} s"),
        seconds if seconds < 7200.0 => format!("about {:.0} min", seconds / 60.0),
        seconds => format!("about {:.1} h", seconds / 3600.0),
    }
}
