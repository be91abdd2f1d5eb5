//! When a regimen gives its doses.

use super::told::OneTold;
use crate::expression::{Names, Quantities};
use crate::reading::Reading;
use crate::tables::causes::seen;
use crate::toml::{Node, Table, Text};
use crate::values;
use crate::words::unnamed;
use crate::{Epoch, Expression};
use proband_diag::{Diagnostic, code};

/// When doses are given, in days.
pub(super) struct Schedule {
    pub(super) every: Option<f64>,
    pub(super) on: Vec<f64>,
    pub(super) times: Option<u64>,
    pub(super) from: f64,
    pub(super) until: f64,
    pub(super) until_seen: Option<Expression>,
}

impl OneTold {
    pub(super) fn schedule(
        &self,
        table: &Table<'_>,
        names: &Names,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Schedule> {
        let every = table.read("every", reading, values::positive_duration);
        let on = table
            .read("on", reading, |node, reading| values::list(node, reading, values::point));
        let told = table.read("times", reading, values::count);
        let on: Vec<f64> = on
            .map_or_else(|| vec![0.0], |points| points.iter().map(|point| point.day).collect());
        check_cycle(table, &on, every, reading);
        check_times(table, told, every, on.len(), reading);
        let times = told.or_else(|| {
            if every.is_some() {
                return None;
            }
            if !table.has("on") {
                reading.defaulted(table.path_of("times"), "1");
            }
            u64::try_from(on.len()).ok()
        });
        let (from, until) = self.period(table, names, reading)?;
        check_count(table, every, until - from, reading);
        let until_seen = match table.get("until").filter(|entry| is_condition(&entry.node)) {
            Some(entry) => Some(seen(&entry.node, names, quantities, reading)?),
            None => None,
        };
        Some(Schedule { every, on, times, from, until, until_seen })
    }

    /// When the regimen runs: in its epoch, unless told.
    fn period(
        &self,
        table: &Table<'_>,
        names: &Names,
        reading: &mut Reading,
    ) -> Option<(f64, f64)> {
        let timeline = &names.timeline;
        let named = table.read("epoch", reading, |node, reading| {
            values::string(node, "the id of an epoch is needed", reading)
        });
        let epoch = match (named, self.epoch.as_deref()) {
            (Some(id), _) => Some(epoch(id, names, reading)?),
            (None, Some(id)) => timeline.epoch(id),
            (None, None) => None,
        };
        let epoch = match epoch {
            Some(position) => timeline.epochs.get(position),
            None => timeline.treatment(),
        }?;
        let by_condition = table.get("until").is_some_and(|entry| is_condition(&entry.node));
        for (key, default) in [("from", epoch.from), ("until", epoch.to)] {
            if !table.has(key) {
                reading.defaulted(table.path_of(key), values::point_words(default));
            }
        }
        let from = table.read("from", reading, values::point);
        let until = match by_condition {
            true => None,
            false => table.read("until", reading, values::point),
        };
        for point in [&from, &until].into_iter().flatten() {
            if point.day > timeline.end() && !timeline.faulty {
                let end = values::point_words(timeline.end());
                let message =
                    format!("{} is after the last epoch, which ends at {end}", point.shown());
                reading.fault(Diagnostic::error(code::AFTER_THE_END, message, point.span));
            }
        }
        for point in [&from, &until].into_iter().flatten() {
            check_side(point, epoch, reading);
        }
        let day =
            |point: Option<values::Point>, default| point.map_or(default, |point| point.day);
        Some((day(from, epoch.from), day(until, epoch.to)))
    }
}

/// A regimen stays on its side of day 1: what is given before it knows no arm.
fn check_side(point: &values::Point, epoch: &Epoch, reading: &mut Reading) {
    let shown = point.shown();
    let (message, help) = if epoch.from < 0.0 && point.day > 0.0 {
        let message = format!("{shown} is after day 1, where epoch `{}` has ended", epoch.id);
        (message, "what is given from day 1 on stands in the arms")
    } else if epoch.from >= 0.0 && point.day < 0.0 {
        let message =
            format!("{shown} is before day 1, where epoch `{}` has not begun", epoch.id);
        (message, "what is given before day 1 stands in a run-in epoch")
    } else {
        return;
    };
    let fault = Diagnostic::error(code::OUT_OF_RANGE, message, point.span);
    reading.fault(fault.help(help));
}

/// More cycles than this are a slip: one a minute for two years.
const MOST_CYCLES: f64 = 1e6;

fn check_count(table: &Table<'_>, every: Option<f64>, length: f64, reading: &mut Reading) {
    let cycles = every.map_or(1.0, |every| length / every);
    if let Some(entry) = table.get("every").filter(|_| cycles > MOST_CYCLES) {
        let message = format!("this gives {cycles:.0} doses");
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, entry.node.span));
    }
}

/// Without a cycle there are no more doses than times that are told.
fn check_times(
    table: &Table<'_>,
    told: Option<u64>,
    every: Option<f64>,
    planned: usize,
    reading: &mut Reading,
) {
    let more = told.filter(|&told| every.is_none() && told > planned as u64);
    if let (Some(told), Some(entry)) = (more, table.get("times")) {
        let message = format!("`times = {told}` needs `every`");
        let fault = Diagnostic::error(code::MISSING_KEY, message, entry.node.span);
        reading.fault(fault.help("the time from one dose to the next, such as `\"1 day\"`"));
    }
}

/// Times of a cycle lie in it.
fn check_cycle(table: &Table<'_>, on: &[f64], every: Option<f64>, reading: &mut Reading) {
    let Some(entry) = table.get("on") else { return };
    let outside = on.iter().any(|&day| day < 0.0 || every.is_some_and(|every| day >= every));
    if outside {
        let message = "a time of the cycle lies outside it";
        reading.fault(
            Diagnostic::error(code::OUT_OF_RANGE, message, entry.node.span)
                .help("`day 1` is the first day of the cycle, whose length is `every`"),
        );
    } else if on.windows(2).any(|pair| pair[1] <= pair[0]) {
        let message = "the times of the cycle must increase";
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, entry.node.span));
    }
}

fn epoch(id: &Text, names: &Names, reading: &mut Reading) -> Option<usize> {
    let timeline = &names.timeline;
    let found = timeline.epoch(&id.text);
    if found.is_none() && !timeline.faulty {
        let known = timeline.epochs.iter().map(|epoch| epoch.id.as_str());
        reading.fault(unnamed("epoch", &id.text, id.place(), known));
    }
    found
}

/// Whether an `until` is a condition rather than a time point.
fn is_condition(node: &Node) -> bool {
    node.as_text().is_some_and(|text| text.text.contains(['<', '>', '=', '(']))
}
