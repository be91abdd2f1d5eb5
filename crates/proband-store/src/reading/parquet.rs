//! Parquet files of users, batch by batch.

use super::{ReadError, UserColumn, UserTable, UserValues};
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, cast::AsArray};
use arrow_schema::{DataType, Field};
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::fmt::Display;
use std::fs::File;
use std::panic::catch_unwind;
use std::path::Path;

/// Reads a file. The Parquet library panics on some damaged files: that is a fault of the file, and
/// nothing of what it was doing is used afterwards.
pub(super) fn read(path: &Path) -> Result<UserTable, ReadError> {
    let read = catch_unwind(|| read_batches(path));
    read.unwrap_or_else(|_| Err(ReadError::whole(path, "cannot be read: it is damaged")))
}

fn read_batches(path: &Path) -> Result<UserTable, ReadError> {
    let failed =
        |error: &dyn Display| ReadError::whole(path, format!("cannot be read: {error}"));
    let file = File::open(path).map_err(ReadError::io(path))?;
    let again = file.try_clone().map_err(ReadError::io(path))?;
    // What Arrow noted beside the columns has their units; without it dictionaries come as texts.
    let noted = ParquetRecordBatchReaderBuilder::try_new(again).map_err(|e| failed(&e))?;
    let plain = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, plain)
        .map_err(|e| failed(&e))?;
    let fields = builder.schema().fields().iter().zip(noted.schema().fields());
    let mut columns: Vec<UserColumn> =
        fields.map(|(plain, noted)| empty(plain, noted)).collect();
    let mut rows = 0;
    for batch in builder.build().map_err(|e| failed(&e))? {
        let batch = batch.map_err(|e| failed(&e))?;
        rows += batch.num_rows();
        for (column, array) in columns.iter_mut().zip(batch.columns()) {
            append(&mut column.values, array.as_ref());
        }
    }
    Ok(UserTable { path: path.into(), columns, rows })
}

/// A column without values yet, of the kind that its type can be read as.
fn empty(plain: &Field, noted: &Field) -> UserColumn {
    let values = match plain.data_type() {
        DataType::Utf8 | DataType::Boolean => UserValues::Texts(Vec::new()),
        kind if reader(kind).is_some() => UserValues::Numbers(Vec::new()),
        kind => UserValues::Unusable(kind.to_string()),
    };
    let unit = noted.metadata().get("unit").cloned();
    UserColumn { name: plain.name().clone(), unit, values }
}

fn append(values: &mut UserValues, array: &dyn Array) {
    match values {
        UserValues::Numbers(numbers) => {
            reader(array.data_type()).expect("chosen by the type of the column")(
                numbers, array,
            );
        }
        UserValues::Texts(texts) if *array.data_type() == DataType::Boolean => {
            let word = |flag: bool| if flag { "true" } else { "false" };
            texts
                .extend(array.as_boolean().iter().map(|flag| flag.map(|f| word(f).to_owned())));
        }
        UserValues::Texts(texts) => {
            let strings = array.as_string::<i32>();
            texts.extend(strings.iter().map(|text| text.map(ToOwned::to_owned)));
        }
        UserValues::Unusable(_) => {}
    }
}

pub(super) type Reader = fn(&mut Vec<f64>, &dyn Array);

/// What turns values of a type into numbers, if they are numbers.
pub(super) fn reader(kind: &DataType) -> Option<Reader> {
    Some(match kind {
        DataType::Float64 => |numbers, array| extend::<Float64Type>(numbers, array, |v| v),
        DataType::Float32 => |numbers, array| extend::<Float32Type>(numbers, array, f64::from),
        DataType::Int8 => |numbers, array| extend::<Int8Type>(numbers, array, f64::from),
        DataType::Int16 => |numbers, array| extend::<Int16Type>(numbers, array, f64::from),
        DataType::Int32 => |numbers, array| extend::<Int32Type>(numbers, array, f64::from),
        // Whole numbers beyond 2^53 round to the nearest number.
        DataType::Int64 => |numbers, array| extend::<Int64Type>(numbers, array, |v| v as f64),
        DataType::UInt8 => |numbers, array| extend::<UInt8Type>(numbers, array, f64::from),
        DataType::UInt16 => |numbers, array| extend::<UInt16Type>(numbers, array, f64::from),
        DataType::UInt32 => |numbers, array| extend::<UInt32Type>(numbers, array, f64::from),
        DataType::UInt64 => |numbers, array| extend::<UInt64Type>(numbers, array, |v| v as f64),
        _ => return None,
    })
}

