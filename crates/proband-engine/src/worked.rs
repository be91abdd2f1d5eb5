//! A shard of participants with what was worked out of each: what tables and analyses are made from.

use crate::outcome::{Outcome, Outcomes, participant};
use crate::periods::in_periods;
use crate::plan::Plan;
use crate::screening::Refused;
use crate::shard::{Enrolled, Shard};
use proband_analysis::ParticipantColumns;

/// A shard of which only the rows are missing.
#[derive(Debug)]
pub(crate) struct Worked {
    pub(crate) participants: Vec<(Enrolled, Outcome)>,
    pub(crate) refused: Vec<Refused>,
    /// What the analyses keep, a row a participant, or a row for each period of a crossover.
    pub(crate) columns: ParticipantColumns,
}

impl Worked {
    /// Works out what the trial knows of each participant at the end of follow-up.
    pub(crate) fn of(plan: &Plan<'_>, shard: Shard) -> Self {
        let mut outcomes = Outcomes::new(plan);
        let worked = shard.participants.into_iter().map(|enrolled| {
            let mut outcome = outcomes.of(&enrolled.person, enrolled.path);
            outcome.periods = in_periods(plan, &enrolled, &outcome);
            (enrolled, outcome)
        });
        let participants: Vec<(Enrolled, Outcome)> = worked.collect();
        let rows = plan.periods.len();
        let mut columns = plan.layout.shard(participants.len() * rows);
        for (index, (enrolled, outcome)) in participants.iter().enumerate() {
            let first = index * rows;
            if outcome.periods.is_empty() {
                plan.layout.fill(&mut columns, first, &participant(enrolled, outcome));
            }
            for (row, period) in outcome.periods.iter().enumerate() {
                let participant = period.participant(plan, enrolled, outcome);
                plan.layout.fill(&mut columns, first + row, &participant);
            }
        }
        plan.layout.evaluate(&mut columns);
        Self { participants, refused: shard.refused, columns }
    }
}
