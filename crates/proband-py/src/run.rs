//! What a run and an analysis left.

use crate::error::raised;
use crate::python;
use crate::table::Table;
use proband::{ExportForm, Finished};
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A finished run.
#[pyclass(frozen, module = "proband")]
#[derive(Debug)]
pub(crate) struct Run(pub(crate) Finished);

impl Run {
    pub(crate) fn path(&self) -> &Path {
        &self.0.folder
    }
}

#[pymethods]
impl Run {
    #[getter]
    fn id(&self) -> &str {
        &self.0.manifest.run
    }

    #[getter]
    fn folder(&self) -> String {
        self.0.folder.display().to_string()
    }

    #[getter]
    fn summary(&self) -> String {
        self.0.summary().to_text()
    }

    #[getter]
    fn manifest<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        python(py, &json!(self.0.manifest))
    }

    #[getter]
    fn tables(&self, py: Python<'_>) -> PyResult<BTreeMap<String, Table>> {
        let tables = self.0.tables().map_err(|error| raised(py, &error))?;
        let table = |(name, files): (String, _)| (name.clone(), Table { name, files });
        Ok(tables.into_iter().map(table).collect())
    }

    #[getter]
    fn findings(&self, py: Python<'_>) -> PyResult<Table> {
        self.__getitem__(py, "findings")
    }

    fn __getitem__(&self, py: Python<'_>, table: &str) -> PyResult<Table> {
        let mut tables = self.tables(py)?;
        tables.remove(table).ok_or_else(|| {
            let known = tables.into_keys().collect::<Vec<_>>().join(", ");
            PyKeyError::new_err(format!("no table is named `{table}`: there are {known}"))
        })
    }

    fn __repr__(&self) -> String {
        format!("<proband.Run {} of {}>", self.0.manifest.run, self.0.manifest.trial)
    }

    #[pyo3(signature = (to, out=None))]
    fn export(&self, py: Python<'_>, to: &str, out: Option<PathBuf>) -> PyResult<Vec<String>> {
        let form =
            ExportForm::ALL.into_iter().find(|form| form.name() == to).ok_or_else(|| {
                let known = ExportForm::ALL.map(ExportForm::name).join(", ");
                PyValueError::new_err(format!("no format is named `{to}`: there are {known}"))
            })?;
        let python: PathBuf = py.import("sys")?.getattr("executable")?.extract()?;
        // The Python that asks is the one that most likely has DuckDB.
        let duckdb = py.import("duckdb").is_ok().then_some(python);
        let exported =
            py.detach(|| proband::export(self.path(), form, out.as_deref(), duckdb.as_deref()));
        let exported = exported.map_err(|error| raised(py, &error))?;
        Ok(exported
            .files
            .iter()
            .map(|file| exported.folder.join(file).display().to_string())
            .collect())
    }
}

/// What came of a plan over data that exist.
#[pyclass(frozen, get_all, module = "proband")]
#[derive(Debug)]
pub(crate) struct Analysis {
    pub(crate) folder: String,
    pub(crate) summary: String,
    pub(crate) notes: Vec<String>,
    pub(crate) findings: Table,
}
