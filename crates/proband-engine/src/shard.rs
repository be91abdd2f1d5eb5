//! One shard: its twins screened again, taken to day 1, allocated, and taken through their arms.

use crate::conduct::{Person, Stage};
use crate::enrolment::{ShardRange, allocator};
use crate::plan::Plan;
use crate::screening::{Candidate, Refused, Screened, Stretch, advance_all, run_in, screen};
use proband_cohort::DrawError;
use proband_math::stream::{Address, Purpose, Seed};
use proband_ode::Statistics;
use proband_trial::{Assignment, Prediction};
use std::iter::repeat_n;

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
    /// The arm; in a crossover that of the first period.
    pub(crate) arm: usize,
    /// What randomisation allocates: position in [`Plan::paths`].
    pub(crate) path: usize,
    /// Whether randomisation named it.
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
    add(&mut statistics, &predict(plan, &mut screened));
    let mut shards = Vec::new();
    for (range, screened) in ranges.iter().zip(screened) {
        let participants = allocate(plan, range, screened.eligible);
        shards.push(Shard { participants, refused: screened.refused });
    }
    for period in 0..plan.periods.len() {
        add(&mut statistics, &treat(plan, period, &mut shards));
    }
    Ok((shards, statistics))
}

/// Gives each enrolled twin the path that randomisation names, or every one; by twin, then by path.
fn allocate(plan: &Plan<'_>, range: &ShardRange, eligible: Vec<Candidate>) -> Vec<Enrolled> {
    let everybody = plan.trial.design.assignment == Assignment::EveryArm;
    let allocator = allocator(plan);
    let mut standing = range.standing.clone();
    let mut enrolled = Vec::new();
    for candidate in eligible {
        let given = allocator.next(&mut standing, candidate.newcomer());
        let paths = if everybody { 0..plan.paths.len() } else { given..given + 1 };
        let Candidate { person, strata, .. } = candidate;
        let twins = repeat_n((person, strata), paths.len());
        enrolled.extend(paths.zip(twins).map(|(path, (person, strata))| Enrolled {
            person,
            arm: plan.paths[path][0],
            path,
            factual: path == given,
            strata,
        }));
    }
    enrolled
}

/// Takes everybody through a period, arm by arm, those of all shards side by side.
pub(crate) fn treat(plan: &Plan<'_>, period: usize, shards: &mut [Shard]) -> Statistics {
    let mut statistics = Statistics::default();
    for arm in 0..plan.arms.len() {
        let is_here = |one: &&mut Enrolled| plan.paths[one.path][period] == arm;
        let here = shards.iter_mut().map(|shard| {
            let here = shard.participants.iter_mut().filter(is_here);
            // Who goes through the period is away from the list until it is over.
            here.map(|one| std::mem::take(&mut one.person)).collect()
        });
        let stage = Stage::Treatment(period);
        let (groups, of_arm) = advance_all(plan, Some(arm), stage, here.collect());
        for (shard, people) in shards.iter_mut().zip(groups) {
            let here = shard.participants.iter_mut().filter(is_here);
            here.zip(people).for_each(|(one, person)| one.person = person);
        }
        add(&mut statistics, &of_arm);
    }
    statistics
}

/// Works out what analyses ask to be predicted of every twin: its own true values in an arm, whatever arm it
/// was given, and how far a prediction is off.
pub(crate) fn predict(plan: &Plan<'_>, screened: &mut [Screened]) -> Statistics {
    let asked: Vec<Prediction> = plan.layout.predictions().collect();
    let mut statistics = Statistics::default();
    for arm in (0..plan.arms.len()).filter(|arm| asked.iter().any(|p| p.arm() == *arm)) {
        let of_shard = |shard: &Screened| {
            shard.eligible.iter().map(|candidate| candidate.person.clone()).collect()
        };
        let groups = screened.iter().map(of_shard).collect();
        let (groups, of_arm) = advance_all(plan, Some(arm), Stage::Treatment(0), groups);
        add(&mut statistics, &of_arm);
        for (shard, people) in screened.iter_mut().zip(groups) {
            for (candidate, there) in shard.eligible.iter_mut().zip(&people) {
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
