//! From the record of one participant to the quantities of the endpoint context.
//!
//! A quantity whose records are missing is NaN. Which record counts is decided by planned times
//! (a late visit is still that visit); areas and shares of time use the times at which the records
//! were taken.

use proband_trial::{Encounter, Happening, Missing, Quantity, Summary, TimeTo};
use std::cmp::Ordering;

/// What the trial saw of one participant.
#[derive(Clone, Copy, Debug, Default)]
pub struct Participant<'a> {
    /// Position in `Trial::arms`.
    pub arm: usize,
    /// Whether randomisation named this arm: false for the further arms of an every-arm design.
    pub factual: bool,
    /// The period of a crossover, from 0; days and visits are those of the period then.
    pub period: usize,
    /// What randomisation allocated: position among the sequences of a crossover, or else of the arms.
    pub sequence: usize,
    /// Level of each factor of `Trial::design.strata`.
    pub strata: &'a [usize],
    /// As drawn, in the order of `population.covariates`; levels by position.
    pub covariates: &'a [f64],
    /// Every record, by actual time.
    pub records: &'a [Record],
    /// What happened, as the trial knows it, by time.
    pub happenings: &'a [Happened],
    /// Doses, by time.
    pub doses: &'a [Dose],
    /// True values that published figures ask for, in the order of [`crate::Layout::truths`].
    pub truths: &'a [f64],
    /// What is predicted of the twin, in the order of [`crate::Layout::predictions`].
    pub predicted: &'a [f64],
    /// Times that a data set states, by the position in [`Happening::Timed`].
    pub times: &'a [Until],
    /// Day on which follow-up ended; NaN where nobody knows.
    pub followed: f64,
    /// Whether the participant was treated at all.
    pub treated: bool,
    /// Whether the participant completed the study.
    pub completed: bool,
    /// Day on which treatment was stopped before its planned end; infinite where it was not.
    pub stopped: f64,
    /// How treatment ended.
    pub treatment: Exit,
    /// How participation ended.
    pub trial: Exit,
    /// When and where the participant came to the trial.
    pub came: Came,
    /// Whether the model of this participant failed after enrolment.
    pub failed: bool,
    /// The limits of plausibility that the participant went beyond (positions in `Trial::limits`).
    pub implausible: &'a [usize],
}

/// When and where a participant came to the trial.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Came {
    /// Days from the first day of accrual to day 1.
    pub entry: f64,
    /// The kind of site, if the trial names sites.
    pub site: Option<usize>,
    /// Its region (position in `Accrual::regions`), if it has one.
    pub region: Option<usize>,
}

impl Came {
    /// The value of a quantity of the calendar; NaN of any other, and where it is missing.
    #[must_use]
    pub fn value(&self, quantity: &Quantity) -> f64 {
        let level = |level: Option<usize>| level.map_or(f64::NAN, |level| level as f64);
        match quantity {
            Quantity::Entry => self.entry,
            Quantity::Site => level(self.site),
            Quantity::Region => level(self.region),
            _ => f64::NAN,
        }
    }
}

/// How treatment or participation ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exit {
    /// When it was planned to, as far as anybody knows.
    #[default]
    AsPlanned,
    /// By a discontinuation (position in `Trial::discontinuations`).
    Discontinued(usize),
    /// By a rule (position in `Trial::rules`).
    ByRule(usize),
    /// By an event of a model that ends everything.
    ByEvent,
    /// Because the model failed.
    ByFailure,
}

/// One value of one observable at one encounter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    /// Position in `Trial::encounters`.
    pub encounter: usize,
    /// Position in `Trial::observables`.
    pub observable: usize,
    /// Actual time, days since day 1.
    pub day: f64,
    /// In the observable's unit.
    pub value: f64,
    /// What a data set says of normal values beside it.
    pub stated: Option<StatedRange>,
}

