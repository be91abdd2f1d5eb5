//! Several arms against one control in several stages (D. Magirr, T. Jaki & J. Whitehead, Biometrika 99, 2012).

use super::smallest_size;
use crate::checks::{at_least, finite, increasing, positive, probability, same_length};
use crate::error::{Result, StatsError};
use crate::special::{
    gauss_legendre, normal_density, normal_lower, normal_quantile, normal_upper, root,
};

/// The shape of a boundary.
#[derive(Debug, Clone, PartialEq)]
pub enum ArmBoundary {
    /// c at every look.
    Pocock,
    /// c / sqrt(t), t being the share of the active arm's participants.
    OBrienFleming,
    /// J. Whitehead's triangle: c (1 + t) / sqrt r above, -c (1 - 3t) / sqrt r below.
    Triangular,
    /// Values of Z for every look but the last, whatever the level; for lower boundaries.
    Fixed(Vec<f64>),
}

/// Equal active arms, one control, looks at which arms are dropped.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmsPlan {
    /// The number of active arms.
    pub arms: usize,
    /// Participants of an active arm at each look, in units of the control arm at the first look: rising.
    pub active: Vec<f64>,
    /// The same for the control arm.
    pub control: Vec<f64>,
    /// The familywise level, one-sided.
    pub alpha: f64,
    /// Above it an arm is better than control and the trial ends.
    pub upper: ArmBoundary,
    /// Below it an arm is dropped.
    pub lower: ArmBoundary,
}

/// The bounds of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmsDesign {
    /// Upper bounds of Z.
    pub upper: Vec<f64>,
    /// Lower bounds of Z, the last meeting the upper one.
    pub lower: Vec<f64>,
    plan: ArmsPlan,
    rule: Vec<(f64, f64)>,
}

/// Points of Gauss' rule in each dimension. With 24 the bounds have six decimals.
const POINTS: usize = 24;

/// Beyond this many standard deviations nothing that matters is left.
const FAR: f64 = 7.0;

/// More looks than this take too long: the control arm is integrated over in as many dimensions.
const MOST_LOOKS: usize = 3;

impl ArmsPlan {
    fn check(&self) -> Result<()> {
        at_least(1, self.arms)?;
        increasing(&self.active)?;
        increasing(&self.control)?;
        at_least(1, self.active.len())?;
        same_length(self.active.len(), self.control.len())?;
        probability(self.alpha)?;
        if self.active.len() > MOST_LOOKS {
            return Err(StatsError::OutOfRange { value: self.active.len() as f64 });
        }
        match (&self.upper, &self.lower) {
            (ArmBoundary::Fixed(_), _) => Err(StatsError::NoSolution),
            (_, ArmBoundary::Fixed(bounds)) => {
                same_length(self.active.len() - 1, bounds.len())?;
                crate::checks::all_finite(bounds)
            }
            _ => Ok(()),
        }
    }

    fn bounds(&self, c: f64) -> (Vec<f64>, Vec<f64>) {
        let looks = self.active.len();
        let last = self.active[looks - 1];
        let share = |j: usize| self.active[j] / last;
        let shape = |boundary: &ArmBoundary, j: usize, sign: f64| match boundary {
            ArmBoundary::Pocock => sign * c,
            ArmBoundary::OBrienFleming => sign * c / share(j).sqrt(),
            ArmBoundary::Triangular if sign > 0.0 => {
                c * (1.0 + share(j)) / self.active[j].sqrt()
            }
            ArmBoundary::Triangular => -c * (1.0 - 3.0 * share(j)) / self.active[j].sqrt(),
            ArmBoundary::Fixed(bounds) => bounds.get(j).copied().unwrap_or(0.0),
        };
        let upper: Vec<f64> = (0..looks).map(|j| shape(&self.upper, j, 1.0)).collect();
        let mut lower: Vec<f64> =
            (0..looks).map(|j| shape(&self.lower, j, -1.0).min(upper[j])).collect();
        lower[looks - 1] = upper[looks - 1];
        (lower, upper)
    }

    fn design(&self, c: f64) -> ArmsDesign {
        let (lower, upper) = self.bounds(c);
        let rule = gauss_legendre(POINTS);
        ArmsDesign { upper, lower, plan: self.clone(), rule }
    }

