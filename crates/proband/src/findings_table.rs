//! Findings as rows of the findings table, and back.

use crate::{Failure, Result};
use proband_analysis::{
    AtLook, COLUMNS, Category, Characteristic, Finding, Measure, StatisticName,
};
use proband_engine::tables::{self, Batch};
use proband_engine::{add_characteristics, add_findings};
use proband_store::{Rows, scan};
use proband_trial::Trial;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// The findings of one repetition of a trial as a table, in their order.
pub(crate) fn batch(trial: &Trial, found: &[Finding]) -> Batch {
    let mut batch = Batch::new(Arc::new(tables::findings()));
    add_findings(&mut batch, trial, 0, found);
    batch
}

/// The operating characteristics as a table, in their order.
pub(crate) fn operating(study: &str, found: &[Characteristic]) -> Batch {
    let mut batch = Batch::new(Arc::new(tables::operating()));
    add_characteristics(&mut batch, study, found);
    batch
}

/// Reads findings, in the order of the table.
pub(crate) fn read(path: &Path) -> Result<Vec<Finding>> {
    read_while(path, &FINDING, |_| true, finding)
}

/// Reads the findings of the first repetition of the scenario that comes first.
pub(crate) fn read_first(path: &Path) -> Result<Vec<Finding>> {
    let mut first = None;
    let is_first = |row: &Row<'_>| {
        let of =
            (row.rows.text(0, row.row).map(str::to_owned), row.rows.number(1, row.row) as u32);
        *first.get_or_insert_with(|| of.clone()) == of
    };
    read_while(path, &FINDING, is_first, finding)
}

/// Reads the operating characteristics of a finished run.
pub(crate) fn read_operating(path: &Path) -> Result<Vec<Characteristic>> {
    read_while(path, &Characteristic::COLUMNS, |_| true, characteristic)
}

/// The columns of the findings table that are read.
const FINDING: [&str; COLUMNS.len() + 2] = {
    let mut names = ["SCENARIO"; COLUMNS.len() + 2];
    names[1] = "REPLICATE";
    let mut place = 0;
    while place < COLUMNS.len() {
        names[place + 2] = COLUMNS[place].0;
        place += 1;
    }
    names
};

/// Reads rows from the first on, as long as they are wanted.
fn read_while<T>(
    path: &Path,
    columns: &[&str],
    mut is_wanted: impl FnMut(&Row<'_>) -> bool,
    read: fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut found = Ok(Vec::new());
    let each = |rows: &Rows| {
        for row in 0..rows.count() {
            let row = Row { path, columns, rows, row };
            match (&mut found, is_wanted(&row).then(|| read(&row))) {
                (Ok(found), Some(Ok(one))) => found.push(one),
                (_, Some(Err(error))) => {
                    found = Err(error);
                    return ControlFlow::Break(());
                }
                _ => return ControlFlow::Break(()),
            }
        }
        ControlFlow::Continue(())
    };
    scan(path, columns, each).map_err(Failure::Table)?;
    found
}

/// A row of a table.
struct Row<'a> {
    path: &'a Path,
    columns: &'a [&'a str],
    rows: &'a Rows,
    row: usize,
}

fn finding(row: &Row<'_>) -> Result<Finding> {
    let (category, statistic) = (row.required("CATEGORY")?, row.required("STATISTIC")?);
    Ok(Finding {
        category: Category::named(&category).ok_or_else(|| row.unknown(&category))?,
        analysis: row.text("ANALYSIS").unwrap_or_default(),
        paramcd: row.text("PARAMCD").unwrap_or_default(),
        param: row.text("PARAM").unwrap_or_default(),
        avisit: row.text("AVISIT"),
        method: row.text("METHOD").unwrap_or_default(),
        comparison: row.text("COMPARISON"),
        arm: row.text("TRT01A"),
        reference: row.text("REFERENCE"),
        group: row.text("GROUP"),
        statistic: StatisticName::named(&statistic).ok_or_else(|| row.unknown(&statistic))?,
        estimate: row.number("ESTIMATE"),
        standard_error: row.number("STDERR"),
        lower: row.number("LOWER"),
        upper: row.number("UPPER"),
        level: row.number("LEVEL"),
        truth: row.number("TRUTH"),
        truth_error: row.number("TRUTHSE"),
        p_value: row.number("PVALUE"),
        adjusted_p: row.number("ADJP"),
        rejected: row.text("REJECT").map(|flag| flag == "Y"),
        n: row.number("N").map(|n| n as u64),
        unit: row.text("UNIT"),
        look: look(row),
        source: row.text("SOURCE"),
        note: row.text("NOTE"),
    })
}

fn characteristic(row: &Row<'_>) -> Result<Characteristic> {
    let (statistic, measure) = (row.required("STATISTIC")?, row.required("MEASURE")?);
    let whole = |name| row.number(name).map(|number| number as u64);
    Ok(Characteristic {
        scenario: row.text("SCENARIO").unwrap_or_default(),
        analysis: row.text("ANALYSIS").unwrap_or_default(),
        paramcd: row.text("PARAMCD").unwrap_or_default(),
        param: row.text("PARAM").unwrap_or_default(),
        avisit: row.text("AVISIT"),
        method: row.text("METHOD").unwrap_or_default(),
        comparison: row.text("COMPARISON"),
        arm: row.text("TRT01A"),
        reference: row.text("REFERENCE"),
        group: row.text("GROUP"),
        look: row.text("LOOK"),
        statistic: StatisticName::named(&statistic).ok_or_else(|| row.unknown(&statistic))?,
        measure: Measure::named(&measure).ok_or_else(|| row.unknown(&measure))?,
        estimate: row.number("ESTIMATE").unwrap_or(f64::NAN),
        standard_error: row.number("STDERR"),
        lower: row.number("LOWER"),
        upper: row.number("UPPER"),
        n: whole("N").unwrap_or(0),
        needed: whole("NEEDED"),
        unit: row.text("UNIT"),
        note: row.text("NOTE"),
    })
}

fn look(row: &Row<'_>) -> Option<AtLook> {
    let (z, efficacy, futility) =
        (row.number("Z"), row.number("BOUND"), row.number("FUTILITY"));
    row.text("LOOK").map(|name| AtLook { name, z, efficacy, futility })
}

impl Row<'_> {
    fn place(&self, name: &str) -> usize {
        self.columns.iter().position(|column| *column == name).expect("a column that is read")
    }

    fn text(&self, name: &str) -> Option<String> {
        self.rows.text(self.place(name), self.row).map(ToOwned::to_owned)
    }

    fn required(&self, name: &str) -> Result<String> {
        self.text(name).ok_or_else(|| self.wrong(format!("`{name}` is empty")))
    }

    /// A number, which may be infinite: a limit that the data did not set.
    fn number(&self, name: &str) -> Option<f64> {
        Some(self.rows.number(self.place(name), self.row)).filter(|number| !number.is_nan())
    }

    fn unknown(&self, word: &str) -> crate::Error {
        self.wrong(format!("`{word}` is not a word of this version"))
    }

    fn wrong(&self, what: String) -> crate::Error {
        Failure::NotOurs { path: self.path.into(), reason: what }.into()
    }
}
