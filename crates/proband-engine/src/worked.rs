//! A shard of participants with what was worked out of each: what tables and analyses are made from.

use crate::outcome::{Outcome, Outcomes, participant};
use crate::plan::Plan;
use crate::screening::Refused;
use crate::shard::{Enrolled, Shard};
use proband_analysis::ParticipantColumns;

/// A shard of which only the rows are missing.
#[derive(Debug)]
pub(crate) struct Worked {
    pub(crate) participants: Vec<(Enrolled, Outcome)>,
    pub(crate) refused: Vec<Refused>,
    /// What the analyses keep, a row a participant.
    pub(crate) columns: ParticipantColumns,
}

impl Worked {
    /// Works out what the trial knows of each participant at the end of follow-up.
    pub(crate) fn of(plan: &Plan<'_>, shard: Shard) -> Self {
        let mut outcomes = Outcomes::new(plan);
        let worked = shard.participants.into_iter().map(|enrolled| {
            let outcome = outcomes.of(&enrolled.person, enrolled.arm);
            (enrolled, outcome)
        });
        let participants: Vec<(Enrolled, Outcome)> = worked.collect();
        let mut columns = plan.layout.shard(participants.len());
        for (row, (enrolled, outcome)) in participants.iter().enumerate() {
            plan.layout.fill(&mut columns, row, &participant(enrolled, outcome));
        }
        plan.layout.evaluate(&mut columns);
        Self { participants, refused: shard.refused, columns }
    }
}
