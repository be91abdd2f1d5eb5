//! What an analysis keeps of a participant: which columns, and how each is added up.

mod adverse;
mod build;
mod ranges;

pub use adverse::{Adverse, AdverseMeasure, Events, Scope};
pub(crate) use build::{encounter_of, own, takes_its_own, value_of};
pub(crate) use ranges::{AMINOTRANSFERASE, BILIRUBIN, BOTH, HIGH, LOW, Liver, Scale, Shift};

use crate::program::Compiled;
use proband_lang::Kind;
use proband_trial::{Assignment, Crossover, Missing, Prediction, Quantity, Trial};

/// How many levels a kind of value has; none of numbers.
fn levels(kind: &Kind) -> Option<usize> {
    match kind {
        Kind::Number => None,
        Kind::Condition => Some(2),
        Kind::Level(levels) => Some(levels.len()),
    }
}

/// One number a participant needs keeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The arm of randomisation; missing in the rows of the other arms of an every-arm design, so
    /// that they take part in no other analysis than the paired one.
    Arm,
    /// In a crossover the arm of the first period, in its row; missing in the others, so that what describes
    /// participants counts each once.
    FirstArm,
    /// Level of a factor of `design.strata`.
    Stratum(usize),
    /// The period of a crossover.
    Period,
    /// The sequence of a crossover that randomisation named.
    Sequence,
    /// A covariate of the population, as drawn.
    Covariate(usize),
    /// The baseline record of an observable.
    Baseline(usize),
    /// The value of an endpoint that is a number, or a condition as 0 or 1, with what stands in
    /// for missing records.
    Response(usize, Missing),
    /// Days to the event of an endpoint, or to the end of follow-up.
    Time(usize),
    /// Whether that was censoring (0), the event (1) or a competing one (2).
    Event(usize),
    /// The count of an endpoint.
    Count(usize),
    /// Days over which it was counted.
    Followed(usize),
    /// Days from the beginning of that to its event of this number, from 0: missing where there were fewer.
    Occurrence(usize, usize),
    /// A further covariate of an analysis: analysis, position.
    Adjustment(usize, usize),
    /// The individual effect of a comparison, in the row of the arm under test: analysis,
    /// comparison. Missing elsewhere.
    Effect(usize, usize),
    /// A stratum of an analysis's own: analysis, position.
    OwnStratum(usize, usize),
    /// The endpoint of an analysis at one of its visits: analysis, position.
    Repeat(usize, usize),
    /// An endpoint with a value at every visit, at one of them (position).
    EveryVisit(usize, usize),
    /// The endpoint of an analysis at another visit than its own.
    AtVisit(usize),
    /// Whether somebody is in the set of an analysis.
    InSet(usize),
    /// The level of the subgroup of an analysis.
    Subgroup(usize),
    /// The day on which treatment was stopped early; infinite where it was not.
    Stopped,
    /// The arm of whom an analysis is about; missing of everybody else.
    Member(usize),
    /// The response (or time, or count) of an analysis that is not about everybody, once more, so that
    /// it is added up for its members alone.
    OwnResponse(usize),
    /// Its event (or exposure).
    OwnSecond(usize),
    /// Whether the model failed.
    Failed,
    /// Whether somebody went beyond any limit of plausibility.
    Implausible,
    /// Whether somebody went beyond this one.
    Beyond(usize),
    /// How treatment ended: 0 as planned, then the discontinuations and the rules in their order, an event of a model,
    /// a failure of one.
    TreatmentEnd,
    /// How participation ended, likewise.
    TrialEnd,
    /// Days from day 1 to the end of follow-up.
    FollowUp,
    /// A count over adverse events.
    Adverse(Adverse),
    /// Where an observable stood at baseline and at its worst after it, on a range or by grades.
    Shift(usize),
    /// How far aminotransferases and bilirubin rose.
    Liver,
    /// The record of an observable at an encounter, which a published figure asks for.
    Record(usize, usize),
    /// A true value that a published figure asks for, by position in [`Layout::truths`].
    Truth(usize),
}

/// How a column is added up, by arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tally {
    /// Not at all.
    None,
    /// Moments of numbers; their order is asked for later.
    Numbers,
    /// Moments of the numbers of all rows together.
    Pooled,
    /// The plain sum.
    Total,
    /// Participants at each of so many levels.
    Levels(usize),
    /// Participants with and without the event, by stratum.
    Outcomes,
}

/// A column that is an expression of the record.
#[derive(Clone, Debug)]
pub(crate) struct Computed {
    pub(crate) column: usize,
    pub(crate) compiled: Compiled,
    /// Where its inputs are.
    pub(crate) slots: Vec<usize>,
    /// The value where a record is missing: NaN, or 0 for a condition that is then not met.
    pub(crate) stand_in: f64,
}

