//! Generalised estimating equations over visits.

use super::means::Means;
use super::repeated::{Long, Repeated, VISIT};
use super::template::{Computed, Template, reason};
use super::{Analysed, unit_text};
use crate::finding::{Category, Finding, StatisticName as S};
use proband_stats::Result as StatsResult;
use proband_stats::gee::{CorrelatedRows, Response, gee};
use proband_stats::linear::Coefficients;
use proband_trial::{Comparison, Contrast, EndpointValue, WorkingCorrelation};
use std::io;

impl Analysed<'_> {
    /// The marginal model of a number or a condition at all visits, with the robust covariance: means and
    /// differences, or ratios of odds, at the visit of the endpoint.
    pub(super) fn estimating_equations(&self) -> io::Result<Vec<Finding>> {
        let of_conditions = matches!(self.endpoint.value, EndpointValue::Condition(_));
        let template = self.template(Category::Comparison, "GEE");
        let (template, statistic) = match of_conditions {
            true => (template, S::OddsRatio),
            false => (template.unit(unit_text(&self.endpoint.unit)), S::Difference),
        };
        if let Some(note) = self.too_many() {
            return Ok(self.without_model(&template, statistic, &note));
        }
        let all = self.repeated()?;
        let seen = all.long(|value| value.is_finite());
        let template = template.with(|f| {
            f.n = Some(seen.participants());
            f.note = self.left_out(&all.constant);
        });
        let response = if of_conditions { Response::Event } else { Response::Number };
        Ok(match self.solved(&all, &seen, response) {
            Ok((fit, means)) if of_conditions => self.odds_of(&template, &fit, &means),
            Ok((fit, means)) => self.means_of(&template, &fit, &means),
            Err(error) => self.without_model(&template, statistic, &reason(error)),
        })
    }

    fn solved(
        &self,
        all: &Repeated,
        seen: &Long,
        kind: Response,
    ) -> StatsResult<(Coefficients, Means)> {
        let response: Vec<f64> = seen.cells.iter().map(|&cell| all.response[cell]).collect();
        let matrix = self.matrix(all, seen, None)?;
        let rows = CorrelatedRows {
            response: &response,
            columns: &matrix.columns(),
            participant: &seen.participant,
            visit: &seen.visit,
        };
        let fit = gee(&rows, kind, working(self.analysis.options.working))?;
        let arms = self.study.trial.arms.len();
        Ok((fit.robust, Means::of(&matrix, arms, &[(VISIT, self.visit())])))
    }

    fn means_of(&self, template: &Template, fit: &Coefficients, means: &Means) -> Vec<Finding> {
        let level = self.level();
        let mean = |arm| self.effect(means.of_arm(arm).and_then(|w| fit.contrast(w, level)));
        let difference = |c: &Comparison| {
            let both = means.of_both(c.test, c.reference);
            self.effect(both.and_then(|(a, b)| fit.difference(a, b, level)))
        };
        let contrast = |c: &Contrast| {
            let weights = means.contrast(&c.weights);
            self.effect(weights.and_then(|w| fit.contrast(&w, level)))
        };
        self.of_model(template, mean, difference, contrast)
    }

    fn odds_of(&self, template: &Template, fit: &Coefficients, means: &Means) -> Vec<Finding> {
        let ratio = |c: &Comparison| -> Computed {
            let both = means.of_both(c.test, c.reference);
            let log = both.and_then(|(a, b)| fit.difference(a, b, self.level()));
            self.ratio(log.map(|log| log.ratio()))
        };
        let of = |c: &Comparison| self.named(template, c).finding(S::OddsRatio, ratio(c));
        self.analysis.comparisons.iter().map(of).collect()
    }
}

fn working(of: WorkingCorrelation) -> proband_stats::gee::WorkingCorrelation {
    use proband_stats::gee::WorkingCorrelation as Stats;
    match of {
        WorkingCorrelation::Exchangeable => Stats::Exchangeable,
        WorkingCorrelation::Independence => Stats::Independence,
        WorkingCorrelation::AutoRegressive => Stats::AutoRegressive,
        WorkingCorrelation::Unstructured => Stats::Unstructured,
    }
}
