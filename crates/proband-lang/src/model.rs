//! A checked model: what a `*.model` file (and the files it uses) means, with nothing left to look up.
//!
//! Families are unrolled (`transit[1]`, `transit[2]`, ... are symbols of their own), functions are
//! inlined, names of used files carry their qualifier (`pk.cp`), `let`s stand in an order in which
//! each needs only those before it. What a consumer must know:
//!
//! - **Values** are held in the unit of their symbol: a quantity in `%` as 7.2, not 0.072. Where two
//!   units meet, the factor is written out in the expression; where they are equal there is none.
//! - **Levels** of a category are their positions, from 0; a pick is an [`Expr::Member`] over them.
//! - **Covariates** belong to the twin: one of the same name in several files is one symbol, without a
//!   qualifier. Covariates and inputs that `with` replaces are `let`s of their qualified name;
//!   replaced parameters stay parameters, without the spread of their own file.
//! - **Typical values**: every parameter has a second symbol of the same name, of kind
//!   [`SymbolKind::Typical`], in the unit in which the file writes the number. Its value is
//!   [`Parameter::typical_value`] until a trial replaces it.
//! - **Spreads** are standard deviations of the deviate whatever the file says: `var` is its square,
//!   a log-normal `cv` is sqrt(exp(sd^2) - 1). Numbers are folded; they need no evaluation.
//! - **Times**, that of a used file included, are in [`Model::time`]: rates per it, lags and holds in
//!   it, [`Expr::Time`] counts in it.

use crate::{Expr, Happening, SymbolId, Unit};
use proband_diag::Span;

/// A checked model.
#[derive(Clone, Debug)]
pub struct Model {
    /// The name after `model`.
    pub name: String,
    /// The title beside it.
    pub title: Option<String>,
    /// The `source` lines of all files, outermost first.
    pub sources: Vec<String>,
    /// The unit of `t` and of every rate, lag and duration below.
    pub time: Unit,
    /// Every scalar quantity.
    pub symbols: Vec<Symbol>,
    /// Every category.
    pub categories: Vec<Category>,
    /// Table functions.
    pub tables: Vec<Table>,
    /// Traits of a twin that the population gives.
    pub covariates: Vec<Covariate>,
    /// Signals from outside.
    pub inputs: Vec<Input>,
    /// Numbers of a twin.
    pub parameters: Vec<Parameter>,
    /// Correlated deviates of parameters.
    pub blocks: Vec<Block>,
    /// Derived quantities, each after those it needs.
    pub lets: Vec<Let>,
    /// Every covariate, parameter, input and `let`, each after those that its definition needs. (A
    /// parameter may need a `let` and the other way round, so that one order goes through all.)
    pub order: Vec<SymbolId>,
    /// Integrated and updated quantities.
    pub states: Vec<State>,
    /// Where doses enter.
    pub doses: Vec<DoseLine>,
    /// Difference equations.
    pub nexts: Vec<Next>,
    /// Transitions in continuous time.
    pub jumps: Vec<Jump>,
    /// Instants at which a condition becomes true, or that recur.
    pub events: Vec<Event>,
    /// Rates that give event times.
    pub hazards: Vec<Hazard>,
    /// Changes of states at an instant.
    pub updates: Vec<Update>,
    /// What a visit may record.
    pub observables: Vec<Observable>,
}

/// A scalar quantity.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// The full name: `cl`, `pk.cp`, `a[liver]`, `w[1, 2]`.
    pub name: String,
    /// The unit its value is held in.
    pub unit: Unit,
    /// What it is.
    pub kind: SymbolKind,
    /// The category whose levels it takes (position in `Model::categories`), if it is not a number.
    pub category: Option<usize>,
    /// How often its value changes.
    pub level: Level,
    /// Where it is declared.
    pub span: Span,
    /// The text beside its declaration.
    pub text: Option<String>,
}

