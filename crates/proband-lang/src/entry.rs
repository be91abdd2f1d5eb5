//! The doors of the language: a model file, a model inside another file, one expression, one quantity.

use crate::{Checked, Model, Scope, Unit};
use proband_diag::{Diagnostic, Faults, Files, Fragment, Sources, code};

/// Reads a model file and the files it uses. All faults go to `faults`; none if it has errors.
pub fn open_model(
    path: &str,
    _files: &dyn Files,
    _sources: &mut Sources,
    faults: &mut Faults,
) -> Option<Model> {
    faults.push(Diagnostic::error_without_place(
        code::NOT_SUPPORTED,
        format!("not supported yet: reading the model `{path}`"),
    ));
    None
}

/// Reads a model whose text stands elsewhere, inside a trial file for instance. `base` is the path
/// of the file that the paths in its `use` lines are relative to. None if it has errors.
pub fn parse_model(
    text: &Fragment<'_>,
    _base: &str,
    _files: &dyn Files,
    _sources: &mut Sources,
    faults: &mut Faults,
) -> Option<Model> {
    faults.push(unsupported("reading models", &text));
    None
}

/// Checks one expression in a scope that says what its names mean. None if it has a fault, which is
/// then reported.
pub fn check_expression(
    text: &Fragment<'_>,
    _scope: &mut dyn Scope,
    faults: &mut Faults,
) -> Option<Checked> {
    faults.push(unsupported("reading expressions", &text));
    None
}

/// Reads a quantity as trial files write them, a number and its unit: `25 mg`, `60 1/month`, `5 %`,
/// `0.3`. None if it has a fault, which is then reported.
pub fn parse_quantity(text: &Fragment<'_>, faults: &mut Faults) -> Option<(f64, Unit)> {
    faults.push(unsupported("reading quantities", &text));
    None
}

fn unsupported(what: &str, text: &Fragment<'_>) -> Diagnostic {
    let span = text.span(0..text.text.len());
    Diagnostic::error(code::NOT_SUPPORTED, format!("not supported yet: {what}"), span)
}
