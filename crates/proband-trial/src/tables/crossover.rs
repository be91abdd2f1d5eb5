//! `design.sequences`, and the schedule of a crossover: its periods laid out one after another.

use super::arms::{Told as Arm, positions};
use crate::expression::Names;
use crate::reading::Reading;
use crate::toml::{Entry, Table, Value, wrong_type};
use crate::values;
use crate::{Crossover, Encounter, Epoch, EpochKind, Repeated, Sequence};
use proband_diag::{Diagnostic, code};

/// Reads the sequences of a crossover; `length` is that of a period.
pub(super) fn read(
    table: &Table<'_>,
    arms: &[Arm<'_>],
    names: &Names,
    length: f64,
    reading: &mut Reading,
) -> Option<Crossover> {
    let sequences = match table.get("sequences") {
        Some(entry) => told(entry, names, reading)?,
        None => by_default(table, arms, reading)?,
    };
    for (index, arm) in arms.iter().enumerate() {
        if !sequences.iter().any(|sequence| sequence.arms.contains(&index)) {
            let message = format!("no sequence goes through `arm.{}`", arm.id);
            reading.fault(Diagnostic::error(code::UNUSED_TABLE, message, arm.span));
        }
    }
    Some(Crossover { sequences, length })
}

/// Both orders of two arms; of more, the author must say which.
fn by_default(
    table: &Table<'_>,
    arms: &[Arm<'_>],
    reading: &mut Reading,
) -> Option<Vec<Sequence>> {
    if arms.len() == 2 {
        reading.defaulted("design.sequences", "AB, BA");
        return Some(named([[0, 1], [1, 0]]));
    }
    let message = format!("a crossover of {} arms needs `sequences`", arms.len());
    let help = "write `sequences = \"williams\"`, or each as `sequences.ID = [arms]`";
    reading.fault(Diagnostic::error(code::MISSING_KEY, message, table.span()).help(help));
    None
}

fn told(entry: &Entry, names: &Names, reading: &mut Reading) -> Option<Vec<Sequence>> {
    let (node, arms) = (&entry.node, names.arms.len());
    match &node.value {
        Value::Text(text) if text.text == "williams" && arms > 1 => Some(named(williams(arms))),
        Value::Table(entries) if !entries.is_empty() => {
            let read: Vec<Option<Sequence>> =
                entries.iter().map(|entry| sequence(entry, names, reading)).collect();
            let sequences: Vec<Sequence> = read.into_iter().collect::<Option<_>>()?;
            of_one_length(&sequences, entries, reading)?;
            Some(sequences)
        }
        Value::Text(_) => {
            let message =
                "sequences are `\"williams\"` of two arms or more, or named lists of arms";
            reading.fault(Diagnostic::error(code::UNKNOWN_WORD, message, node.span));
            None
        }
        _ => {
            reading.fault(wrong_type(node, "sequences are named lists of arms"));
            None
        }
    }
}

fn sequence(entry: &Entry, names: &Names, reading: &mut Reading) -> Option<Sequence> {
    values::id(&entry.key, entry.key_span, reading);
    let arms = positions(&entry.node, names, reading)?;
    if arms.len() < 2 {
        let message = format!("sequence `{}` has fewer than two periods", entry.key);
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, entry.node.span));
        return None;
    }
    Some(Sequence { id: entry.key.clone(), arms })
}

fn of_one_length(
    sequences: &[Sequence],
    entries: &[Entry],
    reading: &mut Reading,
) -> Option<()> {
    let periods = sequences[0].arms.len();
    let odd = sequences.iter().position(|sequence| sequence.arms.len() != periods);
    let Some(odd) = odd else { return Some(()) };
    let message = format!(
        "`{}` has {} periods, `{}` has {periods}",
        sequences[odd].id,
        sequences[odd].arms.len(),
        sequences[0].id,
    );
    reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, entries[odd].node.span));
    None
}

/// Sequences under the letters of their arms, A for the first of the file.
fn named<L: AsRef<[usize]>>(sequences: impl IntoIterator<Item = L>) -> Vec<Sequence> {
    let letter = |&arm: &usize| match u8::try_from(arm) {
        Ok(arm @ 0..26) => char::from(b'A' + arm).to_string(),
        _ => format!("({})", arm + 1),
    };
    let of = |arms: L| {
        let arms = arms.as_ref();
        Sequence { id: arms.iter().map(letter).collect(), arms: arms.to_vec() }
    };
    sequences.into_iter().map(of).collect()
}

