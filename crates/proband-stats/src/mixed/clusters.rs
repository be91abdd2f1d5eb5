//! Rows of participants who share a pattern, reduced to sums of products: what a likelihood costs then
//! depends on patterns, not on participants.

use std::collections::BTreeMap;

use crate::linear::basis::Basis;
use crate::linear::matrix::Square;

/// Participants with the same pattern (the same visits, or the same times).
#[derive(Debug, Clone)]
pub(super) struct Cluster<P> {
    pub(super) pattern: P,
    /// The number of rows of each participant.
    pub(super) size: usize,
    pub(super) participants: usize,
    /// For each pair of rows a >= b the sum over participants of w_a w_b' + w_b w_a' (w_a w_a' where a is
    /// b), its lower half packed; w is a row of the design with its response.
    products: Vec<Vec<f64>>,
    width: usize,
}

/// Groups rows by participant and participants by pattern, in the order of participants and patterns.
pub(super) fn clusters<P: Ord + Clone>(
    basis: &Basis,
    participants: &[usize],
    pattern: impl Fn(&[usize]) -> P,
) -> Vec<Cluster<P>> {
    let mut rows: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, &participant) in participants.iter().enumerate() {
        rows.entry(participant).or_default().push(row);
    }
    let mut found: BTreeMap<P, Cluster<P>> = BTreeMap::new();
    for own in rows.values() {
        let key = pattern(own);
        let fresh = || Cluster::new(key.clone(), own.len(), basis.size() + 1);
        found.entry(key.clone()).or_insert_with(fresh).push(basis, own);
    }
    found.into_values().collect()
}

impl<P> Cluster<P> {
    fn new(pattern: P, size: usize, width: usize) -> Self {
        let packed = width * (width + 1) / 2;
        let products = vec![vec![0.0; packed]; size * (size + 1) / 2];
        Self { pattern, size, participants: 0, products, width }
    }

    fn push(&mut self, basis: &Basis, own: &[usize]) {
        self.participants += 1;
        let row = |k: usize| [basis.row(own[k]), &[basis.residuals[own[k]]]].concat();
        let rows: Vec<Vec<f64>> = (0..own.len()).map(row).collect();
        for a in 0..own.len() {
            for b in 0..=a {
                let sums = &mut self.products[a * (a + 1) / 2 + b];
                let mut place = 0;
                for i in 0..self.width {
                    for j in 0..=i {
                        let product = rows[a][i] * rows[b][j];
                        let mirrored = if a == b { 0.0 } else { rows[b][i] * rows[a][j] };
                        sums[place] += product + mirrored;
                        place += 1;
                    }
                }
            }
        }
    }

    /// Adds sum W'MW over participants, W a participant's rows with responses, to packed `sums`; M is
    /// symmetric.
    pub(super) fn add_weighted(&self, m: &Square, sums: &mut [f64]) {
        for a in 0..self.size {
            for b in 0..=a {
                let weight = m.at(a, b);
                for (sum, product) in sums.iter_mut().zip(&self.products[a * (a + 1) / 2 + b]) {
                    *sum += weight * product;
                }
            }
        }
    }

    /// The trace of A times sum X'MX over participants as a function of M, X a participant's rows without
    /// responses: one number for each pair of rows.
    pub(super) fn traces(&self, a: &Square) -> Vec<f64> {
        self.products.iter().map(|packed| packed_trace(packed, a)).collect()
    }

    /// sum r'Mr over participants as a function of M, for residuals r = Wv: one number for each pair of
    /// rows.
    pub(super) fn residual_products(&self, v: &[f64]) -> Vec<f64> {
        self.products.iter().map(|packed| packed_quadratic(packed, v)).collect()
    }
}

/// The trace of the product of a symmetric matrix with the first rows of one whose lower half is packed.
fn packed_trace(packed: &[f64], of: &Square) -> f64 {
    let (mut place, mut total) = (0, 0.0);
    for i in 0..of.size() {
        let inner: f64 = (0..i).map(|j| packed[place + j] * of.at(i, j)).sum();
        total += 2.0 * inner + packed[place + i] * of.at(i, i);
        place += i + 1;
    }
    total
}

/// v'Av for a symmetric A whose lower half is packed.
pub(super) fn packed_quadratic(packed: &[f64], v: &[f64]) -> f64 {
    let (mut place, mut total) = (0, 0.0);
    for (i, vi) in v.iter().enumerate() {
        let inner: f64 = packed[place..place + i].iter().zip(v).map(|(a, b)| a * b).sum();
        total += vi * (2.0 * inner + packed[place + i] * vi);
        place += i + 1;
    }
    total
}

/// The whole of a symmetric matrix whose lower half is packed, without its last rows beyond `size`.
pub(super) fn unpacked(packed: &[f64], size: usize) -> Square {
    Square::from_fn(size, |i, j| {
        let (i, j) = (i.max(j), i.min(j));
        packed[i * (i + 1) / 2 + j]
    })
}
