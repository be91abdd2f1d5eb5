//! Correlated normal scores: which are mixed from which, and what correlations can be.

use crate::error::{Fault, Given};
use crate::{Correlation, Covariate};

/// A pivot of the factorisation below this is no longer told from zero: some combination of the
/// scores would have a variance within rounding of none.
const SMALLEST_PIVOT: f64 = 1e-12;

/// How correlated scores are made from independent ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Copula {
    /// A correlated score each, in the order of the covariates.
    pub(crate) rows: Vec<Row>,
}

/// A correlated score: a sum of independent scores, by a row of the Cholesky factor.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The covariate whose score this is.
    pub(crate) covariate: usize,
    /// Position in the rows and weight of each independent score; never a weight of zero, the own
    /// score last.
    pub(crate) parts: Vec<(usize, f64)>,
}

impl Row {
    /// Whether the score is its own independent one.
    pub(crate) fn is_independent(&self) -> bool {
        self.parts.len() == 1
    }
}

impl Copula {
    /// The copula of correlations between existing covariates, each pair once and each strictly
    /// between -1 and 1.
    ///
    /// The factor is taken in the order of the covariates, so that a score is mixed from those of
    /// covariates before it alone.
    pub(crate) fn new(
        covariates: &[Covariate],
        correlations: &[Correlation],
    ) -> Result<Self, (usize, Fault)> {
        let members = members(covariates.len(), correlations);
        let matrix = Matrix::new(&members, correlations);
        let all: Vec<usize> = (0..members.len()).collect();
        let factor = matrix.factor(&all).ok_or_else(|| {
            let (correlation, fault) = contradiction(&members, correlations);
            let name = |member: usize| covariates[member].name.clone();
            (
                correlation,
                fault(
                    name(correlations[correlation].first),
                    name(correlations[correlation].second),
                ),
            )
        })?;
        let rows = members.iter().zip(factor);
        Ok(Self {
            rows: rows.map(|(&covariate, row)| Row { covariate, parts: parts(&row) }).collect(),
        })
    }
}

/// The covariates that are correlated with any, in order.
fn members(count: usize, correlations: &[Correlation]) -> Vec<usize> {
    let is_member = |&i: &usize| correlations.iter().any(|c| c.first == i || c.second == i);
    (0..count).filter(is_member).collect()
}

/// The entries of a row that are not zero, with their positions.
fn parts(row: &[f64]) -> Vec<(usize, f64)> {
    row.iter().copied().enumerate().filter(|&(_, weight)| weight != 0.0).collect()
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
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(part.len());
        for (i, &row) in part.iter().enumerate() {
            let mut now = Vec::with_capacity(i + 1);
            for (j, &column) in part[..i].iter().enumerate() {
                let entry = self.entries[row * self.size + column];
                now.push((entry - dot(&now, &rows[j])) / rows[j][j]);
            }
            let pivot = self.entries[row * self.size + row] - dot(&now, &now);
            if pivot.is_nan() || pivot < SMALLEST_PIVOT {
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

/// The last correlation that alone can mend a matrix that is not positive definite; without one,
/// the first that contradicts those before it.
fn contradiction(
    members: &[usize],
    correlations: &[Correlation],
) -> (usize, impl FnOnce(String, String) -> Fault) {
    let matrix = Matrix::new(members, correlations);
    let alone = (0..correlations.len()).rev().find_map(|k| {
        let (a, b) = pair(members, &correlations[k]);
        matrix.admissible(a, b).map(|range| (k, range, Given::Others))
    });
    let (k, (low, high), given) =
        alone.unwrap_or_else(|| first_contradiction(members, correlations));
    (k, move |first, second| Fault::NotPositiveDefinite { first, second, low, high, given })
}

/// The first correlation with which those up to it are not positive definite.
fn first_contradiction(
    members: &[usize],
    correlations: &[Correlation],
) -> (usize, (f64, f64), Given) {
    let all: Vec<usize> = (0..members.len()).collect();
    let fails = |&k: &usize| Matrix::new(members, &correlations[..=k]).factor(&all).is_none();
    let k =
        (0..correlations.len()).find(fails).expect("all together are not positive definite");
    let (a, b) = pair(members, &correlations[k]);
    let range = Matrix::new(members, &correlations[..k]).admissible(a, b);
    (k, range.expect("those before it are positive definite"), Given::Earlier)
}
