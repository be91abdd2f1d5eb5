//! Reading a table: known keys, missing keys, one value at a time.

use super::{Entry, Node, Value};
use crate::reading::Reading;
use proband_diag::{Diagnostic, Span, code, nearest};
use std::collections::BTreeSet;

/// A table of the file whose keys are known.
///
/// Opening it reports every unknown key, so that a misspelt one is told even where the rest of the
/// table cannot be used.
#[derive(Clone, Debug)]
pub(crate) struct Table<'a> {
    path: String,
    keys: &'static [&'static str],
    entries: &'a [Entry],
    span: Span,
}

impl<'a> Table<'a> {
    /// Opens the table at `node`, whose name in messages is `path`.
    pub(crate) fn open(
        node: &'a Node,
        path: impl Into<String>,
        keys: &'static [&'static str],
        reading: &mut Reading,
    ) -> Option<Self> {
        let path = path.into();
        let Value::Table(entries) = &node.value else {
            reading.fault(wrong_type(node, &format!("`{path}` is a table")));
            return None;
        };
        let table = Self { path, keys, entries, span: node.span };
        table.report_unknown_keys(reading);
        Some(table)
    }

    /// Opens the table of the file under a key, which is empty where the author wrote none.
    pub(crate) fn of_file(
        file: &'a Node,
        key: &str,
        keys: &'static [&'static str],
        reading: &mut Reading,
    ) -> Option<Self> {
        match file.get(key) {
            Some(entry) => Self::open(&entry.node, key, keys, reading),
            None => Some(Self { path: key.to_owned(), keys, entries: &[], span: file.span }),
        }
    }

    fn report_unknown_keys(&self, reading: &mut Reading) {
        for entry in self.entries {
            if !self.keys.contains(&entry.key.as_str()) {
                reading.fault(unknown_key(entry, &self.path, self.keys.iter().copied()));
            }
        }
    }

    /// Its name in messages.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The name of a key of it in messages.
    pub(crate) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Its header, or the whole of an inline table.
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// The entry of a key, which must be one of the table's keys.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Entry> {
        debug_assert!(
            self.keys.contains(&key),
            "`{key}` is missing from the keys of `{}`",
            self.path
        );
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The place of the value of a key; where it is not written, that of the table.
    pub(crate) fn place(&self, key: &str) -> Span {
        self.get(key).map_or(self.span, |entry| entry.node.span)
    }

    /// Whether the author wrote the key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The value of a key, if it is there and has no fault.
    pub(crate) fn read<T>(
        &self,
        key: &str,
        reading: &mut Reading,
        read: impl FnOnce(&'a Node, &mut Reading) -> Option<T>,
    ) -> Option<T> {
        read(&self.get(key)?.node, reading)
    }

    /// The value of a key that must be there; `why` completes the help.
    pub(crate) fn required<T>(
        &self,
        key: &str,
        why: &str,
        reading: &mut Reading,
        read: impl FnOnce(&'a Node, &mut Reading) -> Option<T>,
    ) -> Option<T> {
        if !self.has(key) {
            let message = format!("`{}` needs `{key}`", self.path);
            reading.fault(Diagnostic::error(code::MISSING_KEY, message, self.span).help(why));
        }
        self.read(key, reading, read)
    }

    /// The value of a key, or its default, which is then recorded as `shown`.
    pub(crate) fn or<T>(
        &self,
        key: &str,
        default: (T, &str),
        reading: &mut Reading,
        read: impl FnOnce(&'a Node, &mut Reading) -> Option<T>,
    ) -> T {
        if !self.has(key) {
            reading.defaulted(self.path_of(key), default.1);
        }
        self.read(key, reading, read).unwrap_or(default.0)
    }

    /// Reports a key that has no effect here.
    pub(crate) fn unused(&self, key: &str, message: &str, reading: &mut Reading) {
        if let Some(entry) = self.get(key) {
            reading.fault(Diagnostic::error(code::UNUSED_KEY, message, entry.key_span));
        }
    }

    /// Reports those of the keys that belong to something else than what is chosen, whose name in messages
    /// is `by`, and which uses what `used` says.
    pub(crate) fn unused_by(
        &self,
        by: &str,
        keys: impl IntoIterator<Item = &'static str>,
        used: impl Fn(&str) -> bool,
        reading: &mut Reading,
    ) {
        let each: BTreeSet<&str> = keys.into_iter().collect();
        for key in each.into_iter().filter(|key| !used(key)) {
            self.unused(key, &format!("`{key}` is not used by {by}"), reading);
        }
    }

    /// Reports a key that this version cannot do yet; `what` says what it would be.
    pub(crate) fn later(&self, key: &str, what: &str, reading: &mut Reading) {
        if let Some(entry) = self.get(key) {
            reading.later(entry.key_span, what);
        }
    }

    /// Reports all but the first of keys that exclude each other; `what` begins the message.
    pub(crate) fn one_of(&self, keys: &[&str], what: &str, reading: &mut Reading) {
        let there: Vec<&Entry> = keys.iter().filter_map(|key| self.get(key)).collect();
        if let [first, second, ..] = there[..] {
            let message = format!(
                "`{}` {what} twice, by `{}` and by `{}`",
                self.path, first.key, second.key
            );
            reading.fault(
                Diagnostic::error(code::CONFLICTING_KEYS, message, second.key_span)
                    .label(first.key_span, "first here")
                    .help("keep one"),
            );
        }
    }
}

/// The fault of a key that its table does not have.
pub(crate) fn unknown_key<'n>(
    entry: &Entry,
    path: &str,
    keys: impl IntoIterator<Item = &'n str>,
) -> Diagnostic {
    let keys: Vec<&str> = keys.into_iter().collect();
    let place = if path.is_empty() { String::new() } else { format!(" in `{path}`") };
    let message = format!("unknown key `{}`{place}", entry.key);
    let help = match nearest(&entry.key, keys.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("the keys here are {}", crate::words::listed(&keys)),
    };
    Diagnostic::error(code::UNKNOWN_KEY, message, entry.key_span).help(help)
}

/// The fault of a value of another type; `expected` says what is expected.
pub(crate) fn wrong_type(node: &Node, expected: &str) -> Diagnostic {
    let message = format!("{expected}, and this is {}", node.value.described());
    Diagnostic::error(code::WRONG_TYPE, message, node.span)
}

impl Value {
    /// What it is, in words.
    pub(crate) fn described(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(digits) if digits.whole.is_some() => "a whole number",
            Self::Number(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::Date(Some(_)) => "a date",
            Self::Date(None) => "a time of day",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}
