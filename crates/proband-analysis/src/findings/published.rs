//! Published figures beside ours.

use super::adverse::LEVEL;
use super::descriptive::percent;
use super::template::{Computed, Template, Value, reason};
use super::{Study, unit_text};
use crate::accumulator::{Numbers, Sums};
use crate::finding::{Category, Finding, StatisticName as S};
use crate::layout::{Column, Events, Scope, encounter_of};
use proband_lang::Unit;
use proband_stats::Interval;
use proband_stats::descriptive::mean_estimate_from_moments;
use proband_trial::{Published, PublishedKey, PublishedOf, Statistic};
use std::io;

/// Notes of our value.
pub(crate) const WITHIN: &str = "within the range of the published value";
pub(crate) const OUTSIDE: &str = "outside the range of the published value";

impl Study<'_> {
    /// Two findings for each published value: theirs with the range that counts as agreement, ours
    /// with its interval and whether it agrees.
    pub(super) fn scorecard(&self, found: &[Finding]) -> io::Result<Vec<Finding>> {
        let mut rows = Vec::new();
        for published in &self.trial.published {
            for &(key, value) in &published.values {
                let template = self.published_template(published, key);
                rows.push(theirs(&template, published, value));
                let ours = self.ours(found, published, key)?;
                rows.push(compare(&template, published, value, ours));
            }
        }
        Ok(rows)
    }

    fn published_template(&self, published: &Published, key: PublishedKey) -> Template {
        let (id, param) = match published.of {
            PublishedOf::Analysis(k) => {
                let analysis = &self.trial.analyses[k];
                (&analysis.id, &self.trial.endpoints[analysis.endpoint].title)
            }
            PublishedOf::Endpoint(k) => {
                (&self.trial.endpoints[k].id, &self.trial.endpoints[k].title)
            }
            PublishedOf::AdverseEvent(k) => {
                (&self.trial.adverse_events[k].id, &self.trial.adverse_events[k].term)
            }
            PublishedOf::Observable(k) => {
                let observed = &self.trial.observables[k];
                (&observed.name, observed.text.as_ref().unwrap_or(&observed.name))
            }
        };
        let unit = match published.statistic {
            Statistic::Percent => Some("%".to_owned()),
            _ => published.unit.as_ref().and_then(unit_text),
        };
        let template = Template::new(Category::Published, id, word(published.statistic));
        let template = template.unit(unit).with(|f| {
            f.param.clone_from(param);
            f.group = published.grade.map(|grade| format!("grade {grade} or above"));
        });
        match key {
            PublishedKey::Arm(arm) => template.arm(&self.trial.arms[arm].title),
            PublishedKey::Day(day) => template.with(|f| f.avisit = Some(self.visit(day))),
        }
    }

    fn visit(&self, day: f64) -> String {
        let planned = self.trial.encounters.iter().find(|e| (e.day - day).abs() < 1e-9);
        planned.map_or_else(|| format!("Day {}", day + 1.0), |e| e.label.clone())
    }

    fn ours(
        &self,
        found: &[Finding],
        published: &Published,
        key: PublishedKey,
    ) -> io::Result<Computed> {
        match published.of {
            PublishedOf::Analysis(k) => {
                let analysis = &self.trial.analyses[k];
                let unit = &self.trial.endpoints[analysis.endpoint].unit;
                let of = |f: &Finding| f.analysis == analysis.id;
                Ok(self.looked_up(found, published, key, &of, unit))
            }
            PublishedOf::Endpoint(k) => {
                let endpoint = &self.trial.endpoints[k];
                let of = |f: &Finding| f.paramcd == endpoint.paramcd;
                Ok(self.looked_up(found, published, key, &of, &endpoint.unit))
            }
            PublishedOf::AdverseEvent(k) => Ok(self.incidence_of(k, published, key)),
            PublishedOf::Observable(k) => self.observed(k, published, key),
        }
    }

    /// The finding by arm, or of the comparison of the arm, that the figure is about.
    fn looked_up(
        &self,
        found: &[Finding],
        published: &Published,
        key: PublishedKey,
        of: &dyn Fn(&Finding) -> bool,
        unit: &Unit,
    ) -> Computed {
        let PublishedKey::Arm(arm) = key else {
            return Err("an endpoint has one value an arm".to_owned());
        };
        let title = Some(&self.trial.arms[arm].title);
        let fits =
            |f: &&Finding| of(f) && f.arm.as_ref() == title && is(f, published.statistic);
        let finding = found.iter().find(fits).ok_or("not among the findings")?;
        if finding.estimate.is_none() {
            return Err(finding.note.clone().unwrap_or_default());
        }
        let limits = finding.lower.zip(finding.upper);
        let value = Value {
            estimate: finding.estimate,
            standard_error: finding.standard_error,
            interval: limits.map(|(lower, upper)| Interval { lower, upper }),
            p: None,
        };
        // Shares are in percent, and ratios have no unit to convert.
        let same_unit = finding.unit == unit_text(unit);
        Ok(if same_unit { convert(value, unit, published) } else { value })
    }

    fn incidence_of(&self, event: usize, published: &Published, key: PublishedKey) -> Computed {
        let PublishedKey::Arm(arm) = key else {
            return Err("an incidence has one value an arm".to_owned());
        };
        let levels = &self.affected(Scope::Term(event), Events::All)[arm];
        let at_least = levels.at_least(usize::from(published.grade.unwrap_or(1)));
        percent(at_least, levels.total(), LEVEL)
    }

    fn observed(
        &self,
        observable: usize,
        published: &Published,
        key: PublishedKey,
    ) -> io::Result<Computed> {
        let column = self.column_of(observable, published.statistic, key);
        let Some(place) = column.and_then(|column| self.layout.position(column)) else {
            return Ok(Err("not observed then".to_owned()));
        };
        let Sums::Numbers(arms) = self.sums.column(place) else {
            return Ok(Err("not a number".to_owned()));
        };
        let value = match (published.statistic, key) {
            (Statistic::Median, _) => self.median_of(place, arms, key)?,
            (_, PublishedKey::Arm(arm)) => mean_of(&arms[arm..=arm]),
            (_, PublishedKey::Day(_)) => mean_of(arms),
        };
        let unit = &self.trial.observables[observable].unit;
        Ok(value.map(|value| convert(value, unit, published)))
    }

    fn column_of(
        &self,
        observable: usize,
        statistic: Statistic,
        key: PublishedKey,
    ) -> Option<Column> {
        if statistic != Statistic::Truth {
            let encounter = encounter_of(self.trial, observable, key)?;
            return Some(Column::Record(observable, encounter));
        }
        let PublishedKey::Day(day) = key else { return None };
        let same = |t: &(usize, f64)| t.0 == observable && t.1.to_bits() == day.to_bits();
        self.layout.truths().iter().position(same).map(Column::Truth)
    }

    fn median_of(
        &self,
        place: usize,
        arms: &[Numbers],
        key: PublishedKey,
    ) -> io::Result<Computed> {
        let counts: Vec<u64> = arms.iter().map(|n| n.values.n()).collect();
        let quartiles = self.quartiles(super::ARM, place, &counts)?;
        let which = match key {
            PublishedKey::Arm(arm) => arm,
            PublishedKey::Day(_) => arms.len(),
        };
        let median = quartiles[which].map(|[_, median, _]| Value::from(median));
        Ok(median.ok_or_else(|| "no participants with a value".to_owned()))
    }
}

