//! Fixtures shared by the test targets.

pub mod codes;
mod tables;
mod trial;

pub use tables::{Cell, Row, Tables};
pub use trial::{enrolled, open, plan, refused, repeated, run, run_on, simulated};
