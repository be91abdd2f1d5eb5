//! Whether effects differ between the levels of a subgroup.

use super::Study;
use super::template::{Template, Value, reason};
use crate::finding::{Category, Finding, StatisticName as S};
use proband_stats::heterogeneity::{bartlett, cochran_q};
use proband_trial::Analysis;

/// The effects that subgroups are compared by.
const EFFECTS: [S; 10] = [
    S::Difference,
    S::SlopeDifference,
    S::Contrast,
    S::RiskDifference,
    S::RiskRatio,
    S::OddsRatio,
    S::HazardRatio,
    S::RateRatio,
    S::TimeRatio,
    S::WinRatio,
];

impl Study<'_> {
    /// The tests of interaction of the subgroup that ends with this analysis, if one does: one for each
    /// comparison and effect of the levels before.
    pub(super) fn interactions(&self, index: usize, found: &[Finding]) -> Vec<Finding> {
        let analysis = &self.trial.analyses[index];
        let Some(subgroup) = &analysis.subgroup else { return Vec::new() };
        let next = self.trial.analyses.get(index + 1);
        let goes_on = next
            .filter(|next| next.id == analysis.id && next.comparisons == analysis.comparisons)
            .and_then(|next| next.subgroup.as_ref().filter(|next| next.text == subgroup.text));
        if goes_on.is_some() {
            return Vec::new();
        }
        let groups = format!("{}: ", subgroup.text);
        let of_levels: Vec<&Finding> =
            found.iter().filter(|f| is_effect(f, analysis, &groups)).collect();
        // Comparisons at different visits have different names.
        let key = |f: &Finding| (f.comparison.clone(), f.method.clone(), f.statistic);
        let mut told = Vec::new();
        let mut interactions: Vec<Finding> = self.spread(analysis, found, &groups).collect();
        for effect in &of_levels {
            if !told.contains(&key(effect)) {
                told.push(key(effect));
                let same = |f: &&Finding| key(f) == key(effect);
                let levels: Vec<&Finding> = of_levels.iter().copied().filter(same).collect();
                interactions.push(interaction(effect, &subgroup.text, &levels));
            }
        }
        interactions
    }
}

impl Study<'_> {
    /// Whether numbers spread alike within the arms at all levels of a subgroup: effects are then estimated with the same
    /// error but for the numbers of participants.
    fn spread(
        &self,
        analysis: &Analysis,
        found: &[Finding],
        groups: &str,
    ) -> impl Iterator<Item = Finding> + use<> {
        let is_spread = |f: &&Finding| {
            f.category == Category::Endpoint
                && f.analysis == analysis.id
                && f.statistic == S::Sd
                && f.group.as_ref().is_some_and(|group| group.starts_with(groups))
        };
        let all: Vec<&Finding> = found.iter().filter(is_spread).collect();
        // Descriptions at other visits are not what is compared.
        let last = all.last().map(|f| f.avisit.clone());
        let own = all.iter().filter(|f| Some(&f.avisit) == last.as_ref());
        let mut levels: Vec<(String, f64, f64)> = Vec::new();
        for finding in own {
            let (Some(sd), Some(n)) = (finding.estimate, finding.n) else { continue };
            let (group, df) = (finding.group.clone().unwrap_or_default(), n as f64 - 1.0);
            if !levels.iter().any(|(known, ..)| *known == group) {
                levels.push((group.clone(), 0.0, 0.0));
            }
            if let Some((_, squares, total)) = levels.iter_mut().find(|of| of.0 == group) {
                (*squares, *total) = (*squares + df * sd * sd, *total + df);
            }
        }
        let test = all.first().filter(|_| levels.len() > 1).map(|first| {
            let variances: Vec<f64> = levels.iter().map(|(_, sum, df)| sum / df).collect();
            let df: Vec<f64> = levels.iter().map(|(.., df)| *df).collect();
            let group = format!("{}, spread", groups.trim_end_matches(": "));
            let template = Template::new(Category::Comparison, &first.analysis, "Bartlett");
            let template = template.with(|f| {
                f.paramcd.clone_from(&first.paramcd);
                f.param.clone_from(&first.param);
                f.avisit = last.flatten();
                f.group = Some(group);
            });
            let value = bartlett(&variances, &df)
                .map(|test| Value::from(test.statistic).with_p(Some(test.p)));
            template.finding(S::Test, value.map_err(reason))
        });
        test.into_iter()
    }
}

/// The names of the comparisons and contrasts of an analysis.
pub(super) fn names_of(analysis: &Analysis) -> impl Iterator<Item = &String> {
    let comparisons = analysis.comparisons.iter().map(|comparison| &comparison.name);
    comparisons.chain(analysis.contrasts.iter().map(|contrast| &contrast.name))
}

fn is_effect(finding: &Finding, analysis: &Analysis, groups: &str) -> bool {
    finding.category == Category::Comparison
        && finding.analysis == analysis.id
        && EFFECTS.contains(&finding.statistic)
        && names_of(analysis).any(|name| finding.comparison.as_ref() == Some(name))
        && finding.group.as_ref().is_some_and(|group| group.starts_with(groups))
}

fn interaction(effect: &Finding, text: &str, levels: &[&Finding]) -> Finding {
    let is_ratio = effect.statistic.is_ratio();
    let estimated = levels.iter().filter_map(|f| f.estimate.zip(f.standard_error));
    let (values, errors): (Vec<f64>, Vec<f64>) = estimated
        .map(|(value, se)| (if is_ratio { proband_math::ln(value) } else { value }, se))
        .unzip();
    let test = cochran_q(&values, &errors);
    let template = Template::new(effect.category, &effect.analysis, &effect.method).with(|f| {
        f.clone_from(effect);
        (f.estimate, f.standard_error, f.lower, f.upper) = (None, None, None, None);
        (f.level, f.p_value, f.unit, f.note) = (None, None, None, None);
        f.n = levels.iter().map(|level| level.n).sum();
        f.group = Some(text.to_owned());
    });
    let value = test.map(|test| Value::from(test.statistic).with_p(Some(test.p)));
    template.finding(S::Interaction, value.map_err(reason))
}
