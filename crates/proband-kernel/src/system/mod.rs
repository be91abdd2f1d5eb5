//! What an arm's simulation integrates: one or several models and what a trial adds to them.
//!
//! A twin's path through a system, by the programs that take part:
//!
//! 1. Fill the first [`System::twin`] rows of the twin bank and the rows of
//!    [`System::signals`], then run the [`System::prelude`], whose outputs are the rest of the
//!    twin bank. Again whenever one of those twin rows changes (a covariate, an occasion).
//! 2. Fill the switches' signals from [`System::switch_program`].
//! 3. Take the initial states from [`System::start`], and where some are
//!    [exact](System::integrated) run [`System::anchor`] into its signals. Again whenever anything has
//!    changed that rates depend on.
//! 4. Integrate [`System::rates`], land on the instants the switch program gives, watch
//!    [`System::guards`], and evaluate [`System::observe`] and [`System::programs`] where wanted.
//! 5. At instants, [`DosePlan`], [`UpdatePlan`], [`NextPlan`] and [`EventPlan`] say what changes; a hazard that
//!    is a jump's changes its state.
//!
//! Everything that depends on the twin alone is computed by the prelude. What nothing uses is not
//! compiled.

mod assemble;
mod builder;
mod course;
mod derivatives;
mod equations;
mod exact;
mod layout;
mod plans;
mod prelude;
mod spread;
mod start;
mod switches;
mod translate;

pub use builder::{ModelOptions, SystemBuilder};
pub use equations::Equations;
pub use layout::*;
pub use spread::{ModelSpread, SpreadPlan, SpreadRows, compile_spread};
pub use start::{InitialStates, InitialStatesKernel, StartFailure};

use crate::{BuildError, NodeId, Program};
use proband_lang::{Expr, SymbolId};
use translate::{Translator, Value};

/// A system of models, compiled.
#[derive(Clone, Debug)]
pub struct System {
    /// The rows of the twin bank that are filled from outside. They are followed by
    /// [`derived`](Self::derived) rows that the prelude writes.
    pub twin: Vec<TwinRow>,
    /// How many rows the prelude writes.
    pub derived: usize,
    /// The rows of signals.
    pub signals: Vec<Signal>,
    /// The rows of states: the models' in order, then cumulative hazards.
    pub states: Vec<StateRow>,
    /// Reads the rows of [`twin`](Self::twin) alone, and writes the derived rows that follow.
    pub prelude: Program,
    /// Initial states.
    pub start: InitialStates,
    /// The rows of the states that are integrated, in order. The others, if
    /// [exact ones](SystemBuilder::solve_exactly) were asked for, are known functions of time between
    /// instants. Programs that are evaluated along the path ([`rates`](Self::rates) and its
    /// derivatives, guards, [`observe`](Self::observe), [`programs`](Self::programs),
    /// [`present`](Self::present)) read rows of integrated states alone; those that are evaluated
    /// at instants (everything else) read rows of all states.
    pub integrated: Vec<usize>,
    /// What keeps exact states on their course.
    pub anchor: Anchor,
    /// Writes all states, as they are along the path.
    pub present: Program,
    /// Writes the derivative of every integrated state per unit of the system's time.
    pub rates: Program,
    /// Derivatives of rates with respect to states, both by their position among the integrated.
    pub jacobian: Jacobian,
    /// Writes the partial derivative of every rate with respect to time, on which exact states
    /// depend; zero where that is not finite, none where all are zero.
    pub time_derivative: Option<Program>,
    /// Rates and their derivatives as expressions, for programs of whole steps.
    pub equations: Equations,
    /// The least and the greatest value of each integrated state.
    pub bounds: Vec<(f64, f64)>,
    /// If rates are linear in the states with coefficients and constants that change at instants only:
    /// the rates with such a constant, in order.
    pub linear: Option<Vec<usize>>,
    /// Whether the exponential of the matrix, where it was [asked for](SystemBuilder::propagate), makes
    /// all states exact, which then are integrated by it: closed forms are not known for all, the
    /// system is [linear](Self::linear), and nothing is watched that could change more than once between
    /// instants.
    pub propagated: bool,
    /// What each guard watches.
    pub guards: Vec<GuardSource>,
    /// Writes the guards: positive exactly while the condition holds.
    pub guard_program: Program,
    /// Hazards: those of each model, then of its jumps, in order; at last the trial's.
    pub hazards: Vec<HazardPlan>,
    /// The models' events in order.
    pub events: Vec<EventPlan>,
    /// The models' dose lines in order.
    pub doses: Vec<DosePlan>,
    /// The models' updates in order.
    pub updates: Vec<UpdatePlan>,
    /// The models' difference equations in order.
    pub nexts: Vec<NextPlan>,
    /// The observables that were asked for.
    pub observables: Vec<ObservablePlan>,
    /// Writes what the observables' rows refer to.
    pub observe: Program,
    /// The programs that were asked for.
    pub programs: Vec<Program>,
    /// What jumps or bends with time alone, of all that rates or guards depend on.
    pub switches: Vec<Switch>,
    /// For switch `k`, writes to output `2 k` its value from the present on (1 or 0 for a
    /// condition), which belongs into its signal if it has one, and to output `2 k + 1` the next
    /// instant to land on (infinity where there is none, or where a guard finds it). Run it at the
    /// start, on landing on such an instant, when a switch's guard has crossed, and when rows of
    /// twin or signals have changed. Everything but rates and their derivatives asks the
    /// conditions themselves: at the very instant of a change a record counts what is written.
    pub switch_program: Program,
    /// For each model and parameter, its row among the derived.
    individuals: Vec<Vec<usize>>,
}

