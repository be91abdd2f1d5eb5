//! Comparisons of counts over time followed.

use super::Analysed;
use super::YEAR;
use super::design::Design;
use super::template::{Template, Value, reason};
use crate::finding::{Category, Finding, StatisticName as S};
use crate::rows::{Needs, Rows, Strata};
use proband_stats::counts::{
    NegativeBinomialFit, negative_binomial_regression_with, poisson_regression_with,
};
use proband_stats::linear::Coefficients;
use proband_stats::{Result as StatsResult, StatsError};
use proband_trial::{AnalysisMethod, Comparison};
use std::io;

impl Analysed<'_> {
    pub(super) fn compare_counts(&self, method: AnalysisMethod) -> io::Result<Vec<Finding>> {
        let name = match method {
            AnalysisMethod::NegativeBinomial => "negative binomial",
            AnalysisMethod::Poisson => "Poisson",
            _ => return Ok(Vec::new()),
        };
        let needs = Needs { second: true, strata: Strata::Factors, covariates: true };
        let template = self.template(Category::Comparison, name);
        let rows = match self.rows(needs, &|_| true)? {
            Ok(rows) => rows,
            Err(note) => return Ok(self.without_model(&template, S::RateRatio, &note)),
        };
        let template = self.of_rows(&template, &rows);
        let by_arm = self.by_arm_of(&rows);
        let (counts, years) = counts_and_years(&rows);
        let design = Design::new(rows);
        if method == AnalysisMethod::Poisson {
            let fit = poisson_regression_with(&design.columns(), &counts, &years);
            return Ok(self.rate_ratios(
                &template,
                &by_arm,
                &design,
                fit.map(|f| f.coefficients),
            ));
        }
        let fit = negative_binomial_regression_with(&design.columns(), &counts, &years);
        let dispersion = fit.as_ref().ok().map(|fit| dispersion(&template, fit));
        let mut found =
            self.rate_ratios(&template, &by_arm, &design, fit.map(|f| f.coefficients));
        found.extend(dispersion);
        Ok(found)
    }

    fn rate_ratios(
        &self,
        template: &Template,
        by_arm: &[u64],
        design: &Design,
        fit: StatsResult<Coefficients>,
    ) -> Vec<Finding> {
        self.ratios(template, S::RateRatio, by_arm, |c: &Comparison| {
            let coefficients = fit.as_ref().map_err(|e: &StatsError| reason(*e))?;
            let effect = coefficients.contrast(&design.difference(c), self.level());
            self.ratio(effect.map(|e| e.ratio()))
        })
    }
}

fn dispersion(template: &Template, fit: &NegativeBinomialFit) -> Finding {
    let value = Value { standard_error: fit.dispersion_se, ..fit.dispersion.into() };
    template.finding(S::Dispersion, Ok(value))
}

/// Counts are whole numbers by how they were made.
fn counts_and_years(rows: &Rows) -> (Vec<u64>, Vec<f64>) {
    let counts = rows.response.iter().map(|&v| v as u64).collect();
    (counts, rows.second.iter().map(|days| days / YEAR).collect())
}
