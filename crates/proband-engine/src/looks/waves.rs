//! A trial whose looks change who is enrolled: people come in waves, by the rules that hold then. Those who
//! had come by other rules when a look changes them are let go, and come again.

use super::followed::Followed;
use crate::allocation::{Allocator, Standing};
use crate::enrolment::{Chunks, EnrolError, allocator, screened};
use crate::plan::{CHUNK, Plan};
use crate::run::RunError;
use crate::screening::{Candidate, Refusal, Refused, Stretch, run_in, screen};
use crate::seen::{Known, SeenKernel};
use crate::shard::{Enrolled, Shard, add, predict, treat};
use proband_analysis::ParticipantColumns;
use proband_interim::{Entered, People, Rules};
use proband_ode::Statistics;
use std::collections::VecDeque;

/// The people of one repetition.
pub(super) struct Waves<'p, 't> {
    plan: &'p Plan<'t>,
    replicate: u32,
    pub(super) followed: Followed<'p, 't>,
    chunks: Chunks<'p>,
    /// Nobody comes any more.
    closed: bool,
    /// Screened and eligible, in the order in which they come.
    waiting: VecDeque<Candidate>,
    /// By participant: how far the allocation had come before.
    before: Vec<Standing>,
    standing: Standing,
    /// By which the allocation goes.
    ratio: Vec<f64>,
    allocator: Allocator,
    groups: SeenKernel,
    pub(super) statistics: Statistics,
}

impl<'p, 't> Waves<'p, 't> {
    pub(super) fn new(plan: &'p Plan<'t>, replicate: u32) -> Self {
        Self {
            plan,
            replicate,
            followed: Followed::nobody(plan, replicate),
            chunks: Chunks::new(plan, replicate),
            closed: false,
            waiting: VecDeque::new(),
            before: Vec::new(),
            standing: Standing::default(),
            ratio: plan.trial.arms.iter().map(|arm| f64::from(arm.ratio)).collect(),
            allocator: allocator(plan),
            groups: plan.groups.kernel(),
            statistics: Statistics::default(),
        }
    }

    /// Screens the next twins; whether any came.
    fn screen(&mut self) -> Result<bool, RunError> {
        if self.closed {
            return Ok(false);
        }
        let Some(stretch) = self.chunks.next() else { return Err(self.give_up().into()) };
        let mut screened = screen(self.plan, std::slice::from_ref(&stretch))?;
        add(&mut self.statistics, &run_in(self.plan, &mut screened));
        add(&mut self.statistics, &predict(self.plan, &mut screened));
        let screened = screened.pop().expect("one stretch was screened");
        self.closed = screened.closed || screened.ended.is_some();
        self.followed.refused.extend(screened.refused);
        self.waiting.extend(screened.eligible);
        Ok(true)
    }

    /// The next one who may be enrolled; who is not of the group to which enrolment was narrowed is not.
    fn next(&mut self, rules: &Rules) -> Result<Option<Candidate>, RunError> {
        loop {
            let Some(candidate) = self.waiting.pop_front() else {
                if self.screen()? {
                    continue;
                }
                return Ok(None);
            };
            let known = Known::of(self.plan.trial, &candidate.person, self.plan.screening);
            let Some(missed) = self.plan.groups.missed(&mut self.groups, &known, &rules.only)
            else {
                return Ok(Some(candidate));
            };
            let (twin, why) = (candidate.person.twin, Refusal::NotOfGroup(missed));
            self.followed.refused.push(Refused { twin, why });
        }
    }

    fn allocate(&mut self, candidate: Candidate, rules: &Rules) -> Enrolled {
        if self.ratio != rules.ratio {
            self.ratio.clone_from(&rules.ratio);
            self.allocator = allocator(self.plan).with_ratio(&rules.ratio);
            self.standing.leave_blocks();
        }
        self.before.push(self.standing.clone());
        let arm = self.allocator.next(&mut self.standing, candidate.newcomer());
        let Candidate { person, strata, .. } = candidate;
        Enrolled { person, arm, path: arm, factual: true, strata }
    }

    fn give_up(&self) -> EnrolError {
        let (enrolled, drawn) = (self.followed.participants.len() as u64, self.chunks.drawn());
        let screening = screened(self.plan, &self.followed.refused, enrolled, drawn);
        let needed = self.plan.trial.design.participants;
        EnrolError::CannotEnrol { enrolled, needed, screening: Box::new(screening) }
    }

    /// Goes back to a twin, before whom the last participant is the last who was enrolled.
    fn back_to(&mut self, twin: u64) {
        let last = self.followed.participants.last();
        let (from, after) =
            last.map_or((0, 0.0), |l| (l.person.twin.number + 1, l.person.arrival.place));
        let between = Stretch { replicate: self.replicate, twins: from..twin, after };
        self.chunks.go_on(twin, self.plan.arrivals.end(&between));
        self.closed = false;
        self.waiting.clear();
        self.followed.refused.retain(|refused| refused.twin.number < twin);
    }
}

impl People for Waves<'_, '_> {
    type Error = RunError;

    fn enrol(&mut self, rules: &Rules) -> Result<bool, RunError> {
        let enrolled = self.followed.participants.len() as u64;
        let wave = (self.plan.trial.design.participants / 4).clamp(32, CHUNK);
        let wanted = rules.participants.saturating_sub(enrolled).min(wave) as usize;
        let mut participants = Vec::new();
        while participants.len() < wanted && rules.ratio.iter().any(|&ratio| ratio > 0.0) {
            let Some(candidate) = self.next(rules)? else { break };
            participants.push(self.allocate(candidate, rules));
        }
        let came = !participants.is_empty();
        let mut shards = [Shard { participants, refused: Vec::new() }];
        add(&mut self.statistics, &treat(self.plan, 0, &mut shards));
        let [shard] = shards;
        self.followed.add(shard.participants);
        Ok(came)
    }

    fn entered(&self) -> &[Entered] {
        &self.followed.entered
    }

    fn known(&mut self, day: f64) -> ParticipantColumns {
        self.followed.known_on(day)
    }

    fn let_go(&mut self, after: f64) {
        let kept = self.followed.entered_by(after);
        let Some(first) = self.followed.participants.get(kept) else { return };
        let first = first.person.twin.number;
        self.followed.keep(kept);
        self.standing = self.before[kept].clone();
        self.before.truncate(kept);
        self.back_to(first);
    }
}
