//! What can be added up over shards: counts, moments, tables and cross-products, by arm.

use crate::layout::{AnalysisColumns, Column, Layout, Tally};
use crate::shard::ParticipantColumns;
use crate::source::ColumnSource;
use proband_stats::ancova::{AncovaLayout, AncovaSums};
use proband_stats::descriptive::{GeometricMoments, Moments};
use proband_trial::AnalysisMethod;
use std::io;

/// Sums over participants, whose size does not depend on their number.
///
/// Make one of each shard and merge them in the order of the shards: the result depends on the
/// shards and their order alone, whoever computed them.
#[derive(Clone, Debug)]
pub struct Accumulator {
    participants: Vec<u64>,
    columns: Vec<Sums>,
    /// By analysis; none for another method.
    ancova: Vec<Option<AncovaSums>>,
}

/// The sums of one column, by arm.
#[derive(Clone, Debug)]
pub(crate) enum Sums {
    None,
    Numbers(Vec<Numbers>),
    Totals(Vec<f64>),
    Levels(Vec<Levels>),
    /// By arm, then by cell of the stratification.
    Outcomes(Vec<Vec<Outcomes>>),
}

/// Moments of numbers and of their logarithms.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) values: Moments,
    pub(crate) logs: GeometricMoments,
}

/// Participants at each level.
#[derive(Clone, Debug)]
pub(crate) struct Levels {
    pub(crate) counts: Vec<u64>,
    pub(crate) missing: u64,
}

/// Participants with an event, and with a value at all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outcomes {
    pub(crate) events: u64,
    pub(crate) total: u64,
    pub(crate) missing: u64,
}

impl Numbers {
    /// Values are finite or missing: what is computed from a record that is neither was made
    /// missing there.
    fn push(&mut self, value: f64) {
        let value = if value.is_finite() { value } else { f64::NAN };
        let finite = "finite or missing";
        self.values.push(value).expect(finite);
        self.logs.push(value).expect(finite);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.values.merge(&other.values);
        self.logs.merge(&other.logs);
    }
}

impl Levels {
    /// Nobody at any of so many levels.
    pub(crate) fn none(levels: usize) -> Self {
        Self { counts: vec![0; levels], missing: 0 }
    }

    fn push(&mut self, value: f64) {
        match index(value).and_then(|level| self.counts.get_mut(level)) {
            Some(count) => *count += 1,
            None => self.missing += 1,
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.missing += other.missing;
        self.counts.iter_mut().zip(&other.counts).for_each(|(a, b)| *a += b);
    }

    /// Participants with a level.
    pub(crate) fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Participants at this level or above.
    pub(crate) fn at_least(&self, level: usize) -> u64 {
        self.counts.iter().skip(level).sum()
    }
}

impl Outcomes {
    fn push(&mut self, value: f64) {
        if value.is_nan() {
            self.missing += 1;
            return;
        }
        self.total += 1;
        self.events += u64::from(value > 0.0);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.events += other.events;
        self.total += other.total;
        self.missing += other.missing;
    }
}

/// A position that is held as a number; none where it is missing.
pub(crate) fn index(value: f64) -> Option<usize> {
    (value >= 0.0).then_some(value as usize)
}

impl Sums {
    fn new(layout: &Layout<'_>, column: Column) -> Self {
        let arms = layout.trial.arms.len();
        match layout.tally(column) {
            Tally::None => Self::None,
            Tally::Numbers => Self::Numbers(vec![Numbers::default(); arms]),
            Tally::Pooled => Self::Numbers(vec![Numbers::default()]),
            Tally::Total => Self::Totals(vec![0.0; arms]),
            Tally::Levels(levels) => Self::Levels(vec![Levels::none(levels); arms]),
            Tally::Outcomes => {
                Self::Outcomes(vec![vec![Outcomes::default(); layout.cells()]; arms])
            }
        }
    }

