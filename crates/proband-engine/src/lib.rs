//! Enrols twins, runs the arms in parallel, emits records

pub mod tables;
