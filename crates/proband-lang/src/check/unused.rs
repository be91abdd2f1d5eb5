//! Declared and never used: a warning, in the outermost file.

use super::world::{Role, World};
use proband_diag::{Diagnostic, Span, code};

impl World {
    /// Warns of quantities, functions and tables of the outermost file that nothing uses. What a
    /// trial may read by itself (states, observables, events) is not meant.
    pub(crate) fn unused(&mut self) {
        if self.faults.has_errors() || !self.unfound.is_empty() {
            return;
        }
        let mut names: Vec<(Span, String)> = Vec::new();
        for item in self.items.iter().filter(|item| item.frame.file == 0) {
            let counts = matches!(
                item.role,
                Role::Covariate | Role::Input | Role::Parameter | Role::Let
            );
            if counts && !self.used.contains(&item.span) {
                names.push((item.span, item.head_name().to_owned()));
            }
        }
        let functions = self.functions.iter().filter(|function| function.file == 0);
        names.extend(
            functions
                .filter(|function| !self.used.contains(&function.name.span))
                .map(|function| (function.name.span, function.name.text.clone())),
        );
        for (span, name) in names {
            let message = format!("`{name}` is never used");
            self.faults.push(Diagnostic::warning(code::UNUSED_NAME, message, span));
        }
    }
}
