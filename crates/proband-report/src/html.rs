//! A document as HTML.

use crate::document::{Align, Block, Document, Table};

impl Document {
    /// The document as a piece of HTML, to stand in a section of a page: its headings are of the third rank.
    pub(crate) fn to_html(&self) -> String {
        self.blocks.iter().map(block).collect()
    }
}

fn block(block: &Block) -> String {
    match block {
        Block::Title(text) | Block::Heading(text) => format!("<h3>{}</h3>\n", escaped(text)),
        Block::Subheading(text) => format!("<h4>{}</h4>\n", escaped(text)),
        Block::Text(text) => format!("<p>{}</p>\n", escaped(text)),
        Block::List(lines) => {
            let items = lines.iter().map(|line| format!("<li>{}</li>", escaped(line)));
            format!("<ul>{}</ul>\n", items.collect::<String>())
        }
        Block::Table(rows) => table(rows, ""),
    }
}

/// A table of a class, which scrolls by itself where the page is narrower.
pub(crate) fn table(table: &Table, class: &str) -> String {
    let head = |(name, align): &(String, Align)| {
        format!("<th scope=\"col\"{}>{}</th>", aligned(*align), escaped(name))
    };
    let heads: String = table.columns.iter().map(head).collect();
    let rows: String = table.rows.iter().map(|row| line(table, row)).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\"><table class=\"{class}\"><thead><tr>{heads}</tr></thead>\
         <tbody>{rows}</tbody></table></div>\n"
    )
}

fn line(table: &Table, row: &[String]) -> String {
    let cells = row.iter().zip(&table.columns).enumerate();
    let cell = |(place, (text, (_, align))): (usize, (&String, &(String, Align)))| match place {
        0 => row_head(text),
        _ => format!("<td{}>{}</td>", aligned(*align), escaped(text)),
    };
    format!("<tr>{}</tr>\n", cells.map(cell).collect::<String>())
}

/// Spaces before the name of a row show its rank.
fn row_head(text: &str) -> String {
    let class = if text.starts_with(' ') { " class=\"rank-1\"" } else { "" };
    format!("<th scope=\"row\"{class}>{}</th>", escaped(text.trim_start()))
}

fn aligned(align: Align) -> &'static str {
    match align {
        Align::Left => "",
        Align::Right => " class=\"number\"",
    }
}

/// A text without the characters that HTML takes for its own.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_a_user_wrote_is_never_markup() {
        assert_eq!(
            escaped("<b onclick='x'>a & \"b\"</b>"),
            "&lt;b onclick=&#39;x&#39;&gt;a &amp; &quot;b&quot;&lt;/b&gt;"
        );
    }
}
