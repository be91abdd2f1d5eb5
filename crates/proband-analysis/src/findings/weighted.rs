//! Means of those who were seen, who stand for those like them who were not.

use super::design::Design;
use super::template::{Computed, reason};
use super::{Analysed, unit_text};
use crate::finding::{Category, Finding, StatisticName as S};
use crate::rows::{Needs, Strata};
use proband_stats::missing::{inverse_probability_weights, weighted_difference};
use proband_trial::Comparison;
use std::io;

impl Analysed<'_> {
    /// Differences of means weighted by the inverse of the probability of being seen, which a logistic regression on arms,
    /// baseline, strata and covariates gives.
    pub(super) fn weighted_means(&self) -> io::Result<Vec<Finding>> {
        let template = self.template(Category::Comparison, "weighted means");
        let template = template.unit(unit_text(&self.endpoint.unit));
        let needs = Needs {
            covariates: true,
            strata: Strata::Factors,
            unseen: true,
            ..Needs::RESPONSE
        };
        let mut rows = match self.rows(needs, &|_| true)? {
            Ok(rows) => rows,
            Err(note) => return Ok(self.without_model(&template, S::Difference, &note)),
        };
        let values = std::mem::take(&mut rows.response);
        let observed: Vec<bool> = values.iter().map(|value| value.is_finite()).collect();
        let seen = observed.iter().filter(|&&seen| seen).count() as u64;
        let template = template.with(|f| {
            f.n = Some(seen);
            f.note = self.left_out(&rows.constant);
        });
        let arm: Vec<usize> = rows.arm.iter().map(|&arm| usize::from(arm)).collect();
        let columns = Design::new(rows).as_numbers();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let weights = inverse_probability_weights(&columns, &observed).map_err(reason);
        let difference = |c: &Comparison| -> Computed {
            let seen = |own: usize| {
                arm.iter().zip(&observed).filter(|(arm, seen)| **arm == own && **seen).count()
                    as u64
            };
            if let Some(note) = self.without_values(c, seen) {
                return Err(note);
            }
            let weights = weights.as_ref().map_err(Clone::clone)?;
            let own = (0..arm.len()).filter(|&k| [c.test, c.reference].contains(&arm[k]));
            let own: Vec<usize> = own.collect();
            let of = |column: &[f64]| -> Vec<f64> { own.iter().map(|&k| column[k]).collect() };
            let active: Vec<bool> = own.iter().map(|&k| arm[k] == c.test).collect();
            self.effect(weighted_difference(&of(&values), &active, &of(weights), self.level()))
        };
        let of =
            |c: &Comparison| self.named(&template, c).finding(S::Difference, difference(c));
        Ok(self.analysis.comparisons.iter().map(of).collect())
    }
}
