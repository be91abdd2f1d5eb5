//! Options of an analysis: keys of other methods, missing values, level and sides.

use super::methods::{Method, OWN_KEYS, Takes};
use crate::keys;
use crate::reading::Reading;
use crate::tables::endpoints;
use crate::toml::{Entry, Table};
use crate::values;
use crate::{Endpoint, Missing};
use proband_diag::{Diagnostic, code};

/// Keys that wait for a later version, with what they would do.
const LATER: [(&str, &str); 3] = [
    ("visits", "claims over visits"),
    ("success", "joint claims over comparisons"),
    ("controls", "controls of a platform"),
];

const MISSING: [(&str, Option<Missing>); 5] = [
    ("observed only", Some(Missing::ObservedOnly)),
    ("last observation", Some(Missing::LastObservation)),
    ("baseline observation", Some(Missing::BaselineObservation)),
    ("failure", Some(Missing::Failure)),
    ("multiple imputation", None),
];

/// Reports keys that wait for a later version, and those that another method uses.
pub(super) fn later_keys(table: &Table<'_>, method: Option<&Method>, reading: &mut Reading) {
    for (key, what) in LATER {
        table.later(key, what, reading);
    }
    for key in OWN_KEYS {
        if !table.has(key) {
            continue;
        }
        match method {
            Some(method) if !method.own.contains(&key) => {
                let message = format!("`{key}` is not used by {}", method.word);
                table.unused(key, &message, reading);
            }
            None if !table.has("method") => {
                let message = format!("`{key}` is not used by the default method");
                table.unused(key, &message, reading);
            }
            _ => {}
        }
    }
    table.read("prognosis_error", reading, values::part);
    table.later("prognosis_error", "prognostic covariates", reading);
}

/// How missing values are treated.
pub(super) fn missing(
    table: &Table<'_>,
    endpoint: Option<&Endpoint>,
    reading: &mut Reading,
) -> Missing {
    let Some(entry) = table.get("missing") else {
        reading.defaulted(table.path_of("missing.method"), "observed only");
        return Missing::ObservedOnly;
    };
    let path = table.path_of("missing");
    let Some(missing) = Table::open(&entry.node, path, keys::MISSING, reading) else {
        return Missing::ObservedOnly;
    };
    let why = "how missing values are treated, such as `method = \"observed only\"`";
    let method = missing.required("method", why, reading, |n, r| values::word(&MISSING, n, r));
    match method {
        Some(None) => missing.later("method", "multiple imputation", reading),
        Some(Some(_)) => {
            for key in ["strategy", "imputations", "delta"] {
                let message = format!("`{key}` is used by multiple imputation");
                missing.unused(key, &message, reading);
            }
        }
        None => {}
    }
    let method = method.flatten().unwrap_or(Missing::ObservedOnly);
    check_missing(method, endpoint, entry, reading);
    method
}

/// `failure` is for conditions, what stands in for a record is for endpoints about one observable.
fn check_missing(
    method: Missing,
    endpoint: Option<&Endpoint>,
    entry: &Entry,
    reading: &mut Reading,
) {
    let Some(endpoint) = endpoint else { return };
    let kind = Takes::of(&endpoint.value);
    let message = match method {
        Missing::Failure if kind != Takes::Conditions => {
            format!(
                "`failure` treats conditions, `{}` is {}",
                endpoint.id,
                endpoints::kind(&endpoint.value)
            )
        }
        Missing::LastObservation | Missing::BaselineObservation
            if endpoint.observable.is_none() =>
        {
            format!("`{}` is not about one observable, so no record can stand in", endpoint.id)
        }
        _ => return,
    };
    reading.fault(Diagnostic::error(code::WRONG_METHOD, message, entry.node.span));
}

/// `alpha` and `sided`.
pub(super) fn level(
    table: &Table<'_>,
    endpoint: Option<&Endpoint>,
    reading: &mut Reading,
) -> (f64, u8) {
    let alpha = table.or("alpha", (0.05, "0.05"), reading, values::share);
    if alpha <= 0.0 {
        let span = table.get("alpha").map_or(table.span(), |entry| entry.node.span);
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, "a level is above 0", span));
    }
    let sided = table.or("sided", (2, "2"), reading, values::whole);
    let span = table.get("sided").map_or(table.span(), |entry| entry.node.span);
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
