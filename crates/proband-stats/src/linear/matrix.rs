//! The little dense algebra that fits need: symmetric matrices and their Cholesky factors.
//!
//! Own code rather than a library's because a fit must say *which* column is redundant, and
//! because plain loops add in one order on every processor.

use crate::checks::not_overflown;
use crate::error::{Result, StatsError};

/// A square matrix, row after row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Square {
    size: usize,
    entries: Vec<f64>,
}

impl Square {
    pub(crate) fn zeros(size: usize) -> Self {
        Self { size, entries: vec![0.0; size * size] }
    }

    pub(crate) fn from_fn(size: usize, entry: impl Fn(usize, usize) -> f64) -> Self {
        let entries = (0..size * size).map(|k| entry(k / size, k % size)).collect();
        Self { size, entries }
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn at(&self, row: usize, column: usize) -> f64 {
        self.entries[row * self.size + column]
    }

    pub(crate) fn add(&mut self, row: usize, column: usize, value: f64) {
        self.entries[row * self.size + column] += value;
    }

    pub(crate) fn set(&mut self, row: usize, column: usize, value: f64) {
        self.entries[row * self.size + column] = value;
    }

    /// w' A w.
    pub(crate) fn quadratic(&self, w: &[f64]) -> f64 {
        let mut total = 0.0;
        for (i, wi) in w.iter().enumerate() {
            let row = &self.entries[i * self.size..(i + 1) * self.size];
            let inner: f64 = row.iter().zip(w).map(|(a, b)| a * b).sum();
            total += wi * inner;
        }
        total
    }

    /// A += weight w w'.
    pub(crate) fn add_outer(&mut self, w: &[f64], weight: f64) {
        for (i, wi) in w.iter().enumerate() {
            let scaled = weight * wi;
            for (j, wj) in w.iter().enumerate() {
                self.add(i, j, scaled * wj);
            }
        }
    }

    /// W A W' for the rows W, symmetric to the bit.
    pub(crate) fn sandwiched(&self, rows: &[Vec<f64>]) -> Self {
        let half: Vec<Vec<f64>> = rows.iter().map(|row| self.times(row)).collect();
        Self::from_fn(rows.len(), |i, j| {
            let (i, j) = (i.max(j), i.min(j));
            half[i].iter().zip(&rows[j]).map(|(a, b)| a * b).sum()
        })
    }

    /// A w.
    pub(crate) fn times(&self, w: &[f64]) -> Vec<f64> {
        let row = |i: usize| &self.entries[i * self.size..(i + 1) * self.size];
        (0..self.size).map(|i| row(i).iter().zip(w).map(|(a, b)| a * b).sum()).collect()
    }

    /// A B.
    pub(crate) fn multiply(&self, other: &Self) -> Self {
        let mut product = Self::zeros(self.size);
        for i in 0..self.size {
            for k in 0..self.size {
                let factor = self.at(i, k);
                for j in 0..self.size {
                    product.entries[i * self.size + j] += factor * other.at(k, j);
                }
            }
        }
        product
    }

    /// (A + A') / 2.
    pub(crate) fn symmetrised(&self) -> Self {
        Self::from_fn(self.size, |i, j| 0.5 * (self.at(i, j) + self.at(j, i)))
    }

    /// The sum of the diagonal.
    pub(crate) fn trace(&self) -> f64 {
        (0..self.size).map(|k| self.at(k, k)).sum()
    }

    /// The trace of A B.
    pub(crate) fn trace_product(&self, other: &Self) -> f64 {
        (0..self.size * self.size)
            .map(|k| self.entries[k] * other.at(k % self.size, k / self.size))
            .sum()
    }

    pub(crate) fn scaled(&self, factor: f64) -> Self {
        Self { size: self.size, entries: self.entries.iter().map(|e| factor * e).collect() }
    }

    /// A += factor B.
    pub(crate) fn add_scaled(&mut self, other: &Self, factor: f64) {
        for (own, entry) in self.entries.iter_mut().zip(&other.entries) {
            *own += factor * entry;
        }
    }

    /// The eigenvalues of a symmetric matrix, each with its vector, by Jacobi's rotations (G. Golub & C.
    /// Van Loan, *Matrix Computations*, section 8.5).
    pub(crate) fn eigen(&self) -> Result<(Vec<f64>, Vec<Vec<f64>>)> {
        const SWEEPS: usize = 60;
        let mut a = self.clone();
        // Row k is the k-th vector.
        let mut vectors = Self::from_fn(self.size, |i, j| f64::from(u8::from(i == j)));
        for _ in 0..SWEEPS {
            let size = self.size;
            let off: f64 = (0..size)
                .flat_map(|i| (0..i).map(move |j| (i, j)))
                .map(|(i, j)| a.at(i, j).abs())
                .sum();
            if off <= size as f64 * f64::EPSILON * a.trace().abs() {
                let values = (0..size).map(|k| a.at(k, k)).collect();
                let rows = (0..size).map(|k| (0..size).map(|j| vectors.at(k, j)).collect());
                return Ok((values, rows.collect()));
            }
            for p in 0..size {
                for q in p + 1..size {
                    rotate(&mut a, &mut vectors, p, q);
                }
            }
        }
        Err(StatsError::DidNotConverge { iterations: SWEEPS })
    }

    /// The rows and columns named by `keep`, in that order.
    pub(crate) fn part(&self, keep: &[usize]) -> Self {
        Self::from_fn(keep.len(), |i, j| self.at(keep[i], keep[j]))
    }

    /// The Cholesky factor of a positive definite matrix, reading its lower half.
    ///
    /// A pivot that keeps less than `tolerance` of its diagonal entry is a column that the columns
    /// before it explain.
    pub(crate) fn cholesky(&self, tolerance: f64) -> Result<Lower> {
        let mut factor = Lower(Self::zeros(self.size));
        for j in 0..self.size {
            for i in j..self.size {
                let inner: f64 = (0..j).map(|k| factor.at(i, k) * factor.at(j, k)).sum();
                let rest = self.at(i, j) - inner;
                if i > j {
                    factor.0.set(i, j, rest / factor.at(j, j));
                } else if not_overflown(rest)? > tolerance * self.at(j, j) {
                    factor.0.set(j, j, rest.sqrt());
                } else {
                    return Err(StatsError::Singular { column: j });
                }
            }
        }
        Ok(factor)
    }
}

/// Turns axes p and q until entry (p, q) is zero.
fn rotate(a: &mut Square, vectors: &mut Square, p: usize, q: usize) {
    if a.at(p, q).abs() <= 0.0 {
        return;
    }
    let tau = (a.at(q, q) - a.at(p, p)) / (2.0 * a.at(p, q));
    let t = 1.0_f64.copysign(tau) / (tau.abs() + (1.0 + tau * tau).sqrt());
    let c = 1.0 / (1.0 + t * t).sqrt();
    let s = t * c;
    for k in 0..a.size {
        let (x, y) = (a.at(k, p), a.at(k, q));
        a.set(k, p, c * x - s * y);
        a.set(k, q, s * x + c * y);
    }
    for k in 0..a.size {
        let (x, y) = (a.at(p, k), a.at(q, k));
        a.set(p, k, c * x - s * y);
        a.set(q, k, s * x + c * y);
        let (x, y) = (vectors.at(p, k), vectors.at(q, k));
        vectors.set(p, k, c * x - s * y);
        vectors.set(q, k, s * x + c * y);
    }
}

/// A lower triangular matrix L, standing for the symmetric matrix L L'.
#[derive(Debug, Clone)]
pub(crate) struct Lower(Square);

impl Lower {
    pub(crate) fn from_fn(size: usize, entry: impl Fn(usize, usize) -> f64) -> Self {
        Self(Square::from_fn(size, |i, j| if j <= i { entry(i, j) } else { 0.0 }))
    }