/// The normal values that a data set states beside a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StatedRange {
    /// The lowest normal value; NaN where it is not known.
    pub low: f64,
    /// The highest normal value; NaN where it is not known.
    pub high: f64,
    /// Whether the value counts as below, within or above, where the data say so themselves.
    pub side: Option<Ordering>,
}

/// Something that happened to a participant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Happened {
    /// What.
    pub what: Happening,
    /// When, days since day 1.
    pub day: f64,
    /// Grade of an adverse event, from 1; 0 for what has none.
    pub grade: u8,
    /// Whether an adverse event is serious.
    pub serious: bool,
    /// Whether treatment ended because of an adverse event.
    pub discontinuing: bool,
}

/// How long somebody was observed for an event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Until {
    /// Days from day 1 to the event, or to the end of observation; NaN where it is not known.
    pub day: f64,
    /// Whether it was the event.
    pub event: bool,
}

impl Until {
    /// The first of two: what is not known of one is not known of both, and an event that ends
    /// observation counts.
    pub(crate) fn first(self, other: Self) -> Self {
        let earlier = other.day < self.day || (other.day <= self.day && other.event);
        if !self.day.is_nan() && (earlier || other.day.is_nan()) { other } else { self }
    }
}

/// What ends a time to an event; its number is the code in [`crate::Column::Event`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain words")]
pub enum Ended {
    Censored,
    Event,
    Competing,
}

/// One planned dose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dose {
    /// Position in `Trial::regimens`.
    pub regimen: usize,
    /// When, days since day 1.
    pub day: f64,
    /// Taken, in the regimen's unit.
    pub taken: f64,
    /// Planned, in the regimen's unit.
    pub planned: f64,
}

