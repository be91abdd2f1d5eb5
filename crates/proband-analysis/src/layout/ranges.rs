//! Records against the range of normal values or the grades of their observable.

use super::{Column, Layout};
use crate::record::{Participant, Record};
use proband_trial::{Limits, ReferenceRange, Trial};
use std::cmp::Ordering;

/// A scale that the records of an observable are read off, at baseline and at their worst after it.
#[derive(Clone, Debug)]
pub(crate) struct Shift {
    /// Position in `Trial::observables`.
    pub(crate) observable: usize,
    pub(crate) scale: Scale,
}

#[derive(Clone, Debug)]
pub(crate) enum Scale {
    /// Low, normal or high; after baseline both low and high.
    Range(Limits),
    /// Grades, by the values beyond which they begin.
    Grades(Vec<f64>),
}

/// The positions of [`Scale::Range`]; the last is both after baseline, and missing at baseline.
pub(crate) const LOW: usize = 0;
pub(crate) const NORMAL: usize = 1;
pub(crate) const HIGH: usize = 2;
pub(crate) const BOTH: usize = 3;

impl Shift {
    /// The scales of a trial: ranges and grades of each observable.
    pub(super) fn all(trial: &Trial) -> Vec<Self> {
        let of = |range: &ReferenceRange| {
            let limits = range.limits.map(Scale::Range);
            let grades = Some(&range.grades).filter(|grades| !grades.is_empty());
            let grades = grades.map(|grades| Scale::Grades(grades.clone()));
            let observable = range.observable;
            limits.into_iter().chain(grades).map(move |scale| Self { observable, scale })
        };
        trial.safety.ranges.iter().flat_map(of).collect()
    }

    /// Positions on the scale, with a last one for a baseline that is missing.
    pub(crate) fn positions(&self) -> usize {
        match &self.scale {
            Scale::Range(_) => BOTH + 1,
            Scale::Grades(limits) => limits.len() + 2,
        }
    }

    /// The two positions of a value of the column: at baseline, and the worst after it.
    pub(crate) fn pair(&self, value: usize) -> (usize, usize) {
        (value / self.positions(), value % self.positions())
    }

    /// Both positions in one number; missing without a record after baseline that can be placed.
    fn value(&self, trial: &Trial, person: &Participant<'_>) -> f64 {
        let positions = self.positions();
        let place = |record: &Record| self.position(record);
        let baseline = person.baseline_record(self.observable, &trial.encounters);
        let baseline = baseline.and_then(place).unwrap_or(positions - 1);
        let after = person.records_after_baseline(self.observable, &trial.encounters);
        let worst = after.filter_map(place).reduce(|a, b| self.worse(a, b));
        worst.map_or(f64::NAN, |worst| (baseline * positions + worst) as f64)
    }

    fn position(&self, record: &Record) -> Option<usize> {
        match &self.scale {
            Scale::Range(limits) => Some(match side(record, *limits)? {
                Ordering::Less => LOW,
                Ordering::Equal => NORMAL,
                Ordering::Greater => HIGH,
            }),
            Scale::Grades(limits) => {
                let falls = limits.len() > 1 && limits[0] > limits[1];
                let beyond = |limit: &&f64| {
                    if falls { record.value < **limit } else { record.value > **limit }
                };
                Some(limits.iter().take_while(beyond).count())
            }
        }
    }

    fn worse(&self, a: usize, b: usize) -> usize {
        match self.scale {
            Scale::Grades(_) => a.max(b),
            Scale::Range(_) if a == b || b == NORMAL => a,
            Scale::Range(_) if a == NORMAL => b,
            Scale::Range(_) => BOTH,
        }
    }
}

/// Below, within or above the range of normal values; none where that is not known.
fn side(record: &Record, limits: Limits) -> Option<Ordering> {
    let (low, high) = limits_of(record, limits)?;
    let stated = record.stated.and_then(|stated| stated.side);
    let own = stated.filter(|_| limits == Limits::OfRecords);
    let compared = || match record.value {
        value if value < low => Some(Ordering::Less),
        value if value > high => Some(Ordering::Greater),
        // Within, as far as is known.
        _ => (!low.is_nan() || !high.is_nan()).then_some(Ordering::Equal),
    };
    own.or_else(compared)
}

fn limits_of(record: &Record, limits: Limits) -> Option<(f64, f64)> {
    match limits {
        Limits::Fixed { low, high } => Some((low, high)),
        Limits::OfRecords => record.stated.map(|stated| (stated.low, stated.high)),
    }
}

/// Who is looked at for harm to the liver by drugs: the limits of aminotransferases and of bilirubin.
#[derive(Clone, Debug)]
pub(crate) struct Liver {
    aminotransferases: Vec<(usize, Limits)>,
    bilirubin: (usize, Limits),
}

/// Multiples of the upper limit of normal of an aminotransferase (FDA, Drug-Induced Liver Injury:
/// Premarketing Clinical Evaluation, 2009).
pub(crate) const AMINOTRANSFERASE: [f64; 4] = [3.0, 5.0, 10.0, 20.0];

/// The multiple of bilirubin.
pub(crate) const BILIRUBIN: f64 = 2.0;

impl Liver {
    /// By the observables' names in CDISC's terminology: ALT or AST, and BILI.
    pub(super) fn of(trial: &Trial) -> Option<Self> {
        let ranged = |name: &str| {
            let is = |range: &&ReferenceRange| {
                trial.observables[range.observable].name.eq_ignore_ascii_case(name)
            };
            let range = trial.safety.ranges.iter().find(is)?;
            Some((range.observable, range.limits?))
        };
        let aminotransferases: Vec<_> = ["alt", "ast"].into_iter().filter_map(ranged).collect();
        let bilirubin = ranged("bili")?;
        (!aminotransferases.is_empty()).then_some(Self { aminotransferases, bilirubin })
    }

    /// How many multiples an aminotransferase exceeds after baseline, doubled, and one more where bilirubin
    /// exceeds its own; missing without a record of an aminotransferase.
    fn value(&self, trial: &Trial, person: &Participant<'_>) -> f64 {
        let highest = |&(observable, limits): &(usize, Limits)| {
            let after = person.records_after_baseline(observable, &trial.encounters);
            let multiple = |record: &Record| Some(record.value / limits_of(record, limits)?.1);
            after.filter_map(multiple).fold(f64::NAN, f64::max)
        };
        let enzyme = self.aminotransferases.iter().map(highest).fold(f64::NAN, f64::max);
        if enzyme.is_nan() {
            return f64::NAN;
        }
        let exceeded = AMINOTRANSFERASE.iter().filter(|&&multiple| enzyme > multiple).count();
        (2 * exceeded + usize::from(highest(&self.bilirubin) > BILIRUBIN)) as f64
    }
}

impl Layout<'_> {
    pub(super) fn add_ranges(&mut self) {
        self.shifts = Shift::all(self.trial);
        self.liver = Liver::of(self.trial);
        (0..self.shifts.len()).for_each(|shift| _ = self.add(Column::Shift(shift)));
        if self.liver.is_some() {
            self.add(Column::Liver);
        }
    }

    pub(crate) fn shift_of(&self, shift: usize, person: &Participant<'_>) -> f64 {
        self.shifts[shift].value(self.trial, person)
    }

    pub(crate) fn liver_of(&self, person: &Participant<'_>) -> f64 {
        self.liver.as_ref().map_or(f64::NAN, |liver| liver.value(self.trial, person))
    }
}
