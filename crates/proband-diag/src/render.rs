//! Diagnostics as text: with the lines they speak of, one a line, or as JSON.

use crate::{Diagnostic, Faults, Severity, Sources, Span};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use std::fmt::Write as _;

/// How to show diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// With the lines of the file, in colour if asked.
    Human {
        /// ANSI colours.
        colour: bool,
    },
    /// One line each: `file:line:column: error[code]: message - help`.
    Short,
    /// A JSON array, one object each.
    Json,
}

impl Faults {
    /// All faults as text, in order of place.
    #[must_use]
    pub fn render(&self, sources: &Sources, style: Style) -> String {
        let sorted = self.sorted();
        match style {
            Style::Human { colour } => {
                sorted.iter().map(|fault| human(fault, sources, colour)).collect()
            }
            Style::Short => sorted.iter().map(|fault| short(fault, sources)).collect(),
            Style::Json => json(&sorted, sources),
        }
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn short(fault: &Diagnostic, sources: &Sources) -> String {
    let mut line = String::new();
    if let Some(span) = fault.span {
        let place = sources.place(span);
        let name = &sources.get(span.source).name;
        let _ = write!(line, "{name}:{}:{}: ", place.line, place.column);
    }
    let _ = write!(line, "{}[{}]: {}", word(fault.severity), fault.code.name(), fault.message);
    if let Some(help) = &fault.help {
        let _ = write!(line, " - {help}");
    }
    line.push('\n');
    line
}

fn human(fault: &Diagnostic, sources: &Sources, colour: bool) -> String {
    let level = match fault.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(&fault.message).id(fault.code.name());
    let mut group = match fault.span {
        None => Group::with_title(title),
        Some(_) => snippets(fault, sources)
            .into_iter()
            .fold(Group::with_title(title), |group, snippet| group.element(snippet)),
    };
    if let Some(help) = &fault.help {
        group = group.element(Level::HELP.message(help));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = renderer.decor_style(DecorStyle::Ascii).render(&[group]);
    text.push_str("\n\n");
    text
}

/// One snippet a source, the one of the fault first.
fn snippets<'a>(
    fault: &'a Diagnostic,
    sources: &'a Sources,
) -> Vec<Snippet<'a, Annotation<'a>>> {
    let Some(main) = fault.span else { return Vec::new() };
    let mut order = vec![main.source];
    for label in &fault.labels {
        if !order.contains(&label.span.source) {
            order.push(label.span.source);
        }
    }
    let snippet = |id| {
        let source = sources.get(id);
        let mut snippet = Snippet::source(&*source.text).path(&source.name);
        if id == main.source {
            let mark = AnnotationKind::Primary.span(within(main, sources));
            snippet = snippet.annotation(match &fault.here {
                Some(text) => mark.label(text),
                None => mark,
            });
        }
        fault.labels.iter().filter(|label| label.span.source == id).fold(
            snippet,
            |snippet, label| {
                let place = within(label.span, sources);
                snippet.annotation(AnnotationKind::Context.span(place).label(&label.text))
            },
        )
    };
    order.into_iter().map(snippet).collect()
}

/// A range that the renderer accepts: inside the text and on character borders.
fn within(span: Span, sources: &Sources) -> std::ops::Range<usize> {
    let text = &sources.get(span.source).text;
    let floor = |at: u32| {
        let mut at = (at as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

fn json(sorted: &[&Diagnostic], sources: &Sources) -> String {
    let objects: Vec<String> = sorted.iter().map(|fault| json_object(fault, sources)).collect();
    format!("[{}]\n", objects.join(","))
}

fn json_object(fault: &Diagnostic, sources: &Sources) -> String {
    let mut fields = vec![
        format!("\"code\":{}", quote(fault.code.name())),
        format!("\"severity\":{}", quote(word(fault.severity))),
        format!("\"message\":{}", quote(&fault.message)),
    ];
    if let Some(span) = fault.span {
        fields.push(json_place(span, sources));
    }
    if let Some(help) = &fault.help {
        fields.push(format!("\"help\":{}", quote(help)));
    }
    let labels: Vec<String> = fault
        .labels
        .iter()
        .map(|l| format!("{{{},\"text\":{}}}", json_place(l.span, sources), quote(&l.text)))
        .collect();
    fields.push(format!("\"labels\":[{}]", labels.join(",")));
    format!("{{{}}}", fields.join(","))
}

fn json_place(span: Span, sources: &Sources) -> String {
    let place = sources.place(span);
    format!(
        "\"file\":{},\"line\":{},\"column\":{},\"start\":{},\"end\":{}",
        quote(&sources.get(span.source).name),
        place.line,
        place.column,
        span.start,
        span.end
    )
}

fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if (c as u32) < 0x20 => {
                let _ = write!(quoted, "\\u{:04x}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
