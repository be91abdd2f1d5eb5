//! How safety is told.

/// `[safety]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Safety {
    /// In which order adverse events stand.
    pub order: EventOrder,
    /// What records are held against, one entry an observable at most.
    pub ranges: Vec<ReferenceRange>,
}

/// The order of body systems, and of terms within them. What is equal stands by the alphabet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventOrder {
    /// The most frequent first, over all arms.
    #[default]
    Frequency,
    /// The greatest difference of an arm to control first.
    RiskDifference,
    /// By the alphabet.
    Alphabet,
}

/// What the records of an observable are held against.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceRange {
    /// Position in `Trial::observables`.
    pub observable: usize,
    /// The range of normal values, if one is known.
    pub limits: Option<Limits>,
    /// Values beyond which the grade is 1, 2, ..., in the observable's unit: above if they rise, below if
    /// they fall; empty without grades.
    pub grades: Vec<f64>,
}

/// The range of normal values of an observable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limits {
    /// The same for all records, in the observable's unit; infinite where there is no limit.
    Fixed {
        /// The lowest normal value.
        low: f64,
        /// The highest normal value.
        high: f64,
    },
    /// Each record of a data set has its own.
    OfRecords,
}
