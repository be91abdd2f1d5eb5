//! The Python package: what the library does, with tables as Arrow streams and faults as exceptions.

mod error;
mod overrides;
mod run;
mod running;
mod table;

use pyo3::prelude::*;

/// The module `proband.proband_native`, which the package `proband` shows as its own.
#[pymodule]
mod proband_native {
    #[pymodule_export]
    use crate::error::{Failed, Faults};
    #[pymodule_export]
    use crate::run::{Analysis, Run};
    #[pymodule_export]
    use crate::running::{analyse, check, finished, model, models, replay, run};
    #[pymodule_export]
    use crate::table::Table;

    /// The version of proband.
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's own name for it")]
    const __version__: &str = proband::VERSION;
}

/// A value of JSON as Python has it.
fn python<'py>(py: Python<'py>, value: &impl ToString) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?.call_method1("loads", (value.to_string(),))
}
