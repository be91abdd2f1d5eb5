//! What changes after a look.

use crate::asked::Asked;
use crate::course::Rules;
use proband_analysis::Blinded;
use proband_stats::binary::Proportion;
use proband_stats::design::{BlindedVariance, Goal, blinded_rate_size, blinded_variance};
use proband_trial::{Adaptation, AdaptationAction, Trial};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Stop,
    Resize(u64),
    Close(usize),
    Open(usize, f64),
    Weigh(usize, f64),
    Only(usize),
}

/// The rules a trial begins with: arms that an adaptation adds are closed.
pub(crate) fn at_first(trial: &Trial) -> Rules {
    let added: Vec<usize> = trial
        .adaptive
        .adaptations
        .iter()
        .flat_map(|adaptation| match &adaptation.action {
            AdaptationAction::Add(arms) => arms.clone(),
            _ => Vec::new(),
        })
        .collect();
    let ratio = |(arm, declared): (usize, &proband_trial::Arm)| {
        if added.contains(&arm) { 0.0 } else { f64::from(declared.ratio) }
    };
    Rules {
        participants: trial.design.participants,
        ratio: trial.arms.iter().enumerate().map(ratio).collect(),
        only: Vec::new(),
    }
}

/// What an adaptation (at its position) changes.
pub(crate) fn decided(
    adaptation: &Adaptation,
    position: usize,
    asked: &Asked<'_>,
) -> Vec<Change> {
    let when = adaptation.when.as_ref();
    let arms: Vec<usize> = if adaptation.each_arm {
        asked.open_arms().filter(|&arm| asked.holds(when, Some(arm))).collect()
    } else if asked.holds(when, None) {
        Vec::new()
    } else {
        return Vec::new();
    };
    match &adaptation.action {
        AdaptationAction::Stop => vec![Change::Stop],
        AdaptationAction::Resize { power, participants, assume } => {
            let size = match assume {
                None => asked.unblinded_size(*power, *participants),
                Some(effect) => asked.blinded_size(*power, *effect, *participants),
            };
            size.map(Change::Resize).into_iter().collect()
        }
        AdaptationAction::Drop { keep: Some(keep) } => {
            asked.all_but_the_best(*keep).into_iter().map(Change::Close).collect()
        }
        AdaptationAction::Drop { keep: None } | AdaptationAction::Graduate => {
            arms.into_iter().map(Change::Close).collect()
        }
        AdaptationAction::Add(added) => {
            let closed = added.iter().filter(|&&arm| asked.rules.ratio[arm] <= 0.0);
            let ratio = |arm: usize| f64::from(asked.trial.arms[arm].ratio);
            closed.map(|&arm| Change::Open(arm, ratio(arm))).collect()
        }
        AdaptationAction::Allocate { ratio, within } => {
            let weights = arms.iter().map(|&arm| asked.value(&ratio.expr, Some(arm)));
            let weights: Option<Vec<f64>> = weights.collect();
            asked.shared(&arms, weights.unwrap_or_default(), *within)
        }
        AdaptationAction::Enrich(_) if asked.rules.only.contains(&position) => Vec::new(),
        AdaptationAction::Enrich(_) => vec![Change::Only(position)],
    }
}

impl Change {
    /// The arm it is about.
    pub(crate) fn arm(&self) -> Option<usize> {
        match self {
            Self::Close(arm) | Self::Open(arm, _) | Self::Weigh(arm, _) => Some(*arm),
            Self::Stop | Self::Resize(_) | Self::Only(_) => None,
        }
    }

    /// The number it sets.
    pub(crate) fn value(&self) -> Option<f64> {
        match self {
            Self::Resize(participants) => Some(*participants as f64),
            Self::Open(_, ratio) | Self::Weigh(_, ratio) => Some(*ratio),
            Self::Stop | Self::Close(_) | Self::Only(_) => None,
        }
    }

    pub(crate) fn apply(self, rules: &mut Rules) {
        match self {
            Self::Stop => {}
            Self::Resize(participants) => rules.participants = participants,
            Self::Close(arm) => rules.ratio[arm] = 0.0,
            Self::Open(arm, ratio) | Self::Weigh(arm, ratio) => rules.ratio[arm] = ratio,
            Self::Only(adaptation) => rules.only.push(adaptation),
        }
    }
}

