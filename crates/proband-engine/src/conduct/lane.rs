//! What a lane is about: whose path, what is due, what is read off, which conditions hold.

use super::agenda::{Agenda, Turn};
use super::field::SystemField;
use crate::plan::Phase;
use proband_ode::{LaneState, Plan};

/// What a lane is about.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// The place of its person.
    pub(super) place: usize,
    pub(super) agenda: Agenda,
    /// Instants that are read off, in the order of time.
    pub(super) samples: Vec<Planned>,
    /// How many of them the integrator has passed, and how many it has handed over.
    passed: usize,
    taken: usize,
    /// The instant up to which everything has happened, or is happening.
    pub(super) now: f64,
    /// How many events have happened at this instant.
    events: usize,
    /// Difference equations that tick at this instant, and the new values of their states.
    pub(super) moves: Vec<(usize, f64)>,
    /// The day on which the stage ends.
    pub(super) end: f64,
    /// The next value of each series.
    pub(super) series: Vec<usize>,
    /// The instant for which switches have asked last.
    pub(super) switch_at: f64,
    /// Truth of each guard.
    pub(super) guards: Vec<bool>,
    /// Whether what a visit finds out changes the path, so that it stops there.
    stops_at_visits: bool,
    /// Amounts of each regimen's rungs, where covariates alone decide.
    pub(super) amounts: Vec<Vec<f64>>,
}

/// An instant that is read off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Planned {
    /// In the system's time.
    pub(super) t: f64,
    pub(super) day: f64,
    pub(super) sample: Sample,
}

/// What is read off at an instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sample {
    /// A visit.
    Encounter(usize),
    /// A point of the latent trajectory.
    Truth,
    /// A true value that a published figure asks for.
    Asked(usize),
    /// A point of a trace.
    Trace,
}

/// A lane at an instant: what anything that happens there may read and change.
pub(super) struct Here<'h> {
    pub(super) field: &'h mut SystemField,
    pub(super) lane: usize,
    pub(super) t: f64,
    /// The integrated states, as the integrator has them.
    pub(super) y: LaneState<'h>,
}

impl Here<'_> {
    /// A state.
    pub(super) fn state(&self, row: usize) -> f64 {
        self.field.state(row, self.lane)
    }

    /// Changes a state.
    pub(super) fn set_state(&mut self, row: usize, value: f64) {
        self.field.set_state(row, self.lane, value);
    }

    /// Puts the lane on the path that begins with what has changed.
    pub(super) fn take_path(&mut self) {
        self.field.take_path(self.lane, &mut self.y);
    }
}

/// Whether two numbers are one: times that were worked out alike are the same to the bit, and those that
/// were not are different instants.
#[expect(clippy::float_cmp, reason = "no margin is meant")]
pub(super) fn same(a: f64, b: f64) -> bool {
    a == b
}

/// What an occurrence has done to a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Effect {
    /// States, twin rows or signals have changed.
    pub(super) changed: bool,
    /// The path is over.
    pub(super) finished: bool,
}

impl Effect {
    pub(super) const NONE: Self = Self { changed: false, finished: false };
    pub(super) const CHANGED: Self = Self { changed: true, finished: false };
    pub(super) const FINISHED: Self = Self { changed: false, finished: true };

    pub(super) fn changed(changed: bool) -> Self {
        Self { changed, finished: false }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self { changed: self.changed | other.changed, finished: self.finished | other.finished }
    }
}

/// How often every event of a system may happen to one twin at one instant, on average: a tissue whose
/// cells all fire at once brings nothing about without end.
const MOST_ROUNDS: usize = 100;

impl Lane {
    pub(super) fn new(phase: &Phase) -> Self {
        Self {
            guards: vec![false; phase.guards.len()],
            series: vec![0; phase.series.len()],
            stops_at_visits: phase.stops_at_visits(),
            amounts: vec![Vec::new(); phase.amounts.len()],
            ..Self::default()
        }
    }

    /// Begins a path at an instant.
    pub(super) fn begin(&mut self, place: usize, t: f64) {
        self.place = place;
        self.agenda.clear();
        self.samples.clear();
        self.moves.clear();
        (self.passed, self.taken, self.events) = (0, 0, 0);
        self.now = t;
        self.switch_at = f64::NAN;
        self.guards.fill(false);
    }

    /// Comes to an instant.
    pub(super) fn come_to(&mut self, t: f64) {
        if !same(t, self.now) {
            (self.now, self.events) = (t, 0);
        }
    }

    /// Counts an event of a system that has so many; false where there have been too many at this instant.
    pub(super) fn count_event(&mut self, of: usize) -> bool {
        self.events += 1;
        self.events <= MOST_ROUNDS * of
    }

    /// What the integrator heads for. What is read off between steps leaves no trace in the path; only
    /// where events come first at the same instant does it wait for them.
    pub(super) fn plan(&self) -> Plan {
        let (due, visit) = (self.agenda.next(), self.next_visit());
        let sample = self.samples.get(self.passed).map_or(f64::INFINITY, |sample| sample.t);
        let events_first = same(sample, due) && self.agenda.turn() == Some(Turn::Events);
        let stops = sample <= self.now || events_first || same(sample, visit);
        if stops && sample < f64::INFINITY {
            Plan { stop: due.min(sample), sample: f64::INFINITY }
        } else {
            Plan { stop: due.min(visit), sample }
        }
    }

    /// The next visit at which the path stops. It stops at nothing else that is read off: what is kept of
    /// a path must not change it.
    fn next_visit(&self) -> f64 {
        let is_visit = |planned: &&Planned| matches!(planned.sample, Sample::Encounter(_));
        let mut rest = self.samples[self.passed..].iter().filter(|_| self.stops_at_visits);
        rest.find(is_visit).map_or(f64::INFINITY, |visit| visit.t)
    }

    /// The integrator has passed a sample.
    pub(super) fn pass_sample(&mut self) {
        self.passed += 1;
    }

    /// The sample that the integrator hands over.
    pub(super) fn take_sample(&mut self) -> Planned {
        self.taken += 1;
        self.samples[self.taken - 1]
    }

    /// Adds an instant that is still to come.
    pub(super) fn insert(&mut self, planned: Planned) {
        let place = self.samples.partition_point(|of| of.t <= planned.t);
        self.samples.insert(place, planned);
    }

    /// Plans afresh what is still to be read off.
    pub(super) fn replan(&mut self, change: impl FnMut(Planned) -> Option<Planned>) {
        let rest = self.samples.split_off(self.taken);
        self.samples.extend(rest.into_iter().filter_map(change));
        self.samples[self.taken..].sort_by(|a, b| a.t.total_cmp(&b.t));
    }

    /// Takes a sample at a stop.
    pub(super) fn take_sample_here(&mut self) -> Planned {
        self.passed += 1;
        self.take_sample()
    }

    /// Whose turn it is at the present instant.
    pub(super) fn turn(&self) -> Option<Turn> {
        let due = self.agenda.turn().filter(|_| self.agenda.next() <= self.now);
        let sample = self.samples.get(self.taken).filter(|sample| sample.t <= self.now);
        due.into_iter().chain(sample.map(|_| Turn::Visits)).min()
    }
}
