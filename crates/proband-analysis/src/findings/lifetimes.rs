//! Distributions of times to an event, and survival curves at a time.

use super::Analysed;
use super::design::Design;
use super::template::{Computed, Template, Value, reason};
use super::times::curve;
use crate::finding::{Category, Finding, StatisticName as S};
use crate::rows::{Needs, Rows, Strata};
use proband_stats::lifetimes::{Lifetime, gompertz, lifetime_regression};
use proband_stats::survival::{CurveInterval, FollowUp, KaplanMeier, survival_difference};
use proband_stats::{RatioEffect, Result as StatsResult};
use proband_trial::{Comparison, CurveScale, LifetimeDistribution as Distribution};
use std::io;

/// What a model of times says of an arm against another: how much longer times are, the ratio of hazards where they
/// are proportional, and the shape of the distribution.
#[derive(Default)]
struct Fitted {
    times: Option<RatioEffect>,
    hazards: Option<RatioEffect>,
    shape: Option<f64>,
}

impl Analysed<'_> {
    /// A distribution of the times of each two arms, adjusted as other models are.
    pub(super) fn lifetimes(&self) -> io::Result<Vec<Finding>> {
        let needs = Needs {
            second: true,
            strata: Strata::Factors,
            covariates: true,
            ..Needs::RESPONSE
        };
        let mut found = Vec::new();
        for comparison in &self.analysis.comparisons {
            let template = self.comparison(self.distribution(), comparison);
            found.extend(match self.rows_of(needs, comparison)? {
                Ok(rows) => {
                    let template = self.of_rows(&template, &rows);
                    self.of_lifetimes(&template, self.lifetime(comparison, rows))
                }
                Err(note) => vec![template.finding(self.first_ratio(), Err(note))],
            });
        }
        Ok(found)
    }

    fn distribution(&self) -> &'static str {
        match self.analysis.options.distribution {
            Distribution::Weibull => "Weibull",
            Distribution::Exponential => "exponential",
            Distribution::Gompertz => "Gompertz",
            Distribution::LogNormal => "log-normal",
            Distribution::LogLogistic => "log-logistic",
        }
    }

    fn first_ratio(&self) -> S {
        match self.analysis.options.distribution {
            Distribution::Gompertz => S::HazardRatio,
            _ => S::TimeRatio,
        }
    }

    fn lifetime(&self, comparison: &Comparison, mut rows: Rows) -> StatsResult<Fitted> {
        let (time, event) = (std::mem::take(&mut rows.response), rows.events());
        // The reference is the first arm there is, so that the first coefficient is that of the arm under test.
        rows.arm = rows.is_in(comparison.test).map(u16::from).collect();
        let (design, level) = (Design::new(rows), self.level());
        let follow_up = FollowUp::new(&time, &event)?;
        let lifetime = match self.analysis.options.distribution {
            Distribution::Gompertz => {
                let fit = gompertz(&follow_up, &design.columns())?;
                let hazards = Some(fit.hazard_ratio(0, level)?);
                return Ok(Fitted { hazards, shape: Some(fit.shape()), times: None });
            }
            Distribution::Exponential => Lifetime::Exponential,
            Distribution::Weibull => Lifetime::Weibull,
            Distribution::LogNormal => Lifetime::LogNormal,
            Distribution::LogLogistic => Lifetime::LogLogistic,
        };
        let fit = lifetime_regression(&follow_up, &design.columns(), lifetime)?;
        let has_shape = matches!(lifetime, Lifetime::Weibull | Lifetime::LogLogistic);
        Ok(Fitted {
            times: Some(fit.time_ratio(0, level)?),
            hazards: fit.hazard_ratio(0, level).ok(),
            shape: has_shape.then(|| fit.shape()),
        })
    }

    fn of_lifetimes(&self, template: &Template, fit: StatsResult<Fitted>) -> Vec<Finding> {
        let fit = match fit {
            Ok(fit) => fit,
            Err(error) => {
                return vec![template.finding(self.first_ratio(), Err(reason(error)))];
            }
        };
        let times = fit.times.map(|ratio| {
            let p = self.p_value_where(&ratio.log, false, proband_math::ln);
            template.finding(S::TimeRatio, Ok(Value::from(ratio).with_p(p)))
        });
        let hazards = fit
            .hazards
            .map(|ratio| template.finding(S::HazardRatio, self.hazard_ratio(Ok(ratio))));
        let shape = fit.shape.map(|shape| template.finding(S::Shape, Ok(shape.into())));
        times.into_iter().chain(hazards).chain(shape).collect()
    }

    /// Where `tau` says at which time: who is without the event then, by arm and by how much two arms differ, and the
    /// hazard that has added up.
    pub(super) fn at_a_time(&self) -> io::Result<Vec<Finding>> {
        let Some(tau) = self.analysis.options.tau else { return Ok(Vec::new()) };
        let needs = Needs { second: true, ..Needs::RESPONSE };
        let told =
            |template: Template| template.with(|f| f.note = Some(format!("at day {tau}")));
        let template = told(self.template(Category::Comparison, "Kaplan-Meier"));
        let mut found = Vec::new();
        for arm in 0..self.study.trial.arms.len() {
            let rows = self.rows(needs, &|a| a == arm)?;
            let n = rows.as_ref().ok().map(|rows| rows.len() as u64);
            let template = template.arm(&self.study.arm_title(arm)).with(|f| f.n = n);
            let curve = rows.and_then(|rows| curve(&rows));
            let curve = curve.as_ref().map(|(curve, _)| curve).map_err(Clone::clone);
            found.extend(self.of_curve(&template, curve, tau));
        }
        for comparison in &self.analysis.comparisons {
            let template = told(self.comparison("Kaplan-Meier", comparison));
            let rows = self.rows_of(needs, comparison)?;
            let n = rows.as_ref().ok().map(|rows| rows.len() as u64);
            let value = rows.and_then(|rows| self.difference_at(comparison, &rows, tau));
            let template = template.unit(Some("%".to_owned())).with(|f| f.n = n);
            found.push(template.finding(S::RiskDifference, value));
        }
        Ok(found)
    }

    fn of_curve(
        &self,
        template: &Template,
        curve: Result<&KaplanMeier, String>,
        tau: f64,
    ) -> [Finding; 2] {
        let at = curve
            .and_then(|curve| curve.at(tau, self.curve_scale(), self.level()).map_err(reason));
        let survival = at.clone().map(|at| {
            let value = Value { standard_error: at.se, ..at.survival.into() };
            Value { interval: at.interval, ..value }.times(100.0)
        });
        let hazard = at.map(|at| Value::from(at.cumulative_hazard));
        let percent = template.unit(Some("%".to_owned()));
        [percent.finding(S::Survival, survival), template.finding(S::CumulativeHazard, hazard)]
    }

    /// The scale on which intervals of curves are symmetric.
    pub(super) fn curve_scale(&self) -> CurveInterval {
        match self.analysis.options.curve {
            CurveScale::LogLog => CurveInterval::LogLog,
            CurveScale::Log => CurveInterval::Log,
            CurveScale::Plain => CurveInterval::Plain,
        }
    }

    /// By how many percentage points more are without the event in the arm under test.
    fn difference_at(&self, comparison: &Comparison, rows: &Rows, tau: f64) -> Computed {
        let (event, active) = (rows.events(), rows.is_in(comparison.test).collect::<Vec<_>>());
        let follow_up = FollowUp::new(&rows.response, &event).map_err(reason)?;
        let difference = survival_difference(&follow_up, &active, tau, self.level());
        Ok(self.effect(difference)?.times(100.0))
    }
}
