//! The files that a trial names, as texts: models as they are, tables as comma-separated values
//! whatever their format, so that one reader checks them and one hash names them.

use proband_diag::{Disk, Files};
use proband_export::quoted;
use proband_store::{UserColumn, UserTable, UserValues, read_table};
use std::io;
use std::path::Path;

/// The disk, where a Parquet file reads as the table that it holds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Inputs;

impl Files for Inputs {
    fn read(&self, path: &str) -> io::Result<String> {
        let ending = Path::new(path).extension().and_then(|ending| ending.to_str());
        if !ending.is_some_and(|ending| ending.eq_ignore_ascii_case("parquet")) {
            return Disk.read(path);
        }
        // What is not there should say so in the words of any other file.
        std::fs::metadata(path)?;
        let table = read_table(Path::new(path)).map_err(io::Error::other)?;
        Ok(as_csv(&table))
    }
}

/// A table as comma-separated values (RFC 4180); numbers in the shortest form that reads back to the
/// same bits, missing values empty. A column that no trial can use is left out.
fn as_csv(table: &UserTable) -> String {
    let usable = |column: &&UserColumn| !matches!(column.values, UserValues::Unusable(_));
    let columns: Vec<&UserColumn> = table.columns.iter().filter(usable).collect();
    let mut text = line(columns.iter().map(|column| quoted(&column.name).into_owned()));
    for row in 0..table.rows {
        text.push_str(&line(columns.iter().map(|column| cell(column, row))));
    }
    text
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let mut line = cells.collect::<Vec<_>>().join(",");
    line.push('\n');
    line
}

fn cell(column: &UserColumn, row: usize) -> String {
    match &column.values {
        UserValues::Numbers(numbers) if numbers[row].is_nan() => String::new(),
        UserValues::Numbers(numbers) => numbers[row].to_string(),
        UserValues::Texts(texts) => {
            texts[row].as_deref().map_or_else(String::new, |text| quoted(text).into_owned())
        }
        UserValues::Unusable(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_reads_as_the_text_it_would_have_been() {
        let table = UserTable {
            path: "people.parquet".into(),
            columns: vec![
                UserColumn {
                    name: "weight".into(),
                    unit: None,
                    values: UserValues::Numbers(vec![0.1, f64::NAN]),
                },
                UserColumn {
                    name: "said, \"quoted\"".into(),
                    unit: None,
                    values: UserValues::Texts(vec![Some("a,b".into()), None]),
                },
                UserColumn {
                    name: "when".into(),
                    unit: None,
                    values: UserValues::Unusable("dates".into()),
                },
            ],
            rows: 2,
        };
        let expected = "weight,\"said, \"\"quoted\"\"\"\n0.1,\"a,b\"\n,\n";
        assert_eq!(as_csv(&table), expected);
    }
}
