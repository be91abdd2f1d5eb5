//! A rule in repeated trials.

use super::{DoseCounts, probabilities};
use crate::checks::at_least;
use crate::error::{Result, StatsError};
use proband_math::stream::{Address, Purpose, Seed};

const TOXICITY: Purpose = Purpose::new("dose_finding/toxicity");

/// What a rule says after a cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The dose of the next cohort.
    Dose(usize),
    /// The trial ends without a dose.
    Stop,
}

/// A rule for the dose of the next cohort and for the dose chosen at the end.
pub trait Escalation {
    /// After a cohort at `dose`.
    fn next(&self, counts: &DoseCounts, dose: usize) -> Result<Next>;
    /// At the end; none where no dose is tolerated.
    fn select(&self, counts: &DoseCounts) -> Result<Option<usize>>;
}

/// How the trials are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conduct {
    /// The first dose.
    pub start: usize,
    /// Cohorts at most.
    pub cohorts: usize,
    /// Participants in each.
    pub size: u64,
}

/// A mean over simulated trials and its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MonteCarlo {
    /// The mean.
    pub mean: f64,
    /// Its standard error.
    pub se: f64,
}

/// What a rule does on average.
#[derive(Debug, Clone, PartialEq)]
pub struct DoseCharacteristics {
    /// The share of trials that chose each dose.
    pub selected: Vec<MonteCarlo>,
    /// The share of trials that chose none.
    pub none: MonteCarlo,
    /// Participants at each dose.
    pub treated: Vec<MonteCarlo>,
    /// Toxicities at each dose.
    pub toxic: Vec<MonteCarlo>,
}

/// Runs `trials` trials at doses with these toxicities. The outcome of a participant is drawn at an address (seed, trial,
/// participant): a participant who would have a toxicity at a dose has it at any higher one, in every rule compared.
pub fn simulate_doses(
    rule: &impl Escalation,
    toxicity: &[f64],
    conduct: Conduct,
    trials: u32,
    seed: Seed,
) -> Result<DoseCharacteristics> {
    probabilities(toxicity)?;
    at_least(1, trials as usize)?;
    crate::checks::index_below(toxicity.len(), conduct.start)?;
    let doses = toxicity.len();
    let mut sums = Sums::default();
    for trial in 0..trials {
        let (counts, stopped) = one_trial(rule, toxicity, conduct, trial, seed)?;
        let chosen = if stopped { None } else { rule.select(&counts)? };
        let mut row: Vec<f64> =
            (0..doses).map(|dose| f64::from(u8::from(chosen == Some(dose)))).collect();
        row.push(f64::from(u8::from(chosen.is_none())));
        row.extend(counts.treated.iter().chain(&counts.toxic).map(|&n| n as f64));
        sums.add(&row);
    }
    let all = sums.means(f64::from(trials));
    Ok(DoseCharacteristics {
        selected: all[..doses].to_vec(),
        none: all[doses],
        treated: all[doses + 1..2 * doses + 1].to_vec(),
        toxic: all[2 * doses + 1..].to_vec(),
    })
}

fn one_trial(
    rule: &impl Escalation,
    toxicity: &[f64],
    conduct: Conduct,
    trial: u32,
    seed: Seed,
) -> Result<(DoseCounts, bool)> {
    let mut counts = DoseCounts::none(toxicity.len());
    let (mut dose, mut participant) = (conduct.start, 0);
    for _ in 0..conduct.cohorts {
        for _ in 0..conduct.size {
            let address =
                Address { twin: participant, replicate: trial, ..Address::new(seed, TOXICITY) };
            counts.treated[dose] += 1;
            counts.toxic[dose] += u64::from(address.uniform() < toxicity[dose]);
            participant += 1;
        }
        match rule.next(&counts, dose)? {
            Next::Stop => return Ok((counts, true)),
            Next::Dose(next) if next < toxicity.len() => dose = next,
            Next::Dose(index) => {
                return Err(StatsError::NoSuchIndex { index, count: toxicity.len() });
            }
        }
    }
    Ok((counts, false))
}

/// Sums and sums of squares of the columns of a row.
#[derive(Default)]
struct Sums(Vec<[f64; 2]>);

impl Sums {
    fn add(&mut self, row: &[f64]) {
        self.0.resize(row.len(), [0.0; 2]);
        for (sum, value) in self.0.iter_mut().zip(row) {
            sum[0] += value;
            sum[1] += value * value;
        }
    }

    fn means(&self, n: f64) -> Vec<MonteCarlo> {
        self.0
            .iter()
            .map(|[sum, squares]| {
                let mean = sum / n;
                MonteCarlo { mean, se: ((squares / n - mean * mean).max(0.0) / n).sqrt() }
            })
            .collect()
    }
}
