//! What the quantities in the trial's expressions are in a system.

use super::rows::RowSource;
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

/// A signal that holds how something about a participant stands, which the conduct of the trial changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    /// The row of the signal.
    pub(crate) row: usize,
    /// What it holds.
    pub(crate) what: Quantity,
}

/// What the quantities in the expressions of a system are.
pub(super) struct Sources<'t> {
    pub(super) trial: &'t Trial,
    pub(super) arm: Option<usize>,
    pub(super) models: Vec<ModelId>,
    pub(super) daily_doses: Vec<DailyDose>,
    pub(super) standings: Vec<Standing>,
    /// What each slot of the twin bank holds.
    pub(super) slots: Vec<RowSource>,
}

impl<'t> Sources<'t> {
    pub(super) fn new(trial: &'t Trial, arm: Option<usize>, models: Vec<ModelId>) -> Self {
        let (daily_doses, standings, slots) = (Vec::new(), Vec::new(), Vec::new());
        Self { trial, arm, models, daily_doses, standings, slots }
    }

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
                self.slots.push(RowSource::Covariate(*covariate));
                Source::Twin(builder.add_twin_slot())
            }
            of @ (Quantity::Entry | Quantity::Site | Quantity::Region) => {
                self.slots.push(RowSource::Came(of.clone()));
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
            // Before day 1 nothing has changed yet.
            Quantity::TrueBaseline { model, symbol } if self.arm.is_none() => {
                Source::Symbol(self.models[*model], *symbol)
            }
            what @ (Quantity::TrueBaseline { .. }
            | Quantity::Record(_)
            | Quantity::Previous(_)
            | Quantity::SoFar(_)
            | Quantity::Grade(_)
            | Quantity::OnTreatment
            | Quantity::Dose(_)
            | Quantity::Rung
            | Quantity::Cycle
            | Quantity::Taken
            | Quantity::LastDose) => {
                let SignalSlot(row) = builder.add_signal();
                self.standings.push(Standing { row, what: what.clone() });
                Source::Signal(SignalSlot(row))
            }
            // The other quantities belong to endpoints, which the truth does not read.
            _ => Source::Constant(f64::NAN),
        }
    }
}
