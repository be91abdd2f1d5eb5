//! What happens at instants and what is seen, in the making.

use super::builder::SystemBuilder;
use super::course::Course;
use super::layout::*;
use super::prelude::Known;
use super::translate::Translator;
use crate::BuildError;
use crate::graph::{Graph, NodeId};
use crate::program::compile;
use proband_lang::{Binary, Draw, Expr, Observable, SymbolId, SymbolKind, Trigger};

/// Everything beside the rates that is compiled, as nodes.
#[derive(Default)]
pub(super) struct Plans {
    events: Vec<(ModelId, usize, EventNodes)>,
    doses: Vec<DoseNodes>,
    updates: Vec<UpdateNodes>,
    nexts: Vec<NextNodes>,
    pub(super) observables: Vec<ObservablePlan>,
    pub(super) observed: Vec<NodeId>,
    pub(super) programs: Vec<Vec<NodeId>>,
}

struct EventNodes {
    /// The guards of a condition and of its re-arming; none for what recurs by time.
    guards: Option<(usize, Option<usize>)>,
    outputs: Vec<NodeId>,
}

struct DoseNodes {
    plan: (ModelId, usize, usize, Option<usize>, bool),
    outputs: Vec<NodeId>,
}

struct UpdateNodes {
    model: ModelId,
    at: proband_lang::Happening,
    targets: Vec<usize>,
    outputs: Vec<NodeId>,
}

struct NextNodes {
    model: ModelId,
    next: usize,
    state: usize,
    value: Option<usize>,
    draw: Option<DrawRows>,
    /// The interval, then what the rows refer to.
    outputs: Vec<NodeId>,
}

impl Plans {
    /// Translates it all. Guards are those of events, by what they watch.
    pub(super) fn of(
        builder: &mut SystemBuilder<'_>,
        guards: &[GuardSource],
    ) -> Result<Self, BuildError> {
        let mut plans = Self::default();
        for id in (0..builder.translator.models.len()).map(ModelId) {
            plans.add_events(&mut builder.translator, id, guards)?;
            plans.add_doses(builder, id)?;
            plans.add_updates(&mut builder.translator, id)?;
            plans.add_nexts(&mut builder.translator, id)?;
        }
        for &(id, at) in &builder.observables {
            let plan = plans.observable(&mut builder.translator, id, at)?;
            plans.observables.push(plan);
        }
        for values in &builder.programs {
            let nodes: Result<Vec<NodeId>, BuildError> =
                values.iter().map(|&value| builder.translator.value(value)).collect();
            plans.programs.push(nodes?);
        }
        Ok(plans)
    }

    /// The outputs of every program whose parts of twin level belong into the prelude.
    pub(super) fn roots(&self) -> impl Iterator<Item = &Vec<NodeId>> {
        let events = self.events.iter().map(|(.., nodes)| &nodes.outputs);
        let doses = self.doses.iter().map(|dose| &dose.outputs);
        let updates = self.updates.iter().map(|update| &update.outputs);
        let nexts = self.nexts.iter().map(|next| &next.outputs);
        let instants = events.chain(doses).chain(updates).chain(nexts);
        instants.chain([&self.observed]).chain(&self.programs)
    }

    /// What is read off between instants where the states are on their course.
    pub(super) fn along(mut self, graph: &mut Graph, course: &Course) -> Self {
        self.observed = course.along(graph, &self.observed);
        for program in &mut self.programs {
            *program = course.along(graph, program);
        }
        self
    }

    fn add_events(
        &mut self,
        translator: &mut Translator<'_>,
        id: ModelId,
        guards: &[GuardSource],
    ) -> Result<(), BuildError> {
        let guard = |source| guards.iter().position(|known| *known == source);
        for (at, event) in translator.models[id.0].model.events.iter().enumerate() {
            let (durations, guards) = match &event.trigger {
                Trigger::When { hold, until_hold, .. } => {
                    let own =
                        guard(GuardSource::Event(id, at)).expect("every event is watched");
                    let until = guard(GuardSource::Until(id, at));
                    ([hold.as_ref(), until_hold.as_ref()], Some((own, until)))
                }
                Trigger::Every { period, from } => ([Some(period), from.as_ref()], None),
            };
            let outputs: Result<Vec<NodeId>, BuildError> =
                durations.into_iter().map(|time| translator.duration(id, time)).collect();
            self.events.push((id, at, EventNodes { guards, outputs: outputs? }));
        }
        Ok(())
    }

