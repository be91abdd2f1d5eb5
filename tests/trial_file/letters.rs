//! One wrong letter in any key of any example is a fault, unless it only renames something of the author's.

use crate::cases::{Outcome, examples, open, trials};
use proband_diag::InMemory;
use std::collections::BTreeSet;

/// The places of the words that are keys: words before `=` in a line, and words in headers, outside
/// comments, quoted text and the models between triple quotes.
fn keys(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let (mut at, mut in_model) = (0, false);
    for line in text.split_inclusive('\n') {
        let quotes = line.matches("'''").count();
        if !in_model {
            keys_of_line(line, at, &mut found);
        }
        in_model ^= quotes % 2 == 1;
        at += line.len();
    }
    found
}

fn keys_of_line(line: &str, at: usize, found: &mut Vec<std::ops::Range<usize>>) {
    let code = without_quoted(line);
    if code.trim_start().starts_with('[') {
        words(&code, at, found);
        return;
    }
    // A key stands before `=` that is not part of an expression (those are quoted, and so blank here).
    let mut start = 0;
    for (index, _) in code.match_indices('=') {
        let before = &code[start..index];
        let key = before.rfind([',', '{', '[']).map_or(0, |cut| cut + 1);
        words(&before[key..], at + start + key, found);
        start = index + 1;
    }
}

/// The line with quoted texts and the comment blanked.
fn without_quoted(line: &str) -> String {
    let mut quote = None;
    let mut comment = false;
    line.chars()
        .map(|c| {
            comment |= quote.is_none() && c == '#';
            let inside = quote.is_some();
            if !comment && (c == '"' || c == '\'') {
                quote = match quote {
                    None => Some(c),
                    Some(open) if open == c => None,
                    other => other,
                };
            }
            if inside || comment || c == '"' || c == '\'' { blank(c) } else { c.to_string() }
        })
        .collect()
}

fn blank(c: char) -> String {
    " ".repeat(c.len_utf8())
}

fn words(code: &str, at: usize, found: &mut Vec<std::ops::Range<usize>>) {
    let mut start = None;
    for (index, c) in code.char_indices().chain([(code.len(), ' ')]) {
        let word = c.is_ascii_alphanumeric() || c == '_';
        match (word, start) {
            (true, None) => start = Some(index),
            (false, Some(from)) => {
                if code[from..index].chars().any(|c| c.is_ascii_alphabetic()) {
                    found.push(at + from..at + index);
                }
                start = None;
            }
            _ => {}
        }
    }
}

/// The text with the middle letter of a word exchanged.
fn misspelt(text: &str, word: &std::ops::Range<usize>) -> String {
    let middle = word.start + word.len() / 2;
    let other = if &text[middle..=middle] == "q" { "k" } else { "q" };
    format!("{}{other}{}", &text[..middle], &text[middle + 1..])
}

fn faults(outcome: &Outcome, name: &str) -> BTreeSet<String> {
    let message =
        |line: String| line.split('\t').filter(|f| !f.is_empty()).collect::<Vec<_>>().join(" ");
    outcome.faults.sorted().into_iter().map(|f| message(outcome.line(f, name))).collect()
}

/// A word and its line, as `renamings.txt` lists those that are the author's own.
fn shown(name: &str, text: &str, word: &std::ops::Range<usize>) -> String {
    let line_start = text[..word.start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or("");
    format!("{name}: `{}` in `{}`", &text[word.clone()], line.trim())
}

#[test]
fn one_wrong_letter_in_a_key_is_a_fault_unless_it_renames() {
    let files = examples();
    let (mut count, mut passed) = (0, Vec::new());
    for name in trials(&files) {
        let text = files.0[&name].clone();
        let before = faults(&open(&name, &files), &name);
        for word in keys(&text) {
            count += 1;
            let mut wrong = InMemory(files.0.clone());
            wrong.0.insert(name.clone(), misspelt(&text, &word));
            let after = faults(&open(&name, &wrong), &name);
            if after.difference(&before).next().is_none() {
                passed.push(shown(&name, &text, &word));
            }
        }
    }
    let listed = crate::cases::read("tests/suite/trial-file/renamings.txt");
    let known: BTreeSet<&str> = listed.lines().collect();
    let unknown: Vec<&String> = passed.iter().filter(|p| !known.contains(p.as_str())).collect();
    assert!(count > 1200, "{count} keys found");
    assert!(
        unknown.is_empty(),
        "{} of {count} are no fault:\n{}",
        unknown.len(),
        passed.join("\n")
    );
}
