//! One fault, and a collection of them.

use crate::{Code, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The files cannot be used.
    Error,
    /// The files can be used, but probably do not say what was meant.
    Warning,
}

/// A place that explains the fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be seen there.
    pub text: String,
}

/// One fault: what is wrong, where, why, and what to do.
///
/// Messages start in lower case, have no final stop, put what the author wrote in backticks and say
/// what was expected before what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The documented kind of fault.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong: if one sentence can be shown, it is this one.
    pub message: String,
    /// Where; a fault of a whole input (no file, a command line) has no place.
    pub span: Option<Span>,
    /// What the place itself shows, if the message does not say it.
    pub here: Option<String>,
    /// Further places.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>, span: Span) -> Self {
        Self::new(code, Severity::Error, message.into(), Some(span))
    }

    /// An error that has no place in a file.
    #[must_use]
    pub fn error_without_place(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message.into(), None)
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>, span: Span) -> Self {
        Self::new(code, Severity::Warning, message.into(), Some(span))
    }

    fn new(code: Code, severity: Severity, message: String, span: Option<Span>) -> Self {
        Self { code, severity, message, span, here: None, labels: Vec::new(), help: None }
    }

    /// Says what the place itself shows.
    #[must_use]
    pub fn here(mut self, text: impl Into<String>) -> Self {
        self.here = Some(text.into());
        self
    }

    /// Adds a place that explains.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Says what to do, if there is something to say.
    #[must_use]
    pub fn maybe_help(mut self, text: Option<String>) -> Self {
        self.help = text.or(self.help);
        self
    }
}

/// The faults found so far. Readers push and go on.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    list: Vec<Diagnostic>,
}

impl Faults {
    /// Adds a fault; the same fault at the same place is kept once.
    pub fn push(&mut self, fault: Diagnostic) {
        if !self.list.contains(&fault) {
            self.list.push(fault);
        }
    }

    /// Adds all faults of another collection.
    pub fn extend(&mut self, other: Self) {
        for fault in other.list {
            self.push(fault);
        }
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|fault| fault.severity == Severity::Error)
    }

    /// How many were found.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// All of them, in the order of place: by source, then by position; those without a place first.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut list: Vec<&Diagnostic> = self.list.iter().collect();
        list.sort_by_key(|fault| fault.span);
        list
    }
}
