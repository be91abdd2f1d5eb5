//! Who is allocated to which arm.
//!
//! Permuted blocks within strata are a sequence per stratum that participants walk along in the
//! order of their enrolment. A block's size and order are addressed by (seed, replicate, stratum,
//! block number), so that where a walk stands is two numbers ([`Position`]) and any shard can take it
//! up again.

use proband_math::stream::{Address, Purpose, Seed, below, shuffle};
use proband_trial::{Allocation, Arm, Design};

const SIMPLE: Purpose = Purpose::new("allocation/simple");
const BLOCK_SIZE: Purpose = Purpose::new("allocation/block-size");
const BLOCK_ORDER: Purpose = Purpose::new("allocation/block-order");

/// How the arms of a trial are allocated.
#[derive(Clone, Debug)]
pub(crate) struct Allocator {
    seed: Seed,
    replicate: u32,
    ratio: Vec<u32>,
    sizes: Option<Vec<u32>>,
}

/// How far a stratum's sequence of blocks has been used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    /// Number of the current block.
    pub(crate) block: u64,
    /// Places of it that are taken.
    pub(crate) used: u32,
}

/// A walk along the blocks of one stratum.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    stratum: u64,
    position: Position,
    /// The arms of the current block, in order; empty before the first look at it.
    block: Vec<usize>,
}

impl Walk {
    /// The walk of a stratum from a position on.
    pub(crate) fn new(stratum: u64, position: Position) -> Self {
        Self { stratum, position, block: Vec::new() }
    }

    /// Where it stands.
    pub(crate) fn position(&self) -> Position {
        self.position
    }
}

impl Allocator {
    /// The allocation that a design prescribes.
    pub(crate) fn new(design: &Design, arms: &[Arm], seed: Seed, replicate: u32) -> Self {
        let sizes = match &design.method {
            Allocation::Simple => None,
            Allocation::Blocks(sizes) => Some(sizes.clone()),
        };
        Self { seed, replicate, ratio: arms.iter().map(|arm| arm.ratio).collect(), sizes }
    }

    /// The arm of the next participant of a stratum.
    pub(crate) fn next(&self, walk: &mut Walk, twin: u64) -> usize {
        match &self.sizes {
            None => self.simple(twin),
            Some(sizes) => self.next_of_block(sizes, walk),
        }
    }

    fn simple(&self, twin: u64) -> usize {
        let address = Address { twin, ..self.address(SIMPLE) };
        let total: u32 = self.ratio.iter().sum();
        self.arm_of(below(u64::from(total), &mut address.stream()))
    }

    /// The arm to which one of `sum(ratio)` equal shares belongs.
    fn arm_of(&self, share: u64) -> usize {
        let mut up_to = 0;
        self.ratio
            .iter()
            .position(|&ratio| {
                up_to += u64::from(ratio);
                share < up_to
            })
            .expect("a share lies below the sum of the ratio")
    }

    fn next_of_block(&self, sizes: &[u32], walk: &mut Walk) -> usize {
        if walk.block.is_empty() {
            walk.block = self.block(sizes, walk.stratum, walk.position.block);
        }
        let arm = walk.block[walk.position.used as usize];
        walk.position.used += 1;
        if walk.position.used as usize == walk.block.len() {
            walk.position = Position { block: walk.position.block + 1, used: 0 };
            walk.block.clear();
        }
        arm
    }

    /// The arms of a block in their order.
    fn block(&self, sizes: &[u32], stratum: u64, number: u64) -> Vec<usize> {
        let at = |purpose| Address { twin: stratum, index: number, ..self.address(purpose) };
        let which = below(sizes.len() as u64, &mut at(BLOCK_SIZE).stream());
        let size = u64::from(sizes[usize::try_from(which).expect("an index of a list")]);
        let total: u64 = self.ratio.iter().map(|&r| u64::from(r)).sum();
        let mut arms: Vec<usize> =
            (0..size.max(total)).map(|place| self.arm_of(place % total)).collect();
        shuffle(&mut arms, &mut at(BLOCK_ORDER).stream());
        arms
    }

    fn address(&self, purpose: Purpose) -> Address {
        Address { replicate: self.replicate, ..Address::new(self.seed, purpose) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allocator(ratio: &[u32], sizes: Option<&[u32]>) -> Allocator {
        Allocator {
            seed: Seed(7),
            replicate: 0,
            ratio: ratio.to_vec(),
            sizes: sizes.map(<[u32]>::to_vec),
        }
    }

    #[test]
    fn every_block_holds_the_ratio() {
        let allocator = allocator(&[1, 2], Some(&[3, 6]));
        let mut walk = Walk::new(4, Position::default());
        let mut counts = [0_u32; 2];
        let mut whole_blocks = 0;
        for twin in 0..3_000 {
            counts[allocator.next(&mut walk, twin)] += 1;
            if walk.position().used == 0 {
                assert_eq!(counts[1], 2 * counts[0], "after block {}", walk.position().block);
                whole_blocks += 1;
            }
        }
        // Sizes 3 and 6 are equally likely: 3000 places are 667 blocks, give or take 4 SE (44).
        assert!((620..=714).contains(&whole_blocks), "{whole_blocks} blocks");
    }

    #[test]
    fn a_walk_can_be_taken_up_anywhere() {
        let allocator = allocator(&[1, 1, 1], Some(&[3, 6]));
        let mut whole = Walk::new(0, Position::default());
        for twin in 0..100 {
            let mut resumed = Walk::new(0, whole.position());
            let arm = allocator.next(&mut whole, twin);
            assert_eq!(allocator.next(&mut resumed, twin), arm);
        }
    }

    #[test]
    fn strata_have_sequences_of_their_own() {
        let allocator = allocator(&[1, 1], Some(&[4]));
        let arms = |stratum| {
            let mut walk = Walk::new(stratum, Position::default());
            (0..64).map(|twin| allocator.next(&mut walk, twin)).collect::<Vec<_>>()
        };
        assert_ne!(arms(0), arms(1));
    }

    #[test]
    fn simple_allocation_follows_the_ratio() {
        let allocator = allocator(&[1, 3], None);
        let mut walk = Walk::new(0, Position::default());
        let first = (0..40_000).filter(|&twin| allocator.next(&mut walk, twin) == 0).count();
        // Binomial(40000, 1/4): mean 10000, SD 87; within 4 SD.
        assert!(first.abs_diff(10_000) < 350, "{first}");
    }
}
