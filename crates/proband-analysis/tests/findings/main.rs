//! Findings of a small made-up trial: equal to direct calls of `proband-stats` on all its data, the
//! same however it is cut into shards, and never a silent NaN.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod agreement;
mod chosen;
mod every_arm;
mod hard_cases;
mod people;
mod safety;
mod shards;
mod summary;
mod trial;