impl Participant<'_> {
    /// The value of a quantity; `missing` says what stands in for a record at an encounter that is
    /// not there. NaN where there is none, and for quantities that no endpoint may name.
    #[must_use]
    pub fn value(
        &self,
        quantity: &Quantity,
        missing: Missing,
        encounters: &[Encounter],
    ) -> f64 {
        match quantity {
            Quantity::Covariate(index) => self.covariates[*index],
            Quantity::Arm => self.arm as f64,
            Quantity::Entry | Quantity::Site | Quantity::Region => self.came.value(quantity),
            Quantity::Treated => f64::from(u8::from(self.treated)),
            Quantity::Completed => f64::from(u8::from(self.completed)),
            Quantity::Stopped => self.stopped,
            Quantity::Record(observable) => self.nth_last(*observable, 0),
            Quantity::Previous(observable) => self.nth_last(*observable, 1),
            Quantity::Baseline(observable) => self.baseline(*observable, encounters),
            Quantity::At(observable, encounter) => {
                self.at(*observable, *encounter, missing, encounters)
            }
            Quantity::Period { summary, observable, from, to } => {
                self.period(summary, *observable, *from, *to, encounters)
            }
            Quantity::TimeTo(happening) => self.time_to(*happening),
            Quantity::Count { happening, from, to } => self.count(*happening, *from, *to),
            Quantity::Followed { from, to } => self.followed_in(*from, *to),
            Quantity::WorstGrade { adverse_event, from, to } => {
                let grades = self.happened(Happening::AdverseEvent(*adverse_event), *from, *to);
                f64::from(grades.map(|h| h.grade).max().unwrap_or(0))
            }
            Quantity::DoseIntensity { regimens, from, to } => {
                self.dose_intensity(regimens, *from, *to)
            }
            Quantity::Truth { .. }
            | Quantity::TrueBaseline { .. }
            | Quantity::Predicted(_)
            | Quantity::DailyDose { .. }
            | Quantity::SoFar(_)
            | Quantity::Dose(_)
            | Quantity::Rung
            | Quantity::Cycle
            | Quantity::Taken
            | Quantity::Grade(_)
            | Quantity::OnTreatment
            | Quantity::LastDose
            | Quantity::SinceLastDose(_)
            | Quantity::OfTrial(_) => f64::NAN,
        }
    }

    fn of(&self, observable: usize) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.iter().filter(move |r| r.observable == observable && !r.value.is_nan())
    }

    fn nth_last(&self, observable: usize, nth: usize) -> f64 {
        self.of(observable).nth_back(nth).map_or(f64::NAN, |r| r.value)
    }

    /// The last record planned at or before day 1.
    pub(crate) fn baseline_record(
        &self,
        observable: usize,
        encounters: &[Encounter],
    ) -> Option<&Record> {
        self.of(observable).rfind(|r| encounters[r.encounter].planned(r.day) <= 0.0)
    }

    pub(crate) fn baseline(&self, observable: usize, encounters: &[Encounter]) -> f64 {
        self.baseline_record(observable, encounters).map_or(f64::NAN, |r| r.value)
    }

    /// The records planned after day 1.
    pub(crate) fn records_after_baseline<'e>(
        &'e self,
        observable: usize,
        encounters: &'e [Encounter],
    ) -> impl Iterator<Item = &'e Record> {
        self.of(observable).filter(|r| encounters[r.encounter].planned(r.day) > 0.0)
    }

    pub(crate) fn at(
        &self,
        observable: usize,
        encounter: usize,
        missing: Missing,
        encounters: &[Encounter],
    ) -> f64 {
        if let Some(record) = self.of(observable).find(|r| r.encounter == encounter) {
            return record.value;
        }
        match missing {
            Missing::ObservedOnly | Missing::Failure | Missing::Weighted => f64::NAN,
            Missing::BaselineObservation => self.baseline(observable, encounters),
            Missing::LastObservation => {
                let limit = encounters[encounter].day;
                let before = |r: &&Record| {
                    let day = encounters[r.encounter].planned(r.day);
                    day > 0.0 && day < limit
                };
                self.of(observable).rfind(before).map_or(f64::NAN, |r| r.value)
            }
        }
    }

    /// A summary of the records there are; areas and shares of time need two.
    fn period(
        &self,
        summary: &Summary,
        observable: usize,
        from: f64,
        to: f64,
        encounters: &[Encounter],
    ) -> f64 {
        let planned = |r: &Record| encounters[r.encounter].planned(r.day);
        let inside = |r: &&Record| (from..=to).contains(&planned(r));
        let records = || self.of(observable).filter(inside);
        match summary {
            Summary::Average => average(records().map(|r| r.value)),
            Summary::Highest => records().map(|r| r.value).fold(f64::NAN, f64::max),
            Summary::Lowest => records().map(|r| r.value).fold(f64::NAN, f64::min),
            Summary::AreaUnderCurve => area(records()),
            Summary::TimeIn { low, high } => time_in(records(), *low, *high),
        }
    }

    /// How often it happened with `from <= day <= to`; a time that a data set states ends once.
    #[must_use]
    pub fn count(&self, happening: Happening, from: f64, to: f64) -> f64 {
        if !matches!(happening, Happening::Timed(_)) {
            return self.happened(happening, from, to).count() as f64;
        }
        let until = self.until(happening);
        let inside = until.event && (from..=to).contains(&until.day);
        if until.day.is_nan() { f64::NAN } else { f64::from(u8::from(inside)) }
    }

    /// Days from day 1 to the first time it happens on or after day 1; infinite where it never does.
    #[must_use]
    pub fn time_to(&self, happening: Happening) -> f64 {
        if matches!(happening, Happening::Timed(_)) {
            let until = self.until(happening);
            return if until.event || until.day.is_nan() { until.day } else { f64::INFINITY };
        }
        self.happened(happening, 0.0, f64::INFINITY)
            .map(|h| h.day)
            .fold(f64::INFINITY, f64::min)
    }

    /// The time to an event or to the end of its observation, which is that of follow-up unless a data
    /// set states another.
    #[must_use]
    pub fn until(&self, happening: Happening) -> Until {
        if let Happening::Timed(index) = happening {
            return self
                .times
                .get(index)
                .copied()
                .unwrap_or(Until { day: f64::NAN, event: false });
        }
        let (first, end) = (self.time_to(happening), self.followed.max(0.0));
        let event = first <= end;
        Until { day: if event { first } else { end }, event }
    }

    /// Days from day 1 to what ended a time first, and what that was; NaN where it is not known. Of what
    /// happens at one instant the event counts before what precludes it, and both before censoring.
    #[must_use]
    pub fn ended(&self, time: &TimeTo) -> (f64, Ended) {
        let first = |of: &[Happening]| of.iter().map(|&h| self.until(h)).reduce(Until::first);
        let unknown = Until { day: f64::NAN, event: false };
        let event = first(&time.events).unwrap_or(unknown);
        let either = first(&time.competing).map_or(event, |other| event.first(other));
        let censored = first(&time.censored_by).filter(|by| by.event && by.day < either.day);
        match censored {
            Some(by) => (by.day, Ended::Censored),
            None if !either.event => (either.day, Ended::Censored),
            None if event.event && event.day <= either.day => (event.day, Ended::Event),
            None => (either.day, Ended::Competing),
        }
    }

    /// What happened with `from <= day <= to`.
    pub fn happened(
        &self,
        happening: Happening,
        from: f64,
        to: f64,
    ) -> impl Iterator<Item = &Happened> {
        let inside = move |h: &&Happened| h.what == happening && from <= h.day && h.day <= to;
        self.happenings.iter().filter(inside)
    }

    /// Days followed in the period `from..to`.
    #[must_use]
    pub fn followed_in(&self, from: f64, to: f64) -> f64 {
        if self.followed.is_nan() {
            return f64::NAN;
        }
        (self.followed.min(to) - from).max(0.0)
    }

    fn dose_intensity(&self, regimens: &[usize], from: f64, to: f64) -> f64 {
        let inside = |d: &&Dose| regimens.contains(&d.regimen) && from <= d.day && d.day <= to;
        let (taken, planned) = self
            .doses
            .iter()
            .filter(inside)
            .fold((0.0, 0.0), |(taken, planned), d| (taken + d.taken, planned + d.planned));
        // No dose planned: 0 / 0, missing.
        taken / planned
    }
}

