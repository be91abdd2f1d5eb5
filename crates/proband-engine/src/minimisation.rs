//! Minimisation: who comes next goes where the factors stay most even, but for a random element.
//!
//! S. J. Pocock and R. Simon, Biometrics 31 (1975) 103-115, with every factor of the same weight; for unequal
//! ratios counts are taken relative to the ratio, and the biased coin is that of B. Han, N. H. Enas and
//! D. `McEntegart`, Statistics in Medicine 28 (2009) 3329-3346, under which every arm keeps its share.

use proband_math::stream::{Address, Purpose, below};
use proband_trial::Imbalance;

const PREFERRED: Purpose = Purpose::new("allocation/minimisation/preferred");
const COIN: Purpose = Purpose::new("allocation/minimisation/coin");
const OTHER: Purpose = Purpose::new("allocation/minimisation/other");

/// How arms are minimised.
#[derive(Clone, Debug)]
pub(crate) struct Minimisation {
    /// With this probability the preferred arm is taken, where that is the arm of the smallest ratio.
    pub(crate) probability: f64,
    pub(crate) imbalance: Imbalance,
    /// By factor: the first of its levels among the levels of all.
    pub(crate) offsets: Vec<usize>,
}

impl Minimisation {
    /// The arm of a participant with a level of each factor; it is counted there. `at` gives the address of
    /// its draws for a purpose.
    pub(crate) fn next(
        &self,
        ratio: &[u32],
        levels: &[usize],
        counts: &mut Vec<Vec<u64>>,
        at: impl Fn(Purpose) -> Address,
    ) -> usize {
        let rows: Vec<usize> = levels.iter().zip(&self.offsets).map(|(l, o)| l + o).collect();
        let needed = rows.iter().max().map_or(0, |row| row + 1);
        if counts.len() < needed {
            counts.resize(needed, vec![0; ratio.len()]);
        }
        let arm = self.choose(ratio, &self.imbalances(ratio, &rows, counts), at);
        rows.iter().for_each(|&row| counts[row][arm] += 1);
        arm
    }

    /// By arm: how uneven the factors would be if the newcomer went there; whole numbers, so that ties are.
    fn imbalances(&self, ratio: &[u32], rows: &[usize], counts: &[Vec<u64>]) -> Vec<u128> {
        let multiple = ratio.iter().map(|&r| u128::from(r)).fold(1, common_multiple);
        let with = |arm: usize| {
            let of_row = |&row: &usize| {
                let count = |(other, &count): (usize, &u64)| {
                    let count = u128::from(count + u64::from(other == arm));
                    count * (multiple / u128::from(ratio[other]))
                };
                let relative: Vec<u128> = counts[row].iter().enumerate().map(count).collect();
                spread(self.imbalance, &relative)
            };
            rows.iter().map(of_row).sum()
        };
        (0..ratio.len()).map(with).collect()
    }

    /// The arm that leaves the least imbalance, or with the rest of the probability another one, by ratio.
    fn choose(
        &self,
        ratio: &[u32],
        imbalances: &[u128],
        at: impl Fn(Purpose) -> Address,
    ) -> usize {
        let least = imbalances.iter().min();
        let ties = by_ratio(ratio, |arm| Some(&imbalances[arm]) == least);
        let preferred = draw(&ties, at(PREFERRED));
        let others = by_ratio(ratio, |arm| arm != preferred);
        let rest = |arms: &[u32]| f64::from(arms.iter().sum::<u32>());
        let smallest = ratio.iter().min().copied().unwrap_or(1);
        let all = rest(ratio);
        let missed = (1.0 - self.probability) * rest(&others) / (all - f64::from(smallest));
        if ratio.len() > 1 && at(COIN).uniform() < missed {
            return draw(&others, at(OTHER));
        }
        preferred
    }
}

/// The ratio, with 0 for arms that are out of the question.
fn by_ratio(ratio: &[u32], open: impl Fn(usize) -> bool) -> Vec<u32> {
    ratio.iter().enumerate().map(|(arm, &r)| if open(arm) { r } else { 0 }).collect()
}

