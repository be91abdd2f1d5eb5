//! What the quantities in the trial's expressions are in a system.

use proband_kernel::SystemBuilder;
use proband_kernel::system::{ModelId, SignalSlot, Source};
use proband_lang::{Expr, SymbolId};
use proband_trial::{Quantity, Trial};
use std::collections::BTreeMap;

/// A signal that holds the dose taken in the last 24 hours.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DailyDose {
    /// The row of the signal.
    pub(crate) row: usize,
    /// The regimens that count, with the factor from their unit to the signal's.
    pub(crate) regimens: Vec<(usize, f64)>,
}

/// What the quantities in the expressions of a system are.
pub(super) struct Sources<'t> {
    pub(super) trial: &'t Trial,
    pub(super) arm: Option<usize>,
    pub(super) models: Vec<ModelId>,
    pub(super) daily_doses: Vec<DailyDose>,
    /// Covariate of the population of each slot of the twin bank.
    pub(super) covariates: Vec<usize>,
}

impl Sources<'_> {
    /// The source of every quantity that expressions name.
    pub(super) fn of(
        &mut self,
        expressions: &[Expr],
        builder: &mut SystemBuilder<'_>,
    ) -> BTreeMap<SymbolId, Source> {
        let mut sources = BTreeMap::new();
        for expression in expressions {
            expression.walk(&mut |part| {
                if let Expr::Symbol(symbol) = part {
                    sources.entry(*symbol).or_insert_with(|| self.source(*symbol, builder));
                }
            });
        }
        sources
    }

    fn source(&mut self, symbol: SymbolId, builder: &mut SystemBuilder<'_>) -> Source {
        match &self.trial.quantities[symbol.index()] {
            Quantity::Covariate(covariate) => {
                self.covariates.push(*covariate);
                Source::Twin(builder.add_twin_slot())
            }
            Quantity::Truth { model, symbol, .. } => {
                Source::Symbol(self.models[*model], *symbol)
            }
            Quantity::Arm => Source::Constant(self.arm.map_or(-1.0, |arm| arm as f64)),
            Quantity::DailyDose { regimens, unit } => {
                let SignalSlot(row) = builder.add_signal();
                let factor = |regimen: usize| {
                    let from = &self.trial.regimens[regimen].unit;
                    (regimen, from.factor_to(unit).unwrap_or(f64::NAN))
                };
                let regimens = regimens.iter().map(|&regimen| factor(regimen)).collect();
                self.daily_doses.push(DailyDose { row, regimens });
                Source::Signal(SignalSlot(row))
            }
            // The other quantities belong to records, which the truth does not read.
            _ => Source::Constant(f64::NAN),
        }
    }
}
