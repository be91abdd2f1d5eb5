//! Adjusted p-values from p-values alone.

use super::p_values;
use crate::checks::at_least;
use crate::error::Result;
use crate::order::ascending;
use crate::special::{expm1, ln_1p};

/// How p-values are adjusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjustment {
    /// k p (C. Bonferroni, 1936).
    Bonferroni,
    /// 1 - (1-p)^k (Z. Sidak, JASA 62, 1967): for independent or positively dependent tests.
    Sidak,
    /// Bonferroni step by step downwards (S. Holm, Scandinavian Journal of Statistics 6, 1979).
    Holm,
    /// Sidak step by step downwards.
    HolmSidak,
    /// R. Simes' test step by step upwards (Y. Hochberg, Biometrika 75, 1988): not for negative
    /// dependence.
    Hochberg,
    /// The closed test by Simes (G. Hommel, Biometrika 75, 1988).
    Hommel,
    /// The false discovery rate (Y. Benjamini & Y. Hochberg, JRSS B 57, 1995).
    BenjaminiHochberg,
    /// The false discovery rate under any dependence (Y. Benjamini & D. Yekutieli, Annals of Statistics
    /// 29, 2001).
    BenjaminiYekutieli,
    /// In the order given, each only after the one before.
    FixedSequence,
}

/// Adjusted p-values in the order given. Fails without p-values or for one outside 0..=1.
pub fn adjust(p: &[f64], method: Adjustment) -> Result<Vec<f64>> {
    p_values(p)?;
    let k = p.len() as f64;
    let left = |rank: usize| k - rank as f64;
    Ok(match method {
        Adjustment::Bonferroni => p.iter().map(|p| (k * p).min(1.0)).collect(),
        Adjustment::Sidak => p.iter().map(|&p| sidak(p, k)).collect(),
        Adjustment::Holm => step_down(p, |rank, p| (left(rank) * p).min(1.0)),
        Adjustment::HolmSidak => step_down(p, |rank, p| sidak(p, left(rank))),
        Adjustment::Hochberg => step_up(p, |rank, p| left(rank) * p),
        Adjustment::BenjaminiHochberg => step_up(p, |rank, p| k / (rank as f64 + 1.0) * p),
        Adjustment::BenjaminiYekutieli => {
            let harmonic: f64 = (1..=p.len()).map(|j| 1.0 / j as f64).sum();
            step_up(p, |rank, p| harmonic * k / (rank as f64 + 1.0) * p)
        }
        Adjustment::Hommel => hommel(p),
        Adjustment::FixedSequence => running_largest(p.iter().copied()),
    })
}

/// Families tested one after the other, each only once all hypotheses of those before are rejected
/// (W. Maurer, L. Hothorn & W. Lehmacher, 1995); `within` adjusts inside a family.
pub fn serial_gatekeeping(families: &[&[f64]], within: Adjustment) -> Result<Vec<Vec<f64>>> {
    at_least(1, families.len())?;
    let mut gate = 0.0_f64;
    let mut all = Vec::new();
    for family in families {
        let own: Vec<f64> = adjust(family, within)?.into_iter().map(|p| p.max(gate)).collect();
        gate = own.iter().copied().fold(gate, f64::max);
        all.push(own);
    }
    Ok(all)
}

/// 1 - (1-p)^k without loss for small p.
fn sidak(p: f64, k: f64) -> f64 {
    if p >= 1.0 { 1.0 } else { -expm1(k * ln_1p(-p)) }
}

fn running_largest(p: impl Iterator<Item = f64>) -> Vec<f64> {
    p.scan(0.0_f64, |largest, p| {
        *largest = largest.max(p);
        Some(*largest)
    })
    .collect()
}

fn in_given_order(order: &[usize], sorted: &[f64]) -> Vec<f64> {
    let mut given = vec![0.0; order.len()];
    for (&place, &value) in order.iter().zip(sorted) {
        given[place] = value;
    }
    given
}

/// From the smallest p-value up, never falling. `of` is given the rank (0 first) and p.
fn step_down(p: &[f64], of: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let order = ascending(p);
    let sorted =
        running_largest(order.iter().enumerate().map(|(rank, &place)| of(rank, p[place])));
    in_given_order(&order, &sorted)
}

/// From the largest p-value down, never rising.
fn step_up(p: &[f64], of: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let order = ascending(p);
    let mut sorted = vec![0.0; p.len()];
    let mut least = 1.0_f64;
    for (rank, &place) in order.iter().enumerate().rev() {
        least = least.min(of(rank, p[place]));
        sorted[rank] = least;
    }
    in_given_order(&order, &sorted)
}

/// The largest Simes p-value of all sets with the hypothesis. Among sets of m, the worst holds the m
/// largest p-values, or the hypothesis and the m - 1 largest.
fn hommel(p: &[f64]) -> Vec<f64> {
    let order = ascending(p);
    let sorted: Vec<f64> = order.iter().map(|&place| p[place]).collect();
    let n = sorted.len();
    let mut adjusted = sorted.clone();
    for m in 2..=n {
        let size = m as f64;
        let others = (2..=m)
            .map(|j| size * sorted[n - m + j - 1] / j as f64)
            .fold(f64::INFINITY, f64::min);
        for (i, value) in adjusted.iter_mut().enumerate() {
            *value = value.max(others.min(size * sorted[i.min(n - m)]));
        }
    }
    let sorted: Vec<f64> = adjusted.into_iter().map(|p| p.min(1.0)).collect();
    in_given_order(&order, &sorted)
}
