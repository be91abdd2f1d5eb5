//! What stands in for missing values.

/// How missing values are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Participants without a value are left out.
    ObservedOnly,
    /// The last record after baseline stands in.
    LastObservation,
    /// The baseline record stands in.
    BaselineObservation,
    /// A condition without records is not met.
    Failure,
    /// Those who have a value stand for those like them who have none, by the inverse of the probability of having one.
    Weighted,
}

/// How missing values are modelled, from the visits there are.
#[derive(Clone, Debug, PartialEq)]
pub struct Imputation {
    /// What is assumed of values after a participant's last one.
    pub strategy: ImputationStrategy,
    /// How many data sets are completed by draws; none completes one by conditional means.
    pub sets: Option<u64>,
    /// What is added to the values imputed in arms under test, in the unit of the endpoint: an analysis
    /// each, beside the one that adds nothing.
    pub deltas: Vec<f64>,
}

/// What is assumed of values after a participant's last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImputationStrategy {
    /// As those of others in the arm with the same values before.
    MissingAtRandom,
    /// At once as in the reference arm.
    JumpToReference,
    /// As if the participant had been in the reference arm from the start.
    CopyReference,
    /// From the last mean of the arm on with the increments of the reference arm.
    CopyIncrements,
    /// Staying at the last mean of the arm.
    LastMean,
    /// As those of others in the arm who stopped treatment and were seen.
    RetrievedDropout,
}
