//! Errors as exceptions.

use crate::python;
use proband::{Error, Faulty, Style};
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

create_exception!(
    proband,
    Faults,
    PyException,
    "What was asked for is wrong: every fault at once."
);
create_exception!(
    proband,
    Failed,
    PyException,
    "What was asked for is fine, and could not be done."
);

/// The exception of an error.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    match error {
        Error::Faulty(faulty) => faults(py, faulty).unwrap_or_else(|error| error),
        Error::Failed(failure) => Failed::new_err(failure.to_string()),
    }
}

/// An exception that has the faults, as they are told to programs, beside the text for a person.
fn faults(py: Python<'_>, faulty: &Faulty) -> PyResult<PyErr> {
    let text = faulty.render(Style::Human { colour: false });
    let exception = Faults::new_err(text.trim_end().to_owned());
    exception.value(py).setattr("faults", python(py, &faulty.render(Style::Json))?)?;
    Ok(exception)
}
