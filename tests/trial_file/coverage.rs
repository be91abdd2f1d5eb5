//! Every code that the reader of trials can raise has a case in the suite.

use crate::cases::{read, root};
use crate::mistakes::mistakes;
use std::collections::BTreeSet;
use std::path::Path;

/// The words of the codes that the sources of the reader name.
fn raised() -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    collect(&root().join("crates/proband-trial/src"), &mut words);
    words
}

fn collect(folder: &Path, words: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            collect(&path, words);
        } else {
            let text = std::fs::read_to_string(&path).expect("a source file");
            words.extend(text.split("code::").skip(1).filter_map(constant));
        }
    }
}

fn constant(after: &str) -> Option<String> {
    let end = after.find(|c: char| !c.is_ascii_uppercase() && c != '_').unwrap_or(after.len());
    (end > 1).then(|| after[..end].to_lowercase().replace('_', "-"))
}

#[test]
fn every_code_that_the_reader_raises_has_a_case() {
    let mut shown: BTreeSet<String> = ["mistakes.tsv", "more-mistakes.tsv"]
        .iter()
        .flat_map(|name| mistakes(name))
        .map(|mistake| mistake.code)
        .collect();
    assert!(read("tests/suite/trial-file/not-supported.tsv").lines().count() > 100);
    shown.insert("not-supported".to_owned());
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
