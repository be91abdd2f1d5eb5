//! One shard: its twins screened again, taken to day 1, allocated, and taken through their arms.

use crate::allocation::{Position, Walk};
use crate::conduct::{Person, Stage};
use crate::enrolment::{ShardRange, allocator};
use crate::plan::Plan;
use crate::screening::{Candidate, Refused, Stretch, advance_all, run_in, screen};
use proband_cohort::DrawError;
use proband_math::stream::{Address, Purpose, Seed};
use proband_ode::Statistics;
use proband_trial::{Assignment, Prediction};
use std::collections::BTreeMap;

/// The people of a shard at the end of their follow-up.
#[derive(Debug)]
pub(crate) struct Shard {
    /// By twin, then by arm.
    pub(crate) participants: Vec<Enrolled>,
    /// Twins of the shard's range that were not enrolled.
    pub(crate) refused: Vec<Refused>,
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

/// Simulates the people of some shards, of one repetition of the trial or of several, side by side.
pub(crate) fn simulate_side_by_side(
    plan: &Plan<'_>,
    ranges: &[&ShardRange],
) -> Result<(Vec<Shard>, Statistics), DrawError> {
    let stretches: Vec<Stretch> = ranges.iter().map(|range| range.stretch.clone()).collect();
    let mut screened = screen(plan, &stretches)?;
    let mut statistics = run_in(plan, &mut screened);
    let (mut shards, mut allocated) = (Vec::new(), Vec::new());
    for (range, screened) in ranges.iter().zip(screened) {
        allocated.push(allocate(plan, range, screened.eligible));
        shards.push(Shard { participants: Vec::new(), refused: screened.refused });
    }
    add(&mut statistics, &predict(plan, &mut allocated));
    for arm in 0..plan.arms.len() {
        let (taken, of_arm) = treat(plan, arm, &allocated);
        for (shard, taken) in shards.iter_mut().zip(taken) {
            shard.participants.extend(taken);
        }
        add(&mut statistics, &of_arm);
    }
    for shard in &mut shards {
        shard.participants.sort_by_key(|enrolled| (enrolled.person.twin, enrolled.arm));
    }
    Ok((shards, statistics))
}

/// Gives each enrolled twin the arm that randomisation names.
fn allocate(
    plan: &Plan<'_>,
    range: &ShardRange,
    eligible: Vec<Candidate>,
) -> Vec<(Candidate, usize)> {
    let allocator = allocator(plan, range.stretch.replicate);
    let mut walks: BTreeMap<u64, Walk> = range
        .walks
        .iter()
        .map(|(&stratum, &position)| (stratum, Walk::new(stratum, position)))
        .collect();
    let mut arm_of = |candidate: &Candidate| {
        let stratum = candidate.stratum;
        let walk = walks.entry(stratum);
        let walk = walk.or_insert_with(|| Walk::new(stratum, Position::default()));
        allocator.next(walk, candidate.person.twin.number)
    };
    eligible
        .into_iter()
        .map(|candidate| (arm_of(&candidate), candidate))
        .map(|(a, c)| (c, a))
        .collect()
}

/// Takes an arm's participants through it, those of all shards side by side: those whom randomisation
/// gave it, or all.
fn treat(
    plan: &Plan<'_>,
    arm: usize,
    allocated: &[Vec<(Candidate, usize)>],
) -> (Vec<Vec<Enrolled>>, Statistics) {
    let everybody = plan.trial.design.assignment == Assignment::EveryArm;
    let takes_part = |one: &&(Candidate, usize)| everybody || one.1 == arm;
    let groups = allocated.iter().map(|of_shard| {
        let here = of_shard.iter().filter(takes_part);
        here.map(|(candidate, _)| candidate.person.clone()).collect()
    });
    let (groups, statistics) = advance_all(plan, Some(arm), Stage::Treatment, groups.collect());
    let enrolled = groups.into_iter().zip(allocated).map(|(people, of_shard)| {
        let taken = people.into_iter().zip(of_shard.iter().filter(takes_part));
        let enrolled = taken.map(|(person, (candidate, given))| {
            let strata = candidate.strata.clone();
            Enrolled { person, arm, factual: *given == arm, strata }
        });
        enrolled.collect()
    });
    (enrolled.collect(), statistics)
}

/// Works out what analyses ask to be predicted of every twin: its own true values in an arm, whatever arm it
/// was given, and how far a prediction is off.
fn predict(plan: &Plan<'_>, allocated: &mut [Vec<(Candidate, usize)>]) -> Statistics {
    let asked: Vec<Prediction> = plan.layout.predictions().collect();
    let mut statistics = Statistics::default();
    for arm in (0..plan.arms.len()).filter(|arm| asked.iter().any(|p| p.arm() == *arm)) {
        let of_shard = |shard: &Vec<(Candidate, usize)>| {
            shard.iter().map(|(candidate, _)| candidate.person.clone()).collect()
        };
        let groups = allocated.iter().map(of_shard).collect();
        let (groups, of_arm) = advance_all(plan, Some(arm), Stage::Treatment, groups);
        add(&mut statistics, &of_arm);
        for (shard, people) in allocated.iter_mut().zip(groups) {
            for ((candidate, _), there) in shard.iter_mut().zip(&people) {
                let own = &mut candidate.person.truth.predicted;
                own.resize(asked.len(), f64::NAN);
                for (value, prediction) in own.iter_mut().zip(&asked) {
                    if prediction.arm() == arm {
                        *value = predicted(plan, prediction, there);
                    }
                }
            }
        }
    }
    statistics
}

/// One prediction, from the person that a twin would be in the arm.
fn predicted(plan: &Plan<'_>, prediction: &Prediction, there: &Person) -> f64 {
    match *prediction {
        Prediction::Value { observable, day, .. } => {
            let place = plan.layout.truths().iter().position(|t| *t == (observable, day));
            place.map_or(f64::NAN, |place| there.truth.asked[place])
        }
        Prediction::Error { arm } => {
            let purpose = Purpose::new("prognosis").part(&plan.trial.arms[arm].id);
            let (replicate, twin) = (there.twin.replicate, there.twin.number);
            let address = Address::new(Seed(plan.trial.simulation.seed), purpose);
            Address { replicate, twin, ..address }.normal()
        }
    }
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
