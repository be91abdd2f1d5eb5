//! `proband check`.

use super::Done;
use crate::arguments::{CheckArguments, Format};
use crate::console::Console;
use crate::print;
use proband::{Block, Estimate};
use serde_json::json;

pub(crate) fn check(
    arguments: &CheckArguments,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    let opened = proband::open(&arguments.trial.trial, &arguments.trial.overrides())?;
    let estimate = proband::on_threads(arguments.threads, || proband::check(&opened))?;
    if format == Format::Json {
        let object = json!({ "estimate": estimate, "warnings": print::warnings_value(&opened.warnings, &opened.sources) });
        return Ok(print::object_of(&object, console)?);
    }
    print::warnings(&opened.warnings, &opened.sources, console)?;
    Ok(print::document(blocks(&estimate), console)?)
}

fn blocks(estimate: &Estimate) -> Vec<Block> {
    let mut blocks = vec![
        Block::Title(format!("{}: no faults", estimate.trial)),
        Block::Text(sizes(estimate)),
        tables(estimate),
    ];
    let of = |pairs: &std::collections::BTreeMap<String, String>, between: &str| {
        Block::List(
            pairs.iter().map(|(path, value)| format!("{path}{between}{value}")).collect(),
        )
    };
    blocks.extend([Block::Heading("Solver by arm".to_owned()), of(&estimate.methods, ": ")]);
    if !estimate.defaults.is_empty() {
        let heading = Block::Heading("Taken by default".to_owned());
        blocks.extend([heading, of(&estimate.defaults, " = ")]);
    }
    blocks
}

fn sizes(estimate: &Estimate) -> String {
    let failed = match estimate.pilot_failed {
        0 => String::new(),
        failed => {
            format!(" The model of {failed} of its participants failed{}.", why(estimate))
        }
    };
    format!(
        "A run enrols {} of about {} and takes {} on {}, and about {} of disk beside the tables while it \
         goes on, as a pilot of {} says.{failed}",
        estimate.participants,
        print::counted(estimate.drawn, "twin"),
        print::duration(estimate.seconds),
        print::counted(estimate.threads as u64, "thread"),
        print::bytes(estimate.scratch_bytes),
        print::counted(estimate.pilot, "twin"),
    )
}

/// `: step-too-small (prol) 2, hazard-out-of-domain (death) 1`.
fn why(estimate: &Estimate) -> String {
    let causes = estimate.pilot_failures.iter();
    let told: Vec<String> = causes.map(|(cause, count)| format!("{cause} {count}")).collect();
    if told.is_empty() { String::new() } else { format!(": {}", told.join(", ")) }
}

fn tables(estimate: &Estimate) -> Block {
    let line = |name: &str, rows: u64, bytes: u64| {
        vec![name.to_owned(), rows.to_string(), print::bytes(bytes)]
    };
    let all =
        estimate.tables.iter().fold((0, 0), |(r, b), table| (r + table.rows, b + table.bytes));
    let mut rows: Vec<Vec<String>> = estimate
        .tables
        .iter()
        .map(|table| line(&table.table, table.rows, table.bytes))
        .collect();
    rows.push(line("all tables", all.0, all.1));
    print::table(&["table", ">rows", ">size"], rows)
}