/// An arm, each as likely as its share of the ratio.
fn draw(ratio: &[u32], address: Address) -> usize {
    let total: u64 = ratio.iter().map(|&r| u64::from(r)).sum();
    super::allocation::arm_of(ratio, below(total, &mut address.stream()))
}

/// Range, or variance of so many counts times their number and one less.
fn spread(imbalance: Imbalance, counts: &[u128]) -> u128 {
    match imbalance {
        Imbalance::Range => {
            let most = counts.iter().max().copied().unwrap_or(0);
            most - counts.iter().min().copied().unwrap_or(0)
        }
        Imbalance::Variance => {
            let sum: u128 = counts.iter().sum();
            let squares: u128 = counts.iter().map(|count| count * count).sum();
            counts.len() as u128 * squares - sum * sum
        }
    }
}

fn common_multiple(a: u128, b: u128) -> u128 {
    a / common_divisor(a, b) * b
}

fn common_divisor(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proband_math::stream::Seed;

    fn minimisation(probability: f64, imbalance: Imbalance) -> Minimisation {
        Minimisation { probability, imbalance, offsets: vec![0, 2] }
    }

    fn at(twin: u64) -> impl Fn(Purpose) -> Address {
        move |purpose| Address { twin, ..Address::new(Seed(11), purpose) }
    }

    #[test]
    fn imbalances_are_those_worked_out_by_hand() {
        let counts = [[9, 10, 9], [8, 7, 9], [8, 9, 7], [4, 8, 6]].map(|c| c.to_vec());
        let rows = [0, 1, 2, 3];
        let of = |imbalance| minimisation(0.8, imbalance).imbalances(&[1; 3], &rows, &counts);
        // Arm 1: (10, 10, 9) (9, 7, 9) (9, 9, 7) (5, 8, 6): 1 + 2 + 2 + 3.
        assert_eq!(of(Imbalance::Range), [8, 2 + 1 + 3 + 5, 1 + 3 + 1 + 4]);
        // 3 * sum of squares - square of the sum.
        assert_eq!(of(Imbalance::Variance), [2 + 8 + 8 + 14, 8 + 2 + 14 + 38, 2 + 14 + 2 + 26]);
    }

    #[test]
    fn counts_are_relative_to_the_ratio() {
        let counts = [vec![3, 6]];
        // 4/1 against 6/2, and 3/1 against 7/2, over their common multiple 2.
        let found = minimisation(1.0, Imbalance::Range).imbalances(&[1, 2], &[0], &counts);
        assert_eq!(found, [2, 1]);
    }

    #[test]
    fn arms_keep_their_shares_and_factors_stay_even() {
        for ratio in [vec![1, 1], vec![1, 2], vec![3, 1, 1]] {
            for imbalance in [Imbalance::Range, Imbalance::Variance] {
                let of = minimisation(0.8, imbalance);
                let mut counts = Vec::new();
                let n = 6_000_u64;
                for twin in 0..n {
                    let levels = [(twin % 2) as usize, (twin / 2 % 3) as usize];
                    of.next(&ratio, &levels, &mut counts, at(twin));
                }
                let total: u32 = ratio.iter().sum();
                for row in &counts {
                    let all: u64 = row.iter().sum();
                    for (count, r) in row.iter().zip(&ratio) {
                        let expected = all as f64 * f64::from(*r) / f64::from(total);
                        // Independent allocation would be off by about 35 in 3000.
                        assert!(
                            (*count as f64 - expected).abs() < 20.0,
                            "{ratio:?} {counts:?}"
                        );
                    }
                }
            }
        }
    }

    /// The preferred arm is taken with the probability that is asked for.
    #[test]
    fn the_random_element_is_as_large_as_it_says() {
        let of = minimisation(0.7, Imbalance::Range);
        let taken = |twin| of.choose(&[1, 1, 1], &[4, 2, 3], at(twin));
        let arms: Vec<usize> = (0..20_000).map(taken).collect();
        let share = |arm| arms.iter().filter(|&&of| of == arm).count() as f64 / 20_000.0;
        // Four standard errors are 0.013 at 0.7 and 0.010 at 0.15.
        assert!((share(1) - 0.7).abs() < 0.013, "{}", share(1));
        assert!((share(0) - 0.15).abs() < 0.010, "{}", share(0));
    }
}
