//! The test for a trend of proportions.

use super::Proportion;
use crate::checks::{all_finite, same_length};
use crate::error::{Result, StatsError};
use crate::estimate::ZTest;
use crate::special::normal_two_sided;

/// The Cochran-Armitage test that proportions do not rise or fall with the scores of their groups (W. G.
/// Cochran, Biometrics 10, 1954; P. Armitage, Biometrics 11, 1955):
///
/// z = sum s (x - n p) / sqrt(p (1 - p) (sum n s^2 - (sum n s)^2 / N)), p = sum x / N
///
/// Positive where proportions rise with the scores. Fails for lists of unlike lengths, scores that are not
/// finite or all alike, and where nobody or everybody had the event.
pub fn cochran_armitage(groups: &[Proportion], scores: &[f64]) -> Result<ZTest> {
    same_length(groups.len(), scores.len())?;
    all_finite(scores)?;
    let (mut events, mut total) = (0.0, 0.0);
    let (mut weighted, mut first, mut second) = (0.0, 0.0, 0.0);
    for (group, score) in groups.iter().zip(scores) {
        let (x, n) = (group.events() as f64, group.total() as f64);
        events += x;
        total += n;
        weighted += score * x;
        first += score * n;
        second += score * score * n;
    }
    let share = events / total;
    let spread = second - first * first / total;
    let variance = share * (1.0 - share) * spread;
    // A spread below rounding is none.
    if variance.is_nan() || variance <= 0.0 || spread <= 1e-14 * second {
        return Err(StatsError::ZeroVariance);
    }
    let z = (weighted - share * first) / variance.sqrt();
    Ok(ZTest { z, p: normal_two_sided(z) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smokers() -> Vec<Proportion> {
        [(83, 86), (90, 93), (129, 136), (70, 82)]
            .map(|(x, n)| Proportion::new(x, n).unwrap())
            .to_vec()
    }

    /// The example of `prop.trend.test` in the documentation of R: X-squared = 8.2249, p = 0.004132.
    #[test]
    fn smokers_among_lung_patients() {
        let test = cochran_armitage(&smokers(), &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!((test.z * test.z - 8.2249).abs() < 5e-5, "{}", test.z * test.z);
        assert!((test.p - 0.004_132).abs() < 5e-7);
        assert!(test.z < 0.0);
    }

    /// Any linear change of the scores gives the same test; two groups give Pearson's chi-square.
    #[test]
    fn scores_are_an_interval_scale() {
        let groups = smokers();
        let a = cochran_armitage(&groups, &[1.0, 2.0, 3.0, 4.0]).unwrap();
        let b = cochran_armitage(&groups, &[-10.0, 15.0, 40.0, 65.0]).unwrap();
        assert!((a.z - b.z).abs() < 1e-12);
        let two = cochran_armitage(&groups[2..], &[0.0, 1.0]).unwrap();
        let pearson =
            super::super::chi_square(groups[2], groups[3], crate::Continuity::Uncorrected);
        assert!((two.z * two.z - pearson.unwrap().statistic).abs() < 1e-12);
    }

    #[test]
    fn no_test_without_a_spread() {
        let none = vec![Proportion::new(0, 5).unwrap(), Proportion::new(0, 6).unwrap()];
        assert_eq!(cochran_armitage(&none, &[0.0, 1.0]), Err(StatsError::ZeroVariance));
        assert_eq!(cochran_armitage(&smokers(), &[3.0; 4]), Err(StatsError::ZeroVariance));
    }
}
