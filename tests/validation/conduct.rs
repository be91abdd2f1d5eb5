//! What its conduct changes in a trial: the same participants with everybody treated as planned, and with the
//! rules of the trial file, beside the published figures.

use crate::independent::Estimate;
use crate::lines;
use crate::scorecard::Line;
use crate::trials::{DOCETAXEL, PLAIN_DOCETAXEL, Run, findings_only};
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
        let docetaxel = compared(
            "docetaxel-neutropenia",
            DOCETAXEL,
            PLAIN_DOCETAXEL,
            lines::lines(lines::DOCETAXEL_CONDUCT),
        );
        let warfarin = compared(
            "warfarin-eu-pact",
            WARFARIN,
            PLAIN_WARFARIN,
            lines::lines(lines::WARFARIN),
        );
        docetaxel.into_iter().chain(warfarin).collect()
    });
    &CHANGED
}

fn compared(
    trial: &'static str,
    participants: &str,
    plain: &[(&str, &str)],
    lines: Vec<Line>,
) -> Vec<Changed> {
    let run = |changes: &[(&str, &str)]| -> Run { findings_only(trial, participants, changes) };
    let (planned, ruled) = (run(plain), run(&[]));
    let changed = |line: Line| Changed {
        trial,
        planned: planned.estimate(&line),
        ruled: ruled.estimate(&line),
        line,
    };
    lines.into_iter().map(changed).collect()
}

impl Changed {
    /// What is wrong with it: a miss that says nothing, or an explanation of none.
    pub(crate) fn fault(&self) -> Option<String> {
        let (misses, explained) =
            (self.line.misses(self.ruled.value), !self.line.why.is_empty());
        let numbers = || format!("{} ± {}", self.ruled.value, self.ruled.error);
        let name = || format!("{}, {}: {}", self.line.title, self.line.of, numbers());
        match (misses, explained) {
            (true, false) => Some(format!("{} misses the published value", name())),
            (false, true) => Some(format!("{} no longer misses the published value", name())),
            _ => None,
        }
    }

    fn cells(&self) -> [String; 7] {
        let line = &self.line;
        [
            format!("{}, {}", line.title, line.of),
            line.published(),
            if line.published.is_some() { line.number(line.within) } else { String::new() },
            line.number(self.planned.value),
            line.with_error(self.ruled),
            line.verdict(self.ruled.value).to_owned(),
            line.why.to_owned(),
        ]
    }
}

/// The lines as a table.
pub(crate) fn table(changed: &[Changed]) -> String {
    let mut text = String::new();
    let mut trial = "";
    for line in changed {
        if line.trial != trial {
            trial = line.trial;
            let columns = [
                "published",
                "within",
                "as planned",
                "with its rules ± SE",
                "agrees",
                "why not",
            ];
            text += &format!(
                "\n| `{trial}` | {} |\n|---|---:|---:|---:|---:|---|---|\n",
                columns.join(" | ")
            );
        }
        text += &format!("| {} |\n", line.cells().join(" | "));
    }
    text + "\n"
}
