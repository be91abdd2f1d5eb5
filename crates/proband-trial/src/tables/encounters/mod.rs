//! `[[encounter]]`: the schedule of activities.

mod horizon;
mod merged;

use super::epochs::{self, Otherwise, Told};
use super::named::items;
use crate::expression::Names;
use crate::keys;
use crate::reading::Reading;
use crate::timeline::Timeline;
use crate::toml::{Node, Table, Value, wrong_type};
use crate::values::{self, Point, to_millisecond};
use crate::words::{did_you_mean, unnamed};
use crate::{Epoch, EpochKind};
use merged::merged;
use proband_diag::{Diagnostic, Span, code};

/// An entry of the schedule as told.
struct Entry<'a> {
    table: Table<'a>,
    at: Vec<Point>,
    every: Option<Every>,
    /// Position of the epoch from whose start it counts.
    epoch: Option<usize>,
    observe: Vec<usize>,
    window: Option<(f64, f64)>,
}

struct Every {
    period: f64,
    from: Option<Point>,
    until: Option<Point>,
}

/// A time of an entry, before entries at one time are merged.
struct Instant {
    entry: usize,
    day: f64,
    /// Time from the start of the epoch that is named, else from day 1.
    counted: f64,
    word: &'static str,
    span: Span,
}

/// Reads epochs and schedule. `missing` of each entry is left to [`missing_of`].
pub(crate) fn timeline(file: &Node, names: &Names, reading: &mut Reading) -> Timeline {
    let before = reading.faults.len();
    let told = epochs::read(file, reading);
    let entries: Vec<Entry<'_>> = items(file, "encounter", reading)
        .iter()
        .filter_map(|item| entry(item, &told, names, reading))
        .collect();
    let last = |epoch: usize| last_of(&entries, &told, epoch);
    let otherwise = match horizon::of(file) {
        Some(day) => Otherwise::Day(day),
        // What is already wrong may be why the treatment seems to have no end.
        None if reading.faults.len() > before || !horizon::can_be_told(file) => {
            Otherwise::Unknown
        }
        None => Otherwise::Fault,
    };
    let epochs = epochs::place(&told, last, otherwise, reading).unwrap_or_default();
    let instants = instants(&entries, &epochs, reading);
    let encounters = merged(&entries, &instants, &epochs, reading);
    Timeline { epochs, encounters, faulty: reading.faults.len() > before }
}

fn entry<'a>(
    item: &'a Node,
    told: &[Told<'_>],
    names: &Names,
    reading: &mut Reading,
) -> Option<Entry<'a>> {
    let table = Table::open(item, "encounter", keys::ENCOUNTER, reading)?;
    table.one_of(&["at", "every"], "says when", reading);
    table.later("when", "a visit that takes place on a condition", reading);
    let at = table
        .read("at", reading, |node, reading| values::list(node, reading, values::point))
        .unwrap_or_default();
    let every = every(&table, reading);
    if !table.has("at") && !table.has("every") {
        let message = "an encounter needs `at` or `every`";
        let help = "write `at = [\"week 0\", \"week 4\"]`";
        reading.fault(Diagnostic::error(code::MISSING_KEY, message, table.span()).help(help));
    }
    let epoch = table.read("epoch", reading, |node, reading| epoch_of(node, told, reading));
    let observe = observed(&table, names, reading);
    let window = table.read("window", reading, window);
    Some(Entry { table, at, every, epoch, observe, window })
}

fn every(table: &Table<'_>, reading: &mut Reading) -> Option<Every> {
    if !table.has("every") {
        for key in ["from", "until"] {
            table.unused(key, &format!("`{key}` is used by `every`"), reading);
        }
    }
    Some(Every {
        period: table.read("every", reading, values::positive_duration)?,
        from: table.read("from", reading, values::point),
        until: table.read("until", reading, values::point),
    })
}

