//! Models beyond those of the reference pack: hard inputs, invariances, numbers from other programs, and the
//! coverage of intervals.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod coverage;
mod hard_inputs;
mod properties;
mod references;
#[path = "../shared/coverage.rs"]
mod shared;

use proband_math::stream::{Address, Purpose, Seed, Stream};

/// The random numbers of simulation `round`.
fn stream(round: u64) -> Stream {
    Address { index: round, ..Address::new(Seed(20_240_607), Purpose::new("coverage")) }
        .stream()
}
