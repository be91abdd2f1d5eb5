//! `[eligibility]`: who is enrolled.

use super::design::{MOST_TWINS, twins};
use crate::expression::{Context, Names, Quantities, condition};
use crate::keys;
use crate::reading::Reading;
use crate::timeline::Timeline;
use crate::toml::{Node, Table};
use crate::values;
use crate::{Criterion, Eligibility, EpochKind};
use proband_diag::{Diagnostic, code};

/// When eligibility is decided: as told, else at the first encounter of screening, else on day 1.
pub(crate) fn at(file: &Node, timeline: &Timeline, reading: &mut Reading) -> f64 {
    let told = file.get("eligibility").and_then(|entry| entry.node.get("at"));
    if let Some(point) = told.and_then(|entry| values::point(&entry.node, reading)) {
        if point.day > 0.0 {
            let message = format!("{} is after day 1, when treatment starts", point.shown());
            reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, point.span));
        } else if point.day < timeline.start() && !timeline.faulty {
            let start = values::point_words(timeline.start());
            let message =
                format!("{} is before the first epoch, which starts at {start}", point.shown());
            reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, point.span));
        }
        return point.day;
    }
    let screening = timeline.encounters.iter().find(|encounter| {
        timeline.epochs.get(encounter.epoch).is_some_and(|e| e.kind == EpochKind::Screening)
    });
    match screening {
        Some(encounter) => {
            reading.defaulted("eligibility.at", encounter.shown.clone());
            encounter.day
        }
        None => {
            reading.defaulted("eligibility.at", "day 1");
            0.0
        }
    }
}

/// Reads `[eligibility]`; `at` is already known.
pub(crate) fn read(
    file: &Node,
    participants: u64,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<Eligibility> {
    let table = Table::of_file(file, "eligibility", keys::ELIGIBILITY, reading)?;
    let most = participants.saturating_mul(100).min(MOST_TWINS);
    let at_most = table.or("at_most", (most, &most.to_string()), reading, twins);
    if at_most < participants {
        let span = table.place("at_most");
        let message = format!("{at_most} screened cannot give {participants} participants");
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
    }
    Some(Eligibility {
        at: names.screening,
        inclusion: criteria(&table, "inclusion", names, quantities, reading),
        exclusion: criteria(&table, "exclusion", names, quantities, reading),
        at_most,
    })
}

fn criteria(
    table: &Table<'_>,
    key: &str,
    names: &Names,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Vec<Criterion> {
    let Some(entry) = table.get(key) else {
        return Vec::new();
    };
    if entry.node.entries().is_empty() {
        let message = format!("`{key}` is a table of conditions");
        reading.fault(
            Diagnostic::error(code::WRONG_TYPE, message, entry.node.span)
                .help(format!("write `{key}.ID = \"...\"`")),
        );
    }
    let mut found = Vec::new();
    for criterion in entry.node.entries() {
        values::id(&criterion.key, criterion.key_span, reading);
        let needed = "a criterion is a condition, as a text";
        let Some(text) = values::string(&criterion.node, needed, reading) else { continue };
        let checked = condition(text, Context::Screening, names, quantities, reading);
        found.extend(
            checked.map(|condition| Criterion { id: criterion.key.clone(), condition }),
        );
    }
    found
}
