//! What a fitted proportional hazards model leaves: residuals, robust errors, the baseline hazard.

use super::cox::{CoxFit, CoxModel};
use super::cox_sums::Deaths;
use crate::checks::same_length;
use crate::error::Result;
use crate::estimate::Reference;
use crate::linear::Coefficients;
use crate::linear::matrix::Square;
use crate::special::exp;

/// Hazard and mean covariates, cumulated in one stratum up to and including each event time.
#[derive(Debug, Default)]
struct Path {
    times: Vec<f64>,
    hazard: Vec<f64>,
    means: Vec<Vec<f64>>,
    /// At each time, by how much those with the event differ from the others at risk.
    own: Vec<Own>,
}

#[derive(Debug)]
struct Own {
    hazard: f64,
    means: Vec<f64>,
    /// The mean covariate that the event is compared with.
    average: Vec<f64>,
}

impl Path {
    /// Cumulates steps given from the last time to the first.
    fn cumulate(steps: Vec<Step>, columns: usize) -> Self {
        let mut path = Self::default();
        let (mut hazard, mut means) = (0.0, vec![0.0; columns]);
        for step in steps.into_iter().rev() {
            hazard += step.hazard;
            for (total, mean) in means.iter_mut().zip(&step.means) {
                *total += mean;
            }
            path.times.push(step.time);
            path.hazard.push(hazard);
            path.means.push(means.clone());
            path.own.push(step.own);
        }
        path
    }

    /// How many event times are not after `time`.
    fn reached(&self, time: f64) -> usize {
        self.times.partition_point(|&t| t <= time)
    }

    fn hazard_to(&self, reached: usize) -> f64 {
        reached.checked_sub(1).map_or(0.0, |k| self.hazard[k])
    }

    fn mean_to(&self, reached: usize, i: usize) -> f64 {
        reached.checked_sub(1).map_or(0.0, |k| self.means[k][i])
    }
}

struct Step {
    time: f64,
    hazard: f64,
    means: Vec<f64>,
    own: Own,
}

impl Step {
    fn of(deaths: &Deaths<'_>, columns: usize) -> Self {
        let both: Vec<[f64; 2]> = (0..columns).map(|i| deaths.means_by_hazard(i)).collect();
        Self {
            time: deaths.time,
            hazard: deaths.a[0],
            means: both.iter().map(|b| b[0]).collect(),
            own: Own {
                hazard: -deaths.a[1],
                means: both.iter().map(|b| b[1] - b[0]).collect(),
                average: (0..columns).map(|i| deaths.means(i) / deaths.count).collect(),
            },
        }
    }
}

/// The residuals of every row, in the order of the data.
struct Residuals {
    martingale: Vec<f64>,
    /// On the standardised scale.
    score: Vec<Vec<f64>>,
}

/// The cumulative baseline hazard of one stratum.
#[derive(Debug, Clone, PartialEq)]
pub struct BaselineHazard {
    /// Event times, rising.
    pub times: Vec<f64>,
    /// The cumulative hazard of a unit whose covariates are at their means.
    pub cumulative: Vec<f64>,
}

impl CoxModel<'_> {
    fn paths(&self, beta: &[f64], strata: usize) -> Vec<Path> {
        let columns = self.sets.columns();
        let mut steps: Vec<Vec<Step>> = (0..strata).map(|_| Vec::new()).collect();
        self.sets.visit(beta, |deaths| steps[deaths.stratum].push(Step::of(deaths, columns)));
        steps.into_iter().map(|steps| Path::cumulate(steps, columns)).collect()
    }

    fn residuals(&self, fit: &CoxFit) -> Residuals {
        let (beta, columns) = (&fit.maximum.at, self.sets.columns());
        let (weights, shifts) = self.sets.weights(beta);
        let paths = self.paths(beta, shifts.len());
        let n = weights.len();
        let mut all =
            Residuals { martingale: vec![0.0; n], score: vec![vec![0.0; columns]; n] };
        for (place, (weight, stratum)) in weights.into_iter().enumerate() {
            let path = &paths[stratum];
            let (from, to) =
                (path.reached(self.sets.begins(place)), path.reached(self.sets.stop[place]));
            let own = self.sets.event[place].then(|| &path.own[to - 1]);
            let hazard =
                path.hazard_to(to) - path.hazard_to(from) + own.map_or(0.0, |own| own.hazard);
            let row = self.sets.order[place];
            all.martingale[row] = f64::from(u8::from(own.is_some())) - weight * hazard;
            for (i, x) in self.sets.row(place).iter().enumerate() {
                let means = path.mean_to(to, i) - path.mean_to(from, i)
                    + own.map_or(0.0, |own| own.means[i]);
                let event = own.map_or(0.0, |own| x - own.average[i]);
                all.score[row][i] = event - weight * (x * hazard - means);
            }
        }
        all
    }

    /// Observed less expected events of each row: the martingale residuals.
    pub fn martingale_residuals(&self, fit: &CoxFit) -> Vec<f64> {
        self.residuals(fit).martingale
    }

    /// The coefficients with the robust covariance D'D, D being the sums over each cluster of dfbeta, score
    /// residuals times the inverse information (D. Lin & L.-J. Wei, JASA 84, 1989). `clusters` has one entry a
    /// row: the unit for recurrent events (D. Lin, L.-J. Wei, I. Yang & Z. Ying, JRSS B 62, 2000), each row its
    /// own for a check of the model.
    pub fn robust(&self, fit: &CoxFit, clusters: &[usize]) -> Result<Coefficients> {
        same_length(self.watched.stop.len(), clusters.len())?;
        let score = self.residuals(fit).score;
        let mut order: Vec<usize> = (0..clusters.len()).collect();
        order.sort_by_key(|&row| clusters[row]);
        let columns = self.sets.columns();
        let mut meat = Square::zeros(columns);
        for cluster in order.chunk_by(|&a, &b| clusters[a] == clusters[b]) {
            let sums: Vec<f64> =
                (0..columns).map(|i| cluster.iter().map(|&row| score[row][i]).sum()).collect();
            meat.add_outer(&fit.maximum.covariance.times(&sums), 1.0);
        }
        Ok(Coefficients::new(
            fit.coefficients.values().to_vec(),
            self.design.slopes_covariance(&meat),
            Reference::Normal,
        ))
    }

    /// The cumulative baseline hazard of each stratum, in the order of their codes, by the increments 1/S0 that
    /// go with the ties chosen.
    pub fn baseline_hazards(&self, fit: &CoxFit) -> Vec<BaselineHazard> {
        let (_, shifts) = self.sets.weights(&fit.maximum.at);
        let paths = self.paths(&fit.maximum.at, shifts.len());
        paths
            .into_iter()
            .zip(shifts)
            .map(|(path, shift)| BaselineHazard {
                cumulative: path.hazard.iter().map(|h| h * exp(-shift)).collect(),
                times: path.times,
            })
            .collect()
    }
}