    fn push(&mut self, arm: usize, cell: usize, value: f64) {
        match self {
            Self::None => {}
            Self::Numbers(arms) => arms[arm].push(value),
            Self::Totals(arms) if value.is_nan() => _ = arms,
            Self::Totals(arms) => arms[arm] += value,
            Self::Levels(arms) => arms[arm].push(value),
            Self::Outcomes(arms) => arms[arm][cell].push(value),
        }
    }

    fn merge(&mut self, other: &Self) {
        match (self, other) {
            (Self::Numbers(a), Self::Numbers(b)) => each(a, b, Numbers::merge),
            (Self::Totals(a), Self::Totals(b)) => each(a, b, |a, b| *a += b),
            (Self::Levels(a), Self::Levels(b)) => each(a, b, Levels::merge),
            (Self::Outcomes(a), Self::Outcomes(b)) => {
                each(a, b, |a, b| each(a, b, Outcomes::merge));
            }
            _ => {}
        }
    }
}

fn each<T>(own: &mut [T], theirs: &[T], merge: impl Fn(&mut T, &T)) {
    own.iter_mut().zip(theirs).for_each(|(a, b)| merge(a, b));
}

impl Accumulator {
    /// No participants yet.
    #[must_use]
    pub fn new(layout: &Layout<'_>) -> Self {
        let columns = layout.columns().iter().map(|&c| Sums::new(layout, c)).collect();
        let analyses = 0..layout.trial.analyses.len();
        Self {
            participants: vec![0; layout.trial.arms.len()],
            columns,
            ancova: analyses.map(|a| ancova_layout(layout, a).map(AncovaSums::new)).collect(),
        }
    }

    /// The sums of all shards, read back one after the other.
    ///
    /// Fails where the columns cannot be read back.
    pub fn read(layout: &Layout<'_>, source: &dyn ColumnSource) -> io::Result<Self> {
        let all: Vec<usize> = (0..layout.columns().len()).collect();
        let mut sums = Self::new(layout);
        source.read(&all, &mut |shard| {
            let columns = shard.iter().map(|column| column.to_vec()).collect();
            sums.merge(&Self::of(layout, &ParticipantColumns::from_columns(columns)));
        })?;
        Ok(sums)
    }

    /// The sums of one shard, filled and evaluated.
    #[must_use]
    pub fn of(layout: &Layout<'_>, shard: &ParticipantColumns) -> Self {
        let mut sums = Self::new(layout);
        sums.add_rows(layout, shard);
        sums.add_effects(layout, shard);
        for (analysis, columns) in layout.analyses.iter().enumerate() {
            if let Some(ancova) = &mut sums.ancova[analysis] {
                add_to_ancova(ancova, columns, shard);
            }
        }
        sums
    }

    /// Adds the participants behind `other`, which come after these.
    pub fn merge(&mut self, other: &Self) {
        each(&mut self.participants, &other.participants, |a, b| *a += b);
        each(&mut self.columns, &other.columns, Sums::merge);
        each(&mut self.ancova, &other.ancova, |a, b| {
            if let (Some(a), Some(b)) = (a, b) {
                a.merge(b).expect("both have the layout of one trial");
            }
        });
    }

    /// Participants by arm of randomisation.
    #[must_use]
    pub fn participants(&self) -> &[u64] {
        &self.participants
    }

    pub(crate) fn column(&self, place: usize) -> &Sums {
        &self.columns[place]
    }

    pub(crate) fn ancova(&self, analysis: usize) -> Option<&AncovaSums> {
        self.ancova[analysis].as_ref()
    }

    fn add_rows(&mut self, layout: &Layout<'_>, shard: &ParticipantColumns) {
        let columns = shard.columns();
        let cells = cells(layout, shard);
        let arms: Vec<usize> = layout.columns().iter().map(|&c| layout.arm_of(c)).collect();
        for (row, &cell) in cells.iter().enumerate() {
            let Some(arm) = index(columns[0][row]) else { continue };
            self.participants[arm] += 1;
            for (place, column) in layout.columns().iter().enumerate() {
                let member = !matches!(column, Column::Effect(..));
                if let Some(arm) = index(columns[arms[place]][row]).filter(|_| member) {
                    self.columns[place].push(arm, cell, columns[place][row]);
                }
            }
        }
    }

