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
}

impl Line {
    /// Whether a value is further from the published figure than counts as agreement.
    pub(crate) fn misses(&self, value: f64) -> bool {
        self.published
            .is_some_and(|(low, high)| value < low - self.within || value > high + self.within)
    }

    pub(crate) fn number(&self, value: f64) -> String {
        let text = format!("{value:.*}", self.decimals);
        let zero = text.trim_start_matches('-').chars().all(|c| matches!(c, '0' | '.'));
        if zero { text.trim_start_matches('-').to_owned() } else { text }
    }

    pub(crate) fn published(&self) -> String {
        match self.published {
            Some((low, high)) if low < high => {
                format!("{} to {}", self.number(low), self.number(high))
            }
            Some((value, _)) => self.number(value),
            None => String::new(),
        }
    }

    /// An estimate with its standard error.
    pub(crate) fn with_error(&self, of: Estimate) -> String {
        format!("{} ± {}", self.number(of.value), self.number(of.error))
    }

    pub(crate) fn verdict(&self, value: f64) -> &'static str {
        match (self.published.is_some(), self.misses(value)) {
            (false, _) => "",
            (true, false) => "yes",
            (true, true) => "**no**",
        }
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
        let explained = !self.line.why.is_empty();
        let complaint =
            if (ours.value - theirs.value).abs() > ERRORS * sampling + self.line.bias {
                "is not the independent value"
            } else if self.line.misses(ours.value) && !explained {
                "misses the published value and must say why"
            } else if explained && !self.line.misses(ours.value) {
                "no longer misses the published value"
            } else {
                return None;
            };
        Some(format!("{self}: {complaint}"))
    }

    fn cells(&self) -> [String; 7] {
        let line = &self.line;
        [
            format!("{}, {}", line.title, line.of),
            line.published(),
            if line.published.is_some() { line.number(line.within) } else { String::new() },
            line.number(self.independent.value),
            line.with_error(self.ours),
            line.verdict(self.ours.value).to_owned(),
            line.why.to_owned(),
        ]
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
    table(scored.iter().copied().filter(|line| line.line.published.is_some()))
}

/// All lines.
pub(crate) fn whole_table(scored: &[&Scored]) -> String {
    table(scored.iter().copied())
}

fn table<'a>(scored: impl Iterator<Item = &'a Scored>) -> String {
    let mut text = String::new();
    let mut trial = "";
    for line in scored {
        if line.trial != trial {
            trial = &line.trial;
            text += &head(trial);
        }
        text += &format!("| {} |\n", line.cells().join(" | "));
    }
    text + "\n"
}

fn head(trial: &str) -> String {
    let columns = ["published", "within", "independent", "ours ± SE", "agrees", "why not"];
    format!("\n| `{trial}` | {} |\n|---|---:|---:|---:|---:|---|---|\n", columns.join(" | "))
}
