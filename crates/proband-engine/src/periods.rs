//! What a participant of a crossover is to the analyses in each of its periods: the records, happenings and
//! doses of the period, with days counted from its first dose.

use crate::outcome::{Outcome, participant};
use crate::plan::Plan;
use crate::shard::Enrolled;
use proband_analysis::{Dose, Happened, Participant, Record};

/// A participant in one period.
#[derive(Debug)]
pub(crate) struct InPeriod {
    /// The period, from 0.
    pub(crate) period: usize,
    arm: usize,
    records: Vec<Record>,
    pub(crate) happenings: Vec<Happened>,
    doses: Vec<Dose>,
    truths: Vec<f64>,
    followed: f64,
    completed: bool,
    failed: bool,
    implausible: Vec<usize>,
}

/// A participant in every period, in the order of the arms; nothing but in a crossover.
pub(crate) fn in_periods(
    plan: &Plan<'_>,
    enrolled: &Enrolled,
    outcome: &Outcome,
) -> Vec<InPeriod> {
    if plan.periods.len() == 1 {
        return Vec::new();
    }
    let path = &plan.paths[enrolled.path];
    let mut periods: Vec<usize> = (0..path.len()).collect();
    periods.sort_by_key(|&period| path[period]);
    periods.into_iter().map(|period| InPeriod::new(plan, enrolled, outcome, period)).collect()
}

impl InPeriod {
    fn new(plan: &Plan<'_>, enrolled: &Enrolled, outcome: &Outcome, period: usize) -> Self {
        let person = &enrolled.person;
        let (begins, ends) = plan.period(period);
        let first = if period == 0 { f64::NEG_INFINITY } else { begins };
        let holds = |day: f64| (first..ends).contains(&day);
        let happenings = outcome.happenings.iter().filter(|happened| holds(happened.day));
        let doses = outcome.doses.iter().filter(|dose| holds(dose.day));
        let followed = outcome.followed.min(ends) - begins;
        let reached = followed >= 0.0;
        let passed = person.truth.implausible.iter().filter(|(_, day)| holds(*day));
        Self {
            period,
            arm: plan.paths[enrolled.path][period],
            records: records(plan, enrolled, period),
            happenings: happenings.map(|h| Happened { day: h.day - begins, ..*h }).collect(),
            doses: doses.map(|dose| Dose { day: dose.day - begins, ..*dose }).collect(),
            truths: match period {
                0 => person.truth.asked.clone(),
                _ => vec![f64::NAN; person.truth.asked.len()],
            },
            followed: if reached { followed } else { f64::NAN },
            completed: person.ending.is_none() || outcome.followed >= ends,
            failed: person.failed() && reached && outcome.followed < ends,
            implausible: passed.map(|(limit, _)| *limit).collect(),
        }
    }

    /// What the analyses take; nobody who has not come so far is in an arm.
    pub(crate) fn participant<'a>(
        &'a self,
        plan: &Plan<'_>,
        enrolled: &'a Enrolled,
        outcome: &'a Outcome,
    ) -> Participant<'a> {
        Participant {
            arm: self.arm,
            factual: enrolled.factual && !self.followed.is_nan(),
            period: self.period,
            sequence: enrolled.path,
            records: &self.records,
            happenings: &self.happenings,
            doses: &self.doses,
            truths: &self.truths,
            followed: self.followed,
            treated: !self.doses.is_empty() || plan.trial.arms[self.arm].regimens.is_empty(),
            completed: self.completed,
            failed: self.failed,
            implausible: &self.implausible,
            ..participant(enrolled, outcome)
        }
    }
}

/// The records of a period, under the visits of the first that they repeat, with those from before day 1.
fn records(plan: &Plan<'_>, enrolled: &Enrolled, period: usize) -> Vec<Record> {
    let encounters = &plan.trial.encounters;
    let begins = plan.period(period).0;
    let of = |record: &Record| {
        let encounter = &encounters[record.encounter];
        if encounter.day < 0.0 {
            return Some(*record);
        }
        let here = plan.period_of(encounter, record.day) == period;
        let planned = encounter.repeats.map_or(record.encounter, |repeated| repeated.encounter);
        here.then_some(Record { encounter: planned, day: record.day - begins, ..*record })
    };
    enrolled.person.seen.records.iter().filter_map(of).collect()
}
