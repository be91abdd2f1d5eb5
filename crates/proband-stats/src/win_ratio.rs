//! Comparisons of every active with every control participant on outcomes in order of importance.
//!
//! S. Pocock, C. Ariti, T. Collier & D. Wang, European Heart Journal 33 (2012), unmatched: each pair is decided by the
//! first outcome that decides it.

use crate::checks::{all_finite, same_length};
use crate::error::{Result, StatsError};
use crate::estimate::{Effect, Level, RatioEffect, Reference};
use crate::special::ln;

/// One outcome of all participants.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// A time to a bad event, possibly censored: a participant wins if the other had the event while this one was still
    /// followed without it.
    Time {
        /// When follow-up ended.
        time: &'a [f64],
        /// Whether by the event.
        event: &'a [bool],
    },
    /// A number of which more is better; a pair with a difference no larger than `margin` is not decided.
    Score {
        /// The numbers.
        value: &'a [f64],
        /// The largest difference that does not count.
        margin: f64,
    },
}

impl Outcome<'_> {
    fn check(&self, n: usize) -> Result<()> {
        match self {
            Self::Time { time, event } => {
                same_length(n, time.len())?;
                same_length(n, event.len())?;
                crate::checks::none_negative(time)
            }
            Self::Score { value, margin } => {
                same_length(n, value.len())?;
                crate::checks::none_negative(&[*margin])?;
                all_finite(value)
            }
        }
    }

    /// 1 if `a` wins over `b`, -1 if it loses, 0 if this outcome does not decide.
    fn compare(&self, a: usize, b: usize) -> i8 {
        match self {
            Self::Time { time, event } => {
                if event[b] && time[a] > time[b] || event[b] && !event[a] && time[a] >= time[b]
                {
                    1
                } else if event[a] && time[b] > time[a]
                    || event[a] && !event[b] && time[b] >= time[a]
                {
                    -1
                } else {
                    0
                }
            }
            Self::Score { value, margin } => {
                let gap = value[a] - value[b];
                if gap > *margin {
                    1
                } else if -gap > *margin {
                    -1
                } else {
                    0
                }
            }
        }
    }
}

/// The result of all pairs.
#[derive(Debug, Clone, PartialEq)]
pub struct WinRatio {
    /// Pairs that the active participant won, by the outcome that decided.
    pub wins: Vec<u64>,
    /// Pairs that it lost.
    pub losses: Vec<u64>,
    /// Pairs that no outcome decided.
    pub ties: u64,
    /// Wins over losses; none without wins or without losses.
    pub ratio: Option<RatioEffect>,
    /// Wins with half the ties over losses with half the ties (E. Brunner, M. Vandemeulebroecke & T. Mütze, Statistics in
    /// Medicine 40, 2021); none where one side is empty.
    pub odds: Option<RatioEffect>,
    /// The share of wins less the share of losses: the net benefit (M. Buyse, Statistics in Medicine 29, 2010).
    pub net_benefit: Effect,
}

/// Compares all pairs on `outcomes`, the most important first, in O(n_active n_control).
///
/// Variances are those of two-sample U statistics (I. Bebu & J. Lachin, Biostatistics 17, 2016; G. Dong et al.,
/// Pharmaceutical Statistics 15, 2016), with the delta method on the logarithm for ratios.
///
/// Fails for an arm below two participants (`EmptyArm` for none), and where all pairs end alike.
pub fn win_ratio(outcomes: &[Outcome<'_>], active: &[bool], level: Level) -> Result<WinRatio> {
    crate::checks::at_least(1, outcomes.len())?;
    for outcome in outcomes {
        outcome.check(active.len())?;
    }
    let arm =
        |own: bool| -> Vec<usize> { (0..active.len()).filter(|&k| active[k] == own).collect() };
    let rows = [arm(false), arm(true)];
    for (arm, rows) in rows.iter().enumerate() {
        if rows.is_empty() {
            return Err(StatsError::EmptyArm { arm });
        }
        crate::checks::at_least(2, rows.len())?;
    }
    Pairs::compare(outcomes, &rows).conclude(level)
}

/// Wins and losses by outcome and by participant.
struct Pairs {
    wins: Vec<u64>,
    losses: Vec<u64>,
    /// For each arm (control, active) and participant, the pairs won and lost by the active one.
    each: [Vec<[f64; 2]>; 2],
}

impl Pairs {
    fn compare(outcomes: &[Outcome<'_>], [control, active]: &[Vec<usize>; 2]) -> Self {
        let mut pairs = Self {
            wins: vec![0; outcomes.len()],
            losses: vec![0; outcomes.len()],
            each: [vec![[0.0; 2]; control.len()], vec![[0.0; 2]; active.len()]],
        };
        for (i, &a) in active.iter().enumerate() {
            for (j, &c) in control.iter().enumerate() {
                let decided = outcomes
                    .iter()
                    .map(|outcome| outcome.compare(a, c))
                    .enumerate()
                    .find(|(_, result)| *result != 0);
                let Some((outcome, result)) = decided else { continue };
                let counts = if result > 0 { &mut pairs.wins } else { &mut pairs.losses };
                counts[outcome] += 1;
                let side = usize::from(result < 0);
                pairs.each[0][j][side] += 1.0;
                pairs.each[1][i][side] += 1.0;
            }
        }
        pairs
    }

    fn conclude(self, level: Level) -> Result<WinRatio> {
        let [n0, n1] = [self.each[0].len() as f64, self.each[1].len() as f64];
        let all = n0 * n1;
        let total = |counts: &[u64]| counts.iter().sum::<u64>() as f64;
        let (won, lost) = (total(&self.wins) / all, total(&self.losses) / all);
        // The combination u wins + v losses.
        let variance = |u: f64, v: f64| {
            let mean = u * won + v * lost;
            let part = |arm: usize, other: f64| {
                let n = self.each[arm].len() as f64;
                let squares: f64 = self.each[arm]
                    .iter()
                    .map(|[w, l]| (u * w + v * l) / other - mean)
                    .map(|gap| gap * gap)
                    .sum();
                squares / (n * (n - 1.0))
            };
            part(0, n1) + part(1, n0)
        };
        let undecided = 1.0 - won - lost;
        let ratio = |top: f64, bottom: f64, u: f64, v: f64| -> Result<Option<RatioEffect>> {
            if top <= 0.0 || bottom <= 0.0 {
                return Ok(None);
            }
            let se = variance(u, v).sqrt();
            Ok(Some(Effect::wald(ln(top / bottom), se, Reference::Normal, level)?.ratio()))
        };
        let (high, low) = (won + 0.5 * undecided, lost + 0.5 * undecided);
        let each = 0.5 / high + 0.5 / low;
        Ok(WinRatio {
            ratio: ratio(won, lost, 1.0 / won, -1.0 / lost)?,
            odds: ratio(high, low, each, -each)?,
            net_benefit: Effect::wald(
                won - lost,
                variance(1.0, -1.0).sqrt(),
                Reference::Normal,
                level,
            )?,
            ties: (all as u64)
                - self.wins.iter().sum::<u64>()
                - self.losses.iter().sum::<u64>(),
            wins: self.wins,
            losses: self.losses,
        })
    }
}
