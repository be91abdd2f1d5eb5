//! Bounds of a group sequential design, look by look, for the information that there really is.
//!
//! What is spent up to a look follows from its share of the planned information; the final look spends
//! what is left. How looks hang together follows from the information seen at each. Information is
//! counted in events of a time, and in participants of anything else (those of two arms as
//! 4 / (1/n + 1/m), which is their number where the arms are equal).

use proband_analysis::Standing;
use proband_math::normal_cdf;
use proband_stats::sequential::{
    Efficacy, Futility as Bound, GroupSequentialDesign, GroupSequentialPlan, NormalPrior,
    Sides, Spending as Function, fisher_boundaries, fisher_combination, inverse_normal,
};
use proband_trial::{
    Analysis, Combination, Comparison, EndpointValue, Look, Spending, Trial, TrialQuantity,
};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The bounds of one analysis, the same for every comparison of it.
#[derive(Debug)]
pub struct Boundaries {
    /// The efficacy function; none spends nothing before the final look.
    efficacy: Option<Spending>,
    futility: Option<proband_trial::Futility>,
    pub(crate) combine: Option<Combination>,
    alpha: f64,
    pub(crate) sides: Sides,
    /// By look of the trial: its share of the information planned, where its condition says.
    planned: Vec<Option<f64>>,
    /// Whether a sequential design speaks of it.
    pub(crate) is_sequential: bool,
    /// How many looks analyse it.
    looks: usize,
    /// Designs that were solved, by the bits of what they follow from.
    solved: Mutex<BTreeMap<Vec<u64>, Option<GroupSequentialDesign>>>,
}

/// What a look says of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has shown what it was to show.
    Efficacy,
    /// It is given up.
    Futility,
    /// It goes on, or ended without showing anything.
    Open,
}

/// The bounds of a look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct AtLook {
    /// Z at or above this is efficacy.
    pub(crate) efficacy: f64,
    /// Z at or below this is futility.
    pub(crate) futility: f64,
}

/// The looks at a comparison so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    /// Information seen at each look.
    pub(crate) information: Vec<f64>,
    /// Share of the planned information that counts as spent.
    shares: Vec<f64>,
    /// Z of all data at each look.
    cumulative: Vec<f64>,
    /// Z at each look as it is tested.
    pub(crate) z: Vec<f64>,
    /// Futility bounds of the looks before.
    lower: Vec<f64>,
}

impl Boundaries {
    /// Those of an analysis (position), of which one sequential design may speak.
    #[must_use]
    pub fn new(trial: &Trial, analysis: usize) -> Self {
        let adaptive = &trial.adaptive;
        let design = adaptive.sequential.iter().find(|design| design.analysis == analysis);
        let declared = &trial.analyses[analysis];
        let planned = shares(trial, declared);
        Self {
            efficacy: design.and_then(|design| design.efficacy.clone()),
            futility: design.and_then(|design| design.futility.clone()),
            combine: design.and_then(|design| design.combine),
            alpha: declared.alpha,
            sides: if declared.sided == 1 { Sides::One } else { Sides::Two },
            planned,
            is_sequential: design.is_some(),
            looks: adaptive
                .looks
                .iter()
                .filter(|look| look.analyses.contains(&analysis))
                .count(),
            solved: Mutex::default(),
        }
    }

    /// Takes a look down: the test on all data, and its share of `planned` information. Looks at the same
    /// data are one.
    pub(crate) fn take(&self, path: &mut Path, look: usize, seen: f64, planned: f64, z: f64) {
        while path.information.last().is_some_and(|&before| before >= seen) {
            path.information.pop();
            path.shares.pop();
            path.cumulative.pop();
            path.z.pop();
            path.lower.pop();
        }
        // Weights of a combination are those planned, whatever came of them.
        let told = self.planned[look].filter(|_| self.combine.is_some());
        path.shares.push(told.unwrap_or(seen / planned).min(1.0));
        path.information.push(seen);
        path.cumulative.push(z);
        path.z.push(z);
    }

