//! What the symbols of a trial's expressions stand for.
//!
//! Expressions stay plain: a call such as `change(hba1c, week 24)` becomes `At - Baseline` over two
//! symbols, and whoever evaluates it supplies the two numbers. A missing record is NaN; whether a
//! condition on it is false (rules, eligibility) or missing (endpoints) is the evaluator's business.

use crate::{ModelHappening, TrialQuantity};
use proband_diag::Span;
use proband_lang::{Expr, Kind, Level, SymbolId, Unit};

/// A checked expression of a trial. Its symbols are positions in `Trial::quantities`; its `Time` is
/// days since day 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What to compute.
    pub expr: Expr,
    /// The unit of the value.
    pub unit: Unit,
    /// Number, condition or level.
    pub kind: Kind,
    /// As written.
    pub text: String,
    /// Where.
    pub span: Option<Span>,
}

impl Expression {
    /// A number in a unit, as written.
    pub(crate) fn constant(
        value: f64,
        unit: Unit,
        text: impl Into<String>,
        span: Option<Span>,
    ) -> Self {
        Self { expr: Expr::Number(value), unit, kind: Kind::Number, text: text.into(), span }
    }
}

/// What a symbol stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// A covariate, by position in `population.covariates`: as drawn.
    Covariate(usize),
    /// The true value of a quantity of a model.
    Truth {
        /// Position of the model.
        model: usize,
        /// Its symbol.
        symbol: SymbolId,
        /// How often it changes.
        level: Level,
    },
    /// The latest record of an observable up to now (position in `Trial::observables`); NaN before the
    /// first. Nature reads it by `latest(x)`.
    Record(usize),
    /// The record before the latest.
    Previous(usize),
    /// Days from the first day of accrual to the participant's day 1.
    Entry,
    /// The kind of site to which the participant came, as a level: position among those of the accrual.
    Site,
    /// The region of the site, as a level: position in [`crate::Accrual::regions`]; missing where it has none.
    Region,
    /// The arm, as a level: position in `Trial::arms`.
    Arm,
    /// The dose taken in [t - 24 h, t) under regimens of this name, in this unit (truth or seen).
    DailyDose {
        /// Positions in `Trial::regimens` that carry the name.
        regimens: Vec<usize>,
        /// The unit of the value.
        unit: Unit,
    },
    /// Whether the participant was treated: 1 or 0.
    Treated,
    /// Whether the participant completed the study: 1 or 0.
    Completed,
    /// Days from day 1 to when treatment was stopped early; infinite where it was not.
    Stopped,
    /// The true value of a quantity of a model at the start of day 1; before it the present one, so that
    /// nothing has changed yet.
    TrueBaseline {
        /// Position of the model.
        model: usize,
        /// Its symbol.
        symbol: SymbolId,
    },
    /// How often something has happened up to now (truth).
    SoFar(Happening),
    /// The dose that the regimen at hand would give now, in this unit: what its rung or a rule has set.
    Dose(Unit),
    /// The rung of the regimen at hand, from 1.
    Rung,
    /// The cycle of the regimen at hand, from 1: that of the dose that is due, else of the latest one; 0
    /// before the first.
    Cycle,
    /// Whether the latest scheduled dose was taken: 1 or 0; missing before the first.
    Taken,
    /// The present grade of an adverse event (position); 0 while it does not go on.
    Grade(usize),
    /// Whether treatment goes on: 1 from day 1 until it is stopped or ends as planned, else 0.
    OnTreatment,
    /// Days from day 1 to the last dose taken so far; before the first missing (seen), or minus infinity
    /// (truth).
    LastDose,
    /// The same of what came after the latest dose taken, of a quantity of a period; missing before the
    /// first dose. What was seen at the instant of the dose came before it.
    SinceLastDose(Box<Self>),
    /// What a twin would be like in an arm that it need not be in.
    Predicted(Prediction),
    /// The baseline record: the last one at or before day 1 (t <= 0).
    Baseline(usize),
    /// The record of an observable (first) planned at an encounter (second, position).
    At(usize, usize),
    /// A summary of the records of a period.
    Period {
        /// Which.
        summary: Summary,
        /// Position in `Trial::observables`.
        observable: usize,
        /// From this planned day, included.
        from: f64,
        /// To this planned day, included.
        to: f64,
    },
    /// Days from day 1 to the first time it happens; infinite where it never does.
    TimeTo(Happening),
    /// How often it happened with `from <= t <= to`.
    Count {
        /// What.
        happening: Happening,
        /// From this day.
        from: f64,
        /// To this day.
        to: f64,
    },
    /// Days followed in the period `from..to`.
    Followed {
        /// From this day.
        from: f64,
        /// To this day.
        to: f64,
    },
    /// The highest grade of an adverse event (position) that the trial knows of in a period; 0 without one.
    WorstGrade {
        /// Position in `Trial::adverse_events`.
        adverse_event: usize,
        /// From this day.
        from: f64,
        /// To this day.
        to: f64,
    },
    /// Dose received over dose planned in a period (regimen positions).
    DoseIntensity {
        /// Positions in `Trial::regimens`.
        regimens: Vec<usize>,
        /// From this day.
        from: f64,
        /// To this day.
        to: f64,
    },
    /// What is known of the trial as a whole, at a look.
    OfTrial(TrialQuantity),
}

impl Prediction {
    /// The arm that it is of (position).
    #[must_use]
    pub fn arm(&self) -> usize {
        match *self {
            Self::Value { arm, .. } | Self::Error { arm } => arm,
        }
    }
}

/// What is known of a twin in an arm (position) before the trial: its own simulation there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prediction {
    /// The true value of an observable (position) on a day.
    Value {
        /// The arm.
        arm: usize,
        /// Position in `Trial::observables`.
        observable: usize,
        /// Days since day 1.
        day: f64,
    },
    /// A standard normal error of the prediction in an arm.
    Error {
        /// The arm.
        arm: usize,
    },
}

/// A summary of records.
#[derive(Clone, Debug, PartialEq)]
pub enum Summary {
    /// Arithmetic mean.
    Average,
    /// Largest.
    Highest,
    /// Smallest.
    Lowest,
    /// Linear trapezoid, unit of the observable times day.
    AreaUnderCurve,
    /// Share of the time between first and last record that the line between records is within the two
    /// limits (in the observable's unit), in %.
    TimeIn {
        /// Lower limit.
        low: f64,
        /// Upper limit.
        high: f64,
    },
}

/// Something that happens to a participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happening {
    /// An event or hazard of a model.
    Model(ModelHappening),
    /// An adverse event, as the trial knows it (position).
    AdverseEvent(usize),
    /// A discontinuation (position).
    Discontinuation(usize),
    /// A rule that has acted (position).
    Rule(usize),
    /// A time to an event, or to the end of its own observation, that a data set states (position).
    Timed(usize),
}
