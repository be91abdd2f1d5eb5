//! SAS XPORT, version 5: a table a file, in records of 80 bytes.
//!
//! Source: SAS Institute, TS-140, "The Record Layout of a Data Set in SAS Transport (XPORT) Format". The
//! writer is ours: the one crate for it (`xportrs`) is younger than this project.
//!
//! What the format has no room for:
//!
//! - **names** are capitals, digits and `_`, at most 8: longer ones end there, and one that is taken then has
//!   its last characters replaced by a number (`STATISTIC` is `STATISTI`);
//! - **texts** of more than 200 bytes go on in further columns, `NAME1`, `NAME2`, as those of SDTM's `COVAL`
//!   do; put together they are the text;
//! - **labels** end after 40 bytes; a unit is in the label where both fit;
//! - **numbers** are IBM's, which hold all 53 bits of ours between 5.4e-79 and 7.2e75: smaller ones are 0,
//!   larger ones a fault, infinite ones SAS's special missing values `.I` and `.M`; dates are days since
//!   1960-01-01 in the format `DATE9.`.

mod ibm;
mod names;
mod records;

pub(crate) use names::pieces;

use crate::Study;
use crate::dataset::{Dataset, Variable};
use crate::error::{ExportError, Result};
use crate::survey::Survey;
use names::{LABEL, clipped, short};
use proband_engine::tables::{Batch, Kind, Values};
use proband_store::{StoredTable, write_stream};
use records::Records;
use std::path::Path;

/// SAS counts days from 1960-01-01.
const DAYS_TO_1970: f64 = 3653.0;

/// A table under names that XPORT has room for.
pub(crate) fn dataset(table: &StoredTable, survey: &Survey, others: &[Dataset]) -> Dataset {
    let mut set = Dataset::new(table, survey, "xpt");
    set.name = short(&set.name, others.iter().map(|other| other.name.as_str()));
    set.file = format!("{}.xpt", set.name.to_lowercase());
    let mut variables: Vec<Variable> = Vec::new();
    for variable in set.variables {
        let pieces = &survey.column(variable.column).pieces;
        for piece in 0..pieces.len().max(1) {
            let long = match piece {
                0 => variable.name.clone(),
                // The number is part of the name, and not what is cut off.
                more => format!("{:.*}{more}", 8 - more.to_string().len(), variable.name),
            };
            let name = short(&long, variables.iter().map(|known| known.name.as_str()));
            // XPORT counts bytes, and has no text of none.
            let length = pieces.get(piece).map_or(1, |&bytes| bytes.max(1));
            let key = variable.key.filter(|_| piece == 0);
            let format = (variable.kind == Kind::Date).then_some("DATE9.");
            variables.push(Variable { name, piece, length, key, format, ..variable.clone() });
        }
    }
    set.variables = variables;
    set
}

/// Which names were shortened, and which texts cut.
pub(crate) fn notes(table: &StoredTable, set: &Dataset, survey: &Survey) -> Vec<String> {
    let name = table.schema().table;
    let renamed = |of: &&Variable| of.name != of.source;
    let renamed: Vec<String> = set
        .variables
        .iter()
        .filter(renamed)
        .map(|of| format!("{} as {}", of.source, of.name))
        .collect();
    let foreign = |of: &&Variable| survey.column(of.column).beyond_ascii && of.piece == 0;
    let foreign: Vec<&str> =
        set.variables.iter().filter(foreign).map(|of| of.name.as_str()).collect();
    let mut notes = Vec::new();
    if !renamed.is_empty() {
        notes.push(format!("{name}: {}", renamed.join(", ")));
    }
    if !foreign.is_empty() {
        notes.push(format!(
            "{name}: {} with characters beyond ASCII: SAS reads them in a session with UTF-8",
            foreign.join(", ")
        ));
    }
    notes
}

/// Writes a table.
pub(crate) fn write(
    table: &StoredTable,
    set: &Dataset,
    study: &Study,
    path: &Path,
) -> Result<()> {
    let (name, columns) = (set.table.name(), set.variables.len());
    if columns > 9999 {
        return Err(ExportError::TooManyColumns { table: name, columns });
    }
    let failed = ExportError::write(path);
    write_stream(path, |out| {
        let mut records = Records::new(out);
        head(&mut records, set, study).map_err(&failed)?;
        let mut bytes = Vec::new();
        table.read(|piece| {
            for row in 0..piece.rows() {
                bytes.clear();
                set.variables
                    .iter()
                    .try_for_each(|of| value(&mut bytes, set, of, piece, row))?;
                records.write_all(&bytes).map_err(&failed)?;
            }
            Ok::<(), ExportError>(())
        })?;
        records.end().map_err(&failed)
    })
}

