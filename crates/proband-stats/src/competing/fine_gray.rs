//! Proportional hazards of the subdistribution (J. Fine & R. Gray, JASA 94, 1999).

use super::{Kind, Outcomes};
use crate::checks::at_least;
use crate::error::Result;
use crate::estimate::{Level, RatioEffect, Reference};
use crate::linear::Coefficients;
use crate::linear::matrix::Square;
use crate::regression::{Local, Regressor, Standardised, maximise};
use crate::special::{exp, ln};
use crate::survival::Sums;

/// A fitted Fine-Gray model.
#[derive(Debug, Clone, PartialEq)]
pub struct FineGrayFit {
    /// Log subdistribution hazard ratios with their robust covariance.
    pub coefficients: Coefficients,
    /// The log pseudo-likelihood at the maximum.
    pub log_likelihood: f64,
    /// The number of units.
    pub n: usize,
    /// The number of events of the cause.
    pub events: usize,
}

impl FineGrayFit {
    /// The subdistribution hazard ratio of one unit of covariate `index`.
    pub fn hazard_ratio(&self, index: usize, level: Level) -> Result<RatioEffect> {
        Ok(self.coefficients.effect(index, level)?.ratio())
    }
}

/// Fits the hazard of the incidence of `cause`: units with another event stay at risk, with the weight G(t-)/G(T-) by
/// which censoring would have thinned them, G being Kaplan and Meier's curve of censoring. Ties by Breslow, and the
/// robust covariance of the paper, which knows that G is estimated, as in R's `cmprsk::crr`.
///
/// In O(n log n) and then O(n p^2) a round. Fails without events of the cause or columns, on a redundant column, and
/// with [`StatsError::Separated`](crate::StatsError::Separated) where the likelihood rises for ever.
pub fn fine_gray(
    outcomes: &Outcomes<'_>,
    cause: u8,
    columns: &[Regressor<'_>],
) -> Result<FineGrayFit> {
    outcomes.has(cause)?;
    at_least(1, columns.len())?;
    let design = Standardised::of(columns, outcomes.n())?;
    let weighted = Weighted::new(outcomes, cause, &design);
    let maximum = maximise(vec![0.0; columns.len()], |beta| weighted.evaluate(beta))?;
    let covariance = weighted.robust(&maximum.at, &maximum.covariance);
    Ok(FineGrayFit {
        coefficients: Coefficients::new(
            design.slopes(&maximum.at),
            design.slopes_covariance(&covariance),
            Reference::Normal,
        ),
        log_likelihood: maximum.value,
        n: outcomes.n(),
        events: outcomes.events(cause),
    })
}

/// Units by rising time.
struct Weighted<'a> {
    design: &'a Standardised,
    rows: Vec<usize>,
    kind: Vec<Kind>,
    /// Runs of tied times, as places.
    runs: Vec<std::ops::Range<usize>>,
    /// G just before each run, and the censored in it.
    kept: Vec<f64>,
    censored: Vec<f64>,
}

impl<'a> Weighted<'a> {
    fn new(outcomes: &Outcomes<'_>, cause: u8, design: &'a Standardised) -> Self {
        let rows = outcomes.ascending();
        let kind: Vec<Kind> = rows.iter().map(|&row| outcomes.of(row, cause)).collect();
        let (mut runs, mut kept, mut censored) = (Vec::new(), Vec::new(), Vec::new());
        let (mut from, mut curve) = (0, 1.0);
        for tied in rows.chunk_by(|&a, &b| outcomes.tied(a, b)) {
            let to = from + tied.len();
            let gone = kind[from..to].iter().filter(|k| **k == Kind::Censored).count() as f64;
            let at_risk = (rows.len() - from) as f64;
            runs.push(from..to);
            kept.push(curve);
            censored.push(gone);
            // Where all that are left are censored, nobody asks for the curve any more.
            curve *= (at_risk - gone).max(f64::MIN_POSITIVE) / at_risk;
            from = to;
        }
        Self { design, rows, kind, runs, kept, censored }
    }

    fn columns(&self) -> usize {
        self.design.columns
    }

