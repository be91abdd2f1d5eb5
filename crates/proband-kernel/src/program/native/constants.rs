//! The numbers that machine code reads from memory.

use super::block::{Block, What};
use crate::program::backend::InstructionSet;
use std::collections::BTreeMap;

/// Constants of all blocks, each once: AVX-512 spreads one number over all lanes as it reads it,
/// AVX2 reads whole vectors.
#[derive(Debug)]
pub(super) struct Constants {
    copies: usize,
    offsets: BTreeMap<u64, usize>,
    numbers: Vec<u64>,
}

impl Constants {
    pub(super) fn new(set: InstructionSet) -> Self {
        let copies = match set {
            InstructionSet::Avx2 => set.lanes(),
            InstructionSet::Avx512 => 1,
        };
        Self { copies, offsets: BTreeMap::new(), numbers: Vec::new() }
    }

    /// Takes in what a block reads.
    pub(super) fn add(&mut self, block: &Block) {
        for step in block.steps() {
            if let What::Constant(bits) = step.what {
                self.offsets.entry(bits).or_insert_with(|| {
                    let offset = 8 * self.numbers.len();
                    self.numbers.extend(std::iter::repeat_n(bits, self.copies));
                    offset
                });
            }
        }
    }

    /// How many bytes before a constant.
    pub(super) fn offset(&self, bits: u64) -> usize {
        self.offsets[&bits]
    }

    pub(super) fn into_numbers(self) -> Vec<u64> {
        self.numbers
    }
}
