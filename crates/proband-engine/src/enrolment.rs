//! Enrolment: twins are drawn and screened, one after another, until enough are eligible.
//!
//! Screening runs in parallel over chunks of twins and is added up in their order. What is kept is
//! little: for each shard the range of its twins, and where the randomisation of each stratum stands
//! at its start. The shard screens its twins again when its turn comes, so that memory does not
//! grow with the number of participants.

use crate::Watch;
use crate::allocation::{Allocator, Standing};
use crate::calendar::Arrivals;
use crate::conduct::Person;
use crate::plan::{CHUNK, Plan};
use crate::screening::{
    Candidate, Refusal, Refused, Screened, Stretch, can_lose, run_in, screen,
};
use proband_analysis::Screening;
use proband_cohort::DrawError;
use proband_math::stream::Seed;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use thiserror::Error;

/// Who was screened, and how the enrolled are cut into shards. It can be written down and read again: a
/// shard needs nothing else of what came before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The repetition of the trial, from 0.
    pub replicate: u32,
    /// Counts of screening.
    pub screening: Screening,
    /// Eligible twins that were enrolled.
    pub enrolled: u64,
    pub(crate) shards: Vec<ShardRange>,
}

/// A shard: its twins, and where it takes up the randomisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ShardRange {
    /// All twins from the first of this shard up to the first of the next.
    pub(crate) stretch: Stretch,
    /// How many of them are enrolled.
    pub(crate) enrolled: u64,
    /// How far the allocation has come before it.
    pub(crate) standing: Standing,
}

/// Why enrolment came to no end.
#[derive(Debug, Error)]
pub enum EnrolError {
    /// Too few of the twins that were screened were eligible.
    #[error("{enrolled} of {needed} participants were enrolled when {} twins had been drawn", screening.drawn)]
    CannotEnrol {
        /// Participants enrolled.
        enrolled: u64,
        /// Participants planned.
        needed: u64,
        /// Who was refused, and by which criterion.
        screening: Box<Screening>,
    },
    /// Twins could not be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl Enrolment {
    /// Number of shards.
    #[must_use]
    pub fn shards(&self) -> u32 {
        u32::try_from(self.shards.len()).expect("a run has fewer than 2^32 shards")
    }

    /// Participants of a shard: a twin in several arms counts once in each.
    pub(crate) fn participants(&self, plan: &Plan<'_>, shard: u32) -> u64 {
        self.shards[shard as usize].enrolled * plan.rows_per_twin()
    }
}

/// Draws and screens twins of the first repetition until the planned number is enrolled.
///
/// # Errors
/// When too few are eligible, twins cannot be drawn, or `watch` asks to stop.
pub fn enrol(plan: &Plan<'_>, watch: &dyn Watch) -> Result<Enrolment, EnrolError> {
    let mut register = Register::new(plan, 0);
    let mut chunks = Chunks::new(plan, 0);
    while !register.is_closed() {
        if watch.stop() {
            return Err(EnrolError::Interrupted);
        }
        // The size of a wave depends on the machine; what is taken from it does not.
        let wave = chunks.wave();
        if wave.is_empty() {
            return Err(register.give_up());
        }
        let screened: Vec<Result<Screened, DrawError>> =
            wave.into_par_iter().map(|stretch| of_one(plan, stretch)).collect();
        for screened in screened {
            if register.is_closed() {
                break;
            }
            register.take(screened?)?;
        }
        watch.screened(register.screening.drawn, register.enrolled);
    }
    Ok(register.close())
}

/// Draws and screens the twins of one repetition (from 0).
///
/// # Errors
/// As [`enrol`].
pub fn enrol_repetition(plan: &Plan<'_>, replicate: u32) -> Result<Enrolment, EnrolError> {
    let mut enrolled = enrol_side_by_side(plan, replicate..replicate + 1)?;
    Ok(enrolled.pop().expect("one repetition was enrolled"))
}

