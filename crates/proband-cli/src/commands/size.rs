//! `proband size`.

use super::{Done, Stop};
use crate::arguments::{Format, SizeArguments};
use crate::console::Console;
use crate::print;
use proband::{Batch, Block, Error, Failure, SizeAnswer, SizeQuestion, Watch};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) fn size(
    arguments: &SizeArguments,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    let trial = &arguments.trial;
    let asked = SizeQuestion {
        power: arguments.power,
        of: arguments.of.clone(),
        replicates: arguments.replicates,
        scenario: arguments.scenario.clone(),
    };
    let watch = Stopping(console.stop);
    let work = || proband::size(&trial.trial, &trial.overrides(), &asked, &watch);
    let answer = match proband::on_threads(arguments.threads, work) {
        Err(Error::Failed(Failure::Interrupted)) => return Err(Stop::Interrupted),
        answer => answer?,
    };
    match format {
        Format::Text => print::document(blocks(&answer), console)?,
        Format::Json => print::object_of(&object(&answer), console)?,
    }
    Ok(())
}

/// The wish to stop.
struct Stopping<'a>(&'a AtomicBool);

impl Watch for Stopping<'_> {
    fn stop(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

fn blocks(answer: &SizeAnswer) -> Vec<Block> {
    let row = |batch: &Batch| {
        vec![
            batch.participants.to_string(),
            batch.replicates.to_string(),
            format!("{:.4}", batch.power()),
            format!("{:.4}", batch.standard_error()),
        ]
    };
    let rows = answer.path.iter().map(row).collect();
    vec![
        Block::Title(format!("{}: the size for {}", answer.trial, answer.hypothesis)),
        print::table(&[">participants", ">repetitions", ">power", ">Monte Carlo SE"], rows),
        Block::Text(sentence(answer)),
    ]
}

fn sentence(answer: &SizeAnswer) -> String {
    let SizeAnswer {
        participants, power, hypothesis, interval: (lower, upper), confirmed, ..
    } = answer;
    format!(
        "{hypothesis} has a power of {power} with {participants} participants (95 % Monte Carlo \
         interval {lower:.0} to {upper:.0}). {} further repetitions with {participants} participants \
         give {:.4} (Monte Carlo SE {:.4}).",
        confirmed.replicates,
        confirmed.power(),
        confirmed.standard_error(),
    )
}

fn object(answer: &SizeAnswer) -> Value {
    let batch = |of: &Batch| {
        json!({
            "participants": of.participants, "replicates": of.replicates, "rejected": of.rejected,
            "power": of.power(), "standard_error": of.standard_error(),
        })
    };
    json!({
        "trial": answer.trial,
        "hypothesis": answer.hypothesis,
        "power": answer.power,
        "participants": answer.participants,
        "lower": answer.interval.0,
        "upper": answer.interval.1,
        "path": answer.path.iter().map(batch).collect::<Value>(),
        "confirmed": batch(&answer.confirmed),
    })
}
