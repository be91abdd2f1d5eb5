//! Expressions of what the trial has seen of a participant, compiled, and their values at an instant.
//!
//! Eligibility, strata, amounts, grades by records, rules and discontinuations all read the same: what
//! is known at an instant, and nothing of what comes after it.

use crate::adverse::Episode;
use crate::conduct::{GivenDose, Person};
use proband_analysis::{Happened, Participant, Record};
use proband_kernel::system::{SignalSlot, Source, TwinSlot};
use proband_kernel::{BuildError, Kernel, Program, Rows, compile_expressions};
use proband_lang::{Expr, SymbolId, Unit};
use proband_trial::{Missing, Quantity, Trial};

/// Expressions of the seen context.
#[derive(Clone, Debug)]
pub(crate) struct SeenExpressions {
    program: Program,
    /// What its rows of signals hold.
    rows: Vec<Quantity>,
    /// For each expression, the rows that it reads.
    reads: Vec<Vec<usize>>,
    /// Whether one of them reads the time.
    timed: bool,
}

/// A kernel of [`SeenExpressions`], with room for what it reads and writes.
#[derive(Debug)]
pub(crate) struct SeenKernel {
    kernel: Kernel,
    signals: Vec<f64>,
    values: Vec<f64>,
}

impl SeenExpressions {
    pub(crate) fn new(trial: &Trial, expressions: &[&Expr]) -> Result<Self, BuildError> {
        let mut rows: Vec<Quantity> = Vec::new();
        let mut resolve = |symbol: SymbolId| match &trial.quantities[symbol.index()] {
            Quantity::Covariate(covariate) => Source::Twin(TwinSlot(*covariate)),
            quantity => {
                let row = rows.iter().position(|known| known == quantity);
                Source::Signal(SignalSlot(row.unwrap_or_else(|| {
                    rows.push(quantity.clone());
                    rows.len() - 1
                })))
            }
        };
        let program = compile_expressions(expressions, &mut resolve)?;
        let reads = expressions.iter().map(|expression| reads(trial, expression, &rows));
        let reads = reads.collect();
        let mut timed = false;
        for expression in expressions {
            expression.walk(&mut |part| timed |= matches!(part, Expr::Time));
        }
        Ok(Self { program, rows, reads, timed })
    }

    /// What they read beside covariates and time.
    pub(crate) fn quantities(&self) -> &[Quantity] {
        &self.rows
    }

    pub(crate) fn kernel(&self) -> SeenKernel {
        let values = vec![0.0; self.program.outputs()];
        SeenKernel { kernel: self.program.kernel(1), signals: Vec::new(), values }
    }

    /// Whether covariates alone decide.
    pub(crate) fn is_fixed(&self) -> bool {
        self.rows.is_empty() && !self.timed
    }

    /// Whether they read the records of an observable.
    pub(crate) fn reads(&self, observable: usize) -> bool {
        self.rows.iter().any(|row| observable_of(row) == Some(observable))
    }

    /// Whether they read what happened: [`Known::learned`] must then be there.
    pub(crate) fn ask_what_happened(&self) -> bool {
        self.rows.iter().any(|row| match row {
            Quantity::Count { .. } | Quantity::WorstGrade { .. } | Quantity::Grade(_) => true,
            Quantity::SinceLastDose(of) => observable_of(of).is_none(),
            _ => false,
        })
    }

    /// Whether they read the dose of the regimen that is asked about.
    pub(crate) fn ask_dose(&self) -> bool {
        self.rows.iter().any(|row| matches!(row, Quantity::Dose(_)))
    }

    /// The values of the expressions as they are computed; what reads a missing value may be missing.
    pub(crate) fn values<'k>(
        &self,
        kernel: &'k mut SeenKernel,
        known: &Known<'_>,
    ) -> &'k [f64] {
        let SeenKernel { kernel, signals, values } = kernel;
        signals.clear();
        signals.extend(self.rows.iter().map(|quantity| known.value(quantity)));
        let (twin, t) = (known.person.covariates.as_slice(), &[known.day]);
        let rows = Rows { lanes: 1, twin, signals, t, states: &[] };
        kernel.run_lane(&rows, 0, values);
        values
    }

    /// The values of the expressions; NaN where anything that an expression reads is missing.
    pub(crate) fn decided<'k>(
        &self,
        kernel: &'k mut SeenKernel,
        known: &Known<'_>,
    ) -> &'k [f64] {
        self.values(kernel, known);
        for (value, reads) in kernel.values.iter_mut().zip(&self.reads) {
            if reads.iter().any(|&row| kernel.signals[row].is_nan()) {
                *value = f64::NAN;
            }
        }
        &kernel.values
    }
}

impl SeenKernel {
    /// What the expressions read last, in the order of [`SeenExpressions::quantities`].
    pub(crate) fn signals(&self) -> &[f64] {
        &self.signals
    }
}

fn reads(trial: &Trial, expression: &Expr, rows: &[Quantity]) -> Vec<usize> {
    let mut found = Vec::new();
    expression.walk(&mut |part| {
        if let Expr::Symbol(symbol) = part {
            let quantity = &trial.quantities[symbol.index()];
            found.extend(rows.iter().position(|row| row == quantity));
        }
    });
    found
}

/// The observable whose records a quantity is made of.
fn observable_of(quantity: &Quantity) -> Option<usize> {
    match quantity {
        Quantity::Record(observable)
        | Quantity::Previous(observable)
        | Quantity::Baseline(observable)
        | Quantity::At(observable, _)
        | Quantity::Period { observable, .. } => Some(*observable),
        Quantity::SinceLastDose(of) => observable_of(of),
        _ => None,
    }
}

