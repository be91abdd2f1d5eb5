//! Tables of counts with any number of groups (rows) and categories (columns), alone and in strata.

use crate::checks::{all_finite, at_least, countable, same_length, sum};
use crate::error::{Result, StatsError};
use crate::estimate::{ChiSquareTest, ZTest};
use crate::linear::matrix::Square;

/// A covariance this close to singular (relative to its diagonal) cannot be tested jointly.
const SINGULAR: f64 = 1e-12;

/// Counts by group and category, row after row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountTable {
    groups: usize,
    categories: usize,
    counts: Vec<u64>,
}

impl CountTable {
    /// From one row of counts for each group; fails where rows differ in length, without any row or
    /// column, and for counts above 2^53.
    pub fn new(rows: &[&[u64]]) -> Result<Self> {
        at_least(1, rows.len())?;
        let categories = rows[0].len();
        at_least(1, categories)?;
        let mut counts = Vec::with_capacity(rows.len() * categories);
        for row in rows {
            same_length(categories, row.len())?;
            for &count in *row {
                counts.push(countable(count)?);
            }
        }
        Ok(Self { groups: rows.len(), categories, counts })
    }

    /// The count of a group in a category, both numbered from 0.
    pub fn count(&self, group: usize, category: usize) -> u64 {
        self.counts[group * self.categories + category]
    }

    fn at(&self, group: usize, category: usize) -> f64 {
        self.count(group, category) as f64
    }

    fn row(&self, group: usize) -> f64 {
        (0..self.categories).map(|category| self.at(group, category)).sum()
    }

    fn column(&self, category: usize) -> f64 {
        (0..self.groups).map(|group| self.at(group, category)).sum()
    }

    fn total(&self) -> f64 {
        (0..self.groups).map(|group| self.row(group)).sum()
    }

    /// The groups and categories that hold anyone.
    fn occupied(&self) -> (Vec<usize>, Vec<usize>) {
        let groups = (0..self.groups).filter(|&group| self.row(group) > 0.0).collect();
        let categories =
            (0..self.categories).filter(|&category| self.column(category) > 0.0).collect();
        (groups, categories)
    }
}

/// Pearson's chi-square of independence on (groups - 1)(categories - 1) degrees of freedom; empty
/// groups and categories are left out. Fails where fewer than two of either are left.
pub fn pearson_chi_square(table: &CountTable) -> Result<ChiSquareTest> {
    let (groups, categories) = table.occupied();
    if groups.len() < 2 || categories.len() < 2 {
        return Err(StatsError::ZeroVariance);
    }
    let total = table.total();
    let cells = groups.iter().flat_map(|&g| categories.iter().map(move |&c| (g, c)));
    let statistic = sum(cells.map(|(g, c)| {
        let expected = table.row(g) * table.column(c) / total;
        let gap = table.at(g, c) - expected;
        gap * gap / expected
    }));
    ChiSquareTest::new(statistic, ((groups.len() - 1) * (categories.len() - 1)) as f64)
}

/// Cochran, Mantel and Haenszel's statistics of groups against categories within strata.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StratifiedAssociation {
    /// Scores of groups against scores of categories, on one degree of freedom (SAS: nonzero
    /// correlation): positive where larger scores go together.
    pub correlation: ZTest,
    /// The groups' mean scores differ, on groups - 1 degrees of freedom (SAS: row mean scores).
    pub mean_scores: ChiSquareTest,
    /// Any association, on (groups - 1)(categories - 1) degrees of freedom (SAS: general association).
    pub general: ChiSquareTest,
}

