//! A system of a phase in the making: models, what feeds them, what the trial adds.

use super::series::{SeriesDraft, SeriesPlan};
use super::sources::{DailyDose, Sources};
use super::{Clock, PlanError, clock, in_arm};
use proband_kernel::system::{Feed, ModelId, ValueId};
use proband_kernel::{System, SystemBuilder};
use proband_lang::Expr;
use proband_trial::{AdverseEvent, Cause, Expression, Method, Series, Signal, Trial};

/// Why an expression of the trial is in a system.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    Feed(usize, usize),
    Hazard,
    Grade(usize, u8),
    Chance(usize),
    Missing(usize),
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
    pub(super) series: Vec<SeriesPlan>,
    /// Covariate of the population of each slot of the twin bank.
    pub(super) covariates: Vec<usize>,
    pub(super) places: Places,
}

/// Where what the trial adds is found.
pub(super) struct Places {
    /// Adverse event and grade of each guard that the trial adds.
    pub(super) grades: Vec<(usize, u8)>,
    /// By encounter: the row of the program of visits that holds the chance of missing it.
    pub(super) missing: Vec<Option<usize>>,
    /// By adverse event: the row of the program of visits that holds its chance.
    pub(super) chances: Vec<Option<usize>>,
    at_visits: Vec<ValueId>,
}

impl Places {
    fn new(trial: &Trial) -> Self {
        Self {
            grades: Vec::new(),
            missing: vec![None; trial.encounters.len()],
            chances: vec![None; trial.adverse_events.len()],
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
            Role::Hazard => {
                builder.add_hazard(value);
            }
            Role::Grade(event, grade) => {
                builder.add_guard(value);
                self.grades.push((event, grade));
            }
            Role::Chance(event) => self.chances[event] = Some(self.at_visit(value)),
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
        for (index, encounter) in trial.encounters.iter().enumerate() {
            if let Some(missing) = &encounter.missing {
                draft.add(Role::Missing(index), missing);
            }
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
                // A hazard stands in every system, so that all have the same rows of states.
                let rate = if happens(rate) { rate.expr.clone() } else { Expr::Number(0.0) };
                self.roles.push(Role::Hazard);
                self.expressions.push(self.clock.rate(self.clock.expression(&rate)));
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

    /// Whether a cause is at work in this phase: in the arms it is confined to, and not before
    /// randomisation where it asks for the arm.
    fn happens(&self, event: &AdverseEvent) -> impl Fn(&Expression) -> bool + use<'t> {
        let (trial, arm) = (self.trial, self.arm);
        let in_arm = match arm {
            Some(arm) => event.arms.is_empty() || event.arms.contains(&arm),
            None => event.arms.is_empty(),
        };
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
        let (daily_doses, covariates) = (Vec::new(), Vec::new());
        let mut sources = Sources { trial, arm, models, daily_doses, covariates };
        let known = sources.of(&self.expressions, &mut builder);
        let Sources { models, daily_doses, covariates, .. } = sources;
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
        for observed in &trial.observables {
            builder.add_observable(models[observed.model], observed.index);
        }
        let system = builder.build()?;
        let series = series.into_iter().map(|series| series.locate(&system)).collect();
        Ok(Assembled { system, daily_doses, series, covariates, places })
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
