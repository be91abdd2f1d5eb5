//! Kaplan and Meier's estimate of survival, Nelson and Aalen's of cumulative hazard.

use super::quantile::{QuantileTime, crossing};
use super::{FollowUp, runs};
use crate::error::{Result, StatsError};
use crate::estimate::{Interval, Level};
use crate::special::{exp, ln};

/// The scale on which an interval of a survival probability is symmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurveInterval {
    /// S -+ z se, cut to 0..=1.
    Plain,
    /// Symmetric for ln S: the default of R's `survfit`.
    Log,
    /// Symmetric for ln(-ln S): the default of SAS PROC LIFETEST.
    LogLog,
}

/// The curve at one distinct time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The time.
    pub time: f64,
    /// Units under observation just before.
    pub at_risk: usize,
    /// Events at this time.
    pub events: usize,
    /// Units censored at this time.
    pub censored: usize,
    /// The probability of surviving past this time.
    pub survival: f64,
    /// Greenwood's sum of d / (n (n - d)) up to here; infinite once survival is 0.
    pub greenwood: f64,
    /// Nelson and Aalen's cumulative hazard, the sum of d / n.
    pub cumulative_hazard: f64,
    /// The sum of d / n^2, which estimates the variance of the cumulative hazard.
    pub hazard_variance: f64,
}

/// Survival at a time asked about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalAt {
    /// The time asked about.
    pub time: f64,
    /// Units under observation just before it.
    pub at_risk: usize,
    /// Events up to and including it.
    pub events: usize,
    /// The probability of surviving past it.
    pub survival: f64,
    /// Greenwood's standard error; none once survival is 0, where it is 0 times infinity.
    pub se: Option<f64>,
    /// The confidence interval; none once survival is 0, and 1 to 1 before any event.
    pub interval: Option<Interval>,
    /// Nelson and Aalen's cumulative hazard.
    pub cumulative_hazard: f64,
}

/// A fitted curve: one step for each distinct time, censored times included.
#[derive(Debug, Clone, PartialEq)]
pub struct KaplanMeier {
    steps: Vec<Step>,
    n: usize,
    events: usize,
}

/// The product-limit estimate (E. L. Kaplan & P. Meier, JASA 53, 1958) with M. Greenwood's variance,
/// and the cumulative hazard (O. Aalen, Annals of Statistics 6, 1978), in O(n log n).
pub fn kaplan_meier(follow_up: &FollowUp<'_>) -> KaplanMeier {
    let order = follow_up.ascending();
    let mut at_risk = order.len();
    let mut last = Step::START;
    let mut steps = Vec::new();
    for tied in runs(&order, |row| follow_up.time_key(row)) {
        let events = tied.iter().filter(|&&row| follow_up.event[row]).count();
        last = last.then(follow_up.time[tied[0]], at_risk, events, tied.len() - events);
        steps.push(last);
        at_risk -= tied.len();
    }
    KaplanMeier { steps, n: follow_up.n(), events: follow_up.events() }
}

impl Step {
    /// Before anything happened.
    const START: Self = Self {
        time: 0.0,
        at_risk: 0,
        events: 0,
        censored: 0,
        survival: 1.0,
        greenwood: 0.0,
        cumulative_hazard: 0.0,
        hazard_variance: 0.0,
    };

    fn then(self, time: f64, at_risk: usize, events: usize, censored: usize) -> Self {
        let (n, d) = (at_risk as f64, events as f64);
        Self {
            time,
            at_risk,
            events,
            censored,
            survival: if events == at_risk { 0.0 } else { self.survival * ((n - d) / n) },
            greenwood: self.greenwood + if events == 0 { 0.0 } else { d / (n * (n - d)) },
            cumulative_hazard: self.cumulative_hazard + d / n,
            hazard_variance: self.hazard_variance + d / (n * n),
        }
    }

    fn se(&self) -> Option<f64> {
        (self.survival > 0.0).then(|| self.survival * self.greenwood.sqrt())
    }

