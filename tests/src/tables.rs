//! The tables of a run as rows by column name, for tests that ask for one cell.

use proband_engine::tables::{Batch, Kept, Values};
use std::collections::BTreeMap;

/// A value of a table.
#[derive(Clone, Debug)]
pub enum Cell {
    /// A number, whole or not.
    Number(f64),
    /// A text or level.
    Text(String),
    /// `Y` or `N`.
    Flag(bool),
    /// Days since 1970-01-01.
    Date(i32),
}

/// The same value, to the bit.
impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.to_bits() == b.to_bits(),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Flag(a), Self::Flag(b)) => a == b,
            (Self::Date(a), Self::Date(b)) => a == b,
            _ => false,
        }
    }
}

/// A row: what is missing has no entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row(pub BTreeMap<String, Cell>);

impl Row {
    /// A number; NaN where it is missing.
    #[must_use]
    pub fn number(&self, column: &str) -> f64 {
        match self.0.get(column) {
            Some(Cell::Number(number)) => *number,
            None => f64::NAN,
            other => panic!("{column} is no number: {other:?}"),
        }
    }

    /// A date, which is there, in days since 1970-01-01.
    #[must_use]
    pub fn date(&self, column: &str) -> i32 {
        match self.0.get(column) {
            Some(Cell::Date(day)) => *day,
            other => panic!("{column} is no date: {other:?}"),
        }
    }

    /// A text; empty where it is missing.
    #[must_use]
    pub fn text(&self, column: &str) -> &str {
        match self.0.get(column) {
            Some(Cell::Text(text)) => text,
            None => "",
            other => panic!("{column} is no text: {other:?}"),
        }
    }

    /// A flag, which is there.
    #[must_use]
    pub fn flag(&self, column: &str) -> bool {
        match self.0.get(column) {
            Some(Cell::Flag(flag)) => *flag,
            other => panic!("{column} is no flag: {other:?}"),
        }
    }

    /// The row without some columns.
    #[must_use]
    pub fn without(&self, columns: &[&str]) -> Self {
        let kept = self.0.iter().filter(|(name, _)| !columns.contains(&name.as_str()));
        Self(kept.map(|(name, cell)| (name.clone(), cell.clone())).collect())
    }
}

/// The tables of a run, and what the analyses keep of its participants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    rows: BTreeMap<String, Vec<Row>>,
    /// The bits of the participants' columns, shard after shard.
    columns: Vec<Vec<u64>>,
}

impl Tables {
    /// What a sink has kept.
    #[must_use]
    pub fn of(kept: Kept) -> Self {
        let mut tables = Self::default();
        for shard in kept.into_shards().into_values() {
            shard.tables.iter().for_each(|batch| tables.add(batch));
            tables.columns.resize(shard.columns.len(), Vec::new());
            for (all, column) in tables.columns.iter_mut().zip(shard.columns) {
                all.extend(column.into_iter().map(f64::to_bits));
            }
        }
        tables.sort_exclusions();
        tables
    }

    /// Exclusions stand in the order of the shards, and first those that were not enrolled; by twin,
    /// they do not depend on how a run is cut into shards.
    fn sort_exclusions(&mut self) {
        if let Some(rows) = self.rows.get_mut("exclusions") {
            rows.sort_by(|a, b| a.number("TWIN").total_cmp(&b.number("TWIN")));
        }
    }

    fn add(&mut self, batch: &Batch) {
        let rows = self.rows.entry(batch.table().name().to_owned()).or_default();
        rows.extend((0..batch.rows()).map(|row| row_of(batch, row)));
    }

    /// The rows of a table, participants in their order; none if the run does not keep it.
    #[must_use]
    pub fn rows(&self, table: &str) -> &[Row] {
        self.rows.get(table).map_or(&[], Vec::as_slice)
    }

    /// The tables by name.
    pub fn all(&self) -> impl Iterator<Item = (&str, &[Row])> {
        self.rows.iter().map(|(name, rows)| (name.as_str(), rows.as_slice()))
    }

    /// Rows whose texts are these.
    #[must_use]
    pub fn having(&self, table: &str, texts: &[(&str, &str)]) -> Vec<&Row> {
        let fits = |row: &&Row| texts.iter().all(|(column, text)| row.text(column) == *text);
        self.rows(table).iter().filter(fits).collect()
    }

    /// The rows of a table by participant.
    #[must_use]
    pub fn by_subject(&self, table: &str) -> BTreeMap<&str, Vec<&Row>> {
        let mut rows: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in self.rows(table) {
            rows.entry(row.text("USUBJID")).or_default().push(row);
        }
        rows
    }

    /// A number of each such row.
    #[must_use]
    pub fn numbers(&self, table: &str, texts: &[(&str, &str)], column: &str) -> Vec<f64> {
        self.having(table, texts).iter().map(|row| row.number(column)).collect()
    }
}

fn row_of(batch: &Batch, row: usize) -> Row {
    let mut cells = BTreeMap::new();
    for (position, column) in batch.schema().columns.iter().enumerate() {
        let cell = match batch.values(batch.schema().nth(position)) {
            Values::Numbers(values) => {
                (!values[row].is_nan()).then(|| Cell::Number(values[row]))
            }
            Values::Integers(values) => values[row].map(|value| Cell::Number(f64::from(value))),
            Values::Texts(texts) => texts.get(row).map(|text| Cell::Text(text.to_owned())),
            Values::Flags(values) => values[row].map(Cell::Flag),
            Values::Dates(values) => values[row].map(Cell::Date),
        };
        if let Some(cell) = cell {
            cells.insert(column.name.clone(), cell);
        }
    }
    Row(cells)
}
