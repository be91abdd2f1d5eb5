//! The true values of estimands: effects on twins who are in every arm.

use crate::finding::{Category, Finding, StatisticName as S};
use crate::layout::Layout;
use proband_stats::Level;
use proband_stats::survival::{FollowUp, Ties, cox};
use proband_trial::{Analysis, Comparison, EffectMeasure, EndpointValue};

/// The true effect that one comparison of an analysis estimates.
#[derive(Clone, Debug, PartialEq)]
pub struct TrueEffect {
    /// The id of the analysis.
    pub analysis: String,
    /// The name of the comparison.
    pub comparison: String,
    /// What it is.
    pub measure: EffectMeasure,
    /// Its value; of a condition's difference in percentage points.
    pub value: f64,
    /// How uncertain that is, because the twins are so many and no more; of the logarithm of a ratio.
    pub standard_error: f64,
    /// Twins with a value in both arms.
    pub twins: usize,
}

/// The effects of the estimands of a trial in which every twin is in every arm. `columns` are those of
/// the layout, the rows of a twin together and in the order of the arms. Effects that the twins do not
/// give (an arm without events) are left out.
#[must_use]
pub fn true_effects(layout: &Layout<'_>, columns: &[Vec<f64>]) -> Vec<TrueEffect> {
    let mut found = Vec::new();
    for (index, analysis) in layout.trial.analyses.iter().enumerate() {
        let Some(estimand) = analysis.estimand else { continue };
        let measure = layout.trial.estimands[estimand].summary;
        for comparison in &analysis.comparisons {
            let pairs = Pairs::of(layout, columns, index, comparison);
            if let Some((value, standard_error)) = pairs.effect(measure) {
                found.push(TrueEffect {
                    analysis: analysis.id.clone(),
                    comparison: comparison.name.clone(),
                    measure,
                    value: value * factor(layout, analysis, measure),
                    standard_error: standard_error * factor(layout, analysis, measure),
                    twins: pairs.test.len(),
                });
            }
        }
    }
    found
}

/// Differences of shares are told in percentage points.
fn factor(layout: &Layout<'_>, analysis: &Analysis, measure: EffectMeasure) -> f64 {
    let value = &layout.trial.endpoints[analysis.endpoint].value;
    let share = matches!(value, EndpointValue::Condition(_));
    if share && measure == EffectMeasure::Difference { 100.0 } else { 1.0 }
}

/// Puts true values beside their estimates.
pub fn put_truth(findings: &mut [Finding], effects: &[TrueEffect]) {
    for finding in findings.iter_mut().filter(|f| f.category == Category::Comparison) {
        let own = effects.iter().find(|effect| {
            finding.analysis == effect.analysis
                && finding.comparison.as_ref() == Some(&effect.comparison)
                && finding.group.is_none()
                && statistics(effect.measure).contains(&finding.statistic)
        });
        finding.truth = own.map(|effect| effect.value);
        finding.truth_error = own.map(|effect| effect.standard_error);
    }
}

/// The statistics that estimate a measure.
fn statistics(measure: EffectMeasure) -> &'static [S] {
    match measure {
        EffectMeasure::Difference => &[S::Difference, S::RiskDifference],
        EffectMeasure::Ratio => &[S::RiskRatio, S::RateRatio],
        EffectMeasure::OddsRatio => &[S::OddsRatio],
        EffectMeasure::HazardRatio => &[S::HazardRatio],
    }
}

/// What twins have in the two arms of a comparison: measure, and event or exposure.
#[derive(Default)]
struct Pairs {
    test: Vec<[f64; 2]>,
    reference: Vec<[f64; 2]>,
}

impl Pairs {
    /// Of the twins who belong to the analysis in both arms, which makes a principal stratum of them.
    fn of(
        layout: &Layout<'_>,
        columns: &[Vec<f64>],
        analysis: usize,
        comparison: &Comparison,
    ) -> Self {
        let own = &layout.analyses[analysis];
        let arms = layout.trial.arms.len();
        let mut pairs = Self::default();
        for first in (0..columns[own.arm].len()).step_by(arms) {
            let of = |arm: usize| {
                let row = first + arm;
                let second = if own.second == 0 { f64::NAN } else { columns[own.second][row] };
                let measure = [columns[own.response][row], second];
                let known = !columns[own.arm][row].is_nan() && measure[0].is_finite();
                known.then_some(measure)
            };
            if let (Some(test), Some(reference)) =
                (of(comparison.test), of(comparison.reference))
            {
                pairs.test.push(test);
                pairs.reference.push(reference);
            }
        }
        pairs
    }

