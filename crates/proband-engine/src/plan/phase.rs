//! One compiled system with all that says how its rows are filled and what its guards mean.

use super::{Amounts, Clock, PlanError, clock, settings::ChosenMethod};
use crate::draws::Draws;
use crate::schedule::{PlannedDose, planned_doses};
use proband_cohort::Deviates;
use proband_kernel::system::{
    Feed, GuardSource, HazardSource, ModelId, ModelOptions, Signal as SignalRow, SignalSlot,
    Source, TwinRow, TwinSlot, Typical, compile_spread,
};
use proband_kernel::{System, SystemBuilder};
use proband_lang::{Between, Binary, Expr, SymbolId};
use proband_trial::{
    AdverseEvent, Cause, Expression, ModelHappening, Quantity, Series, Signal, Trial,
};
use std::collections::BTreeMap;

/// A stage of the trial in one arm, or before randomisation, ready to be integrated.
#[derive(Debug)]
pub(crate) struct Phase {
    pub(crate) system: System,
    /// None before randomisation.
    pub(crate) arm: Option<usize>,
    pub(crate) draws: Draws,
    /// By model.
    pub(crate) drawings: Vec<Drawing>,
    /// Where each row of the twin bank that is filled from outside gets its values.
    pub(crate) rows: Vec<RowSource>,
    pub(crate) daily_doses: Vec<DailyDose>,
    pub(crate) series: Vec<SeriesPlan>,
    /// By hazard of the system.
    pub(crate) hazards: Vec<HazardCause>,
    /// By guard of the system.
    pub(crate) guards: Vec<GuardRole>,
    /// Planned doses in order.
    pub(crate) doses: Vec<PlannedDose>,
    /// By regimen of the trial; none for those that this phase does not give.
    pub(crate) amounts: Vec<Option<Amounts>>,
    /// Row of the encounter program that holds the chance of missing it, by encounter.
    pub(crate) missing: Vec<Option<usize>>,
    /// Row of the encounter program that holds the chance of an adverse event at a visit.
    pub(crate) chances: Vec<Option<usize>>,
    pub(crate) method: ChosenMethod,
}

/// Where a row of the twin bank gets its values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RowSource {
    /// A covariate of the population, as drawn.
    Covariate(usize),
    /// A covariate of the population, in the unit of a model's covariate.
    Scaled(usize, f64),
    /// A covariate with levels: the model's level of each of the population's.
    Levels(usize, Vec<f64>),
    /// The deviate of a parameter: model, parameter.
    Deviate(usize, usize),
    /// The deviate of a parameter on the present occasion: model, parameter.
    OccasionDeviate(usize, usize),
}

/// A signal that holds the dose taken in the last 24 hours.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DailyDose {
    /// The row of the signal.
    pub(crate) row: usize,
    /// The regimens that count, with the factor from their unit to the signal's.
    pub(crate) regimens: Vec<(usize, f64)>,
}

/// A signal that follows values from a file.
#[derive(Clone, Debug)]
pub(crate) struct SeriesPlan {
    pub(crate) rows: SeriesRows,
    pub(crate) series: Series,
}

/// The rows that carry a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeriesRows {
    /// One row with the value.
    Steps(usize),
    /// Value, slope per unit of the system's time, and the time at which the value held.
    Line {
        /// Row of the value.
        value: usize,
        /// Row of the slope.
        slope: usize,
        /// Row of the time.
        since: usize,
    },
}

/// Whose rate a hazard of the system is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HazardCause {
    /// A model's: model, position.
    Model(usize, usize),
    /// An adverse event's.
    AdverseEvent(usize),
}

/// What a guard of the system watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GuardRole {
    /// The condition of an event, by position in the system's events.
    Condition(usize),
    /// What re-arms an event.
    Release(usize),
    /// A hazard, by position in the system's hazards.
    Hazard(usize),
    /// Whether the rate of a hazard is negative, which no rate may be.
    Negative(usize),
    /// A grade of an adverse event, by true values: adverse event, grade.
    Grade(usize, u8),
    /// A condition on time alone.
    Switch,
}

/// Why an expression of the trial is in a system.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    Feed(usize, usize),
    Hazard,
    Grade(usize, u8),
    Chance(usize),
    Missing(usize),
}

