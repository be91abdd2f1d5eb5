//! Values of parameters at visits.

use super::people::{People, required};
use super::table::{DataColumn, DataTable};
use crate::record::{Record, StatedRange};
use proband_diag::{Diagnostic, Faults, code};
use proband_trial::{OfferedObservable, OfferedVisit, Plan};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Planned times that differ by less are one.
const SAME_DAY: f64 = 1e-9;

/// What was recorded.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) visits: Vec<OfferedVisit>,
    pub(super) observables: Vec<OfferedObservable>,
    /// By participant.
    pub(super) of: Vec<Vec<Record>>,
    /// What a reader must know.
    pub(super) notes: Vec<String>,
}

/// One row that counts: participant, parameter, planned day, actual day, value, what is normal.
#[derive(Clone, Copy)]
struct Row {
    person: usize,
    observable: usize,
    planned: f64,
    day: f64,
    value: f64,
    stated: Option<StatedRange>,
}

/// What a table of records was found to hold.
#[derive(Default)]
struct Found {
    rows: Vec<Row>,
    /// Baselines that rows state, by participant and parameter.
    bases: BTreeMap<(usize, usize), (f64, Option<StatedRange>)>,
    /// Labels of planned days.
    labels: Vec<(f64, String)>,
    /// Rows without a planned time, by their label.
    unplanned: BTreeMap<String, usize>,
}

impl Records {
    /// Reads all tables of records.
    pub(super) fn read(
        plan: &Plan,
        tables: &[&DataTable],
        people: &People,
        faults: &mut Faults,
    ) -> Self {
        let mut records = Self { of: vec![Vec::new(); people.count()], ..Self::default() };
        let mut found = Found::default();
        for table in tables {
            records.add(plan, table, people, &mut found, faults);
        }
        found.state_baselines();
        records.plan_visits(&found);
        records.take_down(&found, people, faults);
        for (label, count) in &found.unplanned {
            let note = match label.as_str() {
                "" => format!("{count} records without a visit left out"),
                label => {
                    format!("{count} records of `{label}` left out: no time is planned for it")
                }
            };
            records.notes.push(note);
        }
        records
    }

    fn add(
        &mut self,
        plan: &Plan,
        table: &DataTable,
        people: &People,
        found: &mut Found,
        faults: &mut Faults,
    ) {
        let columns = [plan.participant.as_str(), "PARAMCD", "AVAL"];
        let [Some(name), Some(code), Some(value)] =
            columns.map(|column| required(table, column, faults))
        else {
            return;
        };
        let earlier = self.observables.len();
        let planned = Planned::of(plan, table);
        for row in 0..table.rows {
            let person = people.named(name, row);
            let (Some(person), Some(code)) = (person, code.text(row)) else { continue };
            let Some(observable) = self.observable(&code, table, row, earlier, faults) else {
                return;
            };
            if let Some(base) = table.column("BASE").and_then(|base| base.known(row)) {
                let stated = stated_range(table, "BNRIND", row);
                found.bases.entry((person, observable)).or_insert((base, stated));
            }
            let value = value.number(row);
            match planned.day(row) {
                Some((planned, label)) if !value.is_nan() => {
                    found.labels.push((planned, label));
                    let day = table.instant("ATIME", "ADY", row).unwrap_or(planned);
                    let stated = stated_range(table, "ANRIND", row);
                    self.observables[observable].ranged |= stated.is_some();
                    found.rows.push(Row { person, observable, planned, day, value, stated });
                }
                Some(_) => {}
                None => *found.unplanned.entry(planned.label(row)).or_default() += 1,
            }
        }
    }

    /// The position of a parameter, which only one table may hold.
    fn observable(
        &mut self,
        code: &str,
        table: &DataTable,
        row: usize,
        earlier: usize,
        faults: &mut Faults,
    ) -> Option<usize> {
        let name = code.to_ascii_lowercase();
        if let Some(index) = self.observables.iter().position(|known| known.name == name) {
            if index >= earlier {
                return Some(index);
            }
            let message = format!("`{}` and a table before it both hold `{code}`", table.name);
            let help = format!("choose by `rows` in `[table.{}]`", table.name);
            let fault = Diagnostic::error_without_place(code::DATA_FILE, message);
            faults.push(fault.help(help));
            return None;
        }
        let text = |column: &str| table.column(column).and_then(|column| column.text(row));
        let unit = text("AVALU").or_else(|| table.column("AVAL")?.unit.clone());
        let title = text("PARAM");
        self.observables.push(OfferedObservable {
            name,
            title,
            unit,
            visits: Vec::new(),
            ranged: false,
        });
        Some(self.observables.len() - 1)
    }

