//! The random numbers behind a model's parameters: deviates between twins and between occasions.
//!
//! The individual value of a parameter is computed where the model is, from its typical value and
//! these numbers (see [`proband_lang::Parameter`]). Here they are drawn: of the size that the model
//! says, correlated within its blocks, and within the bounds of the parameter.

mod bounds;
mod columns;
mod spreading;

pub use columns::DeviateColumns;

use crate::TwinKey;
use crate::copula::Copula;
use crate::score::normal_quantiles;
use columns::LANES;
use proband_kernel::system::{ModelSpread, SpreadPlan, TwinRow};
use proband_kernel::{Program, Rows};
use proband_lang::Model;
use proband_math::stream::{Address, Purpose, Seed};
use proband_math::vector::Simd;
use spreading::Spreading;

/// What draws the deviates of a model's parameters.
///
/// The number of a parameter has the address (seed, replicate, twin, `parameter/MODEL/NAME`, 0), with
/// the trial's id of the model; that of an occasion the part `occasion` of this purpose and the
/// occasion as index. So a parameter, a block or an occasion that is added shifts no other number, but
/// for later members of its own block.
///
/// Members of a block are correlated by their normal scores, so that a parameter with bounds keeps
/// its own truncated law, whatever it is correlated with.
#[derive(Clone, Debug)]
pub struct Deviates {
    between_twins: Vec<Deviation>,
    between_occasions: Vec<Deviation>,
    parameters: usize,
    blocks: Copula,
    /// Writes sizes, typical values and bounds.
    program: Program,
    /// For each row of the twin bank, whether the program may read it.
    reads: Vec<bool>,
}

/// The draw of one parameter.
#[derive(Clone, Copy, Debug)]
struct Deviation {
    parameter: usize,
    purpose: Purpose,
    spreading: Spreading,
}

impl Deviates {
    /// The deviates of a model that the trial calls `id`, spread as compiled.
    ///
    /// Panics where the spread is that of another model.
    #[must_use]
    pub fn new(id: &str, model: &Model, spread: &ModelSpread) -> Self {
        let mut deviates = Self {
            between_twins: Vec::new(),
            between_occasions: Vec::new(),
            parameters: model.parameters.len(),
            blocks: Copula::default(),
            program: spread.program.clone(),
            reads: spread.twin.iter().map(|row| is_given(*row)).collect(),
        };
        for (parameter, plan) in spread.plans.iter().enumerate() {
            deviates.add(id, model, parameter, plan);
        }
        for block in &model.blocks {
            deviates.blocks.add_block(&block.members, &block.correlation);
        }
        deviates
    }

    fn add(&mut self, id: &str, model: &Model, parameter: usize, plan: &SpreadPlan) {
        let declared = &model.parameters[parameter];
        let name = &model.symbols[declared.symbol.index()].name;
        let purpose = Purpose::new(&format!("parameter/{id}/{name}"));
        let twins = Spreading::between_twins(plan);
        self.between_twins.extend(twins.map(|s| Deviation {
            parameter,
            purpose,
            spreading: s,
        }));
        let already = twins.map(|spreading| (parameter, spreading));
        let occasions = Spreading::between_occasions(plan, already);
        let purpose = purpose.part("occasion");
        let occasion = occasions.map(|s| Deviation { parameter, purpose, spreading: s });
        self.between_occasions.extend(occasion);
    }

    /// Positions of the parameters that have a number for each twin, in the model's order.
    pub fn between_twins(&self) -> impl ExactSizeIterator<Item = usize> {
        self.between_twins.iter().map(|deviation| deviation.parameter)
    }

    /// Positions of the parameters that have a number for each occasion, in the model's order.
    pub fn between_occasions(&self) -> impl ExactSizeIterator<Item = usize> {
        self.between_occasions.iter().map(|deviation| deviation.parameter)
    }

    /// Draws the numbers of twins, of one repetition of the trial or of several. `given` has a column of
    /// these twins for each row of [`ModelSpread::twin`] that is a covariate or a typical value; the others
    /// are not looked at.
    ///
    /// Panics where a column that is needed is missing or too short.
    pub fn draw(
        &self,
        seed: Seed,
        twins: &[TwinKey],
        given: &[&[f64]],
        columns: &mut DeviateColumns,
    ) {
        columns.start(Address::new(seed, Purpose::new("")), twins, self);
        self.compute_sizes(given, columns);
        self.draw_scores(columns);
        for deviation in &self.between_twins {
            let parameter = deviation.parameter;
            let mut out = std::mem::take(&mut columns.between_twins[parameter]);
            let row = self.blocks.rows.iter().position(|row| row.covariate == parameter);
            if row.is_none() {
                columns.draw_own(deviation.purpose, 0);
            }
            let scores = row.map_or(&columns.score, |row| &columns.scores[row]);
            deviation.spreading.fill(&columns.uniforms, scores, columns, &mut out);
            columns.between_twins[parameter] = out;
        }
    }

    /// Draws the numbers of one occasion for the twins that were drawn last.
    pub fn draw_occasion(&self, occasion: u64, columns: &mut DeviateColumns) {
        for deviation in &self.between_occasions {
            let parameter = deviation.parameter;
            let mut out = std::mem::take(&mut columns.between_occasions[parameter]);
            columns.draw_own(deviation.purpose, occasion);
            deviation.spreading.fill(&columns.uniforms, &columns.score, columns, &mut out);
            columns.between_occasions[parameter] = out;
        }
    }

    /// The sizes, typical values and bounds of each twin.
    fn compute_sizes(&self, given: &[&[f64]], columns: &mut DeviateColumns) {
        let mut kernel = self.program.kernel(LANES);
        let mut bank = vec![0.0; self.reads.len() * LANES];
        for start in (0..columns.twins()).step_by(LANES) {
            let count = LANES.min(columns.twins() - start);
            for (row, _) in self.reads.iter().enumerate().filter(|(_, reads)| **reads) {
                bank[row * LANES..][..count].copy_from_slice(&given[row][start..][..count]);
            }
            let rows = Rows { lanes: LANES, twin: &bank, signals: &[], t: &[], states: &[] };
            kernel.run(&rows, columns.sizes_of(start));
        }
    }

    /// The correlated scores of all members of blocks.
    fn draw_scores(&self, columns: &mut DeviateColumns) {
        for (row, part) in self.blocks.rows.iter().enumerate() {
            let member = self.between_twins.iter().find(|d| d.parameter == part.covariate);
            columns.draw_own(member.expect("a member of a block has a spread").purpose, 0);
            columns.scores[row].copy_from_slice(&columns.score);
        }
        self.blocks.mix(&mut columns.scores);
    }
}

/// Whether a row of the twin bank is there before deviates are.
fn is_given(row: TwinRow) -> bool {
    matches!(row, TwinRow::Covariate(..) | TwinRow::Typical(..))
}

impl DeviateColumns {
    /// The uniform numbers for a purpose, and their scores.
    fn draw_own(&mut self, purpose: Purpose, index: u64) {
        for (uniform, twin) in self.uniforms.iter_mut().zip(&self.twins) {
            let TwinKey { replicate, number } = *twin;
            let address = Address { replicate, twin: number, purpose, index, ..self.root };
            *uniform = address.uniform();
        }
        normal_quantiles(Simd::detect(), &self.uniforms, &mut self.score);
    }
}
