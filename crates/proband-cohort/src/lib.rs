//! A population and a seed to columns of twins.
//!
//! A [`Specification`] says what the covariates of a population are and what laws they follow;
//! [`Population::new`] checks it, all faults at once. A [`Cohort`] draws its twins into [`Columns`],
//! and [`Deviates`] draws what spreads the parameters of a model between them.
//!
//! Nothing is taken from a queue: a value is looked up by seed, replicate, number of the twin and name
//! of what it is. Any range or list of twins, in any order and of any length, gives the same bits, and
//! what is added to a population leaves the rest as it was. This crate knows no arms and no TOML.
//!
//! # Six twins
//!
//! ```
//! use proband_cohort::{
//!     Cohort, Columns, Correlation, Covariate, Law, Marginal, Population, Specification,
//! };
//! use proband_lang::{Binary, Expr, SymbolId, Unit};
//! use proband_math::distribution::Distribution;
//! use proband_math::stream::Seed;
//!
//! let covariate = |name: &str, law| {
//!     Covariate { name: name.to_owned(), unit: Unit::one(), levels: None, law }
//! };
//! // Heights by sex, in m; weight from height and body mass index.
//! let heights = [Distribution::normal(1.63, 0.07)?, Distribution::normal(1.77, 0.07)?];
//! let heights = heights.map(Marginal::Distribution).to_vec();
//! let bmi = Distribution::log_normal_mean_sd(28.4, 5.5)?.within(18.0, 45.0)?;
//! let shares = Distribution::categorical(&[0.4, 0.6])?;
//! let [height, bmi_value] = [1, 2].map(|covariate| Expr::Symbol(SymbolId(covariate)));
//! let area = Expr::binary(Binary::Mul, height.clone(), height);
//!
//! let population = Population::new(Specification {
//!     covariates: vec![
//!         Covariate {
//!             levels: Some(["F".to_owned(), "M".to_owned()].into()),
//!             ..covariate("sex", Law::Drawn(Marginal::Distribution(shares)))
//!         },
//!         covariate("height", Law::Drawn(Marginal::ByStratum { covariate: 0, laws: heights })),
//!         covariate("bmi", Law::Drawn(Marginal::Distribution(bmi))),
//!         covariate("weight", Law::Derived(Expr::binary(Binary::Mul, bmi_value, area))),
//!     ],
//!     correlations: vec![Correlation { first: 1, second: 2, coefficient: -0.1 }],
//!     ..Specification::default()
//! })
//! .expect("no covariate or correlation has a fault");
//!
//! let cohort = Cohort::new(&population, Seed(2026), 0);
//! let mut columns = Columns::new();
//! cohort.draw(0..6, &mut columns)?;
//! let [height, bmi, weight] = [1, 2, 3].map(|index| columns.covariate(index));
//! assert_eq!(weight[4], bmi[4] * (height[4] * height[4]));
//!
//! // Twin 4 alone is the twin 4 that was drawn among others.
//! let mut alone = Columns::new();
//! cohort.draw(4..5, &mut alone)?;
//! assert_eq!(alone.covariate(2)[0], columns.covariate(2)[4]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cohort;
mod columns;
mod copula;
mod deviates;
mod error;
mod expression;
mod order;
mod people;
mod population;
mod score;
mod specification;
mod twins;

pub use cohort::{Cohort, DrawError};
pub use columns::Columns;
pub use deviates::{DeviateColumns, Deviates};
pub use error::{Fault, Given, Place, PopulationError};
pub use order::{Order, order};
pub use people::{PeopleError, PeopleTable};
pub use population::Population;
pub use specification::{
    Correlation, Covariate, Law, Limit, Marginal, PeopleDraw, PeopleFile, Specification,
};
pub use twins::{TwinKey, Twins};