    fn row(&self, place: usize) -> &[f64] {
        self.design.row(self.rows[place])
    }

    fn eta(&self, place: usize, beta: &[f64]) -> f64 {
        self.row(place).iter().zip(beta).map(|(x, b)| x * b).sum()
    }

    /// exp(predictor - largest predictor) of every place, and the largest.
    fn weights(&self, beta: &[f64]) -> (Vec<f64>, f64) {
        let eta: Vec<f64> = (0..self.rows.len()).map(|place| self.eta(place, beta)).collect();
        let largest = eta.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (eta.into_iter().map(|e| exp(e - largest)).collect(), largest)
    }

    fn events_in(&self, run: usize) -> f64 {
        let range = self.runs[run].clone();
        self.kind[range].iter().filter(|k| **k == Kind::Event).count() as f64
    }

    /// S0, S1, S2 at every run with events, in order of time: those still under observation, and those who had another
    /// event before, thinned.
    fn risk_sums(&self, weights: &[f64]) -> Vec<(usize, Sums)> {
        let p = self.columns();
        let mut thinned = Sums::zeros(p);
        let mut earlier = Vec::with_capacity(self.runs.len());
        for (run, range) in self.runs.iter().enumerate() {
            if self.events_in(run) > 0.0 {
                earlier.push((run, thinned.clone()));
            }
            for place in range.clone().filter(|&place| self.kind[place] == Kind::Competing) {
                thinned.add(self.row(place), weights[place] / self.kept[run]);
            }
        }
        let mut under = Sums::zeros(p);
        let mut next = self.rows.len();
        for (run, sums) in earlier.iter_mut().rev() {
            while next > self.runs[*run].start {
                next -= 1;
                under.add(self.row(next), weights[next]);
            }
            let kept = self.kept[*run];
            sums.s0 = under.s0 + kept * sums.s0;
            for (s, u) in sums.s1.iter_mut().zip(&under.s1) {
                *s = u + kept * *s;
            }
            sums.s2 = Square::from_fn(p, |i, j| under.s2.at(i, j) + kept * sums.s2.at(i, j));
        }
        earlier
    }

    fn evaluate(&self, beta: &[f64]) -> Local {
        let p = self.columns();
        let (weights, largest) = self.weights(beta);
        let mut total =
            Local { value: 0.0, score: vec![0.0; p], information: Square::zeros(p) };
        for (run, sums) in self.risk_sums(&weights) {
            let events = self.events_in(run);
            total.value -= events * (ln(sums.s0) + largest);
            for place in self.runs[run].clone() {
                if self.kind[place] == Kind::Event {
                    total.value += self.eta(place, beta);
                    for (u, x) in total.score.iter_mut().zip(self.row(place)) {
                        *u += x;
                    }
                }
            }
            for i in 0..p {
                let mean = sums.s1[i] / sums.s0;
                total.score[i] -= events * mean;
                for j in 0..=i {
                    let second = sums.s2.at(i, j) / sums.s0 - mean * sums.s1[j] / sums.s0;
                    total.information.add(i, j, events * second);
                }
            }
        }
        total
    }

    /// Omega^-1 (sum of (eta + psi)^2) Omega^-1, their eq. 7-8: eta is a unit's score, psi what its being censored or not
    /// taught about G.
    fn robust(&self, beta: &[f64], inverse: &Square) -> Square {
        let p = self.columns();
        let (weights, _) = self.weights(beta);
        let paths = Paths::new(self, &weights);
        let taught = paths.taught(self, &weights);
        let mut meat = Square::zeros(p);
        for (run, range) in self.runs.iter().enumerate() {
            for place in range.clone() {
                let mut term = paths.score(self, place, run, weights[place]);
                let own = self.kind[place] == Kind::Censored;
                for (i, t) in term.iter_mut().enumerate() {
                    *t += if own { taught.jump[run][i] } else { 0.0 } - taught.path[run][i];
                }
                meat.add_outer(&inverse.times(&term), 1.0);
            }
        }
        meat
    }
}

