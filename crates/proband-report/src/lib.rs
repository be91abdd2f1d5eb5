//! Findings to text and Markdown.
//!
//! [`summary`] arranges findings, and [`operating`] what is found over repetitions, as a [`Document`] of headings, sentences and tables;
//! [`Document::to_text`] sets it for a terminal, [`Document::to_markdown`] for a page. This crate
//! knows neither simulation nor files.

mod adverse;
mod baseline;
mod disposition;
mod document;
mod endpoints;
mod forest;
mod markdown;
mod number;
mod operating;
mod ranges;
mod scorecard;
mod select;
mod summary;
mod text;
mod words;

pub use document::{Align, Block, Document, Table};
pub use operating::operating;
pub use summary::{Failure, Run, summary};
