//! What is believed after the data.

use super::Analysed;
use super::descriptive::merged;
use super::outcomes::proportion;
use super::template::{Computed, Value, reason};
use crate::finding::{Category, Finding, StatisticName as S};
use proband_stats::ancova::{AncovaFit, Margins};
use proband_stats::bayes::{Beta, HistoricalEffects, Mixture, Normal, power_prior};
use proband_stats::binary::Proportion;
use proband_stats::{Estimate, Result as StatsResult, StatsError};
use proband_trial::{Better, Comparison, History, Prior};

impl Analysed<'_> {
    /// Beliefs about the share of each arm, independent of each other, and about their differences.
    pub(super) fn beta_binomial(&self) -> Vec<Finding> {
        let arms = 0..self.study.trial.arms.len();
        let beliefs: Vec<Result<Beta, String>> = arms.map(|arm| self.belief(arm)).collect();
        let n = |arm| merged(self.outcomes(arm)).total;
        let of_arm = |(arm, belief): (usize, &Result<Beta, String>)| {
            let template = self.template(Category::Comparison, "beta-binomial");
            let template = template
                .arm(&self.study.arm_title(arm))
                .unit(Some("%".to_owned()))
                .with(|f| f.n = Some(n(arm)));
            let value = belief.clone().and_then(|belief| self.share_believed(belief));
            template.finding(S::PosteriorMean, value)
        };
        let of_pair = |c: &Comparison| {
            let template = self.comparison("beta-binomial", c);
            let template = template
                .unit(Some("%".to_owned()))
                .with(|f| f.n = Some(n(c.test) + n(c.reference)));
            let both = beliefs[c.test]
                .clone()
                .and_then(|test| Ok((test, beliefs[c.reference].clone()?)));
            let difference = both.clone().and_then(|pair| self.difference_believed(pair));
            let better = both.and_then(|(test, reference)| {
                self.better(test.exceeds(reference, 0.0).map_err(reason)?)
            });
            [
                template.finding(S::RiskDifference, difference),
                template.with(|f| f.level = None).finding(S::Posterior, better),
            ]
        };
        let arms = beliefs.iter().enumerate().map(of_arm);
        arms.chain(self.analysis.comparisons.iter().flat_map(of_pair)).collect()
    }

    fn belief(&self, arm: usize) -> Result<Beta, String> {
        let Some(Prior::Beta { alpha, beta }) = self.analysis.options.prior else {
            return Err("no prior".to_owned());
        };
        let seen = merged(self.outcomes(arm));
        if seen.total == 0 {
            let title = self.study.arm_title(arm);
            return Err(format!("no participants with a value in {title}"));
        }
        let after = || Ok(self.prior_of(arm, alpha, beta)?.after(proportion(seen)?));
        after().map_err(reason)
    }

    /// The prior of an arm's share, which of a reference arm borrows from the past.
    fn prior_of(&self, arm: usize, alpha: f64, beta: f64) -> StatsResult<Beta> {
        let initial = Beta::new(alpha, beta)?;
        let is_reference = self.analysis.comparisons.iter().any(|c| c.reference == arm);
        match self.analysis.options.history {
            Some(History::Counts { events, total, weight }) if is_reference => {
                power_prior(initial, Proportion::new(events, total)?, weight)
            }
            _ => Ok(initial),
        }
    }

    fn share_believed(&self, belief: Beta) -> Computed {
        let limits = belief.interval(self.level()).map_err(reason)?;
        let value = Value::from(belief.mean()).with_interval(limits);
        Ok(Value { standard_error: Some(belief.variance().sqrt()), ..value }.times(100.0))
    }

    fn difference_believed(&self, (test, reference): (Beta, Beta)) -> Computed {
        let limits = test.difference_interval(reference, self.level()).map_err(reason)?;
        let value = Value::from(test.mean() - reference.mean()).with_interval(limits);
        let variance = test.variance() + reference.variance();
        Ok(Value { standard_error: Some(variance.sqrt()), ..value }.times(100.0))
    }

    /// The probability, in percent, that the arm under test is better, from the one that it is higher.
    fn better(&self, higher: f64) -> Computed {
        let better = match self.endpoint.better {
            Some(Better::Lower) => 1.0 - higher,
            _ => higher,
        };
        Ok((100.0 * better).into())
    }

    /// The difference of the means of the linear model, that of the reference arm after what earlier trials predict of it.
    fn borrowed(
        &self,
        fit: &AncovaFit,
        c: &Comparison,
        of: &History,
    ) -> StatsResult<Mixture<Normal>> {
        let History::Means { estimates, errors, between, robust } = of else {
            return Err(StatsError::TooFew { needed: 1, found: 0 });
        };
        let mut prior = HistoricalEffects::new(estimates, errors)?.predictive(*between)?;
        if let Some((weight, sd)) = robust {
            prior = prior.robust(Normal::new(prior.mean(), *sd)?, *weight)?;
        }
        let mean = |arm| -> StatsResult<Normal> {
            Normal::of(&fit.ls_mean(arm, Margins::Equal, self.level())?.estimate)
        };
        let (test, reference) = (mean(c.test)?, prior.after(&mean(c.reference)?));
        let less = |of: &Normal| {
            let sd = (test.sd() * test.sd() + of.sd() * of.sd()).sqrt();
            Normal::new(test.mean() - of.mean(), sd)
        };
        let parts = reference.components().iter().filter(|(weight, _)| *weight > 0.0);
        let (weights, beliefs): (Vec<f64>, Vec<&Normal>) =
            parts.map(|(weight, of)| (*weight, of)).unzip();
        let beliefs = beliefs.into_iter().map(less).collect::<StatsResult<Vec<Normal>>>()?;
        Mixture::new(&weights, &beliefs)
    }

    /// The difference of the linear model, as a normal with its standard error known, after a normal prior.
    pub(super) fn normal_normal(&self) -> Vec<Finding> {
        let (template, fit) = self.fitted_ancova("normal-normal");
        let of = |c: &Comparison| {
            let template = self.named(&template, c);
            let empty = self.without_values(c, |arm| self.numbers()[arm].values.n());
            let belief = match (empty, &fit) {
                (Some(note), _) => Err(note),
                (None, Err(note)) => Err(note.clone()),
                (None, Ok(fit)) => match &self.analysis.options.history {
                    Some(history) => self.borrowed(fit, c, history).map_err(reason),
                    None => {
                        let effect = fit.difference(c.test, c.reference, self.level());
                        let after = effect.and_then(|effect| self.after(effect.estimate));
                        after.and_then(|of| Mixture::new(&[1.0], &[of])).map_err(reason)
                    }
                },
            };
            let difference = belief.clone().and_then(|belief| {
                let limits = belief.interval(self.level()).map_err(reason)?;
                let value = Value::from(belief.mean()).with_interval(limits);
                Ok(Value { standard_error: Some(belief.variance().sqrt()), ..value })
            });
            let better =
                belief.and_then(|belief| self.better(belief.above(0.0).map_err(reason)?));
            let percent = template.unit(Some("%".to_owned())).with(|f| f.level = None);
            [template.finding(S::Difference, difference), percent.finding(S::Posterior, better)]
        };
        self.analysis.comparisons.iter().flat_map(of).collect()
    }

    fn after(&self, seen: Estimate) -> StatsResult<Normal> {
        let (mean, sd) = match self.analysis.options.prior {
            Some(Prior::Normal { mean, sd }) => (mean, sd),
            _ => (f64::NAN, f64::NAN),
        };
        Normal::new(mean, sd)?.after(seen.value, seen.se)
    }
}
