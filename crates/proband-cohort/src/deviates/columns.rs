//! Columns of deviates, and the room that drawing them needs.

use super::Deviates;
use crate::TwinKey;
use proband_math::stream::{Address, Purpose, Seed};

/// Twins whose sizes are computed side by side. The results do not depend on it.
pub(super) const LANES: usize = 64;

/// The deviates of some twins, a column for each parameter that has one.
///
/// Used again and again, it allocates only to grow.
#[derive(Clone, Debug)]
pub struct DeviateColumns {
    pub(super) between_twins: Vec<Vec<f64>>,
    pub(super) between_occasions: Vec<Vec<f64>>,
    /// Correlated scores, by row of the blocks.
    pub(super) scores: Vec<Vec<f64>>,
    /// The uniform numbers of one parameter, and their scores.
    pub(super) uniforms: Vec<f64>,
    pub(super) score: Vec<f64>,
    pub(super) twins: Vec<TwinKey>,
    pub(super) root: Address,
    /// Rows of sizes, typical values and bounds, in blocks of [`LANES`] twins.
    sizes: Vec<f64>,
    size_rows: usize,
}

impl Default for DeviateColumns {
    fn default() -> Self {
        Self::new()
    }
}

impl DeviateColumns {
    /// Columns of no twins.
    #[must_use]
    pub fn new() -> Self {
        Self {
            between_twins: Vec::new(),
            between_occasions: Vec::new(),
            scores: Vec::new(),
            uniforms: Vec::new(),
            score: Vec::new(),
            twins: Vec::new(),
            root: Address::new(Seed(0), Purpose::new("")),
            sizes: Vec::new(),
            size_rows: 0,
        }
    }

    /// How many twins the columns hold.
    #[must_use]
    pub fn twins(&self) -> usize {
        self.twins.len()
    }

    /// The number of each twin for a parameter, by its position in the model: a deviate, or the
    /// value itself where the parameter is uniform (in its unit) or Bernoulli (0 or 1). NaN where
    /// the bounds leave no value, or a size is none. Empty for a parameter without spread between
    /// twins.
    ///
    /// Panics where there is no such parameter, or nothing was drawn yet.
    #[must_use]
    pub fn between_twins(&self, parameter: usize) -> &[f64] {
        &self.between_twins[parameter]
    }

    /// The number of each twin for a parameter on the occasion that was drawn last; otherwise as
    /// [`between_twins`](Self::between_twins).
    ///
    /// Panics where there is no such parameter, or nothing was drawn yet.
    #[must_use]
    pub fn between_occasions(&self, parameter: usize) -> &[f64] {
        &self.between_occasions[parameter]
    }

    /// A size, typical value or bound of a twin.
    #[inline]
    pub(super) fn size(&self, row: usize, twin: usize) -> f64 {
        let block = twin / LANES * self.size_rows;
        self.sizes[(block + row) * LANES + twin % LANES]
    }

    /// The rows of sizes of the block that starts at this twin.
    pub(super) fn sizes_of(&mut self, start: usize) -> &mut [f64] {
        let length = self.size_rows * LANES;
        &mut self.sizes[start / LANES * length..][..length]
    }

    /// Room for these twins.
    pub(super) fn start(&mut self, root: Address, twins: &[TwinKey], deviates: &Deviates) {
        let count = twins.len();
        self.root = root;
        self.twins.clear();
        self.twins.extend_from_slice(twins);
        let rows = deviates.blocks.rows.len();
        resize(&mut self.between_twins, deviates.parameters, count, deviates.between_twins());
        resize(
            &mut self.between_occasions,
            deviates.parameters,
            count,
            deviates.between_occasions(),
        );
        resize(&mut self.scores, rows, count, 0..rows);
        self.uniforms.resize(count, 0.0);
        self.score.resize(count, 0.0);
        self.size_rows = deviates.program.outputs();
        self.sizes.resize(count.div_ceil(LANES) * self.size_rows * LANES, 0.0);
    }
}

/// So many columns, of which the used ones have room for the twins and the others none.
fn resize(
    columns: &mut Vec<Vec<f64>>,
    length: usize,
    twins: usize,
    used: impl Iterator<Item = usize>,
) {
    columns.resize_with(length, Vec::new);
    columns.iter_mut().for_each(Vec::clear);
    used.for_each(|index| columns[index].resize(twins, 0.0));
}
