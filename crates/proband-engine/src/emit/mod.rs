//! Participants to rows of tables.

mod decisions;
mod found;
mod intercurrent;
mod participants;
mod records;
mod results;
mod truths;

pub use found::{add_characteristics, add_findings};
pub(crate) use results::{kind_of, name_of};

use crate::conduct::{Ending, Why};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::screening::{Refusal, Refused};
use crate::shard::Enrolled;
use crate::tables;
use crate::tables::{Batch, ColumnId, Schema, TableId, Variable, study_day, subject_id};
use crate::worked::Worked;
use proband_cohort::TwinKey;
use proband_interim::Decision;
use proband_lang::Unit;
use proband_trial::{Assignment, OutputLevel, Trial};
use std::sync::Arc;

/// Makes the rows of a run's shards.
#[derive(Debug)]
pub(crate) struct Emitter<'p, 't> {
    plan: &'p Plan<'t>,
    schemas: Vec<Arc<Schema>>,
    /// Digits of the numbers of twins.
    digits: usize,
}

/// A participant with what was worked out of it.
pub(crate) struct Finished<'a> {
    pub(crate) enrolled: &'a Enrolled,
    pub(crate) outcome: &'a Outcome,
    /// Its first row in the participants' columns.
    pub(crate) row: usize,
    pub(crate) subject: String,
}

impl<'p, 't> Emitter<'p, 't> {
    /// `twins` is the number of twins drawn, as far as it is known: their numbers are padded for it.
    pub(crate) fn new(plan: &'p Plan<'t>, twins: u64) -> Self {
        const LEAST: usize = 6;
        let schemas = schemas(plan).into_iter().map(Arc::new).collect();
        Self { plan, schemas, digits: twins.to_string().len().max(LEAST) }
    }

    /// The tables that are kept, without rows.
    pub(crate) fn batches(&self) -> Vec<Batch> {
        self.schemas.iter().cloned().map(Batch::new).collect()
    }

    /// Adds the rows of a shard, table by table.
    pub(crate) fn add(&self, worked: &Worked, batches: &mut [Batch]) {
        let Worked { participants, refused, columns } = worked;
        let finished: Vec<Finished<'_>> = participants
            .iter()
            .enumerate()
            .map(|(row, (enrolled, outcome))| Finished {
                enrolled,
                outcome,
                row: row * self.plan.periods.len(),
                subject: self.subject(enrolled),
            })
            .collect();
        for batch in batches {
            match batch.table() {
                TableId::Adsl => participants::adsl(self.plan, batch, &finished),
                TableId::Adpc | TableId::Adlb => records::records(self.plan, batch, &finished),
                TableId::Adex => records::doses(self.plan, batch, &finished),
                TableId::Decisions => decisions::decisions(self.plan, batch, &finished),
                TableId::Addv => decisions::deviations(self.plan, batch, &finished),
                TableId::Adeff => results::endpoints(self.plan, batch, &finished, columns),
                TableId::Adtte => results::times(self.plan, batch, &finished),
                TableId::Ices => intercurrent::events(self.plan, batch, &finished),
                TableId::Adae => results::adverse_events(self.plan, batch, &finished),
                TableId::Twins => participants::twins(self.plan, batch, &finished),
                TableId::Truth => truths::points(self.plan, batch, &finished),
                TableId::TruthEvents => truths::events(self.plan, batch, &finished),
                TableId::Exclusions => self.exclusions(batch, &finished, refused),
                TableId::Findings | TableId::Operating => {}
            }
        }
    }

    /// Adds what was decided about a repetition (from 0) of the trial as a whole.
    pub(crate) fn add_decisions(
        &self,
        replicate: u32,
        decided: &[Decision],
        batches: &mut [Batch],
    ) {
        let mut batches = batches.iter_mut();
        if let Some(batch) = batches.find(|batch| batch.table() == TableId::Decisions) {
            decisions::about_the_trial(self.plan, batch, replicate, decided);
        }
    }

