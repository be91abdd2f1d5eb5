//! Comparisons of endpoints that are numbers.

use super::descriptive::{order, stats};
use super::repeated::Model;
use super::template::{Computed, Template, Value, reason};
use super::{Analysed, unit_text};
use crate::accumulator::{Numbers, Sums};
use crate::finding::{Category, Finding, StatisticName as S};
use crate::order::quartiles_of_all;
use crate::rows::{Needs, Rows};
use proband_stats::ancova::{AncovaFit, Margins};
use proband_stats::rank::{hodges_lehmann, rank_sum};
use proband_stats::t_tests::{
    one_sample_from_moments, pooled_from_moments, welch_from_moments,
};
use proband_stats::{Continuity, Effect, Result as StatsResult};
use proband_trial::{AnalysisMethod, Better, Comparison, Contrast, Hypothesis, Missing};
use std::io;

impl<'a> Analysed<'a> {
    /// `models` are the mixed models that were fitted before.
    pub(super) fn compare_numbers(
        &self,
        method: AnalysisMethod,
        models: &mut Vec<Model<'a>>,
    ) -> io::Result<Vec<Finding>> {
        match method {
            AnalysisMethod::Ancova => match &self.analysis.imputation {
                Some(imputation) => self.imputed(imputation),
                None if !self.analysis.interactions.is_empty() => self.ancova_with_products(),
                None => Ok(self.ancova()),
            },
            AnalysisMethod::NormalNormal => Ok(self.normal_normal()),
            AnalysisMethod::TTest if self.analysis.missing == Missing::Weighted => {
                self.weighted_means()
            }
            AnalysisMethod::TTest => Ok(self.t_test()),
            AnalysisMethod::Wilcoxon => self.wilcoxon(),
            AnalysisMethod::Mmrm => self.mmrm(models),
            AnalysisMethod::LinearMixed => self.slopes(),
            AnalysisMethod::Paired => self.paired(),
            AnalysisMethod::EstimatingEquations => self.estimating_equations(),
            AnalysisMethod::Crossover => self.crossover(),
            _ => Ok(Vec::new()),
        }
    }
}