/// What a symbol is, with its position in the list of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// The typical value of a parameter: the leading number of its expression, or the whole.
    Typical(usize),
    /// A parameter: its individual value.
    Parameter(usize),
    /// A covariate.
    Covariate(usize),
    /// An input.
    Input(usize),
    /// A derived quantity.
    Let(usize),
    /// A state.
    State(usize),
    /// The amount of the dose that is being given, in the unit of its dose line; only in `on`.
    Amount,
}

/// How often a value changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Never.
    Constant,
    /// From twin to twin (parameters, covariates) and at occasions.
    Twin,
    /// With time alone (`t`, inputs, `since`).
    Time,
    /// With the states.
    State,
}

/// A set of levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// The name of the declared set, or of the quantity whose levels these are.
    pub name: String,
    /// The levels, in order.
    pub levels: Vec<String>,
}

/// A function given by points.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Unit of the argument.
    pub x_unit: Unit,
    /// Unit of the value.
    pub y_unit: Unit,
    /// The points, `x` increasing. Outside them the value is that of the nearest.
    pub points: Vec<(f64, f64)>,
    /// Between points.
    pub between: Between,
    /// Where it is declared.
    pub span: Span,
}

/// What a signal is between known values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// The value before ("step", "last", "previous").
    Last,
    /// The value after.
    Next,
    /// On the line between the two.
    Linear,
}

/// A trait of a twin that the population gives.
#[derive(Clone, Debug)]
pub struct Covariate {
    /// Its symbol.
    pub symbol: SymbolId,
    /// The value for the typical twin, of constant level.
    pub typical: Option<Expr>,
    /// Between known values.
    pub between: Between,
}

/// A signal from outside.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its symbol.
    pub symbol: SymbolId,
    /// The value where nothing feeds it.
    pub default: Option<Expr>,
}

/// A number of a twin.
///
/// Its individual value is `expression` (in which the typical value is a symbol of its own, so that
/// a trial can replace it) moved by the deviates: with `eta` the sum of the twin's and the occasion's
/// deviate, a log-normal parameter is `expression * exp(eta)`, an additive normal one
/// `expression + eta`, a proportional normal one `expression * (1 + eta)`, a logit-normal one
/// `expit(logit(expression) + eta)`. Uniform and Bernoulli parameters replace the expression by the
/// draw.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The symbol of its individual value.
    pub symbol: SymbolId,
    /// The symbol of its typical value, of kind [`SymbolKind::Typical`].
    pub typical: SymbolId,
    /// The number that stands in the file as typical value. None where the expression has no leading
    /// number; then `expression` is the whole, and a trial that gives the parameter replaces it all.
    pub typical_value: Option<f64>,
    /// The typical value for the twin's covariates.
    pub expression: Expr,
    /// Spread between twins.
    pub between_twins: Option<Spread>,
    /// Spread between the occasions of a twin.
    pub between_occasions: Option<Spread>,
    /// The individual value is above (or at) this.
    pub lower: Option<Bound>,
    /// The individual value is below (or at) this.
    pub upper: Option<Bound>,
    /// Block and position in it, if its deviate is correlated with others.
    pub block: Option<(usize, usize)>,
}

/// How a deviate moves a parameter, and its size. Standard deviations are those of the deviate.
#[derive(Clone, Debug, PartialEq)]
pub enum Spread {
    /// Multiplies by exp(eta), eta of this standard deviation.
    LogNormal(Expr),
    /// Adds eta, of this standard deviation in the parameter's unit.
    Normal(Expr),
    /// Multiplies by 1 + eta, of this standard deviation.
    Proportional(Expr),
    /// Adds eta on the logit, of this standard deviation.
    LogitNormal(Expr),
    /// Uniform between the two, in the parameter's unit.
    Uniform(Expr, Expr),
    /// 1 with the probability that the expression gives, else 0; the parameter is a plain number,
    /// whatever unit its probability was written in.
    Bernoulli,
}

/// A limit of truncation.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The limit, in the parameter's unit.
    pub value: Expr,
    /// Whether the limit itself is allowed.
    pub inclusive: bool,
}

