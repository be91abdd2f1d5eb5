//! Events that come again: their rate at any time, and how many there are by then.

use super::Analysed;
use super::design::Design;
use super::template::{Computed, Template, Value, reason};
use crate::finding::{Category, Finding, StatisticName as S};
use crate::rows::{Needs, Rows, Strata};
use proband_stats::recurrent::{Histories, RecurrentFit, lwyy, mean_cumulative_function};
use proband_stats::survival::Ties;
use proband_stats::{Result as StatsResult, StatsError};
use proband_trial::Comparison;
use std::io;

/// The events of all rows: whose, and when.
type Events = (Vec<usize>, Vec<f64>);

impl Analysed<'_> {
    /// The mean number of events by arm, and ratios of rates whose errors hold whatever the dependence of a
    /// participant's events (LWYY), beside those that take them for independent (Andersen and Gill).
    pub(super) fn recurrent(&self) -> io::Result<Vec<Finding>> {
        let mut found = self.mean_numbers()?;
        let needs = Needs { covariates: true, strata: Strata::Factors, ..OCCURRENCES };
        for comparison in &self.analysis.comparisons {
            let robust = self.comparison("LWYY", comparison);
            let by_model = self.comparison("Andersen-Gill", comparison);
            let (templates, values) = match self.rows_of(needs, comparison)? {
                Ok(rows) => {
                    let told = [&robust, &by_model].map(|of| self.of_rows(of, &rows));
                    (told, self.rates(comparison, rows))
                }
                Err(note) => ([robust, by_model], [Err(note.clone()), Err(note)]),
            };
            let both = templates.iter().zip(values);
            found.extend(both.map(|(template, value)| template.finding(S::RateRatio, value)));
        }
        Ok(found)
    }

    fn rates(&self, comparison: &Comparison, mut rows: Rows) -> [Computed; 2] {
        let (follow_up, events) = (std::mem::take(&mut rows.second), events_of(&mut rows));
        let design = Design::new(rows);
        let fit = events.and_then(|(who, when)| {
            let columns = design.against(comparison.reference);
            let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let histories = Histories::new(&follow_up, &who, &when).map_err(reason)?;
            lwyy(&histories, &columns, Ties::Efron).map_err(reason)
        });
        // A partial likelihood has no intercept.
        let place = design.place_against(comparison.test, comparison.reference);
        let place = place.map_or(0, |place| place - 1);
        let ratio = |of: fn(&RecurrentFit) -> &proband_stats::linear::Coefficients| {
            let fit = fit.as_ref().map_err(Clone::clone)?;
            self.ratio(of(fit).effect(place, self.level()).map(|effect| effect.ratio()))
        };
        [ratio(|fit| &fit.robust), ratio(|fit| &fit.andersen_gill.coefficients)]
    }

    /// The mean cumulative function of each arm at a horizon.
    fn mean_numbers(&self) -> io::Result<Vec<Finding>> {
        let template = self.template(Category::Comparison, "mean cumulative function");
        let mut arms = Vec::new();
        for arm in 0..self.study.trial.arms.len() {
            arms.push(self.rows(OCCURRENCES, &|a| a == arm)?);
        }
        let last = |rows: &Rows| rows.second.iter().copied().reduce(f64::max);
        let tau = self.horizon(arms.iter().flatten().filter_map(last));
        let template = template.with(|f| f.note = Some(format!("up to day {tau}")));
        let of = |(arm, rows): (usize, Result<Rows, String>)| {
            let n = rows.as_ref().ok().map(|rows| rows.len() as u64);
            let template: Template = template.arm(&self.study.arm_title(arm)).with(|f| f.n = n);
            let mean = rows.and_then(|mut rows| {
                let (who, when) = events_of(&mut rows)?;
                let at = || -> StatsResult<_> {
                    let histories = Histories::new(&rows.second, &who, &when)?;
                    mean_cumulative_function(&histories).at(tau, self.level())
                };
                at().map(Value::from).map_err(reason)
            });
            template.finding(S::MeanEvents, mean)
        };
        Ok(arms.into_iter().enumerate().map(of).collect())
    }
}

/// Counts, the time followed, and when each event was.
const OCCURRENCES: Needs = Needs { second: true, occurrences: true, ..Needs::RESPONSE };

/// The events of rows, which has them no more; fails where a participant has more than are kept.
fn events_of(rows: &mut Rows) -> Result<Events, String> {
    let columns = std::mem::take(&mut rows.occurrences);
    if rows.response.is_empty() {
        return Err(reason(StatsError::TooFew { needed: 1, found: 0 }));
    }
    let kept = columns.len();
    if rows.response.iter().any(|&count| count > kept as f64) {
        return Err(format!("not computed where a participant has more than {kept} events"));
    }
    let (mut who, mut when) = (Vec::new(), Vec::new());
    for column in columns {
        let known = column.into_iter().enumerate().filter(|(_, day)| day.is_finite());
        for (row, day) in known {
            who.push(row);
            when.push(day);
        }
    }
    Ok((who, when))
}
