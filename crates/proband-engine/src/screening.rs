//! Drawing twins and screening them: who they are, what the visits before day 1 see, who is eligible.

use crate::allocation::Newcomer;
use crate::conduct::{Ending, Person, Stage, Why, advance, people};
use crate::plan::{Criteria, Plan, Strata};
use crate::seen::{Known, SeenKernel};
use proband_cohort::{Cohort, Columns, DrawError, TwinKey};
use proband_math::stream::Seed;
use proband_ode::Statistics;
use proband_trial::{Trial, TrialModel};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Twins that are screened together: a range of those of one repetition of the trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stretch {
    pub(crate) replicate: u32,
    pub(crate) twins: Range<u64>,
    /// The place in line of the twin before the first (see [`crate::calendar`]).
    pub(crate) after: f64,
}

impl Stretch {
    /// Its twins, in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = TwinKey> + use<> {
        let replicate = self.replicate;
        self.twins.clone().map(move |number| TwinKey { replicate, number })
    }
}

/// What became of the twins of a stretch at screening.
#[derive(Debug, Default)]
pub(crate) struct Screened {
    /// Who passed, in the order of the twins, at the end of screening.
    pub(crate) eligible: Vec<Candidate>,
    /// Who did not, in the order of the twins.
    pub(crate) refused: Vec<Refused>,
    /// The twin after the last one drawn.
    pub(crate) drawn: u64,
    /// Why twins are missing from the stretch that was asked for.
    pub(crate) ended: Option<DrawError>,
    /// Twins are missing from it because all sites have closed.
    pub(crate) closed: bool,
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

impl Candidate {
    /// Who it is to the allocation.
    pub(crate) fn newcomer(&self) -> Newcomer<'_> {
        Newcomer { twin: self.person.twin, strata: &self.strata, stratum: self.stratum }
    }
}

/// A twin that is not enrolled.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) twin: TwinKey,
    pub(crate) why: Refusal,
}

/// Why a twin is not enrolled.
#[derive(Debug, PartialEq)]
pub(crate) enum Refusal {
    /// Beyond a limit of plausible physiology (position in the population's limits).
    Implausible(usize),
    /// Beyond one (position in the trial's limits) at a visit up to day 1.
    Beyond(usize, f64),
    /// The model ended before the decision.
    Ended(Ending),
    /// Failed these criteria, inclusions first.
    Criteria(Vec<usize>),
    /// Eligible, and the model ended between the decision and day 1: nobody is left to be randomised.
    NotRandomised(Ending),
    /// Not of the group to which an adaptation (position) has narrowed enrolment.
    NotOfGroup(usize),
    /// Came while no cohort of an escalation was open.
    NoCohort,
    /// Eligible, and does not go on from an epoch before day 1 (position in `Trial::epochs`).
    DidNotContinue(usize),
}

/// Draws and screens the twins of some stretches, side by side. What it finds of a twin depends on that
/// twin and its place in line alone.
pub(crate) fn screen(
    plan: &Plan<'_>,
    stretches: &[Stretch],
) -> Result<Vec<Screened>, DrawError> {
    let (mut screened, mut drawn) = (Vec::new(), Vec::new());
    let mut columns = Columns::new();
    for stretch in stretches {
        let (of_stretch, people) = plausible(plan, stretch, &mut columns)?;
        screened.push(of_stretch);
        drawn.push(people);
    }
    let (people, _) = advance_all(plan, None, Stage::Screening, drawn);
    let mut decision = Decision::new(plan);
    for (of_stretch, people) in screened.iter_mut().zip(people) {
        people.into_iter().for_each(|person| decision.take(person, of_stretch));
        of_stretch.refused.sort_by_key(|refused| refused.twin);
    }
    Ok(screened)
}

/// The twins of a stretch as drawn, without those beyond a limit.
fn plausible(
    plan: &Plan<'_>,
    stretch: &Stretch,
    columns: &mut Columns,
) -> Result<(Screened, Vec<Person>), DrawError> {
    let seed = Seed(plan.trial.simulation.seed);
    let cohort = Cohort::new(&plan.trial.population, seed, stretch.replicate);
    let arrivals = plan.arrivals.of(stretch);
    let come = stretch.twins.start..stretch.twins.start + arrivals.len() as u64;
    let closed = come.end < stretch.twins.end;
    let (twins, ended) = draw(&cohort, come, columns)?;
    let mut screened = Screened { drawn: twins.end, ended, closed, ..Screened::default() };
    let mut plausible = Vec::new();
    for (place, number) in twins.enumerate() {
        let twin = TwinKey { replicate: stretch.replicate, number };
        match columns.implausible(place) {
            Some(limit) => {
                screened.refused.push(Refused { twin, why: Refusal::Implausible(limit) });
            }
            None => plausible.push((place, twin)),
        }
    }
    Ok((screened, people(plan, columns, &arrivals, plausible.into_iter())))
}

