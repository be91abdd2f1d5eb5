//! `population.file`: people as rows of a table.

use crate::csv::Csv;
use crate::files::TrialFiles;
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Node, Table, Text, Value};
use crate::values;
use proband_cohort::{PeopleDraw, PeopleFile};
use proband_diag::{Diagnostic, SourceId, Sources, code};

/// The people of a file, as far as they can be read here.
pub(super) struct People {
    pub(super) file: PeopleFile,
    /// The table; none of a Parquet file, which is read when twins are drawn.
    table: Option<(SourceId, String)>,
}

const DRAWS: [(&str, bool); 2] = [("bootstrap", true), ("in order", false)];

/// Reads `population.file`.
pub(super) fn read(
    population: &Table<'_>,
    files: &TrialFiles<'_>,
    sources: &mut Sources,
    reading: &mut Reading,
) -> Option<People> {
    let entry = population.get("file")?;
    let (path, draw) = match &entry.node.value {
        Value::Text(path) => {
            reading.defaulted("population.file.draw", "bootstrap");
            (path, PeopleDraw::Bootstrap { weight: None })
        }
        _ => table(&entry.node, reading)?,
    };
    let parquet = path.text.ends_with(".parquet");
    let table = if parquet { None } else { Some(files.source(path, sources, reading)?) };
    let people = People { file: PeopleFile { path: path.text.clone(), draw }, table };
    people.check_weights(&entry.node, reading);
    Some(people)
}

fn table<'a>(node: &'a Node, reading: &mut Reading) -> Option<(&'a Text, PeopleDraw)> {
    let table = Table::open(node, "population.file", keys::POPULATION_FILE, reading)?;
    let needed =
        |node, reading: &mut Reading| values::string(node, "a path is needed", reading);
    let path = table.required("path", "the path of a CSV or Parquet file", reading, needed);
    let word = |node: &Node, reading: &mut Reading| values::word(&DRAWS, node, reading);
    let bootstrap = table.or("draw", (true, "bootstrap"), reading, word);
    let weight = table.read("weight", reading, values::text);
    if !bootstrap {
        table.unused("weight", "`weight` is used by `draw = \"bootstrap\"`", reading);
        return Some((path?, PeopleDraw::InOrder));
    }
    Some((path?, PeopleDraw::Bootstrap { weight }))
}

impl People {
    /// The cells of a column, and whether all of them are numbers; reports a column that is not there.
    pub(super) fn column(
        &self,
        name: &Text,
        reading: &mut Reading,
    ) -> Option<(Vec<String>, bool)> {
        let (source, text) = self.table.as_ref()?;
        let table = Csv::read(*source, text, reading)?;
        let column = table.column(&name.text, name.span(0..name.text.len()), reading)?;
        let cells = table.texts(column);
        let numbers = cells.iter().all(|cell| cell.parse::<f64>().is_ok_and(f64::is_finite));
        Some((cells, numbers))
    }

    /// Whether the table cannot be looked into here.
    pub(super) fn is_opaque(&self) -> bool {
        self.table.is_none()
    }

    fn check_weights(&self, node: &Node, reading: &mut Reading) {
        let (PeopleDraw::Bootstrap { weight: Some(name) }, Some((source, text))) =
            (&self.file.draw, &self.table)
        else {
            return;
        };
        let Some(table) = Csv::read(*source, text, reading) else { return };
        let asked = node.get("weight").map_or(node.span, |entry| entry.node.span);
        let Some(column) = table.column(name, asked, reading) else { return };
        let Some(weights) = table.numbers(column, reading) else { return };
        let negative = weights.iter().position(|weight| *weight < 0.0);
        if let Some(row) = negative {
            let message = format!("a weight is not below 0, and this is {}", weights[row]);
            let span = table.span(row, column);
            reading.fault(Diagnostic::error(code::DATA_FILE, message, span));
        } else if weights.iter().sum::<f64>() <= 0.0 {
            let message = format!("all weights of `{name}` are 0");
            reading.fault(Diagnostic::error(code::DATA_FILE, message, asked));
        }
    }
}
