//! Visits: when the simulated time starts and ends, what decides on eligibility, what stratifies.

use crate::conduct::Person;
use crate::seen::{Known, SeenExpressions, SeenKernel};
use proband_kernel::BuildError;
use proband_lang::Expr;
use proband_trial::{
    AdaptationAction, Cause, Discontinuation, DiscontinuationCause, Epoch, Trial,
};

/// The first instant of a twin's simulated time: that of screening or run-in, or day 1.
pub(crate) fn start(trial: &Trial) -> f64 {
    let epochs = trial.epochs.iter().map(|epoch| epoch.from);
    let visits = trial.encounters.iter().map(|encounter| encounter.day);
    epochs.chain(visits).chain([trial.eligibility.at]).fold(0.0, f64::min)
}

/// The end of follow-up: that of the last epoch, or the last visit.
pub(crate) fn end(trial: &Trial) -> f64 {
    let epochs = trial.epochs.iter().map(|epoch| epoch.to);
    let visits = trial.encounters.iter().map(|encounter| encounter.day);
    epochs.chain(visits).fold(0.0, f64::max)
}

/// By discontinuation: the condition at which it comes about.
pub(crate) fn whens(trial: &Trial) -> Result<Vec<Option<SeenExpressions>>, BuildError> {
    let when = |of: &Discontinuation| match &of.cause {
        DiscontinuationCause::When(when) => {
            SeenExpressions::new(trial, &[&when.expr]).map(Some)
        }
        _ => Ok(None),
    };
    trial.discontinuations.iter().map(when).collect()
}

/// By epoch, the condition at which it ends for a participant.
pub(crate) fn untils(trial: &Trial) -> Result<Vec<Option<SeenExpressions>>, BuildError> {
    let until = |epoch: &Epoch| {
        let until = epoch.until.as_ref();
        until.map(|until| SeenExpressions::new(trial, &[&until.expr])).transpose()
    };
    trial.epochs.iter().map(until).collect()
}

/// The condition on which participants go on from an epoch before day 1.
#[derive(Clone, Debug)]
pub(crate) struct Continues {
    /// Position in `Trial::epochs`.
    pub(crate) epoch: usize,
    /// When the epoch ends.
    pub(crate) day: f64,
    seen: SeenExpressions,
}

impl Continues {
    /// Those of a trial, in the order of the epochs.
    pub(crate) fn all(trial: &Trial) -> Result<Vec<Self>, BuildError> {
        let mut all = Vec::new();
        for (epoch, of) in trial.epochs.iter().enumerate() {
            let Some(condition) = &of.continues else { continue };
            let seen = SeenExpressions::new(trial, &[&condition.expr])?;
            if seen.ask_what_happened() {
                let what = format!("who continues after `{}` by what happened", of.id);
                return Err(BuildError::NotSupportedYet(what));
            }
            all.push(Self { epoch, day: of.to, seen });
        }
        Ok(all)
    }

    /// Whether somebody goes on, by what was seen up to the end of the epoch; not where a record is missing.
    pub(crate) fn holds(&self, trial: &Trial, person: &Person) -> bool {
        let records = &person.seen.records;
        let seen = records.partition_point(|record| record.day <= self.day);
        let known = Known { records: &records[..seen], ..Known::of(trial, person, self.day) };
        self.seen.decided(&mut self.seen.kernel(), &known)[0] > 0.0
    }
}

/// The days on which the periods of a crossover begin; before randomisation, and in other designs, there is
/// one.
pub(crate) fn periods(trial: &Trial, arm: Option<usize>) -> Vec<f64> {
    match (&trial.design.crossover, arm) {
        (Some(of), Some(_)) => (0..of.periods()).map(|p| p as f64 * of.length).collect(),
        _ => vec![0.0],
    }
}

/// The arms by period of everything that randomisation allocates.
pub(crate) fn paths(trial: &Trial) -> Vec<Vec<usize>> {
    match &trial.design.crossover {
        Some(of) => of.sequences.iter().map(|sequence| sequence.arms.clone()).collect(),
        None => (0..trial.arms.len()).map(|arm| vec![arm]).collect(),
    }
}

/// Whether an occasion begins with each visit: whether a parameter varies between occasions.
pub(crate) fn has_occasions(trial: &Trial) -> bool {
    let mut parameters = trial.models.iter().flat_map(|model| &model.model.parameters);
    parameters.any(|parameter| parameter.between_occasions.is_some())
}

/// What decides on eligibility.
#[derive(Clone, Debug)]
pub(crate) struct Criteria {
    seen: SeenExpressions,
    inclusions: usize,
}

impl Criteria {
    pub(crate) fn new(trial: &Trial) -> Result<Self, BuildError> {
        let eligibility = &trial.eligibility;
        let all = eligibility.criteria();
        let expressions: Vec<&Expr> = all.map(|criterion| &criterion.condition.expr).collect();
        Ok(Self {
            seen: SeenExpressions::new(trial, &expressions)?,
            inclusions: eligibility.inclusion.len(),
        })
    }