    pub(crate) fn at(&self, row: usize, column: usize) -> f64 {
        self.0.at(row, column)
    }

    /// ln det(L L').
    pub(crate) fn log_determinant(&self) -> f64 {
        2.0 * (0..self.0.size()).map(|k| crate::special::ln(self.at(k, k).abs())).sum::<f64>()
    }

    /// x with L x = b.
    pub(crate) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::with_capacity(b.len());
        for (i, value) in b.iter().enumerate() {
            let inner: f64 = (0..i).map(|k| self.at(i, k) * x[k]).sum();
            x.push((value - inner) / self.at(i, i));
        }
        x
    }

    /// x with L' x = b.
    pub(crate) fn solve_transposed(&self, b: &[f64]) -> Vec<f64> {
        let mut x = b.to_vec();
        for i in (0..b.len()).rev() {
            let inner: f64 = (i + 1..b.len()).map(|k| self.at(k, i) * x[k]).sum();
            x[i] = (b[i] - inner) / self.at(i, i);
        }
        x
    }

    /// x with L L' x = b.
    pub(crate) fn solve_both(&self, b: &[f64]) -> Vec<f64> {
        self.solve_transposed(&self.solve(b))
    }

    /// b' (L L')^-1 b.
    pub(crate) fn inverse_quadratic(&self, b: &[f64]) -> f64 {
        self.solve(b).iter().map(|v| v * v).sum()
    }

    /// (L L')^-1, symmetric to the bit.
    pub(crate) fn inverse(&self) -> Square {
        let size = self.0.size();
        // Row k of `columns` is column k of L^-1.
        let columns: Vec<Vec<f64>> = (0..size)
            .map(|k| {
                self.solve(&(0..size).map(|i| f64::from(u8::from(i == k))).collect::<Vec<_>>())
            })
            .collect();
        Square::from_fn(size, |i, j| {
            let (i, j) = (i.max(j), i.min(j));
            (i..size).map(|k| columns[i][k] * columns[j][k]).sum()
        })
    }
}
