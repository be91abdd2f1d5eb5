//! Trials whose course depends on what is seen: those with looks, and dose escalation. When looks fall and
//! what follows from them is [`proband_interim`]'s business; here is what was known of participants by a
//! day, and who had taken part by the end.
//!
//! A participant's path does not depend on looks, so that everybody is followed to the end first, and what
//! was known at a look is cut out of that.

mod climbing;
mod cut;
mod followed;
mod waves;

pub(crate) use climbing::response;

use crate::emit::Emitter;
use crate::plan::Plan;
use crate::repeat::Repetition;
use crate::run::RunError;
use crate::shard::{Shard, add};
use crate::tables::Batch;
use crate::worked::Worked;
use followed::Followed;
use proband_analysis::{Finding, Screening, findings};
use proband_interim::{Boundaries, Climbed, Conducted, Decision, Known, conduct};
use proband_ode::Statistics;
use proband_trial::{AdaptationAction, Trial};
use std::ops::Range;
use waves::Waves;

/// What bounds each analysis of a trial with looks.
pub(crate) fn boundaries(trial: &Trial) -> Vec<Boundaries> {
    let looks = !trial.adaptive.looks.is_empty();
    let analyses = (0..trial.analyses.len()).filter(|_| looks);
    analyses.map(|analysis| Boundaries::new(trial, analysis)).collect()
}

/// Conducts some repetitions side by side, and says what the integrations took.
pub(crate) fn hold(
    plan: &Plan<'_>,
    replicates: Range<u32>,
) -> Result<(Vec<Held>, Statistics), RunError> {
    if let Some(escalation) = &plan.trial.adaptive.escalation {
        return climbing::climb(plan, escalation, replicates);
    }
    if changes_enrolment(plan.trial) {
        return in_waves(plan, replicates);
    }
    let (repetitions, statistics) = Repetition::simulate(plan, replicates)?;
    let held = repetitions.into_iter().map(|repetition| {
        let replicate = repetition.enrolment.replicate;
        let mut followed = Followed::new(plan, repetition);
        let Ok(conducted) =
            conduct(plan.trial, &plan.layout, &plan.boundaries, replicate, &mut followed);
        followed.close(conducted)
    });
    Ok((held.collect(), statistics))
}

/// Whether a look may change who comes.
fn changes_enrolment(trial: &Trial) -> bool {
    let adaptations = trial.adaptive.adaptations.iter();
    let mut actions = adaptations.map(|adaptation| &adaptation.action);
    actions.any(|action| !matches!(action, AdaptationAction::Stop))
}

fn in_waves(
    plan: &Plan<'_>,
    replicates: Range<u32>,
) -> Result<(Vec<Held>, Statistics), RunError> {
    let (mut held, mut statistics) = (Vec::new(), Statistics::default());
    for replicate in replicates {
        let mut waves = Waves::new(plan, replicate);
        let conducted =
            conduct(plan.trial, &plan.layout, &plan.boundaries, replicate, &mut waves)?;
        add(&mut statistics, &waves.statistics);
        held.push(waves.followed.close(conducted));
    }
    Ok((held, statistics))
}

/// A repetition that has come to its end.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) replicate: u32,
    /// Who was screened up to the end.
    screening: Screening,
    /// Who had entered by the end, and who was refused before.
    people: Shard,
    course: Course,
}

/// What was decided on the way.
#[derive(Debug)]
enum Course {
    Looks(Box<Conducted>),
    /// With what was known at the end.
    Climb(Climbed, Known),
}

impl Course {
    fn known(&self) -> &Known {
        match self {
            Self::Looks(conducted) => &conducted.known,
            Self::Climb(_, known) => known,
        }
    }

    /// The day on which everything ends.
    fn end(&self) -> f64 {
        match self {
            Self::Looks(conducted) => conducted.end,
            // Everybody is followed as planned.
            Self::Climb(..) => f64::INFINITY,
        }
    }

    fn decisions(&self, trial: &Trial) -> Vec<Decision> {
        match self {
            Self::Looks(conducted) => conducted.decisions.clone(),
            Self::Climb(climbed, _) => climbed.decisions(trial),
        }
    }
}

impl Held {
    /// What the final analysis found, and what happened on the way.
    pub(crate) fn findings(&self, plan: &Plan<'_>) -> Vec<Finding> {
        let known = self.course.known();
        let screening = Some(&self.screening);
        let found =
            findings(&plan.layout, &known.sums, screening, &known.columns, self.replicate);
        let found = found.expect(IN_MEMORY);
        match &self.course {
            Course::Looks(conducted) => conducted.told(plan.trial, found),
            Course::Climb(climbed, _) => climbed.told(plan.trial, found),
        }
    }

    /// Adds the rows of everybody as of the end, and those of what was decided about the trial.
    pub(crate) fn emit(self, plan: &Plan<'_>, emitter: &Emitter<'_, '_>, tables: &mut [Batch]) {
        let Shard { participants, refused } = self.people;
        let people = followed::as_of(plan, &participants, self.course.end());
        emitter.add(&Worked { refused, ..people }, tables);
        emitter.add_decisions(self.replicate, &self.course.decisions(plan.trial), tables);
    }
}

const IN_MEMORY: &str = "columns in memory can be read";
