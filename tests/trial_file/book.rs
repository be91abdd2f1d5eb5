//! The page of the book on the trial file: its blocks are trials, and it names every key.
//!
//! A block that begins with a table `[trial]` is a whole trial; any other is laid over the first block,
//! whose tables of the same kind it replaces. A block must check without a fault, but for those that its
//! comments `# error: CODE` announce, in the line after the comment or in the comment's own line.

use crate::cases::{open, read};
use proband_diag::InMemory;
use std::collections::BTreeSet;

const PAGE: &str = "crates/proband/book/trial-file.md";

struct Block {
    line: usize,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for (number, line) in page.lines().enumerate() {
        if let Some(fence) = line.strip_prefix("```") {
            inside = !inside && fence == "toml";
            if inside {
                blocks.push(Block { line: number + 1, text: String::new() });
            }
        } else if let Some(block) = blocks.last_mut().filter(|_| inside) {
            block.text.push_str(line);
            block.text.push('\n');
        }
    }
    blocks
}

/// `(line, code)` of the faults that the comments of a block announce.
fn announced(text: &str) -> Vec<(usize, String)> {
    let mut wanted = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if let Some((before, code)) = line.split_once("# error: ") {
            let at = if before.trim().is_empty() { number + 2 } else { number + 1 };
            wanted.push((at, code.trim().to_owned()));
        }
    }
    wanted
}

/// The kind of table of a header: `arm` of `[arm.placebo]`.
fn kind(line: &str) -> Option<&str> {
    let name = line.strip_prefix('[')?.trim_start_matches('[');
    name.split(['.', ']']).next()
}

/// The block, and after it those tables of the base whose kind it does not have.
fn over(block: &str, base: &str) -> String {
    let own: BTreeSet<&str> = block.lines().filter_map(kind).collect();
    let mut text = block.to_owned();
    let mut kept = true;
    for line in base.lines() {
        if let Some(kind) = kind(line) {
            kept = !own.contains(kind);
        }
        if kept {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[test]
fn the_trials_of_the_book_are_trials() {
    let blocks = blocks(&read(PAGE));
    assert!(blocks.len() > 8, "{} blocks", blocks.len());
    let base = &blocks[0].text;
    let model = read("tests/suite/language/examples/pressure.model");
    let mut wrong = Vec::new();
    for block in &blocks {
        let whole = block.text.lines().any(|line| line == "[trial]");
        let text = if whole { block.text.clone() } else { over(&block.text, base) };
        let files = [("t.toml", text), ("pressure.model", model.clone())];
        let files = InMemory(files.map(|(name, text)| (name.to_owned(), text)).into());
        let outcome = open("t.toml", &files);
        let faults = outcome.faults.sorted();
        let mut found: Vec<(usize, String)> = faults
            .iter()
            .map(|fault| {
                let line = fault.span.map_or(0, |span| outcome.sources.place(span).line);
                (line, fault.code.name().to_owned())
            })
            .collect();
        let mut wanted = announced(&block.text);
        found.sort();
        wanted.sort();
        if found != wanted {
            let lines: Vec<String> =
                faults.iter().map(|fault| outcome.line(fault, "t.toml")).collect();
            let lines = lines.join("\n");
            wrong.push(format!(
                "block in line {}: wanted {wanted:?}, found\n{lines}",
                block.line
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The part of the page on a table: from the heading that names it to the next.
fn section<'p>(page: &'p str, table: &str) -> Option<&'p str> {
    let root = table.split('.').next().unwrap_or(table);
    let heading = |line: &str| {
        line.starts_with("### ")
            && ["]", ".", "]]"].iter().any(|end| line.contains(&format!("[{root}{end}")))
    };
    let start = page.lines().position(heading)?;
    let at = page.lines().take(start).map(|line| line.len() + 1).sum::<usize>();
    let rest = &page[at + 4..];
    Some(rest.find("\n##").map_or(rest, |end| &rest[..end]))
}

#[test]
fn every_key_of_the_format_is_on_the_page() {
    let page = read(PAGE);
    let mut missing = Vec::new();
    for (table, keys) in proband_trial::format_tables() {
        for key in keys {
            let part = match table {
                "" => section(&page, key).map(|_| ()),
                // The parameters of a distribution stand in its row.
                _ if proband_trial::is_distribution(table) => page
                    .lines()
                    .find(|line| line.starts_with(&format!("| `{table}` |")))
                    .filter(|line| line.contains(&format!("`{key}`")))
                    .map(|_| ()),
                _ => section(&page, table)
                    .filter(|part| {
                        part.contains(&format!("`{key}`")) || part.contains(&format!("`{key}."))
                    })
                    .map(|_| ()),
            };
            if part.is_none() {
                missing.push(format!("{table}: {key}"));
            }
        }
    }
    assert!(missing.is_empty(), "not on the page: {missing:?}");
}
