//! Comparisons of times to an event.

use super::design::Design;
use super::template::{Computed, Template, Value, reason, told_apart};
use super::{Analysed, unit_text};
use crate::finding::{Category, Finding, StatisticName as S};
use crate::rows::{Needs, Rows, Strata};
use proband_stats::survival::{
    CoxModel, FollowUp, KaplanMeier, LogRankWeights, RestrictedMean, Ties, TimeScale,
    kaplan_meier, max_combo, stratified_logrank,
};
use proband_stats::{ChiSquareTest, RatioEffect, Result as StatsResult};
use proband_trial::{AnalysisMethod, Better, Comparison};
use std::io;

impl Analysed<'_> {
    pub(super) fn compare_times(&self, method: AnalysisMethod) -> io::Result<Vec<Finding>> {
        match method {
            AnalysisMethod::LogRank => self.survival("log-rank", S::LogRank, Self::log_rank),
            AnalysisMethod::FlemingHarrington => {
                self.survival("Fleming-Harrington", S::LogRank, Self::log_rank)
            }
            AnalysisMethod::MaxCombo => self.survival("MaxCombo", S::Test, Self::max_combo),
            AnalysisMethod::RestrictedMean => self.restricted_means(),
            AnalysisMethod::Gray => self.gray(),
            AnalysisMethod::Cox => self.cox(),
            AnalysisMethod::Lifetimes => self.lifetimes(),
            AnalysisMethod::WinRatio => self.wins(),
            AnalysisMethod::KaplanMeier => self.at_a_time(),
            _ => Ok(Vec::new()),
        }
    }

    fn survival(
        &self,
        method: &'static str,
        statistic: S,
        compute: fn(&Self, &Comparison, Rows) -> Computed,
    ) -> io::Result<Vec<Finding>> {
        let needs = Needs { second: true, strata: Strata::Cells, ..Needs::RESPONSE };
        let mut found = Vec::new();
        for comparison in &self.analysis.comparisons {
            found.push(self.of_times((method, statistic), needs, comparison, compute)?);
        }
        Ok(found)
    }

    /// One comparison by the rows of its two arms.
    pub(super) fn of_times(
        &self,
        (method, statistic): (&'static str, S),
        needs: Needs,
        comparison: &Comparison,
        compute: fn(&Self, &Comparison, Rows) -> Computed,
    ) -> io::Result<Finding> {
        let template = self.comparison(method, comparison);
        let rows = self.rows_of(needs, comparison)?;
        let template = rows.as_ref().map_or(template.clone(), |r| self.of_rows(&template, r));
        let value = rows.and_then(|rows| compute(self, comparison, rows));
        Ok(template.finding(statistic, value))
    }

    /// Events observed less expected in the arm under test.
    fn log_rank(&self, comparison: &Comparison, rows: Rows) -> Computed {
        let event = rows.events();
        let active: Vec<bool> = rows.is_in(comparison.test).collect();
        let follow_up = FollowUp::new(&rows.response, &event).map_err(reason)?;
        let test = stratified_logrank(&follow_up, &active, &rows.cell, self.weights())
            .map_err(reason)?;
        // For a time to a bad event, later is better: fewer events than expected.
        let p = self.sided(test.p, test.p_less(), test.p_greater());
        let value = Value { standard_error: Some(test.variance.sqrt()), ..test.score.into() };
        Ok(value.with_p(Some(p)))
    }

    /// The largest of four weighted tests: of all events alike, late, early and middle ones.
    fn max_combo(&self, comparison: &Comparison, rows: Rows) -> Computed {
        let event = rows.events();
        let active: Vec<bool> = rows.is_in(comparison.test).collect();
        let follow_up = FollowUp::new(&rows.response, &event).map_err(reason)?;
        let weights = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
            .map(|(rho, gamma)| LogRankWeights::FlemingHarrington { rho, gamma });
        let test = max_combo(&follow_up, &active, &rows.cell, &weights).map_err(reason)?;
        let p = match self.towards() {
            Some(Better::Higher) => test.p_less,
            Some(Better::Lower) => {
                return Err("not computed against more events in the arm under test".to_owned());
            }
            None => test.p_two_sided,
        };
        let largest =
            test.z.iter().copied().fold(0.0_f64, |a, z| if z.abs() > a.abs() { z } else { a });
        Ok(Value::from(largest).with_p(Some(p)))
    }

    /// Mean times up to a horizon by arm, and their differences.
    fn restricted_means(&self) -> io::Result<Vec<Finding>> {
        let needs = Needs { second: true, ..Needs::RESPONSE };
        let template = self.template(Category::Comparison, "restricted mean");
        let template = template.unit(unit_text(&self.endpoint.unit));
        let mut curves = Vec::new();
        for arm in 0..self.study.trial.arms.len() {
            curves.push(self.rows(needs, &|a| a == arm)?.and_then(|rows| curve(&rows)));
        }
        let tau = self.horizon(curves.iter().flatten().map(|(_, last)| *last));
        let template = template.with(|f| f.note = Some(format!("up to day {tau}")));
        let means: Vec<Result<RestrictedMean, String>> = curves
            .iter()
            .map(|curve| {
                let (curve, _) = curve.as_ref().map_err(Clone::clone)?;
                curve.restricted_mean(tau).map_err(reason)
            })
            .collect();
        let of_arm = |(arm, mean): (usize, &Result<RestrictedMean, String>)| {
            let n = curves[arm].as_ref().ok().map(|(curve, _)| curve.n() as u64);
            let template = template.arm(&self.study.arm_title(arm)).with(|f| f.n = n);
            let value =
                mean.clone().and_then(|mean| mean.estimate(self.level()).map_err(reason));
            template.finding(S::RestrictedMean, value.map(Value::from))
        };
        let difference = |c: &Comparison| {
            let (test, reference) = (means[c.test].clone(), means[c.reference].clone());
            let contrast =
                test.and_then(|test| test.against(&reference?, self.level()).map_err(reason));
            let value = contrast.and_then(|contrast| self.effect(Ok(contrast.difference)));
            self.named(&template, c).finding(S::Difference, value)
        };
        let arms = means.iter().enumerate().map(of_arm);
        Ok(arms.chain(self.analysis.comparisons.iter().map(difference)).collect())
    }

    /// The time up to which arms are compared: the one told, or the last one that all of them reach.
    pub(super) fn horizon(&self, last: impl Iterator<Item = f64>) -> f64 {
        let told = self.analysis.options.tau;
        told.unwrap_or_else(|| last.fold(f64::INFINITY, f64::min))
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

    fn cox(&self) -> io::Result<Vec<Finding>> {
        let needs =
            Needs { second: true, strata: Strata::Cells, covariates: true, ..Needs::RESPONSE };
        let mut found = Vec::new();
        for comparison in &self.analysis.comparisons {
            let template = self.comparison("Cox", comparison);
            let both = match self.rows_of(needs, comparison)? {
                Ok(rows) => {
                    let template = self.of_rows(&template, &rows);
                    let [ratio, test] = self.hazards(comparison, rows);
                    [template.finding(S::HazardRatio, ratio), proportional(&template, test)]
                }
                Err(note) => [
                    template.finding(S::HazardRatio, Err(note.clone())),
                    proportional(&template, Err(note)),
                ],
            };
            found.extend(both);
        }
        Ok(found)
    }

    /// The ratio of hazards, and the test that it is the same at all times.
    fn hazards(&self, comparison: &Comparison, mut rows: Rows) -> [Computed; 2] {
        let (time, event) = (std::mem::take(&mut rows.response), rows.events());
        let cell = std::mem::take(&mut rows.cell);
        let design = Design::new(rows);
        let fitted = || -> StatsResult<_> {
            let follow_up = FollowUp::new(&time, &event)?;
            let model = CoxModel::new(&follow_up, &design.columns(), &cell, self.ties())?;
            let fit = model.fit()?;
            let own: Vec<usize> = (0..time.len()).collect();
            let robust = match self.analysis.options.robust {
                true => Some(model.robust(&fit, &own)?),
                false => None,
            };
            // A partial likelihood has no intercept.
            let difference = &design.difference(comparison)[1..];
            let coefficients = robust.as_ref().unwrap_or(&fit.coefficients);
            let ratio = coefficients.contrast(difference, self.level())?.ratio();
            let arm = difference.iter().position(|weight| weight.abs() > 0.0).unwrap_or(0);
            let test = model.proportionality(&fit, TimeScale::KaplanMeier);
            Ok((ratio, test.map(|test| test.each[arm])))
        };
        match fitted() {
            Ok((ratio, test)) => {
                let value =
                    |test: ChiSquareTest| Value::from(test.statistic).with_p(Some(test.p));
                [self.hazard_ratio(Ok(ratio)), test.map(value).map_err(reason)]
            }
            Err(error) => [Err(reason(error)), Err(reason(error))],
        }
    }

    fn ties(&self) -> Ties {
        match self.analysis.options.ties {
            proband_trial::Ties::Efron => Ties::Efron,
            proband_trial::Ties::Breslow => Ties::Breslow,
        }
    }

    /// A ratio of hazards with the p-value that the analysis asks for.
    pub(super) fn hazard_ratio(&self, ratio: StatsResult<RatioEffect>) -> Computed {
        let ratio = ratio.map_err(reason)?;
        // A longer time is a lower hazard.
        let p = self.p_value_where(&ratio.log, true, proband_math::ln);
        Ok(Value::from(ratio).with_p(p))
    }
}

/// The test of a ratio of hazards that is the same at all times, told apart by its group.
fn proportional(template: &Template, test: Computed) -> Finding {
    let told = |f: &mut Finding| {
        f.group = Some(told_apart(f.group.take(), "proportional hazards"));
    };
    template.with(told).finding(S::Test, test)
}

/// The Kaplan-Meier curve of rows, and the last time in them.
pub(super) fn curve(rows: &Rows) -> Result<(KaplanMeier, f64), String> {
    let event = rows.events();
    let follow_up = FollowUp::new(&rows.response, &event).map_err(reason)?;
    Ok((kaplan_meier(&follow_up), rows.last().unwrap_or(0.0)))
}
