//! Findings to text and Markdown, findings and tables to a page.
//!
//! [`summary`] arranges findings, and [`operating`] what is found over repetitions, as a [`Document`] of headings, sentences and tables;
//! [`Document::to_text`] sets it for a terminal, [`Document::to_markdown`] for a file. [`Report`] makes one
//! HTML file of a run with charts. This crate does not know simulation.

mod adverse;
mod baseline;
mod disposition;
mod document;
mod endpoints;
mod forest;
mod html;
mod looks;
mod markdown;
mod number;
mod operating;
mod page;
mod ranges;
mod scorecard;
mod select;
mod summary;
mod text;
mod words;

pub use document::{Align, Block, Document, Table};
pub use operating::operating;
pub use page::{Asked, Cited, Compared, Report, Study, comparison};
pub use summary::{Failure, Run, summary};

#[cfg(test)]
fn blank(category: proband_analysis::Category) -> proband_analysis::Finding {
    proband_analysis::Finding {
        category,
        analysis: String::new(),
        paramcd: String::new(),
        param: String::new(),
        avisit: None,
        method: String::new(),
        comparison: None,
        arm: None,
        reference: None,
        group: None,
        statistic: proband_analysis::StatisticName::Count,
        estimate: None,
        standard_error: None,
        lower: None,
        upper: None,
        level: None,
        truth: None,
        truth_error: None,
        p_value: None,
        adjusted_p: None,
        rejected: None,
        n: None,
        unit: None,
        look: None,
        source: None,
        note: None,
    }
}
