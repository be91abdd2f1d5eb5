//! A section of the page: text, tables and figures from top to bottom.

use super::figure::Figure;
use crate::document::{Document, Table};
use crate::html::{escaped, table};

/// A section.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    id: &'static str,
    title: &'static str,
    html: String,
    figures: Vec<Figure>,
}

impl Section {
    pub(crate) fn new(id: &'static str, title: &'static str) -> Self {
        Self { id, title, html: String::new(), figures: Vec::new() }
    }

    pub(crate) fn document(&mut self, document: &Document) {
        self.html.push_str(&document.to_html());
    }

    /// A piece of HTML that is safe as it stands.
    pub(crate) fn html(&mut self, html: &str) {
        self.html.push_str(html);
    }

    pub(crate) fn heading(&mut self, text: &str) {
        self.html.push_str(&format!("<h3>{}</h3>\n", escaped(text)));
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.html.push_str(&format!("<p>{}</p>\n", escaped(text)));
    }

    /// What cannot be shown, and what would show it; what a user can type stands between accents.
    pub(crate) fn missing(&mut self, text: &str) {
        let parts = text.split('`').map(escaped).enumerate();
        let code =
            |(place, part)| if place % 2 == 1 { format!("<code>{part}</code>") } else { part };
        let html: String = parts.map(code).collect();
        self.html.push_str(&format!("<p class=\"missing\">{html}</p>\n"));
    }

    /// A table that has rows, which a reader may sort.
    pub(crate) fn sortable(&mut self, rows: &Table) {
        if !rows.rows.is_empty() {
            self.html.push_str(&table(rows, "sortable"));
        }
    }

    /// A figure that has something to show.
    pub(crate) fn figure(&mut self, figure: Figure) {
        if !figure.has_rows() {
            return;
        }
        let (id, title, caption) =
            (&figure.id, escaped(&figure.title), escaped(&figure.caption));
        self.html.push_str(&format!(
            "<figure id=\"{id}\"><figcaption><h3>{title}</h3><p>{caption}</p></figcaption>\
             <div class=\"chart\" role=\"group\" aria-label=\"{title}\"></div>\
             <div class=\"tools\"></div><details class=\"data\"><summary>The numbers of this figure</summary>\
             <div class=\"rows\" tabindex=\"0\"></div></details></figure>\n"
        ));
        self.figures.push(figure);
    }

    pub(crate) fn figures(&self) -> &[Figure] {
        &self.figures
    }

    pub(crate) fn link(&self) -> String {
        format!("<li><a href=\"#{}\">{}</a></li>", self.id, self.title)
    }

    pub(crate) fn to_html(&self) -> String {
        let (id, title, html) = (self.id, self.title, &self.html);
        format!(
            "<section id=\"{id}\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">{title}</h2>\n{html}</section>\n"
        )
    }
}
