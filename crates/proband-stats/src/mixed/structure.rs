//! Shapes that the covariance of one participant's visits may have.

use super::dual::Dual;

/// The covariance of repeated measurements within a participant.
///
/// Parameters are without bounds: logarithms of standard deviations, entries of a unit triangle, for
/// correlations r the number r / sqrt(1 - r^2), and under compound symmetry of m visits the logit of r's place
/// between -1/(m-1) and 1. R's package mmrm has the same, which matters only for
/// [`super::Inference::KenwardRoger`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covariance {
    /// Any (SAS UN).
    Unstructured,
    /// One variance; one correlation for each number of visits apart (SAS TOEP).
    Toeplitz,
    /// A variance for each visit, correlations as [`Covariance::Toeplitz`] (SAS TOEPH).
    HeterogeneousToeplitz,
    /// One variance; correlation r^k for k visits apart (SAS AR(1)).
    AutoRegressive,
    /// A variance for each visit, correlations as [`Covariance::AutoRegressive`] (SAS ARH(1)).
    HeterogeneousAutoRegressive,
    /// One variance, one correlation (SAS CS).
    CompoundSymmetry,
    /// A variance for each visit, one correlation (SAS CSH).
    HeterogeneousCompoundSymmetry,
}

impl Covariance {
    /// The number of parameters for `visits` visits.
    pub fn parameters(self, visits: usize) -> usize {
        self.deviations(visits) + self.correlations(visits)
    }

    fn deviations(self, visits: usize) -> usize {
        match self {
            Self::Toeplitz | Self::AutoRegressive | Self::CompoundSymmetry => 1,
            _ => visits,
        }
    }

    fn correlations(self, visits: usize) -> usize {
        match self {
            _ if visits < 2 => 0,
            Self::Unstructured => visits * (visits - 1) / 2,
            Self::Toeplitz | Self::HeterogeneousToeplitz => visits - 1,
            _ => 1,
        }
    }

    /// Parameters for standard deviations of these sizes without correlation.
    pub(super) fn start(self, sds: &[f64]) -> Vec<f64> {
        let logs = sds.iter().map(|&sd| crate::special::ln(sd));
        let mut start: Vec<f64> = if self.deviations(sds.len()) == 1 {
            vec![logs.sum::<f64>() / sds.len() as f64]
        } else {
            logs.collect()
        };
        start.resize(self.parameters(sds.len()), 0.0);
        start
    }

    /// The covariance of two visits, given all parameters.
    pub(super) fn entry(
        self,
        visits: usize,
        theta: &[Dual],
        row: usize,
        column: usize,
    ) -> Dual {
        let (low, high) = (row.min(column), row.max(column));
        let deviations = self.deviations(visits);
        let sd = |visit: usize| theta[if deviations == 1 { 0 } else { visit }].exp();
        let rest = &theta[deviations..];
        let correlation = match self {
            Self::Unstructured => factor_product(rest, low, high),
            _ if low == high => Dual::ONE,
            Self::Toeplitz | Self::HeterogeneousToeplitz => rest[high - low - 1].squashed(),
            Self::AutoRegressive | Self::HeterogeneousAutoRegressive => {
                rest[0].squashed().power(high - low)
            }
            Self::CompoundSymmetry | Self::HeterogeneousCompoundSymmetry => {
                // Smaller correlations among so many visits do not exist.
                rest[0].between(-1.0 / (visits as f64 - 1.0))
            }
        };
        sd(low) * sd(high) * correlation
    }
}

/// Entry (low, high) of L L', L the unit lower triangle with its rows one after another in `below`.
fn factor_product(below: &[Dual], low: usize, high: usize) -> Dual {
    let entry = |row: usize, column: usize| {
        if row == column { Dual::ONE } else { below[row * (row - 1) / 2 + column] }
    };
    (0..=low).map(|k| entry(low, k) * entry(high, k)).fold(Dual::ZERO, |sum, term| sum + term)
}
