//! From a true value to what a visit records: error, levels, limits of quantification.

use super::person::Beyond;
use proband_kernel::system::{DrawRows, ObservablePlan};
use proband_math::distribution::Distribution;
use proband_math::stream::Address;
use proband_math::{exp, expit};

/// What a visit recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reading {
    /// In the unit of the observable's quantity; a level by position; beyond a limit that limit.
    pub(crate) value: f64,
    /// The limit that was passed.
    pub(crate) beyond: Option<Beyond>,
}

/// One lane of what an observe program wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outputs<'a> {
    pub(crate) values: &'a [f64],
    pub(crate) lanes: usize,
    pub(crate) lane: usize,
}

impl Outputs<'_> {
    pub(crate) fn get(&self, row: usize) -> f64 {
        self.values[row * self.lanes + self.lane]
    }
}

/// The column of a lane among rows of so many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// Columns of a row.
    pub(crate) of: usize,
    /// Which one.
    pub(crate) at: usize,
}

impl Column {
    /// This column of what a program wrote.
    pub(crate) fn of(self, values: &[f64]) -> Outputs<'_> {
        Outputs { values, lanes: self.of, lane: self.at }
    }
}

/// The model has left its domain: what was found where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OutOfDomain(pub(crate) String);

/// Draws the record of an observable.
pub(crate) fn read(
    plan: &ObservablePlan,
    outputs: Outputs<'_>,
    address: Address,
) -> Result<Reading, OutOfDomain> {
    let truth = outputs.get(plan.truth);
    // What is drawn among levels need not have a true value.
    let has_truth = !matches!(plan.draw, Some(DrawRows::Ordinal(_) | DrawRows::Categorical(_)));
    if has_truth && !truth.is_finite() {
        return Err(OutOfDomain(format!("a true value of {truth}")));
    }
    let value = match &plan.draw {
        None => truth,
        Some(draw) => drawn(draw, truth, outputs, address)?,
    };
    if !value.is_finite() {
        return Err(OutOfDomain(format!("a record of {value}")));
    }
    let passed = |row: Option<usize>, beyond: fn(f64, f64) -> bool| {
        row.map(|row| outputs.get(row)).filter(|&limit| beyond(value, limit))
    };
    let below = passed(plan.lower_limit, |value, limit| value < limit);
    let above = passed(plan.upper_limit, |value, limit| value > limit);
    let beyond =
        below.map(|limit| (Beyond::Lower, limit)).or(above.map(|limit| (Beyond::Upper, limit)));
    let value = beyond.map_or(value, |(_, limit)| limit);
    Ok(Reading { value, beyond: beyond.map(|(which, _)| which) })
}

fn drawn(
    draw: &DrawRows,
    truth: f64,
    outputs: Outputs<'_>,
    address: Address,
) -> Result<f64, OutOfDomain> {
    let or_zero = |row: &Option<usize>| row.map_or(0.0, |row| outputs.get(row));
    match draw {
        DrawRows::Normal { cv, sd } => {
            let proportional = or_zero(cv) * truth;
            let additive = or_zero(sd);
            let variance = proportional * proportional + additive * additive;
            Ok(truth + variance.sqrt() * address.normal())
        }
        DrawRows::LogNormal(sd) => Ok(truth * exp(outputs.get(*sd) * address.normal())),
        DrawRows::Bernoulli => {
            let chance = probability(truth)?;
            Ok(f64::from(u8::from(address.uniform() < chance)))
        }
        DrawRows::Poisson if truth == 0.0 => Ok(0.0),
        DrawRows::Poisson => quantile(Distribution::poisson(truth), address),
        DrawRows::NegativeBinomial(_) if truth == 0.0 => Ok(0.0),
        DrawRows::NegativeBinomial(dispersion) => {
            let law = Distribution::negative_binomial(truth, outputs.get(*dispersion));
            quantile(law, address)
        }
        DrawRows::Binomial(trials) => binomial(outputs.get(*trials), truth, address),
        DrawRows::Ordinal(logits) => ordinal(logits, outputs, address),
        DrawRows::Categorical(shares) => categorical(shares, outputs, address),
    }
}

fn binomial(trials: f64, chance: f64, address: Address) -> Result<f64, OutOfDomain> {
    if !(trials >= 0.0 && trials.fract() == 0.0 && trials <= f64::from(u32::MAX)) {
        return Err(OutOfDomain(format!("{trials} trials of a binomial")));
    }
    quantile(Distribution::binomial(trials as u32, chance), address)
}

/// Level k or above has probability expit of the k-th logit.
fn ordinal(
    logits: &[usize],
    outputs: Outputs<'_>,
    address: Address,
) -> Result<f64, OutOfDomain> {
    let u = address.uniform();
    let chances = logits.iter().map(|&row| probability(expit(outputs.get(row))));
    let chances: Vec<f64> = chances.collect::<Result<_, _>>()?;
    Ok(chances.iter().take_while(|&&chance| u < chance).count() as f64)
}

fn categorical(
    shares: &[usize],
    outputs: Outputs<'_>,
    address: Address,
) -> Result<f64, OutOfDomain> {
    // The levels after the first have these probabilities; the first has what is left. Drawn from
    // above, so that the first level takes the rest without being computed.
    let mut left = 1.0 - address.uniform();
    let mut total = 0.0;
    let mut level = 0.0;
    for (position, &row) in shares.iter().enumerate() {
        let share = probability(outputs.get(row))?;
        total += share;
        if level == 0.0 && left < share {
            level = (position + 1) as f64;
        }
        left -= share;
    }
    probability(total)?;
    Ok(level)
}

fn probability(value: f64) -> Result<f64, OutOfDomain> {
    share(value).ok_or_else(|| OutOfDomain(format!("a probability of {value}")))
}

/// A share; nothing for what lies outside 0 to 1.
pub(crate) fn share(value: f64) -> Option<f64> {
    (0.0..=1.0).contains(&value).then_some(value)
}

fn quantile<E: std::fmt::Display>(
    law: Result<Distribution, E>,
    address: Address,
) -> Result<f64, OutOfDomain> {
    let law = law.map_err(|error| OutOfDomain(error.to_string()))?;
    Ok(law.quantile(address.uniform()))
}
