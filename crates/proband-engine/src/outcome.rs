//! What the trial knows of a participant at the end: records, adverse events as reported, happenings.

use crate::adverse::{Episode, Graded};
use crate::conduct::{ModelEvent, Person};
use crate::disposition::Departure;
use crate::draws::planned_index;
use crate::plan::{Known, Plan, SeenGrades};
use crate::shard::Enrolled;
use proband_analysis::{Dose, Happened, Participant};
use proband_kernel::Kernel;
use proband_trial::{Happening, ModelHappening};

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
    /// Whether a dose was taken, or the arm has none.
    pub(crate) treated: bool,
}

/// Works out outcomes, with room to work in.
pub(crate) struct Outcomes<'p, 't> {
    plan: &'p Plan<'t>,
    kernels: Vec<Kernel>,
    values: Vec<f64>,
}

impl<'p, 't> Outcomes<'p, 't> {
    pub(crate) fn new(plan: &'p Plan<'t>) -> Self {
        let kernels = plan.seen_grades.iter().map(SeenGrades::kernel).collect();
        Self { plan, kernels, values: Vec::new() }
    }

    pub(crate) fn of(&mut self, person: &Person, arm: usize) -> Outcome {
        let followed = person.ending.as_ref().map_or(person.until, |ending| ending.day);
        let (happened, reported) = self.episodes(person, arm);
        let events = &person.truth.events;
        let learned = events.iter().map(|event| self.known_on(event, person).is_some());
        Outcome {
            learned: learned.collect(),
            happenings: self.happenings(person, &reported),
            reported,
            happened,
            doses: self.doses(person, followed),
            followed,
            treatment: Departure::from_treatment(self.plan.trial, person, followed),
            trial: Departure::from_trial(person, followed),
            treated: !person.seen.doses.is_empty()
                || self.plan.trial.arms[arm].regimens.is_empty(),
        }
    }

    /// Adverse events as they happened, and whether the trial learned of each; then as it learned of them.
    fn episodes(
        &mut self,
        person: &Person,
        arm: usize,
    ) -> (Vec<(Episode, bool)>, Vec<Episode>) {
        let mut happened = true_episodes(person);
        let mut reported = Vec::new();
        let told = |one: &&Episode| {
            !self.is_by_records(one.adverse_event) && self.is_learned(one, person)
        };
        reported.extend(happened.iter().filter(told).copied());
        for index in 0..self.kernels.len() {
            reported.extend(self.seen_episodes(index, person, arm));
        }
        let by_onset = |a: &Episode, b: &Episode| {
            a.onset.total_cmp(&b.onset).then(a.adverse_event.cmp(&b.adverse_event))
        };
        reported.sort_by(by_onset);
        happened.sort_by(by_onset);
        let learned = |one: &Episode| match self.is_by_records(one.adverse_event) {
            true => overlaps(&reported, one),
            false => self.is_learned(one, person),
        };
        let happened = happened.iter().map(|one| (*one, learned(one))).collect();
        (happened, reported)
    }

    fn is_by_records(&self, adverse_event: usize) -> bool {
        self.plan.seen_grades.iter().any(|grades| grades.adverse_event == adverse_event)
    }

    /// The trial learns of what is reported, at once or at the next visit that is attended.
    fn is_learned(&self, episode: &Episode, person: &Person) -> bool {
        let found_at_visit =
            self.plan.trial.adverse_events[episode.adverse_event].found_at_encounter;
        episode.reported && (!found_at_visit || next_visit(person, episode.onset).is_some())
    }

    /// Episodes that the records show, as far as the adverse event happens in the arm and is reported.
    fn seen_episodes(&mut self, index: usize, person: &Person, arm: usize) -> Vec<Episode> {
        let adverse_event = self.plan.seen_grades[index].adverse_event;
        let declared = &self.plan.trial.adverse_events[adverse_event];
        let mut episodes = Vec::new();
        if declared.arms.is_empty() || declared.arms.contains(&arm) {
            self.grade_records(index, person, &mut episodes);
        }
        let draws = self.plan.arms[arm].draws.of(person.twin);
        for episode in &mut episodes {
            episode.decide(declared, &draws, planned_index(episode.onset));
        }
        episodes.retain(|episode| episode.reported);
        episodes
    }

