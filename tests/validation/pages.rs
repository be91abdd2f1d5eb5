//! Tables in pages, between two marks.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// One page at a time: two tests have a part of the README.
static TURN: Mutex<()> = Mutex::new(());

fn path(page: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(page)
}

/// Passages of a printed summary, each from the line that begins with one text up to the one that begins with
/// another, as a block of output in which the rest is `...`.
pub(crate) fn excerpt(printed: &str, passages: &[(&str, &str)]) -> String {
    let mut block = "\n```text\n".to_owned();
    let mut lines = printed.lines();
    for (from, to) in passages {
        let first = lines.find(|line| line.starts_with(from));
        block += &format!("{}\n", first.expect("the passage is printed"));
        for line in lines.by_ref().take_while(|line| !line.starts_with(to)) {
            block += &format!("{line}\n");
        }
        block.truncate(block.trim_end().len());
        block += "\n...\n";
    }
    block + "```\n\n"
}

/// Compares what stands between the marks of that name on a page of the repository, or writes it there if
/// `PROBAND_BLESS` is set.
pub(crate) fn check(page: &str, name: &str, expected: &str) {
    let begin = format!("<!-- {name}: written by a test -->\n");
    let end = format!("<!-- end of {name} -->\n");
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let path = path(page);
    let text = fs::read_to_string(&path).expect("a page of the repository");
    let (before, rest) = text.split_once(&begin).expect("the first mark");
    let (shown, after) = rest.split_once(&end).expect("the second mark");
    if std::env::var_os("PROBAND_BLESS").is_some() {
        fs::write(&path, [before, &begin, expected, &end, after].concat())
            .expect("a page to write");
        return;
    }
    assert_eq!(shown, expected, "{page} is not up to date: PROBAND_BLESS=1 writes it");
}