    /// Finds the bounds whose familywise error without any effect is `alpha`; it is then no larger whatever the effects.
    ///
    /// Fails above three looks and for sizes that do not rise.
    pub fn solve(&self) -> Result<ArmsDesign> {
        self.check()?;
        let gap = |c: f64| {
            let design = self.design(c);
            let error = design.any_rejected(self.active.len());
            Ok(error - self.alpha)
        };
        let c = root(0.05, 8.0, gap)?;
        Ok(self.design(c))
    }
}

/// What is kept of a standardised mean at look `j`, and the standard deviation that is added, in an arm
/// with these participants at each look.
fn step(sizes: &[f64], j: usize) -> (f64, f64) {
    let before = j.checked_sub(1).map_or(0.0, |k| sizes[k]);
    ((before / sizes[j]).sqrt(), ((sizes[j] - before) / sizes[j]).sqrt())
}

/// An active arm given the path of the control arm: bounds of its own mean, in standard errors, and how likely it is
/// to be there.
struct Arm<'a> {
    design: &'a ArmsDesign,
    /// What the control's mean and the arm's own effect add to the bounds, look by look.
    offset: Vec<f64>,
}

impl Arm<'_> {
    /// The arm's standardised mean at which Z is `z` at look `j`.
    fn at(&self, j: usize, z: f64) -> f64 {
        z * self.design.scale(j) + self.offset[j]
    }

    /// For each look up to `look`: points of the standardised mean, with the probability of having stayed between the bounds
    /// up to there. The first entry is the start.
    fn going_on(&self, look: usize) -> Vec<Vec<(f64, f64)>> {
        let mut all = vec![vec![(0.0, 1.0)]];
        for j in 0..look {
            let (low, high) =
                (self.at(j, self.design.lower[j]), self.at(j, self.design.upper[j]));
            let points = self.design.points(low.max(-FAR), high.min(FAR));
            let before = &all[j];
            let next =
                points.into_iter().map(|(v, w)| (v, w * self.density(before, j, v))).collect();
            all.push(next);
        }
        all
    }

    fn step(&self, j: usize) -> (f64, f64) {
        step(&self.design.plan.active, j)
    }

    fn density(&self, before: &[(f64, f64)], j: usize, v: f64) -> f64 {
        let (pull, sd) = self.step(j);
        before.iter().map(|(u, mass)| mass * normal_density((v - pull * u) / sd) / sd).sum()
    }

    fn below(&self, before: &[(f64, f64)], j: usize, v: f64) -> f64 {
        let (pull, sd) = self.step(j);
        before.iter().map(|(u, mass)| mass * normal_lower((v - pull * u) / sd)).sum()
    }

    fn above(&self, before: &[(f64, f64)], j: usize, v: f64) -> f64 {
        let (pull, sd) = self.step(j);
        before.iter().map(|(u, mass)| mass * normal_upper((v - pull * u) / sd)).sum()
    }

    /// The probability to cross the upper bound within the first `looks` looks.
    fn rejected(&self, looks: usize) -> f64 {
        let paths = self.going_on(looks - 1);
        (0..looks).map(|j| self.above(&paths[j], j, self.at(j, self.design.upper[j]))).sum()
    }
}

impl ArmsDesign {
    fn looks(&self) -> usize {
        self.upper.len()
    }

    /// sqrt(1 + r/r0): Z times this is the difference in standard errors of the active arm.
    fn scale(&self, j: usize) -> f64 {
        (1.0 + self.plan.active[j] / self.plan.control[j]).sqrt()
    }

    fn points(&self, low: f64, high: f64) -> Vec<(f64, f64)> {
        if low >= high {
            return Vec::new();
        }
        let (centre, half) = (0.5 * (low + high), 0.5 * (high - low));
        self.rule.iter().map(|(x, w)| (centre + half * x, half * w)).collect()
    }

    /// Calls `each` for paths of the control's standardised mean over the first `looks` looks, with their probabilities.
    fn over_control(&self, looks: usize, each: &mut impl FnMut(&[f64], f64)) {
        self.extend_control(looks, &mut Vec::new(), 1.0, each);
    }

