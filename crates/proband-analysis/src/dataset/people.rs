//! Who takes part, in which arm, and what is known of them.

use super::table::{DataColumn, DataTable, levels};
use crate::accumulator::index as position;
use proband_diag::{Diagnostic, Faults, code};
use proband_trial::{OfferedArm, OfferedCovariate, Plan, word_of};
use std::collections::BTreeMap;

/// Columns of the treatment, of ADSL and of the other tables of ADaM.
const TREATMENTS: [&str; 6] = ["TRT01P", "TRT01A", "TRTP", "TRTA", "ARM", "ACTARM"];

/// Columns that say how many days somebody was followed: a run's, then ADaM's.
const FOLLOWED: [&str; 3] = ["EOSTIME", "EOSDY", "TRTDUR"];

/// Columns of how participation ended: ADaM's, then one that studies of the past have.
const COMPLETED: [&str; 2] = ["EOSSTT", "DCDECOD"];

/// The participants that a plan compares.
#[derive(Debug, Default)]
pub(super) struct People {
    /// Position of each participant, by name.
    pub(super) at: BTreeMap<String, usize>,
    /// Position of each one's arm.
    pub(super) arm: Vec<usize>,
    /// Days followed; NaN where nobody knows.
    pub(super) followed: Vec<f64>,
    /// Whether each was treated; none where the data do not say.
    pub(super) treated: Option<Vec<bool>>,
    /// Whether each completed the study; none where the data do not say.
    pub(super) completed: Option<Vec<bool>>,
    /// Whether the data say who stopped treatment early.
    pub(super) tells_stops: bool,
    /// The day on which each stopped treatment early; infinite of those who did not.
    pub(super) stopped: Vec<f64>,
    pub(super) arms: Vec<OfferedArm>,
    pub(super) covariates: Vec<OfferedCovariate>,
    /// Values, by covariate and then by participant.
    pub(super) values: Vec<Vec<f64>>,
    /// Participants of treatments that the plan leaves out.
    pub(super) left_out: usize,
}

impl People {
    /// Reads them off the table of participants, or off another one with the participants' treatment.
    pub(super) fn read(
        plan: &Plan,
        table: &DataTable,
        one_row_each: bool,
        faults: &mut Faults,
    ) -> Option<Self> {
        let name = required(table, &plan.participant, faults)?;
        let treatment = treatment(plan, table, faults)?;
        let first = first_rows(table, name, one_row_each, faults);
        let chosen = arms(plan, table, treatment, &first, faults);
        let mut people = Self::default();
        let mut rows = Vec::new();
        for &row in &first {
            let text = treatment.text(row);
            let arm = chosen.iter().position(|(_, treated)| Some(treated) == text.as_ref());
            match (arm, name.text(row)) {
                (Some(arm), Some(id)) => {
                    people.at.insert(id, rows.len());
                    people.arm.push(arm);
                    rows.push(row);
                }
                _ => people.left_out += 1,
            }
        }
        people.arms = chosen.into_iter().map(|(arm, _)| arm).collect();
        people.know(plan, table, one_row_each, &rows, faults);
        Some(people)
    }

    fn know(
        &mut self,
        plan: &Plan,
        table: &DataTable,
        one_row_each: bool,
        rows: &[usize],
        faults: &mut Faults,
    ) {
        let followed = match &plan.followed {
            Some(name) => required(table, name, faults),
            None => table.first_of(&FOLLOWED),
        };
        let days = |&row: &usize| followed.map_or(f64::NAN, |column| column.number(row));
        self.followed = rows.iter().map(days).collect();
        let flags = |of: &dyn Fn(usize) -> bool| rows.iter().map(|&row| of(row)).collect();
        self.treated = table.column("SAFFL").map(|flag| flags(&|row| flag.is_yes(row)));
        self.completed = match table.first_of(&COMPLETED) {
            Some(status) => Some(flags(&|row| status.is(row, "COMPLETED"))),
            None => table.column("COMPLFL").map(|flag| flags(&|row| flag.is_yes(row))),
        };
        self.tells_stops = table.column("EOTSTT").is_some();
        self.stopped = rows.iter().map(|&row| stopped(table, row)).collect();
        for column in &table.columns {
            let is_name = column.name.eq_ignore_ascii_case(&plan.participant);
            if is_name || !(one_row_each || self.is_constant(plan, table, column)) {
                continue;
            }
            let (levels, values) = values_of(plan, table, column, rows);
            if levels.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let (name, unit) = (column.name.clone(), column.unit.clone());
            self.covariates.push(OfferedCovariate { name, unit, levels });
            self.values.push(values);
        }
    }

