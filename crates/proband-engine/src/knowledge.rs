//! What the trial knows of what happened to a participant: adverse events as reported or as records show
//! them, events of models. At any instant it is worked out of what has happened and was seen by then.

use crate::adverse::{Episode, Graded};
use crate::conduct::{ModelEvent, Person};
use crate::draws::planned_index;
use crate::plan::{Plan, SeenGrades};
use crate::seen::{Known, Learned, SeenKernel};
use proband_analysis::Happened;
use proband_trial::{Happening, ModelHappening};

/// Works out what the trial knows, with room to work in.
#[derive(Debug)]
pub(crate) struct Knowledge<'p, 't> {
    plan: &'p Plan<'t>,
    /// By position in the plan's grades by records.
    kernels: Vec<SeenKernel>,
}

impl<'p, 't> Knowledge<'p, 't> {
    pub(crate) fn new(plan: &'p Plan<'t>) -> Self {
        Self { plan, kernels: plan.seen_grades.iter().map(SeenGrades::kernel).collect() }
    }

    /// What the trial has learned of a person in an arm.
    pub(crate) fn of(&mut self, person: &Person, arm: usize) -> Learned {
        let mut reported: Vec<Episode> = Vec::new();
        let told = |one: &Episode| {
            !self.is_by_records(one.adverse_event) && self.is_learned(one, person)
        };
        reported.extend(person.truth.episodes.iter().filter(|one| told(one)));
        for index in 0..self.kernels.len() {
            reported.extend(self.seen_episodes(index, person, arm));
        }
        reported.sort_by(by_onset);
        Learned { happenings: self.happenings(person, &reported), reported }
    }

    /// Whether an adverse event is graded by records.
    pub(crate) fn is_by_records(&self, adverse_event: usize) -> bool {
        self.plan.seen_grades.iter().any(|grades| grades.adverse_event == adverse_event)
    }

    /// The trial learns of what is reported, at once or at the next visit that is attended.
    pub(crate) fn is_learned(&self, episode: &Episode, person: &Person) -> bool {
        let found_at_visit =
            self.plan.trial.adverse_events[episode.adverse_event].found_at_encounter;
        episode.reported && (!found_at_visit || next_visit(person, episode.onset).is_some())
    }

    /// Episodes that the records show, as far as the adverse event happens in the arm and is reported.
    fn seen_episodes(&mut self, index: usize, person: &Person, arm: usize) -> Vec<Episode> {
        let adverse_event = self.plan.seen_grades[index].adverse_event;
        let declared = &self.plan.trial.adverse_events[adverse_event];
        let mut episodes = Vec::new();
        if declared.is_in(Some(arm)) {
            self.grade_records(index, person, arm, &mut episodes);
        }
        let draws = self.plan.arms[arm].draws.of(person.twin);
        for episode in &mut episodes {
            episode.decide(declared, &draws, planned_index(episode.onset));
        }
        episodes.retain(|episode| episode.reported);
        episodes
    }

    /// Grades by the records of each visit at which something they read was recorded.
    fn grade_records(
        &mut self,
        index: usize,
        person: &Person,
        arm: usize,
        reported: &mut Vec<Episode>,
    ) {
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
            let records = &records[..taken];
            let known = Known::of(self.plan.trial, person, visit.1);
            let known = Known { arm: Some(arm), records, ..known };
            let grade = grades.grade(&mut self.kernels[index], &known);
            reported.extend(graded.set(event, visit.1, grade));
        }
        reported.extend(graded.finish(event));
    }

    /// The day on which the trial learns of an event of a model: at once where it ends follow-up, or
    /// where there are no visits; else at the next visit that is attended.
    pub(crate) fn known_on(&self, event: &ModelEvent, person: &Person) -> Option<f64> {
        let at_once = self.ends_follow_up(event.what) || self.plan.trial.encounters.is_empty();
        if at_once { Some(event.day) } else { next_visit(person, event.day) }
    }

    /// What the trial knows to have happened, by the day on which it counts.
    fn happenings(&self, person: &Person, reported: &[Episode]) -> Vec<Happened> {
        let of_model = person.truth.events.iter().filter_map(|event| {
            let day = self.known_on(event, person)?;
            Some(happened(Happening::Model(event.what), day))
        });
        let adverse = reported.iter().map(|episode| Happened {
            grade: episode.grade,
            serious: episode.serious,
            ..happened(Happening::AdverseEvent(episode.adverse_event), episode.onset)
        });
        let discontinued = person.discontinued.iter();
        let discontinued =
            discontinued.map(|one| happened(Happening::Discontinuation(one.by), one.day));
        let ruled = person.seen.decisions.iter().filter(|decision| decision.obeyed);
        let ruled = ruled.map(|one| happened(Happening::Rule(one.rule), one.day));
        let all = of_model.chain(adverse).chain(discontinued).chain(ruled);
        let mut all: Vec<Happened> = all.collect();
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
}

/// Something without a grade has happened.
fn happened(what: Happening, day: f64) -> Happened {
    Happened { what, day, grade: 0, serious: false, discontinuing: false }
}

/// Episodes in the order of their onset.
pub(crate) fn by_onset(a: &Episode, b: &Episode) -> std::cmp::Ordering {
    a.onset.total_cmp(&b.onset).then(a.adverse_event.cmp(&b.adverse_event))
}

/// The day of the first visit attended on or after a day.
fn next_visit(person: &Person, day: f64) -> Option<f64> {
    let visits = person.seen.visits.iter().filter(|visit| visit.attended && visit.day >= day);
    visits.map(|visit| visit.day).reduce(f64::min)
}
