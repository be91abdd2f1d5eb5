//! What the tables are to CDISC: label, structure and class.

use proband_engine::tables::TableId;

/// What a table is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    /// At most 40 characters, which is what XPORT has room for.
    pub(crate) label: &'static str,
    /// What one row is.
    pub(crate) structure: &'static str,
    /// A word of Define-XML 2.1, beside a narrower one.
    pub(crate) class: (&'static str, Option<&'static str>),
}

const PARTICIPANTS: &str = "SUBJECT LEVEL ANALYSIS DATASET";
const PARAMETERS: &str = "BASIC DATA STRUCTURE";
const OCCURRENCES: &str = "OCCURRENCE DATA STRUCTURE";
const OTHER: &str = "ADAM OTHER";

/// What a table is.
pub(crate) fn of(table: TableId) -> About {
    let (label, structure, class) = match table {
        TableId::Adsl => ("Participants", "One record per participant", (PARTICIPANTS, None)),
        TableId::Adpc => (
            "Drug concentrations",
            "One record per participant, parameter and visit",
            (PARAMETERS, None),
        ),
        TableId::Adlb => (
            "Laboratory values, vital signs, scores",
            "One record per participant, parameter and visit",
            (PARAMETERS, None),
        ),
        TableId::Adeff => {
            ("Endpoints", "One record per participant, endpoint and visit", (PARAMETERS, None))
        }
        TableId::Adae => (
            "Adverse events",
            "One record per participant and event",
            (OCCURRENCES, Some("ADVERSE EVENT")),
        ),
        TableId::Adtte => (
            "Times to events",
            "One record per participant and endpoint",
            (PARAMETERS, Some("TIME-TO-EVENT")),
        ),
        TableId::Ices => (
            "Intercurrent events",
            "One record per participant, event and estimand",
            (OCCURRENCES, None),
        ),
        TableId::Adex => {
            ("Doses", "One record per participant and scheduled dose", (OCCURRENCES, None))
        }
        TableId::Decisions => (
            "Decisions of rules",
            "One record per participant and decision",
            (OCCURRENCES, None),
        ),
        TableId::Addv => {
            ("Protocol deviations", "One record per participant and rule", (OCCURRENCES, None))
        }
        TableId::Twins => (
            "Covariates and parameters of the model",
            "One record per participant",
            (OTHER, None),
        ),
        TableId::Truth => {
            ("True values", "One record per participant, parameter and time", (OTHER, None))
        }
        TableId::TruthEvents => {
            ("Events that happened", "One record per participant and event", (OTHER, None))
        }
        TableId::Exclusions => (
            "Twins passed over, refused or lost",
            "One record per twin and reason",
            (OTHER, None),
        ),
        TableId::Findings => ("Statistics", "One record per statistic", (OTHER, None)),
        TableId::Operating => {
            ("Operating characteristics", "One record per measure", (OTHER, None))
        }
    };
    About { label, structure, class }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_fit_into_xport() {
        assert!(TableId::ALL.into_iter().all(|table| of(table).label.len() <= 40));
    }
}
