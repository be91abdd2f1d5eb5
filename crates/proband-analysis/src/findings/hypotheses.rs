//! Several hypotheses at one level.

use super::Study;
use super::subgroups::names_of;
use super::template::{Template, Value, reason};
use crate::finding::{Category, Finding, StatisticName as S};
use proband_stats::multiplicity::{Adjustment, Dunnett, Graph, adjust};
use proband_stats::sequential::Sides;
use proband_stats::{Level, Result as StatsResult, StatsError};
use proband_trial::{Multiplicity, MultiplicityMethod as Method, Success};

impl Study<'_> {
    /// Gives the findings that are hypotheses their adjusted p-values. What has no p-value is not
    /// rejected, and takes part as if its p-value were 1.
    pub(super) fn adjust(&self, found: &mut [Finding]) {
        let Some(multiplicity) = &self.trial.multiplicity else { return };
        let places: Vec<Option<usize>> =
            multiplicity.hypotheses.iter().map(|name| place(found, name)).collect();
        let p: Vec<f64> = places
            .iter()
            .map(|place| place.and_then(|at| found[at].p_value).unwrap_or(1.0))
            .collect();
        let adjusted = self.adjusted(multiplicity, &p);
        for (nth, place) in places.iter().enumerate() {
            let Some(finding) = place.map(|at| &mut found[at]) else { continue };
            match &adjusted {
                Ok(adjusted) => {
                    finding.adjusted_p = Some(adjusted[nth]);
                    finding.rejected = Some(adjusted[nth] <= multiplicity.alpha);
                }
                Err(error) => {
                    finding.note = Some(format!("not adjusted: {}", reason(*error)));
                }
            }
        }
    }

    /// Adds what analyses claim of all their comparisons together: that all hold, where the largest p-value
    /// counts, or that one does, where the smallest adjusted one counts (by Bonferroni if they are not).
    pub(super) fn claim_together(&self, found: &mut Vec<Finding>, success: Success) {
        let claims = self
            .trial
            .analyses
            .iter()
            .filter(|a| a.success == success && a.at_looks_of.is_none());
        let mut ids: Vec<&String> = claims.map(|analysis| &analysis.id).collect();
        ids.dedup();
        for id in ids {
            let of_id = self
                .trial
                .analyses
                .iter()
                .filter(|a| a.id == *id && a.subgroup.is_none() && a.at_looks_of.is_none());
            let names = of_id.flat_map(names_of).filter_map(|name| place(found, name));
            let places: Vec<usize> = names.collect();
            let (Some(&first), Some(&last)) = (places.first(), places.last()) else { continue };
            let claim = together(found, &places, success, self.trial.level_of(id));
            let mut joint = Finding { comparison: Some(id.clone()), ..claim };
            joint.n = found[first].n;
            found.insert(last + 1, joint);
        }
    }

    fn adjusted(&self, of: &Multiplicity, p: &[f64]) -> StatsResult<Vec<f64>> {
        match &of.method {
            Method::Bonferroni => adjust(p, Adjustment::Bonferroni),
            Method::Holm => adjust(p, Adjustment::Holm),
            Method::Hochberg => adjust(p, Adjustment::Hochberg),
            Method::Hommel => adjust(p, Adjustment::Hommel),
            Method::FixedSequence => adjust(p, Adjustment::FixedSequence),
            Method::Graph { weights, pass } => {
                Ok(Graph::new(weights, pass)?.test(p, of.alpha)?.adjusted)
            }
            Method::Dunnett => self.dunnett(&of.hypotheses),
        }
    }

    /// From the model that the comparisons come from: its statistics, its degrees of freedom, and the
    /// sizes of its arms.
    fn dunnett(&self, names: &[String]) -> StatsResult<Vec<f64>> {
        let has = |a: &&proband_trial::Analysis| {
            a.subgroup.is_none() && a.comparisons.iter().any(|c| names.contains(&c.name))
        };
        let index = self.trial.analyses.iter().position(|a| has(&a)).unwrap_or(0);
        let analysis = &self.trial.analyses[index];
        let sums = self.sums.ancova(index).ok_or(StatsError::ZeroVariance)?;
        let fit = sums.fit_without(&sums.constant_covariates())?;
        let mut statistics = Vec::new();
        let mut active = Vec::new();
        let mut control = 0.0;
        for name in names {
            let Some(c) = analysis.comparisons.iter().find(|c| c.name == *name) else {
                continue;
            };
            statistics.push(fit.difference(c.test, c.reference, Level::P95)?.statistic);
            active.push(sums.n_in(c.test) as f64);
            control = sums.n_in(c.reference) as f64;
        }
        let df = fit.linear().residual_df();
        let one_sided = analysis.sided == 1;
        let towards = match self.trial.endpoints[analysis.endpoint].better {
            Some(proband_trial::Better::Lower) if one_sided => -1.0,
            _ => 1.0,
        };
        statistics.iter_mut().for_each(|statistic| *statistic *= towards);
        let sides = if one_sided { Sides::One } else { Sides::Two };
        Dunnett::of_sizes(control, &active, Some(df))?.p_values(&statistics, sides)
    }
}

/// The first finding of a hypothesis: the one of the first method of its analysis.
fn place(found: &[Finding], name: &str) -> Option<usize> {
    found.iter().position(|finding| {
        finding.category == Category::Comparison
            && finding.comparison.as_deref() == Some(name)
            && finding.group.is_none()
            && finding.p_value.is_some()
    })
}

/// The joint claim of some findings.
fn together(found: &[Finding], places: &[usize], success: Success, alpha: f64) -> Finding {
    let each: Vec<&Finding> = places.iter().map(|&at| &found[at]).collect();
    let p = |f: &Finding| f.p_value.unwrap_or(1.0);
    let adjusted: Option<Vec<f64>> = each.iter().map(|f| f.adjusted_p).collect();
    let p = match (success, adjusted) {
        (Success::Any, Some(adjusted)) => adjusted.into_iter().fold(1.0, f64::min),
        (Success::Any, None) => {
            let smallest = each.iter().map(|f| p(f)).fold(1.0, f64::min);
            (each.len() as f64 * smallest).min(1.0)
        }
        _ => each.iter().map(|f| p(f)).fold(0.0, f64::max),
    };
    let first = each[0];
    let template = Template::new(Category::Comparison, &first.analysis, &first.method);
    let template = template.with(|f| {
        f.paramcd.clone_from(&first.paramcd);
        f.param.clone_from(&first.param);
        f.rejected = Some(p <= alpha);
    });
    template.finding(S::Joint, Ok(Value::default().with_p(Some(p))))
}
