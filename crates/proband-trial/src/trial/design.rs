//! Who is enrolled, how many, and how they are allocated.

use crate::{Contrast, Crossover, Expression};

/// `[eligibility]`.
#[derive(Clone, Debug)]
pub struct Eligibility {
    /// The visit whose records decide.
    pub at: f64,
    /// All must hold.
    pub inclusion: Vec<Criterion>,
    /// None may hold.
    pub exclusion: Vec<Criterion>,
    /// Screened before the run gives up.
    pub at_most: u64,
}

impl Eligibility {
    /// The criteria in their order, inclusions first.
    pub fn criteria(&self) -> impl Iterator<Item = &Criterion> {
        self.inclusion.iter().chain(&self.exclusion)
    }
}

/// One criterion.
#[derive(Clone, Debug)]
pub struct Criterion {
    /// The id.
    pub id: String,
    /// A condition: of the seen context for eligibility, of the truth for a limit of plausibility.
    pub condition: Expression,
}

/// `[design]`.
#[derive(Clone, Debug)]
pub struct Design {
    /// Planned enrolment, all arms.
    pub participants: u64,
    /// One arm each, or every twin in every arm.
    pub assignment: Assignment,
    /// How arms are allocated.
    pub method: Allocation,
    /// Factors of stratified blocks, or of minimisation, as screened.
    pub strata: Vec<Stratum>,
    /// The periods of a crossover: then it is its sequences that are allocated.
    pub crossover: Option<Crossover>,
    /// What a factorial design compares by default: main effects and interactions, by the names of their
    /// factors.
    pub contrasts: Vec<Contrast>,
}

/// Who takes part in which arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignment {
    /// One arm by randomisation.
    Randomised,
    /// One arm by randomisation; the twin also takes part in all others.
    EveryArm,
}

/// How arms are allocated.
#[derive(Clone, Debug, PartialEq)]
pub enum Allocation {
    /// Each independently, with the arms' ratio.
    Simple,
    /// Permuted blocks of these sizes, drawn at random, within strata.
    Blocks(Vec<u32>),
    /// Where it leaves the strata, as factors, least uneven.
    Minimisation {
        /// Probability of taking that arm, where it is the one of the smallest ratio.
        probability: f64,
        /// How unevenness is measured.
        imbalance: Imbalance,
    },
}

/// A measure of how unevenly a level of a factor is spread over arms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imbalance {
    /// The largest count less the smallest.
    Range,
    /// The variance of the counts.
    Variance,
}

/// A factor of stratification.
#[derive(Clone, Debug)]
pub struct Stratum {
    /// As written: label of `STRATnR`.
    pub text: String,
    /// Its value: a condition (0, 1) or a level (position).
    pub value: Expression,
    /// Words of its values, in order: `["N", "Y"]` for a condition.
    pub levels: Vec<String>,
}