    /// The bounds of the look taken last; a combination test also gets its Z. None where no bounds can be
    /// found.
    pub(crate) fn at(&self, path: &mut Path, is_final: bool) -> Option<AtLook> {
        if is_final {
            *path.shares.last_mut()? = 1.0;
        }
        let bounds = match self.combine {
            Some(Combination::Fisher) => self.fisher(path),
            Some(Combination::InverseNormal) => {
                let z = self.inverse_normal(path)?;
                *path.z.last_mut()? = z;
                self.spent(path, &path.shares.clone(), is_final)
            }
            None => self.spent(path, &path.information.clone(), is_final),
        }?;
        path.lower.push(bounds.futility);
        Some(bounds)
    }

    /// Bounds by spending, for looks that hang together as `information` says.
    fn spent(&self, path: &Path, information: &[f64], is_final: bool) -> Option<AtLook> {
        let last = *information.last()?;
        let spent: Vec<f64> = (0..information.len())
            .map(|look| self.spent_by(&path.shares, look, is_final))
            .collect::<Option<_>>()?;
        let now = *spent.last()?;
        let efficacy = if now > 0.0 {
            let binding = self.futility.as_ref().is_some_and(|futility| futility.binding);
            let design = self.solve(&GroupSequentialPlan {
                fractions: information.iter().map(|seen| seen / last).collect(),
                alpha: now,
                sides: self.sides,
                efficacy: Efficacy::UserSpending(spent),
                futility: if binding {
                    Bound::Bounds(finite(&path.lower))
                } else {
                    Bound::None
                },
                binding,
            })?;
            *design.upper.last()?
        } else {
            f64::INFINITY
        };
        let futility = if is_final {
            f64::NEG_INFINITY
        } else {
            self.lower(path).unwrap_or(f64::NEG_INFINITY)
        };
        Some(AtLook { efficacy, futility: futility.min(efficacy) })
    }

    /// The level spent up to a look (of those taken).
    fn spent_by(&self, shares: &[f64], look: usize, is_final: bool) -> Option<f64> {
        if is_final && look + 1 == shares.len() {
            return Some(self.alpha);
        }
        match &self.efficacy {
            None => Some(0.0),
            Some(Spending::User(levels)) => levels.get(look).copied(),
            // Half of a two-sided level is spent on either side.
            Some(spending) => {
                let sides = self.sides.count();
                let spent = function(spending).spent(self.alpha / sides, shares[look]).ok()?;
                Some(sides * spent)
            }
        }
    }

    /// The futility bound of the look taken last.
    fn lower(&self, path: &Path) -> Option<f64> {
        let futility = self.futility.as_ref()?;
        let at = path.shares.len() - 1;
        let Some(power) = futility.power else {
            let Spending::User(bounds) = &futility.spending else { return None };
            return bounds.get(at).copied();
        };
        let design = self.whole(path, |efficacy, fractions| GroupSequentialPlan {
            fractions,
            alpha: self.alpha,
            sides: self.sides,
            efficacy,
            futility: Bound::Spending {
                function: function(&futility.spending),
                beta: 1.0 - power,
            },
            binding: futility.binding,
        })?;
        design.lower.get(at).copied()
    }

    /// The design with the looks so far and those still planned.
    fn whole(
        &self,
        path: &Path,
        plan: impl FnOnce(Efficacy, Vec<f64>) -> GroupSequentialPlan,
    ) -> Option<GroupSequentialDesign> {
        let mut fractions = path.shares.clone();
        let now = *fractions.last()?;
        if now >= 1.0 {
            return None;
        }
        fractions
            .extend(self.planned.iter().flatten().filter(|&&share| share > now && share < 1.0));
        fractions.push(1.0);
        let spent: Vec<f64> = (0..fractions.len())
            .map(|look| self.spent_by(&fractions, look, true))
            .collect::<Option<_>>()?;
        self.solve(&plan(Efficacy::UserSpending(spent), fractions))
    }

    /// The chance that the comparison will have rejected at the end, if from now on the mean of Z grows by
    /// `trend` times the square root of the planned information; none takes the effect seen so far. None after
    /// the last planned information.
    pub(crate) fn conditional_power(&self, path: &Path, trend: Option<f64>) -> Option<f64> {
        let (z, share) = (*path.z.last()?, *path.shares.last()?);
        let design = self.without_futility(path)?;
        let trend = trend.unwrap_or(z / share.sqrt());
        design.conditional_power(path.z.len() - 1, z, trend).ok()
    }

