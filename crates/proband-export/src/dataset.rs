//! A table as a format has it: the names of columns, their labels, lengths and values.

use crate::survey::Survey;
use crate::tables;
use proband_engine::tables::{ColumnId, Kind, TableId};
use proband_store::StoredTable;
use std::sync::Arc;

/// A table as a format has it.
#[derive(Clone, Debug)]
pub(crate) struct Dataset {
    pub(crate) table: TableId,
    /// Its name in the format.
    pub(crate) name: String,
    /// The name of its file.
    pub(crate) file: String,
    /// What its rows are.
    pub(crate) label: &'static str,
    pub(crate) rows: u64,
    pub(crate) variables: Vec<Variable>,
}

/// A column as a format has it.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    /// The column of the table.
    pub(crate) column: ColumnId,
    /// Which piece of its texts this is, from 0, where a format cuts them.
    pub(crate) piece: usize,
    /// The name in the format.
    pub(crate) name: String,
    /// The name in the table.
    pub(crate) source: String,
    /// What it means, with the unit.
    pub(crate) label: String,
    pub(crate) kind: Kind,
    /// The format that SAS shows its numbers in, where they are dates there.
    pub(crate) format: Option<&'static str>,
    pub(crate) unit: Option<String>,
    /// The longest text, at least 1: characters, or bytes where a format counts those.
    pub(crate) length: usize,
    /// The position in the key, from 1.
    pub(crate) key: Option<usize>,
    /// Whether every row has a value.
    pub(crate) complete: bool,
    /// The levels that occur.
    pub(crate) levels: Vec<Arc<str>>,
}

impl Dataset {
    /// A table under its own names, in capitals as CDISC writes them.
    pub(crate) fn new(table: &StoredTable, survey: &Survey, ending: &str) -> Self {
        let schema = table.schema();
        let mut variables: Vec<Variable> =
            (0..schema.columns.len()).map(|at| variable(table, survey, ColumnId(at))).collect();
        for (position, column) in schema.key().enumerate() {
            variables[column.0].key = Some(position + 1);
        }
        Self {
            table: schema.table,
            name: schema.table.name().to_uppercase(),
            file: format!("{}.{ending}", schema.table.name()),
            label: tables::of(schema.table).label,
            rows: table.rows(),
            variables,
        }
    }
}

impl Variable {
    /// Whether its values are texts.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Level | Kind::Text | Kind::Flag)
    }
}

fn variable(table: &StoredTable, survey: &Survey, at: ColumnId) -> Variable {
    let (column, contents) = (&table.schema().columns[at.0], survey.column(at));
    let label = match &column.unit {
        Some(unit) => format!("{} ({unit})", column.label),
        None => column.label.clone(),
    };
    Variable {
        column: at,
        piece: 0,
        name: column.name.clone(),
        source: column.name.clone(),
        label,
        kind: column.kind,
        format: None,
        unit: column.unit.clone(),
        length: contents.characters.max(1),
        key: None,
        complete: !contents.missing,
        levels: table.levels(at).to_vec(),
    }
}
