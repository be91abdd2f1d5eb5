//! One shard: its twins screened again, taken to day 1, allocated, and taken through their arms.

use crate::allocation::Walk;
use crate::conduct::{Person, Stage, advance};
use crate::enrolment::{Enrolment, ShardRange, allocator};
use crate::plan::Plan;
use crate::screening::{Candidate, Refused, run_in, screen};
use proband_cohort::DrawError;
use proband_ode::Statistics;
use proband_trial::Assignment;

/// The people of a shard at the end of their follow-up.
#[derive(Debug)]
pub(crate) struct Shard {
    /// By twin, then by arm.
    pub(crate) participants: Vec<Enrolled>,
    /// Twins of the shard's range that were not enrolled.
    pub(crate) refused: Vec<Refused>,
    pub(crate) statistics: Statistics,
}

/// A participant: a twin in an arm.
#[derive(Debug)]
pub(crate) struct Enrolled {
    pub(crate) person: Person,
    pub(crate) arm: usize,
    /// Whether randomisation named this arm.
    pub(crate) factual: bool,
    pub(crate) strata: Vec<usize>,
}

impl Shard {
    pub(crate) fn simulate(
        plan: &Plan<'_>,
        enrolment: &Enrolment,
        index: usize,
    ) -> Result<Self, DrawError> {
        let range = &enrolment.shards[index];
        let mut screened = screen(plan, range.twins.clone())?;
        let mut statistics = run_in(plan, &mut screened);
        let allocated = allocate(plan, range, screened.eligible);
        let mut participants = Vec::new();
        for arm in 0..plan.arms.len() {
            let (taken, of_arm) = treat(plan, arm, &allocated);
            participants.extend(taken);
            add(&mut statistics, &of_arm);
        }
        participants.sort_by_key(|enrolled| (enrolled.person.twin, enrolled.arm));
        Ok(Self { participants, refused: screened.refused, statistics })
    }
}

/// Gives each enrolled twin the arm that randomisation names.
fn allocate(
    plan: &Plan<'_>,
    range: &ShardRange,
    eligible: Vec<Candidate>,
) -> Vec<(Candidate, usize)> {
    let allocator = allocator(plan);
    let mut walks: std::collections::BTreeMap<u64, Walk> = range
        .walks
        .iter()
        .map(|(&stratum, &position)| (stratum, Walk::new(stratum, position)))
        .collect();
    let mut arm_of = |candidate: &Candidate| {
        let stratum = candidate.stratum;
        let walk = walks.entry(stratum);
        let walk = walk.or_insert_with(|| Walk::new(stratum, Default::default()));
        allocator.next(walk, candidate.person.twin)
    };
    eligible
        .into_iter()
        .map(|candidate| (arm_of(&candidate), candidate))
        .map(|(a, c)| (c, a))
        .collect()
}

/// Takes an arm's participants through it: those whom randomisation gave it, or all.
fn treat(
    plan: &Plan<'_>,
    arm: usize,
    allocated: &[(Candidate, usize)],
) -> (Vec<Enrolled>, Statistics) {
    let everybody = plan.trial.design.assignment == Assignment::EveryArm;
    let takes_part = |given: usize| everybody || given == arm;
    let here = || allocated.iter().filter(|(_, given)| takes_part(*given));
    let people: Vec<Person> = here().map(|(candidate, _)| candidate.person.clone()).collect();
    let (people, statistics) = advance(plan, Some(arm), Stage::Treatment, people);
    let enrolled = people.into_iter().zip(here()).map(|(person, (candidate, given))| {
        Enrolled { person, arm, factual: *given == arm, strata: candidate.strata.clone() }
    });
    (enrolled.collect(), statistics)
}

/// Adds up what integrations took, over twins.
pub(crate) fn add(sum: &mut Statistics, other: &Statistics) {
    sum.batches += other.batches;
    sum.twins += other.twins;
    sum.accepted += other.accepted;
    sum.rejected += other.rejected;
    sum.restarts += other.restarts;
    sum.samples += other.samples;
    sum.stops += other.stops;
    sum.crossings += other.crossings;
    sum.failures += other.failures;
}