/// Parameters whose deviates are correlated.
#[derive(Clone, Debug)]
pub struct Block {
    /// Positions in `Model::parameters`.
    pub members: Vec<usize>,
    /// The correlations of the deviates, row by row, `n * n` numbers; positive definite. How far each
    /// deviates is said by the spread of its parameter.
    pub correlation: Vec<f64>,
    /// Where it is declared.
    pub span: Span,
}

/// A derived quantity.
#[derive(Clone, Debug)]
pub struct Let {
    /// Its symbol.
    pub symbol: SymbolId,
    /// Its value.
    pub expression: Expr,
}

/// An integrated or updated quantity.
#[derive(Clone, Debug)]
pub struct State {
    /// Its symbol.
    pub symbol: SymbolId,
    /// Its value at the start of the twin's simulated time.
    pub start: Start,
    /// Its rate of change in its unit per `Model::time`; none if only `next`, `jump` or `on` move it.
    pub rate: Option<Expr>,
    /// A falling derivative stops here, in the state's unit.
    pub lower: Option<f64>,
    /// A rising derivative stops here, in the state's unit.
    pub upper: Option<f64>,
}

/// Where a state starts.
#[derive(Clone, Debug, PartialEq)]
pub enum Start {
    /// At a value.
    Value(Expr),
    /// Where its derivative is zero, jointly with all others that say so, with no dose.
    Steady,
}

/// Where a dose enters.
#[derive(Clone, Debug)]
pub struct DoseLine {
    /// The drug, where a model takes several; like the route without the qualifier of a used file.
    pub drug: Option<String>,
    /// The route: the word by which a regimen names this line.
    pub route: String,
    /// The unit in which a dose arrives.
    pub unit: Unit,
    /// The state it enters.
    pub target: SymbolId,
    /// Time from giving to arrival.
    pub lag: Option<Expr>,
    /// What one unit of dose adds to the state (bioavailability and conversion together).
    pub fraction: Option<Expr>,
    /// Time over which it arrives at a constant rate, where the model says so.
    pub over: Option<Expr>,
    /// Where it is declared.
    pub span: Span,
}

/// A difference equation: `state` becomes `value`, or a draw about it, every so often.
#[derive(Clone, Debug)]
pub struct Next {
    /// The state.
    pub state: SymbolId,
    /// The interval, counted from the start of the twin's simulated time.
    pub every: Expr,
    /// The new value, or the centre of the draw; none for draws that have no centre.
    pub value: Option<Expr>,
    /// The draw.
    pub draw: Option<Draw>,
}

/// A transition in continuous time.
#[derive(Clone, Debug)]
pub struct Jump {
    /// The state, a category.
    pub state: SymbolId,
    /// The level it leaves.
    pub from: usize,
    /// The level it enters.
    pub to: usize,
    /// Per `Model::time`.
    pub rate: Expr,
}

/// A named instant.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// When it happens.
    pub trigger: Trigger,
    /// Happens at most once.
    pub once: bool,
    /// Ends the twin's follow-up.
    pub terminal: bool,
    /// The text beside it.
    pub text: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// When an event happens.
#[derive(Clone, Debug)]
pub enum Trigger {
    /// Once `condition` has held for `hold`; re-arms once `until` has held for `until_hold`.
    When {
        /// The condition.
        condition: Expr,
        /// How long it must hold, in `Model::time`.
        hold: Option<Expr>,
        /// The condition of re-arming; by default that `condition` no longer holds.
        until: Option<Expr>,
        /// How long that must hold.
        until_hold: Option<Expr>,
    },
    /// Every so often.
    Every {
        /// The interval.
        period: Expr,
        /// The first time, by default 0.
        from: Option<Expr>,
    },
}

