//! The partial likelihood of the proportional hazards model and its derivatives, in one pass.

use super::{FollowUp, Ties};
use crate::linear::matrix::Square;
use crate::regression::{Local, Standardised};
use crate::special::{exp, ln};

/// Rows sorted by stratum and by falling time, so that risk sets only grow on the way.
#[derive(Debug)]
pub(super) struct RiskSets {
    columns: usize,
    /// Standardised covariates in that order, row after row.
    rows: Vec<f64>,
    event: Vec<bool>,
    /// For each stratum, the ends of its runs of tied times.
    strata: Vec<Vec<usize>>,
    ties: Ties,
}

/// Sums of weights, weighted covariates and their products over some rows: S0, S1, S2 of
/// P. K. Andersen & R. D. Gill, Annals of Statistics 10 (1982).
#[derive(Debug)]
struct Sums {
    s0: f64,
    s1: Vec<f64>,
    s2: Square,
}

impl Sums {
    fn zeros(columns: usize) -> Self {
        Self { s0: 0.0, s1: vec![0.0; columns], s2: Square::zeros(columns) }
    }

    fn clear(&mut self) {
        *self = Self::zeros(self.s1.len());
    }

    fn add(&mut self, row: &[f64], weight: f64) {
        self.s0 += weight;
        for (i, x) in row.iter().enumerate() {
            let weighted = weight * x;
            self.s1[i] += weighted;
            for (j, y) in row[..=i].iter().enumerate() {
                self.s2.add(i, j, weighted * y);
            }
        }
    }
}

impl RiskSets {
    pub(super) fn new(
        follow_up: &FollowUp<'_>,
        strata: &[usize],
        design: &Standardised,
        ties: Ties,
    ) -> Self {
        let time = follow_up.time;
        let mut order: Vec<usize> = (0..follow_up.n()).collect();
        order.sort_by(|&a, &b| strata[a].cmp(&strata[b]).then(time[b].total_cmp(&time[a])));
        let mut ends: Vec<Vec<usize>> = Vec::new();
        for (place, &row) in order.iter().enumerate() {
            let before = place.checked_sub(1).map(|k| order[k]);
            let same_stratum = before.is_some_and(|b| strata[b] == strata[row]);
            let tied = same_stratum
                && before.is_some_and(|b| follow_up.time_key(b) == follow_up.time_key(row));
            if !same_stratum {
                ends.push(Vec::new());
            }
            if let Some(stratum) = ends.last_mut() {
                match stratum.last_mut() {
                    Some(end) if tied => *end = place + 1,
                    _ => stratum.push(place + 1),
                }
            }
        }
        Self {
            columns: design.columns,
            rows: order.iter().flat_map(|&row| design.row(row)).copied().collect(),
            event: order.iter().map(|&row| follow_up.event[row]).collect(),
            strata: ends,
            ties,
        }
    }

    fn row(&self, place: usize) -> &[f64] {
        &self.rows[place * self.columns..(place + 1) * self.columns]
    }

    fn predictor(&self, place: usize, beta: &[f64]) -> f64 {
        self.row(place).iter().zip(beta).map(|(x, b)| x * b).sum()
    }

    /// Everything Newton's method needs at `beta`.
    pub(super) fn evaluate(&self, beta: &[f64]) -> Local {
        let mut total = Local {
            value: 0.0,
            score: vec![0.0; self.columns],
            information: Square::zeros(self.columns),
        };
        let mut start = 0;
        for ends in &self.strata {
            start = self.add_stratum(beta, start, ends, &mut total);
        }
        total
    }

    fn add_stratum(
        &self,
        beta: &[f64],
        start: usize,
        ends: &[usize],
        total: &mut Local,
    ) -> usize {
        let stop = ends.last().copied().unwrap_or(start);
        // Relative to the largest predictor of the stratum, no exponential overflows; the shift
        // cancels from the likelihood.
        let shift =
            (start..stop).map(|k| self.predictor(k, beta)).fold(f64::NEG_INFINITY, f64::max);
        let mut risk = Sums::zeros(self.columns);
        let mut dying = Sums::zeros(self.columns);
        let mut from = start;
        for &end in ends {
            dying.clear();
            let mut deaths = 0_u32;
            for place in from..end {
                let eta = self.predictor(place, beta) - shift;
                let weight = exp(eta);
                risk.add(self.row(place), weight);
                if self.event[place] {
                    deaths += 1;
                    dying.add(self.row(place), weight);
                    total.value += eta;
                    for (u, x) in total.score.iter_mut().zip(self.row(place)) {
                        *u += x;
                    }
                }
            }
            if deaths > 0 {
                self.add_deaths(&risk, &dying, deaths, total);
            }
            from = end;
        }
        stop
    }

    /// The denominators of `deaths` tied events. The l-th has S0 - (l/d) D0 by Efron (JASA 72,
    /// 1977) and S0 by Breslow (Biometrics 30, 1974). The products over l are gathered first, so
    /// that matrices are touched once whatever the number of ties.
    fn add_deaths(&self, risk: &Sums, dying: &Sums, deaths: u32, total: &mut Local) {
        let (mut a0, mut a1) = (0.0, 0.0);
        let (mut b0, mut b1, mut b2) = (0.0, 0.0, 0.0);
        for l in 0..deaths {
            let share = match self.ties {
                Ties::Efron => f64::from(l) / f64::from(deaths),
                Ties::Breslow => 0.0,
            };
            let denominator = risk.s0 - share * dying.s0;
            total.value -= ln(denominator);
            let inverse = 1.0 / denominator;
            a0 += inverse;
            a1 += share * inverse;
            b0 += inverse * inverse;
            b1 += share * inverse * inverse;
            b2 += share * share * inverse * inverse;
        }
        for i in 0..self.columns {
            let (ri, di) = (risk.s1[i], dying.s1[i]);
            total.score[i] -= a0 * ri - a1 * di;
            for j in 0..=i {
                let (rj, dj) = (risk.s1[j], dying.s1[j]);
                let second = a0 * risk.s2.at(i, j) - a1 * dying.s2.at(i, j);
                let product = b0 * ri * rj - b1 * (ri * dj + di * rj) + b2 * di * dj;
                total.information.add(i, j, second - product);
            }
        }
    }
}
