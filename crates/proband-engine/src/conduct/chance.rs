//! The laws of chance that a model may name: a draw about a value, from the rows that say how.

use super::record::Outputs;
use proband_kernel::system::DrawRows;
use proband_math::distribution::Distribution;
use proband_math::stream::Address;
use proband_math::{exp, expit};

/// The model has left its domain: what was found where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OutOfDomain(pub(crate) String);

/// Draws about a value; what a draw that has no centre is about does not matter.
pub(super) fn drawn(
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
