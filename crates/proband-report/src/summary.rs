//! The whole summary, section by section.

use crate::document::{Block, Document};
use crate::{adverse, baseline, disposition, endpoints, looks, ranges, scorecard};
use proband_analysis::Finding;

/// Defaults that a summary shows.
const MOST_DEFAULTS: usize = 12;

/// What a summary says of the run beside its findings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run<'a> {
    /// `trial.id`.
    pub id: &'a str,
    /// `trial.title`.
    pub title: Option<&'a str>,
    /// Facts for the head, such as phase, seed and source: name, value.
    pub facts: &'a [(String, String)],
    /// Titles of the arms, in order.
    pub arms: &'a [String],
    /// Defaults that were used: path, value.
    pub defaults: &'a [(String, String)],
    /// Twins that failed.
    pub failures: &'a [Failure],
}

/// Twins that were lost for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The arm's title; none before enrolment.
    pub arm: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// Arranges findings: disposition, baseline, endpoints and comparisons, adverse events, records against their ranges, looks, published
/// figures, then what failed and what was taken by default.
#[must_use]
pub fn summary(run: &Run<'_>, findings: &[Finding]) -> Document {
    let mut document = Document::default();
    head(&mut document, run);
    disposition::add(&mut document, run.arms, findings);
    baseline::add(&mut document, run.arms, findings);
    endpoints::add(&mut document, run.arms, findings);
    adverse::add(&mut document, run.arms, findings);
    ranges::add(&mut document, run.arms, findings);
    looks::add(&mut document, findings);
    scorecard::add(&mut document, findings);
    failures(&mut document, run.failures);
    defaults(&mut document, run.defaults);
    document
}

pub(crate) fn head(document: &mut Document, run: &Run<'_>) {
    let title = run.title.map_or(run.id.to_owned(), |title| format!("{}: {title}", run.id));
    document.blocks.push(Block::Title(title));
    document.list(run.facts.iter().map(|(name, value)| format!("{name}: {value}")).collect());
}

pub(crate) fn failures(document: &mut Document, failures: &[Failure]) {
    if failures.is_empty() {
        return;
    }
    document.heading("Failed twins");
    let line = |f: &Failure| {
        let arm = f.arm.as_ref().map_or("before enrolment", String::as_str);
        format!("{} in {arm}: {}", f.count, f.reason)
    };
    document.list(failures.iter().map(line).collect());
}

pub(crate) fn defaults(document: &mut Document, defaults: &[(String, String)]) {
    if defaults.is_empty() {
        return;
    }
    document.heading("Taken by default");
    let line = |(path, value): &(String, String)| format!("{path} = {value}");
    let mut lines: Vec<String> = defaults.iter().take(MOST_DEFAULTS).map(line).collect();
    if let Some(more) = defaults.len().checked_sub(MOST_DEFAULTS).filter(|more| *more > 0) {
        lines.push(format!("and {more} more, in run.json"));
    }
    document.list(lines);
}