/// Takes the eligible to day 1, those of all stretches side by side. Who is lost on the way is not randomised; whose model fails is, and is lost to the simulation.
pub(crate) fn run_in(plan: &Plan<'_>, screened: &mut [Screened]) -> Statistics {
    let (mut eligible, mut rest) = (Vec::new(), Vec::new());
    for of_stretch in screened.iter_mut() {
        let candidates = of_stretch.eligible.drain(..);
        let (people, others): (Vec<Person>, Vec<_>) =
            candidates.map(|c| (c.person, (c.strata, c.stratum))).unzip();
        eligible.push(people);
        rest.push(others);
    }
    let (people, statistics) = advance_all(plan, None, Stage::RunIn, eligible);
    for (of_stretch, (people, rest)) in screened.iter_mut().zip(people.into_iter().zip(rest)) {
        for (person, (strata, stratum)) in people.into_iter().zip(rest) {
            of_stretch.randomise(plan, Candidate { person, strata, stratum });
        }
        of_stretch.refused.sort_by_key(|refused| refused.twin);
    }
    statistics
}

impl Screened {
    /// Takes back a candidate that has been through the run-in.
    fn randomise(&mut self, plan: &Plan<'_>, candidate: Candidate) {
        match lost(plan, &candidate.person) {
            Some(why) => self.refused.push(Refused { twin: candidate.person.twin, why }),
            None => self.eligible.push(candidate),
        }
    }
}

/// Why somebody who was eligible is not randomised.
fn lost(plan: &Plan<'_>, person: &Person) -> Option<Refusal> {
    match &person.ending {
        Some(ending @ Ending { why: Why::Terminal(_), .. }) => {
            Some(Refusal::NotRandomised(ending.clone()))
        }
        Some(_) => beyond(person),
        None => beyond(person).or_else(|| {
            let mut stays = plan.continues.iter().filter(|of| !of.holds(plan.trial, person));
            stays.next().map(|of| Refusal::DidNotContinue(of.epoch))
        }),
    }
}

/// Whether a visit up to day 1 has found somebody beyond a limit of plausibility.
fn beyond(person: &Person) -> Option<Refusal> {
    let first = person.truth.implausible.first();
    first.map(|&(limit, day)| Refusal::Beyond(limit, day))
}

/// Takes the people of several groups through a stage side by side, and gives them back by group.
pub(crate) fn advance_all(
    plan: &Plan<'_>,
    arm: Option<usize>,
    stage: Stage,
    groups: Vec<Vec<Person>>,
) -> (Vec<Vec<Person>>, Statistics) {
    let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
    let (people, statistics) =
        advance(plan, arm, stage, groups.into_iter().flatten().collect());
    let mut people = people.into_iter();
    let groups = sizes.into_iter().map(|size| people.by_ref().take(size).collect());
    (groups.collect(), statistics)
}

/// Whether somebody may be lost between screening and day 1: whether a model has an event that ends everything, a
/// visit finds out who is implausible, or not everybody continues.
pub(crate) fn can_lose(plan: &Plan<'_>) -> bool {
    let is_judged = plan.before.limits.iter().any(Option::is_some);
    let mut visits = plan.trial.encounters.iter();
    let found_out = is_judged && visits.any(|visit| Stage::RunIn.holds(plan, visit));
    if found_out || !plan.continues.is_empty() {
        return true;
    }
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
    criteria_kernel: SeenKernel,
    strata_kernel: SeenKernel,
    trial: &'p Trial,
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
            trial: plan.trial,
            day: plan.screening,
        }
    }

    fn take(&mut self, person: Person, screened: &mut Screened) {
        let refuse = |twin, why| Refused { twin, why };
        if let Some(ending) = person.ending {
            screened.refused.push(refuse(person.twin, Refusal::Ended(ending)));
            return;
        }
        if let Some(implausible) = beyond(&person) {
            screened.refused.push(refuse(person.twin, implausible));
            return;
        }
        let known = Known::of(self.trial, &person, self.day);
        let failed = self.criteria.failed(&mut self.criteria_kernel, &known);
        if !failed.is_empty() {
            screened.refused.push(refuse(person.twin, Refusal::Criteria(failed)));
            return;
        }
        let strata = self.strata.levels(&mut self.strata_kernel, &known);
        let stratum = self.strata.number(&strata);
        screened.eligible.push(Candidate { person, strata, stratum });
    }
}

impl Refusal {
    /// The reason under which it is counted, where it is not by criteria.
    pub(crate) fn reason(&self, plan: &Plan<'_>) -> Option<String> {
        match self {
            Self::Implausible(limit) => Some(plan.trial.population.limits()[*limit].id.clone()),
            Self::DidNotContinue(epoch) => Some(plan.trial.epochs[*epoch].id.clone()),
            Self::Beyond(limit, _) => Some(plan.trial.limits[*limit].id.clone()),
            Self::Ended(ending) | Self::NotRandomised(ending) => Some(match &ending.why {
                Why::Failed { cause, .. } => (*cause).to_owned(),
                why => why.reason(plan.trial).to_owned(),
            }),
            Self::NotOfGroup(adaptation) => {
                Some(plan.trial.adaptive.adaptations[*adaptation].id.clone())
            }
            Self::NoCohort => Some("no open cohort".to_owned()),
            Self::Criteria(_) => None,
        }
    }
}
