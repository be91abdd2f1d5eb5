//! Rows on their way out, column by column.

use super::{ColumnId, Kind, Schema, TableId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows of one table, kept column by column.
///
/// A row is filled by setting the columns that have a value, in any order, and closed by
/// [`Batch::end_row`]; what was not set is missing. Setting a column twice in a row replaces it.
#[derive(Clone, Debug)]
pub struct Batch {
    schema: Arc<Schema>,
    columns: Vec<Values>,
    rows: usize,
}

/// The values of a column.
#[derive(Clone, Debug)]
pub enum Values {
    /// Numbers; NaN is missing.
    Numbers(Vec<f64>),
    /// Whole numbers; `None` is missing.
    Integers(Vec<Option<i32>>),
    /// Texts by the codes of their levels; `None` is missing.
    Texts(Texts),
    /// `Y` (true), `N` (false) or missing.
    Flags(Vec<Option<bool>>),
    /// Days since 1970-01-01, or missing.
    Dates(Vec<Option<i32>>),
}

/// A text that a column of a batch knows, by number. It holds until the batch is cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(u32);

/// Texts, each distinct one stored once.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    levels: Vec<Arc<str>>,
    known: BTreeMap<Arc<str>, Code>,
    codes: Vec<Option<Code>>,
}

impl Batch {
    /// No rows yet.
    #[must_use]
    pub fn new(schema: Arc<Schema>) -> Self {
        let columns = schema.columns.iter().map(|column| Values::new(column.kind)).collect();
        Self { schema, columns, rows: 0 }
    }

    /// Forgets the rows and the codes, and keeps the memory.
    pub fn clear(&mut self) {
        self.columns.iter_mut().for_each(Values::clear);
        self.rows = 0;
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> TableId {
        self.schema.table
    }

    /// The columns.
    #[must_use]
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The number of closed rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The values of a column.
    #[must_use]
    pub fn values(&self, column: ColumnId) -> &Values {
        &self.columns[column.0]
    }

    /// Sets a number in the open row; NaN is missing.
    pub fn number(&mut self, column: ColumnId, value: f64) {
        match &mut self.columns[column.0] {
            Values::Numbers(values) => place(values, self.rows, f64::NAN, value),
            other => other.refuse("number"),
        }
    }

    /// Sets a whole number in the open row.
    pub fn integer(&mut self, column: ColumnId, value: impl Into<Option<i32>>) {
        match &mut self.columns[column.0] {
            Values::Integers(values) => place(values, self.rows, None, value.into()),
            other => other.refuse("integer"),
        }
    }

    /// Sets a flag in the open row: `Y` for true, `N` for false.
    pub fn flag(&mut self, column: ColumnId, value: impl Into<Option<bool>>) {
        match &mut self.columns[column.0] {
            Values::Flags(values) => place(values, self.rows, None, value.into()),
            other => other.refuse("flag"),
        }
    }

    /// Sets a date in the open row: days since 1970-01-01.
    pub fn date(&mut self, column: ColumnId, value: impl Into<Option<i32>>) {
        match &mut self.columns[column.0] {
            Values::Dates(values) => place(values, self.rows, None, value.into()),
            other => other.refuse("date"),
        }
    }

    /// The code of a text in a column of levels or texts, for [`Batch::code`].
    pub fn level(&mut self, column: ColumnId, text: &str) -> Code {
        match &mut self.columns[column.0] {
            Values::Texts(texts) => texts.level(text),
            other => other.refuse("text"),
        }
    }

    /// Sets a text, by its code in this column, in the open row.
    pub fn code(&mut self, column: ColumnId, code: impl Into<Option<Code>>) {
        match &mut self.columns[column.0] {
            Values::Texts(texts) => place(&mut texts.codes, self.rows, None, code.into()),
            other => other.refuse("text"),
        }
    }

    /// Sets a text in the open row; [`Batch::level`] once and [`Batch::code`] often is faster.
    pub fn text(&mut self, column: ColumnId, text: &str) {
        let code = self.level(column, text);
        self.code(column, code);
    }

    /// Sets a text in the open row, if there is one.
    pub fn maybe_text(&mut self, column: ColumnId, text: Option<&str>) {
        if let Some(text) = text {
            self.text(column, text);
        }
    }

    /// Closes the open row: columns that were not set are missing in it.
    pub fn end_row(&mut self) {
        self.rows += 1;
        for column in &mut self.columns {
            column.fill(self.rows);
        }
    }
}

/// Puts `value` at position `row`, which is either the last or one past it.
fn place<T>(values: &mut Vec<T>, row: usize, missing: T, value: T)
where
    T: Clone,
{
    values.resize(row + 1, missing);
    values[row] = value;
}

impl Values {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Number => Self::Numbers(Vec::new()),
            Kind::Integer => Self::Integers(Vec::new()),
            Kind::Level | Kind::Text => Self::Texts(Texts::default()),
            Kind::Flag => Self::Flags(Vec::new()),
            Kind::Date => Self::Dates(Vec::new()),
        }
    }

    fn clear(&mut self) {
        match self {
            Self::Numbers(values) => values.clear(),
            Self::Integers(values) => values.clear(),
            Self::Texts(texts) => texts.clear(),
            Self::Flags(values) => values.clear(),
            Self::Dates(values) => values.clear(),
        }
    }

    fn fill(&mut self, rows: usize) {
        match self {
            Self::Numbers(values) => values.resize(rows, f64::NAN),
            Self::Integers(values) => values.resize(rows, None),
            Self::Texts(texts) => texts.codes.resize(rows, None),
            Self::Flags(values) => values.resize(rows, None),
            Self::Dates(values) => values.resize(rows, None),
        }
    }

    /// Which kind a column has is fixed by the layout: to set another is a fault of the code.
    #[cold]
    #[expect(clippy::panic, reason = "no input of a user decides which setter is called")]
    fn refuse(&self, wanted: &str) -> ! {
        let found = match self {
            Self::Numbers(_) => "numbers",
            Self::Integers(_) => "integers",
            Self::Texts(_) => "texts",
            Self::Flags(_) => "flags",
            Self::Dates(_) => "dates",
        };
        panic!("a column of {found} was set to a {wanted}")
    }
}