impl Asked<'_> {
    /// Arms that are open, but for the control.
    fn open_arms(&self) -> impl Iterator<Item = usize> {
        let arms = self.trial.arms.iter().enumerate();
        arms.filter(|(arm, declared)| !declared.control && self.rules.ratio[*arm] > 0.0)
            .map(|(arm, _)| arm)
    }

    /// The analysis that decides on sizes and ranks: the first sequential design, or the first analysis
    /// that compares.
    fn leading(&self) -> Option<usize> {
        let sequential = self.trial.adaptive.sequential.first().map(|design| design.analysis);
        let compares = |analysis: &proband_trial::Analysis| !analysis.comparisons.is_empty();
        sequential.or_else(|| self.trial.analyses.iter().position(compares))
    }

    /// Arms beside those with the largest Z. An arm without a Z comes last.
    fn all_but_the_best(&self, keep: u64) -> Vec<usize> {
        let Some(analysis) = self.leading() else { return Vec::new() };
        let z = |arm: usize| {
            let standing = self.standing(analysis, Some(arm));
            standing.and_then(|standing| standing.z).unwrap_or(f64::NEG_INFINITY)
        };
        let mut arms: Vec<usize> = self.open_arms().collect();
        arms.sort_by(|&a, &b| z(b).total_cmp(&z(a)).then(a.cmp(&b)));
        arms.split_off(arms.len().min(usize::try_from(keep).unwrap_or(usize::MAX)))
    }

    /// The size at which the final test has this power at the effect seen (C. Mehta & S. Pocock,
    /// Statistics in Medicine 30, 2011), from the best of its comparisons.
    fn unblinded_size(&self, power: f64, (least, most): (u64, u64)) -> Option<u64> {
        let analysis = self.leading()?;
        let declared = &self.trial.analyses[analysis];
        let boundaries = &self.boundaries[analysis];
        let sizes = (0..declared.comparisons.len()).filter_map(|comparison| {
            let path = self.comparisons.path(analysis, comparison)?;
            let planned = self.rules.participants as f64;
            let Some(needed) = boundaries.still_needed(path, power) else { return Some(most) };
            let whole = crate::boundary::planned(
                self.trial,
                declared,
                &declared.comparisons[comparison],
                planned,
            );
            let seen = path.information.last()? / whole;
            Some(self.whole_blocks(planned * (seen + needed)))
        });
        Some(sizes.min()?.clamp(least, most).max(self.calendar.enrolled(self.day)))
    }

    /// The size that the variance (or rate) over both arms asks for, with the effect assumed.
    fn blinded_size(&self, power: f64, effect: f64, (least, most): (u64, u64)) -> Option<u64> {
        let analysis = self.leading()?;
        let declared = &self.trial.analyses[analysis];
        let goal = Goal { alpha: declared.alpha / f64::from(declared.sided), power };
        let per_arm = match &self.comparisons.standing(analysis, 0)?.blinded {
            Blinded::Numbers(values) => {
                let variance = blinded_variance(values, effect).ok()?.adjusted;
                BlindedVariance::size(variance, effect, goal).ok()?
            }
            Blinded::Conditions(met, of) => {
                let pooled = Proportion::new(*met, *of).ok()?;
                // Findings of proportions are in percent.
                blinded_rate_size(pooled, 0.01 * effect, goal).ok()?.active
            }
            Blinded::Nothing => return None,
        };
        let size = self.whole_blocks(per_arm.ceil() * self.trial.arms.len() as f64);
        Some(size.clamp(least, most).max(self.calendar.enrolled(self.day)))
    }

    /// At least so many participants, in a multiple of what the ratio needs.
    fn whole_blocks(&self, participants: f64) -> u64 {
        let block: u32 = self.trial.arms.iter().map(|arm| arm.ratio).sum();
        (participants.ceil() as u64).next_multiple_of(u64::from(block.max(1)))
    }

    /// Shares what the arms asked about have between them by their weights, each share within limits.
    fn shared(&self, arms: &[usize], weights: Vec<f64>, within: (f64, f64)) -> Vec<Change> {
        let usable = weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0);
        let sum: f64 = weights.iter().sum();
        if !usable || sum <= 0.0 || arms.len() < 2 {
            return Vec::new();
        }
        let total: f64 = arms.iter().map(|&arm| self.rules.ratio[arm]).sum();
        let shares = limited(&weights, within);
        arms.iter().zip(shares).map(|(&arm, share)| Change::Weigh(arm, total * share)).collect()
    }
}

/// Shares in proportion to weights, each within limits: those at a limit stay there, and the rest is
/// scaled. Limits that no shares meet are widened to equal shares.
fn limited(weights: &[f64], (least, most): (f64, f64)) -> Vec<f64> {
    let equal = 1.0 / weights.len() as f64;
    let (least, most) = (least.min(equal), most.max(equal));
    let sum: f64 = weights.iter().sum();
    let shares = |scale: f64| -> Vec<f64> {
        weights.iter().map(|weight| (scale * weight / sum).clamp(least, most)).collect()
    };
    let (mut low, mut high) = (0.0, 1.0);
    while shares(high).iter().sum::<f64>() < 1.0 && high < 1e12 {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if shares(middle).iter().sum::<f64>() < 1.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let found = shares(high);
    let total: f64 = found.iter().sum();
    found.into_iter().map(|share| share / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_stay_within_their_limits() {
        let free = limited(&[1.0, 3.0], (0.0, 1.0));
        assert!((free[0] - 0.25).abs() < 1e-12 && (free[1] - 0.75).abs() < 1e-12, "{free:?}");
        let held = limited(&[1.0, 1.0, 98.0], (0.2, 1.0));
        assert!((held[0] - 0.2).abs() < 1e-9 && (held[2] - 0.6).abs() < 1e-9, "{held:?}");
    }
}
