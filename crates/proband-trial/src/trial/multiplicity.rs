//! How the level is shared between hypotheses.

/// `[multiplicity]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Multiplicity {
    /// How the level is shared.
    pub method: MultiplicityMethod,
    /// Names of the comparisons and contrasts, in order.
    pub hypotheses: Vec<String>,
    /// The familywise level.
    pub alpha: f64,
}

/// How a level is shared between hypotheses.
#[derive(Clone, Debug, PartialEq)]
pub enum MultiplicityMethod {
    /// In equal parts.
    Bonferroni,
    /// Bonferroni's, step by step from the smallest p-value.
    Holm,
    /// Simes', step by step from the largest.
    Hochberg,
    /// Simes' in the closed test.
    Hommel,
    /// By the joint distribution of comparisons with one control.
    Dunnett,
    /// In the order given, each only after the one before.
    FixedSequence,
    /// By weights that are handed on (F. Bretz et al., Statistics in Medicine 28, 2009).
    Graph {
        /// Share of the level of each hypothesis.
        weights: Vec<f64>,
        /// What each hands to each of the others once it is rejected.
        pass: Vec<Vec<f64>>,
    },
}
