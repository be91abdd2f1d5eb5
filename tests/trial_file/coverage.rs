//! Every code that the reader of trials can raise has a case in the suite.

use crate::cases::{read, root};
use crate::mistakes::mistakes;
use std::collections::BTreeSet;

/// The words of the codes that the sources of the reader name.
fn raised() -> BTreeSet<String> {
    proband_tests::codes::raised(&root().join("crates/proband-trial/src"))
}

#[test]
fn every_code_that_the_reader_raises_has_a_case() {
    let mut shown: BTreeSet<String> = ["mistakes.tsv", "more-mistakes.tsv"]
        .iter()
        .flat_map(|name| mistakes(name))
        .map(|mistake| mistake.code)
        .collect();
    // A file of its own holds these, below its head.
    if read("tests/suite/trial-file/not-supported.tsv").lines().count() > 1 {
        shown.insert("not-supported".to_owned());
    }
    let raised = raised();
    assert!(raised.len() > 40, "{} codes found in the sources", raised.len());
    let missing: Vec<&String> = raised.difference(&shown).collect();
    assert!(missing.is_empty(), "without a case: {missing:?}");
}

#[test]
fn every_code_of_the_suite_is_in_the_catalogue() {
    for name in ["mistakes.tsv", "more-mistakes.tsv"] {
        for mistake in mistakes(name) {
            assert!(proband_diag::explain(&mistake.code).is_some(), "`{}`", mistake.code);
        }
    }
}
