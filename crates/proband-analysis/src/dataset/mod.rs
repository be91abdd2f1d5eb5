//! Data sets in ADaM's form: what they offer to a plan, and their participants as trials have them.
//!
//! Nothing is analysed here. Participants of a data set become the same columns as those of a simulated
//! trial ([`crate::Layout`]), and are analysed by the same code.

mod events;
mod people;
mod records;
mod rows;
mod table;

pub use table::{DataColumn, DataTable, DataValues};

use crate::layout::Layout;
use crate::record::{Came, Exit, Participant};
use crate::shard::ParticipantColumns;
use events::{AdverseEvents, Times};
use people::People;
use proband_diag::{Diagnostic, Faults, code};
use proband_trial::{Holds, Offered, Plan};
use records::Records;

/// Participants that are turned into columns at once.
const SHARD: usize = 4096;

/// The participants of a data set, and what is known of them.
#[derive(Debug)]
pub struct Dataset {
    people: People,
    records: Records,
    times: Times,
    events: AdverseEvents,
    offered: Offered,
}

impl Dataset {
    /// Reads the tables of a data set as a plan says. All faults go to `faults`; none if there is one.
    #[must_use]
    pub fn read(plan: &Plan, tables: Vec<DataTable>, faults: &mut Faults) -> Option<Self> {
        let names: Vec<String> = tables.iter().map(|table| table.name.clone()).collect();
        plan.known_tables(&names, faults);
        let mut held: Vec<(Holds, DataTable)> =
            tables.into_iter().map(|table| (rows::held_by(&table, plan), table)).collect();
        for (holds, table) in &mut held {
            rows::choose(table, *holds, plan, faults);
        }
        if faults.has_errors() {
            return None;
        }
        let people = people(plan, &held, faults)?;
        let of = |wanted: Holds| -> Vec<&DataTable> {
            held.iter().filter(|(holds, _)| *holds == wanted).map(|(_, table)| table).collect()
        };
        let records = Records::read(plan, &of(Holds::Records), &people, faults);
        let times = Times::read(plan, &of(Holds::Times), &people, faults);
        let events = AdverseEvents::read(plan, &of(Holds::AdverseEvents), &people, faults);
        if faults.has_errors() {
            return None;
        }
        let offered = offered(&people, &records, &times, &events);
        Some(Self { people, records, times, events, offered })
    }

    /// What expressions can name.
    #[must_use]
    pub fn offered(&self) -> &Offered {
        &self.offered
    }

    /// What a reader of the findings must know of the data: rows and participants that are left out.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = self.records.notes.clone();
        if self.people.left_out > 0 {
            let count = self.people.left_out;
            notes.insert(0, format!("{count} participants of no arm of the plan left out"));
        }
        notes
    }

    /// The columns of all participants, in pieces.
    pub fn columns<'a>(
        &'a self,
        layout: &'a Layout<'_>,
    ) -> impl Iterator<Item = ParticipantColumns> + 'a {
        let count = self.people.count();
        (0..count).step_by(SHARD).map(move |from| {
            let people = from..count.min(from + SHARD);
            let mut shard = layout.shard(people.len());
            for (row, person) in people.enumerate() {
                self.with(person, |participant| layout.fill(&mut shard, row, participant));
            }
            layout.evaluate(&mut shard);
            shard
        })
    }

    fn with(&self, person: usize, take: impl FnOnce(&Participant<'_>)) {
        let covariates: Vec<f64> = self.people.values.iter().map(|of| of[person]).collect();
        take(&Participant {
            arm: self.people.arm[person],
            factual: true,
            period: 0,
            sequence: 0,
            strata: &[],
            covariates: &covariates,
            records: &self.records.of[person],
            happenings: &self.events.of[person],
            doses: &[],
            truths: &[],
            predicted: &[],
            times: &self.times.of[person],
            followed: self.people.followed[person],
            treated: self.people.treated.as_ref().is_none_or(|treated| treated[person]),
            completed: self.people.completed.as_ref().is_some_and(|done| done[person]),
            stopped: self.people.stopped[person],
            treatment: Exit::AsPlanned,
            trial: Exit::AsPlanned,
            came: Came { entry: f64::NAN, ..Came::default() },
            failed: false,
            implausible: &[],
        });
    }
}

/// Participants, from their own table or from the first one there is.
fn people(plan: &Plan, held: &[(Holds, DataTable)], faults: &mut Faults) -> Option<People> {
    let mut own = held.iter().filter(|(holds, _)| *holds == Holds::Participants);
    let (first, second) = (own.next(), own.next());
    if let (Some((_, first)), Some((_, second))) = (first, second) {
        let message =
            format!("`{}` and `{}` are both tables of participants", first.name, second.name);
        let fault = Diagnostic::error_without_place(code::DATA_FILE, message);
        faults.push(fault.help("say what a table holds: `holds` in `[table.NAME]`"));
        return None;
    }
    let Some((_, table)) = first.or_else(|| held.first()) else {
        let message = "there are no data";
        faults.push(Diagnostic::error_without_place(code::DATA_FILE, message));
        return None;
    };
    let people = People::read(plan, table, first.is_some(), faults)?;
    if people.count() == 0 && !faults.has_errors() {
        let message = format!("`{}` has no participant of any arm", table.name);
        faults.push(Diagnostic::error_without_place(code::DATA_FILE, message));
    }
    (!faults.has_errors()).then_some(people)
}

fn offered(
    people: &People,
    records: &Records,
    times: &Times,
    events: &AdverseEvents,
) -> Offered {
    let visits = records.visits.iter().map(|visit| visit.day);
    let followed = people.followed.iter().copied();
    let happened = events.of.iter().flatten().map(|happened| happened.day);
    let days = visits.chain(followed).chain(happened);
    Offered {
        arms: people.arms.clone(),
        covariates: people.covariates.clone(),
        visits: records.visits.clone(),
        observables: records.observables.clone(),
        times: times.offered.clone(),
        adverse_events: events.offered.clone(),
        end: days.fold(0.0, f64::max),
        participants: people.count() as u64,
        treated: people.treated.is_some(),
        completed: people.completed.is_some(),
        stopped: people.tells_stops,
    }
}
