//! CDISC Dataset-JSON 1.1: a table a file, metadata first, then the rows as arrays.
//!
//! Source: CDISC, Dataset-JSON v1.1 Specification, and its JSON schema (`dataset.schema.json`), which
//! `tests/exports` holds the files against.

use crate::Study;
use crate::dataset::{Dataset, Variable};
use crate::define;
use crate::error::{ExportError, Result};
use crate::moment::Date;
use crate::survey::Survey;
use proband_engine::tables::{Batch, ColumnId, Kind, Values};
use proband_store::{StoredTable, write_stream};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;

pub(crate) fn write(
    table: &StoredTable,
    set: &Dataset,
    study: &Study,
    path: &Path,
) -> Result<()> {
    let failed = ExportError::write(path);
    write_stream(path, |out| {
        let head = head(set, study).to_string();
        // The head is an object; the rows come before its last brace.
        write!(out, "{},\n\"rows\": [", &head[..head.len() - 1]).map_err(&failed)?;
        let mut separator = "\n";
        table.read(|piece| {
            for row in 0..piece.rows() {
                out.write_all(separator.as_bytes())
                    .and_then(|()| write_row(out, piece, row))
                    .map_err(&failed)?;
                separator = ",\n";
            }
            Ok::<(), ExportError>(())
        })?;
        out.write_all(b"\n]}\n").map_err(&failed)
    })
}

/// JSON has no infinite numbers.
pub(crate) fn notes(table: &StoredTable, survey: &Survey) -> Vec<String> {
    let columns = table.schema().columns.iter().enumerate();
    let note = |(index, column): (usize, &proband_engine::tables::Column)| {
        let infinite = survey.column(ColumnId(index)).infinite;
        let table = table.schema().table;
        (infinite > 0).then(|| {
            format!(
                "{table}: {infinite} infinite numbers of {} are missing, for JSON has none",
                column.name
            )
        })
    };
    columns.filter_map(note).collect()
}

fn head(set: &Dataset, study: &Study) -> Value {
    let made = study.finished.iso();
    let run = &study.manifest;
    json!({
        "datasetJSONCreationDateTime": made,
        "datasetJSONVersion": "1.1.0",
        "fileOID": format!("{}.{}.{}", run.trial, run.run, set.name),
        "dbLastModifiedDateTime": made,
        "originator": "proband",
        "sourceSystem": { "name": "proband", "version": run.version },
        "studyOID": define::study_oid(study),
        "metaDataVersionOID": define::version_oid(study),
        "metaDataRef": define::NAME,
        "itemGroupOID": define::group_oid(set),
        "records": set.rows,
        "name": set.name,
        "label": set.label,
        "columns": set.variables.iter().map(|of| column(set, of)).collect::<Value>(),
    })
}

fn column(set: &Dataset, variable: &Variable) -> Value {
    let mut column = json!({
        "itemOID": define::item_oid(set, variable),
        "name": variable.name,
        "label": variable.label,
        "dataType": match variable.kind {
            Kind::Number => "double",
            Kind::Integer => "integer",
            Kind::Date => "date",
            Kind::Level | Kind::Text | Kind::Flag => "string",
        },
    });
    if variable.is_text() {
        column["length"] = variable.length.into();
    }
    if variable.kind == Kind::Date {
        // SAS keeps a date as a number.
        column["targetDataType"] = "integer".into();
        column["displayFormat"] = "E8601DA.".into();
    }
    if let Some(key) = variable.key {
        column["keySequence"] = key.into();
    }
    column
}

fn write_row(out: &mut dyn Write, piece: &Batch, row: usize) -> io::Result<()> {
    let columns = 0..piece.schema().columns.len();
    let values: Vec<Value> =
        columns.map(|index| value(piece.values(ColumnId(index)), row)).collect();
    serde_json::to_writer(out, &values).map_err(Into::into)
}

/// The value in a row; null if it is missing or JSON has no such number.
fn value(values: &Values, row: usize) -> Value {
    match values {
        Values::Numbers(numbers) => numbers[row].into(),
        Values::Integers(integers) => integers[row].into(),
        Values::Dates(days) => {
            days[row].map(|day| Date::since_1970(day.into()).to_string()).into()
        }
        Values::Texts(texts) => texts.get(row).into(),
        Values::Flags(flags) => flags[row].map(|flag| if flag { "Y" } else { "N" }).into(),
    }
}