    /// Individual effects stand in one row a twin, whatever arm randomisation named.
    fn add_effects(&mut self, layout: &Layout<'_>, shard: &ParticipantColumns) {
        let effects = |(a, c): (&proband_trial::Analysis, &AnalysisColumns)| {
            let tests: Vec<usize> = a.comparisons.iter().map(|c| c.test).collect();
            c.effects.iter().copied().zip(tests).collect::<Vec<_>>()
        };
        let step = layout.rows_per_twin();
        for (place, test) in
            layout.trial.analyses.iter().zip(&layout.analyses).flat_map(effects)
        {
            let values = &shard.columns()[place];
            (test..shard.rows())
                .step_by(step)
                .for_each(|r| self.columns[place].push(0, 0, values[r]));
        }
    }
}

/// The cell of the stratification of each row.
fn cells(layout: &Layout<'_>, shard: &ParticipantColumns) -> Vec<usize> {
    let factors = &layout.trial.design.strata;
    let mut cells = vec![0; shard.rows()];
    for (factor, stratum) in factors.iter().enumerate() {
        let place =
            layout.position(Column::Stratum(factor)).expect("every factor has a column");
        for (cell, &level) in cells.iter_mut().zip(&shard.columns()[place]) {
            *cell = *cell * stratum.levels.len() + index(level).unwrap_or(0);
        }
    }
    cells
}

/// The model of an analysis of covariance that is added up: not of values that are imputed first.
fn ancova_layout(layout: &Layout<'_>, index: usize) -> Option<AncovaLayout> {
    let (analysis, columns) = (&layout.trial.analyses[index], &layout.analyses[index]);
    let linear = [AnalysisMethod::Ancova, AnalysisMethod::NormalNormal];
    let is_linear = analysis.methods.iter().any(|method| linear.contains(method));
    let is_added_up = is_linear && analysis.imputation.is_none();
    is_added_up.then(|| ancova_with(layout, columns, columns.covariates.len()))
}

/// The arms and factors of an analysis, with so many covariates that are numbers.
pub(crate) fn ancova_with(
    layout: &Layout<'_>,
    columns: &AnalysisColumns,
    covariates: usize,
) -> AncovaLayout {
    let factors = columns.strata.iter().chain(&columns.factors);
    AncovaLayout {
        arms: layout.trial.arms.len(),
        factor_levels: factors.filter_map(|&place| layout.levels_of(place)).collect(),
        covariates,
    }
}

/// Adds the rows in which nothing the model needs is missing.
fn add_to_ancova(
    ancova: &mut AncovaSums,
    places: &AnalysisColumns,
    shard: &ParticipantColumns,
) {
    let columns = shard.columns();
    let factors = [places.strata.as_slice(), &places.factors].concat();
    let mut levels = vec![0; factors.len()];
    let mut covariates = vec![0.0; places.covariates.len()];
    for (row, &response) in columns[places.response].iter().enumerate() {
        let level_known = factors.iter().all(|&place| columns[place][row].is_finite());
        let arm = index(columns[places.arm][row]).filter(|_| level_known);
        let Some(arm) = arm else { continue };
        for (level, &place) in levels.iter_mut().zip(&factors) {
            *level = index(columns[place][row]).unwrap_or(0);
        }
        for (covariate, &place) in covariates.iter_mut().zip(&places.covariates) {
            *covariate = columns[place][row];
        }
        if response.is_finite() && covariates.iter().all(|c| c.is_finite()) {
            let pushed = ancova.push(arm, &levels, &covariates, response);
            pushed.expect("of the layout, and finite");
        }
    }
}
