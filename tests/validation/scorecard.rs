//! A line of the scorecard: published, independent, ours.

use crate::ERRORS;
use crate::independent::Estimate;
use crate::lines::Ours;
use std::fmt::{Display, Formatter, Result};

/// What is compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    /// What the pages call it.
    pub(crate) title: &'static str,
    /// The arm, by its id.
    pub(crate) arm: &'static str,
    /// What the arm is called.
    pub(crate) of: &'static str,
    /// What the independent results call it.
    pub(crate) quantity: &'static str,
    /// Where ours stands.
    pub(crate) ours: Ours,
    /// The published figure, or the lowest and the highest where a paper gives a range.
    pub(crate) published: Option<(f64, f64)>,
    /// The distance from it that counts as agreement.
    pub(crate) within: f64,
    /// Why ours is further away, where it is.
    pub(crate) why: &'static str,
    /// Error of the independent computation besides its sampling.
    pub(crate) bias: f64,
    /// Decimals to show.
    pub(crate) decimals: usize,
}

impl Line {
    pub(crate) const EXAMPLE: Self = Self {
        title: "",
        arm: "",
        of: "",
        quantity: "",
        ours: Ours::Mean(""),
        published: None,
        within: 0.0,
        why: "",
        bias: 0.0,
        decimals: 2,
    };

    /// Whether a value is further from the published figure than counts as agreement.
    fn misses(&self, value: f64) -> bool {
        self.published
            .is_some_and(|(low, high)| value < low - self.within || value > high + self.within)
    }

    fn number(&self, value: f64) -> String {
        let text = format!("{value:.*}", self.decimals);
        let zero = text.trim_start_matches('-').chars().all(|c| matches!(c, '0' | '.'));
        if zero { text.trim_start_matches('-').to_owned() } else { text }
    }

    fn published(&self) -> String {
        match self.published {
            Some((low, high)) if low < high => {
                format!("{} to {}", self.number(low), self.number(high))
            }
            Some((value, _)) => self.number(value),
            None => String::new(),
        }
    }

    fn verdict(&self, value: f64) -> &'static str {
        match (self.published.is_some(), self.misses(value)) {
            (false, _) => "",
            (true, false) => "yes",
            (true, true) => "**no**",
        }
    }

    /// What is wrong with it where the number is this: a miss that says nothing, or an explanation of none.
    pub(crate) fn fault(&self, value: f64) -> Option<&'static str> {
        match (self.misses(value), self.why.is_empty()) {
            (true, true) => Some("misses the published value and must say why"),
            (false, false) => Some("no longer misses the published value"),
            _ => None,
        }
    }

    /// Its cells, with ours and the number that stands before it.
    pub(crate) fn cells(&self, before: Estimate, ours: Estimate) -> [String; 7] {
        [
            format!("{}, {}", self.title, self.of),
            self.published(),
            if self.published.is_some() { self.number(self.within) } else { String::new() },
            self.number(before.value),
            format!("{} ± {}", self.number(ours.value), self.number(ours.error)),
            self.verdict(ours.value).to_owned(),
            self.why.to_owned(),
        ]
    }
}

/// A line with its numbers.
#[derive(Clone, Debug)]
pub(crate) struct Scored {
    pub(crate) trial: String,
    pub(crate) line: Line,
    pub(crate) independent: Estimate,
    pub(crate) ours: Estimate,
}

impl Scored {
    /// A line whose number is ours and the independent one.
    pub(crate) fn example(line: Line, value: f64) -> Self {
        let same = Estimate { value, error: 0.0 };
        Self { trial: String::new(), line, independent: same, ours: same }
    }

    /// What is wrong with it.
    pub(crate) fn fault(&self) -> Option<String> {
        let (ours, theirs) = (self.ours, self.independent);
        let sampling = (ours.error * ours.error + theirs.error * theirs.error).sqrt();
        let off = (ours.value - theirs.value).abs() > ERRORS * sampling + self.line.bias;
        let complaint =
            off.then_some("is not the independent value").or(self.line.fault(ours.value))?;
        Some(format!("{self}: {complaint}"))
    }
}

impl Display for Scored {
    fn fmt(&self, to: &mut Formatter<'_>) -> Result {
        let Self { trial, line, independent, ours } = self;
        write!(
            to,
            "{trial}: {}, {}: published {}, independent {:.4} ± {:.4}, ours {:.4} ± {:.4} {}",
            line.title,
            line.of,
            line.published(),
            independent.value,
            independent.error,
            ours.value,
            ours.error,
            line.verdict(ours.value),
        )
    }
}

/// The lines that have a published figure.
pub(crate) fn published_table(scored: &[&Scored]) -> String {
    of_lines(scored.iter().copied().filter(|line| line.line.published.is_some()))
}

/// All lines.
pub(crate) fn whole_table(scored: &[&Scored]) -> String {
    of_lines(scored.iter().copied())
}

fn of_lines<'a>(scored: impl Iterator<Item = &'a Scored>) -> String {
    let row = |of: &'a Scored| (of.trial.as_str(), of.line.cells(of.independent, of.ours));
    table(["independent", "ours ± SE"], scored.map(row))
}

/// A table for each trial: what its two columns of numbers hold, and cells by trial.
pub(crate) fn table<'a>(
    [before, ours]: [&str; 2],
    rows: impl Iterator<Item = (&'a str, [String; 7])>,
) -> String {
    let columns = ["published", "within", before, ours, "agrees", "why not"].join(" | ");
    let mut text = String::new();
    let mut last = "";
    for (trial, cells) in rows {
        if trial != last {
            last = trial;
            text +=
                &format!("\n| `{trial}` | {columns} |\n|---|---:|---:|---:|---:|---|---|\n");
        }
        text += &format!("| {} |\n", cells.join(" | "));
    }
    text + "\n"
}
