//! Sources, spans and diagnostics: what is wrong in a user's file, where, and what to do.
//!
//! Every fault that a reader of files finds becomes a [`Diagnostic`]: a [`Code`] that is documented
//! once in the [`catalogue`], one sentence that says what is wrong, the place, labels that say why,
//! and a help that says what to do. Readers push into [`Faults`] and go on, so that an author sees
//! all faults at once. This crate knows nothing of TOML, models or trials.
//!
//! ```
//! use proband_diag::{code, Diagnostic, Faults, Sources, Style};
//!
//! let mut sources = Sources::default();
//! let file = sources.add("trial.toml", "evry = \"24 h\"\n");
//! let mut faults = Faults::default();
//! faults.push(
//!     Diagnostic::error(code::UNKNOWN_KEY, "unknown key `evry`", file.span(0..4))
//!         .help("did you mean `every`?"),
//! );
//! let text = faults.render(&sources, Style::Short);
//! assert_eq!(text, "trial.toml:1:1: error[unknown-key]: unknown key `evry` - did you mean `every`?\n");
//! ```

mod catalogue;
mod diagnostic;
mod files;
mod nearest;
mod render;
mod source;

pub use catalogue::{Code, Explanation, catalogue, code, explain};
pub use diagnostic::{Diagnostic, Faults, Label, Severity};
pub use files::{Disk, Files, InMemory, path_from, plain_path};
pub use nearest::{did_you_mean, nearest};
pub use render::Style;
pub use source::{Fragment, Offsets, Place, Source, SourceId, Sources, Span};
