//! The log-rank test and its weighted kin, in strata or without.

use super::{FollowUp, runs};
use crate::checks::same_length;
use crate::error::{Result, StatsError};
use crate::estimate::ChiSquareTest;
use crate::order::ascending_within;
use crate::special::{normal_two_sided, normal_upper, pow};

/// The weight that an event gets in the test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LogRankWeights {
    /// 1: the log-rank test.
    Equal,
    /// S(t-)^rho (1 - S(t-))^gamma with the pooled curve of the stratum: Fleming and Harrington's.
    FlemingHarrington {
        /// Power of survival: weight on early events.
        rho: f64,
        /// Power of its complement: weight on late events.
        gamma: f64,
    },
    /// The number at risk: Gehan's and Breslow's.
    Gehan,
    /// The square root of the number at risk: Tarone and Ware's.
    TaroneWare,
}

/// Observed against expected events of an active and a control group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogRank {
    /// Events observed in the active group (unweighted).
    pub observed_active: f64,
    /// Events expected there if both groups had the same hazard (unweighted).
    pub expected_active: f64,
    /// Events observed in the control group.
    pub observed_control: f64,
    /// Events expected in the control group.
    pub expected_control: f64,
    /// Weighted observed minus expected events of the active group.
    pub score: f64,
    /// The hypergeometric variance of the score.
    pub variance: f64,
    /// score / sqrt(variance): negative where the active group has fewer events than expected.
    pub z: f64,
    /// The two-sided p-value.
    pub p: f64,
}

impl LogRank {
    /// The test as a chi-square on one degree of freedom.
    pub fn chi_square(&self) -> ChiSquareTest {
        ChiSquareTest { statistic: self.z * self.z, df: 1.0, p: self.p }
    }

    /// The one-sided p-value against the alternative of fewer events in the active group.
    pub fn p_less(&self) -> f64 {
        normal_upper(-self.z)
    }

    /// The one-sided p-value against the alternative of more events in the active group.
    pub fn p_greater(&self) -> f64 {
        normal_upper(self.z)
    }
}

/// Compares the hazards of active (`true`) and control units (N. Mantel, Cancer Chemotherapy
/// Reports 50, 1966), in O(n log n).
///
/// Fails for an empty group (`EmptyArm`, 1 active, 0 control), without events, and where no event
/// happened while both groups were at risk.
pub fn logrank(
    follow_up: &FollowUp<'_>,
    active: &[bool],
    weights: LogRankWeights,
) -> Result<LogRank> {
    stratified_logrank(follow_up, active, &vec![0; follow_up.n()], weights)
}

/// [`logrank`] with scores and variances added over strata, each unit compared within its own.
pub fn stratified_logrank(
    follow_up: &FollowUp<'_>,
    active: &[bool],
    strata: &[usize],
    weights: LogRankWeights,
) -> Result<LogRank> {
    check(follow_up, active, strata)?;
    let mut sums = Sums::default();
    for_each_event_time(follow_up, active, strata, |at| sums.add_time(at, weights.at(at)));
    sums.test()
}

pub(super) fn check(follow_up: &FollowUp<'_>, active: &[bool], strata: &[usize]) -> Result<()> {
    same_length(follow_up.n(), active.len())?;
    same_length(follow_up.n(), strata.len())?;
    for arm in [0, 1] {
        if !active.contains(&(arm == 1)) {
            return Err(StatsError::EmptyArm { arm });
        }
    }
    if follow_up.events() == 0 { Err(StatsError::NoEvents) } else { Ok(()) }
}

#[derive(Default)]
struct Sums {
    observed: [f64; 2],
    expected: [f64; 2],
    score: f64,
    variance: f64,
}

/// A time at which something happened, in one stratum.
#[derive(Debug, Clone, Copy)]
pub(super) struct EventTime {
    pub(super) at_risk: f64,
    pub(super) active_at_risk: f64,
    events: f64,
    active_events: f64,
    /// The pooled curve of the stratum just before.
    survival: f64,
}

impl EventTime {
    /// Events of the active group less those expected.
    pub(super) fn excess(&self) -> f64 {
        self.active_events - self.expected()
    }

    fn expected(&self) -> f64 {
        self.events * self.active_at_risk / self.at_risk
    }

    /// The hypergeometric variance of the excess.
    pub(super) fn variance(&self) -> f64 {
        if self.at_risk <= 1.0 {
            return 0.0;
        }
        let share = self.active_at_risk / self.at_risk;
        let rest = (self.at_risk - self.events) / (self.at_risk - 1.0);
        self.events * share * (1.0 - share) * rest
    }
}

/// Calls `each` for the event times of each stratum in turn, rising within it.
pub(super) fn for_each_event_time(
    follow_up: &FollowUp<'_>,
    active: &[bool],
    strata: &[usize],
    mut each: impl FnMut(&EventTime),
) {
    for stratum in runs(&ascending_within(strata, follow_up.time), |row| strata[row]) {
        let mut at_risk = stratum.len();
        let mut active_at_risk = stratum.iter().filter(|&&row| active[row]).count();
        let mut survival = 1.0;
        for tied in runs(stratum, |row| follow_up.time_key(row)) {
            let events = tied.iter().filter(|&&row| follow_up.event[row]).count();
            if events > 0 {
                let active_events =
                    tied.iter().filter(|&&row| follow_up.event[row] && active[row]).count();
                each(&EventTime {
                    at_risk: at_risk as f64,
                    active_at_risk: active_at_risk as f64,
                    events: events as f64,
                    active_events: active_events as f64,
                    survival,
                });
                survival *= (at_risk - events) as f64 / at_risk as f64;
            }
            at_risk -= tied.len();
            active_at_risk -= tied.iter().filter(|&&row| active[row]).count();
        }
    }
}

impl Sums {
    fn add_time(&mut self, at: &EventTime, weight: f64) {
        let expected = at.expected();
        self.observed[1] += at.active_events;
        self.observed[0] += at.events - at.active_events;
        self.expected[1] += expected;
        self.expected[0] += at.events - expected;
        self.score += weight * at.excess();
        self.variance += weight * weight * at.variance();
    }

    fn test(&self) -> Result<LogRank> {
        // Written so that a NaN, from weights that overflow, is refused too.
        if !(self.variance > 0.0 && self.variance.is_finite()) {
            return Err(StatsError::ZeroVariance);
        }
        let z = self.score / self.variance.sqrt();
        Ok(LogRank {
            observed_active: self.observed[1],
            expected_active: self.expected[1],
            observed_control: self.observed[0],
            expected_control: self.expected[0],
            score: self.score,
            variance: self.variance,
            z,
            p: normal_two_sided(z),
        })
    }
}

impl LogRankWeights {
    pub(super) fn at(self, time: &EventTime) -> f64 {
        let (survival, at_risk) = (time.survival, time.at_risk);
        match self {
            Self::Equal => 1.0,
            Self::FlemingHarrington { rho, gamma } => {
                pow(survival, rho) * pow(1.0 - survival, gamma)
            }
            Self::Gehan => at_risk,
            Self::TaroneWare => at_risk.sqrt(),
        }
    }
}
