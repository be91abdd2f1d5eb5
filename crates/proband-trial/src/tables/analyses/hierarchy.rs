//! `then`: outcomes that decide where those before them do not.

use super::Setting;
use crate::reading::Reading;
use crate::toml::{Node, Table};
use crate::values;
use crate::{AnalysisMethod, Better, Endpoint, EndpointValue};
use proband_diag::{Diagnostic, Span, code};

impl Setting<'_> {
    /// The endpoints that follow in importance; each must say what is better of it.
    pub(super) fn hierarchy(
        &self,
        table: &Table<'_>,
        methods: &[AnalysisMethod],
        endpoint: Option<&Endpoint>,
        reading: &mut Reading,
    ) -> Vec<usize> {
        if methods != [AnalysisMethod::WinRatio] {
            return Vec::new();
        }
        if let Some(endpoint) = endpoint {
            wins(endpoint, table.place("method"), reading);
        }
        let outcome = |node: &Node, reading: &mut Reading| {
            let at = self.endpoint(node, reading)?;
            if let Some(endpoint) = &self.endpoints[at].1 {
                wins(endpoint, node.span, reading);
            }
            Some(at)
        };
        table.read("then", reading, |n, r| values::list(n, r, outcome)).unwrap_or_default()
    }
}

/// Reports an endpoint by which nobody can win.
fn wins(endpoint: &Endpoint, span: Span, reading: &mut Reading) {
    let id = &endpoint.id;
    match (&endpoint.value, endpoint.better) {
        (EndpointValue::Time(_), Some(Better::Lower)) => {
            reading.later(span, "a win by an event that comes sooner");
        }
        (EndpointValue::Count { .. }, _) => reading.later(span, "a win by a count"),
        (EndpointValue::Number(_) | EndpointValue::Condition(_), None) => {
            let message = format!("a win by `{id}` needs to know which way is better");
            let fault = Diagnostic::error(code::MISSING_KEY, message, span);
            reading.fault(fault.help(format!("`better = \"higher\"` in `endpoint.{id}`")));
        }
        _ => {}
    }
}
