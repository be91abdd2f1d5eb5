//! Which codes of faults the sources of a crate can raise.

use std::collections::BTreeSet;
use std::path::Path;

/// The words of the codes that the sources below a folder name.
#[must_use]
pub fn raised(folder: &Path) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    collect(folder, &mut words);
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
