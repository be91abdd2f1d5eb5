//! A system of a phase in the making: models, what feeds them, what the trial adds.

use super::rows::RowSource;
use super::series::{SeriesDraft, SeriesPlan};
use super::sources::{DailyDose, Sources, Standing};
use super::{Clock, HazardCause, PlanError, clock, in_arm};
use proband_kernel::system::{Feed, ModelId, ValueId};
use proband_kernel::{System, SystemBuilder};
use proband_lang::Expr;
use proband_trial::{
    AdverseEvent, Cause, Discontinuation, DiscontinuationCause, Expression, Method, Quantity,
    Series, Signal, Trial,
};

/// Why an expression of the trial is in a system.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    Feed(usize, usize),
    Hazard(HazardCause),
    Grade(usize, u8),
    Chance(usize),
    Leaving(usize),
    Missing(usize),
    Limit(usize),
    Taking,
}

/// What is put into a system, before it is compiled.
pub(super) struct Draft<'t> {
    trial: &'t Trial,
    clock: Clock,
    arm: Option<usize>,
    roles: Vec<Role>,
    /// The expressions, with time in the system's unit.
    expressions: Vec<Expr>,
    lines: Vec<(usize, usize, &'t Series)>,
}

/// A compiled system, and where things are in it.
pub(super) struct Assembled {
    pub(super) system: System,
    pub(super) daily_doses: Vec<DailyDose>,
    pub(super) standings: Vec<Standing>,
    pub(super) series: Vec<SeriesPlan>,
    /// What each slot of the twin bank holds.
    pub(super) slots: Vec<RowSource>,
    pub(super) places: Places,
}

/// Where what the trial adds is found.
pub(super) struct Places {
    /// Whose the hazards are that the trial adds.
    pub(super) hazards: Vec<HazardCause>,
    /// Adverse event and grade of each guard that the trial adds.
    pub(super) grades: Vec<(usize, u8)>,
    /// By encounter: the row of the program of visits that holds the chance of missing it.
    pub(super) missing: Vec<Option<usize>>,
    /// By adverse event: the row of the program of visits that holds its chance.
    pub(super) chances: Vec<Option<usize>>,
    /// The chance to take a dose.
    taking: Vec<ValueId>,
    /// By discontinuation: the same.
    pub(super) leaving: Vec<Option<usize>>,
    /// By limit of plausibility: the row that holds whether it is kept to.
    pub(super) limits: Vec<Option<usize>>,
    at_visits: Vec<ValueId>,
}

impl Places {
    fn new(trial: &Trial) -> Self {
        Self {
            hazards: Vec::new(),
            grades: Vec::new(),
            missing: vec![None; trial.encounters.len()],
            chances: vec![None; trial.adverse_events.len()],
            taking: Vec::new(),
            leaving: vec![None; trial.discontinuations.len()],
            limits: vec![None; trial.limits.len()],
            at_visits: Vec::new(),
        }
    }

    /// Puts a value to its use.
    fn add(
        &mut self,
        builder: &mut SystemBuilder<'_>,
        models: &[ModelId],
        role: Role,
        value: ValueId,
    ) {
        match role {
            Role::Feed(model, input) => {
                builder.feed(models[model], input, Feed::Value(value));
            }
            Role::Hazard(cause) => {
                builder.add_hazard(value);
                self.hazards.push(cause);
            }
            Role::Grade(event, grade) => {
                builder.add_guard(value);
                self.grades.push((event, grade));
            }
            Role::Chance(event) => self.chances[event] = Some(self.at_visit(value)),
            Role::Leaving(of) => self.leaving[of] = Some(self.at_visit(value)),
            Role::Taking => self.taking.push(value),
            Role::Limit(limit) => self.limits[limit] = Some(self.at_visit(value)),
            Role::Missing(encounter) => self.missing[encounter] = Some(self.at_visit(value)),
        }
    }

    fn at_visit(&mut self, value: ValueId) -> usize {
        self.at_visits.push(value);
        self.at_visits.len() - 1
    }
}

impl<'t> Draft<'t> {
    pub(super) fn of(trial: &'t Trial, clock: Clock, arm: Option<usize>) -> Self {
        let mut draft = Self {
            trial,
            clock,
            arm,
            roles: Vec::new(),
            expressions: Vec::new(),
            lines: Vec::new(),
        };
        for (model, input, signal) in in_arm::signals(trial, arm) {
            match signal {
                Signal::Expression(expression) => {
                    draft.add(Role::Feed(model, input), expression);
                }
                Signal::Series(series) => draft.lines.push((model, input, series)),
            }
        }
        for (index, event) in trial.adverse_events.iter().enumerate() {
            draft.add_adverse_event(index, event);
        }
        for (index, discontinuation) in trial.discontinuations.iter().enumerate() {
            draft.add_discontinuation(index, discontinuation);
        }
        for (index, encounter) in trial.encounters.iter().enumerate() {
            if let Some(missing) = &encounter.missing {
                draft.add(Role::Missing(index), missing);
            }
        }
        let in_place = |condition| arm.is_some() || !in_arm::names_arm(trial, condition);
        for (index, limit) in trial.limits.iter().enumerate() {
            if in_place(&limit.condition) {
                draft.add(Role::Limit(index), &limit.condition);
            }
        }
        if let Some(adherence) = &trial.adherence {
            draft.add(Role::Taking, &adherence.taken);
        }
        draft
    }

