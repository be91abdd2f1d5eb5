//! From a rank to the deviate, or value, that has it.

use super::bounds::Move;
use super::columns::DeviateColumns;
use crate::score::score_within;
use proband_kernel::system::{SpreadPlan, SpreadRows};

/// How a parameter is spread. Plain numbers are rows of sizes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Spreading {
    /// By a normal deviate.
    Normal { by: Move, size: usize, within: Option<Within> },
    /// Uniform between the ends, as far as the bounds allow.
    Uniform { ends: [usize; 2], bounds: [Option<usize>; 2] },
    /// 1 with this probability, else 0.
    Bernoulli { probability: usize },
}

/// The bounds of a value that a deviate moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Within {
    centre: usize,
    bounds: [Option<usize>; 2],
    /// On an occasion the column of the deviate between twins, which has moved the value already,
    /// and how.
    already: Option<(usize, Option<Move>)>,
}

impl Spreading {
    /// The spread of a parameter between twins.
    pub(super) fn between_twins(plan: &SpreadPlan) -> Option<Self> {
        Some(Self::of(plan, plan.between_twins?, None))
    }

    /// The spread of a parameter between occasions, after that between twins (with the position of
    /// its column).
    pub(super) fn between_occasions(
        plan: &SpreadPlan,
        already: Option<(usize, Self)>,
    ) -> Option<Self> {
        let already = already.map(|(column, spreading)| match spreading {
            Self::Normal { by, .. } => (column, Some(by)),
            Self::Uniform { .. } | Self::Bernoulli { .. } => (column, None),
        });
        Some(Self::of(plan, plan.between_occasions?, already))
    }

    fn of(plan: &SpreadPlan, rows: SpreadRows, already: Option<(usize, Option<Move>)>) -> Self {
        let bounds = [plan.lower, plan.upper];
        let within = Within { centre: plan.centre, bounds, already };
        let within = bounds.iter().any(Option::is_some).then_some(within);
        let normal = |by, size| Self::Normal { by, size, within };
        match rows {
            SpreadRows::LogNormal(row) => normal(Move::Factor, row),
            SpreadRows::Normal(row) => normal(Move::Shift, row),
            SpreadRows::Proportional(row) => normal(Move::Proportion, row),
            SpreadRows::LogitNormal(row) => normal(Move::Logit, row),
            SpreadRows::Uniform(low, high) => Self::Uniform { ends: [low, high], bounds },
            SpreadRows::Bernoulli => Self::Bernoulli { probability: plan.centre },
        }
    }

    /// The numbers that have these ranks: uniform ones for `Uniform` and `Bernoulli`, scores for
    /// deviates.
    pub(super) fn fill(
        &self,
        uniforms: &[f64],
        scores: &[f64],
        columns: &DeviateColumns,
        out: &mut [f64],
    ) {
        let ranks = if matches!(self, Self::Normal { .. }) { scores } else { uniforms };
        for (twin, (value, &rank)) in out.iter_mut().zip(ranks).enumerate() {
            *value = self.value(twin, rank, columns);
        }
    }

    #[inline]
    fn value(&self, twin: usize, rank: f64, columns: &DeviateColumns) -> f64 {
        let of = |row: usize| columns.size(row, twin);
        match *self {
            Self::Normal { by, size, within } => {
                let sd = of(size);
                match within {
                    None if sd >= 0.0 => sd * rank,
                    None => f64::NAN,
                    Some(within) => {
                        let (low, high) = within.deviates(by, twin, columns);
                        deviate_within(rank, sd, low, high)
                    }
                }
            }
            Self::Uniform { ends, bounds } => {
                uniform_within(rank, ends.map(of), limits(bounds, of))
            }
            Self::Bernoulli { probability } => bernoulli(rank, of(probability)),
        }
    }
}

impl Within {
    /// The deviates that leave a twin's value within its bounds.
    fn deviates(self, by: Move, twin: usize, columns: &DeviateColumns) -> (f64, f64) {
        let of = |row: usize| columns.size(row, twin);
        let (centre, [lower, upper]) = (of(self.centre), limits(self.bounds, of));
        let Some((column, earlier)) = self.already else {
            return by.deviates(centre, lower, upper);
        };
        let gone = columns.between_twins[column][twin];
        match earlier {
            // Deviates of one kind are added up before they move the value.
            Some(earlier) if earlier == by => {
                let (low, high) = by.deviates(centre, lower, upper);
                (low - gone, high - gone)
            }
            Some(earlier) => by.deviates(earlier.value(centre, gone), lower, upper),
            None => by.deviates(gone, lower, upper),
        }
    }
}

/// The bounds, infinite where there is none.
fn limits(bounds: [Option<usize>; 2], of: impl Fn(usize) -> f64) -> [f64; 2] {
    [bounds[0].map_or(f64::NEG_INFINITY, &of), bounds[1].map_or(f64::INFINITY, &of)]
}

/// 1 or 0, by a uniform number; NaN where the probability is none.
fn bernoulli(uniform: f64, probability: f64) -> f64 {
    let is_probability = (0.0..=1.0).contains(&probability);
    if is_probability { f64::from(u8::from(uniform < probability)) } else { f64::NAN }
}

/// The number between the ends, as far as the bounds allow, that has this rank; NaN where there is
/// none.
fn uniform_within(rank: f64, [from, to]: [f64; 2], [lower, upper]: [f64; 2]) -> f64 {
    let low = if from < lower { lower } else { from };
    let high = if to > upper { upper } else { to };
    let is_range = low <= high && !lower.is_nan() && !upper.is_nan();
    if is_range { (low + (high - low) * rank).clamp(low, high) } else { f64::NAN }
}

/// The deviate of this standard deviation that lies between `low` and `high` and has there the rank
/// that the score has among all; NaN where none does.
fn deviate_within(score: f64, sd: f64, low: f64, high: f64) -> f64 {
    if sd == 0.0 {
        return if low <= 0.0 && 0.0 <= high { 0.0 } else { f64::NAN };
    }
    let score = score_within(score, low / sd, high / sd);
    let is_found = sd > 0.0 && !score.is_nan();
    // A score was found, so low < high.
    if is_found { (sd * score).clamp(low, high) } else { f64::NAN }
}