    /// Whether a column of a table with many rows a participant says the same in all of them.
    fn is_constant(&self, plan: &Plan, table: &DataTable, column: &DataColumn) -> bool {
        let Some(name) = table.column(&plan.participant) else { return false };
        let mut said: BTreeMap<usize, Option<String>> = BTreeMap::new();
        (0..table.rows).all(|row| {
            let at = self.named(name, row);
            let text = column.text(row);
            at.is_none_or(|at| *said.entry(at).or_insert_with(|| text.clone()) == text)
        })
    }

    /// The position of the participant whom a row of any table names.
    pub(super) fn named(&self, name: &DataColumn, row: usize) -> Option<usize> {
        self.at.get(&name.text(row)?).copied()
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.arm.len()
    }
}

/// The day, from day 1, on which treatment was stopped before its planned end; infinite where it was not.
fn stopped(table: &DataTable, row: usize) -> f64 {
    let early = table.column("EOTSTT").is_some_and(|status| status.is(row, "DISCONTINUED"));
    let day = table.instant("EOTTIME", "EOTDY", row);
    if early { day.unwrap_or(f64::NAN) } else { f64::INFINITY }
}

fn values_of(
    plan: &Plan,
    table: &DataTable,
    column: &DataColumn,
    rows: &[usize],
) -> (Option<Vec<String>>, Vec<f64>) {
    let named = plan.levels.iter().any(|name| name.eq_ignore_ascii_case(&column.name));
    if !column.is_text() && !named {
        return (None, rows.iter().map(|&row| column.number(row)).collect());
    }
    let (levels, codes) = levels(column, companion(table, column), rows);
    (Some(levels), codes)
}

/// `AGEGR1N` of `AGEGR1`: ADaM's numbers for the order of texts.
fn companion<'a>(table: &'a DataTable, column: &DataColumn) -> Option<&'a DataColumn> {
    table.column(&format!("{}n", column.name)).filter(|order| !order.is_text())
}

/// The column that a plan or a kind of table cannot do without.
pub(super) fn required<'a>(
    table: &'a DataTable,
    name: &str,
    faults: &mut Faults,
) -> Option<&'a DataColumn> {
    let found = table.column(name);
    if found.is_none() {
        let message = format!("`{}` has no column `{name}`", table.name);
        faults.push(Diagnostic::error_without_place(code::DATA_FILE, message));
    }
    found
}

fn treatment<'a>(
    plan: &Plan,
    table: &'a DataTable,
    faults: &mut Faults,
) -> Option<&'a DataColumn> {
    if let Some(name) = &plan.treatment {
        return required(table, name, faults);
    }
    let found = table.first_of(&TREATMENTS);
    if found.is_none() {
        let message = format!("`{}` has no column of the treatment", table.name);
        let help = "name it: `treatment` in `[data]`";
        let fault = Diagnostic::error_without_place(code::DATA_FILE, message);
        faults.push(fault.help(help));
    }
    found
}

/// The first row of each participant; a second one is a fault of a table of participants.
fn first_rows(
    table: &DataTable,
    name: &DataColumn,
    one_row_each: bool,
    faults: &mut Faults,
) -> Vec<usize> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut rows = Vec::new();
    let mut twice = None;
    for row in 0..table.rows {
        let Some(id) = name.text(row) else { continue };
        match seen.insert(id.clone(), row) {
            None => rows.push(row),
            Some(_) => twice = twice.or(Some(id)),
        }
    }
    if let Some(id) = twice.filter(|_| one_row_each) {
        let message = format!("`{}` has two rows of participant `{id}`", table.name);
        let help = format!("choose one by `rows` in `[table.{}]`", table.name);
        let fault = Diagnostic::error_without_place(code::DATA_FILE, message);
        faults.push(fault.help(help));
    }
    rows
}

/// The arms, each with its treatment as the data write it.
fn arms(
    plan: &Plan,
    table: &DataTable,
    treatment: &DataColumn,
    rows: &[usize],
    faults: &mut Faults,
) -> Vec<(OfferedArm, String)> {
    let (texts, codes) = levels(treatment, companion(table, treatment), rows);
    // A short code of the arm, where each treatment has one, makes the better id.
    let short = table.column("ARMCD").filter(|_| treatment.name != "armcd");
    let id = |index: usize| {
        let of_arm =
            rows.iter().zip(&codes).filter(|(_, code)| position(**code) == Some(index));
        let mut ids: Vec<String> =
            of_arm.filter_map(|(&row, _)| short?.text(row)).map(|id| word_of(&id)).collect();
        ids.dedup();
        if let [only] = ids.as_slice() { only.clone() } else { word_of(&texts[index]) }
    };
    let offered: Vec<OfferedArm> = texts
        .iter()
        .enumerate()
        .map(|(index, title)| OfferedArm { id: id(index), title: title.clone() })
        .collect();
    let chosen = plan.arms(&offered, faults);
    chosen.into_iter().map(|(arm, index)| (arm, texts[index].clone())).collect()
}
