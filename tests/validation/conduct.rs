//! What its conduct changes in a trial: the same participants with everybody treated as planned, and with the
//! rules of the trial file, beside the published figures.

use crate::independent::Estimate;
use crate::lines::{self, Quantity};
use crate::scorecard::{self, Line};
use crate::trials::{DOCETAXEL, Run, findings_only, plain_docetaxel};
use std::sync::LazyLock;

/// A line with its two numbers.
pub(crate) struct Changed {
    trial: &'static str,
    line: Line,
    planned: Estimate,
    ruled: Estimate,
}

/// Nobody obeys a rule.
const PLAIN_WARFARIN: &[(&str, &str)] = &[
    ("rule.far_too_high.followed", "0.0"),
    ("rule.recheck.followed", "0.0"),
    ("rule.too_high.followed", "0.0"),
    ("rule.too_low.followed", "0.0"),
];

const WARFARIN: &str = "9_000";

pub(crate) fn changed() -> &'static [Changed] {
    static CHANGED: LazyLock<Vec<Changed>> = LazyLock::new(|| {
        let six = plain_docetaxel();
        let mut changed =
            compared("docetaxel-neutropenia", DOCETAXEL, six, lines::DOCETAXEL_CONDUCT);
        let planned = findings_only("warfarin-eu-pact", WARFARIN, PLAIN_WARFARIN);
        changed.extend(compared("warfarin-eu-pact", WARFARIN, &planned, lines::WARFARIN));
        changed
    });
    &CHANGED
}

fn compared(
    trial: &'static str,
    participants: &str,
    planned: &Run,
    quantities: &[Quantity],
) -> Vec<Changed> {
    let ruled = findings_only(trial, participants, &[]);
    let changed = |line: Line| Changed {
        trial,
        planned: planned.estimate(&line),
        ruled: ruled.estimate(&line),
        line,
    };
    lines::lines(quantities).into_iter().map(changed).collect()
}

impl Changed {
    /// What is wrong with it.
    pub(crate) fn fault(&self) -> Option<String> {
        let (line, ruled) = (&self.line, self.ruled);
        let complaint = line.fault(ruled.value)?;
        let (title, of) = (line.title, line.of);
        Some(format!("{title}, {of}: {} ± {} {complaint}", ruled.value, ruled.error))
    }
}

/// The lines as a table.
pub(crate) fn table(changed: &[Changed]) -> String {
    let row = |of: &Changed| (of.trial, of.line.cells(of.planned, of.ruled));
    scorecard::table(["as planned", "with its rules ± SE"], changed.iter().map(row))
}
