//! Who is allocated to which arm.
//!
//! Permuted blocks within strata are a sequence per stratum that participants walk along in the
//! order of their enrolment. A block's size and order are addressed by (seed, replicate, stratum,
//! block number), so that where a walk stands is two numbers ([`Position`]). Minimisation goes by the counts
//! of participants at each level of each factor. Either way a shard can take the allocation up again
//! ([`Standing`]).

use crate::minimisation::Minimisation;
use proband_cohort::TwinKey;
use proband_math::stream::{Address, Purpose, Seed, below, shuffle};
use proband_trial::{Allocation, Design};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const SIMPLE: Purpose = Purpose::new("allocation/simple");
const BLOCK_SIZE: Purpose = Purpose::new("allocation/block-size");
const BLOCK_ORDER: Purpose = Purpose::new("allocation/block-order");

/// How the arms of a trial are allocated.
#[derive(Clone, Debug)]
pub(crate) struct Allocator {
    seed: Seed,
    ratio: Vec<u32>,
    method: Method,
}

#[derive(Clone, Debug)]
enum Method {
    Simple,
    Blocks(Vec<u32>),
    Minimisation(Minimisation),
    /// Independently, by weights that are no whole numbers.
    Weighted(Vec<f64>),
}

/// Who is to be allocated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Newcomer<'a> {
    pub(crate) twin: TwinKey,
    /// Level of each stratification factor.
    pub(crate) strata: &'a [usize],
    /// Number of the combination.
    pub(crate) stratum: u64,
}

/// How far an allocation has come: all that the next arm depends on, beside the newcomer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// By stratum; one that is not named has not begun.
    walks: BTreeMap<u64, Walk>,
    /// By level of all factors, then by arm: participants so far, under minimisation.
    counts: Vec<Vec<u64>>,
}

/// How far a stratum's sequence of blocks has been used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    /// Number of the current block.
    block: u64,
    /// Places of it that are taken.
    used: u32,
}

/// A walk along the blocks of one stratum.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Walk {
    position: Position,
    /// The arms of the current block, in order; empty before the first look at it, and not written down.
    #[serde(skip)]
    block: Vec<usize>,
}

impl Allocator {
    /// The allocation that a design prescribes.
    pub(crate) fn new(design: &Design, ratio: Vec<u32>, seed: Seed) -> Self {
        let method = match &design.method {
            Allocation::Simple => Method::Simple,
            Allocation::Blocks(sizes) => Method::Blocks(sizes.clone()),
            &Allocation::Minimisation { probability, imbalance } => {
                let mut levels = 0;
                let mut before = |count: usize| {
                    levels += count;
                    levels - count
                };
                let strata = design.strata.iter().map(|factor| before(factor.levels.len()));
                let offsets = strata.collect();
                Method::Minimisation(Minimisation { probability, imbalance, offsets })
            }
        };
        Self { seed, ratio, method }
    }

    /// The same with another ratio, in which an arm that is closed has 0. Blocks hold whole numbers: by any other
    /// ratio each participant is allocated independently.
    pub(crate) fn with_ratio(mut self, ratio: &[f64]) -> Self {
        let is_whole = |share: &f64| share.fract() == 0.0 && *share <= f64::from(u32::MAX);
        if ratio.iter().all(is_whole) {
            self.ratio = ratio.iter().map(|&share| share as u32).collect();
        } else {
            self.method = Method::Weighted(ratio.to_vec());
        }
        self
    }

    /// The arm of the next participant.
    pub(crate) fn next(&self, standing: &mut Standing, newcomer: Newcomer<'_>) -> usize {
        let Newcomer { twin, strata, stratum } = newcomer;
        match &self.method {
            Method::Simple => self.simple(twin),
            Method::Weighted(weights) => self.weighted(weights, twin),
            Method::Blocks(sizes) => {
                let walk = standing.walks.entry(stratum).or_default();
                let block = |number| self.block(sizes, twin.replicate, stratum, number);
                walk.next(block)
            }
            Method::Minimisation(minimisation) => {
                let at = |purpose| self.address(purpose, twin);
                minimisation.next(&self.ratio, strata, &mut standing.counts, at)
            }
        }
    }

    fn simple(&self, twin: TwinKey) -> usize {
        let total: u32 = self.ratio.iter().sum();
        let share = below(u64::from(total), &mut self.address(SIMPLE, twin).stream());
        arm_of(&self.ratio, share)
    }

