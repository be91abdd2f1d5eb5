//! Every estimate, interval and test against values computed with R.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod ancova;
mod binary;
mod cases;
mod counts;
mod descriptive;
mod linear;
mod logistic;
mod survival;
mod table;
mod two_sample;
