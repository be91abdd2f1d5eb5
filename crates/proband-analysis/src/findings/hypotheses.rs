//! Several hypotheses at one level.

use super::Study;
use super::template::reason;
use crate::finding::{Category, Finding};
use proband_stats::multiplicity::{Adjustment, Dunnett, Graph, adjust};
use proband_stats::sequential::Sides;
use proband_stats::{Level, Result as StatsResult, StatsError};
use proband_trial::{Multiplicity, MultiplicityMethod as Method};

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

    fn adjusted(&self, of: &Multiplicity, p: &[f64]) -> StatsResult<Vec<f64>> {
        match &of.method {
            Method::Bonferroni => adjust(p, Adjustment::Bonferroni),
            Method::Holm => adjust(p, Adjustment::Holm),
            Method::Hochberg => adjust(p, Adjustment::Hochberg),
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
