//! Every example is a model without a fault, warnings included.

use crate::cases::{examples, open};

#[test]
fn every_example_checks() {
    let files = examples();
    assert!(files.0.len() >= 32, "{} examples", files.0.len());
    let mut faulty = Vec::new();
    for name in files.0.keys() {
        let outcome = open(name, &files);
        if outcome.model.is_none() || !outcome.faults.is_empty() {
            faulty.push(format!("{name}:\n{}", outcome.lines(name)));
        }
    }
    assert!(faulty.is_empty(), "{} with faults:\n\n{}", faulty.len(), faulty.join("\n\n"));
}
