//! Inputs that nobody would write: the checker never panics, and what it says makes sense.
//!
//! `PROBAND_FUZZ_SECONDS=60 cargo test -p proband-tests --test language generated` looks longer, at
//! other inputs each time.

use crate::cases::{Outcome, examples, open};
use proband_diag::{InMemory, Severity, Style};
use proband_lang::{Expr, Model, SymbolKind};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRng, TestRunner};
use std::time::{Duration, Instant};

/// Words and signs of the language, and some that are not.
const PIECES: &[&str] = &[
    "model",
    "source",
    "time",
    "unit",
    "use",
    "as",
    "with",
    "set",
    "table",
    "function",
    "covariate",
    "input",
    "param",
    "covariance",
    "correlation",
    "let",
    "state",
    "d",
    "/dt",
    "next",
    "every",
    "jump",
    "dose",
    "event",
    "when",
    "for",
    "until",
    "once",
    "terminal",
    "from",
    "hazard",
    "on",
    "observe",
    "steady",
    "lag",
    "fraction",
    "over",
    "lloq",
    "uloq",
    "normal",
    "lognormal",
    "logitnormal",
    "uniform",
    "bernoulli",
    "poisson",
    "negbinomial",
    "ordinal",
    "sd",
    "cv",
    "var",
    "per",
    "occasion",
    "if",
    "then",
    "else",
    "and",
    "or",
    "not",
    "in",
    "except",
    "sum",
    "root",
    "to",
    "t",
    "pi",
    "inf",
    "exp",
    "ln",
    "min",
    "max",
    "since",
    "linear",
    "step",
    "last",
    "-",
    "~",
    "=",
    "+=",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "->",
    "..",
    "+",
    "*",
    "/",
    "^",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ".",
    "%",
    "#",
    "\"",
    "\"*1/*1\"",
    "a",
    "b",
    "c",
    "organ",
    "liver",
    "i",
    "0",
    "1",
    "2.5",
    "1e9",
    "10^9/L",
    "mg",
    "mg/L",
    "1/h",
    "L/h",
    "day",
    "kg^0.75",
    "\n",
    "\n  ",
    " ",
    "\t",
    "\r\n",
    "é",
    "µg",
    "\u{2028}",
    "\0",
    "'",
    "\\",
    "1e",
    "1..3",
    "99999999999999999999",
];

