//! Fixtures shared by the test targets.

pub mod codes;
mod refusing;
mod tables;
mod trial;

pub use refusing::Refusing;
pub use tables::{Cell, Row, Tables};
pub use trial::{enrolled, found, on, open, plan, refused, repeated, run, run_on, simulated};
