//! Dose escalation: cohorts of a single arm come one after the other, each at the rung that those before it
//! have decided. The cohorts of several repetitions go through the solver side by side.

use super::followed::as_of;
use super::{Course, Held};
use crate::enrolment::{Chunks, EnrolError, screened};
use crate::plan::Plan;
use crate::run::RunError;
use crate::screening::{Candidate, Refusal, Refused, Screened, Stretch, run_in, screen};
use crate::shard::{Enrolled, Shard, add, treat};
use crate::worked::Worked;
use proband_analysis::Column;
use proband_interim::{Climb, Known};
use proband_ode::Statistics;
use proband_trial::Escalation;
use std::collections::VecDeque;
use std::ops::Range;

/// Conducts some repetitions of an escalation side by side, and says what the integrations took.
pub(super) fn climb(
    plan: &Plan<'_>,
    escalation: &Escalation,
    replicates: Range<u32>,
) -> Result<(Vec<Held>, Statistics), RunError> {
    let begin = |replicate| Ascent::new(plan, escalation, replicate);
    let mut all: Vec<Ascent<'_, '_>> = replicates.map(begin).collect();
    let mut statistics = Statistics::default();
    while all.iter().any(|ascent| ascent.climb.wanted().is_some()) {
        add(&mut statistics, &fill(plan, &mut all)?);
        let mut cohorts: Vec<Shard> = all.iter_mut().map(Ascent::cohort).collect();
        add(&mut statistics, &treat(plan, 0, &mut cohorts));
        for (ascent, cohort) in all.iter_mut().zip(cohorts) {
            ascent.learn(cohort)?;
        }
    }
    let held: Result<Vec<Held>, RunError> = all.into_iter().map(Ascent::close).collect();
    Ok((held?, statistics))
}

/// Screens twins until every cohort that is wanted is there, or nobody comes any more.
fn fill(plan: &Plan<'_>, all: &mut [Ascent<'_, '_>]) -> Result<Statistics, RunError> {
    let mut statistics = Statistics::default();
    loop {
        let lacking: Vec<usize> = (0..all.len()).filter(|&at| all[at].lacks()).collect();
        if lacking.is_empty() {
            return Ok(statistics);
        }
        let mut stretches: Vec<Stretch> = Vec::new();
        for &at in &lacking {
            let ascent = &mut all[at];
            stretches.push(ascent.chunks.next().ok_or_else(|| ascent.give_up())?);
        }
        let mut screened = screen(plan, &stretches)?;
        add(&mut statistics, &run_in(plan, &mut screened));
        for (at, screened) in lacking.into_iter().zip(screened) {
            all[at].take(screened);
        }
    }
}

/// One repetition.
struct Ascent<'p, 't> {
    plan: &'p Plan<'t>,
    escalation: &'p Escalation,
    replicate: u32,
    climb: Climb<'p>,
    chunks: Chunks<'p>,
    /// Nobody comes any more.
    closed: bool,
    /// Screened and eligible, in the order in which they come.
    waiting: VecDeque<Candidate>,
    /// The day from which the next cohort is open.
    opens: f64,
    participants: Vec<Enrolled>,
    refused: Vec<Refused>,
}

impl<'p, 't> Ascent<'p, 't> {
    fn new(plan: &'p Plan<'t>, escalation: &'p Escalation, replicate: u32) -> Self {
        let rungs = plan.trial.regimens[escalation.regimen].amounts.len();
        Self {
            plan,
            escalation,
            replicate,
            climb: Climb::new(escalation, rungs, plan.trial.design.participants),
            chunks: Chunks::new(plan, replicate),
            closed: false,
            waiting: VecDeque::new(),
            opens: f64::NEG_INFINITY,
            participants: Vec::new(),
            refused: Vec::new(),
        }
    }

    fn lacks(&self) -> bool {
        let waiting = self.waiting.len() as u64;
        !self.closed && self.climb.wanted().is_some_and(|(_, size)| waiting < size)
    }

    fn take(&mut self, screened: Screened) {
        self.closed = screened.closed || screened.ended.is_some();
        self.refused.extend(screened.refused);
        self.waiting.extend(screened.eligible);
        self.turn_away();
    }

    /// Whoever comes while no cohort is open is turned away.
    fn turn_away(&mut self) {
        while let Some(one) =
            self.waiting.pop_front_if(|one| one.person.arrival.entry < self.opens)
        {
            self.refused.push(Refused { twin: one.person.twin, why: Refusal::NoCohort });
        }
    }

    /// The cohort that is wanted, or as many of it as come.
    fn cohort(&mut self) -> Shard {
        let (rung, size) = self.climb.wanted().unwrap_or((0, 0));
        let size = self.waiting.len().min(usize::try_from(size).unwrap_or(usize::MAX));
        let enrolled = self.waiting.drain(..size).map(|mut one| {
            one.person.rung = Some(rung);
            Enrolled { person: one.person, arm: 0, path: 0, factual: true, strata: one.strata }
        });
        Shard { participants: enrolled.collect(), refused: Vec::new() }
    }

    /// Learns how a cohort has fared.
    fn learn(&mut self, cohort: Shard) -> Result<(), RunError> {
        if self.climb.wanted().is_none() {
            return Ok(());
        }
        let worked = Worked::of(self.plan, cohort);
        let place = response(self.plan, self.escalation).expect("the plan has looked for it");
        let toxic: Vec<bool> =
            worked.columns.columns()[place].iter().map(|&met| met > 0.0).collect();
        let known = worked
            .participants
            .iter()
            .map(|(one, outcome)| one.person.arrival.entry + outcome.followed);
        self.opens = known.fold(self.opens, f64::max);
        self.climb.take(self.opens, &toxic)?;
        self.participants.extend(worked.participants.into_iter().map(|(one, _)| one));
        self.turn_away();
        Ok(())
    }

    fn drawn(&self) -> u64 {
        self.participants.last().map_or(0, |last| last.person.twin.number + 1)
    }

    fn give_up(&self) -> EnrolError {
        let (enrolled, drawn) = (self.participants.len() as u64, self.chunks.drawn());
        EnrolError::CannotEnrol {
            enrolled,
            needed: self.plan.trial.design.participants,
            screening: Box::new(screened(self.plan, &self.refused, enrolled, drawn)),
        }
    }

    fn close(mut self) -> Result<Held, RunError> {
        let drawn = self.drawn();
        self.refused.retain(|refused| refused.twin.number < drawn);
        self.refused.sort_by_key(|refused| refused.twin);
        let enrolled = self.participants.len() as u64;
        let screening = screened(self.plan, &self.refused, enrolled, drawn);
        let everybody = as_of(self.plan, &self.participants, f64::INFINITY);
        let known = Known::new(&self.plan.layout, everybody.columns);
        let people = Shard { participants: self.participants, refused: self.refused };
        let course = Course::Climb(self.climb.close()?, known);
        Ok(Held { replicate: self.replicate, screening, people, course })
    }
}

/// The column of the toxicity.
pub(crate) fn response(plan: &Plan<'_>, escalation: &Escalation) -> Option<usize> {
    let is = |column: &Column| matches!(column, Column::Response(endpoint, _) if *endpoint == escalation.endpoint);
    plan.layout.columns().iter().position(is)
}
