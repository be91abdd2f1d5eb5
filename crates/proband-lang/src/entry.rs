//! The doors of the language: a model file, a model inside another file, one expression, one quantity.

use crate::check::{Checker, Frame, Names, Reader, check, first_of_each, unreadable};
use crate::syntax::{parse_expression, parse_number_and_unit};
use crate::{Checked, Declared, Model, Scope, Unit};
use proband_diag::{Diagnostic, Faults, Files, Fragment, Sources, code};

/// Reads a model file and the files it uses. All faults go to `faults`; none if it has errors.
pub fn open_model(
    path: &str,
    files: &dyn Files,
    sources: &mut Sources,
    faults: &mut Faults,
) -> Option<Model> {
    let text = match files.read(path) {
        Ok(text) => text,
        Err(error) => {
            let message = unreadable(path, &error);
            faults.push(Diagnostic::error_without_place(code::UNKNOWN_FILE, message));
            return None;
        }
    };
    let source = sources.add(path, &text);
    parse_model(Fragment::whole(source, &text), path, files, sources, faults)
}

/// Reads a model whose text stands elsewhere, inside a trial file for instance. `base` is the path
/// of the file that the paths in its `use` lines are relative to. None if it has errors.
pub fn parse_model(
    text: Fragment<'_>,
    base: &str,
    files: &dyn Files,
    sources: &mut Sources,
    faults: &mut Faults,
) -> Option<Model> {
    let mut reader = Reader::new(files, sources);
    reader.text(&text, base);
    check(reader.world(), faults)
}

/// Checks one expression in a scope that says what its names mean. None if it has a fault, which is
/// then reported.
pub fn check_expression(
    text: Fragment<'_>,
    scope: &mut dyn Scope,
    faults: &mut Faults,
) -> Option<Checked> {
    let syntax = parse_expression(&text, faults)?;
    let frame = Frame { space: 0, file: 0, indices: Vec::new(), locals: Vec::new() };
    let mut checker = Checker::new(Names::Outside(scope), frame);
    let value = checker.check(&syntax);
    let mut findings = checker.findings();
    for fault in first_of_each(findings.unfound) {
        findings.faults.push(fault);
    }
    let fine = !findings.faults.has_errors();
    faults.extend(findings.faults);
    let value = value.filter(|_| fine)?;
    let span = text.span(0..text.text.len());
    Some(Checked { expr: value.expr, unit: value.unit, kind: value.kind, span })
}

/// Reads a quantity as trial files write them, a number and its unit: `25 mg`, `60 1/month`, `5 %`,
/// `0.3`. None if it has a fault, which is then reported.
pub fn parse_quantity(text: Fragment<'_>, faults: &mut Faults) -> Option<(f64, Unit)> {
    let (number, unit) = parse_number_and_unit(&text, faults)?;
    let Some(unit) = unit else { return Some((number, Unit::one())) };
    match Unit::parse(&unit.text, &Declared::default()) {
        Ok(parsed) => Some((number, parsed)),
        Err(unknown) => {
            let place = unit.part(&unknown.range);
            let fault = Diagnostic::error(code::UNKNOWN_UNIT, unknown.message(), place);
            faults.push(fault.maybe_help(unknown.help()));
            None
        }
    }
}
