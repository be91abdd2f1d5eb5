//! The tree of a TOML file: every key and value with its place.

use super::date::days_since_1970;
use super::offsets;
use ::toml::de::{DeTable, DeValue};
use proband_diag::{Fragment, Offsets, SourceId, Span};
use std::ops::Range;

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// What it is.
    pub(crate) value: Value,
    /// The value; of a `[table]` its header.
    pub(crate) span: Span,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(Text),
    Number(Digits),
    Flag(bool),
    /// Days since 1970-01-01; none of a time of day.
    Date(Option<i32>),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A string, and where its characters stand in the file.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) text: String,
    source: SourceId,
    offsets: Offsets,
}

/// A number as written and what it is.
#[derive(Clone, Debug)]
pub(crate) struct Digits {
    /// The value.
    pub(crate) value: f64,
    /// The value of a whole number (written without a point).
    pub(crate) whole: Option<i64>,
    /// As written.
    pub(crate) written: String,
}

impl Digits {
    /// Whether it is a whole number of more than 64 bits.
    pub(crate) fn is_beyond(&self) -> bool {
        self.whole.is_none()
            && !self.written.contains(|c: char| !c.is_ascii_digit() && c != '-')
    }
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) node: Node,
}

impl Entry {
    /// The key as a value, where keys are values (time points).
    pub(crate) fn key_as_text(&self) -> Node {
        let start = self.key_span.start.saturating_add(1);
        let offsets = Offsets::From(start);
        let text = Text { text: self.key.clone(), source: self.key_span.source, offsets };
        Node { value: Value::Text(text), span: self.key_span }
    }
}

impl Text {
    /// The string as a piece of its file, for a parser of its own.
    pub(crate) fn fragment(&self) -> Fragment<'_> {
        Fragment { source: self.source, text: &self.text, offsets: self.offsets.clone() }
    }

    /// The place of the string, between its quotes.
    pub(crate) fn place(&self) -> Span {
        self.span(0..self.text.len())
    }

    /// The place of a part of the string.
    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        self.fragment().span(range)
    }
}

impl Node {
    pub(super) fn new(
        source: SourceId,
        file: &str,
        value: &::toml::Spanned<DeValue<'_>>,
    ) -> Self {
        let range = value.span();
        let content = match value.get_ref() {
            DeValue::String(text) => Value::Text(Text {
                text: text.to_string(),
                source,
                offsets: offsets::of_string(file, range.clone(), text),
            }),
            DeValue::Integer(digits) => whole(digits.as_str(), digits.radix()),
            DeValue::Float(digits) => Value::Number(Digits {
                value: digits.as_str().parse().unwrap_or(f64::NAN),
                whole: None,
                written: digits.as_str().to_owned(),
            }),
            DeValue::Boolean(flag) => Value::Flag(*flag),
            DeValue::Datetime(moment) => {
                let date = moment.date.filter(|_| moment.time.is_none());
                Value::Date(
                    date.map(|d| days_since_1970(d.year.into(), d.month.into(), d.day.into())),
                )
            }
            DeValue::Array(list) => {
                Value::List(list.iter().map(|item| Self::new(source, file, item)).collect())
            }
            DeValue::Table(table) => Value::Table(entries(source, file, table)),
        };
        Self { value: content, span: source.span(range) }
    }

    /// The entries, of a table.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The value under a key, of a table.
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The string, of a string.
    pub(crate) fn as_text(&self) -> Option<&Text> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A whole number beyond 64 bits is kept as the nearest number; no key takes one.
fn whole(digits: &str, radix: u32) -> Value {
    let whole = i64::from_str_radix(digits, radix).ok();
    #[expect(clippy::cast_precision_loss, reason = "no key takes whole numbers beyond 2^53")]
    let value = whole.map_or_else(|| digits.parse().unwrap_or(f64::INFINITY), |w| w as f64);
    Value::Number(Digits { value, whole, written: digits.to_owned() })
}

pub(super) fn entries(source: SourceId, file: &str, table: &DeTable<'_>) -> Vec<Entry> {
    table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_span: source.span(key.span()),
            node: Node::new(source, file, value),
        })
        .collect()
}
