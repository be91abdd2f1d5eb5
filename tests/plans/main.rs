//! Every method from where a user reaches it: a plan over a data set gives the number that R gives.
//!
//! Data and R's results are those of the certification of the statistics library
//! (`crates/proband-stats/tests/certification`), whose page says what computed each; here a plan reads the data in
//! ADaM's form. Beside the numbers stand inputs that leave nothing to compute: a value, or a reason.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod adjusted;
mod bayes;
mod competing;
mod hard;
mod imputation;
mod linear;
mod methods;
mod prognosis;
mod reference;
mod runs;
mod visits;
