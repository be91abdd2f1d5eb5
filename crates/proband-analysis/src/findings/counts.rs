//! Comparisons of counts over time followed.

use super::Analysed;
use super::YEAR;
use super::design::Design;
use super::template::{Template, Value, reason, told_apart};
use crate::finding::{Category, Finding, StatisticName as S};
use crate::rows::{Needs, Rows, Strata};
use proband_stats::Result as StatsResult;
use proband_stats::counts::{
    NegativeBinomialFit, ZeroInflatedFit, negative_binomial_regression_with,
    poisson_regression_with, zero_inflated_negative_binomial_with, zero_inflated_poisson_with,
};
use proband_trial::AnalysisMethod;
use std::io;

impl Analysed<'_> {
    pub(super) fn compare_counts(&self, method: AnalysisMethod) -> io::Result<Vec<Finding>> {
        let name = match method {
            AnalysisMethod::NegativeBinomial => "negative binomial",
            AnalysisMethod::Poisson => "Poisson",
            AnalysisMethod::ZeroInflatedNegativeBinomial => "zero-inflated negative binomial",
            AnalysisMethod::ZeroInflatedPoisson => "zero-inflated Poisson",
            AnalysisMethod::RecurrentEvents => return self.recurrent(),
            _ => return Ok(Vec::new()),
        };
        let needs = Needs {
            second: true,
            strata: Strata::Factors,
            covariates: true,
            ..Needs::RESPONSE
        };
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
        if method != AnalysisMethod::NegativeBinomial {
            let fit = zero_inflated(method, &design, &counts, &years);
            return Ok(self.of_zero_inflated(&template, &by_arm, &design, fit));
        }
        let fit = negative_binomial_regression_with(&design.columns(), &counts, &years);
        let coefficients = fit.as_ref().map(|fit| &fit.coefficients).map_err(|e| *e);
        let mut found = self.ratios(model, &by_arm, &design, coefficients);
        found.extend(fit.as_ref().ok().map(|fit| dispersion(&template, fit)));
        Ok(found)
    }
}

/// Rates of those who can have events by all columns, and the odds of never having any by the arms.
fn zero_inflated(
    method: AnalysisMethod,
    design: &Design,
    counts: &[u64],
    years: &[f64],
) -> StatsResult<ZeroInflatedFit> {
    let (columns, arms) = (design.columns(), design.of_arms());
    match method {
        AnalysisMethod::ZeroInflatedPoisson => {
            zero_inflated_poisson_with(&columns, &arms, counts, years)
        }
        _ => zero_inflated_negative_binomial_with(&columns, &arms, counts, years),
    }
}

impl Analysed<'_> {
    fn of_zero_inflated(
        &self,
        template: &Template,
        by_arm: &[u64],
        design: &Design,
        fit: StatsResult<ZeroInflatedFit>,
    ) -> Vec<Finding> {
        let fit = fit.as_ref().map_err(|e| *e);
        let rates = fit.map(|fit| &fit.counts);
        let mut found = self.ratios((template, S::RateRatio), by_arm, design, rates);
        let Ok(fit) = fit else { return found };
        for c in self.analysis.comparisons.iter() {
            // The share that never has events is told as it is, whichever way is better.
            let weights = &design.difference(c)[..fit.zeros.count()];
            let odds = fit.zeros.contrast(weights, self.level()).map(|effect| effect.ratio());
            let template = self.named(template, c).with(|f| {
                f.group = Some(told_apart(f.group.take(), "never with events"));
            });
            found.push(template.finding(S::OddsRatio, odds.map(Value::from).map_err(reason)));
        }
        if matches!(self.analysis.methods[..], [AnalysisMethod::ZeroInflatedNegativeBinomial]) {
            found.push(template.finding(S::Dispersion, Ok(fit.dispersion.into())));
        }
        found
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
