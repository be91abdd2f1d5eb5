//! Allocation that follows the responses seen so far, of two arms with a binary outcome.

use crate::checks::{probability, share};
use crate::error::{Result, StatsError};
use crate::special::pow;

/// True success probabilities of two arms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoArms {
    a: f64,
    b: f64,
}

impl TwoArms {
    /// Both strictly between 0 and 1.
    pub fn new(a: f64, b: f64) -> Result<Self> {
        Ok(Self { a: probability(a)?, b: probability(b)? })
    }

    fn failures(self) -> (f64, f64) {
        (1.0 - self.a, 1.0 - self.b)
    }

    /// The share of arm A in the long run under the randomised play-the-winner urn (L.-J. Wei & S. Durham, JASA 73, 1978):
    /// q_B / (q_A + q_B).
    pub fn play_the_winner(self) -> f64 {
        let (qa, qb) = self.failures();
        qb / (qa + qb)
    }

    /// The limit of n times the variance of that share; none unless q_A + q_B > 1/2, where it is not of order 1/n (W.
    /// Rosenberger & J. Lachin, *Randomization in Clinical Trials*, 2002, ch. 10).
    pub fn play_the_winner_variance(self) -> Option<f64> {
        let (qa, qb) = self.failures();
        let sum = qa + qb;
        (sum > 0.5).then(|| qa * qb * (5.0 - 2.0 * sum) / ((2.0 * sum - 1.0) * sum * sum))
    }

    /// Neyman's share, which makes the variance of the difference least: sqrt(p_A q_A) / (sqrt(p_A q_A) + sqrt(p_B q_B)).
    pub fn neyman(self) -> f64 {
        let (qa, qb) = self.failures();
        let (sa, sb) = ((self.a * qa).sqrt(), (self.b * qb).sqrt());
        sa / (sa + sb)
    }

    /// The share that makes failures fewest at a given variance: sqrt(p_A) / (sqrt(p_A) + sqrt(p_B)) (W. Rosenberger, N.
    /// Stallard, A. Ivanova, C. Harper & M. Ricks, Biometrics 57, 2001).
    pub fn fewest_failures(self) -> f64 {
        self.a.sqrt() / (self.a.sqrt() + self.b.sqrt())
    }

    /// The expected share of failures when arm A has this share of the participants.
    pub fn failure_rate(self, share_of_a: f64) -> Result<f64> {
        share(share_of_a)?;
        let (qa, qb) = self.failures();
        Ok(share_of_a * qa + (1.0 - share_of_a) * qb)
    }
}

/// The probability that the next participant goes to arm A, by the doubly adaptive biased coin of F. Hu & L.-X. Zhang
/// (Annals of Statistics 32, 2004): `target` is the share aimed at by what is known so far, `so_far` the share reached;
/// the larger `gamma`, the harder it pulls back. Shares at an end pull fully.
pub fn doubly_adaptive(target: f64, so_far: f64, gamma: f64) -> Result<f64> {
    probability(target)?;
    share(so_far)?;
    crate::checks::none_negative(&[gamma])?;
    if gamma <= 0.0 {
        return Ok(target);
    }
    if so_far <= 0.0 || so_far >= 1.0 {
        return Ok(1.0 - so_far);
    }
    let a = target * pow(target / so_far, gamma);
    let b = (1.0 - target) * pow((1.0 - target) / (1.0 - so_far), gamma);
    crate::checks::not_overflown(a / (a + b))
}

/// A share kept within `least` and 1 - `least` for each of two arms.
pub fn limited(share_of_a: f64, least: f64) -> Result<f64> {
    share(share_of_a)?;
    if !(0.0..=0.5).contains(&least) {
        return Err(StatsError::OutOfRange { value: least });
    }
    Ok(share_of_a.clamp(least, 1.0 - least))
}
