//! Tables that a trial reads: comma-separated values with a header.

use crate::reading::Reading;
use proband_diag::{Diagnostic, SourceId, Span, code, nearest};
use std::ops::Range;

/// A table, with the places of its cells.
pub(crate) struct Csv<'t> {
    source: SourceId,
    text: &'t str,
    header: Vec<Range<usize>>,
    rows: Vec<Vec<Range<usize>>>,
}

impl<'t> Csv<'t> {
    /// Reads a table. A row with too many or too few cells is reported.
    pub(crate) fn read(source: SourceId, text: &'t str, reading: &mut Reading) -> Option<Self> {
        let mut lines = records(text).into_iter();
        let header = lines.next();
        let Some(header) = header.filter(|cells| cells.iter().any(|cell| !cell.is_empty()))
        else {
            let message = "the table is empty";
            reading.fault(Diagnostic::error(code::DATA_FILE, message, source.span(0..0)));
            return None;
        };
        let rows: Vec<Vec<Range<usize>>> = lines.collect();
        if let Some(row) = rows.iter().find(|row| row.len() != header.len()) {
            let message = format!("{} cells, and the header has {}", row.len(), header.len());
            let span = source.span(row[0].start..row[row.len() - 1].end);
            reading.fault(Diagnostic::error(code::DATA_FILE, message, span));
            return None;
        }
        Some(Self { source, text, header, rows })
    }

    /// The position of a column.
    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|cell| self.cell(cell) == name)
    }

    /// The position of a column, reported at `asked` if there is none.
    pub(crate) fn column(
        &self,
        name: &str,
        asked: Span,
        reading: &mut Reading,
    ) -> Option<usize> {
        let names: Vec<String> = self.header.iter().map(|cell| self.cell(cell)).collect();
        let found = names.iter().position(|other| other == name);
        if found.is_none() {
            let message = format!("the table has no column `{name}`");
            let near = nearest(name, names.iter().map(String::as_str));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its columns are {}", crate::words::listed(&names)),
            };
            reading.fault(
                Diagnostic::error(code::DATA_FILE, message, asked)
                    .label(
                        self.source.span(0..self.header[self.header.len() - 1].end),
                        "its header",
                    )
                    .help(help),
            );
        }
        found
    }

    /// The cells of a column as texts.
    pub(crate) fn texts(&self, column: usize) -> Vec<String> {
        self.rows.iter().map(|row| self.cell(&row[column])).collect()
    }

    /// The cells of a column as numbers; reports the first that is none.
    pub(crate) fn numbers(&self, column: usize, reading: &mut Reading) -> Option<Vec<f64>> {
        let mut values = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let cell = self.cell(&row[column]);
            match cell.trim().parse::<f64>() {
                Ok(value) if value.is_finite() => values.push(value),
                _ => {
                    let message = format!("`{cell}` is not a number");
                    let span = self.source.span(row[column].clone());
                    reading.fault(Diagnostic::error(code::DATA_FILE, message, span));
                    return None;
                }
            }
        }
        Some(values)
    }

    /// The place of a cell.
    pub(crate) fn span(&self, row: usize, column: usize) -> Span {
        self.source.span(self.rows[row][column].clone())
    }

    fn cell(&self, range: &Range<usize>) -> String {
        let raw = self.text.get(range.clone()).unwrap_or("");
        match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(quoted) => quoted.replace("\"\"", "\""),
            None => raw.trim().to_owned(),
        }
    }
}

/// The cells of each record that is not blank. A quoted cell may hold commas and line breaks.
fn records(text: &str) -> Vec<Vec<Range<usize>>> {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let (mut all, mut record, mut from, mut quoted) = (Vec::new(), Vec::new(), start, false);
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                record.push(from..at);
                from = at + 1;
            }
            b'\n' if !quoted => {
                finish(text, from..at, &mut record, &mut all);
                from = at + 1;
            }
            _ => {}
        }
    }
    finish(text, from..text.len(), &mut record, &mut all);
    all
}

fn finish(
    text: &str,
    last: Range<usize>,
    record: &mut Vec<Range<usize>>,
    all: &mut Vec<Vec<Range<usize>>>,
) {
    let trimmed = text[last.clone()].trim_end_matches('\r').len();
    record.push(last.start..last.start + trimmed);
    let cells = std::mem::take(record);
    if cells.len() > 1 || !text[cells[0].clone()].trim().is_empty() {
        all.push(cells);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proband_diag::Sources;

    #[test]
    fn quotes_blank_lines_and_line_ends_are_understood() {
        let text = "\u{feff}a,\"b, c\"\r\n1,\"x \"\"y\"\"\"\r\n\r\n 2 ,z";
        let source = Sources::default().add("t.csv", text);
        let mut reading = Reading::default();
        let table = Csv::read(source, text, &mut reading).expect("a table");
        let place = source.span(0..0);
        let column = table.column("b, c", place, &mut reading).expect("a column");
        assert_eq!(table.texts(column), ["x \"y\"", "z"]);
        assert_eq!(table.numbers(0, &mut reading), Some(vec![1.0, 2.0]));
        assert!(table.column("bc", place, &mut reading).is_none());
        assert_eq!(reading.faults.len(), 1);
    }

    #[test]
    fn a_ragged_row_is_a_fault() {
        let text = "a,b\n1\n";
        let source = Sources::default().add("t.csv", text);
        let mut reading = Reading::default();
        assert!(Csv::read(source, text, &mut reading).is_none());
        assert_eq!(reading.faults.len(), 1);
    }
}
