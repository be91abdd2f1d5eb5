//! Typical values that are not known: drawn once a repetition of the trial.

use super::person::Person;
use crate::plan::Plan;
use proband_cohort::{Cohort, Columns};
use proband_math::stream::{Purpose, Seed};
use proband_trial::TrialModel;
use std::collections::BTreeMap;

/// The typical values of some repetitions: by repetition and model, those that are drawn.
#[derive(Debug, Default)]
pub(super) struct TypicalValues {
    drawn: BTreeMap<(u32, usize), Vec<f64>>,
}

impl TypicalValues {
    /// Those of the repetitions that people belong to; nothing where all is taken as known.
    pub(super) fn of(plan: &Plan<'_>, people: &[Person]) -> Self {
        let mut values = Self::default();
        if !plan.trial.simulation.uncertainty {
            return values;
        }
        let seed = plan.trial.simulation.seed;
        for replicate in people.iter().map(|person| person.twin.replicate) {
            for (index, model) in plan.trial.models.iter().enumerate() {
                let drawn = values.drawn.entry((replicate, index));
                drawn.or_insert_with(|| draw(model, seed, replicate));
            }
        }
        values
    }

    /// A typical value of a repetition, by the position among those of the model that are drawn.
    pub(super) fn value(&self, replicate: u32, model: usize, place: usize) -> f64 {
        self.drawn[&(replicate, model)][place]
    }
}

/// The repetition is drawn as the only twin of a cohort with a seed of its own, so that its addresses
/// are none of the population's.
fn draw(model: &TrialModel, seed: u64, replicate: u32) -> Vec<f64> {
    let Some(uncertainty) = &model.uncertainty else { return Vec::new() };
    let own = Purpose::new("uncertainty").part(&model.id);
    let cohort = Cohort::new(&uncertainty.law, Seed(seed ^ own.bits()), replicate);
    let mut columns = Columns::new();
    cohort.draw(0..1, &mut columns).expect("rows are drawn at random, and were read");
    let values = columns.covariates().iter().map(|column| column[0]);
    values.zip(&uncertainty.factors).map(|(value, factor)| value * factor).collect()
}