/// Tests association given the margins of every stratum: with G the sum over strata of a (n - E n)
/// and V that of its hypergeometric covariance, G'V^-1 G, for three choices of a (J. R. Landis, E. R.
/// Heyman & G. G. Koch, International Statistical Review 46, 1978, 237-254).
///
/// Strata have the same groups and categories; scores one value for each. Groups and categories
/// empty in all strata are left out; strata with fewer than two units say nothing. Fails where
/// nothing varies.
pub fn stratified_association(
    strata: &[CountTable],
    group_scores: &[f64],
    category_scores: &[f64],
) -> Result<StratifiedAssociation> {
    let pooled = pooled(strata)?;
    same_length(pooled.groups, group_scores.len())?;
    same_length(pooled.categories, category_scores.len())?;
    all_finite(group_scores)?;
    all_finite(category_scores)?;
    let (groups, categories) = pooled.occupied();
    if groups.len() < 2 || categories.len() < 2 {
        return Err(StatsError::ZeroVariance);
    }
    // The last group and category follow from the others.
    let group_flags = indicators(&groups[..groups.len() - 1], pooled.groups);
    let category_flags = indicators(&categories[..categories.len() - 1], pooled.categories);
    let (group_line, category_line) =
        (vec![group_scores.to_vec()], vec![category_scores.to_vec()]);
    let (g, v) = Compared::new(&group_line, &category_line).moments(strata);
    let variance = v.at(0, 0);
    if variance <= 0.0 {
        return Err(StatsError::ZeroVariance);
    }
    Ok(StratifiedAssociation {
        correlation: ZTest::new(g[0] / variance.sqrt()),
        mean_scores: Compared::new(&group_flags, &category_line).test(strata)?,
        general: Compared::new(&group_flags, &category_flags).test(strata)?,
    })
}

fn pooled(strata: &[CountTable]) -> Result<CountTable> {
    let mut all = strata.first().ok_or(StatsError::TooFew { needed: 1, found: 0 })?.clone();
    for stratum in &strata[1..] {
        same_length(all.groups, stratum.groups)?;
        same_length(all.categories, stratum.categories)?;
        for (sum, count) in all.counts.iter_mut().zip(&stratum.counts) {
            *sum = countable(*sum + count)?;
        }
    }
    Ok(all)
}

fn indicators(places: &[usize], count: usize) -> Vec<Vec<f64>> {
    let flag = |place: usize| (0..count).map(|k| f64::from(u8::from(k == place))).collect();
    places.iter().map(|&place| flag(place)).collect()
}

/// Sums over the table weighted by a line over groups times a line over categories.
struct Compared<'a> {
    groups: &'a [Vec<f64>],
    categories: &'a [Vec<f64>],
}

impl<'a> Compared<'a> {
    fn new(groups: &'a [Vec<f64>], categories: &'a [Vec<f64>]) -> Self {
        Self { groups, categories }
    }

    fn test(&self, strata: &[CountTable]) -> Result<ChiSquareTest> {
        let (g, v) = self.moments(strata);
        let factor = v.cholesky(SINGULAR).map_err(|_| StatsError::ZeroVariance)?;
        let statistic = factor.inverse_quadratic(&g);
        ChiSquareTest::new(statistic, g.len() as f64)
    }

    /// The sums less their expectations, and the covariance.
    fn moments(&self, strata: &[CountTable]) -> (Vec<f64>, Square) {
        let (rows, columns) = (self.groups.len(), self.categories.len());
        let size = rows * columns;
        let (mut g, mut v) = (vec![0.0; size], Square::zeros(size));
        for stratum in strata.iter().filter(|stratum| stratum.total() > 1.0) {
            let total = stratum.total();
            let by_group = spread(self.groups, |k| stratum.row(k), total);
            let by_category = spread(self.categories, |k| stratum.column(k), total);
            for (i, sum) in g.iter_mut().enumerate() {
                *sum += self.excess(stratum, i / columns, i % columns);
                for j in 0..size {
                    let product = by_group.at(i / columns, j / columns)
                        * by_category.at(i % columns, j % columns);
                    v.add(i, j, product / (total - 1.0));
                }
            }
        }
        (g, v)
    }

    fn excess(&self, stratum: &CountTable, line: usize, other: usize) -> f64 {
        let total = stratum.total();
        let mut excess = 0.0;
        for (group, a) in self.groups[line].iter().enumerate() {
            for (category, b) in self.categories[other].iter().enumerate() {
                let expected = stratum.row(group) * stratum.column(category) / total;
                excess += a * b * (stratum.at(group, category) - expected);
            }
        }
        excess
    }
}

/// n times the covariance of lines over a margin: sum(a b m) - sum(a m) sum(b m) / n.
fn spread(lines: &[Vec<f64>], margin: impl Fn(usize) -> f64, total: f64) -> Square {
    let weighted = |line: &[f64], other: &[f64]| -> f64 {
        line.iter().zip(other).enumerate().map(|(k, (a, b))| a * b * margin(k)).sum()
    };
    let ones = vec![1.0; lines[0].len()];
    Square::from_fn(lines.len(), |i, j| {
        weighted(&lines[i], &lines[j])
            - weighted(&lines[i], &ones) * weighted(&lines[j], &ones) / total
    })
}