    /// The same, averaged over what the data say of the trend.
    pub(crate) fn predictive_power(&self, path: &Path) -> Option<f64> {
        let design = self.without_futility(path)?;
        design.predictive_power(path.z.len() - 1, *path.z.last()?, NormalPrior::FLAT).ok()
    }

    fn without_futility(&self, path: &Path) -> Option<GroupSequentialDesign> {
        self.whole(path, |efficacy, fractions| GroupSequentialPlan {
            fractions,
            alpha: self.alpha,
            sides: self.sides,
            efficacy,
            futility: Bound::None,
            binding: false,
        })
    }

    /// The information still needed for a conditional power at the effect seen (one side), as a share of
    /// what is planned; none where the effect is on the wrong side.
    pub(crate) fn still_needed(&self, path: &Path, power: f64) -> Option<f64> {
        let (z, share) = (*path.z.last()?, *path.shares.last()?);
        let trend = *path.cumulative.last()? / share.sqrt();
        let critical = *self.without_futility(path)?.upper.last()?;
        let left = (1.0 - share).sqrt();
        let at_power = inverse_normal(&[1.0 - power], &[1.0]).ok()?.z;
        let needed = (critical - z * share.sqrt()) / left + at_power;
        let root = needed.max(0.0) / trend;
        (trend > 0.0).then_some(root * root)
    }

    /// Z of the stages by themselves: what each added to the score of all data.
    fn stages(path: &Path) -> Vec<f64> {
        let score = |look: usize| path.cumulative[look] * path.information[look].sqrt();
        let stage = |look: usize| match look.checked_sub(1) {
            None => path.cumulative[0],
            Some(before) => {
                let added = path.information[look] - path.information[before];
                (score(look) - score(before)) / added.sqrt()
            }
        };
        (0..path.cumulative.len()).map(stage).collect()
    }

    /// The stages combined with the weights planned (W. Lehmacher & G. Wassmer, Biometrics 55, 1999).
    fn inverse_normal(&self, path: &Path) -> Option<f64> {
        let mut before = 0.0;
        let mut sum = 0.0;
        for (z, &share) in Self::stages(path).into_iter().zip(&path.shares) {
            sum += (share - before).max(0.0).sqrt() * z;
            before = share;
        }
        Some(sum / path.shares.last()?.sqrt())
    }

    /// Fisher's combination as the deviate of its p-value, beside that of its nominal level.
    fn fisher(&self, path: &mut Path) -> Option<AtLook> {
        let deviate = |p: f64| inverse_normal(&[p], &[1.0]).ok().map(|test| test.z);
        let p: Vec<f64> = Self::stages(path).into_iter().map(|z| normal_cdf(-z)).collect();
        let combined = fisher_combination(&p).ok()?.p;
        // One stage with the whole product and none in the others has the p-value of the bound.
        let mut at_bound = vec![1.0; p.len()];
        at_bound[0] = *fisher_boundaries(self.alpha, self.looks).ok()?.get(p.len() - 1)?;
        let level = fisher_combination(&at_bound).ok()?.p;
        *path.z.last_mut()? = deviate(combined.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON))?;
        Some(AtLook { efficacy: deviate(level)?, futility: f64::NEG_INFINITY })
    }

    /// Solves a design once for all repetitions that have it: it is a pure function of the plan.
    fn solve(&self, plan: &GroupSequentialPlan) -> Option<GroupSequentialDesign> {
        let solved = || self.solved.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(plan);
        if let Some(known) = solved().get(&key) {
            return known.clone();
        }
        let design = plan.solve().ok();
        solved().insert(key, design.clone());
        design
    }
}

impl AtLook {
    /// What a Z says at these bounds.
    pub(crate) fn verdict(self, z: f64, sides: Sides) -> Verdict {
        let size = if sides == Sides::Two { z.abs() } else { z };
        if size >= self.efficacy {
            Verdict::Efficacy
        } else if z <= self.futility {
            Verdict::Futility
        } else {
            Verdict::Open
        }
    }
}

