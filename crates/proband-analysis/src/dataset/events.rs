//! Times to events, and adverse events.

use super::people::{People, required};
use super::table::DataTable;
use crate::record::{Happened, Until};
use proband_diag::{Diagnostic, Faults, code};
use proband_trial::{Happening, OfferedEvent, OfferedTime, Plan, word_of};
use std::collections::BTreeMap;

/// Times to an event or to the end of observation.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub(super) offered: Vec<OfferedTime>,
    /// By participant, then by time.
    pub(super) of: Vec<Vec<Until>>,
}

const UNKNOWN: Until = Until { day: f64::NAN, event: false };

impl Times {
    /// Reads all tables of times.
    pub(super) fn read(
        plan: &Plan,
        tables: &[&DataTable],
        people: &People,
        faults: &mut Faults,
    ) -> Self {
        let mut times = Self { offered: Vec::new(), of: vec![Vec::new(); people.count()] };
        for table in tables {
            times.add(plan, table, people, faults);
        }
        times.of.iter_mut().for_each(|of| of.resize(times.offered.len(), UNKNOWN));
        times
    }

    fn add(&mut self, plan: &Plan, table: &DataTable, people: &People, faults: &mut Faults) {
        let columns = [plan.participant.as_str(), "PARAMCD", "AVAL", "CNSR"];
        let [Some(name), Some(code), Some(value), Some(censored)] =
            columns.map(|column| required(table, column, faults))
        else {
            return;
        };
        for row in 0..table.rows {
            let person = people.named(name, row);
            let (Some(person), Some(code)) = (person, code.text(row)) else { continue };
            let time = self.time(&code, table, row);
            let of = &mut self.of[person];
            of.resize(of.len().max(time + 1), UNKNOWN);
            if !of[time].day.is_nan() {
                let id = name.text(row).unwrap_or_default();
                faults.push(stated_twice(table, &code, &id));
                return;
            }
            let (days, censored) = (unit_of(plan, table, row), censored.number(row));
            if !censored.is_nan() {
                of[time] = Until { day: value.number(row) * days, event: censored <= 0.0 };
            }
        }
    }

    fn time(&mut self, code: &str, table: &DataTable, row: usize) -> usize {
        let name = code.to_ascii_lowercase();
        let known = self.offered.iter().position(|time| time.name == name);
        known.unwrap_or_else(|| {
            let title = table.column("PARAM").and_then(|column| column.text(row));
            self.offered.push(OfferedTime { name, title });
            self.offered.len() - 1
        })
    }
}

fn stated_twice(table: &DataTable, code: &str, id: &str) -> Diagnostic {
    let message = format!("`{}` has two rows of `{code}` of participant `{id}`", table.name);
    let help = format!("choose one by `rows` in `[table.{}]`", table.name);
    Diagnostic::error_without_place(code::DATA_FILE, message).help(help)
}

/// Days in the unit of a time.
fn unit_of(plan: &Plan, table: &DataTable, row: usize) -> f64 {
    let told = plan.table(&table.name).time_unit;
    let text = || {
        let own = table.column("AVALU").and_then(|column| column.text(row));
        own.or_else(|| table.column("AVAL")?.unit.clone())
    };
    told.or_else(|| match text()?.to_ascii_lowercase().as_str() {
        "h" | "hour" | "hours" => Some(1.0 / 24.0),
        "week" | "weeks" => Some(7.0),
        "month" | "months" => Some(30.4375),
        "year" | "years" => Some(365.25),
        _ => None,
    })
    .unwrap_or(1.0)
}

/// Adverse events, by body system and then by term.
#[derive(Debug, Default)]
pub(super) struct AdverseEvents {
    pub(super) offered: Vec<OfferedEvent>,
    /// By participant, by time.
    pub(super) of: Vec<Vec<Happened>>,
}

impl AdverseEvents {
    /// Reads all tables of adverse events.
    pub(super) fn read(
        plan: &Plan,
        tables: &[&DataTable],
        people: &People,
        faults: &mut Faults,
    ) -> Self {
        let mut events = Self { offered: Vec::new(), of: vec![Vec::new(); people.count()] };
        events.name_terms(tables);
        for table in tables {
            events.add(plan, table, people, faults);
        }
        events.of.iter_mut().for_each(|of| of.sort_by(|a, b| a.day.total_cmp(&b.day)));
        events
    }

    fn name_terms(&mut self, tables: &[&DataTable]) {
        let mut terms: Vec<(String, String)> = tables
            .iter()
            .flat_map(|table| (0..table.rows).filter_map(|row| term(table, row)))
            .collect();
        terms.sort();
        terms.dedup();
        let mut ids: BTreeMap<String, usize> = BTreeMap::new();
        for (body_system, term) in terms {
            let id = word_of(&term);
            let times = ids.entry(id.clone()).or_default();
            *times += 1;
            let id = if *times == 1 { id } else { format!("{id}_{times}") };
            self.offered.push(OfferedEvent { id, term, body_system });
        }
    }

    fn add(&mut self, plan: &Plan, table: &DataTable, people: &People, faults: &mut Faults) {
        let Some(name) = required(table, &plan.participant, faults) else { return };
        for row in 0..table.rows {
            let person = people.named(name, row);
            let (Some(person), Some((body_system, term))) = (person, term(table, row)) else {
                continue;
            };
            let place = self.offered.binary_search_by(|event| {
                (&event.body_system, &event.term).cmp(&(&body_system, &term))
            });
            let Ok(index) = place else { continue };
            self.of[person].push(Happened {
                what: Happening::AdverseEvent(index),
                day: start(table, row),
                grade: grade(table, row),
                serious: table.column("AESER").is_some_and(|column| column.is_yes(row)),
                discontinuing: ends_treatment(table, row),
            });
        }
    }
}

/// Body system and term of a row.
fn term(table: &DataTable, row: usize) -> Option<(String, String)> {
    let term = table.column("AEDECOD")?.text(row)?;
    let system = table.first_of(&["AEBODSYS", "AESOC"]).and_then(|column| column.text(row));
    Some((system.unwrap_or_else(|| term.clone()), term))
}

/// Days since day 1. An event that counts as one of treatment, whose start is not known or lies before,
/// is taken to begin with it.
fn start(table: &DataTable, row: usize) -> f64 {
    let day = table.instant("ASTTIME", "ASTDY", row);
    day.map_or(0.0, |day| day.max(0.0))
}

/// Whether the study drug was withdrawn because of an event, in the words of CDISC's terminology.
fn ends_treatment(table: &DataTable, row: usize) -> bool {
    let action = table.column("AEACN").and_then(|column| column.text(row));
    action.is_some_and(|action| action.eq_ignore_ascii_case("DRUG WITHDRAWN"))
}

/// Grade, or severity in words: 1 without either.
fn grade(table: &DataTable, row: usize) -> u8 {
    let number = table.first_of(&["AETOXGRN", "AETOXGR"]).map(|column| column.number(row));
    if let Some(grade @ 1.0..=5.0) = number {
        return grade as u8;
    }
    let words = table.column("AESEV").and_then(|column| column.text(row)).unwrap_or_default();
    match words.to_ascii_uppercase().as_str() {
        "MODERATE" => 2,
        "SEVERE" => 3,
        "LIFE THREATENING" | "LIFE-THREATENING" => 4,
        "FATAL" | "DEATH" => 5,
        _ => 1,
    }
}