fn head(records: &mut Records<'_>, set: &Dataset, study: &Study) -> std::io::Result<()> {
    let made = study.finished.sas();
    let zeros = "0".repeat(30);
    records.header("LIBRARY", &zeros)?;
    records.line(&format!("SAS     SAS     SASLIB  9.4     PROBAND {:24}{made}", ""))?;
    records.line(&made)?;
    records.header("MEMBER", "000000000000000001600000000140")?;
    records.header("DSCRPTR", &zeros)?;
    records.line(&format!("SAS     {:8}SASDATA 9.4     PROBAND {:24}{made}", set.name, ""))?;
    records.line(&format!("{made}{:16}{:40}", "", set.label))?;
    records
        .header("NAMESTR", &format!("000000{:04}{}", set.variables.len(), "0".repeat(20)))?;
    let mut position = 0;
    for (index, variable) in set.variables.iter().enumerate() {
        records.write_all(&namestr(variable, index, position))?;
        position += width(variable) as u32;
    }
    records.end()?;
    records.header("OBS", &zeros)
}

fn width(variable: &Variable) -> usize {
    if variable.is_text() { variable.length } else { 8 }
}

/// The description of a column: the structure NAMESTR of 140 bytes.
fn namestr(variable: &Variable, index: usize, position: u32) -> [u8; 140] {
    let mut bytes = [0; 140];
    let mut short = |at: usize, value: usize| {
        bytes[at..at + 2].copy_from_slice(&(value as u16).to_be_bytes());
    };
    short(0, if variable.is_text() { 2 } else { 1 });
    short(4, width(variable));
    short(6, index + 1);
    bytes[8..64].fill(b' ');
    bytes[8..8 + variable.name.len()].copy_from_slice(variable.name.as_bytes());
    let label = label(variable);
    bytes[16..16 + label.len()].copy_from_slice(label.as_bytes());
    if variable.format.is_some() {
        bytes[56..60].copy_from_slice(b"DATE");
        bytes[65] = 9;
    }
    // There are no formats of reading.
    bytes[72..80].fill(b' ');
    bytes[84..88].copy_from_slice(&position.to_be_bytes());
    bytes
}

/// The label with the unit or, where that does not fit, without it.
fn label(variable: &Variable) -> &str {
    let unit = variable.unit.as_ref().map_or(0, |unit| unit.len() + " ()".len());
    match variable.label.len() {
        fits if fits <= LABEL => &variable.label,
        long => clipped(&variable.label[..long - unit], LABEL),
    }
}

/// Adds the value of a row, as wide as its column.
fn value(
    bytes: &mut Vec<u8>,
    set: &Dataset,
    variable: &Variable,
    piece: &Batch,
    row: usize,
) -> Result<()> {
    let number = match piece.values(variable.column) {
        Values::Numbers(numbers) => Some(numbers[row]).filter(|number| !number.is_nan()),
        Values::Integers(integers) => integers[row].map(f64::from),
        Values::Dates(days) => days[row].map(|day| f64::from(day) + DAYS_TO_1970),
        Values::Texts(texts) => {
            text(bytes, texts.get(row), variable);
            return Ok(());
        }
        Values::Flags(flags) => {
            text(bytes, flags[row].map(|flag| if flag { "Y" } else { "N" }), variable);
            return Ok(());
        }
    };
    let column = || variable.source.clone();
    let too_large =
        |value| ExportError::TooLarge { table: set.table.name(), column: column(), value };
    let encoded = number
        .map_or(Ok(ibm::MISSING), |value| ibm::encoded(value).ok_or_else(|| too_large(value)));
    bytes.extend(encoded?);
    Ok(())
}

fn text(bytes: &mut Vec<u8>, text: Option<&str>, variable: &Variable) {
    let end = bytes.len() + variable.length;
    let part = text.and_then(|text| pieces(text).nth(variable.piece));
    bytes.extend(part.unwrap_or("").as_bytes());
    bytes.resize(end, b' ');
}
