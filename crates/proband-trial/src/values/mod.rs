//! The values of section 2 of the format: texts, numbers, shares, quantities, words, times.

mod time;

pub(crate) use time::{
    Point, day_of, duration, point, point_words, positive_duration, to_millisecond,
};

use crate::reading::Reading;
use crate::toml::{Digits, Node, Text, Value, wrong_type};
use crate::words::{self, did_you_mean, either};
use proband_diag::{Diagnostic, Span, code};
use proband_lang::{Declared, Unit, parse_quantity};

/// A text.
pub(crate) fn text(node: &Node, reading: &mut Reading) -> Option<String> {
    string(node, "a text is needed", reading).map(|text| text.text.clone())
}

/// A text with its place; `needed` begins the message of anything else.
pub(crate) fn string<'a>(
    node: &'a Node,
    needed: &str,
    reading: &mut Reading,
) -> Option<&'a Text> {
    let text = node.as_text();
    if text.is_none() {
        reading.fault(wrong_type(node, needed));
    }
    text
}

/// An expression, or a bare number that stands for one.
pub(crate) fn expression<'a>(node: &'a Node, reading: &mut Reading) -> Option<Written<'a>> {
    match &node.value {
        Value::Text(text) => Some(Written::Text(text)),
        Value::Number(_) => Some(Written::Number),
        _ => {
            reading.fault(wrong_type(node, "an expression is needed, as a text"));
            None
        }
    }
}

/// An expression as it may be written.
pub(crate) enum Written<'a> {
    Text(&'a Text),
    Number,
}

/// A date, in days since 1970-01-01.
pub(crate) fn date(node: &Node, reading: &mut Reading) -> Option<i32> {
    match node.value {
        Value::Date(Some(day)) => Some(day),
        _ => {
            let needed = "a date is needed, such as `2019-12-01`";
            reading.fault(wrong_type(node, needed));
            None
        }
    }
}

/// True or false.
pub(crate) fn flag(node: &Node, reading: &mut Reading) -> Option<bool> {
    match node.value {
        Value::Flag(flag) => Some(flag),
        _ => {
            reading.fault(wrong_type(node, "true or false is needed"));
            None
        }
    }
}

fn digits<'a>(node: &'a Node, needed: &str, reading: &mut Reading) -> Option<&'a Digits> {
    match &node.value {
        Value::Number(digits) => Some(digits),
        _ => {
            reading.fault(wrong_type(node, needed));
            None
        }
    }
}

/// A finite number.
pub(crate) fn number(node: &Node, reading: &mut Reading) -> Option<f64> {
    let digits = digits(node, "a number is needed", reading)?;
    if digits.value.is_finite() {
        return Some(digits.value);
    }
    out_of_range(node.span, format!("`{}` is not a finite number", digits.written), reading)
}

/// A number above zero.
pub(crate) fn positive(node: &Node, reading: &mut Reading) -> Option<f64> {
    let value = number(node, reading)?;
    if value > 0.0 {
        return Some(value);
    }
    out_of_range(node.span, format!("a number above 0 is needed, not {value}"), reading)
}

/// A whole number from 0.
pub(crate) fn whole(node: &Node, reading: &mut Reading) -> Option<u64> {
    whole_from(0, node, reading)
}

/// A whole number from 1.
pub(crate) fn count(node: &Node, reading: &mut Reading) -> Option<u64> {
    whole_from(1, node, reading)
}

fn whole_from(least: u64, node: &Node, reading: &mut Reading) -> Option<u64> {
    let digits = digits(node, "a whole number is needed", reading)?;
    let Some(whole) = digits.whole else {
        let fault = match digits.is_beyond() {
            true => {
                let message = format!("a whole number up to {} is needed", i64::MAX);
                Diagnostic::error(code::OUT_OF_RANGE, message, node.span)
            }
            false => wrong_type(node, "a whole number is needed"),
        };
        reading.fault(fault);
        return None;
    };
    u64::try_from(whole).ok().filter(|whole| *whole >= least).or_else(|| {
        let message = match least {
            0 => format!("a whole number from 0 is needed, not {whole}"),
            _ => format!("a whole number above 0 is needed, not {whole}"),
        };
        out_of_range(node.span, message, reading)
    })
}

