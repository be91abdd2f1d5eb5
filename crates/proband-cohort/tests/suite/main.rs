//! Cohorts against closed forms, and against themselves.
#![expect(clippy::unwrap_used, reason = "makers of cases are test code too")]
#![expect(clippy::float_cmp, reason = "what is promised to the bit is compared to the bit")]

mod addresses;
mod correlations;
mod derived;
mod deviates;
mod fixture;
mod laws;
mod oracle;
mod people;
mod sketch;
mod specification;
