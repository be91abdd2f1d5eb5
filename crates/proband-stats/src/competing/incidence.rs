//! The cumulative incidence of one cause.

use super::{Kind, Outcomes, tie_factor};
use crate::checks::none_negative;
use crate::error::{Result, StatsError};
use crate::estimate::{Estimate, Interval, Level};
use crate::special::exp;

/// The curve at one distinct time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IncidenceStep {
    /// The time.
    pub time: f64,
    /// Units under observation just before.
    pub at_risk: usize,
    /// Events of the cause at this time.
    pub events: usize,
    /// Events of other causes at this time.
    pub competing: usize,
    /// The probability of an event of the cause up to this time.
    pub incidence: f64,
    /// The probability of no event of any cause.
    pub event_free: f64,
    /// Aalen's variance of the incidence.
    pub variance: f64,
}

/// A fitted cumulative incidence.
#[derive(Debug, Clone, PartialEq)]
pub struct CumulativeIncidence {
    steps: Vec<IncidenceStep>,
    /// For the infinitesimal jackknife: each unit's last step and how its follow-up ended.
    units: Vec<(usize, Kind)>,
}

/// The estimate F(t) = sum of S(s-) d_1 / n of O. Aalen & S. Johansen (Scandinavian Journal of Statistics 5,
/// 1978), in O(n log n), with Aalen's variance as in R's cmprsk:
///
/// the sum over s of S(s-)^2 / n^2 times q^2 k_2 d_2 + (1 - q)^2 k_1 d_1, where q = (F(t) - F(s)) / S(s) and k = 1 -
/// (d - 1)/(n - 1) allows for ties. [`CumulativeIncidence::jackknife_se`] is what R's `survfit` prints; they differ
/// by about one in a hundred.
pub fn cumulative_incidence(outcomes: &Outcomes<'_>, cause: u8) -> Result<CumulativeIncidence> {
    if cause == 0 {
        return Err(StatsError::OutOfRange { value: 0.0 });
    }
    let order = outcomes.ascending();
    let mut units = vec![(0, Kind::Censored); order.len()];
    let mut steps: Vec<IncidenceStep> = Vec::new();
    let mut sums = VarianceSums::default();
    let (mut at_risk, mut free, mut incidence) = (order.len(), 1.0, 0.0);
    for tied in order.chunk_by(|&a, &b| outcomes.tied(a, b)) {
        let count = |kind| tied.iter().filter(|&&row| outcomes.of(row, cause) == kind).count();
        let (events, competing) = (count(Kind::Event), count(Kind::Competing));
        for &row in tied {
            units[row] = (steps.len(), outcomes.of(row, cause));
        }
        let n = at_risk as f64;
        let before = free;
        incidence += before * events as f64 / n;
        free = if events + competing == at_risk {
            0.0
        } else {
            before * ((n - (events + competing) as f64) / n)
        };
        sums.add((before, free), incidence, n, [events as f64, competing as f64]);
        steps.push(IncidenceStep {
            time: outcomes.time[tied[0]],
            at_risk,
            events,
            competing,
            incidence,
            event_free: free,
            variance: sums.variance(incidence),
        });
        at_risk -= tied.len();
    }
    Ok(CumulativeIncidence { steps, units })
}

/// Sums of w, w b and w b^2, where each event adds w (a - b F(t))^2 to the variance at t.
#[derive(Debug, Default)]
struct VarianceSums([f64; 3]);

impl VarianceSums {
    fn add(
        &mut self,
        (before, free): (f64, f64),
        here: f64,
        n: f64,
        [events, competing]: [f64; 2],
    ) {
        let inverse = if free > 0.0 { 1.0 / free } else { 0.0 };
        let weight = |d: f64| before * before * tie_factor(d, n) * d / (n * n);
        if competing > 0.0 && free > 0.0 {
            self.push(weight(competing), here * inverse, inverse);
        }
        if events > 0.0 {
            self.push(weight(events), 1.0 + here * inverse, inverse);
        }
    }

    fn push(&mut self, weight: f64, a: f64, b: f64) {
        self.0[0] += weight * a * a;
        self.0[1] += weight * a * b;
        self.0[2] += weight * b * b;
    }

    fn variance(&self, at: f64) -> f64 {
        (self.0[0] - 2.0 * at * self.0[1] + at * at * self.0[2]).max(0.0)
    }
}

impl CumulativeIncidence {
    /// The steps in order of time.
    pub fn steps(&self) -> &[IncidenceStep] {
        &self.steps
    }

