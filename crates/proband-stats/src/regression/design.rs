//! Columns brought to mean 0 and standard deviation 1, so that one tolerance fits every scale.

use crate::checks::{all_finite, not_overflown, same_length, sum};
use crate::error::{Result, StatsError};
use crate::linear::matrix::Square;

/// A column whose deviations are this small beside its mean is constant but for rounding.
const CONSTANT: f64 = 1e-13;

/// Standardised columns, row after row, with what it takes to go back.
#[derive(Debug)]
pub(crate) struct Standardised {
    pub(crate) columns: usize,
    pub(crate) values: Vec<f64>,
    means: Vec<f64>,
    scales: Vec<f64>,
}

/// A column of a regression, without holding a number a row where a code does.
#[derive(Debug, Clone, Copy)]
pub enum Regressor<'a> {
    /// A number for each row.
    Numbers(&'a [f64]),
    /// 1 in the rows that have this code, 0 in the others.
    Indicator {
        /// The code of each row.
        codes: &'a [u16],
        /// The one that counts.
        code: u16,
    },
}

impl<'a> Regressor<'a> {
    /// Plain columns.
    pub(crate) fn numbers(columns: &[&'a [f64]]) -> Vec<Self> {
        columns.iter().map(|&column| Self::Numbers(column)).collect()
    }

    fn len(self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Indicator { codes, .. } => codes.len(),
        }
    }

    fn check(self) -> Result<()> {
        match self {
            Self::Numbers(values) => all_finite(values),
            Self::Indicator { .. } => Ok(()),
        }
    }

    fn at(self, row: usize) -> f64 {
        match self {
            Self::Numbers(values) => values[row],
            Self::Indicator { codes, code } => f64::from(u8::from(codes[row] == code)),
        }
    }
}

/// A redundant column by its place among the regressors, where the intercept was counted before them.
pub(crate) fn counted_without_intercept(error: StatsError) -> StatsError {
    match error {
        StatsError::Singular { column } if column > 0 => {
            StatsError::Singular { column: column - 1 }
        }
        other => other,
    }
}

impl Standardised {
    /// Standardises columns of `rows` rows; fails on a constant column.
    pub(crate) fn of(columns: &[Regressor<'_>], rows: usize) -> Result<Self> {
        let count = columns.len();
        let mut values = vec![0.0; rows * count];
        let (mut means, mut scales) = (Vec::new(), Vec::new());
        for (j, &column) in columns.iter().enumerate() {
            same_length(rows, column.len())?;
            column.check()?;
            let all = || (0..rows).map(|row| column.at(row));
            let centre = not_overflown(sum(all()) / rows as f64)?;
            let square = sum(all().map(|v| (v - centre) * (v - centre))) / rows as f64;
            let scale = not_overflown(square)?.sqrt();
            if scale <= CONSTANT * centre.abs() {
                return Err(StatsError::Singular { column: j });
            }
            for (i, v) in all().enumerate() {
                values[i * count + j] = (v - centre) / scale;
            }
            means.push(centre);
            scales.push(scale);
        }
        Ok(Self { columns: count, values, means, scales })
    }

    pub(crate) fn row(&self, index: usize) -> &[f64] {
        &self.values[index * self.columns..(index + 1) * self.columns]
    }

    /// The weights on standardised coefficients that give coefficient `index` of the original scale.
    pub(crate) fn weights_of(&self, index: usize) -> Vec<f64> {
        let mut weights = vec![0.0; self.columns + 1];
        if index == 0 {
            weights[0] = 1.0;
            for (w, (mean, scale)) in
                weights[1..].iter_mut().zip(self.means.iter().zip(&self.scales))
            {
                *w = -mean / scale;
            }
        } else {
            weights[index] = 1.0 / self.scales[index - 1];
        }
        weights
    }

    /// The linear map of [`Self::with_intercept`]: row i has what each standardised coefficient puts into
    /// coefficient i of the original scale.
    pub(crate) fn map_with_intercept(&self) -> Vec<Vec<f64>> {
        let size = self.columns + 1;
        // Its columns are the images of unit vectors.
        let images: Vec<Vec<f64>> = (0..size)
            .map(|k| {
                let unit: Vec<f64> = (0..size).map(|i| f64::from(u8::from(i == k))).collect();
                self.with_intercept(&unit)
            })
            .collect();
        (0..size).map(|i| images.iter().map(|image| image[i]).collect()).collect()
    }

    /// The logarithm of what one determinant of all columns is multiplied by on the original scale.
    pub(crate) fn log_scale(&self) -> f64 {
        self.scales.iter().map(|&s| crate::special::ln(s)).sum()
    }

    /// Slopes on the original scale.
    pub(crate) fn slopes(&self, standardised: &[f64]) -> Vec<f64> {
        standardised.iter().zip(&self.scales).map(|(b, s)| b / s).collect()
    }

    /// The covariance of slopes on the original scale.
    pub(crate) fn slopes_covariance(&self, v: &Square) -> Square {
        Square::from_fn(v.size(), |i, j| v.at(i, j) / (self.scales[i] * self.scales[j]))
    }

    /// (Intercept, slopes) on the original scale: b0 - sum(b m / s), b / s.
    pub(crate) fn with_intercept(&self, standardised: &[f64]) -> Vec<f64> {
        let slopes = self.slopes(&standardised[1..]);
        let shift: f64 = slopes.iter().zip(&self.means).map(|(b, m)| b * m).sum();
        let mut all = vec![standardised[0] - shift];
        all.extend(slopes);
        all
    }

    /// The covariance of (intercept, slopes) on the original scale, T V T' with the rows of
    /// [`Self::weights_of`] in T.
    pub(crate) fn covariance_with_intercept(&self, v: &Square) -> Square {
        let size = v.size();
        let rows: Vec<Vec<f64>> = (0..size).map(|i| self.weights_of(i)).collect();
        let half =
            Square::from_fn(size, |i, j| (0..size).map(|k| rows[i][k] * v.at(k, j)).sum());
        Square::from_fn(size, |i, j| {
            let (i, j) = (i.max(j), i.min(j));
            (0..size).map(|k| half.at(i, k) * rows[j][k]).sum()
        })
    }
}