    fn extend_control(
        &self,
        looks: usize,
        path: &mut Vec<f64>,
        mass: f64,
        each: &mut impl FnMut(&[f64], f64),
    ) {
        let j = path.len();
        if j == looks {
            return each(path, mass);
        }
        let (pull, sd) = step(&self.plan.control, j);
        let centre = pull * path.last().copied().unwrap_or(0.0);
        for (x, w) in self.points(-FAR, FAR) {
            path.push(centre + sd * x);
            self.extend_control(looks, path, mass * w * normal_density(x), each);
            path.pop();
        }
    }

    /// An arm with this effect (in standard deviations) when the control arm has `n` participants at the first look.
    fn arm(&self, control: &[f64], effect: f64, n: f64) -> Arm<'_> {
        let offset = control
            .iter()
            .enumerate()
            .map(|(j, w)| {
                let r = self.plan.active[j];
                w * (r / self.plan.control[j]).sqrt() - effect * (r * n).sqrt()
            })
            .collect();
        Arm { design: self, offset }
    }

    /// The probability that any arm crosses its upper bound within the first `looks` looks without effects.
    fn any_rejected(&self, looks: usize) -> f64 {
        let mut total = 0.0;
        self.over_control(looks, &mut |path, mass| {
            let one = self.arm(path, 0.0, 1.0).rejected(looks);
            total += mass * (1.0 - (1.0 - one).powi(self.plan.arms as i32));
        });
        total
    }

    /// The familywise error spent up to each look.
    pub fn spent(&self) -> Vec<f64> {
        (1..=self.looks()).map(|looks| self.any_rejected(looks)).collect()
    }

    /// The probability that an arm with effect `interesting` is found better than control and best, when all others have the
    /// effect `uninteresting`, which is the least favourable they can be; effects in standard deviations, `n` controls at the
    /// first look.
    pub fn power(&self, interesting: f64, uninteresting: f64, n: f64) -> Result<f64> {
        finite(interesting)?;
        finite(uninteresting)?;
        positive(n)?;
        let mut total = 0.0;
        for j in 0..self.looks() {
            self.over_control(j + 1, &mut |path, mass| {
                let best = self.arm(path, interesting, n);
                let other = self.arm(path, uninteresting, n);
                total += mass * self.best_at(j, &best, &other);
            });
        }
        Ok(total.min(1.0))
    }

    /// The probability that the best arm crosses at look `j`, and that no other crossed before or is ahead of it then.
    fn best_at(&self, j: usize, best: &Arm<'_>, other: &Arm<'_>) -> f64 {
        let (own, others) = (best.going_on(j), other.going_on(j));
        let dropped: f64 =
            (0..j).map(|i| other.below(&others[i], i, other.at(i, self.lower[i]))).sum();
        let from = best.at(j, self.upper[j]);
        self.points(from.max(-FAR), FAR.max(from + FAR))
            .into_iter()
            .map(|(v, w)| {
                // The same Z as seen by the other arm.
                let behind = other.below(&others[j], j, v - best.offset[j] + other.offset[j]);
                let none = (dropped + behind).powi(self.plan.arms as i32 - 1);
                w * best.density(&own[j], j, v) * none
            })
            .sum()
    }

    /// The smallest number of controls at the first look that reaches `power`.
    pub fn size(&self, interesting: f64, uninteresting: f64, power: f64) -> Result<u64> {
        const MOST: u64 = 1 << 20;
        probability(power)?;
        let enough = |n: u64| Ok(self.power(interesting, uninteresting, n as f64)? >= power);
        smallest_size(0, 8, MOST, enough)
    }

    /// Participants in all arms if none is dropped, for `n` controls at the first look.
    pub fn total(&self, n: u64) -> f64 {
        let last = self.looks() - 1;
        let per_control =
            self.plan.active[last] * self.plan.arms as f64 + self.plan.control[last];
        n as f64 * per_control
    }
}

/// The effect, in standard deviations, of an arm whose participant does better than a control with probability `p`:
/// sqrt 2 Phi^-1(p).
pub fn effect_of_superiority(p: f64) -> Result<f64> {
    Ok(std::f64::consts::SQRT_2 * normal_quantile(p)?)
}
