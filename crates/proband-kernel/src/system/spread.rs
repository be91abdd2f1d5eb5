//! How the parameters of a model are drawn.

use super::builder::ModelOptions;
use super::layout::*;
use super::plans::OutputRows;
use super::translate::{Instance, Translator};
use crate::{BuildError, Program};
use proband_lang::{Model, Parameter, Spread};

/// How the parameters of a model are drawn: their centres, spreads and limits for a twin's
/// covariates.
#[derive(Clone, Debug)]
pub struct ModelSpread {
    /// The rows of the twin bank, as in a system of this model alone: those of deviates, which
    /// nothing here reads, included.
    pub twin: Vec<TwinRow>,
    /// What the program's outputs are, for each parameter in order.
    pub plans: Vec<SpreadPlan>,
    /// Writes what the plans refer to; reads covariates and typical values alone.
    pub program: Program,
}

/// Rows of [`ModelSpread::program`] that say how a parameter is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpreadPlan {
    /// The row of the typical value for the twin's covariates.
    pub centre: usize,
    /// Spread between twins.
    pub between_twins: Option<SpreadRows>,
    /// Spread between occasions.
    pub between_occasions: Option<SpreadRows>,
    /// The row of the limit that the individual value is above.
    pub lower: Option<usize>,
    /// The row of the limit that the individual value is below.
    pub upper: Option<usize>,
}

/// The rows of a spread; see [`proband_lang::Spread`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpreadRows {
    /// Standard deviation of the logarithm.
    LogNormal(usize),
    /// Standard deviation, in the parameter's unit.
    Normal(usize),
    /// Standard deviation of the factor.
    Proportional(usize),
    /// Standard deviation of the logit.
    LogitNormal(usize),
    /// The two ends.
    Uniform(usize, usize),
    /// The probability is the centre.
    Bernoulli,
}

/// How the parameters of a model are drawn, where `options` say what the trial replaces.
pub fn compile_spread(model: &Model, options: ModelOptions) -> Result<ModelSpread, BuildError> {
    let mut translator = Translator::default();
    translator.models.push(Instance { model, options, time_ratio: 1.0 });
    translator.lay_out_twin();
    let mut nodes = Vec::new();
    let mut rows =
        OutputRows { translator: &mut translator, model: ModelId(0), nodes: &mut nodes };
    let plans: Result<Vec<SpreadPlan>, BuildError> =
        model.parameters.iter().enumerate().map(|(at, p)| rows.plan(at, p)).collect();
    let plans = plans?;
    Ok(ModelSpread { twin: translator.twin, plans, program: translator.graph.program(&nodes) })
}

impl<'a> OutputRows<'_, 'a, '_> {
    fn plan(&mut self, at: usize, parameter: &'a Parameter) -> Result<SpreadPlan, BuildError> {
        let centre = self.translator.centre_node(self.model, at)?;
        let limit = |bound: &'a Option<proband_lang::Bound>| bound.as_ref().map(|b| &b.value);
        Ok(SpreadPlan {
            centre: self.add(centre),
            between_twins: self.spread(parameter.between_twins.as_ref())?,
            between_occasions: self.spread(parameter.between_occasions.as_ref())?,
            lower: self.perhaps(limit(&parameter.lower))?,
            upper: self.perhaps(limit(&parameter.upper))?,
        })
    }

    fn spread(&mut self, spread: Option<&'a Spread>) -> Result<Option<SpreadRows>, BuildError> {
        let Some(spread) = spread else { return Ok(None) };
        Ok(Some(match spread {
            Spread::LogNormal(sd) => SpreadRows::LogNormal(self.expression(sd)?),
            Spread::Normal(sd) => SpreadRows::Normal(self.expression(sd)?),
            Spread::Proportional(sd) => SpreadRows::Proportional(self.expression(sd)?),
            Spread::LogitNormal(sd) => SpreadRows::LogitNormal(self.expression(sd)?),
            Spread::Uniform(a, b) => {
                SpreadRows::Uniform(self.expression(a)?, self.expression(b)?)
            }
            Spread::Bernoulli => SpreadRows::Bernoulli,
        }))
    }
}