fn average(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), v| (sum + v, count + 1.0));
    sum / count
}

/// The trapezoids between neighbouring records, in the observable's unit times day.
fn area<'a>(records: impl Iterator<Item = &'a Record>) -> f64 {
    pairs(records)
        .map(|(a, b)| 0.5 * (a.value + b.value) * (b.day - a.day))
        .reduce(|sum, piece| sum + piece)
        .unwrap_or(f64::NAN)
}

/// The share of time, in %, during which the line between records is within the limits.
fn time_in<'a>(records: impl Iterator<Item = &'a Record>, low: f64, high: f64) -> f64 {
    let (inside, total) = pairs(records).fold((0.0, 0.0), |(inside, total), (a, b)| {
        let length = b.day - a.day;
        (inside + length * share_within(a.value, b.value, low, high), total + length)
    });
    100.0 * inside / total
}

fn pairs<'a>(
    records: impl Iterator<Item = &'a Record>,
) -> impl Iterator<Item = (&'a Record, &'a Record)> {
    let mut before: Option<&Record> = None;
    records.filter_map(move |record| before.replace(record).map(|last| (last, record)))
}

/// The share of a straight line from `a` to `b` that lies within the limits.
fn share_within(a: f64, b: f64, low: f64, high: f64) -> f64 {
    let (bottom, top) = (a.min(b), a.max(b));
    if bottom >= low && top <= high {
        return 1.0;
    }
    // A level line outside has no length within, and no slope to divide by.
    let within = (top.min(high) - bottom.max(low)).max(0.0);
    if within > 0.0 { within / (top - bottom) } else { 0.0 }
}

#[cfg(test)]
mod tests;