impl Phase {
    pub(crate) fn new(
        trial: &Trial,
        clock: Clock,
        replicate: u32,
        arm: Option<usize>,
    ) -> Result<Self, Vec<PlanError>> {
        let draft = Draft::of(trial, clock, arm);
        let assembled = draft.assemble().map_err(|error| vec![error])?;
        let drawings = drawings(trial, arm).map_err(|error| vec![error])?;
        let given = given(trial, arm);
        let amounts = amounts(trial, &given).map_err(|error| vec![error])?;
        let Assembled { system, daily_doses, series, covariates, grades, missing, chances } =
            assembled;
        let rows = system.twin.iter().map(|row| row_source(trial, *row, &covariates)).collect();
        let hazards = hazard_causes(trial, &system);
        let guards = guard_roles(&system, &grades);
        Ok(Self {
            arm,
            draws: Draws::new(trial, replicate, arm),
            drawings,
            rows,
            daily_doses,
            series,
            hazards,
            guards,
            doses: planned_doses(&trial.regimens, &given),
            amounts,
            missing,
            chances,
            method: ChosenMethod::first(trial),
            system,
        })
    }

    /// The rows of deviates on occasions: row, model, parameter.
    pub(crate) fn occasion_rows(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        self.rows.iter().enumerate().filter_map(|(row, source)| match source {
            RowSource::OccasionDeviate(model, parameter) => Some((row, *model, *parameter)),
            _ => None,
        })
    }

    /// The program of what is asked at a visit: chances of missing it and of adverse events.
    pub(crate) fn encounter_program(&self) -> Option<&proband_kernel::Program> {
        self.system.programs.first().filter(|program| program.outputs() > 0)
    }
}

/// What is put into a system, before it is compiled.
struct Draft<'t> {
    trial: &'t Trial,
    clock: Clock,
    arm: Option<usize>,
    roles: Vec<Role>,
    /// The expressions, with time in the system's unit.
    expressions: Vec<Expr>,
    lines: Vec<(usize, usize, &'t Series)>,
}

/// A compiled system, and where things are in it.
struct Assembled {
    system: System,
    daily_doses: Vec<DailyDose>,
    series: Vec<SeriesPlan>,
    /// Covariate of the population of each slot of the twin bank.
    covariates: Vec<usize>,
    /// Adverse event and grade of each guard that the trial adds.
    grades: Vec<(usize, u8)>,
    missing: Vec<Option<usize>>,
    chances: Vec<Option<usize>>,
}

