//! The twin rows of some people in a phase: what was drawn, and what the prelude derives from it.

use super::person::Person;
use super::typical::TypicalValues;
use crate::draws::planned_index;
use crate::plan::{Phase, Plan, RowSource};
use proband_cohort::{DeviateColumns, TwinKey};
use proband_kernel::Rows;
use proband_math::stream::Seed;
use std::collections::BTreeMap;

/// People side by side in one block of rows.
const BLOCK: usize = 64;

/// The occasion before the first visit.
const BEFORE_VISITS: u64 = u64::MAX;

/// The rows of the twin bank of every person of a stage.
#[derive(Debug)]
pub(crate) struct TwinBank {
    rows: usize,
    blocks: Vec<Vec<f64>>,
    /// For each occasion (the encounter it begins with), row and values of its deviates.
    occasions: BTreeMap<Option<usize>, Vec<(usize, Vec<f64>)>>,
}

impl TwinBank {
    pub(crate) fn new(plan: &Plan<'_>, phase: &Phase, people: &[Person]) -> Self {
        let typical = TypicalValues::of(plan, people);
        let mut deviates = draw_deviates(plan, phase, people, &typical);
        let mut bank = Self {
            rows: phase.system.twin_rows(),
            blocks: Vec::new(),
            occasions: draw_occasions(plan, phase, &mut deviates),
        };
        for first in (0..people.len()).step_by(BLOCK) {
            let block = bank.block(plan, phase, people, first, (&deviates, &typical));
            bank.blocks.push(block);
        }
        bank
    }

    /// A value of a person, by its place.
    pub(crate) fn value(&self, row: usize, place: usize) -> f64 {
        self.blocks[place / BLOCK][row * BLOCK + place % BLOCK]
    }

    /// Rows and values that a person has on the occasion that begins with an encounter.
    pub(crate) fn occasion(
        &self,
        encounter: Option<usize>,
        place: usize,
    ) -> impl Iterator<Item = (usize, f64)> {
        let rows = self.occasions.get(&encounter).into_iter().flatten();
        rows.map(move |(row, values)| (*row, values[place]))
    }

    fn block(
        &self,
        plan: &Plan<'_>,
        phase: &Phase,
        people: &[Person],
        first: usize,
        drawn: (&[DeviateColumns], &TypicalValues),
    ) -> Vec<f64> {
        let given = phase.rows.len();
        let mut block = vec![0.0; self.rows * BLOCK];
        for (row, source) in phase.rows.iter().enumerate() {
            // Lanes without a person repeat the last one, so that all hold numbers.
            for lane in 0..BLOCK {
                let place = (first + lane).min(people.len() - 1);
                block[row * BLOCK + lane] =
                    self.given(row, source, &people[place], place, drawn);
            }
        }
        let (given, derived) = block.split_at_mut(given * BLOCK);
        let rows = Rows { lanes: BLOCK, twin: given, signals: &[], t: &[], states: &[] };
        phase.system.prelude.kernel_on(BLOCK, plan.backend()).run(&rows, derived);
        block
    }

    fn given(
        &self,
        row: usize,
        source: &RowSource,
        person: &Person,
        place: usize,
        (deviates, typical): (&[DeviateColumns], &TypicalValues),
    ) -> f64 {
        match source {
            RowSource::Deviate(model, parameter) => {
                deviates[*model].between_twins(*parameter)[place]
            }
            RowSource::OccasionDeviate(..) => {
                let mut present = self.occasion(person.course.occasion, place);
                present.find(|&(of, _)| of == row).map_or(0.0, |(_, value)| value)
            }
            known => known_value(known, person, typical),
        }
    }
}

/// What is known of a person before deviates are drawn, as a row holds it.
fn known_value(source: &RowSource, person: &Person, typical: &TypicalValues) -> f64 {
    let covariates = &person.covariates;
    match source {
        RowSource::Typical(model, place) => {
            typical.value(person.twin.replicate, *model, *place)
        }
        RowSource::Covariate(index) => covariates[*index],
        RowSource::Came(what) => person.arrival.came().value(what),
        RowSource::Scaled(index, factor) => covariates[*index] * factor,
        RowSource::Levels(index, levels) => {
            levels.get(covariates[*index] as usize).copied().unwrap_or(f64::NAN)
        }
        RowSource::Deviate(..) | RowSource::OccasionDeviate(..) => f64::NAN,
    }
}

fn draw_deviates(
    plan: &Plan<'_>,
    phase: &Phase,
    people: &[Person],
    typical: &TypicalValues,
) -> Vec<DeviateColumns> {
    let twins: Vec<TwinKey> = people.iter().map(|person| person.twin).collect();
    let seed = Seed(plan.trial.simulation.seed);
    let mut all = Vec::new();
    for drawing in &phase.drawings {
        let column = |source: &Option<RowSource>| match source {
            Some(source) => {
                people.iter().map(|person| known_value(source, person, typical)).collect()
            }
            None => Vec::new(),
        };
        let given: Vec<Vec<f64>> = drawing.given.iter().map(column).collect();
        let given: Vec<&[f64]> = given.iter().map(Vec::as_slice).collect();
        let mut columns = DeviateColumns::new();
        drawing.deviates.draw(seed, &twins, &given, &mut columns);
        all.push(columns);
    }
    all
}

/// The deviates of every occasion, if any parameter has some.
fn draw_occasions(
    plan: &Plan<'_>,
    phase: &Phase,
    deviates: &mut [DeviateColumns],
) -> BTreeMap<Option<usize>, Vec<(usize, Vec<f64>)>> {
    let mut occasions = BTreeMap::new();
    let rows: Vec<(usize, usize, usize)> = phase.occasion_rows().collect();
    if rows.is_empty() {
        return occasions;
    }
    // An occasion begins with each visit that is planned.
    let encounters = plan.trial.encounters.iter().enumerate();
    let encounters = encounters.filter(|(_, encounter)| !encounter.day.is_nan());
    let starts = encounters.map(|(index, e)| (Some(index), planned_index(e.day)));
    for (encounter, index) in starts.chain([(None, BEFORE_VISITS)]) {
        for (drawing, columns) in phase.drawings.iter().zip(deviates.iter_mut()) {
            drawing.deviates.draw_occasion(index, columns);
        }
        let values = rows.iter().map(|&(row, model, parameter)| {
            (row, deviates[model].between_occasions(parameter).to_vec())
        });
        occasions.insert(encounter, values.collect());
    }
    occasions
}
