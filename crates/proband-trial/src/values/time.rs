//! Durations (`"7 day"`) and time points (`"week 24"`): both in days.

use super::string;
use crate::reading::Reading;
use crate::toml::Node;
use crate::words::{self, did_you_mean};
use proband_diag::{Diagnostic, Span, code};
use proband_lang::{Unit, parse_quantity};

/// A planned instant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    /// Days since day 1.
    pub(crate) day: f64,
    /// hour, day, week, month or year.
    pub(crate) word: String,
    /// The number after the word.
    pub(crate) number: f64,
    /// Where it stands.
    pub(crate) span: Span,
}

impl Point {
    /// `week 24`.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.word, words::number(self.number))
    }
}

/// The words of time points, with their length in days. A month is 30.4375 days, a year 365.25.
const POINT_WORDS: [(&str, f64); 5] =
    [("hour", 1.0 / 24.0), ("day", 1.0), ("week", 7.0), ("month", 30.4375), ("year", 365.25)];

/// The longest time that a trial can speak of, in days: a thousand years.
const LONGEST: f64 = 365_250.0;

/// Why a word and a number are no time point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPoint {
    DayZero,
    TooFar,
    UnknownWord,
}

impl NoPoint {
    /// The fault of a time point that is shown so.
    pub(crate) fn diagnostic(self, shown: &str, span: Span) -> Diagnostic {
        match self {
            Self::DayZero => Diagnostic::error(code::NO_DAY_ZERO, "there is no day 0", span)
                .help("the first day is `day 1` or `week 0`, the day before is `day -1`"),
            Self::TooFar => {
                let message = format!("`{shown}` is more than 1000 years away");
                Diagnostic::error(code::OUT_OF_RANGE, message, span)
            }
            Self::UnknownWord => {
                let message = format!("`{shown}` is not a time point");
                Diagnostic::error(code::WRONG_TYPE, message, span)
                    .help("write a word of time and a number, such as `week 24`")
            }
        }
    }
}

/// Days since day 1 of a time point. `day 1` and `week 0` are 0; `day -1` is one day before.
pub(crate) fn day_of(word: &str, number: f64) -> Result<f64, NoPoint> {
    let length = POINT_WORDS.iter().find(|(known, _)| *known == word);
    let &(_, length) = length.ok_or(NoPoint::UnknownWord)?;
    let days = match word {
        "day" if number >= 1.0 => number - 1.0,
        "day" if number > -1.0 => return Err(NoPoint::DayZero),
        _ => number * length,
    };
    if days.abs() > LONGEST { Err(NoPoint::TooFar) } else { Ok(to_millisecond(days)) }
}

/// A time in days, rounded to a millisecond: so that `hour 8` is the same number however it is
/// arrived at.
pub(crate) fn to_millisecond(days: f64) -> f64 {
    const MILLISECONDS: f64 = 86_400_000.0;
    (days * MILLISECONDS).round() / MILLISECONDS + 0.0
}

/// A time in days as a person would write it: `week 25`, `day 4`, `day -7`.
pub(crate) fn point_words(day: f64) -> String {
    if day % 7.0 == 0.0 {
        return format!("week {}", words::number(day / 7.0));
    }
    format!("day {}", words::number(if day < 0.0 { day } else { day + 1.0 }))
}

/// A time point.
pub(crate) fn point(node: &Node, reading: &mut Reading) -> Option<Point> {
    let text = string(node, "a time point such as `\"week 24\"` is needed", reading)?;
    let refused = match split(&text.text) {
        Some((word, number)) => match day_of(word, number) {
            Ok(day) => {
                return Some(Point { day, word: word.to_owned(), number, span: node.span });
            }
            Err(reason) => reason.diagnostic(&text.text, node.span),
        },
        None => not_a_point(&text.text, node.span),
    };
    reading.fault(refused);
    None
}

/// Word and number of `week 24`.
fn split(text: &str) -> Option<(&str, f64)> {
    let (word, number) = text.split_once(' ')?;
    let known = POINT_WORDS.iter().any(|(known, _)| *known == word);
    let plain = number.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    (known && plain).then(|| number.parse().ok()).flatten().map(|number| (word, number))
}

fn not_a_point(text: &str, span: Span) -> Diagnostic {
    if let Some((number, word)) = as_duration(text) {
        let message = format!("`{text}` is a duration where a time point is needed");
        return Diagnostic::error(code::WRONG_TYPE, message, span)
            .help(format!("write `{word} {number}`"));
    }
    let first = text.split(' ').next().unwrap_or("");
    let fault = NoPoint::UnknownWord.diagnostic(text, span);
    fault.maybe_help(did_you_mean(first, POINT_WORDS.iter().map(|(word, _)| *word)))
}

/// Number and word of `24 week`.
fn as_duration(text: &str) -> Option<(&str, &str)> {
    let (number, unit) = text.split_once(' ')?;
    number.parse::<f64>().ok()?;
    let word = if unit == "h" { "hour" } else { unit };
    POINT_WORDS.iter().any(|(known, _)| *known == word).then_some((number, word))
}

/// A duration of zero or more, in days.
pub(crate) fn duration(node: &Node, reading: &mut Reading) -> Option<f64> {
    let text = string(node, "a duration such as `\"7 day\"` is needed", reading)?;
    if let Some((word, number)) = split(&text.text) {
        let unit = if word == "hour" { "h" } else { word };
        let message = format!("`{}` is a time point where a duration is needed", text.text);
        let help = format!("write `{} {unit}`", words::number(number));
        reading.fault(Diagnostic::error(code::WRONG_TYPE, message, node.span).help(help));
        return None;
    }
    let (value, unit) = parse_quantity(text.fragment(), &mut reading.faults)?;
    let days = unit.factor_to(&Unit::day()).map(|factor| value * factor);
    match days {
        Some(days) if days > LONGEST => {
            let message = format!("`{}` is longer than 1000 years", text.text);
            reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, node.span));
            None
        }
        Some(days) if days >= 0.0 => days.into(),
        Some(_) => {
            let message = format!("a duration is not below 0, and this is `{}`", text.text);
            reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, node.span));
            None
        }
        None => {
            let unit = crate::expression::in_unit(&unit);
            let message = format!("a duration is a time, and this {unit}");
            let help = "write a unit of time after the number, such as `\"7 day\"`";
            reading
                .fault(Diagnostic::error(code::UNIT_MISMATCH, message, node.span).help(help));
            None
        }
    }
}

/// A duration above zero, in days.
pub(crate) fn positive_duration(node: &Node, reading: &mut Reading) -> Option<f64> {
    let days = duration(node, reading)?;
    if days > 0.0 {
        return Some(days);
    }
    reading.fault(Diagnostic::error(
        code::OUT_OF_RANGE,
        "a duration above 0 is needed",
        node.span,
    ));
    None
}