    fn weighted(&self, weights: &[f64], twin: TwinKey) -> usize {
        let mut left = self.address(SIMPLE, twin).uniform() * weights.iter().sum::<f64>();
        let open = weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
        let mut last = 0;
        for (arm, weight) in open {
            last = arm;
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        last
    }

    /// The arms of a block in their order.
    fn block(&self, sizes: &[u32], replicate: u32, stratum: u64, number: u64) -> Vec<usize> {
        let stratum = TwinKey { replicate, number: stratum };
        let at = |purpose| Address { index: number, ..self.address(purpose, stratum) };
        let which = below(sizes.len() as u64, &mut at(BLOCK_SIZE).stream());
        let size = u64::from(sizes[usize::try_from(which).expect("an index of a list")]);
        // Of arms that have closed less is left than the size was meant for.
        let total: u64 = self.ratio.iter().map(|&r| u64::from(r)).sum();
        let mut arms: Vec<usize> = (0..size.next_multiple_of(total))
            .map(|place| arm_of(&self.ratio, place % total))
            .collect();
        shuffle(&mut arms, &mut at(BLOCK_ORDER).stream());
        arms
    }

    fn address(&self, purpose: Purpose, twin: TwinKey) -> Address {
        let TwinKey { replicate, number } = twin;
        Address { replicate, twin: number, ..Address::new(self.seed, purpose) }
    }
}

impl Standing {
    /// What is left of the blocks that have begun is not used.
    pub(crate) fn leave_blocks(&mut self) {
        for walk in self.walks.values_mut().filter(|walk| walk.position.used > 0) {
            walk.position = Position { block: walk.position.block + 1, used: 0 };
            walk.block.clear();
        }
    }
}

impl Walk {
    fn next(&mut self, block: impl Fn(u64) -> Vec<usize>) -> usize {
        if self.block.is_empty() {
            self.block = block(self.position.block);
        }
        let arm = self.block[self.position.used as usize];
        self.position.used += 1;
        if self.position.used as usize == self.block.len() {
            self.position = Position { block: self.position.block + 1, used: 0 };
            self.block.clear();
        }
        arm
    }
}

/// The arm to which one of `sum(ratio)` equal shares belongs.
pub(crate) fn arm_of(ratio: &[u32], share: u64) -> usize {
    let mut up_to = 0;
    let holds = |&ratio: &u32| {
        up_to += u64::from(ratio);
        share < up_to
    };
    ratio.iter().position(holds).expect("a share lies below the sum of the ratio")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allocator(ratio: &[u32], sizes: Option<&[u32]>) -> Allocator {
        let method = sizes.map_or(Method::Simple, |sizes| Method::Blocks(sizes.to_vec()));
        Allocator { seed: Seed(7), ratio: ratio.to_vec(), method }
    }

    fn newcomer(number: u64, stratum: u64) -> Newcomer<'static> {
        Newcomer { twin: TwinKey::first(number), strata: &[], stratum }
    }

    #[test]
    fn every_block_holds_the_ratio() {
        let allocator = allocator(&[1, 2], Some(&[3, 6]));
        let mut standing = Standing::default();
        let mut counts = [0_u32; 2];
        let mut whole_blocks = 0;
        for twin in 0..3_000 {
            counts[allocator.next(&mut standing, newcomer(twin, 4))] += 1;
            let position = standing.walks[&4].position;
            if position.used == 0 {
                assert_eq!(counts[1], 2 * counts[0], "after block {}", position.block);
                whole_blocks += 1;
            }
        }
        // Sizes 3 and 6 are equally likely: 3000 places are 667 blocks, give or take 4 SE (44).
        assert!((620..=714).contains(&whole_blocks), "{whole_blocks} blocks");
    }

    #[test]
    fn a_walk_can_be_taken_up_anywhere() {
        let allocator = allocator(&[1, 1, 1], Some(&[3, 6]));
        let mut whole = Standing::default();
        for twin in 0..100 {
            let mut resumed = whole.clone();
            let arm = allocator.next(&mut whole, newcomer(twin, 0));
            assert_eq!(allocator.next(&mut resumed, newcomer(twin, 0)), arm);
        }
    }

    #[test]
    fn strata_have_sequences_of_their_own() {
        let allocator = allocator(&[1, 1], Some(&[4]));
        let arms = |stratum| {
            let mut standing = Standing::default();
            let next = |twin| allocator.next(&mut standing, newcomer(twin, stratum));
            (0..64).map(next).collect::<Vec<_>>()
        };
        assert_ne!(arms(0), arms(1));
    }

    #[test]
    fn simple_allocation_follows_the_ratio() {
        let allocator = allocator(&[1, 3], None);
        let mut standing = Standing::default();
        let mut arm = |twin| allocator.next(&mut standing, newcomer(twin, 0));
        let first = (0..40_000).filter(|&twin| arm(twin) == 0).count();
        // Binomial(40000, 1/4): mean 10000, SD 87; within 4 SD.
        assert!(first.abs_diff(10_000) < 350, "{first}");
    }
}
