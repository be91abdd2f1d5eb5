//! Comparisons of counts over time followed.

use super::Analysed;
use super::YEAR;
use super::design::Design;
use super::template::{Template, Value};
use crate::finding::{Category, Finding, StatisticName as S};
use crate::rows::{Needs, Rows, Strata};
use proband_stats::counts::{
    NegativeBinomialFit, negative_binomial_regression_with, poisson_regression_with,
};
use proband_trial::AnalysisMethod;
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
        let model = (&template, S::RateRatio);
        if method == AnalysisMethod::Poisson {
            let fit = poisson_regression_with(&design.columns(), &counts, &years);
            let coefficients = fit.as_ref().map(|fit| &fit.coefficients).map_err(|e| *e);
            return Ok(self.ratios(model, &by_arm, &design, coefficients));
        }
        let fit = negative_binomial_regression_with(&design.columns(), &counts, &years);
        let coefficients = fit.as_ref().map(|fit| &fit.coefficients).map_err(|e| *e);
        let mut found = self.ratios(model, &by_arm, &design, coefficients);
        found.extend(fit.as_ref().ok().map(|fit| dispersion(&template, fit)));
        Ok(found)
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
