//! The analysis of an endpoint that has none.

use super::methods::{Takes, compares, takes_baseline, takes_strata};
use super::{Analyses, Setting, words};
use crate::expression::Quantities;
use crate::reading::Reading;
use crate::{Analysis, AnalysisMethod, Endpoint, Hypothesis, MethodOptions, Missing, Success};

/// The pairs of arms that declared analyses compare, each once.
pub(super) fn stated_comparisons(analyses: &Analyses) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    for comparison in
        analyses.iter().filter_map(|(_, a)| a.as_ref()).flat_map(|a| &a.comparisons)
    {
        let pair = (comparison.test, comparison.reference);
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}

impl Setting<'_> {
    /// The methods of an analysis that names none.
    pub(super) fn default_methods(&self, endpoint: &Endpoint) -> Vec<AnalysisMethod> {
        let takes = Takes::of(&endpoint.value);
        if self.crossover.is_some() && self.pairs() && takes == Takes::Numbers {
            return vec![AnalysisMethod::Paired];
        }
        if self.names.arms.len() == 1 || self.crossover.is_some() {
            return vec![AnalysisMethod::Summary];
        }
        if takes == Takes::Numbers && endpoint.visits.len() > 1 {
            return vec![AnalysisMethod::Mmrm];
        }
        takes.default_methods().to_vec()
    }

    /// The analysis of an endpoint that has none. Where no arm is the control it compares what the
    /// declared analyses compare.
    pub(super) fn default(
        &self,
        (position, endpoint): (usize, &Endpoint),
        stated: &[(usize, usize)],
        compared: bool,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Analysis {
        let methods = self.default_methods(endpoint);
        reading.defaulted(format!("analysis.{}.method", endpoint.id), words(&methods));
        let several = self.names.arms.len() > 1;
        if several && self.control.is_none() && !compared {
            self.no_control(reading);
        }
        let comparisons = match self.control {
            _ if !methods.iter().copied().any(compares) => Vec::new(),
            Some(_) if several => self.against_control(&endpoint.id),
            None if several => {
                let name = |&(test, reference): &(usize, usize)| {
                    self.named(&endpoint.id, test, reference)
                };
                stated.iter().map(name).collect()
            }
            _ => Vec::new(),
        };
        Analysis {
            id: endpoint.id.clone(),
            endpoint: position,
            estimand: None,
            baseline: self.has_baseline(endpoint) && takes_baseline(&methods),
            strata: !self.strata.is_empty() && takes_strata(&methods),
            comparisons,
            stratified_by: Vec::new(),
            covariates: Vec::new(),
            interactions: Vec::new(),
            set: None,
            subgroup: None,
            at: None,
            then: Vec::new(),
            success: Success::Each,
            contrasts: self.contrasts_of_design(&endpoint.id, &methods),
            hypothesis: Hypothesis::Superiority,
            repeats: match methods[..] {
                [AnalysisMethod::Mmrm] => self.visits_of(Some(endpoint), quantities),
                _ => Vec::new(),
            },
            methods,
            options: MethodOptions::default(),
            missing: Missing::ObservedOnly,
            imputation: None,
            alpha: 0.05,
            sided: 2,
            by_default: true,
            at_looks_of: None,
        }
    }
}
