//! Keywords as changes of a trial file.

use proband::Override;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

/// The changes of the keywords `set`, `seed` and `participants`, in this order as on the command line.
pub(crate) fn overrides(
    set: Option<&Bound<'_, PyDict>>,
    seed: Option<u64>,
    participants: Option<u64>,
) -> PyResult<Vec<Override>> {
    let mut all = Vec::new();
    for (path, value) in set.into_iter().flat_map(|set| set.iter()) {
        all.push(Override { path: path.extract()?, value: toml(&value)? });
    }
    let named = [("simulation.seed", seed), ("design.participants", participants)];
    for (path, value) in named {
        all.extend(
            value.map(|value| Override { path: path.to_owned(), value: value.to_string() }),
        );
    }
    Ok(all)
}

/// A value in TOML.
fn toml(value: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(text) = value.cast::<PyString>() {
        // TOML's basic strings have JSON's escapes.
        return Ok(serde_json::Value::from(text.to_str()?).to_string());
    }
    if let Ok(truth) = value.cast::<PyBool>() {
        return Ok(truth.is_true().to_string());
    }
    if value.is_instance_of::<PyInt>() || value.is_instance_of::<PyFloat>() {
        return Ok(value.repr()?.to_string());
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let items = value.try_iter()?.map(|item| toml(&item?));
        return Ok(format!("[{}]", items.collect::<PyResult<Vec<_>>>()?.join(", ")));
    }
    let kind = value.get_type().name()?;
    Err(PyTypeError::new_err(format!(
        "a value of a trial file is a text, number, truth or list, not {kind}"
    )))
}
