//! `proband status`.

use super::Done;
use crate::arguments::Format;
use crate::console::Console;
use crate::print;
use proband::{Backend, Status};
use serde_json::json;
use std::path::Path;

pub(crate) fn status(
    run: &Path,
    results: bool,
    format: Format,
    console: &mut Console<'_>,
) -> Done {
    let status = proband::status(run)?;
    let results = match results && !status.finished {
        true => proband::interim(run, Backend::detect())?,
        false => None,
    };
    if format == Format::Json {
        let results = results.map(|document| document.to_text());
        return Ok(print::object_of(
            &json!({ "status": status, "results": results }),
            console,
        )?);
    }
    for line in lines(&status) {
        writeln!(console.out, "{line}")?;
    }
    if let Some(document) = results {
        writeln!(console.out, "\nOf {} of {} shards:\n", status.done, status.shards)?;
        console.out.write_all(document.to_text().as_bytes())?;
    }
    Ok(())
}

fn lines(status: &Status) -> Vec<String> {
    let Status { run, trial, shards, done, .. } = status;
    if status.finished {
        return vec![format!("{trial}, run {run}: merged")];
    }
    let mut lines =
        vec![format!("{trial}, run {run}: {done} of {shards} shards done{}", pace(status))];
    let told = [
        (status.running, "at work"),
        (status.interrupted, "interrupted"),
        (status.lost, "not heard of for ten minutes"),
    ];
    let told = told.into_iter().filter(|(count, _)| *count > 0);
    lines.extend(
        told.map(|(count, how)| {
            format!("{} {how}", print::counted(u64::from(count), "worker"))
        }),
    );
    lines.extend(status.failed.iter().map(|(reason, count)| {
        format!("{} failed: {reason}", print::counted(u64::from(*count), "worker"))
    }));
    lines
}

/// `, 12.3 a minute, about 40 s left`.
fn pace(status: &Status) -> String {
    let rate = status.rate.map_or(String::new(), |rate| format!(", {rate:.1} a minute"));
    let left = status.seconds_left.filter(|seconds| *seconds > 0.0);
    let left = left.map_or(String::new(), |left| format!(", {} left", print::duration(left)));
    rate + &left
}
