//! Visits: when the simulated time starts and ends, what decides on eligibility, what stratifies.

use proband_kernel::system::{SignalSlot, Source, TwinSlot};
use proband_kernel::{BuildError, Kernel, Program, Rows, compile_expressions};
use proband_lang::{Expr, SymbolId};
use proband_trial::{Cause, Quantity, Trial};

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

/// Whether an occasion begins with each visit: whether a parameter varies between occasions.
pub(crate) fn has_occasions(trial: &Trial) -> bool {
    let mut parameters = trial.models.iter().flat_map(|model| &model.model.parameters);
    parameters.any(|parameter| parameter.between_occasions.is_some())
}

/// What is known of a participant when something is decided.
pub(crate) struct Known<'a, L> {
    /// As drawn, in the order of the population.
    pub(crate) covariates: &'a [f64],
    /// The latest record of an observable; NaN without one.
    pub(crate) latest: L,
    /// Days since day 1.
    pub(crate) day: f64,
}

/// Expressions of what the trial saw: covariates, the latest records, time.
#[derive(Clone, Debug)]
struct Seen {
    program: Program,
    /// Observables whose latest record is read, by row of signals.
    records: Vec<usize>,
    /// For each expression, the rows of signals it reads: where one is missing, so is its value.
    reads: Vec<Vec<usize>>,
}

impl Seen {
    fn new(trial: &Trial, expressions: &[&Expr]) -> Result<Self, BuildError> {
        let mut records = Vec::new();
        let mut row = |observable: usize| {
            records.iter().position(|&known| known == observable).unwrap_or_else(|| {
                records.push(observable);
                records.len() - 1
            })
        };
        let mut refused = false;
        let mut resolve = |symbol: SymbolId| match &trial.quantities[symbol.index()] {
            Quantity::Covariate(covariate) => Source::Twin(TwinSlot(*covariate)),
            Quantity::Record(observable) | Quantity::Baseline(observable) => {
                Source::Signal(SignalSlot(row(*observable)))
            }
            _ => {
                refused = true;
                Source::Constant(f64::NAN)
            }
        };
        let program = compile_expressions(expressions, &mut resolve)?;
        if refused {
            let what =
                "a criterion or stratum that reads more than covariates and latest records";
            return Err(BuildError::NotSupportedYet(what.into()));
        }
        let reads =
            expressions.iter().map(|expression| reads(trial, expression, &records)).collect();
        Ok(Self { program, records, reads })
    }

    /// The value of each expression; NaN where a record it reads is missing.
    fn evaluate(
        &self,
        kernel: &mut Kernel,
        known: &Known<'_, impl Fn(usize) -> f64>,
        values: &mut Vec<f64>,
    ) {
        let records: Vec<f64> = self.records.iter().map(|&of| (known.latest)(of)).collect();
        values.resize(kernel.outputs(), 0.0);
        let (twin, t) = (known.covariates, &[known.day]);
        let rows = Rows { lanes: 1, twin, signals: &records, t, states: &[] };
        kernel.run_lane(&rows, 0, values);
        for (value, reads) in values.iter_mut().zip(&self.reads) {
            if reads.iter().any(|&row| records[row].is_nan()) {
                *value = f64::NAN;
            }
        }
    }
}

fn reads(trial: &Trial, expression: &Expr, records: &[usize]) -> Vec<usize> {
    let mut rows = Vec::new();
    expression.walk(&mut |part| {
        if let Expr::Symbol(symbol) = part
            && let Quantity::Record(of) | Quantity::Baseline(of) =
                trial.quantities[symbol.index()]
        {
            rows.extend(records.iter().position(|&known| known == of));
        }
    });
    rows
}

/// What decides on eligibility.
#[derive(Clone, Debug)]
pub(crate) struct Criteria {
    seen: Seen,
    inclusions: usize,
}

impl Criteria {
    pub(crate) fn new(trial: &Trial) -> Result<Self, BuildError> {
        let eligibility = &trial.eligibility;
        let all = eligibility.inclusion.iter().chain(&eligibility.exclusion);
        let expressions: Vec<&Expr> = all.map(|criterion| &criterion.condition.expr).collect();
        Ok(Self {
            seen: Seen::new(trial, &expressions)?,
            inclusions: eligibility.inclusion.len(),
        })
    }

    pub(crate) fn kernel(&self) -> Kernel {
        self.seen.program.kernel(1)
    }

    /// The positions of the criteria that a twin fails, inclusions first. A criterion that reads a
    /// missing record is failed, whichever its kind.
    pub(crate) fn failed(
        &self,
        kernel: &mut Kernel,
        known: &Known<'_, impl Fn(usize) -> f64>,
        values: &mut Vec<f64>,
    ) -> Vec<usize> {
        self.seen.evaluate(kernel, known, values);
        let fails = |&(index, &value): &(usize, &f64)| {
            let holds = value != 0.0;
            value.is_nan() || holds != (index < self.inclusions)
        };
        values.iter().enumerate().filter(fails).map(|(index, _)| index).collect()
    }
}

/// What stratifies the randomisation.
#[derive(Clone, Debug)]
pub(crate) struct Strata {
    seen: Seen,
    /// Number of levels of each factor.
    levels: Vec<usize>,
}

impl Strata {
    pub(crate) fn new(trial: &Trial) -> Result<Self, BuildError> {
        let strata = &trial.design.strata;
        let expressions: Vec<&Expr> =
            strata.iter().map(|stratum| &stratum.value.expr).collect();
        let levels = strata.iter().map(|stratum| stratum.levels.len()).collect();
        Ok(Self { seen: Seen::new(trial, &expressions)?, levels })
    }

    pub(crate) fn kernel(&self) -> Kernel {
        self.seen.program.kernel(1)
    }

    /// The level of each factor; the first where a record is missing.
    pub(crate) fn levels(
        &self,
        kernel: &mut Kernel,
        known: &Known<'_, impl Fn(usize) -> f64>,
        values: &mut Vec<f64>,
    ) -> Vec<usize> {
        self.seen.evaluate(kernel, known, values);
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
    seen: Seen,
}

impl SeenGrades {
    /// One for each adverse event that has grades.
    pub(crate) fn all(trial: &Trial) -> Result<Vec<Self>, BuildError> {
        let mut all = Vec::new();
        for (adverse_event, event) in trial.adverse_events.iter().enumerate() {
            if let Cause::Grades { seen, .. } = &event.cause {
                let conditions: Vec<&Expr> = seen.iter().map(|grade| &grade.expr).collect();
                all.push(Self { adverse_event, seen: Seen::new(trial, &conditions)? });
            }
        }
        Ok(all)
    }

    pub(crate) fn kernel(&self) -> Kernel {
        self.seen.program.kernel(1)
    }

    /// Whether it reads an observable.
    pub(crate) fn reads(&self, observable: usize) -> bool {
        self.seen.records.contains(&observable)
    }

    /// The highest grade whose condition holds; 0 where none does.
    pub(crate) fn grade(
        &self,
        kernel: &mut Kernel,
        known: &Known<'_, impl Fn(usize) -> f64>,
        values: &mut Vec<f64>,
    ) -> u8 {
        self.seen.evaluate(kernel, known, values);
        let grades = (1_u8..).zip(values.iter()).filter(|(_, holds)| **holds > 0.0);
        grades.map(|(grade, _)| grade).max().unwrap_or(0)
    }
}
