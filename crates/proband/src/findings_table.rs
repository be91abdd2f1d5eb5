//! Findings as rows of the findings table, and back.

use crate::{Failure, Result};
use proband_analysis::{Category, Characteristic, Finding, Measure, StatisticName};
use proband_engine::tables::{self, Batch};
use proband_engine::{add_characteristics, add_findings};
use proband_store::{UserTable, UserValues, read_table};
use proband_trial::Trial;
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
    let table = read_table(path).map_err(Failure::Table)?;
    (0..table.rows).map(|row| finding(&Row { table: &table, row })).collect()
}

/// Reads the findings of the scenario that comes first.
pub(crate) fn read_first(path: &Path) -> Result<Vec<Finding>> {
    let table = read_table(path).map_err(Failure::Table)?;
    let scenario = |row| Row { table: &table, row }.text("SCENARIO");
    let mut found = Vec::new();
    for row in 0..table.rows {
        if scenario(row)? != scenario(0)? {
            break;
        }
        found.push(finding(&Row { table: &table, row })?);
    }
    Ok(found)
}

/// Reads the operating characteristics of a finished run.
pub(crate) fn read_operating(path: &Path) -> Result<Vec<Characteristic>> {
    let table = read_table(path).map_err(Failure::Table)?;
    (0..table.rows).map(|row| characteristic(&Row { table: &table, row })).collect()
}

/// A row of a table.
struct Row<'a> {
    table: &'a UserTable,
    row: usize,
}

fn finding(row: &Row<'_>) -> Result<Finding> {
    let (category, statistic) = (row.required("CATEGORY")?, row.required("STATISTIC")?);
    Ok(Finding {
        category: Category::named(&category).ok_or_else(|| row.unknown(&category))?,
        analysis: row.text("ANALYSIS")?.unwrap_or_default(),
        paramcd: row.text("PARAMCD")?.unwrap_or_default(),
        param: row.text("PARAM")?.unwrap_or_default(),
        avisit: row.text("AVISIT")?,
        method: row.text("METHOD")?.unwrap_or_default(),
        comparison: row.text("COMPARISON")?,
        arm: row.text("TRT01A")?,
        reference: row.text("REFERENCE")?,
        group: row.text("GROUP")?,
        statistic: StatisticName::named(&statistic).ok_or_else(|| row.unknown(&statistic))?,
        estimate: row.number("ESTIMATE")?,
        standard_error: row.number("STDERR")?,
        lower: row.number("LOWER")?,
        upper: row.number("UPPER")?,
        level: row.number("LEVEL")?,
        truth: row.number("TRUTH")?,
        truth_error: row.number("TRUTHSE")?,
        p_value: row.number("PVALUE")?,
        adjusted_p: row.number("ADJP")?,
        rejected: row.text("REJECT")?.map(|flag| flag == "Y"),
        n: row.number("N")?.map(|n| n as u64),
        unit: row.text("UNIT")?,
        source: row.text("SOURCE")?,
        note: row.text("NOTE")?,
    })
}

fn characteristic(row: &Row<'_>) -> Result<Characteristic> {
    let (statistic, measure) = (row.required("STATISTIC")?, row.required("MEASURE")?);
    let whole = |name| Ok::<_, crate::Error>(row.number(name)?.map(|number| number as u64));
    Ok(Characteristic {
        scenario: row.text("SCENARIO")?.unwrap_or_default(),
        analysis: row.text("ANALYSIS")?.unwrap_or_default(),
        paramcd: row.text("PARAMCD")?.unwrap_or_default(),
        param: row.text("PARAM")?.unwrap_or_default(),
        avisit: row.text("AVISIT")?,
        method: row.text("METHOD")?.unwrap_or_default(),
        comparison: row.text("COMPARISON")?,
        arm: row.text("TRT01A")?,
        reference: row.text("REFERENCE")?,
        group: row.text("GROUP")?,
        statistic: StatisticName::named(&statistic).ok_or_else(|| row.unknown(&statistic))?,
        measure: Measure::named(&measure).ok_or_else(|| row.unknown(&measure))?,
        estimate: row.number("ESTIMATE")?.unwrap_or(f64::NAN),
        standard_error: row.number("STDERR")?,
        lower: row.number("LOWER")?,
        upper: row.number("UPPER")?,
        n: whole("N")?.unwrap_or(0),
        needed: whole("NEEDED")?,
        unit: row.text("UNIT")?,
        note: row.text("NOTE")?,
    })
}

impl Row<'_> {
    fn text(&self, name: &str) -> Result<Option<String>> {
        let column = self.table.column(name).map_err(Failure::Table)?;
        match &column.values {
            UserValues::Texts(texts) => Ok(texts[self.row].clone()),
            _ => Err(self.wrong(format!("`{name}` holds no texts"))),
        }
    }

    fn required(&self, name: &str) -> Result<String> {
        self.text(name)?.ok_or_else(|| self.wrong(format!("`{name}` is empty")))
    }

    /// A number, which may be infinite: a limit that the data did not set.
    fn number(&self, name: &str) -> Result<Option<f64>> {
        let column = self.table.column(name).map_err(Failure::Table)?;
        match &column.values {
            UserValues::Numbers(numbers) => {
                Ok(Some(numbers[self.row]).filter(|number| !number.is_nan()))
            }
            _ => Err(self.wrong(format!("`{name}` holds no numbers"))),
        }
    }

    fn unknown(&self, word: &str) -> crate::Error {
        self.wrong(format!("`{word}` is not a word of this version"))
    }

    fn wrong(&self, what: String) -> crate::Error {
        let reason = format!("row {}: {what}", self.row + 1);
        Failure::NotOurs { path: self.table.path.clone(), reason }.into()
    }
}
