//! Comparisons of times to an event.

use super::Analysed;
use super::design::Design;
use super::template::{Computed, Value, reason};
use crate::finding::{Finding, StatisticName as S};
use crate::rows::{Needs, Rows, Strata};
use proband_stats::survival::{
    FollowUp, LogRankWeights, Ties, stratified_cox_with, stratified_logrank,
};
use proband_trial::{AnalysisMethod, Better, Comparison};
use std::io;

impl Analysed<'_> {
    pub(super) fn compare_times(&self, method: AnalysisMethod) -> io::Result<Vec<Finding>> {
        match method {
            AnalysisMethod::LogRank => {
                self.survival("log-rank", S::LogRank, false, Self::log_rank)
            }
            AnalysisMethod::FlemingHarrington => {
                self.survival("Fleming-Harrington", S::LogRank, false, Self::log_rank)
            }
            AnalysisMethod::Cox => self.survival("Cox", S::HazardRatio, true, Self::cox),
            _ => Ok(Vec::new()),
        }
    }

    fn survival(
        &self,
        method: &'static str,
        statistic: S,
        covariates: bool,
        compute: fn(&Self, &Comparison, Rows) -> Computed,
    ) -> io::Result<Vec<Finding>> {
        let needs = Needs { second: true, strata: Strata::Cells, covariates };
        let mut found = Vec::new();
        for comparison in &self.analysis.comparisons {
            let template = self.comparison(method, comparison);
            let rows = self.rows_of(needs, comparison)?;
            let n = rows.as_ref().ok().map(|r| r.len() as u64);
            let value = rows.and_then(|rows| compute(self, comparison, rows));
            found.push(template.with(|f| f.n = n).finding(statistic, value));
        }
        Ok(found)
    }

    /// Events observed less expected in the arm under test.
    fn log_rank(&self, comparison: &Comparison, rows: Rows) -> Computed {
        let event = rows.events();
        let active: Vec<bool> = rows.is_in(comparison.test).collect();
        let follow_up = FollowUp::new(&rows.response, &event).map_err(reason)?;
        let test = stratified_logrank(&follow_up, &active, &rows.cell, self.weights())
            .map_err(reason)?;
        // For a time to a bad event, later is better: fewer events than expected.
        let p = match (self.analysis.sided, self.endpoint.better) {
            (1, Some(Better::Higher)) => test.p_less(),
            (1, Some(Better::Lower)) => test.p_greater(),
            _ => test.p,
        };
        let value = Value { standard_error: Some(test.variance.sqrt()), ..test.score.into() };
        Ok(value.with_p(Some(p)))
    }

    fn weights(&self) -> LogRankWeights {
        let options = &self.analysis.options;
        if options.rho > 0.0 || options.gamma > 0.0 {
            return LogRankWeights::FlemingHarrington {
                rho: options.rho,
                gamma: options.gamma,
            };
        }
        LogRankWeights::Equal
    }

    fn cox(&self, comparison: &Comparison, mut rows: Rows) -> Computed {
        let (time, event) = (std::mem::take(&mut rows.response), rows.events());
        let cell = std::mem::take(&mut rows.cell);
        let design = Design::new(rows);
        let follow_up = FollowUp::new(&time, &event).map_err(reason)?;
        let fit = stratified_cox_with(&follow_up, &design.columns(), &cell, Ties::Efron);
        let fit = fit.map_err(reason)?;
        // A partial likelihood has no intercept.
        let difference = &design.difference(comparison)[1..];
        let ratio =
            fit.coefficients.contrast(difference, self.level()).map_err(reason)?.ratio();
        // A longer time is a lower hazard.
        let better = self.endpoint.better.map(|better| match better {
            Better::Higher => Better::Lower,
            Better::Lower => Better::Higher,
        });
        let p = self.p_value_where(&ratio.log, better, proband_math::ln);
        Ok(Value::from(ratio).with_p(p))
    }
}