    /// The step in force at `time`, none before the first. Fails for a negative time, and after the last
    /// observation unless all had an event by then.
    pub fn at(&self, time: f64) -> Result<Option<&IncidenceStep>> {
        none_negative(&[time])?;
        let last = &self.steps[self.steps.len() - 1];
        if time > last.time && last.event_free > 0.0 {
            return Err(StatsError::BeyondFollowUp { time, last: last.time });
        }
        Ok(self.reached(time).checked_sub(1).map(|k| &self.steps[k]))
    }

    fn reached(&self, time: f64) -> usize {
        self.steps.partition_point(|s| s.time <= time)
    }

    /// The standard error by the infinitesimal jackknife: the root of the sum over units of the squared
    /// derivative of the incidence by the unit's weight, as R's `survfit` reports it (T. Therneau & P. Grambsch,
    /// *Modeling Survival Data*, 2000). In O(n) for each time.
    pub fn jackknife_se(&self, time: f64) -> Result<f64> {
        let Some(at) = self.at(time)? else { return Ok(0.0) };
        let total = at.incidence;
        let sums = Influence::of(&self.steps[..self.reached(time)]);
        let squares = self.units.iter().map(|&(last, kind)| {
            let derivative = sums.of_unit(&self.steps, last, kind, total);
            derivative * derivative
        });
        Ok(crate::checks::sum(squares).sqrt())
    }

    /// The incidence at `time` with its interval symmetric for its logarithm, as R's `survfit` has it; no interval
    /// while the incidence is zero.
    pub fn estimate(&self, time: f64, level: Level) -> Result<(f64, f64, Option<Interval>)> {
        let value = self.at(time)?.map_or(0.0, |s| s.incidence);
        let se = self.jackknife_se(time)?;
        if value <= 0.0 {
            return Ok((0.0, se, None));
        }
        let factor = exp(level.z()? * se / value);
        let interval = Interval { lower: value / factor, upper: (value * factor).min(1.0) };
        Ok((value, se, Some(interval)))
    }

    /// The incidence at `time` with Aalen's variance and its interval on the log scale, cut at 1.
    pub fn aalen_estimate(&self, time: f64, level: Level) -> Result<Estimate> {
        let step = self.at(time)?;
        let (value, se) = step.map_or((0.0, 0.0), |s| (s.incidence, s.variance.sqrt()));
        let factor = if value > 0.0 { exp(level.z()? * se / value) } else { 1.0 };
        Ok(Estimate { value, se, lower: value / factor, upper: (value * factor).min(1.0) })
    }
}

/// Cumulative sums over steps, from which each unit's derivative follows.
struct Influence {
    /// d / (n (n - d)): what a unit at risk takes off the log of the curve of event-free units.
    log: Vec<f64>,
    /// The log taken off just before, times the increments of incidence.
    through: Vec<f64>,
    /// S(s-) d_1 / n^2.
    direct: Vec<f64>,
}

impl Influence {
    fn of(steps: &[IncidenceStep]) -> Self {
        let (mut log, mut through, mut direct) = (Vec::new(), Vec::new(), Vec::new());
        let (mut l, mut t, mut d, mut before) = (0.0, 0.0, 0.0, 0.0);
        for step in steps {
            let n = step.at_risk as f64;
            let all = (step.events + step.competing) as f64;
            let gained = step.incidence - before;
            before = step.incidence;
            t += l * gained;
            d += gained / n;
            if all < n {
                l += all / (n * (n - all));
            }
            log.push(l);
            through.push(t);
            direct.push(d);
        }
        Self { log, through, direct }
    }

    /// The derivative of the incidence at the last step by the weight of a unit last seen at step `last`.
    fn of_unit(&self, steps: &[IncidenceStep], last: usize, kind: Kind, total: f64) -> f64 {
        let end = self.log.len() - 1;
        if last > end {
            return self.through[end] - self.direct[end];
        }
        let step = &steps[last];
        let (n, all) = (step.at_risk as f64, (step.events + step.competing) as f64);
        // All later incidence passes through the curve that this unit's event lowered.
        let event = if kind == Kind::Censored || all >= n { 0.0 } else { 1.0 / (n - all) };
        let later = (total - step.incidence) * (self.log[last] - event);
        let before = last.checked_sub(1).map_or(1.0, |k| steps[k].event_free);
        let own = if kind == Kind::Event { before / n } else { 0.0 };
        self.through[last] - self.direct[last] + later + own
    }
}
