//! Do hazard ratios stay the same over time?

use super::cox::{CoxFit, CoxModel};
use crate::checks::all_positive;
use crate::error::{Result, StatsError};
use crate::estimate::ChiSquareTest;
use crate::linear::matrix::Square;
use crate::order::tie_key;
use crate::special::ln;

/// The scale of time on which a coefficient is suspected to be a straight line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeScale {
    /// 1 - S(t-) by Kaplan and Meier, strata ignored: the default of R's `cox.zph`.
    KaplanMeier,
    /// Time itself.
    Identity,
    /// ln t.
    Log,
}

/// The tests of proportionality.
#[derive(Debug, Clone, PartialEq)]
pub struct Proportionality {
    /// For each coefficient.
    pub each: Vec<ChiSquareTest>,
    /// For all together.
    pub global: ChiSquareTest,
}

/// A pivot of the information that keeps less than this share of its diagonal.
const COLLINEAR: f64 = 1e-11;

impl CoxModel<'_> {
    /// The score test of the coefficients of x g(t), added to those of the fit (P. Grambsch & T. Therneau,
    /// Biometrika 81, 1994, in the exact form of `cox.zph` of R's survival 3: the information at each event time is
    /// its own, not an average).
    ///
    /// Fails for ln t where an event happened at time 0, and where g is the same at all events.
    pub fn proportionality(&self, fit: &CoxFit, scale: TimeScale) -> Result<Proportionality> {
        let p = self.sets.columns();
        let g = self.scaled_times(scale)?;
        let mut score = vec![0.0; p];
        // Information blocks: the sums over event times of V, g V and g^2 V.
        let mut blocks = [Square::zeros(p), Square::zeros(p), Square::zeros(p)];
        self.sets.visit(&fit.maximum.at, |deaths| {
            let at = g.at(deaths.time);
            for (i, total) in score.iter_mut().enumerate() {
                *total += at * deaths.score(i);
                for j in 0..=i {
                    let v = deaths.information(i, j);
                    for (block, factor) in blocks.iter_mut().zip([1.0, at, at * at]) {
                        block.add(i, j, factor * v);
                        if i != j {
                            block.add(j, i, factor * v);
                        }
                    }
                }
            }
        });
        let each: Vec<usize> = (0..p).collect();
        let test = |tested: &[usize]| joint_test(&blocks, &score, tested);
        Ok(Proportionality {
            each: each.iter().map(|&i| test(&[i])).collect::<Result<_>>()?,
            global: test(&each)?,
        })
    }

    fn scaled_times(&self, scale: TimeScale) -> Result<Scaled> {
        let watched = &self.watched;
        let values = match scale {
            TimeScale::Identity => watched.stop.to_vec(),
            TimeScale::KaplanMeier => {
                watched.survival_before().into_iter().map(|s| 1.0 - s).collect()
            }
            TimeScale::Log => {
                all_positive(watched.stop)?;
                watched.stop.iter().map(|t| ln(*t)).collect()
            }
        };
        Ok(Scaled::at_events(watched.stop, watched.event, &values))
    }
}

/// g at the times of events, less its mean there, which changes no test and keeps digits.
struct Scaled(Vec<(f64, f64)>);

impl Scaled {
    fn at_events(times: &[f64], event: &[bool], values: &[f64]) -> Self {
        let mut all: Vec<(f64, f64)> = (0..times.len())
            .filter(|&row| event[row])
            .map(|row| (times[row] + 0.0, values[row]))
            .collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mean = all.iter().map(|(_, g)| g).sum::<f64>() / all.len() as f64;
        all.dedup_by_key(|(time, _)| tie_key(*time));
        Self(all.into_iter().map(|(t, g)| (t, g - mean)).collect())
    }

    fn at(&self, time: f64) -> f64 {
        self.0[self.0.partition_point(|(t, _)| *t < time)].1
    }
}

/// U' I^-1 U for the coefficients of g(t) x of `tested`, all coefficients of x being free.
fn joint_test(blocks: &[Square; 3], score: &[f64], tested: &[usize]) -> Result<ChiSquareTest> {
    let p = score.len();
    let size = p + tested.len();
    let information = Square::from_fn(size, |i, j| match (i < p, j < p) {
        (true, true) => blocks[0].at(i, j),
        (true, false) => blocks[1].at(i, tested[j - p]),
        (false, true) => blocks[1].at(tested[i - p], j),
        (false, false) => blocks[2].at(tested[i - p], tested[j - p]),
    });
    let mut u = vec![0.0; p];
    u.extend(tested.iter().map(|&i| score[i]));
    let factor = information.cholesky(COLLINEAR).map_err(|_| StatsError::ZeroVariance)?;
    ChiSquareTest::new(factor.inverse_quadratic(&u), tested.len() as f64)
}
