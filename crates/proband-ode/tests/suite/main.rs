//! Steppers, lanes and events, on systems written by hand.

mod support;
mod workloads;
