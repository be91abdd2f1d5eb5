//! Addresses, and the streams that start at them.

use super::philox;
use crate::{ln_1p, normal_quantile};
use rand::TryRng;
use std::convert::Infallible;

/// The second half of every key. It changes when a change to this module changes any draw.
pub const VERSION: u64 = 1;

/// The trial's seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed(pub u64);

/// What a draw is for, as 64 bits made from a label such as `covariate/age`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purpose(u64);

impl Purpose {
    /// The purpose with this label. Labels that differ give purposes that differ, but for one
    /// chance in 2^64 a pair.
    pub const fn new(label: &str) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325;
        let bytes = label.as_bytes();
        let mut i = 0;
        while i < bytes.len() {
            hash = fnv1a(hash, bytes[i]);
            i += 1;
        }
        Self(finalise(hash))
    }

    /// The purpose of a part of this one, so that `a.part("b")` and `ab` stay apart.
    pub const fn part(self, label: &str) -> Self {
        Self(finalise(self.0.rotate_left(32) ^ Self::new(label).0))
    }

    /// The bits that enter the counter.
    pub const fn bits(self) -> u64 {
        self.0
    }
}

/// One step of FNV-1a (Fowler, Noll, Vo).
const fn fnv1a(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(0x0000_0100_0000_01b3)
}

/// The finaliser of `SplitMix64` (Stafford's variant 13): each bit in sways each bit out.
const fn finalise(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Where a draw is found.
///
/// The key of the generator is (seed, [`VERSION`]); its counter is (index, purpose, twin,
/// replicate + 2^32 block), where only a [`Stream`] goes beyond block 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The trial's seed.
    pub seed: Seed,
    /// The repetition of the trial.
    pub replicate: u32,
    /// The twin; any number where no twin is concerned.
    pub twin: u64,
    /// What the draw is for.
    pub purpose: Purpose,
    /// Which of several draws for one purpose: a visit, an occasion, a dose.
    pub index: u64,
}

impl Address {
    /// The address with replicate, twin and index 0.
    pub const fn new(seed: Seed, purpose: Purpose) -> Self {
        Self { seed, replicate: 0, twin: 0, purpose, index: 0 }
    }

    /// Four words of this address.
    #[inline]
    fn block(self, block: u32) -> [u64; 4] {
        let last = u64::from(block) << 32 | u64::from(self.replicate);
        philox([self.index, self.purpose.0, self.twin, last], [self.seed.0, VERSION])
    }

    /// 64 random bits.
    #[inline]
    pub fn bits(self) -> u64 {
        self.block(0)[0]
    }

    /// A uniform number strictly between 0 and 1.
    ///
    /// The top 52 of the 64 bits, `k`, become `(2 k + 1) 2^-53`: a multiple of 2^-53, exact, never
    /// 0 or 1, and as likely as its complement `1 - u`, which is exact as well.
    #[inline]
    pub fn uniform(self) -> f64 {
        open_uniform(self.bits())
    }

    /// A standard normal number: the quantile of [`uniform`](Self::uniform).
    #[inline]
    pub fn normal(self) -> f64 {
        normal_quantile(self.uniform())
    }

    /// An exponential number of mean 1: the quantile of [`uniform`](Self::uniform).
    #[inline]
    pub fn exponential(self) -> f64 {
        -ln_1p(-self.uniform())
    }

    /// Words without end, of which the first is [`bits`](Self::bits): use the one or the other.
    #[inline]
    pub fn stream(self) -> Stream {
        Stream::new(self)
    }
}

/// See [`Address::uniform`].
#[inline]
fn open_uniform(bits: u64) -> f64 {
    const TWO_TO_MINUS_53: f64 = 1.0 / (1_u64 << 53) as f64;
    ((bits >> 12) * 2 + 1) as f64 * TWO_TO_MINUS_53
}

/// Words without end from one address, for what needs an unknown number of them.
///
/// Implements rand's generator trait, so that its samplers and `rand_distr`'s accept it. After 2^34
/// words it would start again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    address: Address,
    words: [u64; 4],
    /// The block that comes after `words`.
    next_block: u32,
    /// How many of `words` have been given out.
    used: u8,
}

impl Stream {
    /// The stream that starts at an address.
    #[inline]
    pub fn new(address: Address) -> Self {
        Self { address, words: address.block(0), next_block: 1, used: 0 }
    }

    /// The next 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        if usize::from(self.used) == self.words.len() {
            self.words = self.address.block(self.next_block);
            self.next_block = self.next_block.wrapping_add(1);
            self.used = 0;
        }
        let word = self.words[usize::from(self.used)];
        self.used += 1;
        word
    }

    /// The next uniform number strictly between 0 and 1, made as in [`Address::uniform`].
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        open_uniform(self.bits())
    }

    /// The next standard normal number.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    /// The upper half of the next word.
    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    /// Words in little-endian order, on every platform; what is left of the last is dropped.
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.bits().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
