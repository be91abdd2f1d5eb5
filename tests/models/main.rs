//! Every example of the model language, run through the whole engine and held to independent reference numbers. `suite/models/README.md` says where those come from and how good they are.

mod chance;
mod clinical;
mod exact;
mod excitable;
mod kinetics;
mod metabolism;
mod oncology;
mod reference;
mod twin;
mod workloads;

use std::path::Path;

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
        .map(|name| twin::read(&format!("tests/models/{name}")))
        .collect();
    let examples = names("suite/language/examples", ".model");
    assert_eq!(examples.len(), 32);
    for example in examples {
        let test = example.trim_end_matches(".model").replace('-', "_");
        assert!(tests.contains(&format!("fn {test}")), "no test is named after `{example}`");
    }
}
