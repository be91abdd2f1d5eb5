//! A DuckDB file with the tables of a run, their labels as comments, and views of them.
//!
//! DuckDB makes the file itself, from a script that stays beside it: its library in C++ would take longer to
//! build than all of proband, and whoever wants such a file has a DuckDB to open it with.

mod program;
mod views;

use crate::Study;
use crate::dataset::Dataset;
use crate::error::{ExportError, Result};
use proband_store::{StoreError, StoredTable, remove_if_there, write_text};
use program::Program;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const SCRIPT: &str = "load.sql";

/// Writes the script, and the file where there is a DuckDB. Gives the names of both.
pub(crate) fn write(
    tables: &[StoredTable],
    sets: &[Dataset],
    study: &Study,
    out: &Path,
    named: Option<&Path>,
) -> Result<Vec<String>> {
    let script = out.join(SCRIPT);
    write_text(&script, &text(tables, sets, study)?)?;
    let program = match named {
        Some(named) => Program::named(named),
        None => {
            Program::find().ok_or_else(|| ExportError::NoDuckDb { script: script.clone() })?
        }
    };
    let file = format!("{}.duckdb", study.manifest.trial);
    let (whole, making) = (out.join(&file), out.join(format!("{file}.tmp")));
    remove_if_there(&making)?;
    program.run(&script, &making).inspect_err(|_| _ = remove_if_there(&making))?;
    fs::rename(&making, &whole).map_err(ExportError::write(&whole))?;
    Ok(vec![SCRIPT.to_owned(), file])
}

/// The script: tables from the Parquet files of the run, comments, views.
fn text(tables: &[StoredTable], sets: &[Dataset], study: &Study) -> Result<String> {
    let run = &study.manifest;
    let mut text = format!(
        "-- Run {} of {}, by proband {}. Makes tables and views: duckdb FILE < {SCRIPT}\n",
        run.run, run.trial, run.version
    );
    for (table, set) in tables.iter().zip(sets) {
        let files =
            table.files().iter().map(|path| absolute(path)).collect::<Result<Vec<_>>>()?;
        let (name, files) = (set.table.name(), files.join(", "));
        put(
            &mut text,
            format_args!("\nCREATE TABLE {name} AS SELECT * FROM read_parquet([{files}]);\n"),
        );
        put(&mut text, format_args!("COMMENT ON TABLE {name} IS {};\n", literal(set.label)));
        for variable in &set.variables {
            let (column, label) = (identifier(&variable.name), literal(&variable.label));
            put(&mut text, format_args!("COMMENT ON COLUMN {name}.{column} IS {label};\n"));
        }
    }
    for view in views::of(sets) {
        let (name, comment) = (view.name, literal(view.comment));
        put(&mut text, format_args!("\nCREATE VIEW {name} AS\n{};\n", view.select));
        put(&mut text, format_args!("COMMENT ON VIEW {name} IS {comment};\n"));
    }
    Ok(text)
}

/// A file by a name that holds in any folder.
fn absolute(path: &Path) -> Result<String> {
    let failed = |source| StoreError::Io { action: "read", path: path.into(), source };
    Ok(literal(&path.canonicalize().map_err(failed)?.to_string_lossy()))
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).expect("a String takes everything");
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
