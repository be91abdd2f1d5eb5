//! A table as an Arrow stream.

use crate::error::raised;
use proband::{arrow_stream, row_count};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use std::path::PathBuf;

/// A table of a run. Whoever takes it reads its Parquet files anew, row group by row group.
#[pyclass(frozen, module = "proband")]
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    /// In the order of the rows.
    pub(crate) files: Vec<PathBuf>,
}

#[pymethods]
impl Table {
    #[getter]
    fn name(&self) -> &str {
        &self.name
    }

    #[getter]
    fn files(&self) -> Vec<String> {
        self.files.iter().map(|file| file.display().to_string()).collect()
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        let rows = row_count(&self.files).map_err(|error| raised(py, &error.into()))?;
        Ok(rows as usize)
    }

    fn __repr__(&self) -> String {
        format!("<proband.Table {}>", self.name)
    }

    /// The Arrow `PyCapsule` interface:
    /// <https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html>. A consumer may ask for
    /// another schema, and a producer need not follow.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let stream = arrow_stream(&self.files).map_err(|error| raised(py, &error.into()))?;
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }
}
