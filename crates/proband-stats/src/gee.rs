//! Generalised estimating equations: average effects from correlated responses, with standard errors that
//! hold whatever the correlation.
//!
//! K.-Y. Liang & S. L. Zeger, Biometrika 73 (1986), 13-22.

use std::collections::BTreeMap;

use crate::checks::{all_finite, at_least, not_overflown, same_length, sum};
use crate::error::{Result, StatsError};
use crate::estimate::Reference;
use crate::linear::Coefficients;
use crate::linear::matrix::Square;
use crate::regression::{Regressor, Standardised, counted_without_intercept, predictor};
use crate::special::{exp, ln};

const MAX_ROUNDS: usize = 200;

/// The step still to go, squared and in units of robust standard errors.
const CONVERGED: f64 = 1e-20;

/// A pivot that keeps less than this share of its diagonal marks a redundant column.
const COLLINEAR: f64 = 1e-11;

/// A slope per standard deviation beyond this runs off to infinity.
const RUNAWAY: f64 = 30.0;

/// What the mean of a response is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Response {
    /// A number: identity link, constant variance.
    Number,
    /// 0 or 1: logit link, variance m(1 - m).
    Event,
    /// A count: logarithmic link, variance m.
    Count,
}

/// The working correlation of a participant's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkingCorrelation {
    /// None.
    Independence,
    /// The same for each pair.
    Exchangeable,
    /// a^k for rows k visits apart.
    AutoRegressive,
    /// One of its own for each pair of visits.
    Unstructured,
}

/// Rows of participants.
#[derive(Debug, Clone, Copy)]
pub struct CorrelatedRows<'a> {
    /// The response of each row.
    pub response: &'a [f64],
    /// The columns of the model without its intercept, each as long as `response`.
    pub columns: &'a [&'a [f64]],
    /// Whose each row is; any numbers.
    pub participant: &'a [usize],
    /// The visit of each row; its distances matter under [`WorkingCorrelation::AutoRegressive`].
    pub visit: &'a [usize],
}

/// Solved estimating equations.
#[derive(Debug, Clone, PartialEq)]
pub struct GeeFit {
    /// Coefficients (number 0 is the intercept) with the robust covariance, referred to the normal.
    pub robust: Coefficients,
    /// The same with the covariance that would hold if the working correlation were true.
    pub model: Coefficients,
    /// The working correlation's parameters: none under independence, one, or without a structure one for each pair of
    /// visits: that of the second and the first, of the third and the first, of the third and the second, ...
    pub correlation: Vec<f64>,
    /// The mean squared Pearson residual, with divisor N as in geepack (the gee package and SAS divide by
    /// N - p).
    pub scale: f64,
}

/// Solves sum D'V^-1 (y - m) = 0 with V = scale A^(1/2) R A^(1/2), correlation and scale by moments of
/// Pearson residuals with divisor N: the estimating equations of R's geepack, in which the correlation a
/// solves the least squares of all products of a participant's residuals.
///
/// The robust covariance has no small-sample correction; it wants some forty participants. Fails for
/// shapes that do not fit, responses outside their range ([`StatsError::OutOfRange`]), a redundant column, below
/// two participants, and with [`StatsError::Separated`] where coefficients run away.
pub fn gee(
    rows: &CorrelatedRows<'_>,
    response: Response,
    correlation: WorkingCorrelation,
) -> Result<GeeFit> {
    check(rows, response)?;
    let n = rows.response.len();
    let design = Standardised::of(&Regressor::numbers(rows.columns), n)?;
    let clusters = clusters(rows.participant);
    at_least(2, clusters.len())?;
    let mut visits = rows.visit.to_vec();
    visits.sort_unstable();
    visits.dedup();
    let equations = Equations { rows, design, clusters, visits, response, correlation };
    let mut beta = equations.start()?;
    for _ in 0..MAX_ROUNDS {
        let here = equations.at(&beta)?;
        let inverse =
            here.information.cholesky(COLLINEAR).map_err(counted_without_intercept)?.inverse();
        let step = inverse.times(&here.score);
        let spread = here.meat.sandwiched(&unit_rows(&inverse));
        for (b, s) in beta.iter_mut().zip(&step) {
            *b += s;
        }
        if beta.iter().any(|b| b.is_nan() || b.abs() >= equations.far()) {
            return Err(StatsError::Separated);
        }
        let left: f64 = step
            .iter()
            .enumerate()
            .map(|(k, s)| s * s / spread.at(k, k).max(f64::MIN_POSITIVE))
            .fold(0.0, f64::max);
        if left < CONVERGED {
            return equations.solved(&beta);
        }
    }
    Err(StatsError::DidNotConverge { iterations: MAX_ROUNDS })
}

