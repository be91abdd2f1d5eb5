//! How the comparisons of an analysis stand when a trial is looked at.

use super::{Analysed, Study};
use crate::accumulator::Accumulator;
use crate::finding::{Finding, StatisticName as S};
use crate::layout::Layout;
use crate::rows::{Needs, Rows};
use crate::source::ColumnSource;
use proband_stats::sequential::inverse_normal;
use proband_trial::{Better, Comparison, EndpointValue, Hypothesis};
use std::io;

/// How one comparison stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Position in the comparisons of its analysis.
    pub comparison: usize,
    /// The normal deviate of the test: above 0 where it goes the better way (or up, where no way is
    /// better). None where there is no test.
    pub z: Option<f64>,
    /// The p-value, with the sides of the analysis.
    pub p: Option<f64>,
    /// The estimated effect.
    pub effect: Option<Effect>,
    /// Participants with a value, in the arm under test and in the reference.
    pub n: [f64; 2],
    /// Events of a time, in both arms.
    pub events: f64,
    /// What is seen without knowing the arms.
    pub blinded: Blinded,
    /// The findings.
    pub findings: Vec<Finding>,
}

/// An estimate with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// In the unit of the findings.
    pub estimate: f64,
    /// Of the logarithm, where it is a ratio.
    pub standard_error: f64,
    /// Whether it is a ratio.
    pub is_ratio: bool,
}

/// Values of both arms together.
#[derive(Clone, Debug, PartialEq)]
pub enum Blinded {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Conditions: how many are met, of how many.
    Conditions(u64, u64),
    /// Nothing that a size could follow from.
    Nothing,
}

/// How the comparisons of an analysis (repetition of the trial, position in `Trial::analyses`) stand, from the columns of those
/// who are in the trial. Fails only where the columns cannot be read.
pub fn standings(
    layout: &Layout<'_>,
    sums: &Accumulator,
    source: &dyn ColumnSource,
    (replicate, analysis): (u32, usize),
) -> io::Result<Vec<Standing>> {
    let study = Study { trial: layout.trial, layout, sums, source, replicate };
    let analysed = study.analysed(analysis);
    let found = analysed.compared(&mut Vec::new())?;
    let comparisons = analysed.analysis.comparisons.iter().enumerate();
    comparisons
        .map(|(position, comparison)| analysed.standing(position, comparison, &found))
        .collect()
}

impl Analysed<'_> {
    fn standing(
        &self,
        position: usize,
        comparison: &Comparison,
        found: &[Finding],
    ) -> io::Result<Standing> {
        let about = |finding: &&Finding| finding.comparison.as_ref() == Some(&comparison.name);
        let findings: Vec<Finding> = found.iter().filter(about).cloned().collect();
        let tested = findings.iter().find(|finding| finding.p_value.is_some());
        let is_time = matches!(self.endpoint.value, EndpointValue::Time(_));
        let needs = Needs { second: is_time, ..Needs::RESPONSE };
        let rows = self.rows_of(needs, comparison)?.unwrap_or_default();
        let in_arm = |arm| rows.in_arm(arm) as f64;
        Ok(Standing {
            comparison: position,
            z: tested.and_then(|finding| self.deviate(finding)),
            p: tested.and_then(|finding| finding.p_value),
            effect: findings.iter().find_map(effect),
            n: [in_arm(comparison.test), in_arm(comparison.reference)],
            events: rows.second.iter().filter(|&&event| event > 0.0).count() as f64,
            blinded: self.blinded(rows),
            findings,
        })
    }

    /// The deviate with the p-value of a test, in the direction that is better.
    fn deviate(&self, tested: &Finding) -> Option<f64> {
        // A p-value of 0 or 1 is one that a double cannot tell from it.
        let p = tested.p_value?.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON);
        let directed = matches!(self.analysis.hypothesis, Hypothesis::NonInferiority(_));
        if directed || self.analysis.sided == 1 {
            return deviate(p);
        }
        Some(deviate(0.5 * p)?.copysign(self.direction(tested)?))
    }

    /// The sign of an estimate in the direction that is better: later events are higher times.
    fn direction(&self, tested: &Finding) -> Option<f64> {
        let estimate = tested.estimate?;
        let up = match tested.statistic {
            S::HazardRatio => 1.0 - estimate,
            S::LogRank => -estimate,
            S::OddsRatio | S::RiskRatio | S::RateRatio => estimate - 1.0,
            S::Superiority => estimate - 0.5,
            _ => estimate,
        };
        Some(if self.endpoint.better == Some(Better::Lower) { -up } else { up })
    }

    fn blinded(&self, rows: Rows) -> Blinded {
        match self.endpoint.value {
            EndpointValue::Number(_) => Blinded::Numbers(rows.response),
            EndpointValue::Condition(_) => {
                let met = rows.response.iter().filter(|&&value| value > 0.0).count();
                Blinded::Conditions(met as u64, rows.len() as u64)
            }
            EndpointValue::Time(_) | EndpointValue::Count { .. } => Blinded::Nothing,
        }
    }
}

/// The normal deviate with this upper tail.
fn deviate(p: f64) -> Option<f64> {
    inverse_normal(&[p], &[1.0]).ok().map(|test| test.z)
}

/// The effect that a finding estimates, if it does.
fn effect(finding: &Finding) -> Option<Effect> {
    if matches!(finding.statistic, S::LogRank | S::Test) {
        return None;
    }
    let (estimate, standard_error) = (finding.estimate?, finding.standard_error?);
    Some(Effect { estimate, standard_error, is_ratio: finding.statistic.is_ratio() })
}
