//! The calendar of a trial: who had entered by when, what was known by when, and when a condition on that
//! first holds. Nothing steps through time: between two entries, events or visits no count changes.

use proband_lang::Expr;
use proband_trial::{Quantity, Trial, TrialQuantity};

/// When somebody entered, and when the trial learned what it counts. Days since the first day of accrual.
#[derive(Clone, Debug, PartialEq)]
pub struct Entered {
    /// Randomised.
    pub entry: f64,
    /// Position in `Trial::arms`.
    pub arm: usize,
    /// Visits attended: position in `Trial::encounters`, and when.
    pub attended: Vec<(usize, f64)>,
    /// By endpoint: when the trial learned of its event, if it is a time; infinite where it never did.
    pub events: Vec<f64>,
    /// End of follow-up.
    pub until: f64,
}

/// Sorted times at which each count rises by one.
#[derive(Clone, Debug)]
pub(crate) struct Calendar<'t> {
    trial: &'t Trial,
    entries: Vec<f64>,
    /// By arm.
    by_arm: Vec<Vec<f64>>,
    /// By encounter.
    attended: Vec<Vec<f64>>,
    /// By endpoint.
    events: Vec<Vec<f64>>,
    /// Entry and end of follow-up.
    followed: Vec<(f64, f64)>,
}

impl<'t> Calendar<'t> {
    pub(crate) fn new(trial: &'t Trial, people: &[Entered]) -> Self {
        let mut calendar = Self {
            trial,
            entries: Vec::new(),
            by_arm: vec![Vec::new(); trial.arms.len()],
            attended: vec![Vec::new(); trial.encounters.len()],
            events: vec![Vec::new(); trial.endpoints.len()],
            followed: people.iter().map(|person| (person.entry, person.until)).collect(),
        };
        for person in people {
            calendar.entries.push(person.entry);
            calendar.by_arm[person.arm].push(person.entry);
            for &(encounter, day) in &person.attended {
                calendar.attended[encounter].push(day);
            }
            for (times, &day) in calendar.events.iter_mut().zip(&person.events) {
                times.extend(Some(day).filter(|day| day.is_finite()));
            }
        }
        let lists = calendar.by_arm.iter_mut().chain(&mut calendar.attended);
        for times in lists.chain(&mut calendar.events).chain([&mut calendar.entries]) {
            times.sort_by(f64::total_cmp);
        }
        calendar
    }

    /// When the last participant's follow-up ends.
    pub(crate) fn last_visit(&self) -> f64 {
        self.followed.iter().map(|(_, until)| *until).fold(0.0, f64::max)
    }

    /// The last entry.
    pub(crate) fn last_entry(&self) -> f64 {
        self.entries.last().copied().unwrap_or(0.0)
    }

    /// Participants who had entered by a day.
    pub(crate) fn enrolled(&self, day: f64) -> u64 {
        self.entries.partition_point(|&entry| entry <= day) as u64
    }

    /// A count on a day, over all arms or in one; none of what is no count.
    pub(crate) fn count(
        &self,
        quantity: &TrialQuantity,
        day: f64,
        arm: Option<usize>,
    ) -> Option<f64> {
        let by = |times: &[f64]| times.partition_point(|&time| time <= day) as f64;
        Some(match quantity {
            TrialQuantity::Randomised => by(arm.map_or(&self.entries, |arm| &self.by_arm[arm])),
            TrialQuantity::Enrolled => by(&self.entries),
            TrialQuantity::Events(endpoint) => by(&self.events[*endpoint]),
            TrialQuantity::Attended(encounter) => by(&self.attended[*encounter]),
            TrialQuantity::FollowedFor(days) => by(&self.followed_for(*days)),
            TrialQuantity::Calendar => day,
            _ => return None,
        })
    }

    /// When each of those who were followed for so long had been.
    fn followed_for(&self, days: f64) -> Vec<f64> {
        let mut times: Vec<f64> = self
            .followed
            .iter()
            .map(|(entry, until)| (entry + days, until))
            .filter(|(due, until)| due <= until)
            .map(|(due, _)| due)
            .collect();
        times.sort_by(f64::total_cmp);
        times
    }

    /// The first moment from `from` on, up to `to`, at which a condition holds.
    pub(crate) fn first(
        &self,
        when: &Expr,
        planned: u64,
        (from, to): (f64, f64),
    ) -> Option<f64> {
        let holds = |day: f64| self.value(when, planned, day).is_some_and(|value| value > 0.0);
        let mut moments = self.moments(when);
        moments.retain(|&moment| from < moment && moment <= to);
        let mut present = from;
        for next in moments.into_iter().chain([to]) {
            if holds(present) {
                return Some(present);
            }
            if let Some(between) = self.crossing(when, planned, present, next, &holds) {
                return Some(between);
            }
            present = next;
        }
        holds(to).then_some(to)
    }

    /// The moments at which a count that a condition reads changes.
    fn moments(&self, when: &Expr) -> Vec<f64> {
        let mut moments = Vec::new();
        when.walk(&mut |part| match self.quantity(part) {
            Some(TrialQuantity::Enrolled | TrialQuantity::Randomised) => {
                moments.extend(&self.entries);
            }
            Some(TrialQuantity::Events(endpoint)) => moments.extend(&self.events[*endpoint]),
            Some(TrialQuantity::Attended(encounter)) => {
                moments.extend(&self.attended[*encounter]);
            }
            Some(TrialQuantity::FollowedFor(days)) => moments.extend(self.followed_for(*days)),
            _ => {}
        });
        moments.sort_by(f64::total_cmp);
        moments.dedup();
        moments
    }

    /// The first moment within two at which the calendar passes what it is compared with, if the condition
    /// holds then. Counts are those of the earlier moment.
    fn crossing(
        &self,
        when: &Expr,
        planned: u64,
        from: f64,
        to: f64,
        holds: &dyn Fn(f64) -> bool,
    ) -> Option<f64> {
        let mut passed = Vec::new();
        when.walk(&mut |part| {
            let Expr::Binary(_, left, right) = part else { return };
            let other = match (self.quantity(left), self.quantity(right)) {
                (Some(TrialQuantity::Calendar), _) => right,
                (_, Some(TrialQuantity::Calendar)) => left,
                _ => return,
            };
            if let Some(day) = self.value(other, planned, from) {
                // A strict comparison comes to hold right after.
                passed.extend([day, day.next_up()]);
            }
        });
        passed.retain(|&day| from < day && day < to);
        passed.sort_by(f64::total_cmp);
        passed.into_iter().find(|&day| holds(day))
    }

    fn value(&self, expr: &Expr, planned: u64, day: f64) -> Option<f64> {
        expr.value_where(&|symbol| match &self.trial.quantities[symbol.index()] {
            Quantity::OfTrial(TrialQuantity::Participants) => Some(planned as f64),
            Quantity::OfTrial(quantity) => self.count(quantity, day, None),
            _ => None,
        })
    }

    fn quantity(&self, expr: &Expr) -> Option<&'t TrialQuantity> {
        let Expr::Symbol(symbol) = expr else { return None };
        match &self.trial.quantities[symbol.index()] {
            Quantity::OfTrial(quantity) => Some(quantity),
            _ => None,
        }
    }
}
