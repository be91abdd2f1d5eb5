//! How much is given: the rungs of a regimen, evaluated for one participant.

use super::PlanError;
use proband_kernel::system::{SignalSlot, Source, TwinSlot};
use proband_kernel::{BuildError, Kernel, Program, Rows, compile_expressions};
use proband_lang::{Expr, SymbolId};
use proband_trial::{Quantity, Regimen, Trial};

/// The amounts of a regimen's rungs.
#[derive(Clone, Debug)]
pub(crate) struct Amounts {
    program: Program,
    /// Whether covariates alone decide, so that one evaluation serves every dose.
    pub(crate) fixed: bool,
    /// Observables whose latest record is read.
    pub(crate) records: Vec<usize>,
}

impl Amounts {
    pub(crate) fn new(trial: &Trial, regimen: &Regimen) -> Result<Self, PlanError> {
        let expressions: Vec<&Expr> =
            regimen.amounts.iter().map(|amount| &amount.expr).collect();
        let mut records = Vec::new();
        let mut timed = false;
        for expression in &expressions {
            expression.walk(&mut |part| timed |= matches!(part, Expr::Time));
        }
        let mut refused = None;
        let mut resolve = |symbol: SymbolId| match &trial.quantities[symbol.index()] {
            Quantity::Covariate(covariate) => Source::Twin(TwinSlot(*covariate)),
            Quantity::Record(observable) => {
                records.push(*observable);
                Source::Signal(SignalSlot(records.len() - 1))
            }
            _ => {
                refused = Some(regimen.id.clone());
                Source::Constant(f64::NAN)
            }
        };
        let program = compile_expressions(&expressions, &mut resolve)?;
        if let Some(id) = refused {
            let what = format!(
                "an amount of regimen `{id}` that depends on more than covariates, records and time"
            );
            return Err(BuildError::NotSupportedYet(what).into());
        }
        Ok(Self { program, fixed: records.is_empty() && !timed, records })
    }

    /// What evaluates it.
    pub(crate) fn kernel(&self) -> Kernel {
        self.program.kernel(1)
    }

    /// The amount of each rung for a participant.
    pub(crate) fn evaluate(
        kernel: &mut Kernel,
        covariates: &[f64],
        records: &[f64],
        day: f64,
        rungs: &mut Vec<f64>,
    ) {
        rungs.resize(kernel.outputs(), 0.0);
        let rows =
            Rows { lanes: 1, twin: covariates, signals: records, t: &[day], states: &[] };
        kernel.run_lane(&rows, 0, rungs);
    }
}
