//! What the examples use that is not built, and that every example is here.

use crate::twin::{Setup, read};
use std::path::Path;

const AS_THEY_STAND: [(&str, &str, &[&str]); 4] = [
    (
        "claret-tgi-os",
        "ancestry.choice = { other = 1 }\nsmoking.choice = { ever = 1 }\n",
        &["`next`"],
    ),
    ("gi-nausea", "", &["`next`", "`jump`"]),
    ("hovorka", "bw = \"70 kg\"\n", &["`next`"]),
    ("seizure-counts", "", &["`next`"]),
];

#[test]
fn gi_nausea_and_what_else_needs_chance_over_time_says_so() {
    for (example, covariates, needs) in AS_THEY_STAND {
        let conc = if example == "gi-nausea" { "conc = \"1 nmol/L\"\n" } else { "" };
        let rest = format!(
            "[model.m.inputs]\n{conc}[population.covariates]\n{covariates}[arm.only]\n"
        );
        let faults = Setup::new(example, "7 day", "1 day").with(&rest).refused();
        let expected: Vec<String> = needs
            .iter()
            .map(|what| format!("not supported yet: model `m` uses {what}"))
            .collect();
        assert_eq!(faults, expected, "{example}");
    }
}

/// Each example has a test that bears its name.
#[test]
fn every_example_is_here() {
    let folder = |path: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let names = |path: &str, ending: &str| -> Vec<String> {
        let entries = std::fs::read_dir(folder(path)).expect("a folder");
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.expect("an entry").file_name().to_string_lossy().into_owned()
        };
        entries.map(name).filter(|name| name.ends_with(ending)).collect()
    };
    let tests: String = names("models", ".rs")
        .iter()
        .map(|name| read(&format!("tests/models/{name}")))
        .collect();
    let examples = names("suite/language/examples", ".model");
    assert_eq!(examples.len(), 32);
    for example in examples {
        let test = example.trim_end_matches(".model").replace('-', "_");
        assert!(tests.contains(&format!("fn {test}")), "no test is named after `{example}`");
    }
}
