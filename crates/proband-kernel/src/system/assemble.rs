//! From what was collected to a compiled system.

use super::builder::SystemBuilder;
use super::course::Course;
use super::derivatives::{Derivatives, Entries};
use super::equations::Equations;
use super::exact::{self, Exact};
use super::layout::*;
use super::plans::Plans;
use super::prelude::{Known, Prelude};
use super::start::{InitialStates, Steady};
use super::switches::Switches;
use super::{Jacobian, System};
use crate::BuildError;
use crate::graph::{Bank, Graph, NodeId, Reads};
use crate::program::compile;
use proband_lang::{Expr, Jump, Start, Trigger};
use std::collections::{BTreeMap, BTreeSet};

/// Compiles a system.
pub(super) fn assemble(builder: SystemBuilder<'_>) -> Result<System, BuildError> {
    let mut assembly = Assembly {
        builder,
        states: Vec::new(),
        rates: Vec::new(),
        hazards: Vec::new(),
        guards: Guards::default(),
    };
    assembly.builder.translator.lay_out_twin();
    assembly.model_states()?;
    assembly.hazard_states()?;
    assembly.watch_events()?;
    assembly.watch_hazards();
    assembly.watch_rates();
    assembly.watch_trial()?;
    assembly.finish()
}

/// A system in the making.
struct Assembly<'a> {
    builder: SystemBuilder<'a>,
    states: Vec<StateRow>,
    rates: Vec<NodeId>,
    hazards: Vec<HazardPlan>,
    guards: Guards,
}

/// Guards in the making.
#[derive(Default)]
struct Guards {
    sources: Vec<GuardSource>,
    nodes: Vec<NodeId>,
    /// The conditions from which guards were made.
    conditions: Vec<NodeId>,
}

impl Guards {
    fn watch(&mut self, source: GuardSource, node: NodeId) -> usize {
        self.sources.push(source);
        self.nodes.push(node);
        self.nodes.len() - 1
    }
}

impl<'a> Assembly<'a> {
    /// The models' states and their rates.
    fn model_states(&mut self) -> Result<(), BuildError> {
        for id in self.builder.model_ids() {
            let model = self.builder.translator.models[id.0].model;
            for (at, state) in model.states.iter().enumerate() {
                self.states.push(StateRow::Model(id, at));
                let rate = self.rate(id, state.rate.as_ref())?;
                self.rates.push(rate);
            }
        }
        self.add_infusions();
        Ok(())
    }

    /// A rate of change per unit of the system's time; zero for what moves at instants only.
    fn rate(&mut self, id: ModelId, rate: Option<&'a Expr>) -> Result<NodeId, BuildError> {
        let translator = &mut self.builder.translator;
        match rate {
            Some(rate) => {
                let rate = translator.in_model(id, rate)?;
                Ok(translator.times_ratio(id, rate))
            }
            None => Ok(translator.graph.constant(0.0)),
        }
    }

    /// Adds the flow of infusions to the rates of the states that take them.
    fn add_infusions(&mut self) {
        for state in self.builder.infused_states() {
            let translator = &mut self.builder.translator;
            let flow = translator.signal(Signal::Infusion(state));
            let rate = self.rates[state];
            self.rates[state] = translator.graph.binary(proband_lang::Binary::Add, rate, flow);
        }
    }

    /// Hazards and their cumulative hazards, the models' first.
    fn hazard_states(&mut self) -> Result<(), BuildError> {
        for id in self.builder.model_ids() {
            let model = self.builder.translator.models[id.0].model;
            for (at, hazard) in model.hazards.iter().enumerate() {
                let rate = self.rate(id, Some(&hazard.rate))?;
                self.add_hazard(HazardSource::Model(id, at), rate);
            }
            for (at, jump) in model.jumps.iter().enumerate() {
                let rate = self.jump_rate(id, jump)?;
                self.add_hazard(HazardSource::Jump(id, at), rate);
            }
        }
        for at in 0..self.builder.hazards.len() {
            let rate = self.builder.translator.value(self.builder.hazards[at])?;
            self.add_hazard(HazardSource::Trial(HazardId(at)), rate);
        }
        Ok(())
    }