fn check(rows: &CorrelatedRows<'_>, response: Response) -> Result<()> {
    let n = rows.response.len();
    at_least(rows.columns.len() + 2, n)?;
    same_length(n, rows.participant.len())?;
    same_length(n, rows.visit.len())?;
    all_finite(rows.response)?;
    let fits = |y: f64| match response {
        Response::Number => true,
        Response::Event => y.abs() <= 0.0 || (y - 1.0).abs() <= 0.0,
        Response::Count => y >= 0.0,
    };
    match rows.response.iter().find(|y| !fits(**y)) {
        Some(&value) => Err(StatsError::OutOfRange { value }),
        None => Ok(()),
    }
}

fn clusters(participant: &[usize]) -> Vec<Vec<usize>> {
    let mut own: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (row, &participant) in participant.iter().enumerate() {
        own.entry(participant).or_default().push(row);
    }
    own.into_values().collect()
}

/// The rows of a symmetric matrix.
fn unit_rows(a: &Square) -> Vec<Vec<f64>> {
    (0..a.size()).map(|i| (0..a.size()).map(|j| a.at(i, j)).collect()).collect()
}

struct Equations<'a> {
    rows: &'a CorrelatedRows<'a>,
    design: Standardised,
    clusters: Vec<Vec<usize>>,
    /// The visits there are, rising.
    visits: Vec<usize>,
    response: Response,
    correlation: WorkingCorrelation,
}

/// The equations at one place.
struct Local {
    score: Vec<f64>,
    /// sum D'V^-1 D, without the scale.
    information: Square,
    /// sum of each participant's score times itself.
    meat: Square,
    scale: f64,
    correlation: Vec<f64>,
}

