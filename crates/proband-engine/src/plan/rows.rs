//! Where the rows of the twin bank get their values: covariates as drawn, deviates of parameters.

use super::{PlanError, in_arm};
use proband_cohort::Deviates;
use proband_kernel::system::{ModelId, TwinRow, TwinSlot, compile_spread};
use proband_trial::{Quantity, Trial};

/// Where a row of the twin bank gets its values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RowSource {
    /// A covariate of the population, as drawn.
    Covariate(usize),
    /// A covariate of the population, in the unit of a model's covariate.
    Scaled(usize, f64),
    /// A covariate with levels: the model's level of each of the population's.
    Levels(usize, Vec<f64>),
    /// What the calendar says of the person.
    Came(Quantity),
    /// A typical value that is drawn once a repetition: model, position among those that are.
    Typical(usize, usize),
    /// The deviate of a parameter: model, parameter.
    Deviate(usize, usize),
    /// The deviate of a parameter on the present occasion: model, parameter.
    OccasionDeviate(usize, usize),
}

pub(super) fn row_source(trial: &Trial, row: TwinRow, slots: &[RowSource]) -> RowSource {
    match row {
        TwinRow::Slot(TwinSlot(slot)) => slots[slot].clone(),
        TwinRow::Covariate(ModelId(model), at) => covariate_source(trial, model, at),
        TwinRow::Deviate(ModelId(model), parameter) => RowSource::Deviate(model, parameter),
        TwinRow::OccasionDeviate(ModelId(model), parameter) => {
            RowSource::OccasionDeviate(model, parameter)
        }
        TwinRow::Typical(ModelId(model), at) => typical_source(trial, model, at),
    }
}

fn typical_source(trial: &Trial, model: usize, parameter: usize) -> RowSource {
    let uncertainty = trial.models[model].uncertainty.iter();
    let mut places = uncertainty.flat_map(|of| of.parameters.iter().enumerate());
    let place = places.find(|(_, of)| **of == parameter).map(|(place, _)| place);
    RowSource::Typical(model, place.expect("only what is drawn is a row"))
}

fn covariate_source(trial: &Trial, model: usize, at: usize) -> RowSource {
    let of_model = &trial.models[model];
    let index = of_model.covariates[at];
    let levels = &of_model.levels[at];
    if !levels.is_empty() {
        return RowSource::Levels(index, levels.iter().map(|&level| level as f64).collect());
    }
    RowSource::Scaled(index, of_model.factors[at])
}

/// How the deviates of a model are drawn.
#[derive(Debug)]
pub(crate) struct Drawing {
    pub(crate) deviates: Deviates,
    /// What each given column of the deviates is: a covariate, a typical value, or nothing that is looked at.
    pub(crate) given: Vec<Option<RowSource>>,
}

pub(super) fn drawings(trial: &Trial, arm: Option<usize>) -> Result<Vec<Drawing>, PlanError> {
    let drawing = |(index, model): (usize, &proband_trial::TrialModel)| {
        let spread = compile_spread(&model.model, in_arm::options(trial, index, arm))?;
        let given = spread.twin.iter().map(|row| match row {
            TwinRow::Covariate(_, at) => Some(covariate_source(trial, index, *at)),
            TwinRow::Typical(_, at) => Some(typical_source(trial, index, *at)),
            _ => None,
        });
        let given = given.collect();
        Ok(Drawing { deviates: Deviates::new(&model.id, &model.model, &spread), given })
    };
    trial.models.iter().enumerate().map(drawing).collect()
}
