//! Steppers, lanes and events, on systems written by hand and on compiled models.

mod events;
mod exact;
mod fuzz;
mod hard;
mod lanes;
mod lockstep;
mod models;
mod precision;
mod properties;
mod stiff;
mod support;
mod workloads;