impl<'t> Draft<'t> {
    fn of(trial: &'t Trial, clock: Clock, arm: Option<usize>) -> Self {
        let mut draft = Self {
            trial,
            clock,
            arm,
            roles: Vec::new(),
            expressions: Vec::new(),
            lines: Vec::new(),
        };
        for (model, input, signal) in signals(trial, arm) {
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
            Cause::Probability(chance) if happens(chance) => {
                self.add(Role::Chance(index), chance);
            }
            Cause::Probability(_) => {}
            Cause::Grades { truth, .. } => {
                for (grade, condition) in (1_u8..).zip(truth) {
                    self.add(Role::Grade(index, grade), condition);
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
        move |cause| in_arm && (arm.is_some() || !names_arm(trial, cause))
    }

    fn assemble(&self) -> Result<Assembled, PlanError> {
        let mut builder = SystemBuilder::new(clock::unit(self.trial));
        let models = self.add_models(&mut builder);
        let mut slots = Slots { draft: self, models, ..Slots::default_of(self) };
        let sources = slots.sources(&mut builder);
        let series = self.add_series(&mut builder, &slots.models);
        let mut values = Vec::new();
        for expression in &self.expressions {
            let mut resolve = |symbol: SymbolId| sources[&symbol];
            values.push(builder.add_expression(expression, &mut resolve));
        }
        let (mut grades, mut at_visits) = (Vec::new(), Vec::new());
        let mut missing = vec![None; self.trial.encounters.len()];
        let mut chances = vec![None; self.trial.adverse_events.len()];
        for (&role, &value) in self.roles.iter().zip(&values) {
            match role {
                Role::Feed(model, input) => {
                    builder.feed(slots.models[model], input, Feed::Value(value));
                }
                Role::Hazard => {
                    builder.add_hazard(value);
                }
                Role::Grade(event, grade) => {
                    builder.add_guard(value);
                    grades.push((event, grade));
                }
                Role::Chance(event) => {
                    chances[event] = Some(at_visits.len());
                    at_visits.push(value);
                }
                Role::Missing(encounter) => {
                    missing[encounter] = Some(at_visits.len());
                    at_visits.push(value);
                }
            }
        }
        builder.add_program(&at_visits);
        for observed in &self.trial.observables {
            builder.add_observable(slots.models[observed.model], observed.index);
        }
        let Slots { daily_doses, covariates, .. } = slots;
        let system = builder.build()?;
        let series = series.into_iter().map(|series| series.locate(&system)).collect();
        Ok(Assembled { system, daily_doses, series, covariates, grades, missing, chances })
    }

    fn add_models<'b>(&self, builder: &mut SystemBuilder<'b>) -> Vec<ModelId>
    where
        't: 'b,
    {
        let mut models = Vec::new();
        for (index, model) in self.trial.models.iter().enumerate() {
            let options = options(self.trial, index, self.arm);
            models.push(builder.add_model(&model.model, options));
        }
        for regimen in self.trial.regimens.iter().filter(|regimen| regimen.infusion.is_some()) {
            for &(model, line) in &regimen.lines {
                builder.add_infusion(models[model], line);
            }
        }
        models
    }

    fn add_series(
        &self,
        builder: &mut SystemBuilder<'_>,
        models: &[ModelId],
    ) -> Vec<SeriesDraft> {
        let mut drafts = Vec::new();
        for &(model, input, series) in &self.lines {
            let series = series.clone();
            let id = models[model];
            if series.between == Between::Linear {
                let [value, slope, since] = [(); 3].map(|()| builder.add_signal());
                let line = builder.add_expression(&LINE, &mut |symbol: SymbolId| {
                    Source::Signal([value, slope, since][symbol.index()])
                });
                builder.feed(id, input, Feed::Value(line));
                let (value, slope, since) = (value.0, slope.0, since.0);
                drafts
                    .push(SeriesDraft::Line(SeriesRows::Line { value, slope, since }, series));
            } else {
                builder.feed(id, input, Feed::Signal);
                drafts.push(SeriesDraft::Steps(id, input, series));
            }
        }
        drafts
    }
}

/// `value + slope * (t - since)`.
static LINE: std::sync::LazyLock<Expr> = std::sync::LazyLock::new(|| {
    let symbol = |at| Expr::Symbol(SymbolId(at));
    let passed = Expr::binary(Binary::Sub, Expr::Time, symbol(2));
    Expr::binary(Binary::Add, symbol(0), Expr::binary(Binary::Mul, symbol(1), passed))
});

enum SeriesDraft {
    Steps(ModelId, usize, Series),
    Line(SeriesRows, Series),
}

impl SeriesDraft {
    fn locate(self, system: &System) -> SeriesPlan {
        match self {
            Self::Line(rows, series) => SeriesPlan { rows, series },
            Self::Steps(model, input, series) => {
                // An input that nothing reads has no row; its values go nowhere.
                let row = system.signal(SignalRow::Input(model, input)).unwrap_or(usize::MAX);
                SeriesPlan { rows: SeriesRows::Steps(row), series }
            }
        }
    }
}

/// What the quantities in the expressions of a system are.
struct Slots<'d, 't> {
    draft: &'d Draft<'t>,
    models: Vec<ModelId>,
    daily_doses: Vec<DailyDose>,
    covariates: Vec<usize>,
}

impl<'d, 't> Slots<'d, 't> {
    fn default_of(draft: &'d Draft<'t>) -> Self {
        Self { draft, models: Vec::new(), daily_doses: Vec::new(), covariates: Vec::new() }
    }

    fn sources(&mut self, builder: &mut SystemBuilder<'_>) -> BTreeMap<SymbolId, Source> {
        let mut sources = BTreeMap::new();
        let draft = self.draft;
        for expression in &draft.expressions {
            expression.walk(&mut |part| {
                if let Expr::Symbol(symbol) = part {
                    sources.entry(*symbol).or_insert_with(|| self.source(*symbol, builder));
                }
            });
        }
        sources
    }

    fn source(&mut self, symbol: SymbolId, builder: &mut SystemBuilder<'_>) -> Source {
        match &self.draft.trial.quantities[symbol.index()] {
            Quantity::Covariate(covariate) => {
                self.covariates.push(*covariate);
                Source::Twin(builder.add_twin_slot())
            }
            Quantity::Truth { model, symbol, .. } => {
                Source::Symbol(self.models[*model], *symbol)
            }
            Quantity::Arm => Source::Constant(self.draft.arm.map_or(-1.0, |arm| arm as f64)),
            Quantity::DailyDose { regimens, unit } => {
                let SignalSlot(row) = builder.add_signal();
                let factor = |regimen: usize| {
                    let from = &self.draft.trial.regimens[regimen].unit;
                    (regimen, from.factor_to(unit).unwrap_or(f64::NAN))
                };
                let regimens = regimens.iter().map(|&regimen| factor(regimen)).collect();
                self.daily_doses.push(DailyDose { row, regimens });
                Source::Signal(SignalSlot(row))
            }
            // The other quantities belong to records, which the truth does not read.
            _ => Source::Constant(f64::NAN),
        }
    }
}

/// What feeds each input: the arm's word before the model's.
fn signals(trial: &Trial, arm: Option<usize>) -> Vec<(usize, usize, &Signal)> {
    let mut signals = BTreeMap::new();
    for (model, of_model) in trial.models.iter().enumerate() {
        signals.extend(of_model.inputs.iter().map(|(input, signal)| ((model, *input), signal)));
    }
    if let Some(arm) = arm {
        let inputs = trial.arms[arm].inputs.iter();
        signals.extend(inputs.map(|(model, input, signal)| ((*model, *input), signal)));
    }
    signals.into_iter().map(|((model, input), signal)| (model, input, signal)).collect()
}

/// The typical values that trial and arm give a model, the arm's last.
fn replaced(trial: &Trial, model: usize, arm: Option<usize>) -> Vec<(usize, f64)> {
    let mut values: BTreeMap<usize, f64> =
        trial.models[model].parameters.iter().copied().collect();
    if let Some(arm) = arm {
        let of_model = trial.arms[arm].parameters.iter().filter(|(of, ..)| *of == model);
        values.extend(of_model.map(|&(_, parameter, value)| (parameter, value)));
    }
    values.into_iter().collect()
}

fn names_arm(trial: &Trial, expression: &Expression) -> bool {
    let mut named = false;
    expression.expr.walk(&mut |part| {
        if let Expr::Symbol(symbol) = part {
            named |= trial.quantities[symbol.index()] == Quantity::Arm;
        }
    });
    named
}

fn options(trial: &Trial, model: usize, arm: Option<usize>) -> ModelOptions {
    let values = replaced(trial, model, arm).into_iter();
    let typical = values.map(|(parameter, value)| (parameter, Typical::Value(value))).collect();
    ModelOptions { typical, ..ModelOptions::default() }
}

/// How the deviates of a model are drawn.
#[derive(Debug)]
pub(crate) struct Drawing {
    pub(crate) deviates: Deviates,
    /// What each given column of the deviates is: a covariate, or nothing that is looked at.
    pub(crate) given: Vec<Option<RowSource>>,
}

fn drawings(trial: &Trial, arm: Option<usize>) -> Result<Vec<Drawing>, PlanError> {
    let drawing = |(index, model): (usize, &proband_trial::TrialModel)| {
        let spread = compile_spread(&model.model, options(trial, index, arm))?;
        let given = spread.twin.iter().map(|row| match row {
            TwinRow::Covariate(_, at) => Some(covariate_source(trial, index, *at)),
            _ => None,
        });
        let given = given.collect();
        Ok(Drawing { deviates: Deviates::new(&model.id, &model.model, &spread), given })
    };
    trial.models.iter().enumerate().map(drawing).collect()
}

/// The regimens of a phase: before randomisation those of the epochs that come before day 1, after
/// it the arm's and those of the epochs from day 1 on.
fn given(trial: &Trial, arm: Option<usize>) -> Vec<usize> {
    let before = arm.is_none();
    let of_epochs = trial.epochs.iter().filter(|epoch| (epoch.from < 0.0) == before);
    let of_epochs = of_epochs.flat_map(|epoch| epoch.regimens.iter().copied());
    let of_arm = arm.map_or(&[][..], |arm| &trial.arms[arm].regimens);
    of_arm.iter().copied().chain(of_epochs).collect()
}

fn amounts(trial: &Trial, given: &[usize]) -> Result<Vec<Option<Amounts>>, PlanError> {
    let of = |(index, regimen)| match given.contains(&index) {
        true => Amounts::new(trial, regimen).map(Some),
        false => Ok(None),
    };
    trial.regimens.iter().enumerate().map(of).collect()
}

fn row_source(trial: &Trial, row: TwinRow, covariates: &[usize]) -> RowSource {
    match row {
        TwinRow::Slot(TwinSlot(slot)) => RowSource::Covariate(covariates[slot]),
        TwinRow::Covariate(ModelId(model), at) => covariate_source(trial, model, at),
        TwinRow::Deviate(ModelId(model), parameter) => RowSource::Deviate(model, parameter),
        TwinRow::OccasionDeviate(ModelId(model), parameter) => {
            RowSource::OccasionDeviate(model, parameter)
        }
        TwinRow::Typical(..) => unreachable!("typical values are constants of a phase"),
    }
}

fn covariate_source(trial: &Trial, model: usize, at: usize) -> RowSource {
    let of_model = &trial.models[model];
    let index = of_model.covariates[at];
    let levels = &of_model.levels[at];
    if !levels.is_empty() {
        return RowSource::Levels(index, levels.iter().map(|&level| level as f64).collect());
    }
    RowSource::Scaled(index, of_model.factors[at])
}

fn hazard_causes(trial: &Trial, system: &System) -> Vec<HazardCause> {
    let by_hazard = |(index, event): (usize, &AdverseEvent)| {
        matches!(event.cause, Cause::Hazard(_)).then_some(index)
    };
    let of_trial: Vec<usize> =
        trial.adverse_events.iter().enumerate().filter_map(by_hazard).collect();
    let cause = |source| match source {
        HazardSource::Model(ModelId(model), at) => HazardCause::Model(model, at),
        HazardSource::Trial(id) => HazardCause::AdverseEvent(of_trial[id.0]),
    };
    system.hazards.iter().map(|hazard| cause(hazard.source)).collect()
}

fn guard_roles(system: &System, grades: &[(usize, u8)]) -> Vec<GuardRole> {
    let event = |model, at| {
        let found =
            system.events.iter().position(|plan| plan.model == model && plan.event == at);
        found.expect("a guard's event is in the system")
    };
    let role = |source: &GuardSource| match *source {
        GuardSource::Event(model, at) => GuardRole::Condition(event(model, at)),
        GuardSource::Until(model, at) => GuardRole::Release(event(model, at)),
        GuardSource::Hazard(at) => GuardRole::Hazard(at),
        GuardSource::NegativeRate(at) => GuardRole::Negative(at),
        GuardSource::Trial(id) => GuardRole::Grade(grades[id.0].0, grades[id.0].1),
        GuardSource::Switch(_) => GuardRole::Switch,
    };
    system.guards.iter().map(role).collect()
}

/// Faults of parts of the language that cannot be run yet.
pub(crate) fn refuse_what_is_not_built(trial: &Trial) -> Result<(), Vec<PlanError>> {
    let mut faults = Vec::new();
    for model in &trial.models {
        let mut refuse = |what: &str, some: bool| {
            if some {
                let text = format!("model `{}` uses {what}", model.id);
                faults.push(PlanError::NotSupportedYet(text));
            }
        };
        refuse("`next`", !model.model.nexts.is_empty());
        refuse("`jump`", !model.model.jumps.is_empty());
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The adverse events that an event or hazard of a model brings about.
pub(crate) fn adverse_events_of(
    trial: &Trial,
    happening: ModelHappening,
) -> impl Iterator<Item = usize> {
    let caused = move |event: &AdverseEvent| matches!(event.cause, Cause::ModelEvent(cause) if cause == happening);
    trial
        .adverse_events
        .iter()
        .enumerate()
        .filter(move |(_, e)| caused(e))
        .map(|(index, _)| index)
}
