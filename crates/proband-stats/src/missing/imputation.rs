//! Repeated measures completed by their model, participant by participant.

use std::collections::BTreeMap;

use proband_math::stream::{Address, below};

use super::Strategy;
use crate::checks::{at_least, same_length};
use crate::error::{Result, StatsError};
use crate::linear::matrix::Square;
use crate::mixed::{Covariance, MmrmFit, RepeatedMeasures, mmrm_from};

/// A covariance this close to singular (relative to its diagonal) cannot be conditioned on.
const SINGULAR: f64 = 1e-12;

/// Participants by visits with values missing, and the model their means follow. Columns and responses
/// are row after row: all visits of the first participant, then of the next.
#[derive(Debug, Clone, Copy)]
pub struct Incomplete<'a> {
    /// The responses; NaN is missing.
    pub response: &'a [f64],
    /// The number of visits.
    pub visits: usize,
    /// The columns of the model (without its intercept) for every visit, also those missed.
    pub columns: &'a [&'a [f64]],
    /// The same columns as if every participant were in the reference arm.
    pub under_reference: &'a [&'a [f64]],
    /// For each participant the visit from which a strategy applies; none for those whose missing values
    /// are missing at random.
    pub from: &'a [Option<usize>],
    /// The covariance of a participant's visits.
    pub structure: Covariance,
}

/// A fitted model of what is missing.
#[derive(Debug, Clone)]
pub struct ImputationFit {
    own: Vec<f64>,
    reference: Vec<f64>,
    covariance: Square,
    theta: Vec<f64>,
}

impl Incomplete<'_> {
    fn participants(&self) -> usize {
        self.from.len()
    }

    fn check(&self) -> Result<()> {
        at_least(1, self.visits)?;
        let cells = self.participants() * self.visits;
        same_length(cells, self.response.len())?;
        same_length(self.columns.len(), self.under_reference.len())?;
        for column in self.columns.iter().chain(self.under_reference) {
            same_length(cells, column.len())?;
            crate::checks::all_finite(column)?;
        }
        match self.response.iter().position(|y| y.is_infinite()) {
            Some(index) => Err(StatsError::NotFinite { index }),
            None => Ok(()),
        }
    }

    /// Fits the model to the values observed of all participants (each once).
    pub fn fit(&self) -> Result<ImputationFit> {
        let everyone: Vec<usize> = (0..self.participants()).collect();
        self.fit_to(&everyone, None)
    }

    /// Fits the model without one participant: what a jackknife needs. Starts from `whole`.
    pub fn fit_without(
        &self,
        participant: usize,
        whole: &ImputationFit,
    ) -> Result<ImputationFit> {
        crate::checks::index_below(self.participants(), participant)?;
        let others: Vec<usize> =
            (0..self.participants()).filter(|&k| k != participant).collect();
        self.fit_to(&others, Some(whole))
    }

    /// Fits the model to as many participants as there are, drawn with replacement within `strata` (arms):
    /// one draw from the parameters' approximate posterior (R. J. A. Little & D. B. Rubin, *Statistical
    /// Analysis with Missing Data*, section 10.2). `address` names the draw; its participant counts up.
    pub fn fit_bootstrapped(
        &self,
        strata: &[usize],
        address: Address,
        whole: &ImputationFit,
    ) -> Result<ImputationFit> {
        same_length(self.participants(), strata.len())?;
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (participant, &stratum) in strata.iter().enumerate() {
            members.entry(stratum).or_default().push(participant);
        }
        let mut stream = address.stream();
        let mut drawn = Vec::with_capacity(strata.len());
        for stratum in strata {
            let peers = &members[stratum];
            drawn.push(peers[below(peers.len() as u64, &mut stream) as usize]);
        }
        self.fit_to(&drawn, Some(whole))
    }

    /// Fits to participants named any number of times, each time as another participant.
    fn fit_to(&self, named: &[usize], start: Option<&ImputationFit>) -> Result<ImputationFit> {
        self.check()?;
        let observed: Vec<(usize, usize)> = named
            .iter()
            .enumerate()
            .flat_map(|(place, &k)| (0..self.visits).map(move |v| (place, k * self.visits + v)))
            .filter(|&(_, cell)| !self.response[cell].is_nan())
            .collect();
        let pick =
            |column: &[f64]| observed.iter().map(|&(_, c)| column[c]).collect::<Vec<_>>();
        let columns: Vec<Vec<f64>> = self.columns.iter().map(|c| pick(c)).collect();
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let data = RepeatedMeasures {
            response: &pick(self.response),
            columns: &slices,
            participant: &observed.iter().map(|&(place, _)| place).collect::<Vec<_>>(),
            visit: &observed.iter().map(|&(_, c)| c % self.visits).collect::<Vec<_>>(),
            visits: self.visits,
        };
        let fit = mmrm_from(&data, self.structure, start.map(|s| &s.theta[..]))?;
        ImputationFit::of(self, &fit)
    }
}