/// Increments of the baseline hazard and of hazard times mean covariate, cumulated up to and including each run.
struct Paths {
    hazard: Vec<f64>,
    means: Vec<Vec<f64>>,
    /// The same with each increment times G.
    kept_hazard: Vec<f64>,
    kept_means: Vec<Vec<f64>>,
    /// The mean covariate at each run with events.
    average: Vec<Option<Vec<f64>>>,
}

/// What censoring teaches: q/pi at each run, and its integral against the hazard of censoring.
struct Taught {
    jump: Vec<Vec<f64>>,
    path: Vec<Vec<f64>>,
}

impl Paths {
    fn new(data: &Weighted<'_>, weights: &[f64]) -> Self {
        let (p, runs) = (data.columns(), data.runs.len());
        let mut paths = Self {
            hazard: vec![0.0; runs],
            means: vec![vec![0.0; p]; runs],
            kept_hazard: vec![0.0; runs],
            kept_means: vec![vec![0.0; p]; runs],
            average: vec![None; runs],
        };
        for (run, sums) in data.risk_sums(weights) {
            let step = data.events_in(run) / sums.s0;
            let mean: Vec<f64> = sums.s1.iter().map(|s| s / sums.s0).collect();
            paths.hazard[run] = step;
            paths.kept_hazard[run] = step * data.kept[run];
            for (i, m) in mean.iter().enumerate() {
                paths.means[run][i] = step * m;
                paths.kept_means[run][i] = step * m * data.kept[run];
            }
            paths.average[run] = Some(mean);
        }
        for run in 1..runs {
            paths.hazard[run] += paths.hazard[run - 1];
            paths.kept_hazard[run] += paths.kept_hazard[run - 1];
            for i in 0..p {
                paths.means[run][i] += paths.means[run - 1][i];
                paths.kept_means[run][i] += paths.kept_means[run - 1][i];
            }
        }
        paths
    }

    /// eta of one unit: events less expected, against the mean covariate.
    fn score(&self, data: &Weighted<'_>, place: usize, run: usize, weight: f64) -> Vec<f64> {
        let last = self.hazard.len() - 1;
        let kind = data.kind[place];
        data.row(place)
            .iter()
            .enumerate()
            .map(|(i, x)| {
                let mut expected = x * self.hazard[run] - self.means[run][i];
                if kind == Kind::Competing {
                    let later = x * (self.kept_hazard[last] - self.kept_hazard[run])
                        - (self.kept_means[last][i] - self.kept_means[run][i]);
                    expected += later / data.kept[run];
                }
                let event = match (&self.average[run], kind) {
                    (Some(mean), Kind::Event) => x - mean[i],
                    _ => 0.0,
                };
                event - weight * expected
            })
            .collect()
    }

    /// q(u)/pi(u) at each run with censored units: q adds what those with another event before u still expect from
    /// u on.
    fn taught(&self, data: &Weighted<'_>, weights: &[f64]) -> Taught {
        let (p, runs) = (data.columns(), data.runs.len());
        let last = runs - 1;
        let (mut s0, mut s1) = (0.0, vec![0.0; p]);
        let mut taught =
            Taught { jump: vec![vec![0.0; p]; runs], path: vec![vec![0.0; p]; runs] };
        for run in 0..runs {
            let before = run.checked_sub(1);
            let at_risk = (data.rows.len() - data.runs[run].start) as f64;
            let hazard = self.kept_hazard[last] - before.map_or(0.0, |k| self.kept_hazard[k]);
            for (i, s) in s1.iter().enumerate() {
                let means =
                    self.kept_means[last][i] - before.map_or(0.0, |k| self.kept_means[k][i]);
                let jump = (s * hazard - s0 * means) / at_risk;
                let so_far = before.map_or(0.0, |k| taught.path[k][i]);
                taught.jump[run][i] = jump;
                taught.path[run][i] = so_far + jump * data.censored[run] / at_risk;
            }
            for place in data.runs[run].clone() {
                if data.kind[place] == Kind::Competing {
                    let weight = weights[place] / data.kept[run];
                    s0 += weight;
                    for (s, x) in s1.iter_mut().zip(data.row(place)) {
                        *s += weight * x;
                    }
                }
            }
        }
        taught
    }
}
