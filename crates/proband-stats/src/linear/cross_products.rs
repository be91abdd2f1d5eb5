//! Sums of squares and products of a stream: a regression of millions of rows in constant memory.

use super::{Factored, LinearFit, matrix::Square};
use crate::checks::{all_finite, at_least, index_below, same_length};
use crate::error::{Result, StatsError};

/// A column whose squared length shrinks to less than this share once the columns before it are
/// projected out is redundant. Forming products squares the condition of the design, so that this
/// road refuses earlier than the QR of columns does (1e-7 of the length, 1e-14 of its square).
const COLLINEAR: f64 = 1e-11;

/// A column whose deviations are this small beside its mean is constant but for rounding.
const CONSTANT: f64 = 1e-13;

/// A residual sum of squares below this share of the total is rounding.
const EXACT_FIT: f64 = 1e-13;

/// n, means and centred sums of products of p columns and a response.
///
/// Products are always taken about the mean so far, never about zero, so that no digits are lost
/// to a large mean: with gaps d = v - mean, C += d d' (n-1)/n and mean += d/n for one row, and
/// C = C_a + C_b + d d' n_a n_b/n for two pieces (Pebay, SAND2008-6212, eq. 3.3-3.5). Merge
/// pieces in a fixed order and the bits are fixed.
#[derive(Debug, Clone)]
pub struct CrossProducts {
    n: u64,
    /// Means of the columns, then of the response.
    means: Vec<f64>,
    /// The lower half of the centred products.
    products: Square,
    gaps: Vec<f64>,
}

impl CrossProducts {
    /// No rows yet of `columns` columns and a response.
    pub fn new(columns: usize) -> Self {
        let size = columns + 1;
        Self {
            n: 0,
            means: vec![0.0; size],
            products: Square::zeros(size),
            gaps: vec![0.0; size],
        }
    }

    /// The number of rows.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// The number of columns without the response.
    pub fn columns(&self) -> usize {
        self.means.len() - 1
    }

    /// The mean of each column, without the response; all zero before the first row.
    pub fn column_means(&self) -> &[f64] {
        &self.means[..self.columns()]
    }

    /// Whether a column has one value in all rows, but for rounding. True before the second row.
    pub(crate) fn is_constant(&self, column: usize) -> bool {
        let typical = self.means[column] * CONSTANT;
        self.product(column, column) <= self.n as f64 * typical * typical
    }

    /// Adds one row. A row of the wrong length or with a value that is not finite is refused whole.
    pub fn push(&mut self, row: &[f64], y: f64) -> Result<()> {
        same_length(self.columns(), row.len())?;
        all_finite(row)?;
        if !y.is_finite() {
            return Err(StatsError::NotFinite { index: row.len() });
        }
        self.n += 1;
        let n = self.n as f64;
        for (k, value) in row.iter().copied().chain([y]).enumerate() {
            self.gaps[k] = value - self.means[k];
            self.means[k] += self.gaps[k] / n;
        }
        self.add_gaps((n - 1.0) / n);
        Ok(())
    }

    /// Adds the rows behind `other`, which come after these.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        same_length(self.columns(), other.columns())?;
        if other.n == 0 {
            return Ok(());
        }
        let (own, theirs) = (self.n as f64, other.n as f64);
        let total = own + theirs;
        self.n += other.n;
        for k in 0..self.means.len() {
            self.gaps[k] = other.means[k] - self.means[k];
            self.means[k] += self.gaps[k] * (theirs / total);
            for j in 0..=k {
                self.products.add(k, j, other.products.at(k, j));
            }
        }
        self.add_gaps(own * theirs / total);
        Ok(())
    }

    /// C += weight d d'.
    fn add_gaps(&mut self, weight: f64) {
        for (i, gap) in self.gaps.iter().enumerate() {
            let scaled = gap * weight;
            if scaled == 0.0 {
                continue;
            }
            for j in 0..=i {
                self.products.add(i, j, scaled * self.gaps[j]);
            }
        }
    }

    /// Least squares on all columns: the same model as [`super::ols`].
    pub fn fit(&self) -> Result<LinearFit> {
        let all: Vec<usize> = (0..self.columns()).collect();
        self.fit_on(&all)
    }

    /// Least squares on the columns named by `keep`, in that order.
    ///
    /// In [`StatsError::Singular`] the column is counted within `keep`.
    pub fn fit_on(&self, keep: &[usize]) -> Result<LinearFit> {
        for &column in keep {
            index_below(self.columns(), column)?;
        }
        at_least(keep.len() + 2, self.n as usize)?;
        let response = self.columns();
        let part = Square::from_fn(keep.len(), |i, j| self.product(keep[i], keep[j]));
        let lower = part.cholesky(COLLINEAR)?;
        let crossed: Vec<f64> = keep.iter().map(|&k| self.product(k, response)).collect();
        let z = lower.solve(&crossed);
        let total_squares = self.product(response, response);
        let residual = total_squares - z.iter().map(|v| v * v).sum::<f64>();
        let exact = residual <= EXACT_FIT * total_squares;
        LinearFit::assemble(Factored {
            n: self.n,
            column_means: keep.iter().map(|&k| self.means[k]).collect(),
            y_mean: self.means[response],
            lower,
            z,
            residual_squares: if exact { 0.0 } else { residual },
            total_squares,
        })
    }

    fn product(&self, i: usize, j: usize) -> f64 {
        self.products.at(i.max(j), i.min(j))
    }
}
