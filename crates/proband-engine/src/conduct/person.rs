//! What is known of one twin in one arm, from the draw to the end of follow-up.

use super::dosing::Dosing;
use super::recurring::Recurrence;
use super::threshold::Threshold;
use crate::adverse::{Course, Episode, Graded};
use crate::calendar::Arrival;
use proband_analysis::Record;
use proband_cohort::TwinKey;
use proband_trial::{ModelHappening, Trial};

/// One twin in one arm. Times are days since day 1 unless a field says otherwise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Person {
    pub(crate) twin: TwinKey,
    pub(crate) arrival: Arrival,
    /// The rung of the cohort in an escalation, from 0.
    pub(crate) rung: Option<usize>,
    /// As drawn, in the order of `population.covariates`.
    pub(crate) covariates: Vec<f64>,
    /// Individual parameters, model by model.
    pub(crate) parameters: Vec<f64>,
    /// The states where the present stage begins, in the system's rows.
    pub(crate) states: Vec<f64>,
    /// Until when the path has been followed.
    pub(crate) until: f64,
    pub(crate) seen: Seen,
    pub(crate) truth: Truth,
    pub(crate) course: Progress,
    /// Discontinuations of treatment or trial, by time.
    pub(crate) discontinued: Vec<Discontinued>,
    /// The rule (position in the trial) that has stopped the last regimen, and when.
    pub(crate) stopped: Option<(usize, f64)>,
    /// When the condition held at which treatment ends.
    pub(crate) treated_until: Option<f64>,
    /// Why, and when, the path ended before its time.
    pub(crate) ending: Option<Ending>,
}

/// What the trial has seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) visits: Vec<Visit>,
    pub(crate) records: Vec<Record>,
    /// Records beyond a limit of quantification, which is then their value: position, which limit.
    pub(crate) limited: Vec<(usize, Beyond)>,
    /// Scheduled doses, taken or not.
    pub(crate) doses: Vec<GivenDose>,
    pub(crate) decisions: Vec<Decision>,
}

impl Seen {
    /// Takes a record down, and which limit it passed.
    pub(crate) fn record(&mut self, record: Record, beyond: Option<Beyond>) {
        self.limited.extend(beyond.map(|beyond| (self.records.len(), beyond)));
        self.records.push(record);
    }

    /// How many records there are.
    pub(crate) fn count(&self) -> usize {
        self.records.len()
    }

    /// Forgets the records after the first so many.
    pub(crate) fn forget_after(&mut self, count: usize) {
        self.records.truncate(count);
        self.limited.retain(|(record, _)| *record < count);
    }
}

/// A planned visit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Visit {
    /// Position in `Trial::encounters`.
    pub(crate) encounter: usize,
    /// When it took place, or would have.
    pub(crate) day: f64,
    pub(crate) attended: bool,
}

/// Which limit of quantification was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beyond {
    Lower,
    Upper,
}

/// A dose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct GivenDose {
    pub(crate) regimen: usize,
    pub(crate) day: f64,
    /// End of the infusion; the same as `day` at once.
    pub(crate) until: f64,
    /// In the regimen's unit; 0 of one that was not taken.
    pub(crate) amount: f64,
    /// Whether it was taken, or only scheduled.
    pub(crate) taken: bool,
    /// The rule (position in the trial) that has changed it, or kept it from being given.
    pub(crate) rule: Option<usize>,
}

/// What a rule has led to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decision {
    /// Position in `Trial::rules`.
    pub(crate) rule: usize,
    pub(crate) day: f64,
    /// The regimen that it is about, if it is about one.
    pub(crate) regimen: Option<usize>,
    /// What it asks for, in the word of the trial file.
    pub(crate) action: &'static str,
    /// Whether that was done.
    pub(crate) obeyed: bool,
    /// What its expressions read, in their order.
    pub(crate) seen: Vec<f64>,
}

/// What has happened, seen or not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truth {
    pub(crate) events: Vec<ModelEvent>,
    pub(crate) episodes: Vec<Episode>,
    /// Limits of plausibility (positions in `Trial::limits`) that were passed, and the day on which a visit
    /// found it first.
    pub(crate) implausible: Vec<(usize, f64)>,
    /// Trajectories: by point, the value of every observable.
    pub(crate) points: Vec<Point>,
    pub(crate) values: Vec<f64>,
    /// True values that published figures ask for.
    pub(crate) asked: Vec<f64>,
    /// What analyses ask to be predicted, in the order of the layout's predictions.
    pub(crate) predicted: Vec<f64>,
}

