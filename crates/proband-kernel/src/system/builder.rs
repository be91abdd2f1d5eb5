//! What goes into a system.

use super::layout::*;
use super::translate::{Instance, Translator, Value};
use super::{System, assemble};
use crate::BuildError;
use proband_lang::{Expr, Model, SymbolId, Unit};
use std::collections::BTreeMap;

/// Collects what a system is made of: models, what feeds their inputs, and what the trial adds.
/// Nothing is compiled before [`build`](Self::build), so the order of calls matters only for the
/// numbering of what is added.
#[derive(Debug)]
pub struct SystemBuilder<'a> {
    time: Unit,
    pub(super) translator: Translator<'a>,
    pub(super) hazards: Vec<ValueId>,
    pub(super) guards: Vec<ValueId>,
    pub(super) programs: Vec<Vec<ValueId>>,
    pub(super) observables: Vec<(ModelId, usize)>,
    pub(super) infusions: Vec<(ModelId, usize)>,
    pub(super) exact: bool,
    pub(super) propagated: bool,
}

/// How a model takes part in a system.
#[derive(Clone, Debug, Default)]
pub struct ModelOptions {
    /// Typical values other than those of the file, by position of the parameter.
    pub typical: BTreeMap<usize, Typical>,
    /// What feeds inputs, by position; the others keep their default.
    pub feeds: BTreeMap<usize, Feed>,
}

impl<'a> SystemBuilder<'a> {
    /// Nothing yet, in this unit of time. Models that count in another are converted.
    #[must_use]
    pub fn new(time: Unit) -> Self {
        Self {
            time,
            translator: Translator::default(),
            hazards: Vec::new(),
            guards: Vec::new(),
            programs: Vec::new(),
            observables: Vec::new(),
            infusions: Vec::new(),
            exact: false,
            propagated: false,
        }
    }

    /// Adds a model.
    pub fn add_model(&mut self, model: &'a Model, options: ModelOptions) -> ModelId {
        let time_ratio = self.time.factor_to(&model.time).expect("both are units of time");
        self.translator.models.push(Instance { model, options, time_ratio });
        ModelId(self.translator.models.len() - 1)
    }

    /// Feeds an input, by its position in the model; replaces what fed it. For feeds that are
    /// values of the system and so can't be named before the model is added.
    pub fn feed(&mut self, model: ModelId, input: usize, feed: Feed) {
        self.translator.models[model.0].options.feeds.insert(input, feed);
    }

    /// Adds a row of the twin bank that the trial fills.
    pub fn add_twin_slot(&mut self) -> TwinSlot {
        let slot = TwinSlot(self.translator.twin.len());
        self.translator.twin.push(TwinRow::Slot(slot));
        slot
    }

    /// Adds a row of signals that the trial fills.
    pub fn add_signal(&mut self) -> SignalSlot {
        let slot = SignalSlot(self.translator.signals.len());
        self.translator.signals.push(Signal::Slot(slot));
        slot
    }

    /// Names the value of a trial's expression, in which `t` is the system's time; `resolve` says
    /// what each of its symbols is.
    pub fn add_expression(
        &mut self,
        expr: &'a Expr,
        resolve: &mut dyn FnMut(SymbolId) -> Source,
    ) -> ValueId {
        self.add_value(Value::expression(expr, resolve))
    }

    /// Names the value of a quantity of a model, in its unit.
    pub fn add_symbol(&mut self, model: ModelId, symbol: SymbolId) -> ValueId {
        self.add_value(Value::Source(Source::Symbol(model, symbol)))
    }

    /// Adds a hazard: a rate per unit of the system's time.
    pub fn add_hazard(&mut self, rate: ValueId) -> HazardId {
        self.hazards.push(rate);
        HazardId(self.hazards.len() - 1)
    }

    /// Adds a guard that watches a condition.
    pub fn add_guard(&mut self, condition: ValueId) -> GuardId {
        self.guards.push(condition);
        GuardId(self.guards.len() - 1)
    }

    /// Adds a program that writes these values, in this order: for records, rules, trajectories,
    /// whatever is evaluated together.
    pub fn add_program(&mut self, values: &[ValueId]) -> ProgramId {
        self.programs.push(values.to_vec());
        ProgramId(self.programs.len() - 1)
    }

    /// Adds a model's observable, by position, to those that [`System::observe`] evaluates.
    pub fn add_observable(&mut self, model: ModelId, observable: usize) -> ObservableId {
        self.observables.push((model, observable));
        ObservableId(self.observables.len() - 1)
    }

    /// Lets a dose line, by position, take infusions. Lines of which the model says over what time
    /// a dose arrives take them anyway.
    pub fn add_infusion(&mut self, model: ModelId, line: usize) {
        self.infusions.push((model, line));
    }

    /// Makes states exact where a closed form is known: see [`System::integrated`].
    pub fn solve_exactly(&mut self) {
        self.exact = true;
    }

    /// Makes all states exact, where closed forms are not known for all of them, by the exponential of
    /// the matrix if that can be: see [`System::propagated`].
    pub fn propagate(&mut self) {
        self.propagated = true;
    }

    /// Compiles the system.
    pub fn build(self) -> Result<System, BuildError> {
        assemble::assemble(self)
    }

    fn add_value(&mut self, value: Value<'a>) -> ValueId {
        self.translator.values.push(value);
        ValueId(self.translator.values.len() - 1)
    }
}
