//! Findings, and what is found over repetitions, as rows.

use crate::tables::Batch;
use proband_analysis::{COLUMNS, Cell, Characteristic, Finding};
use proband_trial::Trial;
use std::sync::Arc;

/// Adds findings of a repetition (from 0) of a trial to a batch of the findings table, in their order.
pub fn add_findings<'f>(
    batch: &mut Batch,
    trial: &Trial,
    replicate: u32,
    found: impl IntoIterator<Item = &'f Finding>,
) {
    let schema = Arc::clone(batch.schema());
    for finding in found {
        super::study(trial, batch, replicate);
        batch.text(schema.at("SCENARIO"), &trial.scenario);
        for ((name, _), cell) in COLUMNS.iter().zip(finding.cells()) {
            fill(batch, name, cell);
        }
        batch.end_row();
    }
}

/// Adds characteristics to a batch of the table of operating characteristics, in their order.
pub fn add_characteristics(batch: &mut Batch, study: &str, found: &[Characteristic]) {
    let schema = Arc::clone(batch.schema());
    for characteristic in found {
        batch.text(schema.at("STUDYID"), study);
        for (name, cell) in Characteristic::COLUMNS.iter().zip(characteristic.cells()) {
            fill(batch, name, cell);
        }
        batch.end_row();
    }
}

fn fill(batch: &mut Batch, name: &str, cell: Cell<'_>) {
    let column = batch.schema().at(name);
    match cell {
        Cell::Text(Some(text)) => batch.text(column, text),
        Cell::Number(Some(number)) => batch.number(column, number),
        Cell::Whole(Some(whole)) => batch.integer(column, i32::try_from(whole).ok()),
        Cell::Text(None) | Cell::Number(None) | Cell::Whole(None) => {}
    }
}