fn out_of_range<T>(span: Span, message: impl Into<String>, reading: &mut Reading) -> Option<T> {
    reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
    None
}

/// A single share: `"5 %"`, or a number from 0 to below 1.
pub(crate) fn share(node: &Node, reading: &mut Reading) -> Option<f64> {
    match &node.value {
        Value::Number(digits) => bare_share(digits, node.span, reading),
        Value::Text(text) => {
            let (value, unit) = parse_quantity(text.fragment(), &mut reading.faults)?;
            let share = unit.factor_to(&Unit::one()).map(|factor| value * factor);
            let plain = unit == Unit::one() && !(0.0..1.0).contains(&value);
            match share {
                Some(share) if (0.0..=1.0).contains(&share) && !plain => Some(share),
                Some(_) => {
                    let message = format!("`{}` is not a share", text.text);
                    reading.fault(
                        Diagnostic::error(code::OUT_OF_RANGE, message, node.span)
                            .help("a share is from `\"0 %\"` to `\"100 %\"`"),
                    );
                    None
                }
                None => {
                    let message = format!("a share has no unit, but this is in {unit}");
                    reading.fault(Diagnostic::error(code::UNIT_MISMATCH, message, node.span));
                    None
                }
            }
        }
        _ => {
            reading.fault(wrong_type(node, "a share is needed"));
            None
        }
    }
}

/// A single share as a bare number: 1 is a mistake for 1 % as often as for all.
pub(crate) fn bare_share(digits: &Digits, span: Span, reading: &mut Reading) -> Option<f64> {
    let (value, written) = (digits.value, &digits.written);
    if (0.0..1.0).contains(&value) {
        return Some(value);
    }
    let fault = if (1.0..=1.0).contains(&value) {
        Diagnostic::error(code::OUT_OF_RANGE, "a single share is not written 1", span)
            .help("write `\"1 %\"` or `\"100 %\"`")
    } else {
        let help = if (0.0..=100.0).contains(&value) {
            format!("write `\"{written} %\"`")
        } else {
            "a share is from `\"0 %\"` to `\"100 %\"`".to_owned()
        };
        Diagnostic::error(code::OUT_OF_RANGE, format!("{written} is not a share"), span)
            .help(help)
    };
    reading.fault(fault);
    None
}

/// A share in a list that must sum to one: from 0 to 1.
pub(crate) fn part(node: &Node, reading: &mut Reading) -> Option<f64> {
    if let Value::Text(_) = node.value {
        return share(node, reading);
    }
    let value = number(node, reading)?;
    if (0.0..=1.0).contains(&value) {
        return Some(value);
    }
    out_of_range(node.span, format!("a share is from 0 to 1, not {value}"), reading)
}

/// Shares that must sum to one; reports them where they do not.
pub(crate) fn sum_to_one(
    shares: impl Iterator<Item = f64>,
    span: Span,
    reading: &mut Reading,
) -> Option<()> {
    let sum: f64 = shares.sum();
    if (sum - 1.0).abs() <= 1e-9 {
        return Some(());
    }
    let message = format!("the shares sum to {}, not 1", words::number(sum));
    reading.fault(Diagnostic::error(code::SHARES_DO_NOT_SUM, message, span));
    None
}

/// A quantity in the unit of its owner, whose name begins messages.
pub(crate) fn quantity(
    node: &Node,
    owner: &str,
    unit: &Unit,
    reading: &mut Reading,
) -> Option<f64> {
    let (value, found, written) = match &node.value {
        Value::Number(digits) => (digits.value, Unit::one(), digits.written.clone()),
        Value::Text(text) => {
            let (value, found) = parse_quantity(text.fragment(), &mut reading.faults)?;
            (value, found, text.text.clone())
        }
        _ => {
            reading.fault(wrong_type(node, &format!("`{owner}` is a quantity")));
            return None;
        }
    };
    let bare = found == Unit::one() && *unit != Unit::one() && value != 0.0;
    if bare {
        let message = format!("`{owner}` is in {unit}, a bare number has no unit");
        let help = format!("write `\"{written} {unit}\"`");
        reading.fault(Diagnostic::error(code::UNIT_MISMATCH, message, node.span).help(help));
        return None;
    }
    if value == 0.0 && found == Unit::one() {
        return Some(value);
    }
    match found.factor_to(unit) {
        Some(factor) => Some(value * factor),
        None => {
            let message = if *unit == Unit::one() {
                format!("`{owner}` has no unit, and this is in {found}")
            } else {
                format!("`{owner}` is in {unit}, and this is in {found}")
            };
            let fault = Diagnostic::error(code::UNIT_MISMATCH, message, node.span);
            reading.fault(fault.maybe_help(unit.difference(&found)));
            None
        }
    }
}

