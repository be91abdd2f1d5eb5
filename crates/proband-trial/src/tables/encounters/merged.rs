//! One encounter for each planned time: entries of the schedule at one time are merged.

use super::{Entry, Instant};
use crate::reading::Reading;
use crate::timeline::Planned;
use crate::toml::{Node, Value};
use crate::values::point_words;
use crate::words;
use crate::{Epoch, EpochKind};
use proband_diag::{Diagnostic, code};
use std::collections::BTreeMap;

/// One encounter for each planned time, in the order of time.
pub(super) fn merged(
    entries: &[Entry<'_>],
    instants: &[Instant],
    epochs: &[Epoch],
    reading: &mut Reading,
) -> Vec<Planned> {
    let mut by_day: BTreeMap<u64, Vec<&Instant>> = BTreeMap::new();
    for instant in instants {
        if inside(instant, epochs, reading) {
            by_day.entry(ordered_bits(instant.day)).or_default().push(instant);
        }
    }
    by_day.values().map(|together| encounter(entries, together, epochs, reading)).collect()
}

/// Bits of a number that sort as the number does. Adding zero turns -0 into 0.
fn ordered_bits(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

fn inside(instant: &Instant, epochs: &[Epoch], reading: &mut Reading) -> bool {
    let (Some(first), Some(last)) = (epochs.first(), epochs.last()) else {
        return false;
    };
    let shown = shown(instant.day, instant.word);
    if instant.day > last.to {
        let end = point_words(last.to);
        let message = format!("{shown} is after the last epoch, which ends at {end}");
        reading.fault(Diagnostic::error(code::AFTER_THE_END, message, instant.span));
        return false;
    }
    if instant.day < first.from {
        let start =
            if first.from == 0.0 { "day 1".to_owned() } else { point_words(first.from) };
        let message = format!("{shown} is before the first epoch, which starts at {start}");
        let days = words::number(-instant.day);
        let help = format!("add `[epoch.screening]` with `duration = \"{days} day\"`");
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, instant.span).help(help));
        return false;
    }
    true
}

fn encounter(
    entries: &[Entry<'_>],
    together: &[&Instant],
    epochs: &[Epoch],
    reading: &mut Reading,
) -> Planned {
    let first = together[0];
    let day = first.day + 0.0;
    let named = together.iter().find_map(|instant| entries[instant.entry].epoch);
    let epoch = named.unwrap_or_else(|| epoch_at(day, epochs));
    let mut observe: Vec<usize> = Vec::new();
    for instant in together {
        observe.extend(&entries[instant.entry].observe);
    }
    observe.sort_unstable();
    observe.dedup();
    Planned {
        day,
        shown: shown(day, first.word),
        label: label(day, first, named, epochs),
        epoch,
        observe,
        window: agreed_window(entries, together, reading)
            .and_then(|window| clipped(window, day, epochs.first().map_or(0.0, |e| e.from))),
        missing: agreed_missing(entries, together, reading),
    }
}

/// The epoch of a time. A visit at the very end of an epoch belongs to it; day 1 is treatment.
fn epoch_at(day: f64, epochs: &[Epoch]) -> usize {
    let treatment = epochs.iter().position(|epoch| epoch.kind == EpochKind::Treatment);
    let containing = if day >= 0.0 {
        epochs.iter().skip(treatment.unwrap_or(0)).position(|epoch| day <= epoch.to)
    } else {
        return epochs.iter().position(|epoch| day < epoch.to).unwrap_or(0);
    };
    containing.map_or(0, |offset| offset + treatment.unwrap_or(0))
}

fn shown(day: f64, word: &str) -> String {
    match word {
        "day" => format!("day {}", study_day(day)),
        "hour" => format!("hour {}", words::number(day * 24.0)),
        "month" => format!("month {}", words::number(day / 30.4375)),
        "year" => format!("year {}", words::number(day / 365.25)),
        _ => point_words(day),
    }
}

fn study_day(day: f64) -> String {
    words::number(if day < 0.0 { day } else { day + 1.0 })
}

/// AVISIT.
fn label(day: f64, instant: &Instant, named: Option<usize>, epochs: &[Epoch]) -> String {
    if day == 0.0 {
        return "Baseline".to_owned();
    }
    let time = shown(instant.counted, instant.word);
    let mut letters = time.chars();
    let capital: String =
        letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect();
    match named.map(|epoch| &epochs[epoch]).filter(|epoch| epoch.kind != EpochKind::Treatment) {
        Some(epoch) => format!("{} {capital}", epoch_words(epoch)),
        None => capital,
    }
}

fn epoch_words(epoch: &Epoch) -> &str {
    if epoch.title != epoch.id {
        return &epoch.title;
    }
    match epoch.kind {
        EpochKind::Screening => "Screening",
        EpochKind::RunIn => "Run-in",
        EpochKind::Treatment => "Treatment",
        EpochKind::Washout => "Washout",
        EpochKind::FollowUp => "Follow-up",
    }
}

/// The window that entries at one time agree on.
fn agreed_window(
    entries: &[Entry<'_>],
    together: &[&Instant],
    reading: &mut Reading,
) -> Option<(f64, f64)> {
    let told: Vec<(&Instant, (f64, f64))> = together
        .iter()
        .filter_map(|&instant| entries[instant.entry].window.map(|window| (instant, window)))
        .collect();
    let (_, window) = *told.first()?;
    if let Some((instant, _)) = told.iter().find(|(_, other)| *other != window) {
        conflict("window", instant, reading);
    }
    Some(window)
}

/// The entry whose `missing` holds for entries at one time.
fn agreed_missing(
    entries: &[Entry<'_>],
    together: &[&Instant],
    reading: &mut Reading,
) -> Option<usize> {
    let written = |entry: usize| {
        entries[entry].table.get("missing").map(|entry| format!("{:?}", plain(&entry.node)))
    };
    let told: Vec<&Instant> = together
        .iter()
        .copied()
        .filter(|instant| entries[instant.entry].table.has("missing"))
        .collect();
    let first = told.first()?;
    if let Some(other) = told.iter().find(|i| written(i.entry) != written(first.entry)) {
        conflict("missing", other, reading);
    }
    Some(first.entry)
}

/// A text or number without its place.
fn plain(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) => Some(text.text.clone()),
        Value::Number(digits) => Some(digits.written.clone()),
        _ => None,
    }
}

fn conflict(key: &str, instant: &Instant, reading: &mut Reading) {
    let shown = shown(instant.day, instant.word);
    let message = format!("two entries plan {shown}, and their `{key}` differs");
    reading.fault(
        Diagnostic::error(code::CONFLICTING_KEYS, message, instant.span)
            .help("entries at the same time are one encounter: say it in one of them"),
    );
}

/// The part of a window that is on its own side of day 1, and not before observation starts; day 1
/// itself has none.
fn clipped((low, high): (f64, f64), day: f64, start: f64) -> Option<(f64, f64)> {
    let clipped = if day > 0.0 {
        (low.max(-day), high)
    } else if day < 0.0 {
        (low.max(start - day), high.min(-day))
    } else {
        return None;
    };
    (clipped.0 < clipped.1).then_some(clipped)
}
