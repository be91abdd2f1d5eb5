//! What is wrong with a specification, and where.

use proband_kernel::BuildError;
use std::fmt;
use thiserror::Error;

/// A fault of a specification.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{place}: {fault}")]
pub struct PopulationError {
    /// What has the fault.
    pub place: Place,
    /// What is wrong with it.
    pub fault: Fault,
}

/// A part of a specification, by its position in the list of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A covariate.
    Covariate(usize),
    /// A correlation.
    Correlation(usize),
    /// A limit.
    Limit(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Covariate(index) => write!(f, "covariate {index}"),
            Self::Correlation(index) => write!(f, "correlation {index}"),
            Self::Limit(index) => write!(f, "limit {index}"),
        }
    }
}

/// What is wrong with a part of a specification. Covariates are told by name.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Fault {
    /// Two covariates of one name.
    #[error("`{name}` is declared twice")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A constant that is no number.
    #[error("{value} is not a finite number")]
    NotFinite {
        /// The constant.
        value: f64,
    },
    /// A covariate with levels that has none, or whose values are not among them.
    #[error("`{name}` has {levels} levels, and its values go beyond them")]
    NotALevel {
        /// The covariate.
        name: String,
        /// How many levels it has.
        levels: usize,
    },
    /// A stratum by something that has no levels.
    #[error("a stratum needs levels, and `{name}` is a number")]
    NotAStratum {
        /// The covariate that was to be the stratum.
        name: String,
    },
    /// A number of laws that is not that of the levels.
    #[error("`{name}` has {levels} levels, and {laws} of them have a distribution")]
    StratumLaws {
        /// The covariate that is the stratum.
        name: String,
        /// How many levels it has.
        levels: usize,
        /// How many laws there are.
        laws: usize,
    },
    /// A reference to something that is no covariate of this population.
    #[error("only covariates of the population can be used here")]
    UnknownSymbol,
    /// An expression that can't be computed from covariates.
    #[error(transparent)]
    Expression(#[from] BuildError),
    /// Covariates that need each other.
    #[error("`{}` is defined by itself", names.join("` by `"))]
    Cycle {
        /// The covariates, each needing the next, the last the first.
        names: Vec<String>,
    },
    /// A column where there is no file of people.
    #[error("`{name}` is a column, and the population has no file of people")]
    NoPeople {
        /// The covariate.
        name: String,
    },
    /// A correlation with a covariate that is not drawn.
    #[error("`{name}` is not drawn, so nothing can be correlated with it")]
    NotDrawn {
        /// The covariate.
        name: String,
    },
    /// A correlation of a covariate with itself.
    #[error("`{name}` has correlation 1 with itself")]
    WithItself {
        /// The covariate.
        name: String,
    },
    /// A pair named before.
    #[error("the correlation of `{first}` and `{second}` is given twice")]
    GivenTwice {
        /// One covariate.
        first: String,
        /// The other.
        second: String,
    },
    /// A correlation that is not strictly between -1 and 1.
    #[error("a correlation lies between -1 and 1, not at {value}")]
    NotACorrelation {
        /// What it was.
        value: f64,
    },
    /// Correlations that contradict each other.
    #[error("the correlations are not positive definite")]
    NotPositiveDefinite {
        /// One covariate of the pair whose correlation would mend it.
        first: String,
        /// The other.
        second: String,
        /// The lower end (not included) of what their correlation can be.
        low: f64,
        /// The upper end (not included).
        high: f64,
        /// Which other correlations that range takes as given.
        given: Given,
    },
}

/// The correlations that the admissible range of one takes as given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// All others of the covariates that are correlated with the two, directly or through others.
    Others,
    /// Those listed before it, with the later ones at 0: no one correlation can mend the whole.
    Earlier,
}

impl Fault {
    /// What would mend it, in words, where that can be said.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let Self::NotPositiveDefinite { first, second, low, high, given } = self else {
            return None;
        };
        let given = match given {
            Given::Others => "the others",
            Given::Earlier => "those before it",
        };
        let (low, high) = inwards(*low, *high);
        Some(format!(
            "with {given} as given, that of `{first}` and `{second}` lies between {low} and {high}"
        ))
    }
}

/// The two ends with two digits, rounded to the inside so that what is printed is admissible, or
/// with as many more as a narrow range needs.
fn inwards(low: f64, high: f64) -> (f64, f64) {
    let mut scale = 100.0;
    loop {
        let (l, h) = ((low * scale).ceil() / scale, (high * scale).floor() / scale);
        if l < h || scale >= 1e12 {
            return (l, h);
        }
        scale *= 10.0;
    }
}