impl Equations<'_> {
    /// The common mean, and no slopes.
    fn start(&self) -> Result<Vec<f64>> {
        let y = self.rows.response;
        let mean = not_overflown(sum(y.iter().copied()) / y.len() as f64)?;
        let mut start = vec![0.0; self.design.columns + 1];
        start[0] = match self.response {
            Response::Number => mean,
            _ if mean <= 0.0 => return Err(StatsError::NoEvents),
            Response::Event if mean >= 1.0 => return Err(StatsError::OnlyEvents),
            Response::Event => ln(mean / (1.0 - mean)),
            Response::Count => ln(mean),
        };
        Ok(start)
    }

    fn far(&self) -> f64 {
        if self.response == Response::Number { f64::INFINITY } else { RUNAWAY }
    }

    /// The mean of a row and its variance function, which for these links is also the derivative of
    /// the mean by the linear predictor.
    fn mean(&self, row: usize, beta: &[f64]) -> (f64, f64) {
        let eta = predictor(&self.design, row, beta);
        match self.response {
            Response::Number => (eta, 1.0),
            Response::Count => (exp(eta), exp(eta)),
            Response::Event => {
                let small = exp(-eta.abs());
                let minor = small / (1.0 + small);
                let p = if eta >= 0.0 { 1.0 / (1.0 + small) } else { minor };
                (p, small / ((1.0 + small) * (1.0 + small)))
            }
        }
    }

    fn at(&self, beta: &[f64]) -> Result<Local> {
        let size = beta.len();
        let means: Vec<(f64, f64)> =
            (0..self.rows.response.len()).map(|row| self.mean(row, beta)).collect();
        let pearson: Vec<f64> = self
            .rows
            .response
            .iter()
            .zip(&means)
            .map(|(y, (m, v))| (y - m) / v.max(f64::MIN_POSITIVE).sqrt())
            .collect();
        let scale = sum(pearson.iter().map(|r| r * r)) / pearson.len() as f64;
        if not_overflown(scale)? <= 0.0 {
            return Err(StatsError::ZeroVariance);
        }
        let correlation = self.working(&pearson, scale);
        let mut local = Local {
            score: vec![0.0; size],
            information: Square::zeros(size),
            meat: Square::zeros(size),
            scale,
            correlation,
        };
        for own in &self.clusters {
            self.add(own, &means, &pearson, &mut local)?;
        }
        Ok(local)
    }

    /// Adds one participant: with G = A^(1/2) X, G'R^-1 G and G'R^-1 r.
    fn add(
        &self,
        own: &[usize],
        means: &[(f64, f64)],
        pearson: &[f64],
        local: &mut Local,
    ) -> Result<()> {
        let size = local.score.len();
        let factor =
            Square::from_fn(own.len(), |i, j| self.entry(own[i], own[j], &local.correlation))
                .cholesky(COLLINEAR)
                .map_err(|_| StatsError::DidNotConverge { iterations: 0 })?;
        let residuals = factor.solve(&own.iter().map(|&row| pearson[row]).collect::<Vec<_>>());
        let column = |k: usize| -> Vec<f64> {
            let cell = |row: usize| if k == 0 { 1.0 } else { self.design.row(row)[k - 1] };
            let weighted = own.iter().map(|&row| cell(row) * means[row].1.sqrt());
            factor.solve(&weighted.collect::<Vec<_>>())
        };
        let columns: Vec<Vec<f64>> = (0..size).map(column).collect();
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let score: Vec<f64> = columns.iter().map(|c| product(c, &residuals)).collect();
        for i in 0..size {
            local.score[i] += score[i];
            for j in 0..size {
                local.information.add(i, j, product(&columns[i], &columns[j]));
            }
        }
        local.meat.add_outer(&score, 1.0);
        Ok(())
    }

    /// The working correlation of two rows of a participant.
    fn entry(&self, row: usize, other: usize, correlation: &[f64]) -> f64 {
        match self.correlation {
            _ if row == other => 1.0,
            WorkingCorrelation::Independence => 0.0,
            WorkingCorrelation::Exchangeable => correlation[0],
            WorkingCorrelation::AutoRegressive => {
                power(correlation[0], self.distance(row, other))
            }
            WorkingCorrelation::Unstructured => match self.pair(row, other) {
                Some(pair) => correlation[pair],
                None => 0.0,
            },
        }
    }

    /// The place of the visits of two rows among the pairs of visits; none of one and the same visit.
    fn pair(&self, row: usize, other: usize) -> Option<usize> {
        let place = |row: usize| self.visits.partition_point(|&v| v < self.rows.visit[row]);
        let (a, b) = (place(row).max(place(other)), place(row).min(place(other)));
        (a > b).then(|| a * (a - 1) / 2 + b)
    }

    fn distance(&self, row: usize, other: usize) -> u32 {
        let (a, b) = (self.rows.visit[row], self.rows.visit[other]);
        a.abs_diff(b).try_into().unwrap_or(u32::MAX)
    }

    /// The parameters that come closest to the products of a participant's residuals, over the scale.
    fn working(&self, pearson: &[f64], scale: f64) -> Vec<f64> {
        if self.correlation == WorkingCorrelation::Independence {
            return Vec::new();
        }
        let product = |(a, b): (usize, usize)| (a, b, pearson[a] * pearson[b] / scale);
        let pairs: Vec<(usize, usize, f64)> = self
            .clusters
            .iter()
            .flat_map(|own| {
                own.iter().enumerate().flat_map(|(k, &a)| own[..k].iter().map(move |&b| (a, b)))
            })
            .map(product)
            .collect();
        match self.correlation {
            WorkingCorrelation::Unstructured => self.by_pair(&pairs),
            _ if pairs.is_empty() => vec![0.0],
            WorkingCorrelation::AutoRegressive => {
                let distant = |&(a, b, z): &(usize, usize, f64)| (self.distance(a, b), z);
                let pairs: Vec<(u32, f64)> = pairs.iter().map(distant).collect();
                // The derivative of the sum of squares (z - a^d)^2, halved.
                let slope = |a: f64| {
                    sum(pairs
                        .iter()
                        .filter(|(d, _)| *d > 0)
                        .map(|&(d, z)| f64::from(d) * power(a, d - 1) * (z - power(a, d))))
                };
                vec![crate::special::bisect_decreasing(-1.0, 1.0, slope)]
            }
            _ => vec![sum(pairs.iter().map(|(_, _, z)| *z)) / pairs.len() as f64],
        }
    }

    /// The mean product of each pair of visits; 0 where nobody had both.
    fn by_pair(&self, pairs: &[(usize, usize, f64)]) -> Vec<f64> {
        let count = self.visits.len() * (self.visits.len() - 1) / 2;
        let mut sums = vec![(0.0, 0.0); count];
        for &(a, b, z) in pairs {
            if let Some(pair) = self.pair(a, b) {
                let (total, n) = &mut sums[pair];
                (*total, *n) = (*total + z, *n + 1.0);
            }
        }
        sums.iter().map(|(total, n)| if *n > 0.0 { total / n } else { 0.0 }).collect()
    }

    fn solved(&self, beta: &[f64]) -> Result<GeeFit> {
        let here = self.at(beta)?;
        let inverse = here.information.cholesky(COLLINEAR)?.inverse();
        let robust = here.meat.sandwiched(&unit_rows(&inverse));
        let values = self.design.with_intercept(beta);
        let coefficients = |v: &Square| {
            let v = self.design.covariance_with_intercept(v);
            Coefficients::new(values.clone(), v, Reference::Normal)
        };
        Ok(GeeFit {
            robust: coefficients(&robust),
            model: coefficients(&inverse.scaled(here.scale)),
            correlation: here.correlation,
            scale: here.scale,
        })
    }
}

/// a^k for a whole k.
fn power(a: f64, k: u32) -> f64 {
    a.powi(k.min(i32::MAX as u32) as i32)
}
