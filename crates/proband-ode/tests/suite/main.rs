//! Steppers, lanes and events, on systems written by hand.

mod events;
mod lanes;
mod stiff;
mod support;
mod workloads;
