//! The numbers that expressions of a look read: counts, and findings of an arm or of the trial.

use crate::boundary::{Boundaries, Path};
use crate::calendar::Calendar;
use crate::course::{Comparisons, Rules};
use proband_analysis::{Effect, Standing};
use proband_lang::Expr;
use proband_math::{ln, normal_cdf};
use proband_trial::{Expression, Quantity, Trial, TrialQuantity};

/// What is known at a look.
pub(crate) struct Asked<'a> {
    pub(crate) trial: &'a Trial,
    pub(crate) calendar: &'a Calendar<'a>,
    pub(crate) day: f64,
    pub(crate) rules: &'a Rules,
    pub(crate) comparisons: &'a Comparisons,
    /// By analysis.
    pub(crate) boundaries: &'a [Boundaries],
}

impl Asked<'_> {
    /// Whether a condition holds, of the trial or about an arm. What reads a number that is not there does
    /// not hold.
    pub(crate) fn holds(&self, when: Option<&Expression>, arm: Option<usize>) -> bool {
        when.is_none_or(|when| self.value(&when.expr, arm).is_some_and(|value| value > 0.0))
    }

    /// The value of an expression.
    pub(crate) fn value(&self, expr: &Expr, arm: Option<usize>) -> Option<f64> {
        let value = expr.value_where(&|symbol| match &self.trial.quantities[symbol.index()] {
            Quantity::OfTrial(quantity) => self.number(quantity, arm),
            _ => None,
        });
        value.filter(|value| !value.is_nan())
    }

    /// What an expression reads, with its values: `conditional_power(primary) 0.07`.
    pub(crate) fn seen(&self, of: Option<&Expression>, arm: Option<usize>) -> String {
        let mut seen: Vec<String> = Vec::new();
        let Some(of) = of else { return String::new() };
        of.expr.walk(&mut |part| {
            let Expr::Symbol(symbol) = part else { return };
            let Quantity::OfTrial(quantity) = &self.trial.quantities[symbol.index()] else {
                return;
            };
            let value =
                self.number(quantity, arm).map_or("missing".to_owned(), |v| v.to_string());
            let told = format!("{} {value}", quantity.name(self.trial));
            if !seen.contains(&told) {
                seen.push(told);
            }
        });
        seen.join(", ")
    }

    fn number(&self, quantity: &TrialQuantity, arm: Option<usize>) -> Option<f64> {
        match quantity {
            TrialQuantity::Participants => Some(self.rules.participants as f64),
            TrialQuantity::PValue(analysis) => self.standing(*analysis, arm)?.p,
            TrialQuantity::Z(analysis) => self.standing(*analysis, arm)?.z,
            TrialQuantity::Estimate(analysis) => {
                Some(self.standing(*analysis, arm)?.effect?.estimate)
            }
            TrialQuantity::Posterior { analysis, below } => {
                posterior(self.standing(*analysis, arm)?.effect?, *below)
            }
            TrialQuantity::ConditionalPower { analysis, subgroup } => {
                let trend = match subgroup {
                    Some(subgroup) => Some(self.trend(*analysis, subgroup, arm)?),
                    None => None,
                };
                let path = self.path(*analysis, arm)?;
                self.boundaries[*analysis].conditional_power(path, trend)
            }
            TrialQuantity::PredictivePower(analysis) => {
                self.boundaries[*analysis].predictive_power(self.path(*analysis, arm)?)
            }
            count => self.calendar.count(count, self.day, arm),
        }
    }

    /// How much the mean of Z at the planned information is if all have the effect of a subgroup.
    fn trend(&self, analysis: usize, subgroup: &Expression, arm: Option<usize>) -> Option<f64> {
        let restricted = self.trial.analyses.iter().position(|other| {
            other.at_looks_of == Some(analysis)
                && other.set.as_ref().is_some_and(|set| set.expr == subgroup.expr)
        })?;
        let standing = self.standing(restricted, arm)?;
        let declared = &self.trial.analyses[analysis];
        let seen = crate::boundary::seen(self.trial, declared, standing);
        let comparison = &declared.comparisons[standing.comparison];
        let participants = self.rules.participants as f64;
        let planned = crate::boundary::planned(self.trial, declared, comparison, participants);
        Some(standing.z? * (planned / seen).sqrt())
    }

    fn path(&self, analysis: usize, arm: Option<usize>) -> Option<&Path> {
        self.comparisons.path(analysis, self.comparison(analysis, arm)?)
    }

    /// The comparison of an analysis that is about an arm, or its only one.
    fn comparison(&self, analysis: usize, arm: Option<usize>) -> Option<usize> {
        let comparisons = &self.trial.analyses[analysis].comparisons;
        match arm {
            Some(arm) => comparisons.iter().position(|comparison| comparison.test == arm),
            None => (comparisons.len() == 1).then_some(0),
        }
    }

    pub(crate) fn standing(&self, analysis: usize, arm: Option<usize>) -> Option<&Standing> {
        self.comparisons.standing(analysis, self.comparison(analysis, arm)?)
    }
}

/// The chance that an effect is below a value, if nothing was believed of it before: its estimate (of a
/// ratio the logarithm) is normal.
fn posterior(effect: Effect, below: f64) -> Option<f64> {
    let scale = |value: f64| if effect.is_ratio { ln(value) } else { value };
    let z = (scale(below) - scale(effect.estimate)) / effect.standard_error;
    (!z.is_nan()).then(|| normal_cdf(z))
}