    pub(crate) fn kernel(&self) -> SeenKernel {
        self.seen.kernel()
    }

    /// The positions of the criteria that a twin fails, inclusions first. A criterion that reads a
    /// missing record is failed, whichever its kind.
    pub(crate) fn failed(&self, kernel: &mut SeenKernel, known: &Known<'_>) -> Vec<usize> {
        let fails = |&(index, &value): &(usize, &f64)| {
            let holds = value != 0.0;
            value.is_nan() || holds != (index < self.inclusions)
        };
        let values = self.seen.decided(kernel, known);
        values.iter().enumerate().filter(fails).map(|(index, _)| index).collect()
    }
}

/// The groups to which adaptations narrow enrolment.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    seen: SeenExpressions,
    /// By group, the position of its adaptation.
    adaptations: Vec<usize>,
}

impl Groups {
    pub(crate) fn new(trial: &Trial) -> Result<Self, BuildError> {
        let (mut adaptations, mut conditions) = (Vec::new(), Vec::new());
        for (position, adaptation) in trial.adaptive.adaptations.iter().enumerate() {
            if let AdaptationAction::Enrich(group) = &adaptation.action {
                adaptations.push(position);
                conditions.push(&group.expr);
            }
        }
        Ok(Self { seen: SeenExpressions::new(trial, &conditions)?, adaptations })
    }

    pub(crate) fn kernel(&self) -> SeenKernel {
        self.seen.kernel()
    }

    /// The first of some adaptations whose group somebody is not of; who has a record missing is of none.
    pub(crate) fn missed(
        &self,
        kernel: &mut SeenKernel,
        known: &Known<'_>,
        narrowed: &[usize],
    ) -> Option<usize> {
        if narrowed.is_empty() {
            return None;
        }
        let belongs = self.seen.decided(kernel, known);
        let is_out = |value: f64| value.is_nan() || value <= 0.0;
        let mut groups = self.adaptations.iter().zip(belongs);
        let missed =
            groups.find(|(adaptation, value)| narrowed.contains(adaptation) && is_out(**value));
        missed.map(|(adaptation, _)| *adaptation)
    }
}

/// What stratifies the randomisation.
#[derive(Clone, Debug)]
pub(crate) struct Strata {
    seen: SeenExpressions,
    /// Number of levels of each factor.
    levels: Vec<usize>,
}

impl Strata {
    pub(crate) fn new(trial: &Trial) -> Result<Self, BuildError> {
        let strata = &trial.design.strata;
        let expressions: Vec<&Expr> =
            strata.iter().map(|stratum| &stratum.value.expr).collect();
        let levels = strata.iter().map(|stratum| stratum.levels.len()).collect();
        Ok(Self { seen: SeenExpressions::new(trial, &expressions)?, levels })
    }

    pub(crate) fn kernel(&self) -> SeenKernel {
        self.seen.kernel()
    }

    /// The level of each factor; the first where a record is missing.
    pub(crate) fn levels(&self, kernel: &mut SeenKernel, known: &Known<'_>) -> Vec<usize> {
        let values = self.seen.decided(kernel, known);
        values.iter().map(|&value| if value.is_nan() { 0 } else { value as usize }).collect()
    }

    /// The number of a combination of levels.
    pub(crate) fn number(&self, levels: &[usize]) -> u64 {
        levels
            .iter()
            .zip(&self.levels)
            .fold(0, |number, (&level, &of)| number * of as u64 + level as u64)
    }
}

/// What grades an adverse event by records.
#[derive(Clone, Debug)]
pub(crate) struct SeenGrades {
    /// Position of the adverse event.
    pub(crate) adverse_event: usize,
    seen: SeenExpressions,
}

impl SeenGrades {
    /// One for each adverse event that has grades.
    pub(crate) fn all(trial: &Trial) -> Result<Vec<Self>, BuildError> {
        let mut all = Vec::new();
        for (adverse_event, event) in trial.adverse_events.iter().enumerate() {
            if let Cause::Grades { seen, .. } = &event.cause {
                let conditions: Vec<&Expr> = seen.iter().map(|grade| &grade.expr).collect();
                let seen = SeenExpressions::new(trial, &conditions)?;
                if seen.ask_what_happened() {
                    let what = format!("grades of `{}` by what happened", event.id);
                    return Err(BuildError::NotSupportedYet(what));
                }
                all.push(Self { adverse_event, seen });
            }
        }
        Ok(all)
    }

    pub(crate) fn kernel(&self) -> SeenKernel {
        self.seen.kernel()
    }

    /// Whether it reads an observable.
    pub(crate) fn reads(&self, observable: usize) -> bool {
        self.seen.reads(observable)
    }

    /// The highest grade whose condition holds; 0 where none does.
    pub(crate) fn grade(&self, kernel: &mut SeenKernel, known: &Known<'_>) -> u8 {
        let values = self.seen.decided(kernel, known);
        let grades = (1_u8..).zip(values).filter(|(_, holds)| **holds > 0.0);
        grades.map(|(grade, _)| grade).max().unwrap_or(0)
    }
}
