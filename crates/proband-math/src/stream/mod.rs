//! Addressed draws: a random number is looked up by what it is for, not taken from a queue.
//!
//! An [`Address`] names a draw by seed, replicate, twin, [`Purpose`] and index. Philox4x64-10
//! turns it into random bits, so that adding an arm, a covariate or a visit shifts no other draw,
//! and two arms that ask for the same address get the same number.
//!
//! ```
//! use proband_math::stream::{Address, Purpose, Seed};
//!
//! const WEIGHT: Purpose = Purpose::new("covariate/weight");
//! let twin = Address { twin: 42, ..Address::new(Seed(2026), WEIGHT) };
//! assert_eq!(twin.uniform(), twin.uniform());
//! assert_ne!(twin.uniform(), Address { index: 1, ..twin }.uniform());
//! ```

mod address;
mod philox;
mod shuffle;

pub use address::{Address, Purpose, Seed, Stream, VERSION};
pub use philox::philox;
pub use shuffle::{below, shuffle};
