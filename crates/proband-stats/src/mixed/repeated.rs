//! The mixed model for repeated measures (MMRM).

use super::clusters::clusters;
use super::dual::Dual;
use super::fit::MixedFit;
use super::reml::{CovarianceModel, Likelihood, Problem};
use super::structure::Covariance;
use crate::checks::{at_least, index_below, same_length};
use crate::error::{Result, StatsError};
use crate::linear::basis::Basis;
use crate::linear::matrix::Square;

/// Measurements of participants at visits, one row each; those that are missing have no row.
#[derive(Debug, Clone, Copy)]
pub struct RepeatedMeasures<'a> {
    /// What was measured.
    pub response: &'a [f64],
    /// The columns of the model without its intercept, each as long as `response`.
    pub columns: &'a [&'a [f64]],
    /// Whose each row is; any numbers.
    pub participant: &'a [usize],
    /// The visit of each row, numbered from 0 in order of time.
    pub visit: &'a [usize],
    /// The number of visits.
    pub visits: usize,
}

/// A fitted mixed model for repeated measures.
#[derive(Debug, Clone)]
pub struct MmrmFit {
    /// The coefficients and what can be asked about them.
    pub fit: MixedFit,
    structure: Covariance,
    visits: usize,
}

impl MmrmFit {
    /// The covariance of a participant's values at two visits.
    pub fn covariance(&self, row: usize, column: usize) -> Result<f64> {
        index_below(self.visits, row)?;
        index_below(self.visits, column)?;
        let theta: Vec<Dual> = self.fit.theta().iter().map(|&t| Dual::constant(t)).collect();
        Ok(self.structure.entry(self.visits, &theta, row, column).value)
    }

    pub(crate) fn theta(&self) -> &[f64] {
        self.fit.theta()
    }
}

/// Fits y = X b + e by restricted maximum likelihood, e independent between participants and with
/// covariance of the given structure between a participant's visits (C. H. Mallinckrodt et al., Drug
/// Information Journal 42, 2008). Values missing at random need no imputation.
///
/// Fails where [`crate::linear::ols`] does, for an empty visit or two rows of a participant at one visit
/// ([`StatsError::OutOfRange`] with the visit), where the rows fit without residuals, and with
/// [`StatsError::DidNotConverge`] where the data do not determine the covariance (a pair of visits that
/// nobody has both of, under an unstructured one).
pub fn mmrm(data: &RepeatedMeasures<'_>, structure: Covariance) -> Result<MmrmFit> {
    mmrm_from(data, structure, None)
}

/// [`mmrm`] started from the parameters of a similar fit.
pub(crate) fn mmrm_from(
    data: &RepeatedMeasures<'_>,
    structure: Covariance,
    start: Option<&[f64]>,
) -> Result<MmrmFit> {
    check(data)?;
    let basis = Basis::of(data.columns, data.response)?;
    let order = in_order(data);
    let sds = deviations(data, &basis)?;
    let participants: Vec<usize> = order.iter().map(|&row| data.participant[row]).collect();
    let sorted = basis.reordered(&order);
    let visit: Vec<usize> = order.iter().map(|&row| data.visit[row]).collect();
    let problem = Problem {
        clusters: clusters(&sorted, &participants, |rows| {
            rows.iter().map(|&row| visit[row]).collect::<Vec<usize>>()
        }),
        basis: &sorted,
        model: Visits { structure, visits: data.visits },
        n: data.response.len(),
        likelihood: Likelihood::Restricted,
    };
    let start = start.map_or_else(|| structure.start(&sds), <[f64]>::to_vec);
    let maximum = problem.maximise(start)?;
    let fit = MixedFit::of(&problem, &maximum)?;
    Ok(MmrmFit { fit, structure, visits: data.visits })
}

fn check(data: &RepeatedMeasures<'_>) -> Result<()> {
    let rows = data.response.len();
    same_length(rows, data.participant.len())?;
    same_length(rows, data.visit.len())?;
    at_least(1, data.visits)?;
    let mut seen = std::collections::BTreeSet::new();
    for (&participant, &visit) in data.participant.iter().zip(data.visit) {
        index_below(data.visits, visit)?;
        if !seen.insert((participant, visit)) {
            return Err(StatsError::OutOfRange { value: visit as f64 });
        }
    }
    Ok(())
}

/// The rows of each participant in order of visits, whatever the order they came in.
fn in_order(data: &RepeatedMeasures<'_>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..data.response.len()).collect();
    order.sort_by_key(|&row| (data.participant[row], data.visit[row]));
    order
}

/// The standard deviation of least-squares residuals at each visit.
fn deviations(data: &RepeatedMeasures<'_>, basis: &Basis) -> Result<Vec<f64>> {
    let mut squares = vec![(0.0, 0.0); data.visits];
    for (&visit, residual) in data.visit.iter().zip(&basis.residuals) {
        squares[visit].0 += 1.0;
        squares[visit].1 += residual * residual;
    }
    let largest = data.response.iter().map(|y| y.abs()).fold(0.0, f64::max);
    let sd = |(visit, &(count, sum)): (usize, &(f64, f64))| {
        if count <= 0.0 {
            return Err(StatsError::OutOfRange { value: visit as f64 });
        }
        let sd = (sum / count).sqrt();
        if sd > ESSENTIALLY_CONSTANT * largest { Ok(sd) } else { Err(StatsError::ZeroVariance) }
    };
    squares.iter().enumerate().map(sd).collect()
}

/// Residuals this small beside the response are rounding.
const ESSENTIALLY_CONSTANT: f64 = 1e-12;

/// Clusters are the visits of a participant.
struct Visits {
    structure: Covariance,
    visits: usize,
}

impl Visits {
    fn entries(&self, pattern: &[usize], theta: &[Dual], part: impl Fn(Dual) -> f64) -> Square {
        Square::from_fn(pattern.len(), |i, j| {
            part(self.structure.entry(self.visits, theta, pattern[i], pattern[j]))
        })
    }
}

impl CovarianceModel<Vec<usize>> for Visits {
    fn parameters(&self) -> usize {
        self.structure.parameters(self.visits)
    }

    fn covariance(&self, pattern: &Vec<usize>, theta: &[f64]) -> Square {
        let theta: Vec<Dual> = theta.iter().map(|&t| Dual::constant(t)).collect();
        self.entries(pattern, &theta, |entry| entry.value)
    }

    fn first(&self, pattern: &Vec<usize>, theta: &[f64], i: usize) -> Square {
        self.entries(pattern, &Dual::parameters(theta, i, i), |entry| entry.first)
    }

    fn second(&self, pattern: &Vec<usize>, theta: &[f64], i: usize, j: usize) -> Square {
        self.entries(pattern, &Dual::parameters(theta, i, j), |entry| entry.both)
    }
}
