//! What is believed before the data, of the Bayesian methods.

use crate::reading::Reading;
use crate::tables::population::of_number;
use crate::toml::{Entry, Table};
use crate::values;
use crate::{AnalysisMethod, Prior};
use proband_diag::{Diagnostic, code};

/// Reads `prior`, which the Bayesian methods cannot do without.
pub(super) fn read(
    table: &Table<'_>,
    methods: &[AnalysisMethod],
    reading: &mut Reading,
) -> Option<Prior> {
    let (family, help) = match methods {
        [AnalysisMethod::BetaBinomial] => (
            "beta",
            "the share of each arm, such as `prior = { beta = { alpha = 1, beta = 1 } }`",
        ),
        [AnalysisMethod::NormalNormal] => {
            ("normal", "the difference, such as `prior = { normal = { mean = 0, sd = 10 } }`")
        }
        _ => return None,
    };
    let borrows = methods == [AnalysisMethod::NormalNormal] && table.has("history");
    if borrows && table.has("prior") {
        let message = "with `history` of means the difference has no `prior` of its own";
        table.unused("prior", message, reading);
    }
    let Some(entry) = table.get("prior").filter(|_| !borrows) else {
        if borrows {
            return None;
        }
        let message = format!("`{}` needs `prior`", table.path());
        let fault = Diagnostic::error(code::MISSING_KEY, message, table.span());
        reading.fault(fault.help(format!("what is believed of {help}")));
        return None;
    };
    let distribution = of_number(&entry.node, &table.path_of("prior"), reading)?;
    let entries = entry.node.entries();
    let [only] = entries else {
        reading.later(entry.node.span, "a truncated prior, or one with a unit of its own");
        return None;
    };
    if only.key != family {
        reading.later(only.key_span, &format!("a prior other than `{family}`"));
        return None;
    }
    match family {
        "beta" => beta(only),
        _ => Some(Prior::Normal { mean: distribution.mean(), sd: distribution.sd() }),
    }
}

/// The parameters, whose faults were told with the distribution.
fn beta(entry: &Entry) -> Option<Prior> {
    let quiet = &mut Reading::quiet();
    let mut number = |key| values::number(&entry.node.get(key)?.node, quiet);
    Some(Prior::Beta { alpha: number("alpha")?, beta: number("beta")? })
}
