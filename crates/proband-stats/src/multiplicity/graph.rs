//! Graphs that hand the level of a rejected hypothesis on (F. Bretz, W. Maurer, W. Brannath & M. Posch,
//! Statistics in Medicine 28, 2009).

use super::p_values;
use crate::checks::{at_least, probability, same_length, share};
use crate::error::{Result, StatsError};

/// Sums of weights may exceed 1 by rounding.
const ROUNDING: f64 = 1e-9;

/// More hypotheses than this have too many intersections to go through.
const MOST_CLOSED: usize = 20;

/// Hypotheses with their shares of the level, and where each hands its share when it is rejected.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    weights: Vec<f64>,
    transitions: Vec<Vec<f64>>,
}

/// What a graph says about p-values.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphTest {
    /// Rejected at the level asked for.
    pub rejected: Vec<bool>,
    /// Adjusted p-values.
    pub adjusted: Vec<f64>,
}

impl Graph {
    /// `weights` are shares of the level, adding up to at most 1; row i of `transitions` says where
    /// hypothesis i hands its share, adding up to at most 1 with nothing to itself.
    pub fn new(weights: &[f64], transitions: &[Vec<f64>]) -> Result<Self> {
        at_least(1, weights.len())?;
        same_length(weights.len(), transitions.len())?;
        shares(weights)?;
        for (i, row) in transitions.iter().enumerate() {
            same_length(weights.len(), row.len())?;
            shares(row)?;
            if row[i] != 0.0 {
                return Err(StatsError::OutOfRange { value: row[i] });
            }
        }
        Ok(Self { weights: weights.to_vec(), transitions: transitions.to_vec() })
    }

    /// Holm's procedure for `n` hypotheses.
    pub fn holm(n: usize) -> Result<Self> {
        let other = 1.0 / (n.max(2) - 1) as f64;
        let row = |i: usize| (0..n).map(|j| if i == j { 0.0 } else { other }).collect();
        Self::new(&vec![1.0 / n as f64; n], &(0..n).map(row).collect::<Vec<_>>())
    }

    /// `n` hypotheses in a fixed sequence.
    pub fn fixed_sequence(n: usize) -> Result<Self> {
        let mut weights = vec![0.0; n];
        if let Some(first) = weights.first_mut() {
            *first = 1.0;
        }
        Self::fallback(&weights)
    }

    /// The fallback procedure (B. Wiens, Pharmaceutical Statistics 2, 2003): each hypothesis hands its
    /// share to the next.
    pub fn fallback(weights: &[f64]) -> Result<Self> {
        let n = weights.len();
        let row = |i: usize| (0..n).map(|j| f64::from(u8::from(j == i + 1))).collect();
        Self::new(weights, &(0..n).map(row).collect::<Vec<_>>())
    }

    /// Bonferroni-based parallel gatekeeping (A. Dmitrienko, W. Offen & P. Westfall, Statistics in
    /// Medicine 22, 2003): a first family with these weights, each handing its share to the `second`
    /// hypotheses of the next family in equal parts, which are tested by Holm's procedure.
    pub fn parallel_gatekeeping(first: &[f64], second: usize) -> Result<Self> {
        at_least(1, second)?;
        let (m, n) = (first.len(), first.len() + second);
        let mut weights = first.to_vec();
        weights.resize(n, 0.0);
        let entry = |i: usize, j: usize| match (i < m, j < m) {
            (true, false) => 1.0 / second as f64,
            (false, false) if i != j => 1.0 / (second - 1) as f64,
            _ => 0.0,
        };
        let rows: Vec<Vec<f64>> =
            (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect();
        Self::new(&weights, &rows)
    }

    /// The weights of the hypotheses.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The graph after hypothesis `j` was rejected: algorithm 1 of Bretz et al.
    fn without(&self, j: usize, open: &[bool]) -> Self {
        let mut next = self.clone();
        let g = &self.transitions;
        for l in 0..self.weights.len() {
            next.weights[l] += self.weights[j] * g[j][l];
            let back = 1.0 - g[l][j] * g[j][l];
            for k in 0..self.weights.len() {
                let kept = l != k && l != j && k != j && open[l] && open[k];
                next.transitions[l][k] = if kept && back > ROUNDING {
                    (g[l][k] + g[l][j] * g[j][k]) / back
                } else {
                    0.0
                };
            }
        }
        next.weights[j] = 0.0;
        next
    }

    /// The sequentially rejective test of `p` at the familywise level `alpha`.
    pub fn test(&self, p: &[f64], alpha: f64) -> Result<GraphTest> {
        self.check(p, alpha)?;
        let n = p.len();
        let (mut graph, mut open) = (self.clone(), vec![true; n]);
        let (mut adjusted, mut largest) = (vec![1.0; n], 0.0_f64);
        for _ in 0..n {
            let best = (0..n)
                .filter(|&j| open[j])
                .map(|j| (ratio(p[j], graph.weights[j]), j))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            let Some((value, j)) = best else { break };
            largest = largest.max(value.min(1.0));
            adjusted[j] = largest;
            open[j] = false;
            graph = graph.without(j, &open);
        }
        Ok(decided(adjusted, alpha))
    }

    /// The same test as the closed test it stands for: every intersection of hypotheses by Bonferroni
    /// with the weights that the graph gives it. For up to 20 hypotheses.
    pub fn closed_test(&self, p: &[f64], alpha: f64) -> Result<GraphTest> {
        self.check(p, alpha)?;
        let n = p.len();
        if n > MOST_CLOSED {
            return Err(StatsError::OutOfRange { value: n as f64 });
        }
        let mut adjusted = vec![0.0_f64; n];
        for set in 1..1_usize << n {
            let weights = self.weights_of(set);
            let inside = |j: &usize| set >> j & 1 == 1;
            let value =
                (0..n).filter(inside).map(|j| ratio(p[j], weights[j])).fold(1.0, f64::min);
            for j in (0..n).filter(inside) {
                adjusted[j] = adjusted[j].max(value);
            }
        }
        Ok(decided(adjusted, alpha))
    }

    /// The weights of the intersection whose members are the bits of `set`.
    fn weights_of(&self, set: usize) -> Vec<f64> {
        let n = self.weights.len();
        let (mut graph, mut open) = (self.clone(), vec![true; n]);
        for j in (0..n).filter(|j| set >> j & 1 == 0) {
            open[j] = false;
            graph = graph.without(j, &open);
        }
        graph.weights
    }

    fn check(&self, p: &[f64], alpha: f64) -> Result<()> {
        same_length(self.weights.len(), p.len())?;
        probability(alpha)?;
        p_values(p)
    }
}

/// p / w, where a hypothesis without a share is not rejected by any p-value.
fn ratio(p: f64, weight: f64) -> f64 {
    if weight > 0.0 { p / weight } else { f64::INFINITY }
}

fn decided(adjusted: Vec<f64>, alpha: f64) -> GraphTest {
    // A p-value at the level to rounding is rejected.
    let rejected = adjusted.iter().map(|p| *p <= alpha * (1.0 + 1e-12)).collect();
    GraphTest { rejected, adjusted }
}

fn shares(values: &[f64]) -> Result<()> {
    for value in values {
        share(*value)?;
    }
    let total: f64 = values.iter().sum();
    if total > 1.0 + ROUNDING {
        return Err(StatsError::OutOfRange { value: total });
    }
    Ok(())
}