    /// Limits of survival for the normal quantile `z`; none once survival is 0. Before the first
    /// event Greenwood's variance is zero and both limits are 1.
    pub(super) fn interval(&self, scale: CurveInterval, z: f64) -> Option<Interval> {
        let s = self.survival;
        if s <= 0.0 {
            return None;
        }
        if self.greenwood <= 0.0 {
            return Some(Interval { lower: s, upper: s });
        }
        // The standard error of ln S.
        let se = self.greenwood.sqrt();
        let (lower, upper) = match scale {
            CurveInterval::Plain => (s - z * se * s, s + z * se * s),
            CurveInterval::Log => (s * exp(-z * se), s * exp(z * se)),
            CurveInterval::LogLog => {
                let log = ln(s);
                let factor = exp(z * se / log.abs());
                (exp(log * factor), exp(log / factor))
            }
        };
        Some(Interval { lower: lower.max(0.0), upper: upper.min(1.0) })
    }
}

impl KaplanMeier {
    /// The steps in order of time.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The number of units.
    pub fn n(&self) -> usize {
        self.n
    }

    /// The number of events.
    pub fn events(&self) -> usize {
        self.events
    }

    pub(super) fn last_time(&self) -> f64 {
        self.steps.last().map_or(0.0, |s| s.time)
    }

    pub(super) fn reaches_zero(&self) -> bool {
        self.steps.last().is_some_and(|s| s.survival <= 0.0)
    }

    /// Survival past `time`.
    ///
    /// Fails for a negative time, and after the last observation unless survival has reached 0.
    pub fn at(&self, time: f64, scale: CurveInterval, level: Level) -> Result<SurvivalAt> {
        if time.is_nan() || time < 0.0 {
            return Err(StatsError::OutOfRange { value: time });
        }
        let last = self.last_time();
        if time > last && !self.reaches_zero() {
            return Err(StatsError::BeyondFollowUp { time, last });
        }
        let reached = self.steps.partition_point(|s| s.time <= time);
        let before = self.steps.partition_point(|s| s.time < time);
        let at_risk = self.steps.get(before).map_or(0, |s| s.at_risk);
        let events = self.steps[..reached].iter().map(|s| s.events).sum();
        let step = reached.checked_sub(1).map_or(Step::START, |k| self.steps[k]);
        Ok(SurvivalAt {
            time,
            at_risk,
            events,
            survival: step.survival,
            se: step.se(),
            interval: step.interval(scale, level.z()?),
            cumulative_hazard: step.cumulative_hazard,
        })
    }

    /// The time by which a share `p` has had the event, with limits where those of the curve cross
    /// 1 - p (R. Brookmeyer & J. Crowley, Biometrics 38, 1982, with the scale chosen).
    ///
    /// A curve level at exactly 1 - p gives the middle of that stretch. Fails for `p` outside 0..1.
    pub fn quantile(&self, p: f64, scale: CurveInterval, level: Level) -> Result<QuantileTime> {
        if !(p > 0.0 && p < 1.0) {
            return Err(StatsError::OutOfRange { value: p });
        }
        let z = level.z()?;
        let limits: Vec<Option<Interval>> =
            self.steps.iter().map(|s| s.interval(scale, z)).collect();
        let limit =
            |pick: fn(&Interval) -> f64| limits.iter().map(move |l| l.as_ref().map(pick));
        let times = || self.steps.iter().map(|s| s.time);
        Ok(QuantileTime {
            value: crossing(times(), self.steps.iter().map(|s| Some(s.survival)), p),
            lower: crossing(times(), limit(|l| l.lower), p),
            upper: crossing(times(), limit(|l| l.upper), p),
        })
    }

    /// The median time.
    pub fn median(&self, scale: CurveInterval, level: Level) -> Result<QuantileTime> {
        self.quantile(0.5, scale, level)
    }
}