    fn add_doses(
        &mut self,
        builder: &mut SystemBuilder<'_>,
        id: ModelId,
    ) -> Result<(), BuildError> {
        let infused = builder.infused_states();
        let translator = &mut builder.translator;
        for (at, line) in translator.models[id.0].model.doses.iter().enumerate() {
            let target = translator.state_of(id, line.target);
            let lag = translator.duration(id, line.lag.as_ref())?;
            let fraction = match &line.fraction {
                Some(fraction) => translator.in_model(id, fraction)?,
                None => translator.graph.constant(1.0),
            };
            let over = translator.duration(id, line.over.as_ref())?;
            let infusion = infused
                .contains(&target)
                .then(|| translator.signal_row(Signal::Infusion(target)));
            let plan = (id, at, target, infusion, line.over.is_some());
            self.doses.push(DoseNodes { plan, outputs: vec![lag, fraction, over] });
        }
        Ok(())
    }

    fn add_updates(
        &mut self,
        translator: &mut Translator<'_>,
        model: ModelId,
    ) -> Result<(), BuildError> {
        for update in &translator.models[model.0].model.updates {
            let (mut targets, mut outputs) = (Vec::new(), Vec::new());
            for (state, value) in &update.assignments {
                targets.push(translator.state_of(model, *state));
                outputs.push(translator.in_model(model, value)?);
            }
            self.updates.push(UpdateNodes { model, at: update.at, targets, outputs });
        }
        Ok(())
    }

    fn add_nexts(
        &mut self,
        translator: &mut Translator<'_>,
        model: ModelId,
    ) -> Result<(), BuildError> {
        for (at, next) in translator.models[model.0].model.nexts.iter().enumerate() {
            let mut outputs = vec![translator.duration(model, Some(&next.every))?];
            let state = translator.state_of(model, next.state);
            let mut rows = OutputRows { translator, model, nodes: &mut outputs };
            let value = rows.perhaps(next.value.as_ref())?;
            let draw = next.draw.as_ref().map(|draw| rows.draw(draw)).transpose()?;
            self.nexts.push(NextNodes { model, next: at, state, value, draw, outputs });
        }
        Ok(())
    }

    fn observable(
        &mut self,
        translator: &mut Translator<'_>,
        model: ModelId,
        at: usize,
    ) -> Result<ObservablePlan, BuildError> {
        let observable = &translator.models[model.0].model.observables[at];
        let mut rows = OutputRows { translator, model, nodes: &mut self.observed };
        Ok(ObservablePlan {
            model,
            observable: at,
            truth: rows.truth(observable)?,
            draw: observable.draw.as_ref().map(|draw| rows.draw(draw)).transpose()?,
            lower_limit: rows.perhaps(observable.lower_limit.as_ref())?,
            upper_limit: rows.perhaps(observable.upper_limit.as_ref())?,
        })
    }

    pub(super) fn events(&self, graph: &Graph, known: &Known) -> Vec<EventPlan> {
        let plan = |(model, event, nodes): &(ModelId, usize, EventNodes)| {
            let program = compile(graph, &nodes.outputs, known);
            let trigger = match nodes.guards {
                Some((guard, until)) => EventTrigger::When { guard, until, holds: program },
                None => EventTrigger::Every { times: program },
            };
            EventPlan { model: *model, event: *event, trigger }
        };
        self.events.iter().map(plan).collect()
    }

    pub(super) fn doses(&self, graph: &Graph, known: &Known) -> Vec<DosePlan> {
        let plan = |dose: &DoseNodes| {
            let (model, line, target, infusion, has_over) = dose.plan;
            let program = compile(graph, &dose.outputs, known);
            DosePlan { model, line, target, infusion, has_over, program }
        };
        self.doses.iter().map(plan).collect()
    }

    pub(super) fn updates(&self, graph: &Graph, known: &Known) -> Vec<UpdatePlan> {
        let plan = |update: &UpdateNodes| UpdatePlan {
            model: update.model,
            at: update.at,
            targets: update.targets.clone(),
            program: compile(graph, &update.outputs, known),
        };
        self.updates.iter().map(plan).collect()
    }

    pub(super) fn nexts(&self, graph: &Graph, known: &Known) -> Vec<NextPlan> {
        let plan = |next: &NextNodes| NextPlan {
            model: next.model,
            next: next.next,
            state: next.state,
            value: next.value,
            draw: next.draw.clone(),
            program: compile(graph, &next.outputs, known),
        };
        self.nexts.iter().map(plan).collect()
    }
}

/// Rows of a program in the making, filled with expressions of one model.
pub(super) struct OutputRows<'t, 'a, 'n> {
    pub(super) translator: &'t mut Translator<'a>,
    pub(super) model: ModelId,
    pub(super) nodes: &'n mut Vec<NodeId>,
}

impl<'a> OutputRows<'_, 'a, '_> {
    pub(super) fn add(&mut self, node: NodeId) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    pub(super) fn expression(&mut self, expr: &'a Expr) -> Result<usize, BuildError> {
        let node = self.translator.in_model(self.model, expr)?;
        Ok(self.add(node))
    }

