//! The least-squares means of arms, as weights of the coefficients of a model.

use proband_stats::model_matrix::{Margins, ModelMatrix};
use proband_stats::{Result as StatsResult, StatsError};

/// The place of the arms among the variables of every model.
pub(super) const ARM: usize = 0;

/// The weights of the coefficients, intercept first, in the mean of each arm.
pub(super) struct Means {
    coefficients: usize,
    arms: Vec<StatsResult<Vec<f64>>>,
}

impl Means {
    /// At equal weights of the levels of factors, but for those that `at` fixes, and the means of numbers.
    pub(super) fn of(matrix: &ModelMatrix<'_>, arms: usize, at: &[(usize, usize)]) -> Self {
        let mean = |arm: usize| {
            let mean = matrix.mean(&[&[(ARM, arm)], at].concat(), Margins::Equal);
            mean.map_err(|error| match error {
                StatsError::NoSuchIndex { .. } => StatsError::EmptyArm { arm },
                other => other,
            })
        };
        let coefficients = 1 + matrix.columns().len();
        Self { coefficients, arms: (0..arms).map(mean).collect() }
    }

    /// Those of one arm; fails where nobody is in it.
    pub(super) fn of_arm(&self, arm: usize) -> StatsResult<&[f64]> {
        self.arms[arm].as_deref().map_err(|error| *error)
    }

    /// Those of two arms.
    pub(super) fn of_both(
        &self,
        test: usize,
        reference: usize,
    ) -> StatsResult<(&[f64], &[f64])> {
        Ok((self.of_arm(test)?, self.of_arm(reference)?))
    }

    /// The weights of the coefficients in a weighted sum of arms.
    pub(super) fn contrast(&self, arms: &[f64]) -> StatsResult<Vec<f64>> {
        let mut sum = vec![0.0; self.coefficients];
        for (arm, weight) in arms.iter().enumerate().filter(|(_, weight)| weight.abs() > 0.0) {
            let mean = self.of_arm(arm)?;
            sum.iter_mut().zip(mean).for_each(|(sum, mean)| *sum += weight * mean);
        }
        Ok(sum)
    }
}