impl ImputationFit {
    fn of(data: &Incomplete<'_>, fit: &MmrmFit) -> Result<Self> {
        let b = fit.fit.coefficients();
        let means = |columns: &[&[f64]]| -> Vec<f64> {
            let one = |cell: usize| {
                b[0] + columns.iter().zip(&b[1..]).map(|(c, b)| c[cell] * b).sum::<f64>()
            };
            (0..data.response.len()).map(one).collect()
        };
        let mut covariance = Square::zeros(data.visits);
        for i in 0..data.visits {
            for j in 0..data.visits {
                covariance.set(i, j, fit.covariance(i, j)?);
            }
        }
        Ok(Self {
            own: means(data.columns),
            reference: means(data.under_reference),
            covariance,
            theta: fit.theta().to_vec(),
        })
    }

    /// The responses with everything missing replaced by its mean given what was observed.
    pub fn conditional_means(
        &self,
        data: &Incomplete<'_>,
        strategy: Strategy,
    ) -> Result<Vec<f64>> {
        self.completed(data, strategy, |_| vec![0.0; data.visits])
    }

    /// The responses with everything missing drawn from its distribution given what was observed. `address`
    /// names the draw; its twin is set to each participant's place.
    pub fn drawn(
        &self,
        data: &Incomplete<'_>,
        strategy: Strategy,
        address: Address,
    ) -> Result<Vec<f64>> {
        self.completed(data, strategy, |participant| {
            let mut stream = Address { twin: participant as u64, ..address }.stream();
            (0..data.visits).map(|_| stream.normal()).collect()
        })
    }

    fn completed(
        &self,
        data: &Incomplete<'_>,
        strategy: Strategy,
        noise: impl Fn(usize) -> Vec<f64>,
    ) -> Result<Vec<f64>> {
        data.check()?;
        same_length(self.own.len(), data.response.len())?;
        let mut all = data.response.to_vec();
        for (participant, row) in all.chunks_mut(data.visits).enumerate() {
            if row.iter().any(|y| y.is_nan()) {
                let cells = participant * data.visits..(participant + 1) * data.visits;
                let (own, reference) = (&self.own[cells.clone()], &self.reference[cells]);
                let means = match data.from[participant] {
                    Some(from) => strategy.means(own, reference, from),
                    None => own.to_vec(),
                };
                self.complete(row, &means, &noise(participant))?;
            }
        }
        Ok(all)
    }

    /// m = mean_m + S_mo S_oo^-1 (y_o - mean_o), plus noise with what is left of the covariance.
    fn complete(&self, row: &mut [f64], means: &[f64], noise: &[f64]) -> Result<()> {
        let (missing, observed): (Vec<usize>, Vec<usize>) =
            (0..row.len()).partition(|&visit| row[visit].is_nan());
        let factor = self.covariance.part(&observed).cholesky(SINGULAR)?;
        let gaps: Vec<f64> = observed.iter().map(|&v| row[v] - means[v]).collect();
        let pull = factor.solve_both(&gaps);
        let across = |visit: usize| -> Vec<f64> {
            observed.iter().map(|&v| self.covariance.at(visit, v)).collect()
        };
        let halves: Vec<Vec<f64>> = missing.iter().map(|&v| factor.solve(&across(v))).collect();
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let left = Square::from_fn(missing.len(), |i, j| {
            self.covariance.at(missing[i], missing[j]) - product(&halves[i], &halves[j])
        });
        let spread = left.cholesky(0.0)?;
        for (i, &visit) in missing.iter().enumerate() {
            let drawn: f64 = (0..=i).map(|k| spread.at(i, k) * noise[k]).sum();
            row[visit] = means[visit] + product(&across(visit), &pull) + drawn;
        }
        Ok(())
    }
}

/// Completed responses with `delta` (one for each participant) added to every value that was missing: how
/// far from missing at random the truth would have to be to tip a conclusion (J. M. Ratitch, M. O'Kelly &
/// R. Tosiello, Pharmaceutical Statistics 12, 2013).
pub fn delta_adjusted(
    data: &Incomplete<'_>,
    completed: &[f64],
    delta: &[f64],
) -> Result<Vec<f64>> {
    same_length(data.response.len(), completed.len())?;
    same_length(data.participants(), delta.len())?;
    crate::checks::all_finite(delta)?;
    let adjusted = |(cell, value): (usize, &f64)| {
        let missing = data.response[cell].is_nan();
        if missing { value + delta[cell / data.visits] } else { *value }
    };
    Ok(completed.iter().enumerate().map(adjusted).collect())
}
