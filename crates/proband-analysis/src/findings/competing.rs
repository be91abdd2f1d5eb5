//! Comparisons of times to an event that others preclude.

use super::Analysed;
use super::design::Design;
use super::template::{Computed, Value, reason};
use crate::finding::{Category, Finding, StatisticName as S};
use crate::record::Ended;
use crate::rows::{Needs, Rows, Strata};
use proband_stats::Result as StatsResult;
use proband_stats::competing::{Outcomes, cumulative_incidence, fine_gray, gray_test};
use proband_trial::Comparison;
use std::io;

/// The cause that an analysis is about.
const EVENT: u8 = Ended::Event as u8;

impl Analysed<'_> {
    /// The cumulative incidence by arm, Gray's tests of them, and ratios of the hazards of Fine and Gray.
    pub(super) fn gray(&self) -> io::Result<Vec<Finding>> {
        let mut found = self.incidences()?;
        let times = Needs { second: true, ..Needs::RESPONSE };
        let adjusted = Needs { strata: Strata::Factors, covariates: true, ..times };
        for c in &self.analysis.comparisons {
            found.push(self.of_times(("Gray", S::Test), times, c, Self::same)?);
            let ratio = ("Fine-Gray", S::HazardRatio);
            found.push(self.of_times(ratio, adjusted, c, Self::subdistribution)?);
        }
        Ok(found)
    }

    fn incidences(&self) -> io::Result<Vec<Finding>> {
        let needs = Needs { second: true, ..Needs::RESPONSE };
        let template = self.template(Category::Comparison, "Gray").unit(Some("%".to_owned()));
        let mut arms = Vec::new();
        for arm in 0..self.study.trial.arms.len() {
            arms.push(self.rows(needs, &|a| a == arm)?);
        }
        let tau = self.horizon(arms.iter().flatten().filter_map(Rows::last));
        let template = template.with(|f| f.note = Some(format!("up to day {tau}")));
        let of = |(arm, rows): (usize, Result<Rows, String>)| {
            let n = rows.as_ref().ok().map(|rows| rows.len() as u64);
            let template = template.arm(&self.study.arm_title(arm)).with(|f| f.n = n);
            template.finding(S::Incidence, rows.and_then(|rows| self.incidence(&rows, tau)))
        };
        Ok(arms.into_iter().enumerate().map(of).collect())
    }

    /// Aalen and Johansen's incidence at a time, in percent.
    fn incidence(&self, rows: &Rows, tau: f64) -> Computed {
        let causes = rows.causes();
        let at = || {
            let outcomes = Outcomes::new(&rows.response, &causes)?;
            cumulative_incidence(&outcomes, EVENT)?.estimate(tau, self.level())
        };
        let (value, se, interval) = at().map_err(reason)?;
        let value = Value { standard_error: Some(se), interval, ..value.into() };
        Ok(value.times(100.0))
    }

    /// Gray's test that the incidences of two arms are the same.
    fn same(&self, comparison: &Comparison, rows: Rows) -> Computed {
        let group: Vec<usize> = rows.is_in(comparison.test).map(usize::from).collect();
        let causes = rows.causes();
        let outcomes = Outcomes::new(&rows.response, &causes).map_err(reason)?;
        let test = gray_test(&outcomes, EVENT, &group, 2, 0.0).map_err(reason)?;
        Ok(Value::from(test.statistic).with_p(Some(test.p)))
    }

    fn subdistribution(&self, comparison: &Comparison, mut rows: Rows) -> Computed {
        let (time, causes) = (std::mem::take(&mut rows.response), rows.causes());
        let design = Design::new(rows);
        let ratio = || -> StatsResult<_> {
            let outcomes = Outcomes::new(&time, &causes)?;
            let fit = fine_gray(&outcomes, EVENT, &design.columns())?;
            // A partial likelihood has no intercept.
            let difference = &design.difference(comparison)[1..];
            Ok(fit.coefficients.contrast(difference, self.level())?.ratio())
        };
        self.hazard_ratio(ratio())
    }
}