/// A quantity that is read off the record, with what stands in for missing records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) quantity: usize,
    pub(crate) missing: Missing,
    /// Estimand whose strategies decide which records there are; none where all count.
    pub(crate) estimand: Option<usize>,
}

/// Where the columns of one analysis are.
#[derive(Clone, Debug, Default)]
pub(crate) struct AnalysisColumns {
    /// The arm of those whom it is about.
    pub(crate) arm: usize,
    /// Response, time or count.
    pub(crate) response: usize,
    /// Event of a time, exposure of a count.
    pub(crate) second: usize,
    /// The same of the outcomes that follow in importance.
    pub(crate) then: Vec<(usize, usize)>,
    /// When events that come again were, by their number.
    pub(crate) occurrences: Vec<usize>,
    /// Factors of stratification.
    pub(crate) strata: Vec<usize>,
    /// Covariates that are levels or conditions.
    pub(crate) factors: Vec<usize>,
    /// Covariates that are numbers, the baseline first.
    pub(crate) covariates: Vec<usize>,
    /// The response at each visit of a mixed model for repeated measures.
    pub(crate) repeats: Vec<usize>,
    /// When treatment was stopped, where imputation needs it.
    pub(crate) stopped: Option<usize>,
    /// Individual effects, by comparison.
    pub(crate) effects: Vec<usize>,
}

/// The columns that the analyses of a trial keep of every participant.
#[derive(Clone, Debug)]
pub struct Layout<'t> {
    pub(crate) trial: &'t Trial,
    columns: Vec<Column>,
    spilled: usize,
    pub(crate) analyses: Vec<AnalysisColumns>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) computed: Vec<Computed>,
    pub(crate) body_systems: Vec<String>,
    /// The position of its body system, by adverse event.
    pub(crate) system_of: Vec<usize>,
    pub(crate) shifts: Vec<Shift>,
    pub(crate) liver: Option<Liver>,
    truths: Vec<(usize, f64)>,
}

impl<'t> Layout<'t> {
    /// The columns in order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many of the columns, from the first, must be readable again through a
    /// [`crate::ColumnSource`]; the rest is only added up.
    #[must_use]
    pub fn spilled(&self) -> usize {
        self.spilled
    }

    /// True values that published figures and predictions ask for: position of the observable, day. The engine
    /// gives them in `Participant::truths`.
    #[must_use]
    pub fn truths(&self) -> &[(usize, f64)] {
        &self.truths
    }

    /// What analyses ask to be predicted of every twin. The engine gives it in `Participant::predicted`; the
    /// values it predicts are among the truths.
    pub fn predictions(&self) -> impl Iterator<Item = Prediction> {
        self.trial.quantities.iter().filter_map(|quantity| match quantity {
            Quantity::Predicted(prediction) => Some(*prediction),
            _ => None,
        })
    }

    /// Rows of one twin: one, or one for each arm in an every-arm design, or for each period of a crossover
    /// (in the order of the arms).
    #[must_use]
    pub fn rows_per_twin(&self) -> usize {
        let design = &self.trial.design;
        match design.assignment {
            Assignment::Randomised => design.crossover.as_ref().map_or(1, Crossover::periods),
            Assignment::EveryArm => self.trial.arms.len(),
        }
    }

    /// The position of a column.
    #[must_use]
    pub fn position(&self, column: Column) -> Option<usize> {
        self.columns.iter().position(|&c| c == column)
    }

    /// Cells of the stratification: the product of the factors' levels.
    pub(crate) fn cells(&self) -> usize {
        self.trial.design.strata.iter().map(|s| s.levels.len()).product()
    }

    /// The levels of a column whose values are levels or conditions; none of one of numbers.
    pub(crate) fn levels_of(&self, place: usize) -> Option<usize> {
        let crossover = self.trial.design.crossover.as_ref();
        match self.columns[place] {
            Column::Period => crossover.map(Crossover::periods),
            Column::Sequence => crossover.map(|crossover| crossover.sequences.len()),
            Column::Stratum(factor) => Some(self.trial.design.strata[factor].levels.len()),
            Column::Baseline(index) => {
                self.trial.observables[index].levels.as_ref().map(Vec::len)
            }
            Column::Adjustment(analysis, k) => {
                levels(&self.trial.analyses[analysis].covariates[k].kind)
            }
            Column::OwnStratum(analysis, k) => {
                levels(&self.trial.analyses[analysis].stratified_by[k].kind)
            }
            _ => None,
        }
    }

    /// The column of the arms by which a column is added up.
    pub(crate) fn arm_of(&self, column: Column) -> usize {
        match column {
            Column::OwnResponse(analysis) | Column::OwnSecond(analysis) => {
                self.analyses[analysis].arm
            }
            Column::Covariate(_) | Column::Baseline(_) => {
                self.position(Column::FirstArm).unwrap_or(0)
            }
            _ => 0,
        }
    }

    pub(crate) fn tally(&self, column: Column) -> Tally {
        build::tally(self, column)
    }
}
