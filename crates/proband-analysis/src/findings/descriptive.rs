//! Endpoints by arm.

use super::template::{Computed, Template, Value, reason};
use super::{Analysed, YEAR, unit_text};
use crate::accumulator::{Numbers, Outcomes, Sums};
use crate::finding::{Category, Finding, StatisticName as S};
use crate::order::Quartiles;
use crate::record::Ended;
use crate::rows::{Needs, Rows};
use proband_stats::binary::{Proportion, clopper_pearson};
use proband_stats::counts::{EventRate, exact_rate_interval};
use proband_stats::descriptive::{Moments, mean_estimate_from_moments};
use proband_stats::survival::{FollowUp, KaplanMeier, kaplan_meier};
use proband_stats::{Interval, Level, Result as StatsResult};
use proband_trial::{EndpointValue, Missing, Subgroup};
use std::io;

/// A statistic, or the reason why there is none.
pub(super) fn stats(value: StatsResult<f64>) -> Computed {
    value.map(Value::from).map_err(reason)
}

/// Range and quartiles.
pub(super) fn order(
    template: &Template,
    values: &Moments,
    quartiles: Option<&Quartiles>,
) -> [Finding; 5] {
    let quartile = |k: usize| {
        quartiles.map(|q| q[k].into()).ok_or_else(|| "no participants with a value".to_owned())
    };
    [
        template.finding(S::Minimum, stats(values.min())),
        template.finding(S::LowerQuartile, quartile(0)),
        template.finding(S::Median, quartile(1)),
        template.finding(S::UpperQuartile, quartile(2)),
        template.finding(S::Maximum, stats(values.max())),
    ]
}