/// One change of a text; places are fractions of its length.
#[derive(Clone, Debug)]
enum Edit {
    /// Puts a piece in.
    Insert(f64, &'static str),
    /// Takes bytes out.
    Delete(f64, usize),
    /// Puts a piece for bytes.
    Replace(f64, usize, &'static str),
    /// Writes a line again somewhere else.
    CopyLine(f64, f64),
    /// Drops a line.
    DropLine(f64),
    /// Ends the text.
    Cut(f64),
}

fn edit() -> impl Strategy<Value = Edit> {
    let place = || 0.0..1.0_f64;
    let piece = || prop::sample::select(PIECES);
    prop_oneof![
        (place(), piece()).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        (place(), 1..12_usize).prop_map(|(at, length)| Edit::Delete(at, length)),
        (place(), 1..12_usize, piece()).prop_map(|(at, n, piece)| Edit::Replace(at, n, piece)),
        (place(), place()).prop_map(|(from, to)| Edit::CopyLine(from, to)),
        place().prop_map(Edit::DropLine),
        place().prop_map(Edit::Cut),
    ]
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a short text"
)]
fn place(fraction: f64, length: usize) -> usize {
    (fraction * length as f64) as usize
}

/// The character border at or before a byte.
fn border(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn apply(text: &mut String, edit: &Edit) {
    let at = |fraction: &f64| border(text, place(*fraction, text.len()));
    match edit {
        Edit::Insert(fraction, piece) => {
            let at = at(fraction);
            text.insert_str(at, piece);
        }
        Edit::Delete(fraction, length) => {
            let at = at(fraction);
            text.replace_range(at..border(text, at + length), "");
        }
        Edit::Replace(fraction, length, piece) => {
            let at = at(fraction);
            text.replace_range(at..border(text, at + length), piece);
        }
        Edit::CopyLine(from, to) => {
            let mut lines: Vec<&str> = text.lines().collect();
            if !lines.is_empty() {
                let line = lines[place(*from, lines.len())];
                lines.insert(place(*to, lines.len()), line);
                *text = lines.join("\n");
            }
        }
        Edit::DropLine(fraction) => {
            let mut lines: Vec<&str> = text.lines().collect();
            if !lines.is_empty() {
                lines.remove(place(*fraction, lines.len()));
                *text = lines.join("\n");
            }
        }
        Edit::Cut(fraction) => {
            let at = at(fraction);
            text.truncate(at);
        }
    }
}

/// A model comes exactly when there is no error, and every place can be shown.
fn makes_sense(outcome: &Outcome) -> Result<(), TestCaseError> {
    prop_assert_eq!(outcome.model.is_none(), outcome.faults.has_errors());
    for fault in outcome.faults.sorted() {
        let labels = fault.labels.iter().map(|label| label.span);
        for span in fault.span.into_iter().chain(labels) {
            let text = &outcome.sources.get(span.source).text;
            let range = span.range();
            prop_assert!(text.get(range.clone()).is_some(), "{range:?} of {}", text.len());
        }
        prop_assert!(fault.span.is_some() || fault.severity == Severity::Error);
        prop_assert!(!fault.message.is_empty() && !fault.message.contains('\n'));
    }
    if let Some(model) = &outcome.model {
        sound(model)?;
    }
    for style in [Style::Human { colour: false }, Style::Short, Style::Json] {
        let _ = outcome.faults.render(&outcome.sources, style);
    }
    Ok(())
}

/// What every user of a checked model takes for granted.
fn sound(model: &Model) -> Result<(), TestCaseError> {
    let mut known = vec![false; model.symbols.len()];
    for (symbol, known) in model.symbols.iter().zip(&mut known) {
        use SymbolKind::{Amount, State, Typical};
        *known = matches!(symbol.kind, Amount | State(_) | Typical(_));
        prop_assert!(symbol.category.is_none_or(|c| c < model.categories.len()));
    }
    for symbol in &model.order {
        let expression = match model.symbols[symbol.index()].kind {
            SymbolKind::Parameter(position) => Some(&model.parameters[position].expression),
            SymbolKind::Let(position) => Some(&model.lets[position].expression),
            SymbolKind::Covariate(position) => model.covariates[position].typical.as_ref(),
            SymbolKind::Input(position) => model.inputs[position].default.as_ref(),
            kind => return Err(TestCaseError::fail(format!("{kind:?} is not computed"))),
        };
        let mut late = Vec::new();
        if let Some(expression) = expression {
            expression.walk(&mut |part| match part {
                Expr::Symbol(needed) if !known[needed.index()] => late.push(*needed),
                _ => {}
            });
        }
        prop_assert!(late.is_empty(), "{late:?} are needed before they are computed");
        known[symbol.index()] = true;
    }
    prop_assert!(known.iter().all(|known| *known), "a quantity has no place in the order");
    for (place, definition) in model.lets.iter().enumerate() {
        definition.expression.walk(&mut |part| {
            if let Expr::Symbol(needed) = part
                && let SymbolKind::Let(other) = model.symbols[needed.index()].kind
            {
                known[needed.index()] &= other < place;
            }
        });
    }
    prop_assert!(known.iter().all(|known| *known), "a let needs a later one");
    for block in &model.blocks {
        prop_assert_eq!(block.correlation.len(), block.members.len() * block.members.len());
        prop_assert!(block.members.iter().all(|&member| member < model.parameters.len()));
    }
    Ok(())
}

/// Runs a property on as many inputs as the normal run takes, or for as long as asked.
fn run<S: Strategy>(
    cases: u32,
    strategy: S,
    check: impl Fn(S::Value) -> Result<(), TestCaseError>,
) where
    S::Value: Clone,
{
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let algorithm = config.rng_algorithm;
    let seconds = std::env::var("PROBAND_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    let Some(seconds) = seconds else {
        let rng = TestRng::deterministic_rng(algorithm);
        return TestRunner::new_with_rng(config, rng).run(&strategy, check).expect("holds");
    };
    #[expect(clippy::disallowed_methods, reason = "how long to look, not what is found")]
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(seconds) {
        TestRunner::new(config.clone()).run(&strategy, &check).expect("holds");
    }
}

#[test]
fn generated_edits_of_the_examples_are_answered() {
    let files = examples();
    let names: Vec<String> = files.0.keys().cloned().collect();
    // The cable unrolls to 660 states: too slow to be edited hundreds of times.
    let names: Vec<String> =
        names.into_iter().filter(|name| name != "cardiac-cable.model").collect();
    let strategy = (prop::sample::select(names), prop::collection::vec(edit(), 1..6));
    run(400, strategy, |(name, edits)| {
        let mut files = files.clone();
        let text = files.0.get_mut(&name).expect("an example");
        for edit in &edits {
            apply(text, edit);
        }
        makes_sense(&open(&name, &files))
    });
}

#[test]
fn generated_rows_of_words_are_answered() {
    let words = prop::collection::vec(prop::sample::select(PIECES), 0..60);
    run(600, (words, any::<bool>()), |(words, spaced)| {
        let text = words.join(if spaced { " " } else { "" });
        let files = InMemory([("m.model".to_owned(), text)].into());
        makes_sense(&open("m.model", &files))
    });
}

#[test]
fn generated_characters_are_answered() {
    run(400, ".{0,80}", |text| {
        let files = InMemory([("m.model".to_owned(), text)].into());
        makes_sense(&open("m.model", &files))
    });
}

#[test]
fn generated_expressions_and_quantities_of_trials_are_answered() {
    let words = prop::collection::vec(prop::sample::select(PIECES), 0..20);
    run(600, (words, any::<bool>()), |(words, spaced)| {
        let text = words.join(if spaced { " " } else { "" });
        crate::expressions::answered(&text).map_err(TestCaseError::fail)
    });
}
