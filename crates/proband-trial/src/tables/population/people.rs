//! `population.file`: people as rows of a table.

use crate::csv::Csv;
use crate::files::TrialFiles;
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Node, Table, Text, Value};
use crate::values;
use proband_cohort::{Law, PeopleDraw, PeopleFile, PeopleTable, Population};
use proband_diag::{Diagnostic, SourceId, Sources, code};

/// The people of a file.
pub(super) struct People {
    pub(super) file: PeopleFile,
    source: SourceId,
    /// The table as comma-separated values.
    text: String,
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
    let people = People::open(path, draw, files, sources, reading)?;
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
    /// Reads a file of people.
    pub(super) fn open(
        path: &Text,
        draw: PeopleDraw,
        files: &TrialFiles<'_>,
        sources: &mut Sources,
        reading: &mut Reading,
    ) -> Option<Self> {
        let (source, text) = files.source(path, sources, reading)?;
        Some(Self { file: PeopleFile { path: path.text.clone(), draw }, source, text })
    }

    /// The names among `wanted` that are columns of numbers, in the order of `wanted`; reports cells that
    /// are none.
    pub(super) fn numbers<'n>(
        &self,
        wanted: impl Iterator<Item = &'n str>,
        reading: &mut Reading,
    ) -> Option<Vec<&'n str>> {
        let table = Csv::read(self.source, &self.text, reading)?;
        let there: Vec<&str> = wanted.filter(|name| table.named(name).is_some()).collect();
        let sound = |name: &&str| {
            let column = table.named(name)?;
            table.numbers(column, reading)
        };
        let all: Option<Vec<Vec<f64>>> = there.iter().map(sound).collect();
        all.map(|_| there)
    }

    /// The cells of a column, and whether all of them are numbers; reports a column that is not there.
    pub(super) fn column(
        &self,
        name: &Text,
        reading: &mut Reading,
    ) -> Option<(Vec<String>, bool)> {
        let table = Csv::read(self.source, &self.text, reading)?;
        let column = table.column(&name.text, name.place(), reading)?;
        let cells = table.texts(column);
        let numbers = cells.iter().all(|cell| cell.parse::<f64>().is_ok_and(f64::is_finite));
        Some((cells, numbers))
    }

    /// The population with its people: the columns that its covariates name, levels by position, and
    /// the weights. Columns that are not sound were reported where covariates named them.
    pub(super) fn bind(
        &self,
        population: Population,
        reading: &mut Reading,
    ) -> Option<Population> {
        let table = Csv::read(self.source, &self.text, reading)?;
        let mut columns: Vec<(String, Vec<f64>)> = Vec::new();
        for covariate in population.covariates() {
            if let Law::Column(name) = &covariate.law
                && !columns.iter().any(|(known, _)| known == name)
            {
                let cells = table.texts(table.named(name)?);
                let levels = covariate.levels.as_deref();
                columns.push((
                    name.clone(),
                    cells.iter().map(|cell| value(cell, levels)).collect(),
                ));
            }
        }
        if let PeopleDraw::Bootstrap { weight: Some(name) } = &self.file.draw
            && !columns.iter().any(|(known, _)| known == name)
        {
            let cells = table.texts(table.named(name)?);
            columns.push((name.clone(), cells.iter().map(|cell| value(cell, None)).collect()));
        }
        match PeopleTable::new(columns).and_then(|people| population.with_people(&people)) {
            Ok(population) => Some(population),
            Err(error) => {
                let place = self.source.span(0..0);
                reading.fault(Diagnostic::error(code::DATA_FILE, error.to_string(), place));
                None
            }
        }
    }

    fn check_weights(&self, node: &Node, reading: &mut Reading) {
        let PeopleDraw::Bootstrap { weight: Some(name) } = &self.file.draw else { return };
        let Some(table) = Csv::read(self.source, &self.text, reading) else { return };
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

/// A cell as the population holds it: a number, or the position of a level.
fn value(cell: &str, levels: Option<&[String]>) -> f64 {
    match levels {
        Some(levels) => {
            levels.iter().position(|level| level == cell).map_or(f64::NAN, |level| level as f64)
        }
        None => cell.parse().unwrap_or(f64::NAN),
    }
}
