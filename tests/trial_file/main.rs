//! The trial file from outside: examples that check, examples that say what is not supported yet, mistakes
//! that give their message, wrong letters, the book's blocks, and inputs that nobody would write.
//!
//! `suite/trial-file/examples` holds whole trials. `suite/trial-file/mistakes.tsv` and `more-mistakes.tsv` hold
//! one mistake a line: an edit of an example, and the fault that it must give.

mod book;
mod cases;
mod coverage;
mod examples;
mod generated;
mod letters;
mod mistakes;
mod products;
