//! R. Gray's test that cumulative incidences are the same (Annals of Statistics 16, 1988).

use super::{Kind, Outcomes, tie_factor};
use crate::checks::{at_least, finite, index_below, same_length};
use crate::error::{Result, StatsError};
use crate::estimate::ChiSquareTest;
use crate::linear::matrix::Square;
use crate::special::pow;

/// A covariance this close to singular (relative to its diagonal) cannot be tested.
const SINGULAR: f64 = 1e-11;

/// Compares the incidence of `cause` between `groups` groups (`group` says which each unit is in), by
/// chi-square on groups - 1 degrees of freedom. `rho` weighs with (1 - F)^rho; 0 is the usual test.
///
/// Each group's risk set is n (1 - F(t-)) / S(t-): those who had another event count on, thinned by censoring.
/// Score and variance are those of R's cmprsk. Fails without events of the cause, below two groups, and for an
/// empty one.
pub fn gray_test(
    outcomes: &Outcomes<'_>,
    cause: u8,
    group: &[usize],
    groups: usize,
    rho: f64,
) -> Result<ChiSquareTest> {
    at_least(2, groups)?;
    same_length(outcomes.n(), group.len())?;
    outcomes.has(cause)?;
    finite(rho)?;
    let mut state = State::new(group, groups)?;
    let order = outcomes.ascending();
    for tied in order.chunk_by(|&a, &b| outcomes.tied(a, b)) {
        let mut counts = vec![[0.0; 2]; groups];
        for &row in tied {
            match outcomes.of(row, cause) {
                Kind::Event => counts[group[row]][0] += 1.0,
                Kind::Competing => counts[group[row]][1] += 1.0,
                Kind::Censored => {}
            }
        }
        if counts.iter().any(|c| c[0] + c[1] > 0.0) {
            state.pass(&counts, rho);
        }
        for &row in tied {
            state.own[group[row]].at_risk -= 1.0;
        }
    }
    state.test()
}

/// One group's curves just before a time.
#[derive(Debug, Clone, Copy)]
struct Group {
    at_risk: f64,
    event_free: f64,
    incidence: f64,
}

/// What one kind of events at one time adds to the variance: weight times (a + slope (C - c))^2, where C is what c
/// has become at the end.
struct Share {
    group: usize,
    weight: f64,
    slope: f64,
    a: Vec<f64>,
    c: Vec<f64>,
}

struct State {
    own: Vec<Group>,
    /// The incidence of all groups together.
    pooled: f64,
    score: Vec<f64>,
    /// c_ik: by how much the score of group i answers to an error in the incidence of group k.
    answer: Vec<Vec<f64>>,
    shares: Vec<Share>,
}

impl State {
    fn new(group: &[usize], groups: usize) -> Result<Self> {
        let mut own = vec![Group { at_risk: 0.0, event_free: 1.0, incidence: 0.0 }; groups];
        for &g in group {
            index_below(groups, g)?;
            own[g].at_risk += 1.0;
        }
        if let Some(arm) = own.iter().position(|g| g.at_risk <= 0.0) {
            return Err(StatsError::EmptyArm { arm });
        }
        let (score, answer) = (vec![0.0; groups], vec![vec![0.0; groups]; groups]);
        Ok(Self { own, pooled: 0.0, score, answer, shares: Vec::new() })
    }

    fn pass(&mut self, counts: &[[f64; 2]], rho: f64) {
        let events: f64 = counts.iter().map(|c| c[0]).sum();
        let present = |g: &Group| g.at_risk > 0.0;
        let rate = |g: &Group| if present(g) { g.at_risk / g.event_free } else { 0.0 };
        let rates: Vec<f64> = self.own.iter().map(rate).collect();
        let total: f64 = rates.iter().sum();
        let risk: Vec<f64> =
            self.own.iter().zip(&rates).map(|(g, r)| r * (1.0 - g.incidence)).collect();
        let at_risk: f64 = risk.iter().sum();
        let weight = pow(1.0 - self.pooled, rho);
        let a: Vec<Vec<f64>> = (0..rates.len())
            .map(|i| {
                (0..rates.len())
                    .map(|k| {
                        let same = f64::from(u8::from(i == k));
                        weight * rates[i] * (same - rates[k] / total)
                    })
                    .collect()
            })
            .collect();
        for (row, a) in self.answer.iter_mut().zip(&a) {
            for (c, a) in row.iter_mut().zip(a) {
                *c += a * events / (total * (1.0 - self.pooled));
            }
        }
        for (score, (own, r)) in self.score.iter_mut().zip(counts.iter().zip(&risk)) {
            if *r > 0.0 {
                *score += weight * (own[0] - events * r / at_risk);
            }
        }
        self.pooled += events / total;
        for (k, own) in counts.iter().enumerate() {
            if present(&self.own[k]) {
                self.share(k, *own, (events, total), &a);
            }
        }
    }

    /// Moves the curves of group k over the time and notes what it adds to the variance.
    fn share(&mut self, k: usize, own: [f64; 2], (events, total): (f64, f64), a: &[Vec<f64>]) {
        let before = self.own[k];
        let group = &mut self.own[k];
        group.event_free *= (before.at_risk - own[0] - own[1]) / before.at_risk;
        group.incidence += before.event_free * own[0] / before.at_risk;
        let after = group.event_free;
        let kept = 1.0 - self.pooled;
        let column = |m: &[Vec<f64>]| -> Vec<f64> { m.iter().map(|row| row[k]).collect() };
        if events > 0.0 {
            let slope = if after > 0.0 { 1.0 - kept / after } else { 1.0 };
            let ties = tie_factor(events, total * before.event_free);
            let weight = ties * before.event_free * events / (total * before.at_risk);
            let (a, c) = (column(a), column(&self.answer));
            self.shares.push(Share { group: k, weight, slope, a, c });
        }
        if own[1] > 0.0 && after > 0.0 {
            let thinned = before.event_free / before.at_risk;
            let weight = tie_factor(own[1], before.at_risk) * thinned * thinned * own[1];
            let (a, c) = (vec![0.0; self.own.len()], column(&self.answer));
            self.shares.push(Share { group: k, weight, slope: -kept / after, a, c });
        }
    }

    fn test(&self) -> Result<ChiSquareTest> {
        // The last group follows from the others.
        let free = self.own.len() - 1;
        let mut variance = Square::zeros(free);
        for share in &self.shares {
            let term: Vec<f64> = (0..free)
                .map(|i| {
                    let end = self.answer[i][share.group];
                    share.a[i] + share.slope * (end - share.c[i])
                })
                .collect();
            variance.add_outer(&term, share.weight);
        }
        let factor = variance.cholesky(SINGULAR).map_err(|_| StatsError::ZeroVariance)?;
        ChiSquareTest::new(factor.inverse_quadratic(&self.score[..free]), free as f64)
    }
}
