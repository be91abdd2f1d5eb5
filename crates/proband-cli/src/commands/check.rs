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
        failed => format!(" The model of {failed} of its participants failed."),
    };
    format!(
        "A run enrols {} of about {} twins and takes {} on {} threads, and about {} of disk beside the \
         tables while it goes on, as a pilot of {} twins says.{failed}",
        estimate.participants,
        estimate.drawn,
        print::duration(estimate.seconds),
        estimate.threads,
        print::bytes(estimate.scratch_bytes),
        estimate.pilot,
    )
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
