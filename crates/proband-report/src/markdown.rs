//! A document as Markdown.

use crate::document::{Align, Block, Document, Table};

impl Document {
    /// The document as GitHub-flavoured Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let blocks: Vec<String> = self.blocks.iter().map(block_markdown).collect();
        blocks.join("\n")
    }
}

fn block_markdown(block: &Block) -> String {
    match block {
        Block::Title(text) => format!("# {}\n", escaped(text)),
        Block::Heading(text) => format!("## {}\n", escaped(text)),
        Block::Subheading(text) => format!("### {}\n", escaped(text)),
        Block::Text(text) => format!("{}\n", escaped(text)),
        Block::List(lines) => {
            lines.iter().map(|line| format!("- {}\n", escaped(line))).collect()
        }
        Block::Table(table) => table_markdown(table),
    }
}

fn table_markdown(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let rule = |align: Align| match align {
        Align::Left => "---".to_owned(),
        Align::Right => "---:".to_owned(),
    };
    let heads = line(table.columns.iter().map(|c| escaped(&c.0)).collect());
    let rules = line(table.columns.iter().map(|c| rule(c.1)).collect());
    let rows =
        table.rows.iter().map(|row| line(row.iter().map(|cell| indented(cell)).collect()));
    heads + &rules + &rows.collect::<String>()
}

/// Leading spaces show a row's rank, and Markdown would drop them.
fn indented(cell: &str) -> String {
    let text = cell.trim_start_matches(' ');
    "&nbsp;".repeat(cell.len() - text.len()) + &escaped(text)
}

/// The characters that would be taken for marks.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '|' | '*' | '_' | '<' | '>' | '`' | '\\' | '#') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
