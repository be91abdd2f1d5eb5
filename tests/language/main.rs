//! The model language from outside: examples that check, mistakes that give their message, the book's
//! model blocks, and inputs that nobody would write.
//!
//! `suite/language/examples` holds whole models. `suite/language/mistakes.tsv` and `more-mistakes.tsv`
//! hold one mistake a line: an edit of an example, and the one fault that it must give.

mod book;
mod cases;
mod coverage;
mod examples;
mod expressions;
mod extremes;
mod generated;
mod mistakes;