/// A rate that, integrated against an exponential draw, gives event times.
#[derive(Clone, Debug)]
pub struct Hazard {
    /// Its name.
    pub name: String,
    /// Its symbol: a `let` of this name holds the rate, in the unit of its declaration.
    pub symbol: SymbolId,
    /// Per `Model::time`.
    pub rate: Expr,
    /// Happens at most once.
    pub once: bool,
    /// Ends the twin's follow-up.
    pub terminal: bool,
    /// The text beside it.
    pub text: Option<String>,
    /// Where it is declared.
    pub span: Span,
}

/// Changes of states at an instant; right sides see the values before it.
#[derive(Clone, Debug)]
pub struct Update {
    /// What brings it about.
    pub at: Happening,
    /// The states and their new values.
    pub assignments: Vec<(SymbolId, Expr)>,
    /// Where it is declared.
    pub span: Span,
}

/// What a visit may record.
#[derive(Clone, Debug)]
pub struct Observable {
    /// Its name.
    pub name: String,
    /// The quantity that is its true value, held in `unit`: a `let` of the observable's name, the
    /// quantity that `observe x` names, or, where that is recorded in another unit, a `let` named
    /// `observe x` that converts it. NaN for a level that is drawn without a value.
    pub symbol: SymbolId,
    /// Unit of the record.
    pub unit: Unit,
    /// How a record differs from the truth; none if it does not.
    pub draw: Option<Draw>,
    /// Records below are reported as below the limit.
    pub lower_limit: Option<Expr>,
    /// Records above are reported as above the limit.
    pub upper_limit: Option<Expr>,
    /// The text beside it.
    pub text: Option<String>,
}

/// A draw about a value `m`.
#[derive(Clone, Debug, PartialEq)]
pub enum Draw {
    /// m + e, the variance of e being (cv m)^2 + sd^2.
    Normal {
        /// Proportional part.
        cv: Option<Expr>,
        /// Additive part, in the unit of the value.
        sd: Option<Expr>,
    },
    /// m exp(e), e of this standard deviation.
    LogNormal(Expr),
    /// 1 with probability m.
    Bernoulli,
    /// A count of mean m.
    Poisson,
    /// A count of mean m and variance m + a m^2.
    NegativeBinomial(Expr),
    /// Successes among this many, each with probability m.
    Binomial(Expr),
    /// Level k or above with probability expit of the k-th logit.
    Ordinal(Vec<Expr>),
    /// The levels after the first with these probabilities.
    Categorical(Vec<Expr>),
}

impl Model {
    /// The symbol of this full name.
    #[must_use]
    pub fn symbol(&self, name: &str) -> Option<SymbolId> {
        let index = self.symbols.iter().position(|symbol| {
            symbol.name == name
                && !matches!(symbol.kind, SymbolKind::Typical(_) | SymbolKind::Amount)
        })?;
        u32::try_from(index).ok().map(SymbolId)
    }

    /// What a jump is called, by its position: `mood low -> high`.
    #[must_use]
    pub fn jump_name(&self, jump: usize) -> String {
        let Jump { state, from, to, .. } = &self.jumps[jump];
        let state = &self.symbols[state.index()];
        let level = |level: usize| {
            let levels = state.category.map(|category| &self.categories[category].levels);
            levels.and_then(|levels| levels.get(level)).map_or("?", String::as_str)
        };
        format!("{} {} -> {}", state.name, level(*from), level(*to))
    }

    /// The observable of this name.
    #[must_use]
    pub fn observable(&self, name: &str) -> Option<&Observable> {
        self.observables.iter().find(|observable| observable.name == name)
    }

    /// The parameter of this full name, by position.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<usize> {
        self.parameters.iter().position(|p| self.symbols[p.symbol.index()].name == name)
    }

    /// The unit of a parameter's typical value: that of the number in the file, which may be another
    /// than the parameter is declared in (`param cl [mL/min] = 5 L/h`).
    #[must_use]
    pub fn typical_unit(&self, parameter: usize) -> &Unit {
        &self.symbols[self.parameters[parameter].typical.index()].unit
    }
}