impl Texts {
    fn level(&mut self, text: &str) -> Code {
        if let Some(&code) = self.known.get(text) {
            return code;
        }
        let count =
            u32::try_from(self.levels.len()).expect("a batch is smaller than 2^32 rows");
        let (level, code) = (Arc::<str>::from(text), Code(count));
        self.levels.push(Arc::clone(&level));
        self.known.insert(level, code);
        code
    }

    fn clear(&mut self) {
        self.levels.clear();
        self.known.clear();
        self.codes.clear();
    }

    /// The text in a row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        self.codes[row].map(|code| &*self.levels[code.index()])
    }

    /// The code in every row.
    #[must_use]
    pub fn codes(&self) -> &[Option<Code>] {
        &self.codes
    }

    /// The distinct texts, by code.
    #[must_use]
    pub fn levels(&self) -> &[Arc<str>] {
        &self.levels
    }
}

impl Code {
    /// The position among the levels.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
mod tests {
    use super::super::exclusions;
    use super::*;

    #[test]
    fn what_is_not_set_is_missing_and_what_is_set_twice_is_replaced() {
        let mut batch = Batch::new(Arc::new(exclusions()));
        let schema = Arc::clone(batch.schema());
        let (twin, reason, time) = (schema.at("TWIN"), schema.at("REASON"), schema.at("ATIME"));
        for round in 0..2 {
            batch.integer(twin, 3);
            batch.integer(twin, 4);
            batch.end_row();
            let renal = batch.level(reason, "renal");
            batch.code(reason, renal);
            batch.number(time, -14.0);
            batch.end_row();
            assert_eq!(batch.rows(), 2, "round {round}");
            assert!(matches!(batch.values(twin), Values::Integers(v) if *v == [Some(4), None]));
            assert!(matches!(batch.values(time), Values::Numbers(v) if v[0].is_nan()));
            let Values::Texts(texts) = batch.values(reason) else { unreachable!() };
            assert_eq!([texts.get(0), texts.get(1)], [None, Some("renal")]);
            assert_eq!(texts.levels().len(), 1);
            batch.clear();
        }
        assert_eq!(batch.rows(), 0);
    }
}