    /// Grades by the records of each visit at which something they read was recorded.
    fn grade_records(&mut self, index: usize, person: &Person, reported: &mut Vec<Episode>) {
        let grades = &self.plan.seen_grades[index];
        let event = grades.adverse_event;
        let mut graded = Graded::NONE;
        let records = &person.seen.records;
        let mut taken = 0;
        while taken < records.len() {
            let visit = (records[taken].encounter, records[taken].day);
            let first = taken;
            while taken < records.len()
                && (records[taken].encounter, records[taken].day) == visit
            {
                taken += 1;
            }
            if !records[first..taken].iter().any(|record| grades.reads(record.observable)) {
                continue;
            }
            let latest = |observable| {
                let of = |r: &&proband_analysis::Record| r.observable == observable;
                records[..taken].iter().rev().find(of).map_or(f64::NAN, |record| record.value)
            };
            let known = Known { covariates: &person.covariates, latest, day: visit.1 };
            let grade = grades.grade(&mut self.kernels[index], &known, &mut self.values);
            reported.extend(graded.set(event, visit.1, grade));
        }
        reported.extend(graded.finish(event));
    }

    /// The day on which the trial learns of an event of a model: at once where it ends follow-up, or
    /// where there are no visits; else at the next visit that is attended.
    fn known_on(&self, event: &ModelEvent, person: &Person) -> Option<f64> {
        let at_once = self.ends_follow_up(event.what) || self.plan.trial.encounters.is_empty();
        if at_once { Some(event.day) } else { next_visit(person, event.day) }
    }

    /// What the trial knows to have happened, by the day on which it counts.
    fn happenings(&self, person: &Person, reported: &[Episode]) -> Vec<Happened> {
        let of_model = person.truth.events.iter().filter_map(|event| {
            let day = self.known_on(event, person)?;
            let what = Happening::Model(event.what);
            Some(Happened { what, day, grade: 0, serious: false })
        });
        let adverse = reported.iter().map(|episode| Happened {
            what: Happening::AdverseEvent(episode.adverse_event),
            day: episode.onset,
            grade: episode.grade,
            serious: episode.serious,
        });
        let discontinued = person.discontinued.iter().map(|one| Happened {
            what: Happening::Discontinuation(one.by),
            day: one.day,
            grade: 0,
            serious: false,
        });
        let mut all: Vec<Happened> = of_model.chain(adverse).chain(discontinued).collect();
        all.sort_by(|a, b| a.day.total_cmp(&b.day).then(a.what.cmp(&b.what)));
        all
    }

    fn ends_follow_up(&self, what: ModelHappening) -> bool {
        let models = &self.plan.trial.models;
        match what {
            ModelHappening::Event(model, at) => models[model].model.events[at].terminal,
            ModelHappening::Hazard(model, at) => models[model].model.hazards[at].terminal,
        }
    }

    /// Doses given, each as planned: nothing comes between plan and dose yet.
    fn doses(&self, person: &Person, followed: f64) -> Vec<Dose> {
        let given = person.seen.doses.iter().filter(|dose| dose.day <= followed);
        given
            .map(|dose| Dose {
                regimen: dose.regimen,
                day: dose.day,
                taken: dose.amount,
                planned: dose.amount,
            })
            .collect()
    }
}

/// A participant as the analyses take it.
pub(crate) fn participant<'a>(enrolled: &'a Enrolled, outcome: &'a Outcome) -> Participant<'a> {
    let person = &enrolled.person;
    Participant {
        arm: enrolled.arm,
        factual: enrolled.factual,
        strata: &enrolled.strata,
        covariates: &person.covariates,
        records: &person.seen.records,
        happenings: &outcome.happenings,
        doses: &outcome.doses,
        truths: &person.truth.asked,
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
        failed: person.failed(),
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

/// The day of the first visit attended on or after a day.
fn next_visit(person: &Person, day: f64) -> Option<f64> {
    let visits = person.seen.visits.iter().filter(|visit| visit.attended && visit.day >= day);
    visits.map(|visit| visit.day).reduce(f64::min)
}

/// Whether an episode that the records show overlaps one that was.
fn overlaps(reported: &[Episode], truth: &Episode) -> bool {
    let same = |seen: &&Episode| seen.adverse_event == truth.adverse_event;
    reported.iter().filter(same).any(|seen| seen.onset <= truth.end && truth.onset <= seen.end)
}
