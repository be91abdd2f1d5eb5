//! Trials that are repeated: what a repetition is, and what is found over many.

mod designs;
mod escalation;
mod estimands;
mod looks;
mod repetitions;
mod uncertain;
