//! The models of a trial: what it makes of their parameters, inputs and covariates.

use crate::Expression;
use proband_cohort::Population;
use proband_lang::{Model, Unit};

/// `[model.ID]`.
#[derive(Clone, Debug)]
pub struct TrialModel {
    /// The id.
    pub id: String,
    /// The checked model.
    pub model: Model,
    /// Typical values that the trial replaces, in every arm: position of the parameter, value in
    /// the unit of its typical value.
    pub parameters: Vec<(usize, f64)>,
    /// Typical values that are not known: drawn once a repetition where `simulation.uncertainty` says so.
    pub uncertainty: Option<Uncertainty>,
    /// Inputs that the trial feeds, in every arm: position of the input, signal.
    pub inputs: Vec<(usize, Signal)>,
    /// Position in `population.covariates` of each covariate of the model, in its order.
    pub covariates: Vec<usize>,
    /// For each covariate, by what to multiply the population's value to get it in the model's unit.
    pub factors: Vec<f64>,
    /// For each covariate, the model's level of each level of the population's (in its order); empty
    /// for a number.
    pub levels: Vec<Vec<usize>>,
}

/// Typical values of a model that are drawn once a repetition of the trial, apart from what differs
/// between twins.
#[derive(Clone, Debug)]
pub struct Uncertainty {
    /// Their joint law: a population whose covariates are the parameters, with one twin a repetition.
    pub law: Population,
    /// For each of its covariates the position of the parameter in the model.
    pub parameters: Vec<usize>,
    /// For each, by what to multiply its value to get it in the unit of the typical value.
    pub factors: Vec<f64>,
}

/// What feeds an input of a model.
#[derive(Clone, Debug)]
pub enum Signal {
    /// A truth expression, in the input's unit.
    Expression(Expression),
    /// Values from a file.
    Series(Series),
}

/// Values at times, for every participant alike or by participant.
#[derive(Clone, Debug)]
pub struct Series {
    /// Days since day 1, increasing.
    pub days: Vec<f64>,
    /// In the input's unit.
    pub values: Vec<f64>,
    /// Between known values.
    pub between: proband_lang::Between,
}

/// Something that can be recorded.
#[derive(Clone, Debug)]
pub struct Observed {
    /// Name by which the trial speaks of it: plain where one model observes it, else `model.name`.
    pub name: String,
    /// Position in `Trial::models`.
    pub model: usize,
    /// Position in the model's observables.
    pub index: usize,
    /// Unit of the record.
    pub unit: Unit,
    /// The text beside it in the model.
    pub text: Option<String>,
    /// Levels, if it is not a number.
    pub levels: Option<Vec<String>>,
}
