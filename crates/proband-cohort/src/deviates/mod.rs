//! The random numbers behind the parameters of models: deviates between twins and between occasions.
//!
//! The individual value of a parameter is computed where the model is, from its typical value and
//! these numbers (see [`proband_lang::Parameter`]). Here they are drawn: of the size that the model
//! says, correlated within its blocks, and within the bounds of the parameter.

mod bounds;
mod columns;
mod spreading;

pub use columns::DeviateColumns;

use crate::Twins;
use crate::copula::Copula;
use crate::score::normal_quantiles;
use crate::twins::address;
use columns::LANES;
use proband_kernel::system::{ModelId, SpreadPlan, TwinRow};
use proband_kernel::{Program, Rows, System};
use proband_lang::Model;
use proband_math::stream::{Address, Purpose, Seed};
use proband_math::vector::Simd;
use spreading::Spreading;

/// What draws the deviates of the parameters of a system of models.
///
/// The number of a parameter has the address (seed, replicate, twin, `parameter/MODEL/NAME`, 0), with
/// the trial's id of the model; that of an occasion the part `occasion` of this purpose and the
/// occasion as index. So a parameter, a block, a model or an occasion that is added shifts no other
/// number, but for later members of its own block.
///
/// Members of a block are correlated by their normal scores, so that a parameter with bounds keeps
/// its own truncated law, whatever it is correlated with.
#[derive(Clone, Debug)]
pub struct Deviates {
    between_twins: Vec<Deviation>,
    between_occasions: Vec<Deviation>,
    blocks: Copula,
    /// Writes sizes, typical values and bounds.
    program: Program,
    /// For each row of the twin bank, whether the program may read it.
    reads: Vec<bool>,
}

/// The draw of one parameter.
#[derive(Clone, Debug)]
struct Deviation {
    row: TwinRow,
    purpose: Purpose,
    spreading: Spreading,
}

impl Deviates {
    /// The deviates of a system's parameters; each of its models, in its order, has the id by which
    /// the trial calls it.
    ///
    /// Panics where the models are not those of the system.
    #[must_use]
    pub fn new(system: &System, models: &[(&str, &Model)]) -> Self {
        let mut deviates = Self {
            between_twins: Vec::new(),
            between_occasions: Vec::new(),
            blocks: Copula::default(),
            program: system.spread.clone(),
            reads: system.twin.iter().map(|row| is_given(*row)).collect(),
        };
        for plan in &system.spreads {
            deviates.add(plan, models[plan.model.0]);
        }
        deviates.add_blocks(models);
        deviates
    }

    fn add(&mut self, plan: &SpreadPlan, (id, model): (&str, &Model)) {
        let parameter = &model.parameters[plan.parameter];
        let name = &model.symbols[parameter.symbol.index()].name;
        let purpose = Purpose::new(&format!("parameter/{id}/{name}"));
        let twins = Spreading::between_twins(plan, parameter, model);
        if let Some(spreading) = twins {
            let row = TwinRow::Deviate(plan.model, plan.parameter);
            self.between_twins.push(Deviation { row, purpose, spreading });
        }
        let already = twins.map(|spreading| (self.between_twins.len() - 1, spreading));
        if let Some(spreading) = Spreading::between_occasions(plan, already) {
            let row = TwinRow::OccasionDeviate(plan.model, plan.parameter);
            let purpose = purpose.part("occasion");
            self.between_occasions.push(Deviation { row, purpose, spreading });
        }
    }

    /// The blocks of all models, their members told by position among the deviates.
    fn add_blocks(&mut self, models: &[(&str, &Model)]) {
        for (id, (_, model)) in models.iter().enumerate() {
            for block in &model.blocks {
                let deviate = |&parameter: &usize| {
                    let row = TwinRow::Deviate(ModelId(id), parameter);
                    let found = self.between_twins.iter().position(|d| d.row == row);
                    found.expect("a member of a block has a spread")
                };
                let members: Vec<usize> = block.members.iter().map(deviate).collect();
                self.blocks.add_block(&members, &block.covariance);
            }
        }
    }

    /// The row of the twin bank that each number between twins is for, in the order of
    /// [`DeviateColumns::between_twins`].
    pub fn between_twins(&self) -> impl ExactSizeIterator<Item = TwinRow> {
        self.between_twins.iter().map(|deviation| deviation.row)
    }

    /// The row of the twin bank that each number of an occasion is for, in the order of
    /// [`DeviateColumns::between_occasions`].
    pub fn between_occasions(&self) -> impl ExactSizeIterator<Item = TwinRow> {
        self.between_occasions.iter().map(|deviation| deviation.row)
    }

    /// Draws the numbers of twins. `given` has a column of these twins for each row of
    /// [`System::twin`] that is a covariate or a typical value; the others are not looked at.
    ///
    /// Panics where a column that is needed is missing or too short.
    pub fn draw<'t>(
        &self,
        seed: Seed,
        replicate: u32,
        twins: impl Into<Twins<'t>>,
        given: &[&[f64]],
        columns: &mut DeviateColumns,
    ) {
        let root = address(seed, replicate, Purpose::new(""));
        columns.start(root, &twins.into(), self);
        self.compute_sizes(given, columns);
        self.draw_scores(columns);
        for (index, deviation) in self.between_twins.iter().enumerate() {
            let mut out = std::mem::take(&mut columns.between_twins[index]);
            let row = self.blocks.rows.iter().position(|row| row.covariate == index);
            if row.is_none() {
                columns.draw_own(deviation.purpose, 0);
            }
            let scores = row.map_or(&columns.score, |row| &columns.scores[row]);
            deviation.spreading.fill(&columns.uniforms, scores, columns, &mut out);
            columns.between_twins[index] = out;
        }
    }

    /// Draws the numbers of one occasion for the twins that were drawn last.
    pub fn draw_occasion(&self, occasion: u64, columns: &mut DeviateColumns) {
        for (index, deviation) in self.between_occasions.iter().enumerate() {
            let mut out = std::mem::take(&mut columns.between_occasions[index]);
            columns.draw_own(deviation.purpose, occasion);
            deviation.spreading.fill(&columns.uniforms, &columns.score, columns, &mut out);
            columns.between_occasions[index] = out;
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
            columns.draw_own(self.between_twins[part.covariate].purpose, 0);
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
        let address = Address { purpose, index, ..self.root };
        Twins::Each(&self.numbers).uniforms(address, &mut self.uniforms);
        normal_quantiles(Simd::detect(), &self.uniforms, &mut self.score);
    }
}
