//! Every code that the language can raise has a case in the suite, and a line in the book.

use crate::cases::{read, root};
use crate::mistakes::mistakes;
use std::collections::BTreeSet;

/// The words of the codes that the sources of the language name.
fn raised() -> BTreeSet<String> {
    proband_tests::codes::raised(&root().join("crates/proband-lang/src"))
}

#[test]
fn every_code_that_the_language_raises_has_a_case() {
    let shown: BTreeSet<String> = ["mistakes.tsv", "more-mistakes.tsv"]
        .iter()
        .flat_map(|name| mistakes(&format!("tests/suite/language/{name}")))
        .flat_map(|mistake| mistake.faults)
        .map(|[code, ..]| code)
        .chain(crate::expressions::MISTAKES.iter().map(|(_, code, _)| (*code).to_owned()))
        .collect();
    let raised = raised();
    assert!(raised.len() > 40, "{} codes found in the sources", raised.len());
    let missing: Vec<&String> = raised.difference(&shown).collect();
    assert!(missing.is_empty(), "without a case: {missing:?}");
    let dead: Vec<&String> = shown.difference(&raised).collect();
    assert!(dead.is_empty(), "cases of codes that nothing raises: {dead:?}");
}

#[test]
fn every_code_that_the_language_raises_is_in_the_book() {
    let book = read("crates/proband/book/language.md");
    let missing: Vec<String> = raised()
        .iter()
        .filter_map(|word| proband_diag::explain(word))
        .map(|entry| {
            format!("| `{}` | {} | {} |", entry.code.name(), entry.meaning, entry.remedy)
        })
        .filter(|row| !book.contains(row))
        .collect();
    assert!(missing.is_empty(), "not in the book:\n{}", missing.join("\n"));
}

#[test]
fn every_code_is_in_the_catalogue() {
    for word in raised() {
        assert!(proband_diag::explain(&word).is_some(), "`{word}` is not in the catalogue");
    }
}
