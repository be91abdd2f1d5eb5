//! What a group sequential design is asked for, and the boundaries that give it.

use super::{GroupSequentialDesign, Spending, walk::Walk};
use crate::checks::{all_finite, increasing, positive, probability, same_length, share};
use crate::error::{Result, StatsError};
use crate::special::{normal_quantile_upper, pow, root};

/// Whether the null hypothesis is rejected in one direction or in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// Only for large values.
    One,
    /// For values far from zero, the same bound on both sides.
    Two,
}

impl Sides {
    /// As a number.
    pub fn count(self) -> f64 {
        match self {
            Self::One => 1.0,
            Self::Two => 2.0,
        }
    }
}

/// The shape of the efficacy boundary.
#[derive(Debug, Clone, PartialEq)]
pub enum Efficacy {
    /// c t^(delta - 1/2), with c such that the level holds (S. Wang & A. Tsiatis, Biometrics 43,
    /// 1987).
    WangTsiatis {
        /// 0 is O'Brien and Fleming's boundary, 1/2 is Pocock's.
        delta: f64,
    },
    /// A constant bound before the last look, which takes what is left (J. Haybittle; R. Peto).
    HaybittlePeto {
        /// The constant, 3 by tradition.
        early: f64,
    },
    /// By a spending function.
    Spending(Spending),
    /// By a cumulative level for each look, the last being the whole level.
    UserSpending(Vec<f64>),
}

impl Efficacy {
    /// P. O'Brien & T. Fleming's boundary, Biometrics 35 (1979).
    pub const O_BRIEN_FLEMING: Self = Self::WangTsiatis { delta: 0.0 };
    /// S. Pocock's boundary, Biometrika 64 (1977).
    pub const POCOCK: Self = Self::WangTsiatis { delta: 0.5 };
}

/// Where a trial stops because it has little to hope for.
#[derive(Debug, Clone, PartialEq)]
pub enum Futility {
    /// Never.
    None,
    /// Below these values of Z, one for each look but the last.
    Bounds(Vec<f64>),
    /// By a spending function of the type II error; the last bound meets the efficacy boundary.
    Spending {
        /// The function.
        function: Spending,
        /// The type II error, 1 - power.
        beta: f64,
    },
}

/// Looks, level and shape of the boundaries of a trial with interim analyses.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupSequentialPlan {
    /// Information at each look as a share of the whole: rising, the last being 1.
    pub fractions: Vec<f64>,
    /// The type I error over both sides, if there are two.
    pub alpha: f64,
    /// One-sided or two-sided.
    pub sides: Sides,
    /// The efficacy boundary.
    pub efficacy: Efficacy,
    /// The futility boundary; for one-sided designs only.
    pub futility: Futility,
    /// Whether the level relies on the trial stopping for futility.
    pub binding: bool,
}

/// The bounds of Z, look by look.
pub(super) struct Bounds {
    pub(super) lower: Vec<f64>,
    pub(super) upper: Vec<f64>,
    /// The probability to reject, under no effect and under the drift.
    level: f64,
    power: f64,
}

/// What is still open when the bounds are walked through.
#[derive(Clone, Copy)]
struct Open {
    /// The constant of the efficacy boundary, where its shape has one.
    constant: f64,
    /// The drift for which type II error is spent.
    drift: f64,
}

impl GroupSequentialPlan {
    /// Finds the boundaries.
    ///
    /// Fails for fractions that do not rise to 1, levels outside 0..1, two-sided designs with
    /// futility, and where no boundary of the shape holds the level.
    pub fn solve(&self) -> Result<GroupSequentialDesign> {
        self.check()?;
        let bounds = match &self.futility {
            Futility::Spending { beta, .. } => {
                let fixed =
                    normal_quantile_upper(self.alpha)? + normal_quantile_upper(beta.min(0.5))?;
                let gap = |drift: f64| Ok(self.bounds_for(drift)?.power - (1.0 - beta));
                self.bounds_for(root(0.2 * fixed, 4.0 * fixed, gap)?)?
            }
            _ => self.bounds_for(0.0)?,
        };
        Ok(GroupSequentialDesign::new(self, bounds))
    }

    fn check(&self) -> Result<()> {
        increasing(&self.fractions)?;
        let last = self.fractions.last().copied().unwrap_or(0.0);
        if (last - 1.0).abs() > 1e-9 {
            return Err(StatsError::OutOfRange { value: last });
        }
        probability(self.alpha / self.sides.count())?;
        if self.alpha >= 0.5 * self.sides.count() && self.sides == Sides::Two {
            return Err(StatsError::OutOfRange { value: self.alpha });
        }
        self.check_efficacy()?;
        match &self.futility {
            Futility::None => Ok(()),
            _ if self.sides == Sides::Two => Err(StatsError::OutOfRange { value: 2.0 }),
            Futility::Bounds(bounds) => {
                same_length(self.fractions.len() - 1, bounds.len())?;
                all_finite(bounds)
            }
            Futility::Spending { beta, .. } => probability(*beta).map(|_| ()),
        }
    }

