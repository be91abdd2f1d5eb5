//! Power over the number of participants.
//!
//! The statistic of most tests is about normal with a mean that grows as the root of the number n of
//! participants, so that power is Phi(a + b sqrt(n)): a probit regression on sqrt(n). It is fitted by
//! iteratively reweighted least squares, with the covariance of the estimates from the last weights
//! (J. A. Nelder, R. W. M. Wedderburn, Journal of the Royal Statistical Society A 135, 1972, 370-384).

use proband_math::{normal_cdf, normal_pdf, normal_quantile};

/// Repetitions at one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Batch {
    /// `design.participants`.
    pub participants: u64,
    /// How many repetitions.
    pub replicates: u32,
    /// In how many of them the hypothesis was rejected.
    pub rejected: u32,
}

impl Batch {
    /// The share that was rejected.
    #[must_use]
    pub fn power(&self) -> f64 {
        f64::from(self.rejected) / f64::from(self.replicates)
    }

    /// Monte Carlo standard error of the power.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        (self.power() * (1.0 - self.power()) / f64::from(self.replicates)).sqrt()
    }

    /// The power kept half a repetition away from none and all, where the probit is infinite.
    fn inner_power(&self) -> f64 {
        let half = 0.5 / f64::from(self.replicates);
        self.power().clamp(half, 1.0 - half)
    }

    fn root(&self) -> f64 {
        (self.participants as f64).sqrt()
    }
}

/// Phi(a + b sqrt(n)).
#[derive(Clone, Copy, Debug)]
pub(super) struct Curve {
    a: f64,
    b: f64,
    /// Variance of a, covariance, variance of b.
    covariance: [f64; 3],
}

/// Rounds of reweighting; from the observed powers a few are enough.
const ROUNDS: usize = 12;
/// Beyond this probit a weight is as good as none, and the density must not vanish.
const FARTHEST: f64 = 6.0;

impl Curve {
    /// The curve through half the level at no participants (a two-sided test) and the observed power.
    pub(super) fn through(level: f64, batch: &Batch) -> Self {
        let a = normal_quantile(level / 2.0);
        let b = (normal_quantile(batch.inner_power()) - a) / batch.root();
        Self { a, b, covariance: [0.0; 3] }
    }

    /// The most likely curve; none where there are not two sizes.
    pub(super) fn fit(batches: &[Batch]) -> Option<Self> {
        let probit = |batch: &Batch| normal_quantile(batch.inner_power());
        let mut curve = Self::reweighted(batches, probit)?;
        for _ in 0..ROUNDS {
            curve = Self::reweighted(batches, |batch| curve.a + curve.b * batch.root())?;
        }
        Some(curve)
    }

    /// One step of the fit, weighted as at these probits.
    fn reweighted(batches: &[Batch], probit: impl Fn(&Batch) -> f64) -> Option<Self> {
        let (mut w, mut wx, mut wxx, mut wy, mut wxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for batch in batches {
            let at = probit(batch).clamp(-FARTHEST, FARTHEST);
            let (power, density) = (normal_cdf(at), normal_pdf(at));
            let information =
                f64::from(batch.replicates) * density * density / (power * normal_cdf(-at));
            let (x, y) = (batch.root(), at + (batch.inner_power() - power) / density);
            w += information;
            wx += information * x;
            wxx += information * x * x;
            wy += information * y;
            wxy += information * x * y;
        }
        let determinant = w * wxx - wx * wx;
        // Of one size alone only rounding is left.
        (determinant > 1e-9 * w * wxx).then(|| Self {
            a: (wxx * wy - wx * wxy) / determinant,
            b: (w * wxy - wx * wy) / determinant,
            covariance: [wxx / determinant, -wx / determinant, w / determinant],
        })
    }

    /// Whether power grows with participants beyond the chance of the repetitions.
    pub(super) fn grows(&self) -> bool {
        self.b > 3.0 * self.covariance[2].sqrt()
    }

    /// Participants that reach a power, not rounded.
    pub(super) fn participants(&self, power: f64) -> f64 {
        let root = self.root(power).max(0.0);
        root * root
    }

    /// The 95 % interval of [`Curve::participants`], by the delta method for sqrt(n).
    pub(super) fn interval(&self, power: f64) -> (f64, f64) {
        let half =
            normal_quantile(0.975) * self.power_error(power) / self.density(power) / self.b;
        let squared = |root: f64| root.max(0.0) * root.max(0.0);
        (squared(self.root(power) - half), squared(self.root(power) + half))
    }

    /// Standard error of the power that the curve gives where it is this one.
    pub(super) fn power_error(&self, power: f64) -> f64 {
        let ([aa, ab, bb], x) = (self.covariance, self.root(power));
        self.density(power) * (aa + 2.0 * x * ab + x * x * bb).max(0.0).sqrt()
    }

    fn density(&self, power: f64) -> f64 {
        normal_pdf(normal_quantile(power))
    }

    fn root(&self, power: f64) -> f64 {
        (normal_quantile(power) - self.a) / self.b
    }
}