fn epoch_of(node: &Node, told: &[Told<'_>], reading: &mut Reading) -> Option<usize> {
    let id = values::text(node, reading)?;
    let found = told.iter().position(|epoch| epoch.id == id);
    if found.is_none() {
        let known = told.iter().map(|epoch| epoch.id);
        reading.fault(unnamed("epoch", &id, node.span, known));
    }
    found
}

/// What an encounter observes: all, unless told.
pub(crate) fn observed(table: &Table<'_>, names: &Names, reading: &mut Reading) -> Vec<usize> {
    let all = (0..names.observables.len()).collect();
    if !table.has("observe") {
        reading.defaulted(table.path_of("observe"), "all observables");
        return all;
    }
    let read = table.read("observe", reading, |node, reading| {
        values::list(node, reading, |item, reading| observable(item, names, reading))
    });
    let mut positions: Vec<usize> = read.unwrap_or(all);
    positions.sort_unstable();
    positions.dedup();
    positions
}

fn observable(node: &Node, names: &Names, reading: &mut Reading) -> Option<usize> {
    let name = values::text(node, reading)?;
    let found = names.observable(&name);
    if found.is_none() && !names.incomplete {
        let known = names.observables.iter().map(|observed| observed.name.as_str());
        let message = format!("no model observes `{name}`");
        let fault = Diagnostic::error(code::UNKNOWN_NAME, message, node.span);
        reading.fault(fault.maybe_help(did_you_mean(&name, known)));
    }
    found
}

/// `"3 day"` either way, or `["-3 day", "7 day"]`.
fn window(node: &Node, reading: &mut Reading) -> Option<(f64, f64)> {
    match &node.value {
        Value::Text(_) => values::duration(node, reading).map(|days| (-days, days)),
        Value::List(ends) if ends.len() == 2 => {
            let day = proband_lang::Unit::day();
            let mut end =
                |index: usize| values::quantity(&ends[index], "window", &day, reading);
            let (low, high) = (end(0)?, end(1)?);
            if low <= high {
                return Some((low, high));
            }
            let message = "the window ends before it begins";
            reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, node.span));
            None
        }
        _ => {
            let needed = "a window is a duration, or two such as `[\"-3 day\", \"7 day\"]`";
            reading.fault(wrong_type(node, needed));
            None
        }
    }
}

/// The last time that is planned in an epoch, of those entries that do not depend on its end.
fn last_of(entries: &[Entry<'_>], told: &[Told<'_>], epoch: usize) -> Option<f64> {
    let mut last: Option<f64> = None;
    let is_last = epoch + 1 == told.len();
    let start = told[..epoch]
        .iter()
        .skip_while(|before| before.kind != EpochKind::Treatment)
        .filter_map(|before| before.duration)
        .sum::<f64>();
    for entry in entries {
        let here = match entry.epoch {
            Some(named) => named == epoch,
            None => told[epoch].kind == EpochKind::Treatment || is_last,
        };
        let until = entry.every.as_ref().and_then(|every| every.until.as_ref());
        for point in entry.at.iter().chain(until).filter(|_| here) {
            let day = if entry.epoch.is_some() { start + point.day } else { point.day };
            last = Some(last.map_or(day, |before| before.max(day)));
        }
    }
    last
}

/// Every planned time of every entry.
fn instants(entries: &[Entry<'_>], epochs: &[Epoch], reading: &mut Reading) -> Vec<Instant> {
    let mut found = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let start = entry.epoch.and_then(|epoch| epochs.get(epoch)).map_or(0.0, |e| e.from);
        for point in &entry.at {
            found.push(Instant {
                entry: index,
                day: start + point.day,
                counted: point.day,
                word: word_of(&point.word),
                span: point.span,
            });
        }
        if let Some(every) = &entry.every {
            recurring(index, entry, every, epochs, &mut found, reading);
        }
    }
    found
}

/// More visits than this are a slip: one a minute for a year.
const MOST_VISITS: f64 = 600_000.0;

fn recurring(
    index: usize,
    entry: &Entry<'_>,
    every: &Every,
    epochs: &[Epoch],
    found: &mut Vec<Instant>,
    reading: &mut Reading,
) {
    let treatment = epochs.iter().position(|epoch| epoch.kind == EpochKind::Treatment);
    let Some(epoch) = entry.epoch.or(treatment).and_then(|epoch| epochs.get(epoch)) else {
        return;
    };
    let start = if entry.epoch.is_some() { epoch.from } else { 0.0 };
    let from = every.from.as_ref().map_or(epoch.from - start, |point| point.day);
    let until = every.until.as_ref().map_or(epoch.to - start, |point| point.day);
    let steps = ((until - from) / every.period + 1e-9).floor();
    let span = entry.table.place("every");
    if steps > MOST_VISITS {
        let message = format!("this plans {steps} visits");
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
        return;
    }
    let word = [("week", 7.0), ("day", 1.0)]
        .into_iter()
        .find(|(_, length)| every.period % length == 0.0 && from % length == 0.0)
        .map_or("hour", |(word, _)| word);
    let mut step = 0.0;
    while step <= steps {
        let counted = to_millisecond(from + step * every.period);
        found.push(Instant { entry: index, day: start + counted, counted, word, span });
        step += 1.0;
    }
}

fn word_of(word: &str) -> &'static str {
    match word {
        "hour" => "hour",
        "week" => "week",
        "month" => "month",
        "year" => "year",
        _ => "day",
    }
}

/// The `missing` of each entry of the schedule, by its position.
pub(crate) fn missing_of<'a>(file: &'a Node, reading: &mut Reading) -> Vec<Option<&'a Node>> {
    items(file, "encounter", reading)
        .iter()
        .map(|item| item.get("missing").map(|entry| &entry.node))
        .collect()
}
