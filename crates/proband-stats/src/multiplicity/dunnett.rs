//! Several arms against one control (C. Dunnett, JASA 50, 1955).

use crate::checks::{
    all_finite, all_positive, at_least, finite, positive, probability, same_length,
};
use crate::error::{Result, StatsError};
use crate::sequential::Sides;
use crate::special::{
    expm1, ln_1p, normal_density, normal_lower, normal_upper, over_sd, panels, root,
};

/// The joint distribution of comparisons with one control: multivariate normal or t, with correlations
/// l_i l_j where l_j = sqrt(n_j / (n_j + n_0)).
///
/// Given the control's mean and the common standard deviation the comparisons are independent, so that
/// every probability is one integral of a product, or two for t: what SAS's PROBMC computes. R's multcomp simulates, and its
/// p-values and critical values scatter around these by about 1e-4.
#[derive(Debug, Clone, PartialEq)]
pub struct Dunnett {
    loadings: Vec<f64>,
    df: Option<f64>,
    /// Standardised control means with the probability each stands for.
    control: Vec<(f64, f64)>,
}

/// Steps of the control's mean in standard deviations; conditional probabilities vary on the scale
/// sqrt(1 - l^2) / l, which is 1 for equal arms.
const STEP: f64 = 1.0;

impl Dunnett {
    /// For a control arm of `control` and active arms of these sizes; `df` are those of the common
    /// standard deviation, none where it is known.
    pub fn of_sizes(control: f64, active: &[f64], df: Option<f64>) -> Result<Self> {
        positive(control)?;
        all_positive(active)?;
        let loadings: Vec<f64> = active.iter().map(|n| (n / (n + control)).sqrt()).collect();
        Self::of_loadings(&loadings, df)
    }

    /// For correlations l_i l_j, each l in 0..1 (without 1).
    pub fn of_loadings(loadings: &[f64], df: Option<f64>) -> Result<Self> {
        at_least(1, loadings.len())?;
        for &l in loadings {
            if !(0.0..1.0).contains(&l) {
                return Err(StatsError::OutOfRange { value: l });
            }
        }
        if let Some(df) = df {
            positive(df)?;
        }
        let narrow =
            loadings.iter().map(|l| (1.0 - l * l).sqrt() / l.max(0.5)).fold(1.0, f64::min);
        let control = panels(-8.7, 8.7, STEP * narrow)
            .into_iter()
            .map(|(z, w)| (z, w * normal_density(z)))
            .collect();
        Ok(Self { loadings: loadings.to_vec(), df, control })
    }

    /// The probability that any statistic of `these` exceeds `critical` (in size, for two sides) when
    /// its mean is its entry of `shifts`.
    fn any(&self, these: &[usize], critical: f64, shifts: &[f64], sides: Sides) -> f64 {
        let given_sd = |s: f64| -> f64 {
            let bound = critical * s;
            self.control
                .iter()
                .map(|&(z, mass)| mass * self.any_given(these, bound, shifts, sides, z))
                .sum()
        };
        match self.df {
            None => given_sd(1.0),
            Some(df) => over_sd(df, given_sd),
        }
    }

    /// 1 - prod(1 - tail), without cancellation where all tails are small.
    fn any_given(
        &self,
        these: &[usize],
        bound: f64,
        shifts: &[f64],
        sides: Sides,
        z: f64,
    ) -> f64 {
        let mut none = 0.0;
        for &j in these {
            let l = self.loadings[j];
            let (scale, mean) = (1.0 / (1.0 - l * l).sqrt(), shifts[j] + l * z);
            let mut tail = normal_upper((bound - mean) * scale);
            if sides == Sides::Two {
                tail += normal_lower((-bound - mean) * scale);
            }
            none += ln_1p(-tail.min(1.0));
        }
        -expm1(none)
    }

    fn all(&self) -> Vec<usize> {
        (0..self.loadings.len()).collect()
    }

    /// The probability that any statistic exceeds `critical` when their means are `shifts` (effects in
    /// standard errors): the power to find at least one, or the familywise error without effects.
    pub fn disjunctive_power(
        &self,
        critical: f64,
        shifts: &[f64],
        sides: Sides,
    ) -> Result<f64> {
        same_length(self.loadings.len(), shifts.len())?;
        all_finite(shifts)?;
        Ok(self.any(&self.all(), finite(critical)?, shifts, sides))
    }

    /// The value that any statistic exceeds with probability `alpha` without effects.
    pub fn critical_value(&self, alpha: f64, sides: Sides) -> Result<f64> {
        probability(alpha)?;
        let none = vec![0.0; self.loadings.len()];
        let all = self.all();
        let gap = |c: f64| Ok(self.any(&all, c, &none, sides) - alpha);
        let mut far = 8.0;
        while gap(far)? > 0.0 && far < 1e9 {
            far *= 4.0;
        }
        root(if sides == Sides::Two { 0.0 } else { -far }, far, gap)
    }

    /// Single-step adjusted p-values of `statistics` (estimates over standard errors).
    pub fn p_values(&self, statistics: &[f64], sides: Sides) -> Result<Vec<f64>> {
        self.check(statistics)?;
        let all = self.all();
        Ok(statistics.iter().map(|t| self.p_among(&all, *t, sides)).collect())
    }

    /// Step-down adjusted p-values (C. Dunnett & A. Tamhane, Statistics in Medicine 10, 1991): each
    /// statistic among those not larger, never below a larger one's.
    pub fn step_down(&self, statistics: &[f64], sides: Sides) -> Result<Vec<f64>> {
        self.check(statistics)?;
        let size = |j: usize| match sides {
            Sides::One => statistics[j],
            Sides::Two => statistics[j].abs(),
        };
        let mut order = self.all();
        order.sort_by(|&a, &b| size(b).total_cmp(&size(a)));
        let mut adjusted = vec![0.0; order.len()];
        let mut largest = 0.0_f64;
        for (rank, &j) in order.iter().enumerate() {
            largest = largest.max(self.p_among(&order[rank..], statistics[j], sides));
            adjusted[j] = largest;
        }
        Ok(adjusted)
    }

    fn p_among(&self, these: &[usize], statistic: f64, sides: Sides) -> f64 {
        let none = vec![0.0; self.loadings.len()];
        let bound = if sides == Sides::Two { statistic.abs() } else { statistic };
        self.any(these, bound, &none, sides).min(1.0)
    }

    fn check(&self, statistics: &[f64]) -> Result<()> {
        same_length(self.loadings.len(), statistics.len())?;
        all_finite(statistics)
    }
}
