//! The little CSV the data sets need: quoted fields, no line breaks inside.

use std::collections::BTreeMap;

use crate::cases::folder;

pub(crate) struct Table {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

pub(crate) fn read(name: &str) -> Table {
    let text = std::fs::read_to_string(folder().join("data").join(name)).unwrap();
    let mut lines = text.lines().map(fields);
    Table { names: lines.next().unwrap(), rows: lines.collect() }
}

fn fields(line: &str) -> Vec<String> {
    let (mut all, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => all.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    all.push(field);
    all
}

impl Table {
    fn place(&self, name: &str) -> usize {
        self.names.iter().position(|n| n == name).unwrap()
    }

    /// The rows in which every named column has its value.
    pub(crate) fn with(mut self, conditions: &[(&str, &str)]) -> Self {
        for (name, value) in conditions {
            let place = self.place(name);
            self.rows.retain(|row| row[place] == *value);
        }
        self
    }

    /// The rows in which a column does not have a value.
    pub(crate) fn without(mut self, name: &str, value: &str) -> Self {
        let place = self.place(name);
        self.rows.retain(|row| row[place] != value);
        self
    }

    pub(crate) fn text(&self, name: &str) -> Vec<&str> {
        let place = self.place(name);
        self.rows.iter().map(|row| row[place].as_str()).collect()
    }

    /// Numbers, with NaN for an empty field.
    pub(crate) fn numbers(&self, name: &str) -> Vec<f64> {
        self.text(name)
            .into_iter()
            .map(|t| if t.is_empty() { f64::NAN } else { t.parse().unwrap() })
            .collect()
    }

    pub(crate) fn is(&self, name: &str, value: &str) -> Vec<bool> {
        self.text(name).into_iter().map(|t| t == value).collect()
    }

    /// Indices of the values among `levels`.
    pub(crate) fn levels(&self, name: &str, levels: &[&str]) -> Vec<usize> {
        self.text(name)
            .into_iter()
            .map(|t| levels.iter().position(|l| *l == t).unwrap())
            .collect()
    }

    /// The distinct values in order of text.
    pub(crate) fn distinct(&self, name: &str) -> Vec<&str> {
        let mut all = self.text(name);
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// For each subject of `subjects` the number of treatment-emergent adverse events in which every
/// named column has its value.
pub(crate) fn adverse_events(subjects: &Table, conditions: &[(&str, &str)]) -> Vec<u64> {
    let events = read("adae.csv").with(&[("TRTEMFL", "Y")]).with(conditions);
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for subject in events.text("USUBJID") {
        *counts.entry(subject).or_default() += 1;
    }
    let count = |subject: &str| counts.get(subject).copied().unwrap_or(0);
    subjects.text("USUBJID").into_iter().map(count).collect()
}

pub(crate) fn as_numbers(flags: &[bool]) -> Vec<f64> {
    flags.iter().map(|&f| f64::from(u8::from(f))).collect()
}
