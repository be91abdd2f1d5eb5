//! Tests of reading.

use super::*;
use proband_diag::{Faults, Fragment, Sources, Style};

fn faults_of(text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add("m", text);
    let mut faults = Faults::default();
    parse_file(&Fragment::whole(id, text), &mut faults);
    faults.render(&sources, Style::Short)
}

#[test]
fn every_example_is_read_without_a_fault() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/suite/language/examples");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(faults_of(&std::fs::read_to_string(&path).unwrap()), "", "{path:?}");
        count += 1;
    }
    assert_eq!(count, 32);
}

#[test]
fn nesting_has_a_limit_and_a_clear_fault() {
    for (open, close) in [("(", ")"), ("-", ""), ("not ", ""), ("2^", ""), ("x[", "]")] {
        let text = format!("let a = {}1{}\n", open.repeat(10_000), close.repeat(10_000));
        assert!(faults_of(&text).contains("nested too deeply"), "{open}");
    }
}

#[test]
fn a_unit_is_tight_and_in_the_line_of_its_number() {
    for (text, expected) in [
        ("5 mg/L * x", "mg/L"),
        ("5 mg / l", "mg"),
        ("5 10^9/L", "10^9/L"),
        ("5 mL/min/1.73m^2", "mL/min/1.73m^2"),
        ("5 1/min/(mU/L) * 3", "1/min/(mU/L)"),
        ("3 %/365day", "%/365day"),
        ("5 L/h*(x/70 kg)", "L/h"),
        ("100 mg/2", "mg"),
    ] {
        let mut sources = Sources::default();
        let id = sources.add("m", text);
        let mut faults = Faults::default();
        let expr = parse_expression(&Fragment::whole(id, text), &mut faults).unwrap();
        let mut first = &expr;
        while let ExprKind::Fold(inner, _) = &first.kind {
            first = inner;
        }
        let ExprKind::Number(_, Some(unit)) = &first.kind else { panic!("{text}: {first:?}") };
        assert_eq!(unit.text, expected, "{text}");
    }
}
