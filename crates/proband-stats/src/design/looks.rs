//! Sizes of group sequential trials, and their bounds on the scale of the effect.

use super::{
    EventFormula, ExponentialTrial, Goal, ProportionFormula, events_needed, proportions_size,
    t_test_size,
};
use crate::checks::positive;
use crate::error::Result;
use crate::sequential::{GroupSequentialDesign, Sides};
use crate::special::{exp, normal_upper, root, t_quantile_upper};

/// A group sequential comparison of means. Sizes are of both arms.
#[derive(Debug, Clone, PartialEq)]
pub struct SequentialMeans {
    /// Participants at each look.
    pub at_looks: Vec<f64>,
    /// Participants expected under the alternative, and under no effect.
    pub expected: [f64; 2],
    /// The smallest difference that is significant at each look.
    pub differences: Vec<f64>,
}

/// A group sequential comparison of proportions. Sizes are of both arms.
#[derive(Debug, Clone, PartialEq)]
pub struct SequentialRates {
    /// Participants at each look.
    pub at_looks: Vec<f64>,
    /// Participants expected under the alternative, and under no effect.
    pub expected: [f64; 2],
    /// The smallest difference above the control proportion that is significant at each look.
    pub differences: Vec<f64>,
}

/// A group sequential comparison of survival.
#[derive(Debug, Clone, PartialEq)]
pub struct SequentialSurvival {
    /// Events at each look.
    pub events: Vec<f64>,
    /// When they are expected under the alternative.
    pub times: Vec<f64>,
    /// Participants enrolled by then.
    pub at_looks: Vec<f64>,
    /// Participants expected to be enrolled, and events expected, under the alternative.
    pub expected: [f64; 2],
    /// The hazard ratio nearest to 1 that is significant at each look.
    pub hazard_ratios: Vec<f64>,
}

fn fixed_goal(design: &GroupSequentialDesign, power: f64) -> Goal {
    Goal { alpha: design.plan().alpha / design.plan().sides.count(), power }
}

fn at_looks(design: &GroupSequentialDesign, most: f64) -> Vec<f64> {
    design.fractions().iter().map(|t| t * most).collect()
}

fn expected(design: &GroupSequentialDesign, drift: f64, most: f64) -> Result<[f64; 2]> {
    Ok([most * design.expected_fraction(drift)?, most * design.expected_fraction(0.0)?])
}

/// The size of a comparison of means with equal arms: that of a t test without looks times the
/// inflation of the design. `difference` and `sd` in the same unit.
pub fn sequential_means(
    design: &GroupSequentialDesign,
    difference: f64,
    sd: f64,
    power: f64,
) -> Result<SequentialMeans> {
    let goal = fixed_goal(design, power);
    let fixed = t_test_size(difference / positive(sd)?, 1.0, goal)?.total();
    let drift = design.drift_for(power)?;
    let most = fixed * design.inflation_at(drift, power)?;
    let sizes = at_looks(design, most);
    let differences = sizes
        .iter()
        .zip(&design.upper)
        .map(|(n, z)| Ok(2.0 * sd / n.sqrt() * t_quantile_upper(normal_upper(*z), n - 2.0)?))
        .collect::<Result<_>>()?;
    Ok(SequentialMeans {
        at_looks: sizes,
        expected: expected(design, drift, most)?,
        differences,
    })
}

/// The size of a comparison of proportions with equal arms, by the pooled formula times the
/// inflation of the design.
pub fn sequential_rates(
    design: &GroupSequentialDesign,
    active: f64,
    control: f64,
    power: f64,
) -> Result<SequentialRates> {
    let goal = fixed_goal(design, power);
    let fixed =
        proportions_size(active, control, 1.0, ProportionFormula::Pooled, goal)?.total();
    let drift = design.drift_for(power)?;
    let most = fixed * design.inflation_at(drift, power)?;
    let sizes = at_looks(design, most);
    let differences = sizes
        .iter()
        .zip(&design.upper)
        .map(|(n, z)| {
            // Where the pooled Z of the difference meets its bound.
            root(0.0, 1.0 - control, |d| {
                let pooled = control + 0.5 * d;
                Ok(d - z * (pooled * (1.0 - pooled) * 4.0 / n).sqrt())
            })
        })
        .collect::<Result<_>>()?;
    Ok(SequentialRates {
        at_looks: sizes,
        expected: expected(design, drift, most)?,
        differences,
    })
}

/// The size of a comparison of survival: Schoenfeld's events times the inflation of the design, and
/// the participants who give them by the end.
pub fn sequential_survival(
    design: &GroupSequentialDesign,
    trial: &ExponentialTrial,
    power: f64,
) -> Result<SequentialSurvival> {
    let goal = fixed_goal(design, power);
    let fixed = events_needed(trial.hazard_ratio, trial.ratio, EventFormula::Schoenfeld, goal)?;
    let drift = design.drift_for(power)?;
    let most = fixed * design.inflation_at(drift, power)?;
    let share = trial.event_probability_by(trial.accrual + trial.follow_up)?;
    let participants = most / positive(share)?;
    let events = at_looks(design, most);
    let times: Vec<f64> =
        events.iter().map(|d| trial.time_of(*d, participants)).collect::<Result<_>>()?;
    let sizes: Vec<f64> =
        times.iter().map(|time| participants * trial.enrolled_by(*time)).collect();
    let exits = design.exits(drift)?;
    let stops: Vec<f64> =
        exits.reject.iter().zip(&exits.futility).map(|(r, f)| r + f).collect();
    let last = sizes.len() - 1;
    let saved: f64 = (0..last).map(|k| stops[k] * (sizes[last] - sizes[k])).sum();
    let sign =
        if trial.hazard_ratio < 1.0 || design.plan().sides == Sides::Two { -1.0 } else { 1.0 };
    let scale = (1.0 + trial.ratio) / trial.ratio.sqrt();
    let hazard_ratios = events
        .iter()
        .zip(&design.upper)
        .map(|(d, z)| exp(sign * z * scale / d.sqrt()))
        .collect();
    Ok(SequentialSurvival {
        expected: [sizes[last] - saved, most * design.expected_fraction(drift)?],
        events,
        times,
        at_looks: sizes,
        hazard_ratios,
    })
}