/// What happened to a participant, as the trial knows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Learned {
    /// Adverse events that the trial learned of, by onset.
    pub(crate) reported: Vec<Episode>,
    /// These and events of models, by the day on which they count.
    pub(crate) happenings: Vec<Happened>,
}

impl Learned {
    /// Of somebody to whom nothing can have happened yet, or of whom it does not matter.
    pub(crate) const NOTHING: &'static Self =
        &Self { reported: Vec::new(), happenings: Vec::new() };
}

/// What the trial knows of a participant at an instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    pub(crate) trial: &'a Trial,
    pub(crate) person: &'a Person,
    /// None before randomisation.
    pub(crate) arm: Option<usize>,
    /// Days since day 1.
    pub(crate) day: f64,
    /// The records up to then.
    pub(crate) records: &'a [Record],
    pub(crate) learned: &'a Learned,
    /// The regimen that is asked about.
    pub(crate) regimen: Option<AtHand>,
}

/// How a regimen stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct AtHand {
    /// Position in `Trial::regimens`.
    pub(crate) regimen: usize,
    /// What it would give now, in its unit; NaN where nothing asks for it.
    pub(crate) dose: f64,
    /// From 0.
    pub(crate) rung: usize,
    /// From 1; 0 before the first.
    pub(crate) cycle: u64,
}

impl<'a> Known<'a> {
    /// What is known of a person of whom no event and no regimen is asked for.
    pub(crate) fn of(trial: &'a Trial, person: &'a Person, day: f64) -> Self {
        let (records, learned) = (person.seen.records.as_slice(), Learned::NOTHING);
        Self { trial, person, arm: None, day, records, learned, regimen: None }
    }

    fn value(&self, quantity: &Quantity) -> f64 {
        match quantity {
            Quantity::Arm => self.arm.map_or(f64::NAN, |arm| arm as f64),
            of @ (Quantity::Entry | Quantity::Site | Quantity::Region) => {
                self.person.arrival.came().value(of)
            }
            Quantity::Dose(unit) => self.dose(unit),
            Quantity::Rung => self.regimen.map_or(f64::NAN, |of| of.rung as f64 + 1.0),
            Quantity::Cycle => self.regimen.map_or(f64::NAN, |of| of.cycle as f64),
            Quantity::Taken => self
                .doses()
                .next_back()
                .map_or(f64::NAN, |dose| f64::from(u8::from(dose.taken))),
            Quantity::LastDose => self.last_dose(),
            Quantity::OnTreatment => f64::from(u8::from(self.is_on_treatment())),
            Quantity::Grade(adverse_event) => f64::from(self.grade(*adverse_event)),
            Quantity::DailyDose { regimens, unit } => self.daily_dose(regimens, unit),
            Quantity::SinceLastDose(of) => self.since_last_dose(of),
            other => self.whole(self.records, &self.learned.happenings, other),
        }
    }

    /// A quantity of records and happenings, all of which are known.
    fn whole(&self, records: &[Record], happenings: &[Happened], quantity: &Quantity) -> f64 {
        let so_far = Participant {
            covariates: &self.person.covariates,
            records,
            happenings,
            ..Participant::default()
        };
        so_far.value(quantity, Missing::ObservedOnly, &self.trial.encounters)
    }

    fn since_last_dose(&self, quantity: &Quantity) -> f64 {
        let last = self.last_dose();
        if last.is_nan() {
            return f64::NAN;
        }
        let records = self.records.partition_point(|record| record.day <= last);
        let happenings = &self.learned.happenings;
        let happened = happenings.partition_point(|happened| happened.day <= last);
        self.whole(&self.records[records..], &happenings[happened..], quantity)
    }

    /// The scheduled doses up to now.
    fn doses(&self) -> impl DoubleEndedIterator<Item = &'a GivenDose> {
        let day = self.day;
        self.person.seen.doses.iter().filter(move |dose| dose.day <= day)
    }

    fn last_dose(&self) -> f64 {
        let taken = self.doses().rfind(|dose| dose.taken);
        taken.map_or(f64::NAN, |dose| dose.day)
    }

    fn is_on_treatment(&self) -> bool {
        let planned = (0.0..self.trial.end_of_treatment()).contains(&self.day);
        planned && self.person.is_on_treatment()
    }

    fn dose(&self, unit: &Unit) -> f64 {
        let Some(AtHand { regimen, dose, .. }) = self.regimen else { return f64::NAN };
        let factor = self.trial.regimens[regimen].unit.factor_to(unit);
        dose * factor.unwrap_or(f64::NAN)
    }

    /// The doses taken in the 24 hours before now; not one at this very instant.
    fn daily_dose(&self, regimens: &[usize], unit: &Unit) -> f64 {
        let counts = |dose: &&GivenDose| dose.day >= self.day - 1.0 && dose.day < self.day;
        let amount = |dose: &GivenDose| {
            let regimen = regimens.iter().find(|&&regimen| regimen == dose.regimen)?;
            let factor = self.trial.regimens[*regimen].unit.factor_to(unit)?;
            Some(factor * dose.amount)
        };
        self.doses().filter(counts).filter_map(amount).fold(0.0, |sum, amount| sum + amount)
    }

    /// The grade of an adverse event that goes on.
    fn grade(&self, adverse_event: usize) -> u8 {
        let goes_on = |one: &&Episode| one.onset <= self.day && self.day < one.end;
        let this = |one: &&Episode| one.adverse_event == adverse_event;
        let reported = self.learned.reported.iter().filter(this).filter(goes_on);
        reported.map(|one| one.grade).max().unwrap_or(0)
    }
}
