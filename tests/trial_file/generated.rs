//! Inputs that nobody would write: whatever is put in, the reader answers, and every place it names exists.

use crate::cases::{Outcome, examples, open, trials};
use proband_diag::{InMemory, Style};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

static EXAMPLES: LazyLock<InMemory> = LazyLock::new(examples);

/// Pieces that are worth putting anywhere.
const PIECES: [&str; 28] = [
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    "\"",
    "'''",
    "\n",
    "\\",
    "-",
    "0",
    "1e308",
    "-1",
    "nan",
    "\"week 0\"",
    "\"day 0\"",
    "\"1 %\"",
    "1979-05-27",
    "true",
    "[arm.x]\n",
    "add = true\n",
    "µ",
    "(",
    "while",
    "\u{0}",
    "[grid]\n",
];

/// A change of a text: which part goes, and what comes instead.
#[derive(Clone, Debug)]
struct Change {
    at: prop::sample::Index,
    gone: usize,
    piece: usize,
    copied: Option<prop::sample::Index>,
}

fn change() -> impl Strategy<Value = Change> {
    let copied = prop::option::of(any::<prop::sample::Index>());
    (any::<prop::sample::Index>(), 0usize..40, 0..PIECES.len(), copied)
        .prop_map(|(at, gone, piece, copied)| Change { at, gone, piece, copied })
}

fn boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn changed(text: &str, change: &Change) -> String {
    let start = boundary(text, change.at.index(text.len() + 1));
    let end = boundary(text, start + change.gone).max(start);
    let piece = match &change.copied {
        Some(from) => {
            let from = boundary(text, from.index(text.len() + 1));
            &text[from..boundary(text, from + change.gone)]
        }
        None => PIECES[change.piece],
    };
    format!("{}{piece}{}", &text[..start], &text[end..])
}

/// The reader gives a trial or errors, and every message can be rendered.
fn answered(outcome: &Outcome) {
    assert_eq!(outcome.trial.is_none(), outcome.faults.has_errors());
    for style in [Style::Short, Style::Human { colour: false }] {
        let text = outcome.faults.render(&outcome.sources, style);
        assert_eq!(text.is_empty(), outcome.faults.is_empty());
    }
    for fault in outcome.faults.sorted() {
        let Some(span) = fault.span else { continue };
        let length = outcome.sources.get(span.source).text.len();
        assert!(span.start <= span.end && span.end as usize <= length, "{fault:?}");
    }
}

fn mutated(example: usize, changes: &[Change]) {
    let names = trials(&EXAMPLES);
    let name = &names[example % names.len()];
    let mut files = EXAMPLES.clone();
    let mut text = files.0[name].clone();
    for change in changes {
        text = changed(&text, change);
    }
    files.0.insert(name.clone(), text);
    answered(&open(name, &files));
}

fn strategy() -> impl Strategy<Value = (usize, Vec<Change>)> {
    (0usize..64, prop::collection::vec(change(), 1..6))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..Default::default() })]

    #[test]
    fn changed_examples_are_answered((example, changes) in strategy()) {
        mutated(example, &changes);
    }

    #[test]
    fn any_text_is_answered(text in "\\PC*") {
        let files = InMemory([("t.toml".to_owned(), text)].into());
        answered(&open("t.toml", &files));
    }
}

/// As long as `PROBAND_FUZZ_SECONDS` says: not at all without it.
#[test]
fn changed_examples_are_answered_for_long() {
    let seconds = std::env::var("PROBAND_FUZZ_SECONDS").ok().and_then(|s| s.parse().ok());
    #[expect(clippy::disallowed_methods, reason = "how long to look, not what is found")]
    let now = || Instant::now();
    let end = now() + Duration::from_secs(seconds.unwrap_or(0));
    let mut runner = proptest::test_runner::TestRunner::default();
    while now() < end {
        let tree = strategy().new_tree(&mut runner).expect("a case");
        let (example, changes) = tree.current();
        mutated(example, &changes);
    }
}