fn extend<T: ArrowPrimitiveType>(
    numbers: &mut Vec<f64>,
    array: &dyn Array,
    number: fn(T::Native) -> f64,
) {
    numbers.extend(array.as_primitive::<T>().iter().map(|v| v.map_or(f64::NAN, number)));
}

#[cfg(test)]
mod tests {
    use super::super::{UserTable, UserValues, read_table};
    use arrow_array::{
        ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    };
    use parquet::arrow::ArrowWriter;
    use std::fs::File;
    use std::sync::Arc;

    fn written(columns: Vec<(&str, ArrayRef)>) -> UserTable {
        let home = tempfile::TempDir::new().unwrap();
        let path = home.path().join("people.parquet");
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let file = File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        read_table(&path).unwrap()
    }

    #[test]
    fn whole_numbers_texts_and_truths_are_read_and_dates_are_not() {
        let table = written(vec![
            ("age", Arc::new(Int64Array::from(vec![Some(50), None]))),
            ("sex", Arc::new(StringArray::from(vec![Some("F"), None]))),
            ("smokes", Arc::new(BooleanArray::from(vec![true, false]))),
            ("born", Arc::new(Date32Array::from(vec![1, 2]))),
        ]);
        assert_eq!(table.rows, 2);
        let ages = table.numbers("age").unwrap();
        assert!(ages[0].to_bits() == 50f64.to_bits() && ages[1].is_nan());
        assert_eq!(table.texts("sex").unwrap(), [Some("F".into()), None]);
        assert_eq!(table.texts("smokes").unwrap(), ["true", "false"].map(|t| Some(t.into())));
        assert!(matches!(&table.columns[3].values, UserValues::Unusable(_)));
        let error = table.numbers("born").unwrap_err().to_string();
        assert!(
            error.ends_with(
                "column `born`: values of kind Date32 cannot be used, only numbers and texts"
            ),
            "{error}"
        );
    }

    #[test]
    fn infinities_are_named_by_row() {
        let table =
            written(vec![("x", Arc::new(Float64Array::from(vec![1.0, f64::NEG_INFINITY])))]);
        let error = table.numbers("x").unwrap_err().to_string();
        assert!(error.ends_with("row 2, column `x`: `-inf` is not a number"), "{error}");
    }

    #[test]
    fn what_is_no_parquet_file_is_a_fault() {
        let home = tempfile::TempDir::new().unwrap();
        let path = home.path().join("people.parquet");
        for content in [&b""[..], b"age,sex\n50,F\n", b"PAR1 and so on PAR1"] {
            std::fs::write(&path, content).unwrap();
            assert!(read_table(&path).is_err());
        }
        assert!(read_table(&home.path().join("nobody.parquet")).is_err());
        assert!(read_table(&home.path().join("people.xlsx")).is_err());
    }

    #[test]
    fn damaged_files_are_faults_and_never_panic() {
        let home = tempfile::TempDir::new().unwrap();
        let path = home.path().join("people.parquet");
        let ages: Int64Array = (0..300).map(|k| (k % 7 != 0).then_some(k * k)).collect();
        let names: StringArray = (0..300).map(|k| Some(format!("n{}", k % 50))).collect();
        let columns: [(&str, ArrayRef); 2] =
            [("age", Arc::new(ages)), ("name", Arc::new(names))];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut content = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut content, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        for (position, flip) in
            (0..content.len()).zip([0x01, 0x80, 0xff].iter().cycle()).step_by(4)
        {
            let mut damaged = content.clone();
            damaged[position] ^= flip;
            std::fs::write(&path, damaged).unwrap();
            // Either read or refused: both are answers.
            let _ = read_table(&path);
        }
    }
}
