//! A document for a terminal.

use crate::document::{Align, Block, Document, Table};

const GAP: &str = "  ";

/// Where sentences are broken; tables are as wide as they are.
const LINE: usize = 100;

impl Document {
    /// The document as lines of text with aligned columns.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for (place, block) in self.blocks.iter().enumerate() {
            if place > 0 && !follows_closely(&self.blocks[place - 1], block) {
                out.push('\n');
            }
            out.push_str(&block_text(block));
        }
        out
    }
}

/// Under a heading, and within a paragraph's company, no empty line is needed.
fn follows_closely(before: &Block, block: &Block) -> bool {
    matches!(before, Block::Heading(_) | Block::Subheading(_) | Block::Title(_))
        && !matches!(block, Block::Heading(_))
}

fn block_text(block: &Block) -> String {
    match block {
        Block::Title(text) => underlined(text, '='),
        Block::Heading(text) => underlined(text, '-'),
        Block::Subheading(text) => format!("{text}\n"),
        Block::Text(text) => wrapped(text, "", ""),
        Block::List(lines) => lines.iter().map(|line| wrapped(line, "- ", "  ")).collect(),
        Block::Table(table) => table_text(table),
    }
}

/// Words on lines no longer than [`LINE`]; the first line and the following ones begin differently.
fn wrapped(text: &str, first: &str, further: &str) -> String {
    let (mut out, mut line) = (String::new(), first.to_owned());
    for word in text.split_whitespace() {
        let begun = line.len() > first.len().max(further.len());
        if begun && width(&line) + 1 + width(word) > LINE {
            out += &format!("{line}\n");
            line = further.to_owned();
        } else if begun {
            line.push(' ');
        }
        line.push_str(word);
    }
    out + &line + "\n"
}

fn underlined(text: &str, line: char) -> String {
    let rule: String = std::iter::repeat_n(line, width(text)).collect();
    format!("{text}\n{rule}\n")
}

fn table_text(table: &Table) -> String {
    let heads: Vec<String> = table.columns.iter().map(|c| c.0.clone()).collect();
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| {
            let cells = table.rows.iter().map(|row| width(&row[column]));
            cells.chain([width(&heads[column])]).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: &[String]| {
        let cells = cells.iter().zip(&table.columns).zip(&widths);
        let padded: Vec<String> = cells.map(|((cell, c), w)| pad(cell, c.1, *w)).collect();
        format!("{}\n", padded.join(GAP).trim_end())
    };
    let rule: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
    let rows = table.rows.iter().map(|row| line(row));
    line(&heads) + &line(&rule) + &rows.collect::<String>()
}

fn pad(cell: &str, align: Align, to: usize) -> String {
    let space = " ".repeat(to.saturating_sub(width(cell)));
    match align {
        Align::Left => format!("{cell}{space}"),
        Align::Right => format!("{space}{cell}"),
    }
}

/// Characters, which is what a terminal shows of the letters that occur here.
fn width(text: &str) -> usize {
    text.chars().count()
}
