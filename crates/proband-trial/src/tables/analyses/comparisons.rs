//! `compare = [["triple", "om_aml"]]`.

use crate::expression::Names;
use crate::reading::Reading;
use crate::tables::arms::position;
use crate::toml::{Node, Table, Value, wrong_type};
use proband_diag::{Diagnostic, code};

/// Which arms an analysis compares.
pub(crate) enum Told {
    /// Nothing is said.
    Default,
    /// Pairs of test and reference.
    Pairs(Vec<(usize, usize)>),
    /// What is said has a fault.
    Faulty,
}

/// Reads `compare`.
pub(crate) fn read(table: &Table<'_>, names: &Names, reading: &mut Reading) -> Told {
    let Some(entry) = table.get("compare") else {
        return Told::Default;
    };
    let Value::List(items) = &entry.node.value else {
        reading.fault(pairs_needed(&entry.node));
        return Told::Faulty;
    };
    let pairs: Vec<Option<(usize, usize)>> =
        items.iter().map(|item| pair(item, names, reading)).collect();
    pairs.into_iter().collect::<Option<_>>().map_or(Told::Faulty, Told::Pairs)
}

fn pair(node: &Node, names: &Names, reading: &mut Reading) -> Option<(usize, usize)> {
    let arms = match &node.value {
        Value::List(arms) if arms.len() == 2 => arms,
        _ => {
            reading.fault(pairs_needed(node));
            return None;
        }
    };
    let (test, reference) =
        (position(&arms[0], names, reading), position(&arms[1], names, reading));
    let (test, reference) = (test?, reference?);
    if test == reference {
        let message = "an arm is compared with itself";
        reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, node.span));
        return None;
    }
    Some((test, reference))
}

fn pairs_needed(node: &Node) -> Diagnostic {
    wrong_type(
        node,
        "comparisons are pairs of test and reference, `[[\"active\", \"placebo\"]]`",
    )
}
