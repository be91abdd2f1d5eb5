//! The shape of the repository: what `crates/README.md` promises about it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in the order in which data passes through them. A row may use the rows above it only.
const ROOMS: [&str; 18] = [
    "proband-diag",
    "proband-math",
    "proband-lang",
    "proband-kernel",
    "proband-ode",
    "proband-stats",
    "proband-cohort",
    "proband-trial",
    "proband-analysis",
    "proband-interim",
    "proband-engine",
    "proband-store",
    "proband-export",
    "proband-report",
    "proband-cluster",
    "proband",
    "proband-cli",
    "proband-py",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The crates of ours that a manifest names as dependencies (not as development dependencies).
fn uses(manifest: &str) -> BTreeSet<String> {
    manifest
        .split("\n[dependencies]")
        .nth(1)
        .unwrap_or("")
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| name.starts_with("proband"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_room_uses_only_the_rooms_above_it() {
    for (row, room) in ROOMS.iter().enumerate() {
        for used in uses(&read(format!("crates/{room}/Cargo.toml"))) {
            let above = ROOMS[..row].contains(&used.as_str());
            assert!(above, "`{room}` uses `{used}`, which is not above it");
        }
    }
}

#[test]
fn what_each_room_must_not_know_is_not_in_its_manifest() {
    let forbidden = [
        ("arrow", &["proband-store"][..]),
        ("parquet", &["proband-store"]),
        ("toml", &["proband-trial"]),
        ("clap", &["proband-cli"]),
        ("pyo3", &["proband-py"]),
        ("rayon", &["proband-engine", "proband"]),
    ];
    for room in ROOMS {
        let manifest = read(format!("crates/{room}/Cargo.toml"));
        let dependencies = manifest.split("\n[dependencies]").nth(1).unwrap_or("");
        for (library, allowed) in forbidden {
            let named = dependencies.lines().any(|line| line.starts_with(library));
            assert!(!named || allowed.contains(&room), "`{room}` names `{library}`");
        }
    }
}

#[test]
fn every_crate_is_a_room_and_stands_on_the_code_map() {
    let map = read("crates/README.md");
    for entry in fs::read_dir(root().join("crates")).expect("the folder of crates") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            assert!(ROOMS.contains(&name.as_str()), "`{name}` has no row");
            assert!(map.contains(&format!("`{name}`")), "`{name}` is missing on the code map");
        }
    }
}

#[test]
fn the_top_level_holds_what_it_should_and_no_more() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "crates",
        "trials",
        "outputs",
        "tests",
        "benches",
        "README.md",
        "CHANGELOG.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "target",
    ];
    for entry in fs::read_dir(root()).expect("the repository") {
        let name = entry.expect("an entry of it").file_name().to_string_lossy().into_owned();
        assert!(name.starts_with('.') || allowed.contains(&name.as_str()), "`{name}`");
    }
}

#[test]
fn every_dependency_says_why_it_is_here() {
    let manifest = read("Cargo.toml");
    let table = manifest
        .split("[workspace.dependencies]")
        .nth(1)
        .and_then(|rest| rest.split("\n[").next())
        .expect("the table of dependencies");
    let mut reason = false;
    for line in table.lines().filter(|line| !line.is_empty()) {
        if line.starts_with('#') {
            reason = true;
        } else if !line.starts_with("proband") {
            let part = line.starts_with("arrow-schema") || line.starts_with("serde_json");
            assert!(reason || part, "no reason above `{line}`");
            reason = false;
        }
    }
}

#[test]
fn nothing_is_left_undone_in_the_code() {
    for path in sources(&root().join("crates")) {
        let text = fs::read_to_string(&path).expect("a source file");
        for word in ["todo!(", "unimplemented!(", "FIXME", "XXX"] {
            assert!(!text.contains(word), "{word} in {}", path.display());
        }
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry of it").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
