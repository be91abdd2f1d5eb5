//! The tables of a finished run in the formats of other tools.
//!
//! Whatever the format, `define.xml` stands beside the files and says what is in them; it is written last,
//! so that an export which has one is whole. Tables are read twice, piece by piece: once for what a format
//! has to know beforehand (lengths of texts, which values occur), and once for the rows.

mod csv;
mod dataset;
mod dataset_json;
mod define;
mod duckdb;
mod error;
mod moment;
mod survey;
mod tables;
mod xml;
mod xpt;

pub use csv::quoted;
pub use error::ExportError;

use dataset::Dataset;
use error::Result;
use moment::Moment;
use proband_store::{RunFolder, RunManifest, StoredTable, remove_if_there, write_arrow};
use std::path::{Path, PathBuf};
use survey::Survey;

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportForm {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// CDISC Dataset-JSON 1.1.
    DatasetJson,
    /// SAS XPORT, version 5.
    Xpt,
    /// Arrow files (IPC, Feather 2).
    Arrow,
    /// A DuckDB file with tables and views.
    DuckDb,
}

/// What an export left.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The folder.
    pub folder: PathBuf,
    /// The names of the files in it, `define.xml` last.
    pub files: Vec<String>,
    /// What the format could not hold as it was, and what stands in its place.
    pub notes: Vec<String>,
}

/// What is known of the run as a whole.
struct Study {
    manifest: RunManifest,
    /// When the run was finished. It is the date of the export, so that the same run gives the same bytes.
    finished: Moment,
}

/// Writes the tables of the run in a folder, in a format, to another folder. `program` is the DuckDB, or a
/// Python that has it, which makes its file; without one it is looked for.
///
/// # Errors
/// When the folder holds no finished run or one that was changed, when a file cannot be written, and when
/// no DuckDB is found.
pub fn export(
    run: &Path,
    form: ExportForm,
    out: &Path,
    program: Option<&Path>,
) -> Result<Exported> {
    let (folder, manifest) = RunFolder::finished(run)?;
    let finished = Moment::of_file(&folder.path().join("run.json"))?;
    let study = Study { manifest, finished };
    remove_if_there(&out.join(define::NAME))?;
    let mut exported = Exported { folder: out.into(), files: Vec::new(), notes: Vec::new() };
    let mut sets = Vec::new();
    let tables = folder.stored_tables(&study.manifest)?;
    for table in &tables {
        let survey = Survey::of(table)?;
        let set = form.dataset(table, &survey, &sets);
        form.write(table, &set, &study, &out.join(&set.file))?;
        exported.notes.extend(form.notes(table, &set, &survey));
        sets.push(set);
    }
    exported.files = match form {
        ExportForm::DuckDb => duckdb::write(&tables, &sets, &study, out, program)?,
        _ => sets.iter().map(|set| set.file.clone()).collect(),
    };
    define::write(&out.join(define::NAME), &sets, &study)?;
    exported.files.push(define::NAME.to_owned());
    Ok(exported)
}

impl ExportForm {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Csv, Self::DatasetJson, Self::Xpt, Self::Arrow, Self::DuckDb];

    /// Its word on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::DatasetJson => "dataset-json",
            Self::Xpt => "xpt",
            Self::Arrow => "arrow",
            Self::DuckDb => "duckdb",
        }
    }

    /// How a table stands in this format, after others that do already.
    fn dataset(self, table: &StoredTable, survey: &Survey, others: &[Dataset]) -> Dataset {
        match self {
            Self::Csv => Dataset::new(table, survey, "csv"),
            Self::DatasetJson => Dataset::new(table, survey, "json"),
            Self::Xpt => xpt::dataset(table, survey, others),
            Self::Arrow => Dataset::new(table, survey, "arrow"),
            Self::DuckDb => Dataset::new(table, survey, "parquet"),
        }
    }

    fn write(
        self,
        table: &StoredTable,
        set: &Dataset,
        study: &Study,
        path: &Path,
    ) -> Result<()> {
        match self {
            Self::Csv => csv::write(table, path),
            Self::DatasetJson => dataset_json::write(table, set, study, path),
            Self::Xpt => xpt::write(table, set, study, path),
            Self::Arrow => Ok(write_arrow(path, table)?),
            // It reads the tables of the run by itself.
            Self::DuckDb => Ok(()),
        }
    }

    fn notes(self, table: &StoredTable, set: &Dataset, survey: &Survey) -> Vec<String> {
        match self {
            Self::DatasetJson => dataset_json::notes(table, survey),
            Self::Xpt => xpt::notes(table, set, survey),
            Self::Csv | Self::Arrow | Self::DuckDb => Vec::new(),
        }
    }
}