impl Analysed<'_> {
    /// The level of intervals of this analysis.
    pub(super) fn level(&self) -> Level {
        Level::new(1.0 - self.analysis.alpha).unwrap_or(Level::P95)
    }

    /// What the findings of this analysis share.
    pub(super) fn template(&self, category: Category, method: &'static str) -> Template {
        let visit =
            self.analysis.at.as_ref().map(|at| at.encounter).or(self.endpoint.encounter);
        let visit = visit.map(|e| self.study.trial.encounters[e].label.clone());
        Template::new(category, &self.analysis.id, method).level(self.level()).with(|f| {
            f.paramcd.clone_from(&self.endpoint.paramcd);
            f.param.clone_from(&self.endpoint.title);
            f.avisit = visit;
            f.group = self.analysis.subgroup.as_ref().map(group);
        })
    }

    /// The endpoint by arm, with what stands in for missing values.
    pub(super) fn by_arm(&self) -> io::Result<Vec<Finding>> {
        let template = self.template(Category::Endpoint, "summary");
        match (&self.endpoint.value, self.study.sums.column(self.columns.response)) {
            (_, Sums::Outcomes(arms)) => Ok(self.outcomes_by_arm(&template, arms)),
            (_, Sums::Numbers(arms)) => self.numbers_by_arm(&template, arms),
            (EndpointValue::Time(_), _) => self.times_by_arm(&template),
            (_, Sums::Totals(events)) => Ok(self.counts_by_arm(&template, events)),
            _ => Ok(Vec::new()),
        }
    }

    fn numbers_by_arm(
        &self,
        template: &Template,
        arms: &[Numbers],
    ) -> io::Result<Vec<Finding>> {
        let counts: Vec<u64> = arms.iter().map(|n| n.values.n()).collect();
        let quartiles =
            self.study.quartiles(self.columns.arm, self.columns.response, &counts)?;
        let template = template.unit(unit_text(&self.endpoint.unit));
        Ok(arms
            .iter()
            .zip(&quartiles)
            .enumerate()
            .flat_map(|(arm, (numbers, quartiles))| {
                let template = template.arm(&self.study.arm_title(arm));
                self.numbers_of(&template, numbers, quartiles.as_ref())
            })
            .collect())
    }

    fn numbers_of(
        &self,
        template: &Template,
        numbers: &Numbers,
        quartiles: Option<&Quartiles>,
    ) -> Vec<Finding> {
        let values = &numbers.values;
        let template = &template.with(|f| f.n = Some(values.n()));
        let counts = template.unit(None);
        let mean = mean_estimate_from_moments(values, self.level()).map(Value::from);
        // The mean of a single value stands without an error.
        let mean = mean.or_else(|_| values.mean().map(Value::from)).map_err(reason);
        let mut found = vec![
            counts.finding(S::Count, Ok(values.n().into())),
            counts
                .with(|f| f.note = self.stand_in())
                .finding(S::Missing, Ok(values.missing().into())),
            template.finding(S::Mean, mean),
            template.finding(S::Sd, stats(values.sd())),
        ];
        found.extend(order(template, values, quartiles));
        // A geometric mean is of positive values only.
        if let Ok(geometric) = numbers.logs.finish(self.level()) {
            let interval = Interval { lower: geometric.lower, upper: geometric.upper };
            let mean =
                Value { standard_error: Some(geometric.log.se), ..geometric.mean.into() };
            found.push(template.finding(S::GeometricMean, Ok(mean.with_interval(interval))));
            let percent = template.unit(Some("%".to_owned()));
            found.push(percent.finding(S::GeometricCv, Ok((100.0 * geometric.cv).into())));
        }
        found
    }

    fn stand_in(&self) -> Option<String> {
        let words = match self.analysis.missing {
            Missing::ObservedOnly | Missing::Weighted => return None,
            Missing::LastObservation => "the last observation stands in where there is one",
            Missing::BaselineObservation => {
                "the baseline observation stands in where there is one"
            }
            Missing::Failure => "counted as not met",
        };
        Some(words.to_owned())
    }

    fn outcomes_by_arm(&self, template: &Template, arms: &[Vec<Outcomes>]) -> Vec<Finding> {
        let of = |(arm, cells): (usize, &Vec<Outcomes>)| {
            let template = template.arm(&self.study.arm_title(arm));
            self.outcomes_of(&template, merged(cells))
        };
        arms.iter().enumerate().flat_map(of).collect()
    }

    fn outcomes_of(&self, template: &Template, outcomes: Outcomes) -> [Finding; 4] {
        let template = template.with(|f| f.n = Some(outcomes.total));
        let missing = template.with(|f| f.note = self.stand_in());
        [
            template.finding(S::Count, Ok(outcomes.total.into())),
            missing.finding(S::Missing, Ok(outcomes.missing.into())),
            template.finding(S::WithEvent, Ok(outcomes.events.into())),
            template
                .unit(Some("%".to_owned()))
                .finding(S::Percent, percent(outcomes.events, outcomes.total, self.level())),
        ]
    }

    fn counts_by_arm(&self, template: &Template, events: &[f64]) -> Vec<Finding> {
        let Sums::Totals(days) = self.study.sums.column(self.columns.second) else {
            return Vec::new();
        };
        let of = |(arm, (&events, &days)): (usize, (&f64, &f64))| {
            let template = template.arm(&self.study.arm_title(arm));
            rate_of(&template, events as u64, days / YEAR, self.level())
        };
        events.iter().zip(days).enumerate().flat_map(of).collect()
    }

    fn times_by_arm(&self, template: &Template) -> io::Result<Vec<Finding>> {
        let needs = Needs { second: true, ..Needs::RESPONSE };
        let mut found = Vec::new();
        for arm in 0..self.study.trial.arms.len() {
            let template = template.arm(&self.study.arm_title(arm));
            match self.rows(needs, &|a| a == arm)? {
                Ok(rows) => found.extend(self.times_of(&template, &rows)),
                Err(note) => found.push(template.finding(S::Median, Err(note))),
            }
        }
        Ok(found)
    }

    fn times_of(&self, template: &Template, rows: &Rows) -> Vec<Finding> {
        let event = rows.events();
        let events = event.iter().filter(|&&e| e).count() as u64;
        let template = &template.with(|f| f.n = Some(rows.len() as u64));
        let mut found = vec![
            template.finding(S::Count, Ok((rows.len() as u64).into())),
            template.finding(S::WithEvent, Ok(events.into())),
        ];
        let competing = self.endpoint.has_competing();
        if competing {
            let ended = |&cause: &u8| cause == Ended::Competing as u8;
            let count = rows.causes().into_iter().filter(|cause| ended(cause)).count() as u64;
            found.push(template.finding(S::Competing, Ok(count.into())));
        }
        let curve = FollowUp::new(&rows.response, &event).map(|f| kaplan_meier(&f));
        let censored = || "competing events count as censored".to_owned();
        let template = template
            .unit(unit_text(&self.endpoint.unit))
            .with(|f| f.note = competing.then(censored));
        let quantiles = [(S::LowerQuartile, 0.25), (S::Median, 0.5), (S::UpperQuartile, 0.75)];
        found.extend(quantiles.map(|(statistic, p)| {
            let time = curve.as_ref().map_err(|e| reason(*e)).and_then(|c| self.time_at(c, p));
            let reached = !time.as_ref().is_ok_and(|time| time.estimate.is_none());
            let finding = template.finding(statistic, time);
            let note = || format!("fewer than {} % had the event while followed", 100.0 * p);
            Finding { note: if reached { finding.note } else { Some(note()) }, ..finding }
        }));
        found
    }

    /// The time by which a share `p` had the event, if they were as many, and its limits as far as
    /// the data set them.
    fn time_at(&self, curve: &KaplanMeier, p: f64) -> Computed {
        let time = curve.quantile(p, self.curve_scale(), self.level()).map_err(reason)?;
        let interval = (time.lower.is_some() || time.upper.is_some()).then(|| Interval {
            lower: time.lower.unwrap_or(f64::NAN),
            upper: time.upper.unwrap_or(f64::INFINITY),
        });
        Ok(Value { estimate: time.value, interval, ..Value::default() })
    }
}

/// `sex: F`.
fn group(subgroup: &Subgroup) -> String {
    format!("{}: {}", subgroup.text, subgroup.word)
}

pub(super) fn merged(cells: &[Outcomes]) -> Outcomes {
    let mut all = Outcomes::default();
    cells.iter().for_each(|cell| all.merge(cell));
    all
}

/// A share in percent with its exact interval.
pub(super) fn percent(events: u64, total: u64, level: Level) -> Computed {
    let exact = || {
        let share = Proportion::new(events, total)?;
        Ok(Value::from(share.value())
            .with_interval(clopper_pearson(share, level)?)
            .times(100.0))
    };
    if total == 0 {
        return Err("no participants with a value".to_owned());
    }
    exact().map_err(reason)
}

/// Events, exposure in years and their rate with its exact interval.
pub(super) fn rate_of(
    template: &Template,
    events: u64,
    years: f64,
    level: Level,
) -> [Finding; 3] {
    let rate = || {
        let rate = EventRate::new(events, years)?;
        Ok(Value::from(rate.value()).with_interval(exact_rate_interval(rate, level)?))
    };
    let rate = if years > 0.0 {
        rate().map_err(reason)
    } else {
        Err("nobody was followed".to_owned())
    };
    [
        template.finding(S::Events, Ok(events.into())),
        template.unit(Some("year".to_owned())).finding(S::Exposure, Ok(years.into())),
        template.unit(Some("1/year".to_owned())).finding(S::Rate, rate),
    ]
}
