//! What the trial knows of a participant at the end: records, adverse events as reported, happenings.

use crate::adverse::Episode;
use crate::conduct::Person;
use crate::disposition::Departure;
use crate::intake::Intake;
use crate::knowledge::{Knowledge, by_onset};
use crate::periods::InPeriod;
use crate::plan::Plan;
use crate::seen::Learned;
use crate::shard::Enrolled;
use proband_analysis::{Dose, Happened, Participant};

/// What the trial knows of a participant at the end of follow-up.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Adverse events that the trial learned of, by onset.
    pub(crate) reported: Vec<Episode>,
    /// Adverse events as they happened, by onset, and whether the trial learned of each.
    pub(crate) happened: Vec<(Episode, bool)>,
    /// For each event of a model, in the order they happened, whether the trial learned of it.
    pub(crate) learned: Vec<bool>,
    /// What endpoints read: events of models and adverse events, by time.
    pub(crate) happenings: Vec<Happened>,
    pub(crate) doses: Vec<Dose>,
    /// Day on which follow-up ended.
    pub(crate) followed: f64,
    pub(crate) treatment: Departure,
    pub(crate) trial: Departure,
    /// What the participant is in each period of a crossover, in the order of the arms.
    pub(crate) periods: Vec<InPeriod>,
    /// Limits of plausibility that were passed (positions in `Trial::limits`).
    pub(crate) implausible: Vec<usize>,
    /// Whether a dose was taken, or the arm has none.
    pub(crate) treated: bool,
}

/// Works out outcomes, with room to work in.
#[derive(Debug)]
pub(crate) struct Outcomes<'p, 't> {
    plan: &'p Plan<'t>,
    knowledge: Knowledge<'p, 't>,
    intake: Intake<'p, 't>,
}

impl<'p, 't> Outcomes<'p, 't> {
    pub(crate) fn new(plan: &'p Plan<'t>) -> Self {
        Self { plan, knowledge: Knowledge::new(plan), intake: Intake::new(plan) }
    }

    /// What the trial knows of a person at the end of a path (position in `Plan::paths`).
    pub(crate) fn of(&mut self, person: &Person, path: usize) -> Outcome {
        let (trial, path) = (self.plan.trial, &self.plan.paths[path]);
        let arm = path[0];
        let followed = person.ending.as_ref().map_or(person.until, |ending| ending.day);
        let Learned { reported, happenings } = self.knowledge.of(person, arm);
        let events = &person.truth.events;
        let learned =
            events.iter().map(|event| self.knowledge.known_on(event, person).is_some());
        Outcome {
            learned: learned.collect(),
            happened: self.happened(person, &reported),
            happenings,
            reported,
            doses: self.intake.of(person, path, followed),
            followed,
            treatment: Departure::from_treatment(trial, person, followed),
            trial: Departure::from_trial(person, followed),
            periods: Vec::new(),
            implausible: person.truth.implausible.iter().map(|(limit, _)| *limit).collect(),
            treated: person.seen.doses.iter().any(|dose| dose.taken)
                || trial.arms[arm].regimens.is_empty(),
        }
    }

    /// Adverse events as they happened, and whether the trial learned of each.
    fn happened(&self, person: &Person, reported: &[Episode]) -> Vec<(Episode, bool)> {
        let mut happened = true_episodes(person);
        happened.sort_by(by_onset);
        let learned = |one: &Episode| match self.knowledge.is_by_records(one.adverse_event) {
            true => overlaps(reported, one),
            false => self.knowledge.is_learned(one, person),
        };
        happened.iter().map(|one| (*one, learned(one))).collect()
    }
}

/// A participant as the analyses take it.
pub(crate) fn participant<'a>(enrolled: &'a Enrolled, outcome: &'a Outcome) -> Participant<'a> {
    let person = &enrolled.person;
    Participant {
        arm: enrolled.arm,
        factual: enrolled.factual,
        period: 0,
        sequence: enrolled.path,
        strata: &enrolled.strata,
        covariates: &person.covariates,
        records: &person.seen.records,
        happenings: &outcome.happenings,
        doses: &outcome.doses,
        truths: &person.truth.asked,
        predicted: &person.truth.predicted,
        times: &[],
        followed: outcome.followed,
        treated: outcome.treated,
        completed: outcome.trial.why.is_none(),
        stopped: outcome
            .treatment
            .why
            .as_ref()
            .map_or(f64::INFINITY, |_| outcome.treatment.day),
        treatment: outcome.treatment.exit(),
        trial: outcome.trial.exit(),
        came: person.arrival.came(),
        failed: person.failed(),
        implausible: &outcome.implausible,
    }
}

/// Episodes by true values, those that were going on at the end included.
fn true_episodes(person: &Person) -> Vec<Episode> {
    let mut episodes = person.truth.episodes.clone();
    for (event, graded) in person.course.graded.iter().enumerate() {
        episodes.extend(graded.clone().finish(event));
    }
    episodes
}

/// Whether an episode that the records show overlaps one that was.
fn overlaps(reported: &[Episode], truth: &Episode) -> bool {
    let same = |seen: &&Episode| seen.adverse_event == truth.adverse_event;
    reported.iter().filter(same).any(|seen| seen.onset <= truth.end && truth.onset <= seen.end)
}