    fn plan_visits(&mut self, found: &Found) {
        let mut labels: Vec<&(f64, String)> = found.labels.iter().collect();
        labels.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (day, label) in labels {
            let known =
                self.visits.last().is_some_and(|last| (last.day - day).abs() < SAME_DAY);
            if !known {
                self.visits.push(OfferedVisit { label: label.clone(), day: *day });
            }
        }
    }

    fn take_down(&mut self, found: &Found, people: &People, faults: &mut Faults) {
        let mut twice = None;
        for row in &found.rows {
            let after = self.visits.partition_point(|visit| visit.day < row.planned - SAME_DAY);
            let record = Record {
                encounter: after,
                observable: row.observable,
                day: row.day,
                value: row.value,
                stated: row.stated,
            };
            let visits = &mut self.observables[row.observable].visits;
            if let Err(place) = visits.binary_search(&after) {
                visits.insert(place, after);
            }
            let same = |r: &Record| (r.encounter, r.observable) == (after, row.observable);
            if self.of[row.person].iter().any(same) {
                twice = twice.or(Some((row.person, row.observable, after)));
            }
            self.of[row.person].push(record);
        }
        for records in &mut self.of {
            records.sort_by(|a, b| a.day.total_cmp(&b.day).then(a.encounter.cmp(&b.encounter)));
        }
        if let Some(place) = twice {
            faults.push(self.recorded_twice(place, people));
        }
    }

    fn recorded_twice(
        &self,
        (person, observable, visit): (usize, usize, usize),
        people: &People,
    ) -> Diagnostic {
        let of = people.at.iter().find(|(_, at)| **at == person);
        let id = of.map_or("", |(id, _)| id.as_str());
        let (name, label) = (&self.observables[observable].name, &self.visits[visit].label);
        let message = format!("`{name}` of participant `{id}` has two records of `{label}`");
        Diagnostic::error_without_place(code::DATA_FILE, message)
            .help("choose one by `rows` in the table's `[table.NAME]`, such as `anl01fl == Y`")
    }
}

impl Found {
    /// A participant whose baseline is stated beside other records has that record.
    fn state_baselines(&mut self) {
        let mut early = std::collections::BTreeSet::new();
        for row in self.rows.iter().filter(|row| row.planned <= 0.0) {
            early.insert((row.person, row.observable));
        }
        for (&(person, observable), &(value, stated)) in &self.bases {
            if !early.contains(&(person, observable)) {
                self.labels.push((0.0, "Baseline".to_owned()));
                let (planned, day) = (0.0, 0.0);
                self.rows.push(Row { person, observable, planned, day, value, stated });
            }
        }
    }
}

/// The normal values that a row states: the limits of ADaM (or of the CDISC pilot study), and the word of
/// `indicator` for where the value lies.
fn stated_range(table: &DataTable, indicator: &str, row: usize) -> Option<StatedRange> {
    let limit = |names: &[&str]| table.first_of(names).map_or(f64::NAN, |c| c.number(row));
    let (low, high) = (limit(&["ANRLO", "A1LO"]), limit(&["ANRHI", "A1HI"]));
    let word = table.column(indicator).and_then(|column| column.text(row)).unwrap_or_default();
    let side = match word.to_ascii_uppercase().as_str() {
        "L" | "LOW" | "LOW LOW" => Some(Ordering::Less),
        "N" | "NORMAL" => Some(Ordering::Equal),
        "H" | "HIGH" | "HIGH HIGH" => Some(Ordering::Greater),
        _ => None,
    };
    let known = !low.is_nan() || !high.is_nan() || side.is_some();
    known.then_some(StatedRange { low, high, side })
}

/// Where a table says when a record was planned.
struct Planned<'a> {
    plan: &'a Plan,
    label: Option<&'a DataColumn>,
    number: Option<(&'a DataColumn, f64)>,
}

impl<'a> Planned<'a> {
    fn of(plan: &'a Plan, table: &'a DataTable) -> Self {
        let unit = plan.table(&table.name).visit_unit.or(table.visit_unit);
        let number = table.column("AVISITN").zip(unit);
        Self { plan, label: table.column("AVISIT"), number }
    }

    fn label(&self, row: usize) -> String {
        self.label.and_then(|label| label.text(row)).unwrap_or_default()
    }

    fn day(&self, row: usize) -> Option<(f64, String)> {
        let label = self.label(row);
        if let Some((number, unit)) = self.number {
            return number.known(row).map(|number| (number * unit, label));
        }
        self.plan.day_of_visit(&label).map(|day| (day, label))
    }
}
