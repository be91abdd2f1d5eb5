//! What formats have to know of a table before they write its first row.

use crate::error::Result;
use crate::xpt::pieces;
use proband_engine::tables::{Batch, ColumnId, Kind, Values};
use proband_store::StoredTable;

/// What is in the columns of a table.
#[derive(Clone, Debug)]
pub(crate) struct Survey {
    columns: Vec<Contents>,
}

/// What is in a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    /// Characters of the longest text.
    pub(crate) characters: usize,
    /// Bytes of the longest first, second, ... piece that XPORT cuts a text into.
    pub(crate) pieces: Vec<usize>,
    /// Whether a text has a character beyond ASCII.
    pub(crate) beyond_ascii: bool,
    /// Rows with an infinite number.
    pub(crate) infinite: u64,
    /// Whether a row has no value.
    pub(crate) missing: bool,
}

impl Survey {
    /// Reads a table.
    pub(crate) fn of(table: &StoredTable) -> Result<Self> {
        let kinds: Vec<Kind> =
            table.schema().columns.iter().map(|column| column.kind).collect();
        let mut columns = vec![Contents::default(); kinds.len()];
        for (index, contents) in columns.iter_mut().enumerate() {
            table.levels(ColumnId(index)).iter().for_each(|level| contents.text(level));
        }
        table.read(|piece| {
            for (index, contents) in columns.iter_mut().enumerate() {
                contents.add(piece, ColumnId(index), kinds[index]);
            }
            Ok::<(), crate::ExportError>(())
        })?;
        Ok(Self { columns })
    }

    /// What is in a column.
    pub(crate) fn column(&self, column: ColumnId) -> &Contents {
        &self.columns[column.0]
    }
}

impl Contents {
    fn add(&mut self, piece: &Batch, column: ColumnId, kind: Kind) {
        match piece.values(column) {
            Values::Numbers(numbers) => {
                self.missing |= numbers.iter().any(|number| number.is_nan());
                self.infinite += numbers.iter().filter(|n| n.is_infinite()).count() as u64;
            }
            Values::Integers(values) | Values::Dates(values) => {
                self.missing |= values.contains(&None);
            }
            Values::Flags(flags) => self.missing |= flags.contains(&None),
            Values::Texts(texts) => {
                self.missing |= texts.codes().contains(&None);
                if kind == Kind::Text {
                    texts.levels().iter().for_each(|text| self.text(text));
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.characters = self.characters.max(text.chars().count());
        self.beyond_ascii |= !text.is_ascii();
        for (index, piece) in pieces(text).enumerate() {
            match self.pieces.get_mut(index) {
                Some(longest) => *longest = piece.len().max(*longest),
                None => self.pieces.push(piece.len()),
            }
        }
    }
}
