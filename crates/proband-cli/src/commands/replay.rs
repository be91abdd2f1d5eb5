//! `proband replay`.

use super::Done;
use crate::arguments::{Format, ReplayArguments};
use crate::console::Console;
use crate::print;
use proband::{Block, Replay, Replayed, TwinKey};

pub(crate) fn replay(
    arguments: &ReplayArguments,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    let ReplayArguments { run, twin, replicate, arm, every } = arguments;
    let twin = TwinKey { replicate: replicate - 1, number: *twin };
    let replayed = proband::replay(run, twin, arm, every.as_deref())?;
    match format {
        Format::Text => print::document(blocks(&replayed), console)?,
        Format::Json => print::object_of(&replayed.to_json(), console)?,
    }
    Ok(())
}

fn blocks(replayed: &Replayed) -> Vec<Block> {
    let Replayed { trial, run, replicate, twin, arm, replay } = replayed;
    let ending = replay.ending.as_ref().map_or(String::new(), |why| format!(" ({why})"));
    let of = if *replicate > 1 { format!(" of repetition {replicate}") } else { String::new() };
    let mut blocks = vec![
        Block::Title(format!("{trial}: twin {twin}{of} in {arm}")),
        Block::Text(format!(
            "Run {run}. Followed to day {}{ending}. Times are days since the start of day 1.",
            number(replay.followed)
        )),
        Block::Heading("True values".to_owned()),
        over_time(replay),
    ];
    for (heading, table) in
        [("Records", records(replay)), ("Events", events(replay)), ("Doses", doses(replay))]
    {
        if matches!(&table, Block::Table(table) if !table.rows.is_empty()) {
            blocks.extend([Block::Heading(heading.to_owned()), table]);
        }
    }
    blocks
}

fn over_time(replay: &Replay) -> Block {
    let heads: Vec<String> = std::iter::once(">day".to_owned())
        .chain(replay.columns.iter().map(|of| format!(">{}{}", of.name, in_unit(&of.unit))))
        .collect();
    let row = |(index, day): (usize, &f64)| {
        let values = replay.columns.iter().map(|column| number(column.values[index]));
        std::iter::once(number(*day)).chain(values).collect()
    };
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    print::table(&heads, replay.days.iter().enumerate().map(row).collect())
}

fn records(replay: &Replay) -> Block {
    let row = |record: &proband::ReplayRecord| {
        vec![
            number(record.day),
            record.visit.clone(),
            format!("{}{}", record.name, in_unit(&record.unit)),
            record.text.clone().unwrap_or_else(|| number(record.value)),
        ]
    };
    let rows = replay.records.iter().map(row).collect();
    print::table(&[">day", "visit", "observable", ">value"], rows)
}

fn events(replay: &Replay) -> Block {
    let row = |event: &proband::ReplayEvent| {
        vec![
            number(event.day),
            event.end.map_or(String::new(), number),
            event.name.clone(),
            event.kind.to_owned(),
            event.grade.map_or(String::new(), |grade| grade.to_string()),
            if event.seen { "yes" } else { "no" }.to_owned(),
        ]
    };
    let rows = replay.events.iter().map(row).collect();
    print::table(&[">day", ">to", "event", "kind", ">grade", "seen"], rows)
}

fn doses(replay: &Replay) -> Block {
    let row = |dose: &proband::ReplayDose| {
        let amount = format!("{} {}", number(dose.amount), dose.unit.as_deref().unwrap_or(""));
        let until = if dose.until > dose.day { number(dose.until) } else { String::new() };
        vec![number(dose.day), until, dose.treatment.clone(), amount]
    };
    let rows = replay.doses.iter().map(row).collect();
    print::table(&[">day", ">to", "treatment", ">amount"], rows)
}

fn in_unit(unit: &Option<String>) -> String {
    unit.as_ref().map_or(String::new(), |unit| format!(" [{unit}]"))
}

/// To six digits: the bits are in `--format json`.
fn number(value: f64) -> String {
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    match rounded.abs() {
        size if size != 0.0 && !(1e-4..1e9).contains(&size) => format!("{rounded:e}"),
        _ => rounded.to_string(),
    }
}
