//! The model blocks of the book's page on the language are models.
//!
//! A block fenced as `model` must check without a fault; one that holds a comment `# error: CODE`
//! must give exactly the faults that its comments name, each in the line after its comment or in the
//! comment's own line. A fence `model as NAME.model` also lends its text to `use` lines of others.

use crate::cases::{examples, open, read};
use proband_diag::InMemory;

struct Block {
    line: usize,
    name: Option<String>,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for (number, line) in page.lines().enumerate() {
        if let Some(fence) = line.strip_prefix("```") {
            inside = !inside && (fence == "model" || fence.starts_with("model "));
            if inside {
                let name = fence.strip_prefix("model as ").map(str::to_owned);
                blocks.push(Block { line: number + 1, name, text: String::new() });
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
        if let Some((before, codes)) = line.split_once("# error: ") {
            let at = if before.trim().is_empty() { number + 2 } else { number + 1 };
            wanted.extend(codes.split(", ").map(|code| (at, code.trim().to_owned())));
        }
    }
    wanted
}

#[test]
fn the_models_of_the_book_are_models() {
    let blocks = blocks(&read("crates/proband/book/language.md"));
    assert!(blocks.len() > 10, "{} blocks", blocks.len());
    let mut files: InMemory = examples();
    for block in &blocks {
        if let Some(name) = &block.name {
            files.0.insert(name.clone(), block.text.clone());
        }
    }
    let mut wrong = Vec::new();
    for block in &blocks {
        let path = "block.model";
        files.0.insert(path.to_owned(), block.text.clone());
        let outcome = open(path, &files);
        let mut found: Vec<(usize, String)> = outcome
            .faults
            .sorted()
            .into_iter()
            .map(|fault| {
                let line = fault.span.map_or(0, |span| outcome.sources.place(span).line);
                (line, fault.code.name().to_owned())
            })
            .collect();
        let mut wanted = announced(&block.text);
        found.sort();
        wanted.sort();
        if found != wanted {
            let lines = outcome.lines(path);
            wrong.push(format!(
                "block in line {}: wanted {wanted:?}, found\n{lines}",
                block.line
            ));
        }
    }
    assert!(wrong.is_empty(), "{} blocks are wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
}