/// The mean over arms, with its interval where there are two values to have one.
fn mean_of(arms: &[Numbers]) -> Computed {
    let mut all = Numbers::default();
    arms.iter().for_each(|arm| all.merge(arm));
    let estimate = mean_estimate_from_moments(&all.values, LEVEL).map(Value::from);
    estimate.or_else(|_| all.values.mean().map(Value::from)).map_err(reason)
}

/// From our unit to that of the published figure.
fn convert(value: Value, unit: &Unit, published: &Published) -> Value {
    let factor = published.unit.as_ref().and_then(|to| unit.factor_to(to));
    factor.map_or(value, |factor| value.times(factor))
}

/// The word of the trial file.
fn word(statistic: Statistic) -> &'static str {
    match statistic {
        Statistic::Estimate => "estimate",
        Statistic::Mean => "mean",
        Statistic::Percent => "percent",
        Statistic::Median => "median",
        Statistic::Truth => "truth",
    }
}

/// Whether a finding is the statistic that a figure speaks of.
fn is(finding: &Finding, statistic: Statistic) -> bool {
    let by_arm = finding.category == Category::Endpoint;
    match statistic {
        Statistic::Estimate => {
            let tests = [S::Test, S::LogRank, S::LsMean, S::Superiority];
            finding.category == Category::Comparison && !tests.contains(&finding.statistic)
        }
        Statistic::Mean => by_arm && finding.statistic == S::Mean,
        Statistic::Percent => by_arm && finding.statistic == S::Percent,
        Statistic::Median => by_arm && finding.statistic == S::Median,
        Statistic::Truth => false,
    }
}

fn theirs(template: &Template, published: &Published, value: f64) -> Finding {
    let within = published.within;
    let range = Interval { lower: value - within, upper: value + within };
    let template = template.with(|f| {
        f.source = Some(published.source.clone());
        f.note =
            Some(format!("limits are the range that counts as agreement, {within} either way"));
    });
    template.finding(S::Published, Ok(Value::from(value).with_interval(range)))
}

fn compare(template: &Template, published: &Published, value: f64, ours: Computed) -> Finding {
    let template = &template.level(LEVEL);
    let mut finding = template.finding(S::Ours, ours);
    if let Some(estimate) = finding.estimate {
        let within = (estimate - value).abs() <= published.within;
        finding.note = Some(if within { WITHIN } else { OUTSIDE }.to_owned());
    }
    finding
}
