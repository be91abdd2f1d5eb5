//! What is due for one participant, in the order of time and, at one instant, in the order that the
//! language and the trial file prescribe.

use super::person::GivenDose;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Something that is due at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Due {
    /// What held at the end of the stage before is compared with what holds now.
    Settle,
    /// An event's condition, or its release, may have held long enough.
    Threshold(usize),
    /// An event that recurs by the clock.
    Recurring(usize),
    /// The true grade of an adverse event may have changed.
    Grade(usize),
    /// A condition on time alone changes its truth: nothing to do but to be there.
    Switch,
    /// An episode of an adverse event, or treatment, has come to its end: what expressions read of it
    /// changes.
    Passes,
    /// A discontinuation whose rate is the same at all times (position in `Trial::discontinuations`).
    Discontinuation(usize),
    /// What is decided after an attended visit (position in `Trial::encounters`).
    Decisions(usize),
    /// A signal from a file takes the value that holds from here on.
    Series(usize),
    /// A signal from a file held its value up to here.
    SeriesEnds(usize),
    /// An occasion begins with an encounter (position in `Trial::encounters`).
    Occasion(usize),
    /// A dose leaves the window of a daily dose.
    DoseFades,
    /// The next dose of a regimen (position among the phase's).
    Dose(usize),
    /// A dose that is taken later than scheduled.
    LateDose(GivenDose),
    /// A dose arrives in its state after its lag.
    Arrival(Arrival),
    /// An infusion ends.
    InfusionEnds {
        /// Position of its dose line among all lines of the system.
        line: usize,
        /// The rate, in the state's unit per time.
        rate: f64,
    },
    /// A difference equation is due (position among the system's).
    Tick(usize),
    /// All difference equations that are due have their values.
    Moves,
    /// Follow-up ends.
    End,
}

/// What arrives in a state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Arrival {
    /// Position of the dose line among all lines of the system.
    pub(crate) line: usize,
    /// What it adds to the state, in the state's unit.
    pub(crate) amount: f64,
    /// Time over which it arrives; 0 at once.
    pub(crate) over: f64,
}

/// The turns of one instant (section 5 of the trial file's reference). What a turn has made true
/// happens before the next turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Turn {
    /// Events by the clock, and what changes with time alone.
    Events,
    /// Visits, and whatever else is read off.
    Visits,
    /// What is decided after a visit.
    Decisions,
    /// Occasions, inputs, doses and difference equations.
    Changes,
    /// The end of follow-up.
    End,
}

impl Due {
    /// The turn in which it comes, and its place there. Doses come in the order of the regimens.
    fn rank(&self) -> (Turn, usize) {
        /// After every dose.
        const ARRIVED: usize = usize::MAX / 2;
        match self {
            Self::Settle => (Turn::Events, 0),
            Self::Threshold(_)
            | Self::Recurring(_)
            | Self::Grade(_)
            | Self::Discontinuation(_) => (Turn::Events, 1),
            // A value from a file that is known at an instant holds at that instant, so that a visit
            // at the same time sees it.
            Self::Switch | Self::Series(_) | Self::Passes => (Turn::Events, 2),
            Self::Decisions(_) => (Turn::Decisions, 0),
            Self::Occasion(_) | Self::DoseFades | Self::SeriesEnds(_) => (Turn::Changes, 0),
            Self::InfusionEnds { .. } => (Turn::Changes, 1),
            Self::Dose(place) => (Turn::Changes, 2 + place),
            Self::LateDose(_) => (Turn::Changes, ARRIVED),
            Self::Arrival(_) => (Turn::Changes, ARRIVED + 1),
            Self::Tick(_) => (Turn::Changes, ARRIVED + 2),
            Self::Moves => (Turn::Changes, ARRIVED + 3),
            Self::End => (Turn::End, 0),
        }
    }
}

/// What is due, earliest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agenda {
    heap: BinaryHeap<Entry>,
    entered: u32,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    t: f64,
    rank: (Turn, usize),
    /// Entries of one instant and rank keep the order in which they were made.
    number: u32,
    due: Due,
}

impl Agenda {
    /// Forgets everything, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.heap.clear();
        self.entered = 0;
    }

    /// Enters something; what is due at infinity never is.
    pub(crate) fn add(&mut self, t: f64, due: Due) {
        if t < f64::INFINITY {
            self.heap.push(Entry { t, rank: due.rank(), number: self.entered, due });
            self.entered += 1;
        }
    }

    /// The time of the next entry; infinity where there is none.
    pub(crate) fn next(&self) -> f64 {
        self.heap.peek().map_or(f64::INFINITY, |entry| entry.t)
    }

    /// The turn of the next entry.
    pub(crate) fn turn(&self) -> Option<Turn> {
        self.heap.peek().map(|entry| entry.rank.0)
    }

    /// Takes the next entry, if it is due at `t`.
    pub(crate) fn take(&mut self, t: f64) -> Option<Due> {
        if self.next() <= t { self.heap.pop().map(|entry| entry.due) } else { None }
    }
}

impl Ord for Entry {
    /// Reversed, because the heap gives its greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |entry: &Self| (entry.rank, entry.number);
        other.t.total_cmp(&self.t).then_with(|| key(other).cmp(&key(self)))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_one_instant_events_come_before_inputs_doses_and_difference_equations() {
        let mut agenda = Agenda::default();
        agenda.add(2.0, Due::Dose(1));
        agenda.add(1.0, Due::Moves);
        agenda.add(1.0, Due::Tick(0));
        agenda.add(1.0, Due::End);
        agenda.add(1.0, Due::Dose(0));
        agenda.add(1.0, Due::Occasion(0));
        agenda.add(1.0, Due::Threshold(0));
        agenda.add(f64::INFINITY, Due::Switch);
        assert_eq!(agenda.turn(), Some(Turn::Events));
        let order: Vec<Due> = std::iter::from_fn(|| agenda.take(1.0)).collect();
        let changes = [Due::Occasion(0), Due::Dose(0), Due::Tick(0), Due::Moves];
        assert_eq!(order[..1], [Due::Threshold(0)]);
        assert_eq!(order[1..5], changes);
        assert_eq!(order[5..], [Due::End]);
        assert_eq!(agenda.next().to_bits(), 2.0_f64.to_bits());
    }

    #[test]
    fn equals_keep_the_order_of_entry() {
        let mut agenda = Agenda::default();
        (0..9).for_each(|tick| agenda.add(1.0, Due::Tick(tick)));
        let order: Vec<Due> = std::iter::from_fn(|| agenda.take(1.0)).collect();
        assert_eq!(order, (0..9).map(Due::Tick).collect::<Vec<_>>());
    }

    #[test]
    fn doses_come_in_the_order_of_the_regimens() {
        let mut agenda = Agenda::default();
        for place in [2, 0, 1] {
            agenda.add(1.0, Due::Dose(place));
        }
        let order: Vec<Due> = std::iter::from_fn(|| agenda.take(1.0)).collect();
        assert_eq!(order, (0..3).map(Due::Dose).collect::<Vec<_>>());
    }
}