    fn effect(&self, measure: EffectMeasure) -> Option<(f64, f64)> {
        if self.test.len() < 2 {
            return None;
        }
        match measure {
            EffectMeasure::HazardRatio => self.hazard_ratio(),
            EffectMeasure::Difference => {
                let (test, reference) = (mean(&self.test, 0), mean(&self.reference, 0));
                let error = self.error(|t, r| t[0] - r[0]);
                Some((test - reference, error))
            }
            EffectMeasure::Ratio => self.ratio(),
            EffectMeasure::OddsRatio => {
                let (p, q) = (mean(&self.test, 0), mean(&self.reference, 0));
                let odds = |p: f64| p / (1.0 - p);
                // Influence of one twin on the logarithm of the odds.
                let of = |y: f64, p: f64| (y - p) / (p * (1.0 - p));
                sound(odds(p) / odds(q), self.error(|t, r| of(t[0], p) - of(r[0], q)))
            }
        }
    }

    /// Of shares, or of counts over their exposure.
    fn ratio(&self) -> Option<(f64, f64)> {
        let counted = self.test.iter().chain(&self.reference).all(|pair| pair[1].is_finite());
        let mean_of = |pairs: &[[f64; 2]], at: usize| match (at, counted) {
            (1, false) => 1.0,
            _ => mean(pairs, at),
        };
        let rate = |pairs| mean_of(pairs, 0) / mean_of(pairs, 1);
        let (test, reference) = (&self.test, &self.reference);
        let log_share = |pair: [f64; 2], pairs: &[[f64; 2]]| {
            let exposure = if counted { pair[1] / mean_of(pairs, 1) } else { 1.0 };
            pair[0] / mean_of(pairs, 0) - exposure
        };
        let error = self.error(|t, r| log_share(t, test) - log_share(r, reference));
        sound(rate(test) / rate(reference), error)
    }

    /// By one Cox model of both arms; its standard error takes twins in two arms for different people,
    /// and is too large rather than too small.
    fn hazard_ratio(&self) -> Option<(f64, f64)> {
        let both = || self.test.iter().chain(&self.reference);
        let time: Vec<f64> = both().map(|pair| pair[0]).collect();
        let event: Vec<bool> = both().map(|pair| (pair[1] - 1.0).abs() < 0.5).collect();
        let arms = std::iter::repeat_n(1.0, self.test.len());
        let arm: Vec<f64> = arms.chain(self.reference.iter().map(|_| 0.0)).collect();
        let follow_up = FollowUp::new(&time, &event).ok()?;
        let fit = cox(&follow_up, &[&arm], Ties::Efron).ok()?;
        let log = fit.coefficients.contrast(&[1.0], Level::P95).ok()?;
        Some((log.ratio().value, log.estimate.se))
    }

    /// The standard error of a mean over twins.
    fn error(&self, of: impl Fn([f64; 2], [f64; 2]) -> f64) -> f64 {
        let pairs = self.test.iter().zip(&self.reference);
        let values: Vec<f64> = pairs.map(|(&test, &reference)| of(test, reference)).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        (squares / (n - 1.0) / n).sqrt()
    }
}

fn mean(pairs: &[[f64; 2]], at: usize) -> f64 {
    pairs.iter().map(|pair| pair[at]).sum::<f64>() / pairs.len() as f64
}

fn sound(value: f64, error: f64) -> Option<(f64, f64)> {
    (value.is_finite() && error.is_finite()).then_some((value, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(test: &[[f64; 2]], reference: &[[f64; 2]]) -> Pairs {
        Pairs { test: test.to_vec(), reference: reference.to_vec() }
    }

    fn assert_close(found: Option<(f64, f64)>, expected: (f64, f64)) {
        let (value, error) = found.expect("there is an effect");
        assert!((value - expected.0).abs() < 1e-12 && (error - expected.1).abs() < 1e-12);
    }

    const NONE: f64 = f64::NAN;

    #[test]
    fn effects_of_a_few_twins() {
        let yes = [1.0, NONE];
        let no = [0.0, NONE];
        let of = pairs(&[yes, yes, yes, no], &[yes, no, no, no]);
        // Differences 0, 1, 1, 0: variance 1/3 over 4 twins.
        assert_close(of.effect(EffectMeasure::Difference), (0.5, (1.0_f64 / 12.0).sqrt()));
        // Influences 4/3 - 4, 4/3, 4/3, 0 with mean 0: squares 64/9 + 16/9 + 16/9 over 3 and 4.
        assert_close(of.effect(EffectMeasure::Ratio), (3.0, (96.0_f64 / 9.0 / 12.0).sqrt()));
        // (y - p) / (p (1 - p)) with p (1 - p) = 3/16 in both arms: -8/3, 8/3, 8/3, -8/3.
        assert_close(
            of.effect(EffectMeasure::OddsRatio),
            (9.0, (256.0_f64 / 9.0 / 12.0).sqrt()),
        );
    }

    #[test]
    fn a_ratio_of_rates_counts_over_exposure() {
        let of = pairs(&[[2.0, 1.0], [4.0, 1.0]], &[[1.0, 2.0], [3.0, 2.0]]);
        // 6 in 2 against 4 in 4; influences 2/3 - 1/2 and 4/3 - 3/2, so that the mean is 0.
        assert_close(of.effect(EffectMeasure::Ratio), (3.0, 1.0 / 6.0));
    }
}