/// Enrols some repetitions of the trial, whose twins are screened side by side.
pub(crate) fn enrol_side_by_side(
    plan: &Plan<'_>,
    replicates: Range<u32>,
) -> Result<Vec<Enrolment>, EnrolError> {
    let begin = |replicate| (Register::new(plan, replicate), Chunks::new(plan, replicate));
    let mut all: Vec<(Register<'_, '_>, Chunks<'_>)> = replicates.map(begin).collect();
    loop {
        let open: Vec<usize> = (0..all.len()).filter(|&at| !all[at].0.is_closed()).collect();
        if open.is_empty() {
            return Ok(all.into_iter().map(|(register, _)| register.close()).collect());
        }
        let mut stretches = Vec::new();
        for &at in &open {
            let (register, chunks) = &mut all[at];
            stretches.push(chunks.next().ok_or_else(|| register.give_up())?);
        }
        let screened = candidates(plan, &stretches)?;
        for (at, screened) in open.into_iter().zip(screened) {
            all[at].0.take(screened)?;
        }
    }
}

/// The twins of stretches that can be randomised. In most trials nobody is lost between screening and day 1,
/// and nothing before day 1 decides then but screening.
fn candidates(plan: &Plan<'_>, stretches: &[Stretch]) -> Result<Vec<Screened>, DrawError> {
    let mut screened = screen(plan, stretches)?;
    if can_lose(plan) {
        run_in(plan, &mut screened);
    }
    Ok(screened)
}

fn of_one(plan: &Plan<'_>, stretch: Stretch) -> Result<Screened, DrawError> {
    let mut screened = candidates(plan, &[stretch])?;
    Ok(screened.pop().expect("one stretch was screened"))
}

/// The twins to be screened, cut into what is done in one go.
pub(crate) struct Chunks<'p> {
    arrivals: &'p Arrivals<'p>,
    replicate: u32,
    next: u64,
    /// The place in line of the twin before the next.
    after: f64,
    size: u64,
    /// Where the trial gives up.
    end: u64,
}

impl<'p> Chunks<'p> {
    /// As many at once as a small trial may need.
    pub(crate) fn new(plan: &'p Plan<'_>, replicate: u32) -> Self {
        const LEAST: u64 = 64;
        let size = plan.trial.design.participants.clamp(LEAST, CHUNK);
        let end = plan.trial.eligibility.at_most;
        Self { arrivals: &plan.arrivals, replicate, next: 0, after: 0.0, size, end }
    }

    /// Goes on with a twin, which comes after a place in line.
    pub(crate) fn go_on(&mut self, twin: u64, after: f64) {
        (self.next, self.after) = (twin, after);
    }

    /// How many twins have been drawn.
    pub(crate) fn drawn(&self) -> u64 {
        self.next
    }

    /// Two for each thread; fewer where the trial gives up.
    fn wave(&mut self) -> Vec<Stretch> {
        (0..2 * rayon::current_num_threads()).filter_map(|_| self.next()).collect()
    }

    /// The next twins; none where the trial gives up.
    pub(crate) fn next(&mut self) -> Option<Stretch> {
        let end = (self.next + self.size).min(self.end);
        let twins = std::mem::replace(&mut self.next, end)..end;
        if twins.is_empty() {
            return None;
        }
        let stretch = Stretch { replicate: self.replicate, twins, after: self.after };
        self.after = self.arrivals.end(&stretch);
        Some(stretch)
    }
}

/// Enrolment in the making.
struct Register<'p, 't> {
    plan: &'p Plan<'t>,
    replicate: u32,
    allocator: Allocator,
    standing: Standing,
    screening: Screening,
    passed_over: BTreeMap<String, u64>,
    ended: BTreeMap<String, u64>,
    enrolled: u64,
    /// The place in line of the last one enrolled.
    after: f64,
    /// Whether all sites have closed.
    sites_closed: bool,
    shards: Vec<ShardRange>,
}

impl<'p, 't> Register<'p, 't> {
    fn new(plan: &'p Plan<'t>, replicate: u32) -> Self {
        let criteria = plan.trial.eligibility.criteria();
        Self {
            plan,
            replicate,
            allocator: allocator(plan),
            standing: Standing::default(),
            screening: Screening {
                criteria: criteria.map(|criterion| (criterion.id.clone(), 0)).collect(),
                ..Screening::default()
            },
            passed_over: BTreeMap::new(),
            ended: BTreeMap::new(),
            enrolled: 0,
            after: 0.0,
            sites_closed: false,
            shards: Vec::new(),
        }
    }

    fn needed(&self) -> u64 {
        self.plan.trial.design.participants
    }

    fn is_full(&self) -> bool {
        self.enrolled == self.needed()
    }

    /// Whether nobody is enrolled any more.
    fn is_closed(&self) -> bool {
        self.is_full() || self.sites_closed
    }

