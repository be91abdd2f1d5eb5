//! Least-squares means, differences and tests of a fitted analysis of covariance.

use super::design::{AncovaLayout, Term};
use crate::checks::{index_below, same_length};
use crate::error::{Result, StatsError};
use crate::estimate::{Effect, FTest, Level};
use crate::linear::LinearFit;

/// How factor levels are weighted in a least-squares mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Margins {
    /// All levels that occur count equally, as in a balanced population (emmeans, SAS LSMEANS).
    Equal,
    /// As often as they occur in the data (emmeans "proportional", SAS LSMEANS with OM).
    Observed,
}

/// A fitted analysis of covariance.
#[derive(Debug, Clone)]
pub struct AncovaFit {
    /// Whether each arm has rows.
    arms_present: Vec<bool>,
    /// What coefficient k + 1 of the linear model stands for.
    terms: Vec<Term>,
    /// For each factor, the number of levels that occur.
    levels_present: Vec<usize>,
    empty_levels: Vec<(usize, usize)>,
    fit: LinearFit,
}

impl AncovaFit {
    pub(super) fn new(
        layout: &AncovaLayout,
        keep: &[usize],
        shares: &[f64],
        fit: LinearFit,
    ) -> Self {
        let all = layout.terms();
        let arms_present = shares[..layout.arms].iter().map(|&share| share > 0.0).collect();
        let mut levels_present = layout.factor_levels.clone();
        let mut empty_levels = Vec::new();
        for (term, &share) in all.iter().zip(shares) {
            if let Term::Level { factor, level } = *term
                && share <= 0.0
            {
                levels_present[factor] -= 1;
                empty_levels.push((factor, level));
            }
        }
        let terms = keep.iter().map(|&k| all[k]).collect();
        Self { arms_present, terms, levels_present, empty_levels, fit }
    }

    /// The linear model underneath, in which the first arm and each factor's first level present are
    /// the references.
    pub fn linear(&self) -> &LinearFit {
        &self.fit
    }

    /// The (factor, level) pairs that occurred in no row and so are not in the model.
    pub fn empty_levels(&self) -> &[(usize, usize)] {
        &self.empty_levels
    }

    /// The least-squares mean of an arm: the model's mean at the covariates' means, over the
    /// factors' levels by `margins` (S. R. Searle, F. M. Speed & G. A. Milliken, The American
    /// Statistician 34, 1980). Statistic and p-value test it against zero.
    pub fn ls_mean(&self, arm: usize, margins: Margins, level: Level) -> Result<Effect> {
        index_below(self.arms_present.len(), arm)?;
        let mut weights = vec![0.0; self.arms_present.len()];
        weights[arm] = 1.0;
        self.contrast(&weights, margins, level)
    }

    /// The least-squares mean of arm `active` minus that of arm `control`.
    pub fn difference(&self, active: usize, control: usize, level: Level) -> Result<Effect> {
        index_below(self.arms_present.len(), active)?;
        index_below(self.arms_present.len(), control)?;
        if active == control {
            return Err(StatsError::ZeroVariance);
        }
        let mut weights = vec![0.0; self.arms_present.len()];
        weights[active] = 1.0;
        weights[control] = -1.0;
        // The weights add to zero, so that margins cancel.
        self.contrast(&weights, Margins::Equal, level)
    }

    /// The sum of the arms' least-squares means, each times its entry in `arm_weights`. Fails with
    /// [`StatsError::EmptyArm`] for weight on an arm without rows.
    pub fn contrast(
        &self,
        arm_weights: &[f64],
        margins: Margins,
        level: Level,
    ) -> Result<Effect> {
        same_length(self.arms_present.len(), arm_weights.len())?;
        crate::checks::all_finite(arm_weights)?;
        self.weights_have_rows(arm_weights)?;
        let total: f64 = arm_weights.iter().sum();
        let mut weights = vec![total];
        for (index, term) in self.terms.iter().enumerate() {
            weights.push(match *term {
                Term::Arm(arm) => arm_weights[arm],
                Term::Level { factor, .. } => total * self.level_weight(factor, index, margins),
                Term::Covariate(_) => total * self.fit.column_means()[index],
            });
        }
        self.fit.coefficients().contrast(&weights, level)
    }

    fn weights_have_rows(&self, arm_weights: &[f64]) -> Result<()> {
        let empty = |(weight, present): (&f64, &bool)| weight.abs() > 0.0 && !present;
        match arm_weights.iter().zip(&self.arms_present).position(empty) {
            Some(arm) => Err(StatsError::EmptyArm { arm }),
            None => Ok(()),
        }
    }

    fn level_weight(&self, factor: usize, column: usize, margins: Margins) -> f64 {
        match margins {
            Margins::Equal => 1.0 / self.levels_present[factor] as f64,
            Margins::Observed => self.fit.column_means()[column],
        }
    }

    /// The F test that all arms have the same mean, given factors and covariates (type III).
    pub fn arms_test(&self) -> Result<FTest> {
        self.test(|term| matches!(term, Term::Arm(_)))
    }

    /// The F test that factor `index` has no influence, given all else (type III).
    pub fn factor_test(&self, index: usize) -> Result<FTest> {
        index_below(self.levels_present.len(), index)?;
        self.test(|term| matches!(term, Term::Level { factor, .. } if factor == index))
    }

    /// The slope of covariate `index`.
    pub fn slope(&self, index: usize, level: Level) -> Result<Effect> {
        let count = self.terms.iter().filter(|t| matches!(t, Term::Covariate(_))).count();
        let place = self.terms.iter().position(|t| *t == Term::Covariate(index));
        let place = place.ok_or(StatsError::NoSuchIndex { index, count })?;
        self.fit.effect(place + 1, level)
    }

    fn test(&self, belongs: impl Fn(Term) -> bool) -> Result<FTest> {
        let indices: Vec<usize> =
            (0..self.terms.len()).filter(|&k| belongs(self.terms[k])).map(|k| k + 1).collect();
        self.fit.f_test(&indices)
    }
}
