//! What reading a trial gathers besides the trial: faults, and the defaults that were used.

use proband_diag::{Diagnostic, Faults, Span, code};

/// Gathered while reading.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// All faults so far.
    pub(crate) faults: Faults,
    /// Every default that was used: path and value.
    pub(crate) defaults: Vec<(String, String)>,
    /// What cannot be done yet is not reported.
    quiet: bool,
}

impl Reading {
    /// Reports a fault.
    pub(crate) fn fault(&mut self, fault: Diagnostic) {
        self.faults.push(fault);
    }

    /// Records that a default was used.
    pub(crate) fn defaulted(&mut self, path: impl Into<String>, shown: impl Into<String>) {
        let entry = (path.into(), shown.into());
        if !self.defaults.contains(&entry) {
            self.defaults.push(entry);
        }
    }

    /// Reports what is part of the format and cannot be done yet.
    pub(crate) fn later(&mut self, span: Span, what: &str) {
        if self.quiet {
            return;
        }
        let message = format!("not supported yet: {what}");
        self.fault(Diagnostic::error(code::NOT_SUPPORTED, message, span));
    }

    /// Hands the faults on; what was read stands only where none of them is an error.
    pub(crate) fn sound<T>(self, read: Option<T>, faults: &mut Faults) -> Option<T> {
        let errors = self.faults.has_errors();
        faults.extend(self.faults);
        read.filter(|_| !errors)
    }

    /// A reading that reports everything but what cannot be done yet.
    pub(crate) fn quiet() -> Self {
        Self { quiet: true, ..Self::default() }
    }
}
