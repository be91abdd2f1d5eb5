//! Outcomes in the order of their importance: who of each two participants fares better.

use super::Analysed;
use super::template::{Value, reason};
use crate::accumulator::index;
use crate::finding::{Finding, StatisticName as S};
use crate::record::Ended;
use proband_stats::win_ratio::{Outcome, WinRatio, win_ratio};
use proband_trial::{Better, Comparison, EndpointValue};
use std::io;

/// Pairs of participants above which they are not compared: each is looked at.
const MOST_PAIRS: u64 = 2_000_000_000;

/// The outcomes of two arms, the most important first.
#[derive(Default)]
struct Outcomes {
    active: Vec<bool>,
    /// By outcome: times or numbers, and for times whether they ended with the event.
    values: Vec<Vec<f64>>,
    events: Vec<Vec<bool>>,
}

impl Analysed<'_> {
    /// Every participant under test against every one of the reference arm, by the endpoint and, where it does not decide, by
    /// those that follow.
    pub(super) fn wins(&self) -> io::Result<Vec<Finding>> {
        let mut found = Vec::new();
        for comparison in &self.analysis.comparisons {
            let template = self.comparison("win ratio", comparison);
            let outcomes = self.ranked_outcomes(comparison)?;
            let n = outcomes.active.len() as u64;
            let result = self.compared_by(comparison, &outcomes);
            let template = template.with(|f| f.n = Some(n));
            let ratio = result.clone().and_then(|wins| {
                let ratio = wins.ratio.ok_or_else(|| "one arm won no pair".to_owned())?;
                let p = self.p_value_where(&ratio.log, false, proband_math::ln);
                Ok(Value::from(ratio).with_p(p))
            });
            let benefit = result
                .and_then(|wins| self.effect(Ok(wins.net_benefit)))
                .map(|benefit| benefit.times(100.0));
            let percent = template.unit(Some("%".to_owned()));
            found.push(template.finding(S::WinRatio, ratio));
            found.push(percent.finding(S::NetBenefit, benefit));
        }
        Ok(found)
    }

    /// The endpoint and those that follow it: their places in the trial.
    fn hierarchy(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.analysis.endpoint).chain(self.analysis.then.iter().copied())
    }

    /// Participants of both arms of whom all outcomes are known.
    fn ranked_outcomes(&self, comparison: &Comparison) -> io::Result<Outcomes> {
        let own = (self.columns.response, self.columns.second);
        let places: Vec<(usize, usize)> =
            std::iter::once(own).chain(self.columns.then.iter().copied()).collect();
        let is_time: Vec<bool> = self
            .hierarchy()
            .map(|at| matches!(self.study.trial.endpoints[at].value, EndpointValue::Time(_)))
            .collect();
        let mut columns = vec![self.columns.arm];
        columns.extend(places.iter().flat_map(|&(value, ended)| [value, ended]));
        let mut outcomes = Outcomes {
            values: vec![Vec::new(); places.len()],
            events: vec![Vec::new(); places.len()],
            ..Outcomes::default()
        };
        self.study.source.read(&columns, &mut |chunk| {
            let cell = |column: usize, row: usize| chunk[column][row];
            for row in 0..chunk[0].len() {
                let arm = index(cell(0, row))
                    .filter(|arm| [comparison.test, comparison.reference].contains(arm));
                let known = (0..places.len()).all(|k| cell(1 + 2 * k, row).is_finite());
                let Some(arm) = arm.filter(|_| known) else { continue };
                outcomes.active.push(arm == comparison.test);
                for (k, is_time) in is_time.iter().enumerate() {
                    let ended = cell(2 + 2 * k, row);
                    outcomes.values[k].push(cell(1 + 2 * k, row));
                    let event = *is_time && index(ended) == Some(Ended::Event as usize);
                    outcomes.events[k].push(event);
                }
            }
        })?;
        self.turn_to_better(&mut outcomes);
        Ok(outcomes)
    }

    /// Of numbers and conditions of which less is better, less what they are is more.
    fn turn_to_better(&self, outcomes: &mut Outcomes) {
        for (at, values) in self.hierarchy().zip(&mut outcomes.values) {
            let endpoint = &self.study.trial.endpoints[at];
            let is_time = matches!(endpoint.value, EndpointValue::Time(_));
            if !is_time && endpoint.better == Some(Better::Lower) {
                values.iter_mut().for_each(|value| *value = -*value);
            }
        }
    }

    fn compared_by(
        &self,
        comparison: &Comparison,
        outcomes: &Outcomes,
    ) -> Result<WinRatio, String> {
        let count = |own: bool| outcomes.active.iter().filter(|&&is| is == own).count() as u64;
        let of_arm = |arm| count(arm == comparison.test);
        if let Some(note) = self.without_values(comparison, of_arm) {
            return Err(note);
        }
        if count(true).saturating_mul(count(false)) > MOST_PAIRS {
            return Err(format!("not computed for more than {MOST_PAIRS} pairs"));
        }
        let values = outcomes.values.iter().zip(&outcomes.events);
        let ranked: Vec<Outcome<'_>> = self
            .hierarchy()
            .zip(values)
            .map(|(at, (values, events))| match self.study.trial.endpoints[at].value {
                EndpointValue::Time(_) => Outcome::Time { time: values, event: events },
                _ => Outcome::Score { value: values, margin: 0.0 },
            })
            .collect();
        win_ratio(&ranked, &outcomes.active, self.level()).map_err(reason)
    }
}