/// Derivatives of rates with respect to states.
#[derive(Clone, Debug)]
pub struct Jacobian {
    /// (row, column) of every entry that is not zero by structure: rate and state, by row, then
    /// column.
    pub entries: Vec<(usize, usize)>,
    /// Writes the entries in that order. Where one is infinite or no number for an instant (that of
    /// `c^0.4` at zero), it writes zero.
    pub program: Program,
}

impl System {
    /// How many rows the twin bank has in all.
    #[must_use]
    pub fn twin_rows(&self) -> usize {
        self.twin.len() + self.derived
    }

    /// The position of a row that is filled from outside, if the system has it.
    #[must_use]
    pub fn twin_row(&self, row: TwinRow) -> Option<usize> {
        self.twin.iter().position(|known| *known == row)
    }

    /// The position of a signal, if anything reads it.
    #[must_use]
    pub fn signal(&self, signal: Signal) -> Option<usize> {
        self.signals.iter().position(|known| *known == signal)
    }

    /// The row of a model's state.
    #[must_use]
    pub fn state(&self, model: ModelId, state: usize) -> Option<usize> {
        self.states.iter().position(|known| *known == StateRow::Model(model, state))
    }

    /// The row of the twin bank that holds a parameter's individual value once the prelude has
    /// run; panics where the model has no such parameter.
    #[must_use]
    pub fn individual(&self, model: ModelId, parameter: usize) -> usize {
        self.individuals[model.0][parameter]
    }
}

/// A program that writes the values of expressions outside any system: derived covariates,
/// eligibility, conditions on records. `resolve` says what their symbols are: slots count rows of
/// the twin bank and of signals; models have no meaning here. `t` is the row of time.
pub fn compile_expressions<'a>(
    expressions: &'a [&'a Expr],
    resolve: &mut dyn FnMut(SymbolId) -> Source,
) -> Result<Program, BuildError> {
    let mut translator = Translator::default();
    for &expr in expressions {
        translator.values.push(Value::expression(expr, resolve));
    }
    translator.refuse_models()?;
    let nodes: Result<Vec<NodeId>, BuildError> =
        (0..expressions.len()).map(|at| translator.value(ValueId(at))).collect();
    Ok(translator.graph.program(&nodes?))
}
