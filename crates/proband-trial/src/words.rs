//! Lists, plurals and near names in messages.

pub(crate) use proband_diag::did_you_mean;
use proband_diag::{Code, Diagnostic, Span, code};

/// `a, b and c`.
pub(crate) fn listed<T: AsRef<str>>(words: &[T]) -> String {
    joined(words, "and")
}

/// `a, b or c`.
pub(crate) fn either<T: AsRef<str>>(words: &[T]) -> String {
    joined(words, "or")
}

fn joined<T: AsRef<str>>(words: &[T], last: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    match quoted.as_slice() {
        [] => "none".to_owned(),
        [only] => only.clone(),
        [front @ .., end] => format!("{} {last} {end}", front.join(", ")),
    }
}

/// The fault of a name that nothing has.
pub(crate) fn unknown_name<'a>(
    name: &str,
    span: Span,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    Diagnostic::error(code::UNKNOWN_NAME, format!("unknown name `{name}`"), span)
        .maybe_help(did_you_mean(name, known))
}

/// The fault of an id by which nothing is named; `what` says what would be.
pub(crate) fn unnamed<'a>(
    what: &str,
    id: &str,
    span: Span,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    unnamed_as(code::UNKNOWN_NAME, what, id, span, known)
}

/// The same under a code of its own.
pub(crate) fn unnamed_as<'a>(
    code: Code,
    what: &str,
    id: &str,
    span: Span,
    known: impl IntoIterator<Item = &'a str>,
) -> Diagnostic {
    let message = format!("no {what} is named `{id}`");
    Diagnostic::error(code, message, span).maybe_help(did_you_mean(id, known))
}

/// A number as a person would write it.
pub(crate) fn number(value: f64) -> String {
    let rounded = (value * 1e9).round() / 1e9;
    format!("{}", if rounded.is_finite() && value.abs() < 1e6 { rounded } else { value })
}
