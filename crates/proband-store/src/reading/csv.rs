//! Comma-separated values as RFC 4180 has them: a line of names, fields in quotes where they hold
//! commas, quotes (doubled) or line breaks. Lines may end in either way, and a byte order mark is
//! passed over, and so are blank lines. Nothing, `NA` and `.` are missing values.

use super::{ReadError, ReadFault, UserColumn, UserTable, typed};
use std::fs;
use std::path::Path;

pub(super) fn read(path: &Path) -> Result<UserTable, ReadError> {
    let bytes = fs::read(path).map_err(ReadError::io(path))?;
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))?;
    parse(path, text.trim_start_matches('\u{feff}'))
}

/// The line of the first byte that is no UTF-8.
fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> ReadError {
    let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
    let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
    let message = "is not UTF-8 text: save it as UTF-8".into();
    ReadError::new(path, vec![ReadFault { row: None, line: Some(line), column: None, message }])
}

fn parse(path: &Path, text: &str) -> Result<UserTable, ReadError> {
    let mut records = Records { rest: text, line: 1 };
    let Some(header) = records.next() else {
        return Err(ReadError::whole(path, "is empty: the first line names the columns"));
    };
    let mut faults = header.fault(None).into_iter().collect::<Vec<_>>();
    let names: Vec<String> = header.fields.iter().map(|name| name.trim().to_owned()).collect();
    faults.extend(name_faults(&names));
    let mut columns = vec![Vec::new(); names.len()];
    let mut rows = 0;
    for record in records.filter(|record| !record.is_blank()) {
        rows += 1;
        faults.extend(record.fault(Some(rows)));
        faults.extend(record.count_fault(rows, names.len()));
        let fields = record.fields.into_iter().map(present).chain(std::iter::repeat(None));
        for (column, field) in columns.iter_mut().zip(fields) {
            column.push(field);
        }
    }
    if !faults.is_empty() {
        return Err(ReadError::new(path, faults));
    }
    let columns = names.into_iter().zip(columns);
    let columns =
        columns.map(|(name, values)| UserColumn { name, unit: None, values: typed(values) });
    Ok(UserTable { path: path.into(), columns: columns.collect(), rows })
}

/// Columns without a name, and names that stand twice.
fn name_faults(names: &[String]) -> Vec<ReadFault> {
    let fault = |message| ReadFault { row: None, line: Some(1), column: None, message };
    let faults = names.iter().enumerate().filter_map(|(index, name)| {
        if name.is_empty() {
            Some(fault(format!("column {} has no name", index + 1)))
        } else if names[..index].contains(name) {
            Some(fault(format!("two columns are named `{name}`")))
        } else {
            None
        }
    });
    faults.collect()
}

fn present(field: String) -> Option<String> {
    let trimmed = field.trim();
    match trimmed {
        "" | "NA" | "." => None,
        _ if trimmed.len() == field.len() => Some(field),
        _ => Some(trimmed.to_owned()),
    }
}

/// The records of a file, one after another.
struct Records<'a> {
    rest: &'a str,
    line: usize,
}

struct Record {
    /// The line on which it begins.
    line: usize,
    fields: Vec<String>,
    /// What is wrong with a quoted field of it.
    broken: Option<&'static str>,
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if self.rest.is_empty() {
            return None;
        }
        let mut record = Record { line: self.line, fields: Vec::new(), broken: None };
        while self.field(&mut record) {}
        Some(record)
    }
}

impl Records<'_> {
    /// Reads a field and what ends it; whether another field of the record follows.
    fn field(&mut self, record: &mut Record) -> bool {
        let mut field = String::new();
        if let Some(quoted) = self.rest.strip_prefix('"') {
            self.rest = quoted;
            self.quoted(&mut field, record);
        }
        let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
        let (plain, rest) = self.rest.split_at(end);
        field.push_str(plain.strip_suffix('\r').unwrap_or(plain));
        record.fields.push(field);
        self.rest = rest.get(1..).unwrap_or_default();
        self.line += usize::from(rest.starts_with('\n'));
        rest.starts_with(',')
    }

    /// Reads up to the quote that ends a field.
    fn quoted(&mut self, field: &mut String, record: &mut Record) {
        while let Some(end) = self.rest.find('"') {
            let (inside, rest) = self.rest.split_at(end);
            self.line += inside.matches('\n').count();
            field.push_str(inside);
            self.rest = &rest[1..];
            match self.rest.strip_prefix('"') {
                Some(rest) => {
                    field.push('"');
                    self.rest = rest;
                }
                None => {
                    if !(self.rest.is_empty() || self.rest.starts_with([',', '\r', '\n'])) {
                        record.broken = Some("text follows the quote that ends a field");
                    }
                    return;
                }
            }
        }
        record.broken = Some("a quote is never closed");
        self.rest = "";
    }
}