/// An event or hazard of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ModelEvent {
    pub(crate) what: ModelHappening,
    /// Since when its condition held.
    pub(crate) onset: f64,
    pub(crate) day: f64,
}

/// An instant of a latent trajectory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) day: f64,
    /// The visit, if it is one.
    pub(crate) encounter: Option<usize>,
}

/// Where the machines of the conduct stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// By event of the system.
    pub(crate) thresholds: Vec<Threshold>,
    /// By hazard of the system: the cumulative hazard of the next occurrence.
    pub(crate) due: Vec<f64>,
    /// By event of the system: when it recurs, if it does by the clock.
    pub(crate) recurring: Vec<Recurrence>,
    /// By difference equation of the system.
    pub(crate) ticks: Vec<Recurrence>,
    /// By hazard of the system: how often it has occurred.
    pub(crate) occurrences: Vec<u64>,
    /// By event, then hazard, then dose line of the system: when it last happened, in the system's
    /// time; minus infinity before the first.
    pub(crate) last: Vec<f64>,
    /// By adverse event.
    pub(crate) courses: Vec<Course>,
    /// By adverse event with grades: the episode by true values.
    pub(crate) graded: Vec<Graded>,
    /// Doses on their way, and infusions that run, in the system's time.
    pub(crate) underway: Vec<Underway>,
    /// By regimen of the phase.
    pub(crate) dosing: Vec<Dosing>,
    /// By rule of the phase: how often it has acted.
    pub(crate) acted: Vec<u64>,
    /// The arm whose regimens are given.
    pub(crate) arm: Option<usize>,
    /// Epochs that are over before their time, with those before them; and by how much all that is planned
    /// after them has moved, in days.
    pub(crate) epochs_over: usize,
    pub(crate) sooner: f64,
    /// The encounter with which the present occasion began.
    pub(crate) occasion: Option<usize>,
}

/// A dose between giving and having arrived.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Underway {
    /// Arrives at this time.
    Lagging(f64, super::agenda::Arrival),
    /// Flows into a dose line's state at a rate until this time: line, rate.
    Flowing(f64, usize, f64),
}

/// A discontinuation that has come about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Discontinued {
    /// Position in `Trial::discontinuations`.
    pub(crate) by: usize,
    pub(crate) day: f64,
}

/// Why a path ended before its time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ending {
    pub(crate) day: f64,
    pub(crate) why: Why,
}

/// Why a path ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Why {
    /// A terminal event or hazard of a model, by name.
    Terminal(String),
    /// The participant has left the trial, by the last of `Person::discontinued`.
    Discontinued(usize),
    /// The participant has left the trial by a rule (position).
    Rule(usize),
    /// The model failed: cause, and what was found.
    Failed { cause: &'static str, detail: String },
}

impl Why {
    /// The reason that tables give.
    pub(crate) fn reason<'a>(&'a self, trial: &'a Trial) -> &'a str {
        match self {
            Self::Terminal(name) => name,
            Self::Discontinued(by) => &trial.discontinuations[*by].reason,
            Self::Rule(rule) => &trial.rules[*rule].id,
            Self::Failed { .. } => "Model failure",
        }
    }
}

impl Person {
    /// Whether doses go on, as far as nothing planned ends them.
    pub(crate) fn is_on_treatment(&self) -> bool {
        self.discontinued.is_empty() && self.stopped.is_none() && self.treated_until.is_none()
    }

    pub(crate) fn failed(&self) -> bool {
        matches!(&self.ending, Some(Ending { why: Why::Failed { .. }, .. }))
    }

    /// The latest record of an observable (0), or one that many before it; NaN where there is none.
    pub(crate) fn nth_latest(&self, observable: usize, nth: usize) -> f64 {
        let of = |record: &&Record| record.observable == observable && !record.value.is_nan();
        self.seen
            .records
            .iter()
            .rev()
            .filter(of)
            .nth(nth)
            .map_or(f64::NAN, |record| record.value)
    }
}
