//! How much is given: the rungs of a regimen, evaluated for one participant.

use super::PlanError;
use crate::seen::{Known, SeenExpressions, SeenKernel};
use proband_kernel::BuildError;
use proband_lang::Expr;
use proband_trial::{Regimen, Trial};

/// The amounts of a regimen's rungs.
#[derive(Clone, Debug)]
pub(crate) struct Amounts {
    seen: SeenExpressions,
    /// Whether covariates alone decide, so that one evaluation serves every dose.
    pub(crate) fixed: bool,
}

impl Amounts {
    pub(crate) fn new(trial: &Trial, regimen: &Regimen) -> Result<Self, PlanError> {
        let expressions: Vec<&Expr> =
            regimen.amounts.iter().map(|amount| &amount.expr).collect();
        let seen = SeenExpressions::new(trial, &expressions)?;
        if seen.ask_what_happened() {
            let what = format!("an amount of `{}` that depends on what happened", regimen.id);
            return Err(BuildError::NotSupportedYet(what).into());
        }
        Ok(Self { fixed: seen.is_fixed(), seen })
    }

    /// What evaluates it.
    pub(crate) fn kernel(&self) -> SeenKernel {
        self.seen.kernel()
    }

    /// The amount of each rung for a participant.
    pub(crate) fn evaluate(
        &self,
        kernel: &mut SeenKernel,
        known: &Known<'_>,
        rungs: &mut Vec<f64>,
    ) {
        rungs.clear();
        rungs.extend_from_slice(self.seen.values(kernel, known));
    }
}
