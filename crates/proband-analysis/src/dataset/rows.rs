//! Which rows of a table count.

use super::table::{DataColumn, DataTable, DataValues};
use crate::program::Compiled;
use proband_diag::{Diagnostic, Faults, code};
use proband_trial::{Expression, Holds, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// What the rows of a table are, by what the plan says or else by its columns.
pub(super) fn held_by(table: &DataTable, plan: &Plan) -> Holds {
    let has = |name| table.column(name).is_some();
    plan.table(&table.name).holds.unwrap_or_else(|| match () {
        () if has("AEDECOD") => Holds::AdverseEvents,
        () if has("PARAMCD") && has("CNSR") => Holds::Times,
        () if has("PARAMCD") && has("AVAL") => Holds::Records,
        () => Holds::Participants,
    })
}

/// Keeps the rows that the plan chooses. Where it says nothing, records that are flagged for analysis or
/// as baseline and adverse events that came with treatment, as far as a table has such flags.
pub(super) fn choose(table: &mut DataTable, holds: Holds, plan: &Plan, faults: &mut Faults) {
    if plan.chooses_rows(&table.name) {
        let (columns, inputs): (Vec<_>, Vec<_>) = table.columns.iter().map(read).unzip();
        let Some(condition) = plan.rows(&table.name, columns, faults) else { return };
        match kept(&condition, &inputs, table.rows) {
            Ok(flags) => table.keep(&flags),
            Err(message) => {
                faults.push(Diagnostic::error_without_place(code::DATA_FILE, message));
            }
        }
        return;
    }
    let flags: Option<Vec<bool>> = match holds {
        Holds::Records => table.column("ANL01FL").map(|flag| {
            let baseline = table.column("ABLFL");
            let is_baseline = |row| baseline.is_some_and(|flag| flag.is_yes(row));
            (0..table.rows).map(|row| flag.is_yes(row) || is_baseline(row)).collect()
        }),
        Holds::AdverseEvents => table
            .column("TRTEMFL")
            .map(|flag| (0..table.rows).map(|row| flag.is_yes(row)).collect()),
        Holds::Participants | Holds::Times => None,
    };
    if let Some(flags) = flags {
        table.keep(&flags);
    }
}

/// A column as expressions see it: numbers, or levels of which a missing text is one, so that `x == ""`
/// can ask for it.
fn read(column: &DataColumn) -> ((String, Option<Vec<String>>), Vec<f64>) {
    match &column.values {
        DataValues::Numbers(numbers) => ((column.name.clone(), None), numbers.clone()),
        DataValues::Texts(texts) => {
            let text = |row: usize| column.text(row).unwrap_or_default();
            let all: Vec<String> = (0..texts.len()).map(text).collect();
            let mut levels: BTreeSet<&str> = all.iter().map(String::as_str).collect();
            levels.insert("");
            let at: BTreeMap<&str, usize> =
                levels.iter().enumerate().map(|(index, &level)| (level, index)).collect();
            let codes = all.iter().map(|text| at[text.as_str()] as f64).collect();
            let levels = levels.iter().map(|&level| level.to_owned()).collect();
            ((column.name.clone(), Some(levels)), codes)
        }
    }
}

/// Whether each row fulfils a condition; one on a missing number is not met.
fn kept(condition: &Expression, inputs: &[Vec<f64>], rows: usize) -> Result<Vec<bool>, String> {
    let compiled = Compiled::new(condition).map_err(|error| error.to_string())?;
    let inputs: Vec<&[f64]> =
        compiled.quantities.iter().map(|&column| inputs[column].as_slice()).collect();
    let met = compiled.run(&inputs, &vec![0.0; rows]);
    Ok(met.iter().map(|&value| value > 0.0).collect())
}