/// A unit of the language.
pub(crate) fn unit(node: &Node, reading: &mut Reading) -> Option<Unit> {
    let text = string(node, "a unit is a text", reading)?;
    match Unit::parse(&text.text, &Declared::default()) {
        Ok(unit) => Some(unit),
        Err(unknown) => {
            let span = text.span(unknown.range.clone());
            let fault = Diagnostic::error(code::UNKNOWN_UNIT, unknown.message(), span);
            reading.fault(fault.maybe_help(unknown.help()));
            None
        }
    }
}

/// A quantity per time, in this unit per day.
pub(crate) fn rate(node: &Node, reading: &mut Reading) -> Option<f64> {
    let needed = "a rate is a number and a unit, such as `\"60 1/month\"`";
    let text = match &node.value {
        Value::Number(digits) => {
            no_rate_unit(&digits.written, node.span, reading);
            return None;
        }
        _ => string(node, needed, reading)?,
    };
    let (value, unit) = parse_quantity(text.fragment(), &mut reading.faults)?;
    if unit == Unit::one() {
        no_rate_unit(&text.text, node.span, reading);
        return None;
    }
    let factor = unit.factor_to(&Unit::one().per(&Unit::day()));
    if factor.is_none() {
        let message = format!("a rate is in 1/time, but this is in {unit}");
        reading.fault(Diagnostic::error(code::UNIT_MISMATCH, message, node.span));
    }
    factor.map(|factor| value * factor)
}

fn no_rate_unit(written: &str, span: Span, reading: &mut Reading) {
    let message = format!("a rate is in 1/time, but `{written}` has no unit");
    let help = format!("write `{written} 1/month`");
    reading.fault(Diagnostic::error(code::UNIT_MISMATCH, message, span).help(help));
}

/// One of some fixed words.
pub(crate) fn word<T: Copy>(
    words: &[(&str, T)],
    node: &Node,
    reading: &mut Reading,
) -> Option<T> {
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let needed = format!("one of {} is needed", either(&known));
    let text = string(node, &needed, reading)?;
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.text) {
        return Some(*value);
    }
    let message = format!("`{}` is not one of {}", text.text, either(&known));
    let help = did_you_mean(&text.text, known);
    reading.fault(Diagnostic::error(code::UNKNOWN_WORD, message, node.span).maybe_help(help));
    None
}

/// A list, or a single item that stands for a list of one.
pub(crate) fn list<'a, T>(
    node: &'a Node,
    reading: &mut Reading,
    mut item: impl FnMut(&'a Node, &mut Reading) -> Option<T>,
) -> Option<Vec<T>> {
    let items = match &node.value {
        Value::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let read: Vec<Option<T>> = items.iter().map(|node| item(node, reading)).collect();
    read.into_iter().collect()
}

/// A list of texts, each with its place.
pub(crate) fn strings<'a>(node: &'a Node, reading: &mut Reading) -> Option<Vec<&'a Text>> {
    list(node, reading, |item, reading| string(item, "a text is needed", reading))
}

/// Whether an id is a word of the expression language; reports it if it is not.
pub(crate) fn id(id: &str, span: Span, reading: &mut Reading) -> bool {
    let first = id.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    if first && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return true;
    }
    let message = "an id is letters, digits and `_`, starting with a letter";
    let mut mended: String =
        id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if !first {
        mended.insert(0, 'x');
    }
    let help = format!("write `{mended}`");
    reading.fault(Diagnostic::error(code::BAD_ID, message, span).help(help));
    false
}