    pub(super) fn perhaps(
        &mut self,
        expr: Option<&'a Expr>,
    ) -> Result<Option<usize>, BuildError> {
        expr.map(|expr| self.expression(expr)).transpose()
    }

    fn all(&mut self, exprs: &'a [Expr]) -> Result<Vec<usize>, BuildError> {
        exprs.iter().map(|expr| self.expression(expr)).collect()
    }

    /// The true value, in the unit of the record.
    fn truth(&mut self, observable: &Observable) -> Result<usize, BuildError> {
        let model = self.translator.models[self.model.0].model;
        let unit = &model.symbols[observable.symbol.index()].unit;
        let factor = unit.factor_to(&observable.unit).ok_or_else(|| {
            let name = &observable.name;
            BuildError::NotSupportedYet(format!("the unit in which `{name}` is recorded"))
        })?;
        let value = self.translator.symbol(self.model, observable.symbol)?;
        let factor = self.translator.graph.constant(factor);
        let truth = self.translator.graph.binary(Binary::Mul, value, factor);
        Ok(self.add(truth))
    }

    fn draw(&mut self, draw: &'a Draw) -> Result<DrawRows, BuildError> {
        Ok(match draw {
            Draw::Normal { cv, sd } => DrawRows::Normal {
                cv: self.perhaps(cv.as_ref())?,
                sd: self.perhaps(sd.as_ref())?,
            },
            Draw::LogNormal(sd) => DrawRows::LogNormal(self.expression(sd)?),
            Draw::Bernoulli => DrawRows::Bernoulli,
            Draw::Poisson => DrawRows::Poisson,
            Draw::NegativeBinomial(a) => DrawRows::NegativeBinomial(self.expression(a)?),
            Draw::Binomial(n) => DrawRows::Binomial(self.expression(n)?),
            Draw::Ordinal(logits) => DrawRows::Ordinal(self.all(logits)?),
            Draw::Categorical(shares) => DrawRows::Categorical(self.all(shares)?),
        })
    }
}

impl SystemBuilder<'_> {
    /// The rows of states that infusions flow into, in order.
    pub(super) fn infused_states(&self) -> Vec<usize> {
        let mut states = Vec::new();
        for (at, instance) in self.translator.models.iter().enumerate() {
            let id = ModelId(at);
            for (line, dose) in instance.model.doses.iter().enumerate() {
                if dose.over.is_some() || self.infusions.contains(&(id, line)) {
                    states.push(self.translator.state_of(id, dose.target));
                }
            }
        }
        states.sort_unstable();
        states.dedup();
        states
    }
}

impl<'a> Translator<'a> {
    /// The rows of the twin bank that are filled from outside, after the trial's slots.
    pub(super) fn lay_out_twin(&mut self) {
        for (at, instance) in self.models.iter().enumerate() {
            let id = ModelId(at);
            let covariates = 0..instance.model.covariates.len();
            self.twin.extend(covariates.map(|at| TwinRow::Covariate(id, at)));
            let rows = instance.options.typical.iter();
            let rows = rows.filter(|(_, typical)| matches!(typical, Typical::Row));
            self.twin.extend(rows.map(|(&at, _)| TwinRow::Typical(id, at)));
            for (at, parameter) in instance.model.parameters.iter().enumerate() {
                let twin = parameter.between_twins.as_ref();
                self.twin.extend(twin.map(|_| TwinRow::Deviate(id, at)));
                let occasion = parameter.between_occasions.as_ref();
                self.twin.extend(occasion.map(|_| TwinRow::OccasionDeviate(id, at)));
            }
        }
    }

    /// The row of the state that a symbol names.
    pub(super) fn state_of(&self, id: ModelId, symbol: SymbolId) -> usize {
        match self.models[id.0].model.symbols[symbol.index()].kind {
            SymbolKind::State(at) => self.state_row(id, at),
            _ => unreachable!("a checked model names a state here"),
        }
    }

    /// A duration in the system's time, zero where the model is silent.
    fn duration(&mut self, id: ModelId, time: Option<&'a Expr>) -> Result<NodeId, BuildError> {
        match time {
            Some(time) => {
                let time = self.in_model(id, time)?;
                Ok(self.over_ratio(id, time))
            }
            None => Ok(self.graph.constant(0.0)),
        }
    }

    /// Faults values that refer to models where there are none.
    pub(super) fn refuse_models(&self) -> Result<(), BuildError> {
        use super::translate::Value;
        let model = |source: &Source| matches!(source, Source::Symbol(..) | Source::Since(..));
        let refers = |value: &Value<'_>| match value {
            Value::Expression(_, sources) => sources.values().any(model),
            Value::Source(source) => model(source),
        };
        if self.values.iter().any(refers) {
            return Err(BuildError::OnlyInSystems("a quantity of a model"));
        }
        Ok(())
    }
}
