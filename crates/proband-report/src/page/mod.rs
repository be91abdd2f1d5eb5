//! One self-contained HTML page: what a run found, to look at.
//!
//! Tables are read once, by the columns that are needed, and summarised on the way, so that neither memory nor
//! the page grows with the number of twins. The page carries its charts as small sets of rows with the kind of
//! chart that shows them; `assets/report.js` draws them with Observable Plot.

mod adverse;
mod baseline;
mod comparison;
mod covariates;
mod credibility;
mod exposure;
mod figure;
mod flow;
mod happenings;
mod head;
mod over_time;
mod repeated;
mod response;
mod section;
mod shifts;
mod study;
mod subgroups;
mod survival;
mod thinned;

pub use comparison::{Compared, comparison};
pub use study::{Asked, Cited, Study};

use crate::document::Document;
use crate::html::escaped;
use crate::{disposition, endpoints};
use proband_store::ReadError;
use section::Section;
use serde_json::Value;

const STYLE: &str = include_str!("../../assets/report.css");
const DRAWING: &str = include_str!("../../assets/report.js");
const LIBRARIES: [&str; 2] = [
    include_str!("../../assets/d3-7.9.2.min.js"),
    include_str!("../../assets/plot-0.6.17.min.js"),
];
const LICENCES: &str = include_str!("../../assets/LICENSES.txt");

/// The report of a run, section by section.
#[derive(Clone, Debug)]
pub struct Report {
    title: String,
    head: String,
    sections: Vec<Section>,
}

impl Report {
    /// Reads the tables of a run and summarises them.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn of(study: &Study<'_>) -> Result<Self, ReadError> {
        let sections = vec![
            flow(study),
            population(study)?,
            efficacy(study)?,
            safety(study)?,
            design(study)?,
            credibility(study),
        ];
        let title = study.run.title.unwrap_or(study.run.id).to_owned();
        Ok(Self { title, head: head::head(study), sections })
    }

    /// The page. The same run gives the same bytes.
    #[must_use]
    pub fn to_html(&self) -> String {
        html(&self.title, &self.head, &self.sections)
    }
}

/// A section about participants, of whom a trial that was repeated has others each time.
fn of_one_repetition(id: &'static str, title: &'static str, study: &Study<'_>) -> Section {
    let mut section = Section::new(id, title);
    if !study.operating.is_empty() {
        section.missing("Of the first repetition of the trial, as an example of it.");
    }
    section
}

fn flow(study: &Study<'_>) -> Section {
    let mut section = of_one_repetition("flow", "Flow of participants", study);
    section.html(&flow::diagram(study));
    let mut document = Document::default();
    disposition::add(&mut document, study.run.arms, study.findings);
    section.document(&document);
    section
}

fn population(study: &Study<'_>) -> Result<Section, ReadError> {
    let mut section = of_one_repetition("population", "Population", study);
    baseline::add(&mut section, study);
    covariates::add(&mut section, study)?;
    Ok(section)
}

fn efficacy(study: &Study<'_>) -> Result<Section, ReadError> {
    let mut section = of_one_repetition("efficacy", "Efficacy", study);
    over_time::add(&mut section, study)?;
    survival::add(&mut section, study)?;
    response::add(&mut section, study)?;
    subgroups::forest(&mut section, study);
    exposure::add(&mut section, study)?;
    subgroups::truth(&mut section, study);
    let mut document = Document::default();
    endpoints::add(&mut document, study.run.arms, study.findings);
    section.document(&document);
    Ok(section)
}

fn safety(study: &Study<'_>) -> Result<Section, ReadError> {
    let mut section = of_one_repetition("safety", "Safety", study);
    adverse::add(&mut section, study);
    happenings::add(&mut section, study)?;
    shifts::add(&mut section, study);
    Ok(section)
}

fn design(study: &Study<'_>) -> Result<Section, ReadError> {
    let mut section = Section::new("design", "Design");
    repeated::add(&mut section, study)?;
    Ok(section)
}

fn credibility(study: &Study<'_>) -> Section {
    let mut section = Section::new("credibility", "Credibility");
    credibility::add(&mut section, study);
    section
}

fn html(title: &str, head: &str, sections: &[Section]) -> String {
    let title = escaped(title);
    let links: String = sections.iter().map(Section::link).collect();
    let body: String = sections.iter().map(Section::to_html).collect();
    let figures: Value =
        sections.iter().flat_map(Section::figures).map(figure::Figure::to_json).collect();
    // A text that holds the end of a script must not end this one.
    let figures = figures.to_string().replace('<', "\\u003c");
    let libraries: String = LIBRARIES.iter().map(|text| script(text)).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; \
         style-src 'unsafe-inline'\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#report\">Skip to the report</a>\n<header>{head}</header>\n\
         <nav aria-label=\"Sections\"><ol>{links}</ol></nav>\n<main id=\"report\">\n{body}</main>\n\
         <footer><details><summary>Software in this page</summary><pre>{}</pre></details></footer>\n\
         <script type=\"application/json\" id=\"figures\">{figures}</script>\n{libraries}{}</body>\n</html>\n",
        escaped(LICENCES),
        script(DRAWING),
    )
}

fn script(text: &str) -> String {
    format!("<script>{text}</script>\n")
}