/// Latin squares in which every arm follows every other equally often: one of an even number of arms, and a
/// pair of an odd one (E. J. Williams, Australian Journal of Scientific Research A 2 (1949) 149-168).
fn williams(arms: usize) -> Vec<Vec<usize>> {
    // 0, 1, n - 1, 2, n - 2, ...
    let zigzag = |place: usize| match place {
        0 => 0,
        _ if place % 2 == 1 => place.div_ceil(2),
        _ => arms - place / 2,
    };
    let first: Vec<usize> = (0..arms).map(zigzag).collect();
    let mut all: Vec<Vec<usize>> =
        (0..arms).map(|row| first.iter().map(|arm| (arm + row) % arms).collect()).collect();
    if arms % 2 == 1 {
        let mirrored: Vec<Vec<usize>> =
            all.iter().map(|row| row.iter().rev().copied().collect()).collect();
        all.extend(mirrored);
    }
    all
}

/// The days from the first dose of a period to that of the next: treatment and washout.
pub(super) fn length(epochs: &[Epoch]) -> f64 {
    repeated(epochs).iter().map(|epoch| epoch.to - epoch.from).sum()
}

/// The treatment and the washout right after it.
fn repeated(epochs: &[Epoch]) -> &[Epoch] {
    let Some(treatment) = epochs.iter().position(|epoch| epoch.kind == EpochKind::Treatment)
    else {
        return &[];
    };
    let washout = epochs.get(treatment + 1).is_some_and(|e| e.kind == EpochKind::Washout);
    &epochs[treatment..treatment + 1 + usize::from(washout)]
}

/// Lays out the periods of a crossover: treatment and washout once a period, the washout not after the last,
/// what follows after that. The visits of the first period keep their positions; those that repeat them come
/// after all others.
pub(crate) fn lay_out(
    crossover: &Crossover,
    epochs: &mut Vec<Epoch>,
    encounters: &mut Vec<Encounter>,
) {
    let (length, periods) = (crossover.length, crossover.periods());
    let again = repeated(epochs).to_vec();
    let Some(treatment) = epochs.iter().position(|epoch| epoch.kind == EpochKind::Treatment)
    else {
        return;
    };
    let washout: f64 = again[1..].iter().map(|epoch| epoch.to - epoch.from).sum();
    let follows = treatment + again.len();
    let later = (periods - 1) as f64 * length - washout;
    let more = (periods - 1) * again.len() - (again.len() - 1);
    for epoch in &mut epochs[follows..] {
        (epoch.from, epoch.to) = (epoch.from + later, epoch.to + later);
    }
    for encounter in encounters.iter_mut().filter(|e| e.epoch >= follows) {
        encounter.day += later;
        encounter.epoch += more;
    }
    let mut place = follows;
    let mut repeats = Vec::new();
    for period in 1..periods {
        let shift = period as f64 * length;
        let kept = if period + 1 == periods { &again[..1] } else { &again[..] };
        for (offset, epoch) in kept.iter().enumerate() {
            let (from, to) = (epoch.from + shift, epoch.to + shift);
            let epoch = Epoch { from, to, regimens: Vec::new(), ..epoch.clone() };
            epochs.insert(place + offset, epoch);
        }
        for (index, encounter) in encounters.iter().enumerate() {
            let offset = encounter.epoch.checked_sub(treatment);
            if let Some(offset) = offset.filter(|&offset| offset < kept.len()) {
                repeats.push(Encounter {
                    day: encounter.day + shift,
                    epoch: place + offset,
                    repeats: Some(Repeated { period, encounter: index }),
                    ..encounter.clone()
                });
            }
        }
        place += kept.len();
    }
    encounters.extend(repeats);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often each arm is right after each other one.
    fn followers(sequences: &[Vec<usize>], arms: usize) -> Vec<Vec<usize>> {
        let mut counts = vec![vec![0; arms]; arms];
        for pair in sequences.iter().flat_map(|sequence| sequence.windows(2)) {
            counts[pair[0]][pair[1]] += 1;
        }
        counts
    }

    #[test]
    fn a_williams_square_is_balanced_for_order_and_for_what_comes_before() {
        for arms in 2..=9 {
            let sequences = williams(arms);
            let times = if arms % 2 == 1 { 2 } else { 1 };
            assert_eq!(sequences.len(), times * arms);
            for period in 0..arms {
                for arm in 0..arms {
                    let there = sequences.iter().filter(|s| s[period] == arm).count();
                    assert_eq!(there, times, "{sequences:?}");
                }
            }
            for (before, after) in followers(&sequences, arms).iter().enumerate() {
                for (arm, &count) in after.iter().enumerate() {
                    assert_eq!(count, if arm == before { 0 } else { times }, "{sequences:?}");
                }
            }
        }
    }

    #[test]
    fn sequences_are_named_by_the_letters_of_their_arms() {
        let ids: Vec<String> = named(williams(3)).into_iter().map(|s| s.id).collect();
        assert_eq!(ids, ["ABC", "BCA", "CAB", "CBA", "ACB", "BAC"]);
    }
}