    /// The rate of a jump, zero at other levels than the one it leaves. Each jump is a unit Poisson
    /// process run by the clock of its own cumulative rate (Anderson 2007, doi:10.1063/1.2799998),
    /// so that those which leave one level compete.
    fn jump_rate(&mut self, id: ModelId, jump: &'a Jump) -> Result<NodeId, BuildError> {
        let rate = self.rate(id, Some(&jump.rate))?;
        let translator = &mut self.builder.translator;
        let state = translator.symbol(id, jump.state)?;
        let graph = &mut translator.graph;
        let (from, zero) = (graph.constant(jump.from as f64), graph.constant(0.0));
        let there = graph.binary(proband_lang::Binary::Equal, state, from);
        Ok(graph.select(there, rate, zero))
    }

    fn add_hazard(&mut self, source: HazardSource, rate: NodeId) {
        let at = self.hazards.len();
        let threshold = self.builder.translator.signal_row(Signal::Threshold(at));
        let state = self.states.len();
        self.states.push(StateRow::CumulativeHazard(at));
        self.rates.push(rate);
        self.hazards.push(HazardPlan { source, state, threshold, guard: usize::MAX });
    }

    fn watch_events(&mut self) -> Result<(), BuildError> {
        for id in self.builder.model_ids() {
            let model = self.builder.translator.models[id.0].model;
            for (at, event) in model.events.iter().enumerate() {
                if let Trigger::When { condition, until, .. } = &event.trigger {
                    self.watch_condition(GuardSource::Event(id, at), id, condition)?;
                    if let Some(until) = until {
                        self.watch_condition(GuardSource::Until(id, at), id, until)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn watch_condition(
        &mut self,
        source: GuardSource,
        id: ModelId,
        condition: &'a Expr,
    ) -> Result<(), BuildError> {
        let condition = self.builder.translator.in_model(id, condition)?;
        self.watch(source, condition);
        Ok(())
    }

    fn watch(&mut self, source: GuardSource, condition: NodeId) {
        let guard = self.builder.translator.graph.guard(condition);
        self.guards.conditions.push(condition);
        self.guards.watch(source, guard);
    }

    fn watch_hazards(&mut self) {
        let translator = &mut self.builder.translator;
        for (at, hazard) in self.hazards.iter_mut().enumerate() {
            let cumulative = translator.graph.input(Bank::State, hazard.state);
            let threshold = translator.graph.input(Bank::Signal, hazard.threshold);
            let binary = proband_lang::Binary::Sub;
            let guard = translator.graph.binary(binary, cumulative, threshold);
            hazard.guard = self.guards.watch(GuardSource::Hazard(at), guard);
        }
    }

    /// Watches the rates of hazards that may turn negative.
    fn watch_rates(&mut self) {
        for at in 0..self.hazards.len() {
            let rate = self.rates[self.hazards[at].state];
            let graph = &mut self.builder.translator.graph;
            if !graph.is_never_negative(rate) {
                let zero = graph.constant(0.0);
                let negative = graph.binary(proband_lang::Binary::Less, rate, zero);
                self.watch(GuardSource::NegativeRate(at), negative);
            }
        }
    }

    fn watch_trial(&mut self) -> Result<(), BuildError> {
        for at in 0..self.builder.guards.len() {
            let condition = self.builder.translator.value(self.builder.guards[at])?;
            self.watch(GuardSource::Trial(GuardId(at)), condition);
        }
        Ok(())
    }

    fn watch_switches(&mut self, switches: &mut Switches) {
        for (at, guard) in &switches.guards {
            let guard = self.guards.watch(GuardSource::Switch(*at), *guard);
            switches.switches[*at].guard = Some(guard);
        }
    }

    fn finish(mut self) -> Result<System, BuildError> {
        let parts = self.parts()?;
        let (prelude, individuals) = self.prelude(&parts)?;
        Ok(self.compile(parts, &prelude, individuals))
    }

    /// Translates what is not states, rates or guards.
    fn parts(&mut self) -> Result<Parts, BuildError> {
        let translator = &mut self.builder.translator;
        let mut switches = Switches::find(translator, &self.rates, &self.guards.conditions)?;
        self.watch_switches(&mut switches);
        let plans = Plans::of(&mut self.builder, &self.guards.sources)?;
        let (starts, steady) = self.starts()?;
        let bounds = self.bounds();
        let motion = self.motion(&switches, &bounds)?;
        let translator = &mut self.builder.translator;
        self.guards.nodes = motion.course.along(&mut translator.graph, &self.guards.nodes);
        let plans = plans.along(&mut translator.graph, &motion.course);
        let bounds = motion.course.integrated.iter().map(|&row| bounds[row]).collect();
        Ok(Parts { switches, motion, plans, starts, steady, bounds })
    }

    /// How states move, where conditions on time alone are read as signals.
    fn motion(
        &mut self,
        switches: &Switches,
        bounds: &[(f64, f64)],
    ) -> Result<Motion, BuildError> {
        let translator = &mut self.builder.translator;
        let switched = switches.inputs(&mut translator.graph);
        let rates = translator.graph.replace_all(&self.rates, &switched);
        let states: Vec<usize> = (0..rates.len()).collect();
        let entries = Derivatives::with_respect_to(&mut translator.graph, &rates, &states);
        let linear = exact::linear(&mut translator.graph, &rates, &entries);
        let (exact, propagated) = self.exact(&rates, &entries, linear.is_some(), bounds);
        let translator = &mut self.builder.translator;
        let course = Course::of(translator, &rates, exact);
        let graph = &mut translator.graph;
        let slopes = course.slopes(graph, &rates, &entries);
        let derivatives = Derivatives::of(graph, &course, &entries, &slopes);
        let present = course.present(graph, rates.len());
        let rates: Vec<NodeId> = course.integrated.iter().map(|&row| rates[row]).collect();
        let rates = course.along(graph, &rates);
        Ok(Motion { course, rates, derivatives, present, linear, propagated })
    }

    /// The states that have a closed form; or none, if the exponential of the matrix does for all.
    fn exact(
        &mut self,
        rates: &[NodeId],
        entries: &Entries,
        linear: bool,
        bounds: &[(f64, f64)],
    ) -> (Exact, bool) {
        let (watched, bounded) = (self.watched(), self.bounded(bounds));
        let translator = &mut self.builder.translator;
        let exact = match self.builder.exact {
            true => Exact::find(translator, rates, entries, &bounded, &watched),
            false => Exact::default(),
        };
        let graph = &translator.graph;
        let free = bounded.is_empty()
            && !watched.iter().any(|&guard| graph.reads(guard).any(Reads::STATE));
        let closed = exact.states.len() == rates.len();
        let few = rates.len() <= MOST_PROPAGATED;
        match self.builder.propagated && !closed && linear && free && few {
            true => (Exact::default(), true),
            false => (exact, false),
        }
    }

    /// The guards whose every change must be found. A cumulative hazard only rises; whether its rate is
    /// negative is looked at as closely as its integral is.
    fn watched(&self) -> Vec<NodeId> {
        let guards = self.guards.sources.iter().zip(&self.guards.nodes);
        let watched = guards.filter(|(source, _)| {
            !matches!(source, GuardSource::Hazard(_) | GuardSource::NegativeRate(_))
        });
        watched.map(|(_, &node)| node).collect()
    }

    /// The states that only integration keeps in bounds: those with bounds, and cumulative hazards
    /// whose rate might be negative.
    fn bounded(&self, bounds: &[(f64, f64)]) -> BTreeSet<usize> {
        let has_bounds = |row: &usize| bounds[*row] != (f64::NEG_INFINITY, f64::INFINITY);
        let negative = self.guards.sources.iter().filter_map(|source| match *source {
            GuardSource::NegativeRate(hazard) => Some(self.hazards[hazard].state),
            _ => None,
        });
        (0..bounds.len()).filter(has_bounds).chain(negative).collect()
    }

    /// The prelude, and the rows of individual parameters. Initial values are needed once and stay
    /// out of it.
    fn prelude(&mut self, parts: &Parts) -> Result<(Prelude, Vec<Vec<usize>>), BuildError> {
        let mut prelude = Prelude::new(&self.builder.translator.twin);
        let individuals = self.individuals(&mut prelude)?;
        let graph = &self.builder.translator.graph;
        let Parts { switches, motion, plans, .. } = parts;
        let Motion { rates, derivatives, present, course, .. } = motion;
        let moving = [rates, &derivatives.values].into_iter().chain(&derivatives.by_time);
        let moving = moving.chain([present, &self.guards.nodes]);
        for roots in moving.chain(plans.roots()) {
            prelude.hoist(graph, roots, &course.exact.known);
        }
        for roots in [&course.exact.anchored, &switches.outputs] {
            prelude.hoist(graph, roots, &Known::new());
        }
        Ok((prelude, individuals))
    }

    fn compile(self, parts: Parts, prelude: &Prelude, individuals: Vec<Vec<usize>>) -> System {
        let Parts { switches, motion, plans, starts, steady, bounds } = parts;
        let Motion { course, rates, derivatives, present, linear, propagated } = motion;
        let translator = self.builder.translator;
        let graph = &translator.graph;
        let known = &prelude.known;
        let mut on_course = known.clone();
        on_course.extend(&course.exact.known);
        let equations = Equations::new(graph, &on_course, &rates, &derivatives);
        System {
            equations,
            derived: prelude.outputs.len(),
            prelude: graph.program(&prelude.outputs),
            start: InitialStates {
                values: compile(graph, &starts, known),
                steady: steady.map(|steady| steady.compile(graph, known)),
            },
            integrated: course.integrated,
            anchor: Anchor {
                rows: course.exact.rows,
                program: compile(graph, &course.exact.anchored, known),
            },
            present: compile(graph, &present, &on_course),
            rates: compile(graph, &rates, &on_course),
            jacobian: Jacobian {
                program: compile(graph, &derivatives.values, &on_course),
                entries: derivatives.entries,
            },
            time_derivative: derivatives
                .by_time
                .map(|nodes| compile(graph, &nodes, &on_course)),
            bounds,
            linear,
            propagated,
            guard_program: compile(graph, &self.guards.nodes, &on_course),
            guards: self.guards.sources,
            hazards: self.hazards,
            events: plans.events(graph, known),
            doses: plans.doses(graph, known),
            updates: plans.updates(graph, known),
            nexts: plans.nexts(graph, known),
            observe: compile(graph, &plans.observed, &on_course),
            observables: plans.observables,
            programs: plans
                .programs
                .iter()
                .map(|nodes| compile(graph, nodes, &on_course))
                .collect(),
            switch_program: compile(graph, &switches.outputs, known),
            switches: switches.switches,
            states: self.states,
            individuals,
            twin: translator.twin,
            signals: translator.signals,
        }
    }

    fn graph(&mut self) -> &mut Graph {
        &mut self.builder.translator.graph
    }

    /// The values of all states at the start, and the states that are steady then.
    fn starts(&mut self) -> Result<(Vec<NodeId>, Option<SteadyNodes>), BuildError> {
        let (mut values, mut steady) = (Vec::new(), Vec::new());
        for (row, &state) in self.states.iter().enumerate() {
            let translator = &mut self.builder.translator;
            values.push(match state {
                StateRow::CumulativeHazard(_) => translator.graph.constant(0.0),
                StateRow::Model(id, at) => {
                    match &translator.models[id.0].model.states[at].start {
                        Start::Value(value) => translator.in_model(id, value)?,
                        Start::Steady => {
                            steady.push(row);
                            translator.graph.constant(1.0)
                        }
                    }
                }
            });
        }
        let steady = if steady.is_empty() { None } else { Some(self.steady(steady)?) };
        Ok((values, steady))
    }

    /// The derivatives of steady states, without any dose, and their derivatives.
    fn steady(&mut self, states: Vec<usize>) -> Result<SteadyNodes, BuildError> {
        let zero = self.graph().constant(0.0);
        let mut no_dose = BTreeMap::new();
        for state in self.builder.infused_states() {
            no_dose.insert(self.builder.translator.signal(Signal::Infusion(state)), zero);
        }
        let rates: Vec<NodeId> = states.iter().map(|&state| self.rates[state]).collect();
        let graph = self.graph();
        let rates: Vec<NodeId> =
            rates.iter().map(|&rate| graph.replace(rate, &no_dose)).collect();
        let jacobian = Derivatives::with_respect_to(graph, &rates, &states);
        let (entries, values): (Vec<_>, Vec<_>) = jacobian.into_iter().unzip();
        Ok(SteadyNodes { states, entries, outputs: [rates, values].concat() })
    }

    fn bounds(&self) -> Vec<(f64, f64)> {
        let models = &self.builder.translator.models;
        let of = |row: &StateRow| match *row {
            StateRow::CumulativeHazard(_) => (None, None),
            StateRow::Model(id, at) => {
                let state = &models[id.0].model.states[at];
                (state.lower, state.upper)
            }
        };
        let bounds = self.states.iter().map(of);
        let or_none = |(lower, upper): (Option<f64>, Option<f64>)| {
            (lower.unwrap_or(f64::NEG_INFINITY), upper.unwrap_or(f64::INFINITY))
        };
        bounds.map(or_none).collect()
    }

    /// The rows of all individual parameters.
    fn individuals(&mut self, prelude: &mut Prelude) -> Result<Vec<Vec<usize>>, BuildError> {
        let mut rows = Vec::new();
        for id in self.builder.model_ids() {
            let parameters = &self.builder.translator.models[id.0].model.parameters;
            let nodes: Result<Vec<NodeId>, BuildError> = parameters
                .iter()
                .map(|parameter| self.builder.translator.symbol(id, parameter.symbol))
                .collect();
            let graph = &self.builder.translator.graph;
            rows.push(nodes?.into_iter().map(|node| prelude.add(graph, node)).collect());
        }
        Ok(rows)
    }
}

/// With more states the exponential of the matrix is far dearer than steps are.
const MOST_PROPAGATED: usize = 32;

/// What a system has beside states, rates and guards, in the making.
struct Parts {
    switches: Switches,
    motion: Motion,
    plans: Plans,
    starts: Vec<NodeId>,
    steady: Option<SteadyNodes>,
    bounds: Vec<(f64, f64)>,
}

/// How states move, in the making.
struct Motion {
    course: Course,
    /// Of the integrated states, along their course.
    rates: Vec<NodeId>,
    derivatives: Derivatives,
    /// All states.
    present: Vec<NodeId>,
    /// The rates with a constant, if all are linear.
    linear: Option<Vec<usize>>,
    propagated: bool,
}

/// The steady states in the making.
struct SteadyNodes {
    states: Vec<usize>,
    entries: Vec<(usize, usize)>,
    outputs: Vec<NodeId>,
}

impl SteadyNodes {
    fn compile(self, graph: &Graph, known: &Known) -> Steady {
        let program = compile(graph, &self.outputs, known);
        Steady { states: self.states, entries: self.entries, program }
    }
}

impl SystemBuilder<'_> {
    fn model_ids(&self) -> impl Iterator<Item = ModelId> + use<> {
        (0..self.translator.models.len()).map(ModelId)
    }
}
