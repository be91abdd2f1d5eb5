//! How an analysis treats missing values.

use super::Setting;
use super::chosen::in_unit_of;
use super::methods::Takes;
use super::visits::needs_a_visit;
use crate::keys;
use crate::reading::Reading;
use crate::tables::endpoints;
use crate::toml::{Entry, Table};
use crate::values;
use crate::{AnalysisMethod, Comparison, Endpoint, Imputation, ImputationStrategy, Missing};
use proband_diag::{Diagnostic, code};

/// Something stands in for each missing value, or what is missing is modelled: by draws, or by means.
#[derive(Clone, Copy)]
enum Treatment {
    StandIn(Missing),
    Draws,
    Means,
}

const TREATMENTS: [(&str, Treatment); 7] = [
    ("observed only", Treatment::StandIn(Missing::ObservedOnly)),
    ("last observation", Treatment::StandIn(Missing::LastObservation)),
    ("baseline observation", Treatment::StandIn(Missing::BaselineObservation)),
    ("failure", Treatment::StandIn(Missing::Failure)),
    ("inverse probability weighting", Treatment::StandIn(Missing::Weighted)),
    ("multiple imputation", Treatment::Draws),
    ("conditional mean", Treatment::Means),
];

const STRATEGIES: [(&str, ImputationStrategy); 6] = [
    ("missing at random", ImputationStrategy::MissingAtRandom),
    ("jump to reference", ImputationStrategy::JumpToReference),
    ("copy reference", ImputationStrategy::CopyReference),
    ("copy increments", ImputationStrategy::CopyIncrements),
    ("last mean", ImputationStrategy::LastMean),
    ("retrieved dropout", ImputationStrategy::RetrievedDropout),
];

/// The data sets that multiple imputation completes where the file does not say how many.
const SETS: u64 = 100;

/// What stands in for missing values, and how they are modelled.
pub(super) type Treated = (Missing, Option<Imputation>);

/// Reads `missing`.
pub(super) fn read(
    table: &Table<'_>,
    endpoint: Option<&Endpoint>,
    methods: &[AnalysisMethod],
    reading: &mut Reading,
) -> Treated {
    let observed = (Missing::ObservedOnly, None);
    let Some(entry) = table.get("missing") else {
        reading.defaulted(table.path_of("missing.method"), "observed only");
        return observed;
    };
    let path = table.path_of("missing");
    let Some(missing) = Table::open(&entry.node, path, keys::MISSING, reading) else {
        return observed;
    };
    let why = "how missing values are treated, such as `method = \"observed only\"`";
    let told = missing.required("method", why, reading, |n, r| values::word(&TREATMENTS, n, r));
    match told {
        Some(Treatment::StandIn(stand_in)) => {
            for key in ["strategy", "imputations", "delta"] {
                missing.unused(key, &format!("`{key}` is used by imputation"), reading);
            }
            check_stand_in(stand_in, endpoint, entry, reading);
            if stand_in == Missing::Weighted && methods != [AnalysisMethod::TTest] {
                let what = "inverse probability weighting for other methods than t-test";
                reading.later(entry.node.span, what);
            }
            (stand_in, None)
        }
        Some(treatment) => {
            let imputation = imputation(&missing, treatment, endpoint, reading);
            if methods.iter().any(|method| *method != AnalysisMethod::Ancova) {
                let what = "imputation for other methods than ancova";
                reading.later(entry.node.span, what);
            } else {
                // What is imputed is an endpoint at every visit of its observable up to its own.
                needs_a_visit("imputation", endpoint, entry.node.span, reading);
            }
            (Missing::ObservedOnly, Some(imputation))
        }
        None => observed,
    }
}

fn imputation(
    missing: &Table<'_>,
    treatment: Treatment,
    endpoint: Option<&Endpoint>,
    reading: &mut Reading,
) -> Imputation {
    let at_random = (ImputationStrategy::MissingAtRandom, "missing at random");
    let strategy =
        missing.or("strategy", at_random, reading, |n, r| values::word(&STRATEGIES, n, r));
    let sets = match treatment {
        Treatment::Draws => {
            let sets = missing.or("imputations", (SETS, "100"), reading, values::count);
            if sets < 2 {
                let message = "imputations differ, and it takes two to see by how much";
                let span = missing.place("imputations");
                reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
            }
            Some(sets)
        }
        _ => {
            let message = "`imputations` is used by multiple imputation";
            missing.unused("imputations", message, reading);
            None
        }
    };
    let delta = |node, reading: &mut Reading| in_unit_of(endpoint, "delta", node, reading);
    let deltas = missing.read("delta", reading, |n, r| values::list(n, r, delta));
    Imputation { strategy, sets, deltas: deltas.unwrap_or_default() }
}

/// `failure` is for conditions, what stands in for a record is for endpoints about one observable.
fn check_stand_in(
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

impl Setting<'_> {
    /// Reports an imputation by a reference where there are several, and one by what is not known.
    pub(super) fn check_imputation(
        &self,
        table: &Table<'_>,
        imputation: &Imputation,
        comparisons: &[Comparison],
        reading: &mut Reading,
    ) {
        let span = table.place("missing");
        let first = comparisons.first().map(|c| c.reference);
        if comparisons.iter().any(|c| Some(c.reference) != first) {
            let message = "imputation takes one arm as the reference, and there are several";
            let fault = Diagnostic::error(code::WRONG_DESIGN, message, span);
            reading.fault(fault.help("write an analysis for each"));
        }
        let retrieved = imputation.strategy == ImputationStrategy::RetrievedDropout;
        if retrieved && self.names.untold.contains(&"stopped") {
            let message = "the data do not say who stopped treatment";
            let fault = Diagnostic::error(code::UNKNOWN_NAME, message, span);
            reading.fault(fault.help("the columns are EOTSTT and EOTDY of the participants"));
        }
    }
}
