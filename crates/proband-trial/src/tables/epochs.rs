//! `[epoch.ID]`: the stages of the trial, one after another.

use super::causes::seen;
use super::named::named;
use crate::expression::{Names, Quantities};
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Node, Table};
use crate::values;
use crate::{Epoch, EpochKind, Expression};
use proband_diag::{Diagnostic, Span, code};

/// An epoch as told.
pub(crate) struct Told<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: Option<String>,
    pub(crate) kind: EpochKind,
    pub(crate) duration: Option<f64>,
    pub(crate) span: Span,
}

/// How long a treatment lasts if neither a duration nor an encounter says so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Otherwise {
    /// To the calendar time at which the final look ends the trial, which is the longest that anybody is
    /// followed.
    Day(f64),
    /// Something is wrong already.
    Unknown,
    /// That is a fault.
    Fault,
}

const KINDS: [(&str, EpochKind); 5] = [
    ("screening", EpochKind::Screening),
    ("run_in", EpochKind::RunIn),
    ("treatment", EpochKind::Treatment),
    ("washout", EpochKind::Washout),
    ("follow_up", EpochKind::FollowUp),
];

/// Reads the epochs. Without any there is one, the treatment.
pub(crate) fn read<'a>(file: &'a Node, reading: &mut Reading) -> Vec<Told<'a>> {
    let entries = named(file, "epoch", reading);
    let mut told: Vec<Told<'a>> = Vec::new();
    for entry in entries {
        let path = format!("epoch.{}", entry.key);
        let Some(table) = Table::open(&entry.node, path, keys::EPOCH, reading) else {
            continue;
        };
        if let Some(kind) = kind(&table, &entry.key, reading) {
            told.push(Told {
                id: &entry.key,
                title: table.read("title", reading, values::text),
                kind,
                duration: table.read("duration", reading, values::positive_duration),
                span: entry.key_span,
            });
        }
    }
    if entries.is_empty() {
        reading.defaulted("epoch", "treatment, to the last encounter");
        told.push(treatment(file.span));
    }
    one_treatment(&told, reading);
    told
}

/// The condition at which an epoch ends for a participant, if it has one.
pub(crate) fn until(
    file: &Node,
    epoch: &Epoch,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Expression> {
    let until = file.get("epoch")?.node.get(&epoch.id)?.node.get("until")?;
    if epoch.from < 0.0 {
        reading.later(until.key_span, "an epoch before day 1 that ends by a condition");
        return None;
    }
    seen(&until.node, names, quantities, reading)
}

/// The condition on which a participant goes on from an epoch to the next, if there is one.
pub(crate) fn continues(
    file: &Node,
    epoch: &Epoch,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Expression> {
    let continues = file.get("epoch")?.node.get(&epoch.id)?.node.get("continues")?;
    if epoch.from < 0.0 {
        return seen(&continues.node, names, quantities, reading);
    }
    let message = "`continues` is used by epochs before day 1";
    let fault = Diagnostic::error(code::UNUSED_KEY, message, continues.key_span);
    reading.fault(fault.help("from day 1 on an epoch ends for a participant by `until`"));
    None
}

fn treatment<'a>(span: Span) -> Told<'a> {
    let kind = EpochKind::Treatment;
    Told { id: "treatment", title: None, kind, duration: None, span }
}

fn kind(table: &Table<'_>, id: &str, reading: &mut Reading) -> Option<EpochKind> {
    if table.has("kind") {
        return table
            .read("kind", reading, |node, reading| values::word(&KINDS, node, reading));
    }
    let by_id = KINDS.iter().find(|(word, _)| *word == id).map(|(_, kind)| *kind);
    if by_id.is_none() {
        let words: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
        let message = format!("`{}` needs `kind`", table.path());
        let help = format!("its id is none of {}", crate::words::either(&words));
        reading.fault(Diagnostic::error(code::MISSING_KEY, message, table.span()).help(help));
    }
    by_id
}

fn one_treatment(told: &[Told<'_>], reading: &mut Reading) {
    let mut treatments = told.iter().filter(|epoch| epoch.kind == EpochKind::Treatment);
    match (treatments.next(), treatments.next()) {
        (None, _) => {
            if let Some(first) = told.first() {
                let message = "no epoch is the treatment";
                reading.fault(
                    Diagnostic::error(code::MISSING_KEY, message, first.span)
                        .help("add `[epoch.treatment]`"),
                );
            }
        }
        (_, Some(second)) => reading.later(second.span, "a second treatment epoch"),
        _ => {}
    }
}

/// Places the epochs on the study's time: those before the treatment end on day 1, the others follow
/// each other. `last(epoch)` is the last encounter that an epoch without duration must hold; `otherwise` is
/// for a treatment without any.
pub(crate) fn place(
    told: &[Told<'_>],
    last: impl Fn(usize) -> Option<f64>,
    otherwise: Otherwise,
    reading: &mut Reading,
) -> Option<Vec<Epoch>> {
    let treatment = told.iter().position(|epoch| epoch.kind == EpochKind::Treatment)?;
    let mut epochs: Vec<Epoch> = Vec::with_capacity(told.len());
    let mut start = 0.0;
    for epoch in told[..treatment].iter().rev() {
        let length = epoch.duration.unwrap_or_else(|| {
            needs_duration(epoch, reading);
            0.0
        });
        epochs.insert(0, placed(epoch, start - length, start));
        start -= length;
    }
    let mut from = 0.0;
    for (offset, epoch) in told[treatment..].iter().enumerate() {
        let to = match epoch.duration {
            Some(length) => from + length,
            None => to_the_last(epoch, treatment + offset, from, &last, otherwise, reading),
        };
        epochs.push(placed(epoch, from, to));
        from = to;
    }
    Some(epochs)
}

fn needs_duration(epoch: &Told<'_>, reading: &mut Reading) {
    let message = format!("`epoch.{}` needs `duration`", epoch.id);
    let help =
        "an epoch before the treatment ends on day 1, and its duration says when it starts";
    reading.fault(Diagnostic::error(code::MISSING_KEY, message, epoch.span).help(help));
}

fn to_the_last(
    epoch: &Told<'_>,
    index: usize,
    from: f64,
    last: &impl Fn(usize) -> Option<f64>,
    otherwise: Otherwise,
    reading: &mut Reading,
) -> f64 {
    reading.defaulted(format!("epoch.{}.duration", epoch.id), "to the last encounter");
    let to = last(index).map_or(from, |day| day.max(from));
    if to > 0.0 || epoch.kind != EpochKind::Treatment {
        return to;
    }
    if let Otherwise::Day(day) = otherwise {
        return day;
    }
    if otherwise == Otherwise::Fault {
        let message = "nothing says how long the treatment lasts";
        reading.fault(
            Diagnostic::error(code::MISSING_KEY, message, epoch.span)
                .help("give `epoch.treatment` a `duration`, or plan an encounter after day 1"),
        );
    }
    to
}

fn placed(epoch: &Told<'_>, from: f64, to: f64) -> Epoch {
    Epoch {
        id: epoch.id.to_owned(),
        title: epoch.title.clone().unwrap_or_else(|| epoch.id.to_owned()),
        kind: epoch.kind,
        from,
        to,
        until: None,
        continues: None,
        regimens: Vec::new(),
    }
}
