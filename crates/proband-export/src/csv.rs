//! Comma-separated values (RFC 4180).

use crate::error::{ExportError, Result};
use crate::moment::Date;
use proband_engine::tables::{Batch, ColumnId, Values};
use proband_store::{StoredTable, write_stream};
use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

/// Writes a table: a line of names, then the rows. Numbers stand in the shortest form that reads back to the
/// same bits, a missing value is empty.
pub(crate) fn write(table: &StoredTable, path: &Path) -> Result<()> {
    let failed = ExportError::write(path);
    let schema = table.schema();
    write_stream(path, |out| {
        let names: Vec<_> = schema.columns.iter().map(|column| quoted(&column.name)).collect();
        writeln!(out, "{}", names.join(",")).map_err(&failed)?;
        table.read(|piece| {
            (0..piece.rows()).try_for_each(|row| line(out, piece, row)).map_err(&failed)
        })
    })
}

fn line(out: &mut dyn Write, piece: &Batch, row: usize) -> io::Result<()> {
    for index in 0..piece.schema().columns.len() {
        if index > 0 {
            out.write_all(b",")?;
        }
        match piece.values(ColumnId(index)) {
            Values::Numbers(numbers) if numbers[row].is_nan() => {}
            Values::Numbers(numbers) => write!(out, "{}", numbers[row])?,
            Values::Integers(integers) => {
                integers[row].map_or(Ok(()), |integer| write!(out, "{integer}"))?;
            }
            Values::Dates(days) => {
                days[row]
                    .map_or(Ok(()), |day| write!(out, "{}", Date::since_1970(day.into())))?;
            }
            Values::Texts(texts) => {
                out.write_all(quoted(texts.get(row).unwrap_or("")).as_bytes())?;
            }
            Values::Flags(flags) => {
                out.write_all(
                    flags[row].map_or("", |flag| if flag { "Y" } else { "N" }).as_bytes(),
                )?;
            }
        }
    }
    out.write_all(b"\n")
}

/// A text as a field: within quotation marks where it has what separates fields.
#[must_use]
pub fn quoted(text: &str) -> Cow<'_, str> {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}
