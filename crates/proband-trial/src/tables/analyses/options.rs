//! Options of an analysis: keys of other methods, level and sides.

use super::methods::{METHODS, Method};
use crate::Endpoint;
use crate::reading::Reading;
use crate::toml::Table;
use crate::values;
use proband_diag::{Diagnostic, code};

/// Reports keys that wait for a later version, and those that another method uses.
pub(super) fn later_keys(table: &Table<'_>, method: Option<&Method>, reading: &mut Reading) {
    table.later("controls", "controls of a platform", reading);
    let chosen = match method {
        Some(method) => Some((method.word, method.own)),
        None => (!table.has("method")).then_some(("the default method", &[][..])),
    };
    if let Some((by, own)) = chosen {
        let keys = METHODS.iter().flat_map(|method| method.own.iter().copied());
        table.unused_by(by, keys, |key| own.contains(&key), reading);
    }
    let covariates = table.read("covariates", &mut Reading::quiet(), values::strings);
    let told = covariates.unwrap_or_default();
    if !told.iter().any(|text| text.text.starts_with("prognosis(")) {
        let message = "`prognosis_error` is used by the covariate `prognosis`";
        table.unused("prognosis_error", message, reading);
    }
}

/// `alpha` and `sided`.
pub(super) fn level(
    table: &Table<'_>,
    endpoint: Option<&Endpoint>,
    reading: &mut Reading,
) -> (f64, u8) {
    let alpha = table.or("alpha", (0.05, "0.05"), reading, values::share);
    if alpha <= 0.0 {
        let span = table.place("alpha");
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, "a level is above 0", span));
    }
    let sided = table.or("sided", (2, "2"), reading, values::whole);
    let span = table.place("sided");
    if !matches!(sided, 1 | 2) {
        let message = format!("a test has 1 side or 2, not {sided}");
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
    }
    let direction = endpoint.is_none_or(|endpoint| endpoint.better.is_some());
    if let (1, false, Some(endpoint)) = (sided, direction, endpoint) {
        let id = &endpoint.id;
        let message = format!("a one-sided test of `{id}` needs to know which way is better");
        reading.fault(
            Diagnostic::error(code::MISSING_KEY, message, span)
                .help(format!("`better = \"higher\"` in `endpoint.{id}`")),
        );
    }
    (alpha, if sided == 1 { 1 } else { 2 })
}