    fn give_up(&mut self) -> EnrolError {
        let (enrolled, needed) = (self.enrolled, self.needed());
        let screening = Box::new(self.counts());
        EnrolError::CannotEnrol { enrolled, needed, screening }
    }

    /// Takes the twins of a chunk in their order, up to the last one that is needed.
    fn take(&mut self, screened: Screened) -> Result<(), EnrolError> {
        let mut refused = screened.refused.iter().peekable();
        let mut end = screened.drawn;
        for candidate in &screened.eligible {
            let twin = candidate.person.twin;
            while let Some(before) = refused.next_if(|refused| refused.twin < twin) {
                self.refuse(before);
            }
            self.enrol(candidate);
            if self.is_full() {
                end = twin.number + 1;
                break;
            }
        }
        if !self.is_full() {
            refused.for_each(|refused| self.refuse(refused));
        }
        self.screening.drawn = end;
        match screened.ended {
            _ if self.is_full() => Ok(()),
            _ if screened.closed => self.close_early(),
            Some(ended) => Err(ended.into()),
            None => Ok(()),
        }
    }

    fn refuse(&mut self, refused: &Refused) {
        match &refused.why {
            Refusal::Criteria(failed) => {
                self.screening.screened += 1;
                self.screening.failed += 1;
                failed.iter().for_each(|&of| self.screening.criteria[of].1 += 1);
            }
            why @ (Refusal::NotRandomised(_) | Refusal::DidNotContinue(_)) => {
                self.screening.screened += 1;
                self.screening.failed += 1;
                let reason = why.reason(self.plan).unwrap_or_default();
                *self.ended.entry(reason).or_default() += 1;
            }
            why => {
                let reason = why.reason(self.plan).unwrap_or_default();
                *self.passed_over.entry(reason).or_default() += 1;
            }
        }
    }

    fn enrol(&mut self, candidate: &Candidate) {
        let &Person { twin, arrival, .. } = &candidate.person;
        if self.enrolled.is_multiple_of(self.plan.shard_size()) {
            self.begin_shard();
        }
        self.screening.screened += 1;
        self.enrolled += 1;
        self.allocator.next(&mut self.standing, candidate.newcomer());
        self.after = arrival.place;
        let shard = self.shards.last_mut().expect("the first one begins a shard");
        shard.enrolled += 1;
        shard.stretch.twins.end = twin.number + 1;
    }

    /// A shard begins right after the last twin of the one before, so that every refused twin
    /// belongs to one.
    fn begin_shard(&mut self) {
        let first = self.shards.last().map_or(0, |shard| shard.stretch.twins.end);
        let stretch =
            Stretch { replicate: self.replicate, twins: first..first, after: self.after };
        self.shards.push(ShardRange { stretch, enrolled: 0, standing: self.standing.clone() });
    }

    /// All sites have closed: the trial goes on with those it has, and those refused since belong to the
    /// last shard.
    fn close_early(&mut self) -> Result<(), EnrolError> {
        let Some(last) = self.shards.last_mut() else { return Err(self.give_up()) };
        last.stretch.twins.end = self.screening.drawn;
        self.sites_closed = true;
        Ok(())
    }

    fn close(mut self) -> Enrolment {
        let screening = self.counts();
        let Self { replicate, enrolled, shards, .. } = self;
        Enrolment { replicate, screening, enrolled, shards }
    }

    fn counts(&mut self) -> Screening {
        let mut screening = std::mem::take(&mut self.screening);
        screening.passed_over = std::mem::take(&mut self.passed_over).into_iter().collect();
        screening.ended = std::mem::take(&mut self.ended).into_iter().collect();
        screening
    }
}

/// The counts of screening of a repetition: who was refused, how many were enrolled, how many were drawn.
pub(crate) fn screened(
    plan: &Plan<'_>,
    refused: &[Refused],
    enrolled: u64,
    drawn: u64,
) -> Screening {
    let mut register = Register::new(plan, 0);
    refused.iter().for_each(|refused| register.refuse(refused));
    register.screening.screened += enrolled;
    register.screening.drawn = drawn;
    register.counts()
}

pub(crate) fn allocator(plan: &Plan<'_>) -> Allocator {
    let seed = Seed(plan.trial.simulation.seed);
    let ratio = match plan.trial.design.crossover {
        Some(_) => vec![1; plan.paths.len()],
        None => plan.trial.arms.iter().map(|arm| arm.ratio).collect(),
    };
    Allocator::new(&plan.trial.design, ratio, seed)
}