/// Information that a comparison has seen.
pub(crate) fn seen(trial: &Trial, analysis: &Analysis, standing: &Standing) -> f64 {
    if is_time(trial, analysis) { standing.events } else { harmonic(standing.n) }
}

/// Information that is planned for a comparison, with this planned enrolment.
pub(crate) fn planned(
    trial: &Trial,
    analysis: &Analysis,
    comparison: &Comparison,
    participants: f64,
) -> f64 {
    let total = at_the_end(trial, analysis, participants);
    let all: f64 = trial.arms.iter().map(|arm| f64::from(arm.ratio)).sum();
    let share = |arm: usize| f64::from(trial.arms[arm].ratio) / all;
    let (test, reference) = (share(comparison.test), share(comparison.reference));
    if is_time(trial, analysis) {
        total * (test + reference)
    } else {
        harmonic([total * test, total * reference])
    }
}

/// Participants of two arms, as if the arms were equal.
fn harmonic([n, m]: [f64; 2]) -> f64 {
    4.0 / (1.0 / n + 1.0 / m)
}

fn is_time(trial: &Trial, analysis: &Analysis) -> bool {
    matches!(trial.endpoints[analysis.endpoint].value, EndpointValue::Time(_))
}

/// What the final look waits for: events of a time, participants of anything else.
fn at_the_end(trial: &Trial, analysis: &Analysis, participants: f64) -> f64 {
    let last = trial.adaptive.looks.iter().find(|look| look.is_final);
    let told = last.and_then(|look| counted(trial, analysis, look, participants));
    told.unwrap_or(participants)
}

/// The count of what an analysis rests on that a look waits for.
fn counted(trial: &Trial, analysis: &Analysis, look: &Look, participants: f64) -> Option<f64> {
    let is_time = is_time(trial, analysis);
    let is = |count: &TrialQuantity| match count {
        TrialQuantity::Events(endpoint) => is_time && *endpoint == analysis.endpoint,
        TrialQuantity::Enrolled
        | TrialQuantity::Randomised
        | TrialQuantity::Attended(_)
        | TrialQuantity::FollowedFor(_) => !is_time,
        _ => false,
    };
    look.planned(&is, &trial.quantities, participants)
}

/// By look, the share of the planned information at which it falls, where its condition says.
fn shares(trial: &Trial, analysis: &Analysis) -> Vec<Option<f64>> {
    let participants = trial.design.participants as f64;
    let end = at_the_end(trial, analysis, participants);
    let looks = trial.adaptive.looks.iter();
    looks.map(|look| Some(counted(trial, analysis, look, participants)? / end)).collect()
}

fn function(spending: &Spending) -> Function {
    match spending {
        Spending::Pocock => Function::Pocock,
        Spending::KimDeMets { rho } => Function::KimDeMets { rho: *rho },
        Spending::HwangShihDeCani { gamma } => Function::HwangShihDeCani { gamma: *gamma },
        // Bounds of the user are no function, and are not asked for one.
        Spending::OBrienFleming | Spending::User(_) => Function::OBrienFleming,
    }
}

/// Bounds as far as a double can tell them from none.
fn finite(bounds: &[f64]) -> Vec<f64> {
    bounds.iter().map(|bound| bound.clamp(-38.0, 38.0)).collect()
}

/// What a design follows from, to the bit.
fn key(plan: &GroupSequentialPlan) -> Vec<u64> {
    let mut key: Vec<u64> = plan.fractions.iter().map(|share| share.to_bits()).collect();
    key.push(plan.alpha.to_bits());
    if let Efficacy::UserSpending(spent) = &plan.efficacy {
        key.extend(spent.iter().map(|level| level.to_bits()));
    }
    match &plan.futility {
        Bound::None => {}
        Bound::Bounds(bounds) => key.extend(bounds.iter().map(|bound| bound.to_bits())),
        Bound::Spending { beta, .. } => key.push(beta.to_bits() ^ 1),
    }
    key
}
