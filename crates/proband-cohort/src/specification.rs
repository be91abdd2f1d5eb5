//! What a population is, as it is told: covariates and their laws, correlations, limits.
//!
//! Covariates are referred to by their position in [`Specification::covariates`]. Values are plain
//! `f64` in the covariate's unit; a level is its position among the covariate's levels, from 0.

use proband_lang::{Expr, Unit};
use proband_math::distribution::{Distribution, DistributionError};
use std::sync::Arc;

/// A population as told; [`Population::new`](crate::Population::new) checks it.
#[derive(Clone, Debug, Default)]
pub struct Specification {
    /// The traits of a twin. Their order decides how correlated scores are mixed, nothing else.
    pub covariates: Vec<Covariate>,
    /// Correlations of normal scores; pairs that are not named have 0.
    pub correlations: Vec<Correlation>,
    /// Conditions beyond which a twin is implausible.
    pub limits: Vec<Limit>,
    /// The file of people, where covariates are columns of one.
    pub people: Option<PeopleFile>,
}

/// A trait of a twin.
#[derive(Clone, Debug)]
pub struct Covariate {
    /// Its name, which addresses its draws: a renamed covariate is drawn anew.
    pub name: String,
    /// The unit its values are held in.
    pub unit: Unit,
    /// Its levels in order, if it is not a number.
    pub levels: Option<Arc<[String]>>,
    /// Where its values come from.
    pub law: Law,
}

/// Where the values of a covariate come from.
#[derive(Clone, Debug)]
pub enum Law {
    /// The same number, or level, for every twin.
    Constant(f64),
    /// Computed from other covariates: symbol `i` is covariate `i`.
    Derived(Expr),
    /// Drawn, one uniform number a twin.
    Drawn(Marginal),
    /// A column, by its name, of the file of people.
    Column(String),
}

/// The law of a drawn covariate, apart from its correlations with others.
#[derive(Clone, Debug, PartialEq)]
pub enum Marginal {
    /// The same for every twin.
    Distribution(Distribution),
    /// One for each level of another covariate.
    ByStratum {
        /// The covariate whose levels are the strata.
        covariate: usize,
        /// One for each of its levels, in order.
        laws: Vec<Self>,
    },
}

impl Marginal {
    /// The part of it between two points, in every stratum; see [`Distribution::within`].
    ///
    /// # Errors
    /// Where the window is no window, or holds no probability in some stratum.
    pub fn within(self, low: f64, high: f64) -> Result<Self, DistributionError> {
        match self {
            Self::Distribution(law) => Ok(Self::Distribution(law.within(low, high)?)),
            Self::ByStratum { covariate, laws } => {
                let laws = laws.into_iter().map(|law| law.within(low, high));
                Ok(Self::ByStratum { covariate, laws: laws.collect::<Result<_, _>>()? })
            }
        }
    }

    /// Calls `visit` with every stratifying covariate and the number of laws it has.
    pub(crate) fn strata(&self, visit: &mut impl FnMut(usize, usize)) {
        if let Self::ByStratum { covariate, laws } = self {
            visit(*covariate, laws.len());
            laws.iter().for_each(|law| law.strata(visit));
        }
    }

    /// Calls `visit` with every distribution in it.
    pub(crate) fn distributions(&self, visit: &mut impl FnMut(&Distribution)) {
        match self {
            Self::Distribution(law) => visit(law),
            Self::ByStratum { laws, .. } => {
                laws.iter().for_each(|law| law.distributions(visit));
            }
        }
    }
}

/// A correlation of the normal scores of two drawn covariates.
///
/// The score of a covariate is the standard normal number that has the same rank as its value, so
/// that this is the correlation of two normal covariates, of the logarithms of two log-normal
/// ones, and of neither otherwise. With strata it holds within each stratum. A covariate with
/// levels takes part with the latent score whose cuts are its levels, in their order (the
/// polychoric correlation).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// One covariate.
    pub first: usize,
    /// The other.
    pub second: usize,
    /// Strictly between -1 and 1.
    pub coefficient: f64,
}

/// A condition that every plausible twin meets.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Its id: the reason under which a twin that fails it is counted.
    pub id: String,
    /// The condition, of covariates alone: symbol `i` is covariate `i`. A missing covariate makes it
    /// false.
    pub condition: Expr,
}

/// Where people come from, one a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleFile {
    /// The path, as written.
    pub path: String,
    /// How twins take rows.
    pub draw: PeopleDraw,
}

/// How twins take the rows of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeopleDraw {
    /// Twin `i` is row `i`; there are no more twins than rows.
    InOrder,
    /// Any row, each time anew.
    Bootstrap {
        /// The column of the rows' weights; all alike without one.
        weight: Option<String>,
    },
}
