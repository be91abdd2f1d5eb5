//! Comparisons of survival by the log-rank test.

use super::{Goal, Sizes, effect_and_ratio};
use crate::checks::{none_negative, positive, probability};
use crate::error::{Result, StatsError};
use crate::special::{exp, expm1, ln, normal_lower, normal_quantile_upper, root};

/// How the number of events is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventFormula {
    /// (z_a + z_b)^2 / (p (1-p) ln(hr)^2) with the share p in the active arm (D. Schoenfeld, Biometrika
    /// 68, 1981).
    Schoenfeld,
    /// (z_a + z_b)^2 (1 + r hr)^2 / (r (1 - hr)^2) (L. Freedman, Statistics in Medicine 1, 1982).
    Freedman,
}

/// The events in both arms that a log-rank test needs, `ratio` active for each control.
pub fn events_needed(
    hazard_ratio: f64,
    ratio: f64,
    formula: EventFormula,
    goal: Goal,
) -> Result<f64> {
    let log = ln(positive(hazard_ratio)?);
    effect_and_ratio(log, ratio)?;
    let (za, zb) = goal.deviates()?;
    let z = match formula {
        EventFormula::Schoenfeld => (za + zb) * (1.0 + ratio) / (ratio.sqrt() * log),
        EventFormula::Freedman => {
            (za + zb) * (1.0 + ratio * hazard_ratio) / (ratio.sqrt() * (1.0 - hazard_ratio))
        }
    };
    Ok(z * z)
}

/// The power of a log-rank test with `events` events by Schoenfeld's formula, one-sided `alpha`.
pub fn log_rank_power(events: f64, hazard_ratio: f64, ratio: f64, alpha: f64) -> Result<f64> {
    let log = ln(positive(hazard_ratio)?).abs();
    positive(ratio)?;
    probability(2.0 * alpha)?;
    let scale = (positive(events)? * ratio).sqrt() / (1.0 + ratio);
    Ok(normal_lower(scale * log - normal_quantile_upper(alpha)?))
}

/// A trial with exponential times to event and to dropout, and uniform accrual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExponentialTrial {
    /// The hazard of an event in the control arm.
    pub control_hazard: f64,
    /// Active over control hazard.
    pub hazard_ratio: f64,
    /// The hazard of dropping out, in both arms.
    pub dropout_hazard: f64,
    /// Active for each control participant.
    pub ratio: f64,
    /// How long participants are enrolled.
    pub accrual: f64,
    /// How long the last one is followed.
    pub follow_up: f64,
}

/// The size of a trial with a time to event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalSize {
    /// Events in both arms.
    pub events: f64,
    /// Participants that give them.
    pub sizes: Sizes,
}

impl ExponentialTrial {
    fn check(&self) -> Result<()> {
        for value in
            [self.control_hazard, self.hazard_ratio, self.ratio, self.accrual + self.follow_up]
        {
            positive(value)?;
        }
        none_negative(&[self.dropout_hazard, self.accrual, self.follow_up])
    }

    /// The hazards of the active and of the control arm.
    fn hazards(&self) -> [f64; 2] {
        [self.control_hazard * self.hazard_ratio, self.control_hazard]
    }

    /// The probability that a participant under `hazard` has been seen with an event by the time
    /// `time` after the first enrolment, not enrolled yet included: the integral over entry of
    /// h/(h+d) (1 - exp(-(h+d)(time - entry))).
    fn seen(&self, hazard: f64, time: f64) -> f64 {
        let rate = hazard + self.dropout_hazard;
        let longest = time.max(0.0);
        if self.accrual <= 0.0 {
            return hazard / rate * -expm1(-rate * longest);
        }
        let shortest = (longest - self.accrual).max(0.0);
        let enrolled = longest - shortest;
        let alive = exp(-rate * shortest) * -expm1(-rate * enrolled) / rate;
        hazard / rate * (enrolled - alive) / self.accrual
    }

    /// The probability of an event by the end of the trial: active, control.
    pub fn event_probabilities(&self) -> Result<[f64; 2]> {
        self.check()?;
        Ok(self.hazards().map(|h| self.seen(h, self.accrual + self.follow_up)))
    }

    /// The expected share of participants of both arms with an event by `time` after the first
    /// enrolment.
    pub fn event_probability_by(&self, time: f64) -> Result<f64> {
        self.check()?;
        let [active, control] = self.hazards().map(|h| self.seen(h, time));
        Ok((self.ratio * active + control) / (1.0 + self.ratio))
    }

    /// The share of participants enrolled by `time`.
    pub fn enrolled_by(&self, time: f64) -> f64 {
        if self.accrual <= 0.0 { 1.0 } else { (time / self.accrual).clamp(0.0, 1.0) }
    }

    /// When `events` events are expected among `participants`; fails where they never are.
    pub fn time_of(&self, events: f64, participants: f64) -> Result<f64> {
        let target = positive(events)? / positive(participants)?;
        let slowest = self.hazards().into_iter().fold(f64::INFINITY, f64::min);
        let far = self.accrual + 60.0 / positive(slowest)?;
        root(0.0, far, |time| Ok(self.event_probability_by(time)? - target))
    }

    /// Events by `formula`, and the participants that give them by the end.
    pub fn size(&self, formula: EventFormula, goal: Goal) -> Result<SurvivalSize> {
        let events = events_needed(self.hazard_ratio, self.ratio, formula, goal)?;
        let share = self.event_probability_by(self.accrual + self.follow_up)?;
        let total = events / positive(share)?;
        Ok(SurvivalSize { events, sizes: Sizes::of(total / (1.0 + self.ratio), self.ratio) })
    }
}

/// The participants needed by J. Lachin & M. Foulkes, Biometrics 42 (1986), eq. 2.2: the difference of
/// hazards against its variance, phi(h) = h^2 / P(event), under the mean hazard and under both.
pub fn lachin_foulkes_size(trial: &ExponentialTrial, goal: Goal) -> Result<Sizes> {
    trial.check()?;
    let (za, zb) = goal.deviates()?;
    let [active, control] = trial.hazards();
    let share = trial.ratio / (1.0 + trial.ratio);
    let gap = (active - control).abs();
    if gap <= 0.0 {
        return Err(StatsError::NoSolution);
    }
    let end = trial.accrual + trial.follow_up;
    let phi = |hazard: f64| hazard * hazard / trial.seen(hazard, end);
    let mean = share * active + (1.0 - share) * control;
    let null = phi(mean) * (1.0 / share + 1.0 / (1.0 - share));
    let alternative = phi(active) / share + phi(control) / (1.0 - share);
    let z = (za * null.sqrt() + zb * alternative.sqrt()) / gap;
    Ok(Sizes::of(z * z * (1.0 - share), trial.ratio))
}
