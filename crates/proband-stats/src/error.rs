//! Why a statistic could not be computed: one variant for each cause.

use thiserror::Error;

/// The reason no estimate, interval or test could be given.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum StatsError {
    /// Fewer usable observations than the method needs.
    #[error("needs at least {needed} observations, found {found}")]
    TooFew {
        /// The smallest number the method can work with.
        needed: usize,
        /// The number it was given.
        found: usize,
    },
    /// Columns that should be equally long are not.
    #[error("expected {expected} values, found {found}")]
    Shape {
        /// The length the other columns have.
        expected: usize,
        /// The length of the odd one.
        found: usize,
    },
    /// A value is NaN or infinite where only numbers can be used.
    #[error("value {index} is not a finite number")]
    NotFinite {
        /// Position of the first such value in its column.
        index: usize,
    },
    /// A value is zero or negative where only positive numbers have a meaning.
    #[error("value {index} is not positive")]
    NotPositive {
        /// Position of the first such value in its column.
        index: usize,
    },
    /// A value is negative where none may be.
    #[error("value {index} is negative")]
    Negative {
        /// Position of the first such value in its column.
        index: usize,
    },
    /// The number of events is larger than the number observed.
    #[error("{events} events among {total} observed")]
    MoreEventsThanObserved {
        /// The number of events.
        events: u64,
        /// The number of units that could have had one.
        total: u64,
    },
    /// A confidence level, probability or null value is outside the range it can take.
    #[error("{value} is outside the range it can take")]
    OutOfRange {
        /// The offending value.
        value: f64,
    },
    /// An index names an arm, level, column or coefficient that does not exist.
    #[error("index {index} among {count}")]
    NoSuchIndex {
        /// The index asked for.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// An arm has no observations.
    #[error("arm {arm} has no observations")]
    EmptyArm {
        /// The arm without observations.
        arm: usize,
    },
    /// All values are equal, or a fit leaves no residuals: nothing to judge a difference by.
    #[error("no variation to judge the estimate by")]
    ZeroVariance,
    /// A column of the design is constant or a combination of the columns before it.
    #[error("column {column} is constant or a combination of earlier columns")]
    Singular {
        /// Position of the column, counted without the intercept.
        column: usize,
    },
    /// No event was observed, and the method needs one.
    #[error("no events")]
    NoEvents,
    /// Every unit had the event, and the method needs one that had not.
    #[error("every unit had the event")]
    OnlyEvents,
    /// The likelihood has no maximum: a column separates events from non-events.
    #[error("the likelihood has no finite maximum: some column separates the events")]
    Separated,
    /// The time asked about lies after the last observation.
    #[error("time {time} is after the last observation at {last}")]
    BeyondFollowUp {
        /// The time asked about.
        time: f64,
        /// The last time anyone was observed.
        last: f64,
    },
    /// Finite values so large that their squares or sums are not.
    #[error("the values are too large to compute with")]
    Overflow,
    /// Values that should rise do not, as information at successive looks must.
    #[error("value {index} is not larger than the one before it")]
    NotIncreasing {
        /// Position of the first such value.
        index: usize,
    },
    /// No value satisfies what was asked: a power that no sample size reaches, a level that no
    /// boundary spends.
    #[error("no value satisfies the equation")]
    NoSolution,
    /// An iteration did not settle.
    #[error("did not converge in {iterations} iterations")]
    DidNotConverge {
        /// How many iterations were tried.
        iterations: usize,
    },
}

/// What every function of this crate returns.
pub type Result<T> = std::result::Result<T, StatsError>;