impl Record {
    fn is_blank(&self) -> bool {
        self.broken.is_none()
            && self.fields.iter().all(String::is_empty)
            && self.fields.len() == 1
    }

    fn fault(&self, row: Option<usize>) -> Option<ReadFault> {
        let message = self.broken?.to_owned();
        Some(ReadFault { row, line: Some(self.line), column: None, message })
    }

    fn count_fault(&self, row: usize, names: usize) -> Option<ReadFault> {
        let found = self.fields.len();
        let message = format!("has {found} fields, and the first line names {names} columns");
        let fault = ReadFault { row: Some(row), line: Some(self.line), column: None, message };
        (found != names && self.broken.is_none()).then_some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::super::UserValues;
    use super::*;

    fn table(text: &str) -> UserTable {
        parse(Path::new("people.csv"), text).unwrap()
    }

    fn faults(text: &str) -> String {
        parse(Path::new("people.csv"), text).unwrap_err().to_string()
    }

    fn texts(values: &[&str]) -> UserValues {
        UserValues::Texts(values.iter().map(|v| Some((*v).to_owned())).collect())
    }

    #[test]
    fn quotes_commas_and_line_breaks_within_fields() {
        let table =
            table("name,remark\r\n\"Ada, A.\",\"said \"\"no\"\"\"\r\nBo,\"two\nlines\"\r\n");
        assert_eq!(table.rows, 2);
        assert_eq!(table.columns[0].values, texts(&["Ada, A.", "Bo"]));
        assert_eq!(table.columns[1].values, texts(&["said \"no\"", "two\nlines"]));
    }

    #[test]
    fn numbers_with_missing_values() {
        let table = table("\u{feff}weight\n70\nNA\n.\n\n 1e2 ".trim_start_matches('\u{feff}'));
        let weights = table.numbers("weight").unwrap();
        assert_eq!(weights.len(), 4);
        assert_eq!((weights[0], weights[3]), (70.0, 100.0));
        assert!(weights[1].is_nan() && weights[2].is_nan());
    }

    #[test]
    fn a_text_among_numbers_is_named_by_row_and_column() {
        let error = table("age,sex\n50,F\nfifty,M\ninf,M\n").numbers("age").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`people.csv`, row 2, column `age`: `fifty` is not a number\n\
             `people.csv`, row 3, column `age`: `inf` is not a number"
        );
    }

    #[test]
    fn all_faults_at_once() {
        assert_eq!(
            faults("a,a,\n1,2\n1,2,\"x\"y\n1,2,\"open\n"),
            "`people.csv`, line 1: two columns are named `a`\n\
             `people.csv`, line 1: column 3 has no name\n\
             `people.csv`, row 1, line 2: has 2 fields, and the first line names 3 columns\n\
             `people.csv`, row 2, line 3: text follows the quote that ends a field\n\
             `people.csv`, row 3, line 4: a quote is never closed"
        );
        assert_eq!(faults(""), "`people.csv`: is empty: the first line names the columns");
    }

    #[test]
    fn a_missing_column_lists_those_there_are() {
        let error = table("age,sex\n50,F\n").numbers("weight").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`people.csv`: no column is named `weight`: it has `age`, `sex`"
        );
    }

    #[test]
    fn many_faults_are_cut_short() {
        let text = format!("age\n{}", "old\n".repeat(25));
        let error = table(&text).numbers("age").unwrap_err();
        assert_eq!((error.faults.len(), error.more), (20, 5));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a,\"\r\n .0é]*") {
            let _ = parse(Path::new("any.csv"), &text);
        }

        #[test]
        fn what_is_quoted_comes_back(
            cells in proptest::collection::vec("[a-z,\"\n]{1,8}x", 1..20),
        ) {
            let quoted = |cell: &String| format!("\"{}\"\n", cell.replace('"', "\"\""));
            let text = format!("c\n{}", cells.iter().map(quoted).collect::<String>());
            let read = table(&text).texts("c").unwrap();
            let expected = cells.iter().map(|c| Some(c.trim().to_owned())).collect::<Vec<_>>();
            proptest::prop_assert_eq!(read, expected);
        }
    }
}
