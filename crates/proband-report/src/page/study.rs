//! What a page is made from.

use crate::summary::Run;
use proband_analysis::{Characteristic, Finding};
use proband_math::distribution::Distribution;
use proband_store::{ReadError, Rows, scan};
use std::ops::ControlFlow;
use std::path::PathBuf;

/// A finished run, as far as a page tells of it.
#[derive(Clone, Copy, Debug)]
pub struct Study<'a> {
    /// What stands in the head.
    pub run: Run<'a>,
    /// The id of the run.
    pub id: &'a str,
    /// The version of proband that made it.
    pub version: &'a str,
    /// The tables that have rows, with the files that hold them, in order.
    pub tables: &'a [(String, Vec<PathBuf>)],
    /// Findings; of a trial that was repeated those of the first repetition.
    pub findings: &'a [Finding],
    /// Characteristics over the repetitions; nothing of a trial that was not repeated.
    pub operating: &'a [Characteristic],
    /// The models.
    pub models: &'a [Cited],
    /// The endpoints, in the order of the trial.
    pub endpoints: &'a [Asked],
    /// The covariates whose law is known, as they were specified.
    pub specified: &'a [(String, Distribution)],
    /// Pairs of covariates with the correlation of their normal scores, as they were specified.
    pub correlations: &'a [(String, String, f64)],
}

/// A model and where it was published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cited {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// Where it was published.
    pub sources: Vec<String>,
}

/// An endpoint, as the trial asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// PARAMCD.
    pub paramcd: String,
    /// Its title.
    pub title: String,
    /// Whether it is a primary one.
    pub is_primary: bool,
    /// `higher` or `lower`, where one is better.
    pub better: Option<&'static str>,
}

impl Study<'_> {
    /// The files of a table; none if the run did not keep it.
    pub(crate) fn files(&self, name: &str) -> &[PathBuf] {
        let table = self.tables.iter().find(|(table, _)| table == name);
        table.map_or(&[], |(_, files)| files)
    }

    /// Whether the run kept a table, and it has rows.
    pub(crate) fn has(&self, name: &str) -> bool {
        !self.files(name).is_empty()
    }

    /// Calls `each` with every row of a table that belongs to the first repetition, until it says that it has
    /// enough. Columns are known by their place in `columns`. A table that was not kept has no rows.
    pub(crate) fn rows(
        &self,
        table: &str,
        columns: &[&str],
        mut each: impl FnMut(&Rows, usize) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let replicate = columns.len();
        let columns: Vec<&str> = columns.iter().copied().chain(["REPLICATE"]).collect();
        let mut flow = ControlFlow::Continue(());
        let mut of_batch = |rows: &Rows| {
            for row in 0..rows.count() {
                // Repetitions stand one after the other.
                if rows.number(replicate, row) > 1.0 {
                    return ControlFlow::Break(());
                }
                each(rows, row)?;
            }
            ControlFlow::Continue(())
        };
        for file in self.files(table) {
            scan(file, &columns, |rows| {
                flow = of_batch(rows);
                flow
            })?;
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The place of an arm by its title.
    pub(crate) fn arm(&self, title: Option<&str>) -> Option<usize> {
        self.run.arms.iter().position(|arm| Some(arm.as_str()) == title)
    }
}
