//! Tables that this version cannot use yet. Each is a `not-supported` fault at its header, and is read
//! all the same, so that a misspelt key or a wrong unit in it is told too.

mod looks;

use super::analyses::Setting;
use crate::Analysis;
use crate::keys::Keys;
use crate::reading::Reading;
use crate::toml::{Entry, Node, Table};

/// What these tables are checked against.
pub(crate) struct Later<'a> {
    pub(crate) file: &'a Node,
    pub(crate) setting: &'a Setting<'a>,
    pub(crate) analyses: &'a [(String, Option<Analysis>)],
}

impl Later<'_> {
    /// Reads every table that waits for a later version.
    pub(crate) fn read(&mut self, reading: &mut Reading) {
        self.looks(reading);
        self.sequential(reading);
        self.adaptations(reading);
        self.escalation(reading);
    }

    /// A table of the file by itself, reported and then read.
    fn table(
        &mut self,
        key: &str,
        keys: Keys,
        what: &str,
        reading: &mut Reading,
        read: impl FnOnce(&mut Self, &Table<'_>, &mut Reading),
    ) {
        let file = self.file;
        let Some(entry) = file.get(key) else { return };
        reading.later_table(entry.key_span, what, |reading| {
            if let Some(table) = Table::open(&entry.node, key, keys, reading) {
                read(self, &table, reading);
            }
        });
    }

    /// Each entry of a table of ids, reported and then read.
    fn each(
        &mut self,
        key: &str,
        keys: Keys,
        what: &str,
        reading: &mut Reading,
        read: impl Fn(&mut Self, &Entry, &Table<'_>, &mut Reading),
    ) {
        for entry in super::named::named(self.file, key, reading) {
            reading.later_table(entry.key_span, what, |reading| {
                let path = format!("{key}.{}", entry.key);
                if let Some(table) = Table::open(&entry.node, path, keys, reading) {
                    read(self, entry, &table, reading);
                }
            });
        }
    }
}
