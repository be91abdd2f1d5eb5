//! Schemas and batches in Arrow's terms, and the order in which rows are written.

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Metadata, SchemaRef};
use proband_engine::tables::{Batch, Column, Kind, Schema, Texts, Values};
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

/// The schema of a table as Arrow has it, with unit and label of each column as its metadata.
pub(crate) fn arrow_schema(schema: &Schema) -> SchemaRef {
    Arc::new(arrow_schema::Schema::new(schema.columns.iter().map(field).collect::<Vec<_>>()))
}

fn field(column: &Column) -> Field {
    let mut metadata = vec![("label".to_owned(), column.label.clone())];
    if let Some(unit) = &column.unit {
        metadata.push(("unit".to_owned(), unit.clone()));
    }
    let field = Field::new(&column.name, data_type(column.kind), true);
    field.with_metadata(metadata.into_iter().collect::<Metadata>())
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Number => DataType::Float64,
        Kind::Integer => DataType::Int32,
        Kind::Date => DataType::Date32,
        Kind::Text => DataType::Utf8,
        Kind::Level | Kind::Flag => {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
        }
    }
}

/// The order of the rows by the table's key. Rows of equal keys stay as they came.
pub(crate) fn row_order(batch: &Batch) -> Vec<usize> {
    let keys: Vec<Key<'_>> =
        batch.schema().key().map(|column| Key::new(batch.values(column))).collect();
    let compare = |a: &usize, b: &usize| {
        keys.iter()
            .map(|key| key.compare(*a, *b))
            .find(|o| o.is_ne())
            .unwrap_or(Ordering::Equal)
    };
    let mut order: Vec<usize> = (0..batch.rows()).collect();
    if !order.is_sorted_by(|a, b| compare(a, b).is_le()) {
        order.sort_by(compare);
    }
    order
}

/// A column that sorts; what is missing comes last.
enum Key<'a> {
    Numbers(&'a [f64]),
    Integers(&'a [Option<i32>]),
    Texts(&'a Texts, Vec<usize>),
    Flags(&'a [Option<bool>]),
}

impl<'a> Key<'a> {
    fn new(values: &'a Values) -> Self {
        match values {
            Values::Numbers(numbers) => Self::Numbers(numbers),
            Values::Integers(integers) | Values::Dates(integers) => Self::Integers(integers),
            Values::Texts(texts) => Self::Texts(texts, ranks(texts)),
            Values::Flags(flags) => Self::Flags(flags),
        }
    }

    fn compare(&self, a: usize, b: usize) -> Ordering {
        match self {
            Self::Numbers(values) => values[a]
                .is_nan()
                .cmp(&values[b].is_nan())
                .then_with(|| values[a].partial_cmp(&values[b]).unwrap_or(Ordering::Equal)),
            Self::Integers(values) => missing_last(values[a], values[b]),
            Self::Texts(texts, ranks) => {
                let rank = |row: usize| texts.codes()[row].map(|code| ranks[code.index()]);
                missing_last(rank(a), rank(b))
            }
            Self::Flags(values) => missing_last(values[a], values[b]),
        }
    }
}

fn missing_last<T: Ord>(a: Option<T>, b: Option<T>) -> Ordering {
    a.is_none().cmp(&b.is_none()).then_with(|| a.cmp(&b))
}

/// The place of every level in the order of texts.
fn ranks(texts: &Texts) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..texts.levels().len()).collect();
    sorted.sort_by(|&a, &b| texts.levels()[a].cmp(&texts.levels()[b]));
    let mut ranks = vec![0; sorted.len()];
    for (rank, code) in sorted.into_iter().enumerate() {
        ranks[code] = rank;
    }
    ranks
}

/// Some rows of a batch, in the order given, as Arrow has them.
pub(crate) fn record_batch(
    batch: &Batch,
    schema: &SchemaRef,
    rows: &[usize],
) -> Result<RecordBatch, ArrowError> {
    let columns = batch.schema().columns.iter().enumerate().map(|(index, column)| {
        array(column.kind, batch.values(proband_engine::tables::ColumnId(index)), rows)
    });
    RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<_, _>>()?)
}

fn array(kind: Kind, values: &Values, rows: &[usize]) -> Result<ArrayRef, ArrowError> {
    Ok(match values {
        Values::Numbers(values) => Arc::new(numbers(values, rows)),
        Values::Integers(values) => {
            Arc::new(rows.iter().map(|&row| values[row]).collect::<arrow_array::Int32Array>())
        }
        Values::Dates(values) => {
            Arc::new(rows.iter().map(|&row| values[row]).collect::<arrow_array::Date32Array>())
        }
        Values::Texts(texts) if kind == Kind::Text => {
            Arc::new(rows.iter().map(|&row| texts.get(row)).collect::<StringArray>())
        }
        Values::Texts(texts) => {
            let codes = rows.iter().map(|&row| texts.codes()[row].map(|c| c.index() as i32));
            dictionary(codes, StringArray::from_iter_values(texts.levels()))?
        }
        Values::Flags(values) => {
            let codes = rows.iter().map(|&row| values[row].map(i32::from));
            dictionary(codes, StringArray::from(vec!["N", "Y"]))?
        }
    })
}

fn numbers(values: &[f64], rows: &[usize]) -> arrow_array::Float64Array {
    let present = |&row: &usize| Some(values[row]).filter(|value| !value.is_nan());
    rows.iter().map(present).collect()
}

fn dictionary(
    codes: impl Iterator<Item = Option<i32>>,
    levels: StringArray,
) -> Result<ArrayRef, ArrowError> {
    let array = DictionaryArray::<Int32Type>::try_new(codes.collect(), Arc::new(levels))?;
    Ok(Arc::new(array))
}

/// Ranges of at most `size` rows that together are all `rows`.
pub(crate) fn pieces(rows: usize, size: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows).step_by(size).map(move |start| start..rows.min(start + size))
}