    fn check_efficacy(&self) -> Result<()> {
        match &self.efficacy {
            Efficacy::WangTsiatis { delta } => crate::checks::finite(*delta).map(|_| ()),
            Efficacy::HaybittlePeto { early } => positive(*early).map(|_| ()),
            Efficacy::Spending(function) => function.spent(self.alpha, 0.5).map(|_| ()),
            Efficacy::UserSpending(spent) => {
                same_length(self.fractions.len(), spent.len())?;
                for (index, pair) in spent.windows(2).enumerate() {
                    share(pair[0])?;
                    if pair[1] < pair[0] {
                        return Err(StatsError::NotIncreasing { index: index + 1 });
                    }
                }
                let last = spent.last().copied().unwrap_or(0.0);
                if (last - self.alpha).abs() > 1e-12 {
                    return Err(StatsError::OutOfRange { value: last });
                }
                Ok(())
            }
        }
    }

    fn bounds_for(&self, drift: f64) -> Result<Bounds> {
        let spends = matches!(self.efficacy, Efficacy::Spending(_) | Efficacy::UserSpending(_));
        if spends {
            return self.walk(Open { constant: 0.0, drift });
        }
        let gap = |constant: f64| Ok(self.walk(Open { constant, drift })?.level - self.alpha);
        let constant = root(-1.0, 20.0, gap)?;
        self.walk(Open { constant, drift })
    }

    fn walk(&self, open: Open) -> Result<Bounds> {
        let mut null = Walk::new(&self.fractions, 0.0);
        let mut drifting = Walk::new(&self.fractions, open.drift);
        let mut found = Bounds { lower: Vec::new(), upper: Vec::new(), level: 0.0, power: 0.0 };
        for look in 0..self.fractions.len() {
            let upper = self.upper(look, open.constant, &null)?;
            let lower = self.lower(look, &drifting)?.min(upper);
            found.level += self.sides.count() * null.above(upper);
            found.power += drifting.above(upper);
            found.upper.push(upper);
            found.lower.push(lower);
            if look + 1 < self.fractions.len() {
                null.go_on(self.kept_from(lower, upper), upper);
                drifting.go_on(lower, upper);
            }
        }
        Ok(found)
    }

    /// Where the level counts a trial as still going on.
    pub(super) fn kept_from(&self, lower: f64, upper: f64) -> f64 {
        match (self.sides, self.binding) {
            (Sides::Two, _) => -upper,
            (Sides::One, true) => lower,
            (Sides::One, false) => f64::NEG_INFINITY,
        }
    }

    fn upper(&self, look: usize, constant: f64, null: &Walk<'_>) -> Result<f64> {
        let last = look + 1 == self.fractions.len();
        match &self.efficacy {
            Efficacy::WangTsiatis { delta } => {
                Ok(constant * pow(self.fractions[look], delta - 0.5))
            }
            Efficacy::HaybittlePeto { early } => Ok(if last { constant } else { *early }),
            Efficacy::Spending(function) => {
                let per_side = self.alpha / self.sides.count();
                let at = |k: usize| function.spent(per_side, self.fractions[k]);
                let before = if look == 0 { 0.0 } else { at(look - 1)? };
                crossed(at(look)? - before, |z| null.above(z))
            }
            Efficacy::UserSpending(spent) => {
                let before = look.checked_sub(1).map_or(0.0, |k| spent[k]);
                crossed((spent[look] - before) / self.sides.count(), |z| null.above(z))
            }
        }
    }

    fn lower(&self, look: usize, drifting: &Walk<'_>) -> Result<f64> {
        let last = look + 1 == self.fractions.len();
        match &self.futility {
            Futility::None => Ok(f64::NEG_INFINITY),
            Futility::Bounds(bounds) => Ok(bounds.get(look).copied().unwrap_or(f64::INFINITY)),
            Futility::Spending { .. } if last => Ok(f64::INFINITY),
            Futility::Spending { function, beta } => {
                let at = |k: usize| function.spent(*beta, self.fractions[k]);
                let before = if look == 0 { 0.0 } else { at(look - 1)? };
                let below = crossed(at(look)? - before, |z| drifting.below(-z))?;
                Ok(-below)
            }
        }
    }
}

/// The z beyond which `beyond` leaves `error`; none is far enough for an error of zero.
fn crossed(error: f64, beyond: impl Fn(f64) -> f64) -> Result<f64> {
    const FAR: f64 = 38.0;
    if error <= 0.0 || beyond(FAR) >= error {
        return Ok(f64::INFINITY);
    }
    if beyond(-FAR) <= error {
        return Ok(f64::NEG_INFINITY);
    }
    root(-FAR, FAR, |z| Ok(beyond(z) - error))
}
