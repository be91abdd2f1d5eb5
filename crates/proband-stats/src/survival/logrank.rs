//! The log-rank test and its weighted kin, in strata or without.

use super::{FollowUp, runs};
use crate::checks::same_length;
use crate::error::{Result, StatsError};
use crate::estimate::ChiSquareTest;
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
    let mut order: Vec<usize> = (0..follow_up.n()).collect();
    let time = follow_up.time;
    order.sort_by(|&a, &b| strata[a].cmp(&strata[b]).then(time[a].total_cmp(&time[b])));
    let mut sums = Sums::default();
    for stratum in runs(&order, |row| strata[row]) {
        sums.add_stratum(follow_up, active, stratum, weights);
    }
    sums.test()
}

fn check(follow_up: &FollowUp<'_>, active: &[bool], strata: &[usize]) -> Result<()> {
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

impl Sums {
    fn add_stratum(
        &mut self,
        follow_up: &FollowUp<'_>,
        active: &[bool],
        order: &[usize],
        weights: LogRankWeights,
    ) {
        let mut at_risk = order.len();
        let mut active_at_risk = order.iter().filter(|&&row| active[row]).count();
        // The pooled curve just before the time, left-continuous.
        let mut survival = 1.0;
        for tied in runs(order, |row| follow_up.time_key(row)) {
            let events = tied.iter().filter(|&&row| follow_up.event[row]).count();
            if events > 0 {
                let active_events =
                    tied.iter().filter(|&&row| follow_up.event[row] && active[row]).count();
                let weight = weights.at(survival, at_risk as f64);
                self.add_time(
                    [at_risk as f64, active_at_risk as f64],
                    [events as f64, active_events as f64],
                    weight,
                );
                survival *= (at_risk - events) as f64 / at_risk as f64;
            }
            at_risk -= tied.len();
            active_at_risk -= tied.iter().filter(|&&row| active[row]).count();
        }
    }

    fn add_time(&mut self, [n, n1]: [f64; 2], [d, d1]: [f64; 2], weight: f64) {
        let expected = d * n1 / n;
        self.observed[1] += d1;
        self.observed[0] += d - d1;
        self.expected[1] += expected;
        self.expected[0] += d - expected;
        self.score += weight * (d1 - expected);
        if n > 1.0 {
            let share = n1 / n;
            self.variance += weight * weight * d * share * (1.0 - share) * (n - d) / (n - 1.0);
        }
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
    fn at(self, survival: f64, at_risk: f64) -> f64 {
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