    fn subject(&self, enrolled: &Enrolled) -> String {
        let trial = self.plan.trial;
        let every_arm = trial.design.assignment == Assignment::EveryArm;
        let arm = every_arm.then(|| trial.arms[enrolled.arm].id.as_str());
        subject_id(&trial.id, enrolled.person.twin.number, self.digits, arm)
    }

    /// Twins that were passed over or refused, then participants whose model failed.
    fn exclusions(&self, batch: &mut Batch, finished: &[Finished<'_>], refused: &[Refused]) {
        for refused in refused {
            self.refusal(batch, refused);
        }
        for one in finished {
            if let Some(Ending { day, why: Why::Failed { cause, detail } }) =
                &one.enrolled.person.ending
            {
                let title = &self.plan.trial.arms[one.enrolled.arm].title;
                let schema = Arc::clone(batch.schema());
                batch.text(schema.at("USUBJID"), &one.subject);
                batch.text(schema.at("TRT01P"), title);
                let twin = one.enrolled.person.twin;
                self.exclusion(batch, twin, "simulation", cause, detail, *day);
            }
        }
    }

    fn refusal(&self, batch: &mut Batch, refused: &Refused) {
        let (plan, twin) = (self.plan, refused.twin);
        match &refused.why {
            Refusal::Criteria(failed) => {
                let criteria: Vec<_> = plan.trial.eligibility.criteria().collect();
                for &criterion in failed {
                    let criterion = criteria[criterion];
                    let text = &criterion.condition.text;
                    let (id, at) = (&criterion.id, plan.screening);
                    self.exclusion(batch, twin, "screening", id, text, at);
                }
            }
            why => {
                let reason = why.reason(plan).unwrap_or_default();
                let (detail, day) = match why {
                    Refusal::NotRandomised(Ending { day, .. }) => {
                        let detail = "eligible, and not randomised";
                        return self.exclusion(batch, twin, "screening", &reason, detail, *day);
                    }
                    Refusal::DidNotContinue(epoch) => {
                        let of = &plan.trial.epochs[*epoch];
                        let condition = of.continues.as_ref().map_or("", |of| &of.text);
                        return self.exclusion(
                            batch,
                            twin,
                            "screening",
                            &reason,
                            condition,
                            of.to,
                        );
                    }
                    Refusal::Ended(Ending { day, why: Why::Failed { detail, .. } }) => {
                        (detail.as_str(), *day)
                    }
                    Refusal::Ended(Ending { day, .. }) | Refusal::Beyond(_, day) => ("", *day),
                    _ => ("", plan.start),
                };
                self.exclusion(batch, twin, "population", &reason, detail, day);
            }
        }
    }

    fn exclusion(
        &self,
        batch: &mut Batch,
        twin: TwinKey,
        stage: &str,
        reason: &str,
        detail: &str,
        day: f64,
    ) {
        let schema = Arc::clone(batch.schema());
        study(self.plan.trial, batch, twin.replicate);
        batch.integer(schema.at("TWIN"), i32::try_from(twin.number).ok());
        batch.text(schema.at("STAGE"), stage);
        batch.text(schema.at("REASON"), reason);
        if !detail.is_empty() {
            batch.text(schema.at("DETAIL"), detail);
        }
        batch.number(schema.at("ATIME"), day);
        batch.end_row();
    }
}

/// The columns that every table begins with.
fn study(trial: &Trial, batch: &mut Batch, replicate: u32) {
    let schema = Arc::clone(batch.schema());
    batch.text(schema.at("STUDYID"), &trial.id);
    let replicate = i32::try_from(replicate + 1).expect("replicates are few");
    batch.integer(schema.at("REPLICATE"), replicate);
}

/// Whose row it is.
fn subject(plan: &Plan<'_>, batch: &mut Batch, one: &Finished<'_>) {
    study(plan.trial, batch, one.enrolled.person.twin.replicate);
    let schema = Arc::clone(batch.schema());
    let title = &plan.trial.arms[one.enrolled.arm].title;
    batch.text(schema.at("USUBJID"), &one.subject);
    for name in ["TRT01P", "TRT01A"] {
        if let Some(column) = schema.find(name) {
            batch.text(column, title);
        }
    }
}

/// Sets a study day by its instant, and in the column after it the date, of a trial that has dates.
fn on_day(plan: &Plan<'_>, batch: &mut Batch, one: &Finished<'_>, column: &str, time: f64) {
    let schema = Arc::clone(batch.schema());
    let ColumnId(column) = schema.at(column);
    let day = study_day(time);
    batch.integer(ColumnId(column), day);
    let first = plan.trial.accrual.as_ref().and_then(|accrual| accrual.start);
    if let (Some(first), Some(day)) = (first, day) {
        let entry = study_day(one.enrolled.person.arrival.entry);
        batch
            .date(ColumnId(column + 1), entry.and_then(|entry| date(date(first, entry)?, day)));
    }
}

/// The date of a day that is counted from another, which is its day 1; there is no day 0.
fn date(first: i32, day: i32) -> Option<i32> {
    first.checked_add(if day > 0 { day - 1 } else { day })
}

/// The period of a crossover that a row belongs to, and its treatment.
fn in_period(plan: &Plan<'_>, batch: &mut Batch, one: &Finished<'_>, period: usize) {
    let schema = Arc::clone(batch.schema());
    let Some(column) = schema.find("APERIOD") else { return };
    let arm = plan.paths[one.enrolled.path][period];
    batch.text(schema.at("TRTP"), &plan.trial.arms[arm].title);
    batch.integer(column, i32::try_from(period + 1).ok());
    batch.text(schema.at("APERIODC"), &format!("Period {}", period + 1));
}

/// A title with its unit: `fasting plasma glucose (mmol/L)`.
fn with_unit(title: &str, unit: &Unit) -> String {
    match unit_text(unit) {
        Some(unit) => format!("{title} ({unit})"),
        None => title.to_owned(),
    }
}

/// A unit as text; nothing for a number without unit.
pub(crate) fn unit_text(unit: &Unit) -> Option<String> {
    let plain = unit.is_dimensionless() && *unit == Unit::one();
    (!plain).then(|| unit.to_string())
}

/// The tables that a run keeps, by its level and its list of tables.
fn schemas(plan: &Plan<'_>) -> Vec<Schema> {
    let trial = plan.trial;
    let covariates = participants::covariates(trial);
    let strata: Vec<String> = trial.design.strata.iter().map(|s| s.text.clone()).collect();
    let parameters: Vec<Variable> = participants::parameters(trial);
    let mut schemas = Vec::new();
    if trial.output.level >= OutputLevel::Findings {
        schemas.push(tables::exclusions());
    }
    if trial.output.level >= OutputLevel::Participants {
        schemas.extend([tables::adsl(&covariates, &strata), tables::adeff()]);
        schemas.extend([tables::adtte(), tables::adae()]);
        // A trial in which nothing is decided has no such tables.
        if !trial.rules.is_empty() || trial.adaptive.is_any() {
            schemas.push(tables::decisions());
        }
        if !trial.rules.is_empty() {
            schemas.push(tables::addv());
        }
        let intercurrent =
            trial.discontinuations.len() + trial.rules.len() + trial.estimands.len();
        if intercurrent > 0 {
            schemas.push(tables::ices());
        }
    }
    if trial.output.level >= OutputLevel::Records {
        schemas.extend([tables::adlb(), tables::adpc(), tables::adex()]);
    }
    if trial.output.level >= OutputLevel::Truth {
        schemas.extend([tables::twins(&covariates, &parameters), tables::truth()]);
        schemas.push(tables::truth_events());
    }
    if let Some(crossover) = &trial.design.crossover {
        let of_crossover = |schema| tables::of_crossover(schema, crossover.periods());
        schemas = schemas.into_iter().map(of_crossover).collect();
    }
    if trial.accrual.as_ref().is_some_and(|accrual| accrual.start.is_some()) {
        schemas = schemas.into_iter().map(tables::dated).collect();
    }
    if let Some(kept) = &trial.output.tables {
        schemas.retain(|schema| kept.iter().any(|name| name == schema.table.name()));
    }
    schemas
}
