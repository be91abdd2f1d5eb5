//! Time to event, recurrent events, competing risks and trial designs beyond the reference pack: numbers from other
//! programs, theory, hard inputs and the coverage of intervals.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod coverage;
mod designs;
mod hard_inputs;
mod references;
#[path = "../shared/coverage.rs"]
mod shared;
mod theory;

use proband_math::stream::{Address, Purpose, Seed, Stream};

/// The random numbers of simulation `round`.
fn stream(round: u64) -> Stream {
    Address { index: round, ..Address::new(Seed(20_240_607), Purpose::new("events")) }.stream()
}

/// An exponential time with this hazard.
fn exponential(random: &mut Stream, hazard: f64) -> f64 {
    -libm::log(1.0 - random.uniform()) / hazard
}

/// Equal to a relative or, near zero, an absolute difference.
fn near(ours: f64, expected: f64, tolerance: f64) {
    let gap = (ours - expected).abs();
    assert!(gap <= tolerance * (1.0_f64).max(expected.abs()), "{ours} for {expected}");
}
