//! The exact partial likelihood of tied events.

use super::cox::CoxFit;
use super::{FollowUp, runs};
use crate::checks::{at_least, same_length};
use crate::error::{Result, StatsError};
use crate::linear::matrix::Square;
use crate::order::ascending_within;
use crate::regression::{Local, Regressor, Standardised, maximise};
use crate::special::{exp, ln};

/// Maximum of the exact partial likelihood for times that are truly discrete: at each time the
/// probability that those d of all sets of d at risk have the event (D. R. Cox, 1972; `ties = "exact"` of R's
/// `coxph`, `TIES=DISCRETE` of SAS PROC PHREG).
///
/// The sum over all sets is found by the recursion of M. Gail, J. Lubin & L. Rubinstein (Biometrika 68,
/// 1981) in O(d p^2) for each unit at risk, so that many ties in large trials take long. Fails as
/// [`cox`](super::cox) does, and with [`StatsError::Overflow`] where the number of sets leaves a double.
pub fn exact_cox(
    follow_up: &FollowUp<'_>,
    columns: &[&[f64]],
    strata: &[usize],
) -> Result<CoxFit> {
    let n = follow_up.n();
    same_length(n, strata.len())?;
    at_least(1, columns.len())?;
    if follow_up.events() == 0 {
        return Err(StatsError::NoEvents);
    }
    let design = Standardised::of(&Regressor::numbers(columns), n)?;
    let sets = Sets::new(follow_up, strata);
    let start = vec![0.0; columns.len()];
    crate::checks::not_overflown(sets.evaluate(&design, &start).value)?;
    let maximum = maximise(start, |beta| sets.evaluate(&design, beta))?;
    Ok(CoxFit::new(&design, maximum, (n, follow_up.events())))
}

/// For each time with events: those at risk, and those with the event, as rows.
struct Sets(Vec<(Vec<usize>, Vec<usize>)>);

impl Sets {
    fn new(follow_up: &FollowUp<'_>, strata: &[usize]) -> Self {
        let mut all = Vec::new();
        for stratum in runs(&ascending_within(strata, follow_up.time), |row| strata[row]) {
            let mut passed = 0;
            for tied in runs(stratum, |row| follow_up.time_key(row)) {
                let deaths: Vec<usize> =
                    tied.iter().copied().filter(|&row| follow_up.event[row]).collect();
                if !deaths.is_empty() {
                    all.push((stratum[passed..].to_vec(), deaths));
                }
                passed += tied.len();
            }
        }
        Self(all)
    }

    fn evaluate(&self, design: &Standardised, beta: &[f64]) -> Local {
        let p = beta.len();
        let mut total =
            Local { value: 0.0, score: vec![0.0; p], information: Square::zeros(p) };
        let eta =
            |row: usize| -> f64 { design.row(row).iter().zip(beta).map(|(x, b)| x * b).sum() };
        for (at_risk, deaths) in &self.0 {
            let shift = at_risk.iter().map(|&row| eta(row)).fold(f64::NEG_INFINITY, f64::max);
            let mut sums = Subsets::new(deaths.len(), p);
            for &row in at_risk {
                sums.add(design.row(row), exp(eta(row) - shift));
            }
            for &row in deaths {
                total.value += eta(row) - shift;
                for (u, x) in total.score.iter_mut().zip(design.row(row)) {
                    *u += x;
                }
            }
            sums.subtract_from(&mut total);
        }
        total
    }
}

/// Sums over all subsets of k rows, k = 0..=d, of the product of weights, with the derivatives by the
/// coefficients: of each k one value, p first and p(p+1)/2 second derivatives.
struct Subsets {
    columns: usize,
    entries: Vec<Vec<f64>>,
}

impl Subsets {
    fn new(deaths: usize, columns: usize) -> Self {
        let width = 1 + columns + columns * (columns + 1) / 2;
        let mut entries = vec![vec![0.0; width]; deaths + 1];
        entries[0][0] = 1.0;
        Self { columns, entries }
    }

    /// e_k += w e_{k-1}, with the product rule.
    fn add(&mut self, row: &[f64], weight: f64) {
        let p = self.columns;
        for k in (1..self.entries.len()).rev() {
            let (lower, upper) = self.entries.split_at_mut(k);
            let (from, to) = (&lower[k - 1], &mut upper[0]);
            to[0] += weight * from[0];
            let mut place = 1 + p;
            for i in 0..p {
                to[1 + i] += weight * (from[1 + i] + row[i] * from[0]);
                for j in 0..=i {
                    let mixed = row[i] * from[1 + j] + row[j] * from[1 + i];
                    to[place] += weight * (from[place] + mixed + row[i] * row[j] * from[0]);
                    place += 1;
                }
            }
        }
    }

    /// Takes ln e_d and its derivatives from the log-likelihood.
    fn subtract_from(&self, total: &mut Local) {
        let p = self.columns;
        let last = &self.entries[self.entries.len() - 1];
        total.value -= ln(last[0]);
        let mut place = 1 + p;
        for i in 0..p {
            let first = last[1 + i] / last[0];
            total.score[i] -= first;
            for j in 0..=i {
                let second = last[place] / last[0] - first * last[1 + j] / last[0];
                total.information.add(i, j, second);
                place += 1;
            }
        }
    }
}
