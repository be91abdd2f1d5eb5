//! Where the characters of a TOML string stand in its file.

use proband_diag::Offsets;
use std::ops::Range;
use std::sync::Arc;

/// The places of the bytes of `content`, the string that stands quoted at `range` of `file`.
pub(super) fn of_string(file: &str, range: Range<usize>, content: &str) -> Offsets {
    let raw = file.get(range.clone()).unwrap_or("");
    let start = range.start + opening(raw);
    if file.get(start..start + content.len()) == Some(content) {
        return Offsets::From(u32::try_from(start).unwrap_or(u32::MAX));
    }
    Offsets::Each(walk(file, start, content))
}

/// Length of the opening quote and of the line break that a multi-line string may begin with.
fn opening(raw: &str) -> usize {
    let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") { 3 } else { 1 };
    match raw.get(quotes..) {
        Some(rest) if quotes == 3 && rest.starts_with("\r\n") => quotes + 2,
        Some(rest) if quotes == 3 && rest.starts_with('\n') => quotes + 1,
        _ => quotes,
    }
}

/// Goes through the quoted text and its content side by side.
fn walk(file: &str, start: usize, content: &str) -> Arc<[u32]> {
    let mut at = start;
    let mut map = Vec::with_capacity(content.len() + 1);
    let place = |at: usize| u32::try_from(at.min(file.len())).unwrap_or(u32::MAX);
    for character in content.chars() {
        at = skip_nothing(file, at, character);
        map.extend(std::iter::repeat_n(place(at), character.len_utf8()));
        at += written_length(file.get(at..).unwrap_or(""));
    }
    map.push(place(at));
    map.into()
}

/// Passes what stands in the file and gives no character: a backslash at the end of a line with the
/// blanks after it, and the carriage return of a line break that is read as `\n`.
fn skip_nothing(file: &str, mut at: usize, wanted: char) -> usize {
    while let Some(rest) = file.get(at..) {
        let folded = rest
            .strip_prefix('\\')
            .filter(|after| after.trim_start_matches([' ', '\t', '\r']).starts_with('\n'));
        if let Some(after) = folded {
            at += 1 + (after.len() - after.trim_start().len());
        } else if rest.starts_with('\r') && wanted != '\r' {
            at += 1;
        } else {
            break;
        }
    }
    at
}

/// How many bytes the next character takes as written.
fn written_length(rest: &str) -> usize {
    let mut characters = rest.chars();
    match (characters.next(), characters.next()) {
        (Some('\\'), Some('u')) => 6,
        (Some('\\'), Some('U')) => 10,
        (Some('\\'), Some('x')) => 4,
        (Some('\\'), Some(_)) => 2,
        (Some(plain), _) => plain.len_utf8(),
        (None, _) => 0,
    }
}
