//! Correlated normal scores: which are mixed from which, and what correlations can be.

use crate::error::{Fault, Given};
use crate::{Correlation, Covariate};

/// A pivot of the factorisation below this is no longer told from zero: some combination of the
/// scores would have a variance within rounding of none.
const SMALLEST_PIVOT: f64 = 1e-12;

/// The same for blocks, which the language has checked with a limit of its own: only what no
/// factor exists for is refused.
const ANY_PIVOT: f64 = f64::MIN_POSITIVE;

/// How correlated scores are made from independent ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Copula {
    /// A correlated score each, in the order of the covariates.
    pub(crate) rows: Vec<Row>,
}

/// A correlated score: a sum of independent scores, by a row of the Cholesky factor.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The covariate (or other quantity, by its position) whose score this is.
    pub(crate) covariate: usize,
    /// Position in the rows and weight of each other independent score; never a weight of zero.
    pub(crate) parts: Vec<(usize, f64)>,
    /// The weight of its own independent score.
    pub(crate) own: f64,
}

impl Copula {
    /// The copula of correlations between existing covariates, each pair once and each strictly
    /// between -1 and 1.
    ///
    /// The factor is taken in the order of the covariates, so that a score is mixed from those of
    /// covariates before it alone.
    ///
    /// # Errors
    /// A fault, at the position of a correlation, for each group of correlated covariates that
    /// contradicts itself.
    pub(crate) fn new(
        covariates: &[Covariate],
        correlations: &[Correlation],
    ) -> Result<Self, Vec<(usize, Fault)>> {
        let members = members(covariates.len(), correlations);
        let factor = Matrix::new(&members, correlations).factor(&positions(members.len()));
        let rows = factor.ok_or_else(|| {
            let faults = groups(covariates.len(), correlations).into_iter();
            faults
                .filter_map(|group| contradiction(covariates, correlations, &group))
                .collect::<Vec<_>>()
        })?;
        let rows = members.iter().zip(&rows).map(|(&covariate, row)| Row::new(covariate, row));
        Ok(Self { rows: rows.collect() })
    }

    /// The position of the row that gives the score of a covariate; none where its own independent
    /// score is the whole of it.
    pub(crate) fn mixed(&self, covariate: usize) -> Option<usize> {
        let row = self.rows.binary_search_by_key(&covariate, |row| row.covariate).ok()?;
        (!self.rows[row].parts.is_empty()).then_some(row)
    }
}

impl Copula {
    /// Adds a block of members whose scores have these correlations (row by row), factored in the
    /// order of the members. Correlations that are not positive definite, which the language refuses,
    /// give scores that are NaN.
    pub(crate) fn add_block(&mut self, members: &[usize], correlation: &[f64]) {
        let first = self.rows.len();
        let size = members.len();
        let matrix = Matrix { size, entries: correlation.to_vec() };
        let factor = matrix.factor_above(ANY_PIVOT, &positions(size));
        for (k, &covariate) in members.iter().enumerate() {
            let mut row = factor
                .as_ref()
                .map_or(Row { covariate, parts: Vec::new(), own: f64::NAN }, |factor| {
                    Row::new(covariate, &factor[k])
                });
            row.parts.iter_mut().for_each(|part| part.0 += first);
            self.rows.push(row);
        }
    }

    /// Makes correlated scores of independent ones, in place: from the last to the first, so that
    /// those still to be mixed find what they need as it was drawn.
    pub(crate) fn mix(&self, scores: &mut [Vec<f64>]) {
        for (index, row) in self.rows.iter().enumerate().rev() {
            let (before, own) = scores.split_at_mut(index);
            let own = own[0].as_mut_slice();
            own.iter_mut().for_each(|score| *score *= row.own);
            for &(part, weight) in &row.parts {
                own.iter_mut().zip(&before[part]).for_each(|(score, z)| *score += weight * z);
            }
        }
    }
}

impl Row {
    /// From a row of the factor, the diagonal last.
    fn new(covariate: usize, row: &[f64]) -> Self {
        let (own, others) = row.split_last().expect("a row has a diagonal");
        let parts = others.iter().copied().enumerate().filter(|part| part.1 != 0.0);
        Self { covariate, parts: parts.collect(), own: *own }
    }
}

/// The covariates that are correlated with any, in order.
fn members(count: usize, correlations: &[Correlation]) -> Vec<usize> {
    let is_member = |&i: &usize| correlations.iter().any(|c| c.first == i || c.second == i);
    (0..count).filter(is_member).collect()
}

/// A correlation matrix, row by row.
struct Matrix {
    size: usize,
    entries: Vec<f64>,
}

impl Matrix {
    /// The matrix of `members`, with 1 on the diagonal and 0 where no correlation is given.
    fn new(members: &[usize], correlations: &[Correlation]) -> Self {
        let size = members.len();
        let mut matrix = Self { size, entries: vec![0.0; size * size] };
        (0..size).for_each(|i| matrix.entries[i * size + i] = 1.0);
        for correlation in correlations {
            let (i, j) = pair(members, correlation);
            matrix.entries[i * size + j] = correlation.coefficient;
            matrix.entries[j * size + i] = correlation.coefficient;
        }
        matrix
    }