    fn add(&mut self, role: Role, expression: &Expression) {
        self.roles.push(role);
        self.expressions.push(self.clock.expression(&expression.expr));
    }

    fn add_adverse_event(&mut self, index: usize, event: &AdverseEvent) {
        let happens = self.happens(event);
        match &event.cause {
            Cause::ModelEvent(_) => {}
            Cause::Hazard(rate) => {
                self.add_hazard(HazardCause::AdverseEvent(index), rate, happens(rate));
            }
            Cause::Probability(chance) => {
                if happens(chance) {
                    self.add(Role::Chance(index), chance);
                }
            }
            Cause::Grades { truth, .. } => {
                if truth.iter().all(happens) {
                    for (grade, condition) in (1_u8..).zip(truth) {
                        self.add(Role::Grade(index, grade), condition);
                    }
                }
            }
        }
    }

    /// A hazard stands in every system, so that all have the same rows of states.
    fn add_hazard(&mut self, cause: HazardCause, rate: &Expression, happens: bool) {
        let rate = if happens { rate.expr.clone() } else { Expr::Number(0.0) };
        self.roles.push(Role::Hazard(cause));
        self.expressions.push(self.clock.rate(self.clock.expression(&rate)));
    }

    /// A rate that is the same at all times needs no state: when it strikes is known from the start.
    fn add_discontinuation(&mut self, index: usize, of: &Discontinuation) {
        let happens = self.arm.is_some_and(|arm| of.is_in(arm));
        match &of.cause {
            DiscontinuationCause::Hazard(rate) if rate.expr.constant().is_none() => {
                self.add_hazard(HazardCause::Discontinuation(index), rate, happens);
            }
            DiscontinuationCause::Probability(chance) if happens => {
                self.add(Role::Leaving(index), chance);
            }
            _ => {}
        }
    }

    /// Whether a cause is at work in this phase: in the arms it is confined to, and not before
    /// randomisation where it asks for the arm.
    fn happens(&self, event: &AdverseEvent) -> impl Fn(&Expression) -> bool + use<'t> {
        let (trial, arm) = (self.trial, self.arm);
        let in_arm = event.is_in(arm);
        move |cause| in_arm && (arm.is_some() || !in_arm::names_arm(trial, cause))
    }

    pub(super) fn assemble(&self) -> Result<Assembled, PlanError> {
        let mut builder = SystemBuilder::new(clock::unit(self.trial));
        // The methods that integrate, where one is named, integrate everything.
        if matches!(self.trial.simulation.method, None | Some(Method::Exact)) {
            builder.solve_exactly();
        }
        // Stiff steps are sooner done, and exact enough where nobody asks for more.
        if self.trial.simulation.method == Some(Method::Exact) {
            builder.propagate();
        }
        let models = self.add_models(&mut builder);
        let (trial, arm) = (self.trial, self.arm);
        let mut sources = Sources::new(trial, arm, models);
        let known = sources.of(&self.expressions, &mut builder);
        let Sources { models, daily_doses, standings, slots, .. } = sources;
        let series = self.lines.iter().map(|&(model, input, series)| {
            SeriesDraft::feed(&mut builder, (models[model], input), series)
        });
        let series: Vec<SeriesDraft> = series.collect();
        let mut places = Places::new(trial);
        for (expression, &role) in self.expressions.iter().zip(&self.roles) {
            let value = builder.add_expression(expression, &mut |symbol| known[&symbol]);
            places.add(&mut builder, &models, role, value);
        }
        builder.add_program(&places.at_visits);
        add_baselines(&mut builder, &models, &standings);
        builder.add_program(&places.taking);
        for observed in &trial.observables {
            builder.add_observable(models[observed.model], observed.index);
        }
        let system = builder.build()?;
        let series = series.into_iter().map(|series| series.locate(&system)).collect();
        Ok(Assembled { system, daily_doses, standings, series, slots, places })
    }

    fn add_models<'b>(&self, builder: &mut SystemBuilder<'b>) -> Vec<ModelId>
    where
        't: 'b,
    {
        let mut models = Vec::new();
        for (index, model) in self.trial.models.iter().enumerate() {
            let options = in_arm::options(self.trial, index, self.arm);
            models.push(builder.add_model(&model.model, options));
        }
        for regimen in self.trial.regimens.iter().filter(|regimen| regimen.infusion.is_some()) {
            for &(model, line) in &regimen.lines {
                builder.add_infusion(models[model], line);
            }
        }
        models
    }
}

/// Adds the program of the true values that count as baselines, in the order in which they stand.
fn add_baselines(builder: &mut SystemBuilder<'_>, models: &[ModelId], standings: &[Standing]) {
    let of = |standing: &Standing| match standing.what {
        Quantity::TrueBaseline { model, symbol } => Some((models[model], symbol)),
        _ => None,
    };
    let values: Vec<ValueId> = standings
        .iter()
        .filter_map(of)
        .map(|(model, symbol)| builder.add_symbol(model, symbol))
        .collect();
    builder.add_program(&values);
}
