//! Drawing twins and screening them: who they are, what the visits before day 1 see, who is eligible.

use crate::conduct::{Ending, Person, Stage, Why, advance, people};
use crate::plan::{Criteria, Known, Plan, Strata};
use proband_cohort::{Cohort, Columns, DrawError};
use proband_kernel::Kernel;
use proband_math::stream::Seed;
use proband_ode::Statistics;
use proband_trial::TrialModel;
use std::ops::Range;

/// What became of some twins at screening.
#[derive(Debug, Default)]
pub(crate) struct Screened {
    /// Who passed, in the order of the twins, at the end of screening.
    pub(crate) eligible: Vec<Candidate>,
    /// Who did not, in the order of the twins.
    pub(crate) refused: Vec<Refused>,
    /// Why the twins end before the range that was asked for.
    pub(crate) ended: Option<DrawError>,
}

/// An eligible twin.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) person: Person,
    /// Level of each stratification factor.
    pub(crate) strata: Vec<usize>,
    /// Number of the combination.
    pub(crate) stratum: u64,
}

/// A twin that is not enrolled.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) twin: u64,
    pub(crate) why: Refusal,
}

/// Why a twin is not enrolled.
#[derive(Debug, PartialEq)]
pub(crate) enum Refusal {
    /// Beyond a limit of plausible physiology (position in the population's limits).
    Implausible(usize),
    /// The model ended before the decision.
    Ended(Ending),
    /// Failed these criteria, inclusions first.
    Criteria(Vec<usize>),
    /// Eligible, and the model ended between the decision and day 1: nobody is left to be randomised.
    NotRandomised(Ending),
}

/// Draws and screens a range of twins. What it finds of a twin depends on that twin alone.
pub(crate) fn screen(plan: &Plan<'_>, twins: Range<u64>) -> Result<Screened, DrawError> {
    let seed = Seed(plan.trial.simulation.seed);
    let cohort = Cohort::new(&plan.trial.population, seed, plan.replicate);
    let mut columns = Columns::new();
    let (twins, ended) = draw(&cohort, twins, &mut columns)?;
    let mut screened = Screened { ended, ..Screened::default() };
    let mut plausible = Vec::new();
    for (place, twin) in twins.enumerate() {
        match columns.implausible(place) {
            Some(limit) => {
                screened.refused.push(Refused { twin, why: Refusal::Implausible(limit) });
            }
            None => plausible.push((place, twin)),
        }
    }
    let people = people(plan, &columns, plausible.into_iter());
    let (people, _) = advance(plan, None, Stage::Screening, people);
    let mut decision = Decision::new(plan);
    for person in people {
        decision.take(person, &mut screened);
    }
    screened.refused.sort_by_key(|refused| refused.twin);
    Ok(screened)
}

/// Takes the eligible to day 1. Who comes to an end on the way is not randomised; whose model fails is, and
/// is lost to the simulation.
pub(crate) fn run_in(plan: &Plan<'_>, screened: &mut Screened) -> Statistics {
    let (mut people, mut rest) = (Vec::new(), Vec::new());
    for Candidate { person, strata, stratum } in screened.eligible.drain(..) {
        people.push(person);
        rest.push((strata, stratum));
    }
    let (people, statistics) = advance(plan, None, Stage::RunIn, people);
    for (person, (strata, stratum)) in people.into_iter().zip(rest) {
        match person.ending {
            Some(ending @ Ending { why: Why::Terminal(_), .. }) => {
                let why = Refusal::NotRandomised(ending);
                screened.refused.push(Refused { twin: person.twin, why });
            }
            _ => screened.eligible.push(Candidate { person, strata, stratum }),
        }
    }
    screened.refused.sort_by_key(|refused| refused.twin);
    statistics
}

/// Whether somebody may come to an end before day 1: whether a model has an event that does it.
pub(crate) fn can_end(plan: &Plan<'_>) -> bool {
    plan.trial.models.iter().any(|TrialModel { model, .. }| {
        let event = model.events.iter().any(|event| event.terminal);
        event || model.hazards.iter().any(|hazard| hazard.terminal)
    })
}

/// Draws the twins of a range as far as there are any: people taken in order from a file end with it.
/// Gives the range drawn, and why it ends before the one that was asked for.
pub(crate) fn draw(
    cohort: &Cohort<'_>,
    twins: Range<u64>,
    columns: &mut Columns,
) -> Result<(Range<u64>, Option<DrawError>), DrawError> {
    match cohort.draw(twins.clone(), columns) {
        Ok(()) => Ok((twins, None)),
        Err(ended @ DrawError::BeyondLastRow { twin }) => {
            let twins = twins.start..twin.max(twins.start);
            cohort.draw(twins.clone(), columns)?;
            Ok((twins, Some(ended)))
        }
        Err(error) => Err(error),
    }
}

/// What decides, with room to work in.
struct Decision<'p> {
    criteria: &'p Criteria,
    strata: &'p Strata,
    criteria_kernel: Kernel,
    strata_kernel: Kernel,
    values: Vec<f64>,
    /// When it is decided.
    day: f64,
}

impl<'p> Decision<'p> {
    fn new(plan: &'p Plan<'_>) -> Self {
        Self {
            criteria: &plan.criteria,
            strata: &plan.strata,
            criteria_kernel: plan.criteria.kernel(),
            strata_kernel: plan.strata.kernel(),
            values: Vec::new(),
            day: plan.screening,
        }
    }

    fn take(&mut self, person: Person, screened: &mut Screened) {
        let refuse = |twin, why| Refused { twin, why };
        if let Some(ending) = person.ending {
            screened.refused.push(refuse(person.twin, Refusal::Ended(ending)));
            return;
        }
        let latest = |observable| person.latest(observable);
        let known = Known { covariates: &person.covariates, latest, day: self.day };
        let values = &mut self.values;
        let failed = self.criteria.failed(&mut self.criteria_kernel, &known, values);
        if !failed.is_empty() {
            screened.refused.push(refuse(person.twin, Refusal::Criteria(failed)));
            return;
        }
        let strata = self.strata.levels(&mut self.strata_kernel, &known, values);
        let stratum = self.strata.number(&strata);
        screened.eligible.push(Candidate { person, strata, stratum });
    }
}

impl Refusal {
    /// The reason under which it is counted, where it is not by criteria.
    pub(crate) fn reason(&self, plan: &Plan<'_>) -> Option<String> {
        match self {
            Self::Implausible(limit) => Some(plan.trial.population.limits()[*limit].id.clone()),
            Self::Ended(ending) | Self::NotRandomised(ending) => Some(match &ending.why {
                Why::Terminal(name) => name.clone(),
                Why::Failed { cause, .. } => (*cause).to_owned(),
            }),
            Self::Criteria(_) => None,
        }
    }
}