    /// The Cholesky factor of the part with these rows and columns, in their order; none if it is
    /// not positive definite.
    fn factor(&self, part: &[usize]) -> Option<Vec<Vec<f64>>> {
        self.factor_above(SMALLEST_PIVOT, part)
    }

    /// The factor, if no pivot is below this.
    fn factor_above(&self, smallest: f64, part: &[usize]) -> Option<Vec<Vec<f64>>> {
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(part.len());
        for (i, &row) in part.iter().enumerate() {
            let mut now = Vec::with_capacity(i + 1);
            for (j, &column) in part[..i].iter().enumerate() {
                let entry = self.entries[row * self.size + column];
                now.push((entry - dot(&now, &rows[j])) / rows[j][j]);
            }
            let pivot = self.entries[row * self.size + row] - dot(&now, &now);
            if pivot.is_nan() || pivot < smallest {
                return None;
            }
            now.push(pivot.sqrt());
            rows.push(now);
        }
        Some(rows)
    }

    /// Between what the correlation of `a` and `b` must lie for the matrix to be positive definite,
    /// all other entries as they are; none if no value will do.
    ///
    /// Given the others, the two scores have a correlation of their own (the partial correlation),
    /// which can be anything between -1 and 1. With `l_a` and `l_b` the last rows of the factors of
    /// the others with `a`, and with `b`, this is `sum l_a l_b` over the others, plus or minus
    /// the product of the two diagonals.
    fn admissible(&self, a: usize, b: usize) -> Option<(f64, f64)> {
        let others: Vec<usize> = (0..self.size).filter(|&i| i != a && i != b).collect();
        let last_row = |member: usize| {
            let part: Vec<usize> = others.iter().copied().chain([member]).collect();
            self.factor(&part).and_then(|mut rows| rows.pop())
        };
        let (of_a, of_b) = (last_row(a)?, last_row(b)?);
        let centre = dot(&of_a[..others.len()], &of_b);
        let reach = of_a[others.len()] * of_b[others.len()];
        Some((centre - reach, centre + reach))
    }
}

/// All positions.
fn positions(size: usize) -> Vec<usize> {
    (0..size).collect()
}

/// The sum of products over the length of the first.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Where the two covariates of a correlation stand among the members.
fn pair(members: &[usize], correlation: &Correlation) -> (usize, usize) {
    let place = |covariate| {
        members.binary_search(&covariate).expect("the members are those of the correlations")
    };
    (place(correlation.first), place(correlation.second))
}

/// Positions of correlations, by group of covariates that are correlated directly or through others.
fn groups(count: usize, correlations: &[Correlation]) -> Vec<Vec<usize>> {
    let mut group: Vec<usize> = (0..count).collect();
    // A group is called by its first covariate, whose name spreads along each correlation.
    while let Some(apart) = correlations.iter().find(|c| group[c.first] != group[c.second]) {
        let (a, b) = (group[apart.first], group[apart.second]);
        group.iter_mut().filter(|name| **name == a.max(b)).for_each(|name| *name = a.min(b));
    }
    let of_group = |name: usize| {
        (0..correlations.len()).filter(|&k| group[correlations[k].first] == name).collect()
    };
    let groups = (0..count).map(of_group);
    groups.filter(|group: &Vec<usize>| !group.is_empty()).collect()
}

/// What is wrong with a group of correlations (by their positions), if it contradicts itself: the
/// last correlation that alone can mend it, with its admissible range; without one, the first that
/// contradicts those before it.
fn contradiction(
    covariates: &[Covariate],
    correlations: &[Correlation],
    group: &[usize],
) -> Option<(usize, Fault)> {
    let told: Vec<Correlation> = group.iter().map(|&k| correlations[k]).collect();
    let members = members(covariates.len(), &told);
    let matrix = Matrix::new(&members, &told);
    if matrix.factor(&positions(members.len())).is_some() {
        return None;
    }
    let alone = (0..told.len()).rev().find_map(|k| {
        let (a, b) = pair(&members, &told[k]);
        matrix.admissible(a, b).map(|range| (k, range, Given::Others))
    });
    let (k, (low, high), given) = alone.unwrap_or_else(|| first_contradiction(&members, &told));
    let name = |covariate: usize| covariates[covariate].name.clone();
    let (first, second) = (name(told[k].first), name(told[k].second));
    Some((group[k], Fault::NotPositiveDefinite { first, second, low, high, given }))
}

/// The first correlation with which those up to it are not positive definite, the later ones at 0.
fn first_contradiction(
    members: &[usize],
    correlations: &[Correlation],
) -> (usize, (f64, f64), Given) {
    let all = positions(members.len());
    let fails = |&k: &usize| Matrix::new(members, &correlations[..=k]).factor(&all).is_none();
    let k =
        (0..correlations.len()).find(fails).expect("all together are not positive definite");
    let (a, b) = pair(members, &correlations[k]);
    let range = Matrix::new(members, &correlations[..k]).admissible(a, b);
    (k, range.expect("those before it are positive definite"), Given::Earlier)
}