impl Analysed<'_> {
    /// What the findings of one comparison share.
    pub(super) fn comparison(&self, method: &'static str, comparison: &Comparison) -> Template {
        self.named(&self.template(Category::Comparison, method), comparison)
    }

    pub(super) fn named(&self, template: &Template, comparison: &Comparison) -> Template {
        template.with(|f| {
            f.comparison = Some(comparison.name.clone());
            f.arm = Some(self.study.arm_title(comparison.test));
            f.reference = Some(self.study.arm_title(comparison.reference));
        })
    }

    /// Why there is no model, in the place of what every comparison would have got from it.
    pub(super) fn without_model(
        &self,
        template: &Template,
        statistic: S,
        note: &str,
    ) -> Vec<Finding> {
        let failed = |c| self.named(template, c).finding(statistic, Err(note.to_owned()));
        self.analysis.comparisons.iter().map(failed).collect()
    }

    /// What a linear model says: means of all arms, their differences, contrasts.
    pub(super) fn of_model(
        &self,
        template: &Template,
        mean: impl Fn(usize) -> Computed,
        difference: impl Fn(&Comparison) -> Computed,
        contrast: impl Fn(&Contrast) -> Computed,
    ) -> Vec<Finding> {
        // A test of a mean against zero answers nobody's question.
        let mean = |arm| {
            let value = mean(arm).map(|value| value.with_p(None));
            template.arm(&self.study.arm_title(arm)).finding(S::LsMean, value)
        };
        let difference =
            |c: &Comparison| self.named(template, c).finding(S::Difference, difference(c));
        let contrast = |c: &Contrast| {
            let template = template.with(|f| f.comparison = Some(c.name.clone()));
            template.finding(S::Contrast, contrast(c))
        };
        let means = (0..self.study.trial.arms.len()).map(mean);
        let differences = self.analysis.comparisons.iter().map(difference);
        let contrasts = self.analysis.contrasts.iter().map(contrast);
        means.chain(differences).chain(contrasts).collect()
    }

    /// The p-value the analysis asks for: of no difference (two-sided, or towards what is better), or of
    /// a difference that the margin does not allow.
    pub(super) fn p_value(&self, effect: &Effect) -> Option<f64> {
        self.p_value_where(effect, false, |margin| margin)
    }

    /// The same where an effect is `reversed`, such as one on a hazard, which is lower where times are longer, and
    /// `scale` brings a margin to its scale.
    pub(super) fn p_value_where(
        &self,
        effect: &Effect,
        reversed: bool,
        scale: fn(f64) -> f64,
    ) -> Option<f64> {
        let on_its_scale = |better: Better| if reversed { better.reversed() } else { better };
        // Of an effect beyond `null` in the direction that the endpoint has there.
        let beyond = |towards: Better, null: f64| match on_its_scale(towards) {
            Better::Higher => effect.p_above(null).ok(),
            Better::Lower => effect.p_below(-null).ok(),
        };
        match self.analysis.hypothesis {
            Hypothesis::NonInferiority(margin) => {
                beyond(self.endpoint.better.unwrap_or(Better::Higher), -scale(margin))
            }
            // Two one-sided tests (D. J. Schuirmann, J. Pharmacokinet. Biopharm. 15, 1987).
            Hypothesis::Equivalence(margin) => {
                let above = beyond(Better::Higher, -scale(margin))?;
                Some(above.max(beyond(Better::Lower, -scale(margin))?))
            }
            Hypothesis::Greater(margin) => beyond(Better::Higher, scale(margin)),
            Hypothesis::Less(margin) => beyond(Better::Lower, scale(margin)),
            Hypothesis::Superiority => match self.towards() {
                Some(towards) => beyond(towards, 0.0),
                None => Some(effect.p),
            },
        }
    }

    /// The direction of a one-sided test: the one that it is told to have, or the better one.
    pub(super) fn towards(&self) -> Option<Better> {
        match self.analysis.hypothesis {
            Hypothesis::Greater(_) => Some(Better::Higher),
            Hypothesis::Less(_) => Some(Better::Lower),
            _ => self.endpoint.better.filter(|_| self.analysis.sided == 1),
        }
    }

    /// Of the p-values of a test, the one that the analysis asks for: two-sided, or in one direction, where a
    /// higher value makes `greater` small.
    pub(super) fn sided(&self, two: f64, greater: f64, less: f64) -> f64 {
        match self.towards() {
            Some(Better::Higher) => greater,
            Some(Better::Lower) => less,
            None => two,
        }
    }

    pub(super) fn effect(&self, effect: StatsResult<Effect>) -> Computed {
        let effect = effect.map_err(reason)?;
        Ok(Value::from(effect).with_p(self.p_value(&effect)))
    }

    /// The first arm of a comparison without a single value, in words.
    pub(super) fn without_values(
        &self,
        comparison: &Comparison,
        count: impl Fn(usize) -> u64,
    ) -> Option<String> {
        let empty =
            [comparison.test, comparison.reference].into_iter().find(|&a| count(a) == 0)?;
        Some(format!("no participants with a value in {}", self.study.arm_title(empty)))
    }

    pub(super) fn numbers(&self) -> &[Numbers] {
        match self.study.sums.column(self.columns.response) {
            Sums::Numbers(arms) => arms,
            _ => &[],
        }
    }

    fn ancova(&self) -> Vec<Finding> {
        let (template, fit) = self.fitted_ancova("ANCOVA");
        match fit {
            Ok(fit) => self.ancova_findings(&template, &fit),
            Err(note) => self.without_model(&template, S::Difference, &note),
        }
    }

    /// The linear model that was added up, and what is told of it.
    pub(super) fn fitted_ancova(
        &self,
        method: &'static str,
    ) -> (Template, Result<AncovaFit, String>) {
        let template = self.template(Category::Comparison, method);
        let template = template.unit(unit_text(&self.endpoint.unit));
        let Some(sums) = self.study.sums.ancova(self.index) else {
            return (template, Err("no model was added up".to_owned()));
        };
        // A value that everybody has, such as a concentration before the first dose, adjusts for nothing.
        let constant = sums.constant_covariates();
        let template = template.with(|f| {
            f.n = Some(sums.n());
            f.note = self.left_out(&constant);
        });
        (template, sums.fit_without(&constant).map_err(reason))
    }

    fn ancova_findings(&self, template: &Template, fit: &AncovaFit) -> Vec<Finding> {
        let level = self.level();
        let mean = |arm| {
            let mean = fit.ls_mean(arm, Margins::Equal, level).map_err(reason)?;
            Ok(Value::from(mean.estimate))
        };
        let difference = |c: &Comparison| match self
            .without_values(c, |arm| self.numbers()[arm].values.n())
        {
            Some(note) => Err(note),
            None => self.effect(fit.difference(c.test, c.reference, level)),
        };
        let contrast =
            |c: &Contrast| self.effect(fit.contrast(&c.weights, Margins::Equal, level));
        self.of_model(template, mean, difference, contrast)
    }

    fn t_test(&self) -> Vec<Finding> {
        let arms = self.numbers();
        let compare = |c: &Comparison| {
            let (test, reference) = (&arms[c.test].values, &arms[c.reference].values);
            let template = self
                .comparison("t-test", c)
                .unit(unit_text(&self.endpoint.unit))
                .with(|f| f.n = Some(test.n() + reference.n()));
            let value = match self.without_values(c, |arm| arms[arm].values.n()) {
                Some(note) => Err(note),
                None if self.analysis.options.pooled => {
                    self.effect(pooled_from_moments(test, reference, self.level()))
                }
                None => self.effect(welch_from_moments(test, reference, self.level())),
            };
            template.finding(S::Difference, value)
        };
        self.analysis.comparisons.iter().map(compare).collect()
    }

    fn wilcoxon(&self) -> io::Result<Vec<Finding>> {
        let mut found = Vec::new();
        for comparison in &self.analysis.comparisons {
            let template = self.comparison("Wilcoxon", comparison);
            match self.rows_of(Needs::RESPONSE, comparison)? {
                Ok(rows) => found.extend(self.rank_findings(&template, comparison, &rows)),
                Err(note) => found.push(template.finding(S::Shift, Err(note))),
            }
        }
        Ok(found)
    }

    fn rank_findings(&self, template: &Template, c: &Comparison, rows: &Rows) -> [Finding; 2] {
        let (x, y) = (rows.responses(c.test), rows.responses(c.reference));
        let template = template.with(|f| f.n = Some(rows.len() as u64));
        let test = rank_sum(&x, &y, Continuity::Corrected);
        let p = test.ok().map(|t| self.sided(t.test.p, t.test.p_greater(), t.test.p_less()));
        let shift = hodges_lehmann(&x, &y, self.level());
        let shift = shift.map(|s| Value::from(s.value).with_interval(s.interval).with_p(p));
        let superiority = test.map(|t| Value::from(t.superiority));
        [
            template
                .unit(unit_text(&self.endpoint.unit))
                .finding(S::Shift, shift.map_err(reason)),
            template.finding(S::Superiority, superiority.map_err(reason)),
        ]
    }

    /// Every twin against itself: the mean of the individual effects, and how they spread.
    fn paired(&self) -> io::Result<Vec<Finding>> {
        let mut found = Vec::new();
        for (comparison, &column) in self.analysis.comparisons.iter().zip(&self.columns.effects)
        {
            let Sums::Numbers(effects) = self.study.sums.column(column) else { continue };
            let values = &effects[0].values;
            let quartiles = quartiles_of_all(self.study.source, column, values.n())?;
            let template = self
                .comparison("paired", comparison)
                .unit(unit_text(&self.endpoint.unit))
                .with(|f| f.n = Some(values.n()));
            let mean = one_sample_from_moments(values, 0.0, self.level());
            found.push(template.finding(S::MeanEffect, self.effect(mean)));
            found.push(template.finding(S::Sd, stats(values.sd())));
            found.extend(order(&template, values, quartiles.as_ref()));
        }
        Ok(found)
    }
}
