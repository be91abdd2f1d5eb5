//! One compiled system with all that says how its rows are filled and what its guards mean.

use super::causes::{GuardRole, HazardCause, guard_roles, hazard_causes};
use super::draft::{Assembled, Draft};
use super::rows::{Drawing, RowSource, drawings, row_source};
use super::rules::{Given, RulePlan};
use super::series::SeriesPlan;
use super::settings::ChosenMethod;
use super::sources::{DailyDose, Standing};
use super::{Amounts, Clock, PlanError, in_arm};
use crate::conduct::Dosing;
use crate::draws::Draws;
use crate::seen::SeenExpressions;
use proband_kernel::system::{ModelId, StateRow};
use proband_kernel::{BuildError, System};
use proband_ode::WholeStep;
use proband_trial::{Method, Quantity, Trial};

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
    pub(crate) standings: Vec<Standing>,
    pub(crate) series: Vec<SeriesPlan>,
    /// By hazard of the system.
    pub(crate) hazards: Vec<HazardCause>,
    /// By guard of the system.
    pub(crate) guards: Vec<GuardRole>,
    /// The regimens that it gives or may give, in order.
    pub(crate) given: Vec<Given>,
    /// Rules, in the order of the file.
    pub(crate) rules: Vec<RulePlan>,
    /// Whether something is decided after visits beside who discontinues.
    ends_or_rules: bool,
    /// By regimen of the trial; none for those that this phase does not give.
    pub(crate) amounts: Vec<Option<Amounts>>,
    /// Row of the encounter program that holds the chance of missing it, by encounter.
    pub(crate) missing: Vec<Option<usize>>,
    /// Row of the encounter program that holds the chance of an adverse event at a visit.
    pub(crate) chances: Vec<Option<usize>>,
    /// Row of the encounter program that holds the chance of a discontinuation at a visit.
    pub(crate) leaving: Vec<Option<usize>>,
    /// Row of the encounter program that holds whether a limit of plausibility is kept to.
    pub(crate) limits: Vec<Option<usize>>,
    pub(crate) method: ChosenMethod,
    /// A step by the method as one program, if the system is small enough.
    pub(crate) step: Option<WholeStep>,
}

impl Phase {
    pub(crate) fn new(
        trial: &Trial,
        clock: Clock,
        arm: Option<usize>,
    ) -> Result<Self, Vec<PlanError>> {
        let one = |error: PlanError| vec![error];
        let assembled = Draft::of(trial, clock, arm).assemble().map_err(one)?;
        let Assembled { system, daily_doses, standings, series, slots, places } = assembled;
        refuse_what_is_not_exact(trial, &system).map_err(one)?;
        let of_regimens = |error: BuildError| one(error.into());
        let given = Given::all(trial, arm, &in_arm::given(trial, arm)).map_err(of_regimens)?;
        let rules = RulePlan::all(trial, arm, &given).map_err(of_regimens)?;
        let by_condition = given.iter().any(|of| of.until.is_some())
            || trial.epochs.iter().any(|epoch| epoch.until.is_some());
        Ok(Self {
            arm,
            draws: Draws::new(trial, arm),
            drawings: drawings(trial, arm).map_err(one)?,
            rows: system.twin.iter().map(|row| row_source(trial, *row, &slots)).collect(),
            daily_doses,
            standings,
            series,
            hazards: hazard_causes(&system, &places.hazards),
            guards: guard_roles(&system, &places.grades),
            ends_or_rules: arm.is_some_and(|arm| {
                by_condition || !rules.is_empty() || leaves_when_seen(trial, arm)
            }),
            amounts: amounts(trial, &given).map_err(one)?,
            missing: places.missing,
            chances: places.chances,
            leaving: places.leaving,
            limits: places.limits,
            given,
            rules,
            method: ChosenMethod::first(trial, &system),
            step: None,
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

    /// Whether something is decided after visits, or what they find out changes a path: then each is an
    /// instant at which the path stops.
    pub(crate) fn stops_at_visits(&self) -> bool {
        !self.standings.is_empty() || self.decides()
    }

    /// Whether something is decided after visits.
    pub(crate) fn decides(&self) -> bool {
        self.ends_or_rules || self.leaving.iter().any(Option::is_some)
    }

    /// Whether a path depends on what passes by itself: episodes of adverse events, and treatment.
    pub(crate) fn follows_what_passes(&self) -> bool {
        let passes = |standing: &Standing| {
            matches!(standing.what, Quantity::Grade(_) | Quantity::OnTreatment)
        };
        self.standings.iter().any(passes)
    }

    /// The program of true values that count as baselines.
    pub(crate) fn baseline_program(&self) -> Option<&proband_kernel::Program> {
        self.system.programs.get(1).filter(|program| program.outputs() > 0)
    }

    /// The program of the chance to take a dose.
    pub(crate) fn taking_program(&self) -> Option<&proband_kernel::Program> {
        self.system.programs.get(2).filter(|program| program.outputs() > 0)
    }

    /// Whether there are rules, or conditions at which regimens end.
    pub(crate) fn has_conditions(&self) -> bool {
        !self.rules.is_empty() || self.given.iter().any(|given| given.until.is_some())
    }

    /// Whether rules, or conditions at which regimens end, ask what happened.
    pub(crate) fn asks_what_happened(&self) -> bool {
        let of_rules = self.rules.iter().map(|rule| &rule.seen);
        let ends = self.given.iter().filter_map(|given| given.until.as_ref());
        of_rules.chain(ends).any(SeenExpressions::ask_what_happened)
    }

    /// Its regimens as planned.
    pub(crate) fn dosing(&self, trial: &Trial) -> Vec<Dosing> {
        let planned = |of: &Given| Dosing::planned(&trial.regimens[of.regimen], of.begins);
        self.given.iter().map(planned).collect()
    }

    /// The program of what is asked at a visit: chances of missing it, of adverse events, of
    /// discontinuations, and limits of plausibility.
    pub(crate) fn encounter_program(&self) -> Option<&proband_kernel::Program> {
        self.system.programs.first().filter(|program| program.outputs() > 0)
    }
}

/// Faults states that are not exact where only exact ones are wanted.
fn refuse_what_is_not_exact(trial: &Trial, system: &System) -> Result<(), PlanError> {
    let exact = system.integrated.is_empty() || system.propagated;
    if trial.simulation.method != Some(Method::Exact) || exact {
        return Ok(());
    }
    let name = |&row: &usize| match system.states[row] {
        StateRow::Model(ModelId(model), at) => {
            let model = &trial.models[model].model;
            format!("`{}`", model.symbols[model.states[at].symbol.index()].name)
        }
        StateRow::CumulativeHazard(_) => "the integral of a hazard".to_owned(),
    };
    let names: Vec<String> = system.integrated.iter().map(name).collect();
    Err(PlanError::NotExact(names.join(", ")))
}

fn amounts(trial: &Trial, given: &[Given]) -> Result<Vec<Option<Amounts>>, PlanError> {
    let of = |(index, regimen)| match given.iter().any(|given| given.regimen == index) {
        true => Amounts::new(trial, regimen).map(Some),
        false => Ok(None),
    };
    trial.regimens.iter().enumerate().map(of).collect()
}

/// Whether somebody leaves treatment or trial in an arm by what is seen at a visit.
fn leaves_when_seen(trial: &Trial, arm: usize) -> bool {
    let seen = |of: &proband_trial::Discontinuation| {
        of.is_in(arm) && matches!(of.cause, proband_trial::DiscontinuationCause::When(_))
    };
    trial.discontinuations.iter().any(seen)
}
