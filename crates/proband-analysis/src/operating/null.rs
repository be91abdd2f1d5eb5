//! What an analysis should find where two arms are the same.

use crate::finding::{Finding, StatisticName as S};
use proband_trial::{Arm, Signal, Trial};
use std::collections::BTreeMap;

/// Whether a finding compares two arms that the trial gives the same.
pub(super) fn is_null(trial: &Trial, finding: &Finding) -> bool {
    let arm = |title: &Option<String>| {
        let title = title.as_ref()?;
        trial.arms.iter().find(|arm| arm.title == *title)
    };
    let arms = arm(&finding.arm).zip(arm(&finding.reference));
    arms.is_some_and(|(test, reference)| are_same(trial, test, reference))
}

/// What a statistic is without an effect, on the scale that it is characterised on; none where that is not
/// known.
pub(super) fn value(statistic: S) -> Option<f64> {
    match statistic {
        S::Difference | S::RiskDifference | S::Shift | S::MeanEffect | S::LogRank => Some(0.0),
        S::Superiority => Some(0.5),
        // Their logarithms.
        ratio if ratio.is_ratio() => Some(0.0),
        _ => None,
    }
}

/// Whether nothing that the trial says makes a difference between two arms.
fn are_same(trial: &Trial, a: &Arm, b: &Arm) -> bool {
    let events = trial.adverse_events.iter().map(|event| &event.arms);
    let rules = trial.rules.iter().map(|rule| &rule.arms);
    let discontinued = trial.discontinuations.iter().map(|of| &of.arms);
    let mut confined = events.chain(rules).chain(discontinued);
    confined.all(Vec::is_empty)
        && a.regimens == b.regimens
        && values(trial, a) == values(trial, b)
        && inputs(a).zip(inputs(b)).is_some_and(|(a, b)| a == b)
}

/// The typical values that an arm changes, as bits.
fn values(trial: &Trial, arm: &Arm) -> BTreeMap<(usize, usize), u64> {
    let usual = |model: usize, parameter: usize| {
        let of = &trial.models[model];
        let said = of.parameters.iter().rev().find(|(at, _)| *at == parameter);
        said.map(|(_, value)| *value).or(of.model.parameters[parameter].typical_value)
    };
    let said = arm.parameters.iter().map(|&(model, at, value)| ((model, at), value));
    let said: BTreeMap<(usize, usize), f64> = said.collect();
    let bits = |value: f64| (value + 0.0).to_bits();
    let changed = said.into_iter().filter(|&((model, at), value)| {
        usual(model, at).is_none_or(|usual| bits(usual) != bits(value))
    });
    changed.map(|(place, value)| (place, bits(value))).collect()
}

/// What feeds the inputs of an arm, as written; none where that is a file.
fn inputs(arm: &Arm) -> Option<BTreeMap<(usize, usize), &str>> {
    let mut written = BTreeMap::new();
    for (model, input, signal) in &arm.inputs {
        let Signal::Expression(expression) = signal else { return None };
        written.insert((*model, *input), expression.text.as_str());
    }
    Some(written)
}
