//! Findings as rows of the findings table, and back.

use crate::{Failure, Result};
use proband_analysis::{COLUMNS, Category, Cell, Finding, StatisticName};
use proband_engine::tables::{Batch, findings};
use proband_store::{UserTable, UserValues, read_table};
use std::path::Path;
use std::sync::Arc;

/// The findings as a table, in their order.
pub(crate) fn batch(study: &str, found: &[Finding]) -> Batch {
    let mut batch = Batch::new(Arc::new(findings()));
    for finding in found {
        add(&mut batch, study, finding);
    }
    batch
}

fn add(batch: &mut Batch, study: &str, finding: &Finding) {
    let schema = Arc::clone(batch.schema());
    batch.text(schema.at("STUDYID"), study);
    for ((name, _), cell) in COLUMNS.iter().zip(finding.cells()) {
        let column = schema.at(name);
        match cell {
            Cell::Text(Some(text)) => batch.text(column, text),
            Cell::Number(Some(number)) => batch.number(column, number),
            Cell::Whole(Some(whole)) => batch.integer(column, i32::try_from(whole).ok()),
            Cell::Text(None) | Cell::Number(None) | Cell::Whole(None) => {}
        }
    }
    batch.end_row();
}

/// Reads the findings of a finished run.
pub(crate) fn read(path: &Path) -> Result<Vec<Finding>> {
    let table = read_table(path).map_err(Failure::Table)?;
    (0..table.rows).map(|row| finding(&Row { table: &table, row })).collect()
}

/// A row of the table.
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
        p_value: row.number("PVALUE")?,
        adjusted_p: row.number("ADJP")?,
        rejected: row.text("REJECT")?.map(|flag| flag == "Y"),
        n: row.number("N")?.map(|n| n as u64),
        unit: row.text("UNIT")?,
        source: row.text("SOURCE")?,
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
