//! `compare = [["triple", "om_aml"]]`, and the comparisons that are made of it.

use super::Setting;
use super::methods::compares;
use crate::expression::Names;
use crate::reading::Reading;
use crate::tables::arms::position;
use crate::toml::{Node, Table, Value, wrong_type};
use crate::{AnalysisMethod, Comparison};
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

impl Setting<'_> {
    /// The comparisons that an analysis makes: those told, or those with the control.
    pub(super) fn compared(
        &self,
        id: &str,
        methods: &[AnalysisMethod],
        compare: Told,
        reading: &mut Reading,
    ) -> Vec<Comparison> {
        match compare {
            Told::Pairs(pairs) => {
                pairs.iter().map(|&(test, reference)| self.named(id, test, reference)).collect()
            }
            Told::Faulty => Vec::new(),
            Told::Default if methods.iter().copied().any(compares) => {
                if self.control.is_none() && self.names.arms.len() > 1 {
                    self.no_control(reading);
                }
                self.against_control(id)
            }
            Told::Default => Vec::new(),
        }
    }

    /// Reports that nothing says which arm is the reference.
    pub(super) fn no_control(&self, reading: &mut Reading) {
        let message = "nothing says which arm the others are compared with";
        reading.fault(
            Diagnostic::error(code::NO_CONTROL, message, self.arms)
                .help("`control = true` in one arm, or `compare`"),
        );
    }

    /// Every other arm against the control, if there is one.
    pub(super) fn against_control(&self, id: &str) -> Vec<Comparison> {
        let Some(control) = self.control else {
            return Vec::new();
        };
        (0..self.names.arms.len())
            .filter(|&arm| arm != control)
            .map(|test| Comparison {
                name: format!("{id}.{}", self.names.arms[test]),
                test,
                reference: control,
            })
            .collect()
    }

    /// The comparison of a pair that is told.
    pub(super) fn named(&self, id: &str, test: usize, reference: usize) -> Comparison {
        let arms = &self.names.arms;
        let name = format!("{id}.{}_vs_{}", arms[test], arms[reference]);
        Comparison { name, test, reference }
    }
}
