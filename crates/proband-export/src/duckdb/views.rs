//! Views that answer what is asked first.

use crate::dataset::Dataset;
use proband_engine::tables::TableId;

/// A view.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub(super) name: &'static str,
    /// The tables that it reads.
    tables: &'static [TableId],
    /// What its rows are.
    pub(super) comment: &'static str,
    pub(super) select: &'static str,
}

const ALL: [View; 5] = [
    View {
        name: "disposition",
        tables: &[TableId::Adsl],
        comment: "One row per replicate and arm: participants, treated, and how they ended",
        select: "\
SELECT REPLICATE, TRT01P, count(*) AS randomised,
  count(*) FILTER (SAFFL = 'Y') AS treated,
  count(*) FILTER (EOTSTT = 'DISCONTINUED') AS stopped_treatment,
  count(*) FILTER (EOSSTT = 'DISCONTINUED') AS left_study,
  count(*) FILTER (COMPLFL = 'Y') AS completed
FROM adsl GROUP BY ALL ORDER BY ALL",
    },
    View {
        name: "values_by_visit",
        tables: &[TableId::Adlb],
        comment: "One row per replicate, parameter, arm and visit: values and changes from baseline",
        select: "\
SELECT REPLICATE, PARAMCD, PARAM, TRT01A, AVISITN, AVISIT, count(AVAL) AS n,
  avg(AVAL) AS mean, stddev_samp(AVAL) AS sd, median(AVAL) AS median,
  avg(CHG) AS mean_change, stddev_samp(CHG) AS sd_change
FROM adlb WHERE ANL01FL = 'Y' GROUP BY ALL ORDER BY ALL",
    },
    View {
        name: "adverse_events",
        tables: &[TableId::Adsl, TableId::Adae],
        comment: "One row per replicate, arm and term: participants with it, their share in percent, events",
        select: "\
SELECT REPLICATE, TRT01A, AEBODSYS, AEDECOD, count(DISTINCT USUBJID) AS participants,
  100.0 * count(DISTINCT USUBJID) / any_value(treated) AS percent, count(*) AS events
FROM adae JOIN (
  SELECT REPLICATE, TRT01A, count(*) AS treated FROM adsl WHERE SAFFL = 'Y' GROUP BY ALL
) USING (REPLICATE, TRT01A)
WHERE TRTEMFL = 'Y' GROUP BY ALL ORDER BY ALL",
    },
    View {
        name: "comparisons",
        tables: &[TableId::Findings],
        comment: "The estimates that compare arms, with their intervals and p-values",
        select: "\
SELECT SCENARIO, REPLICATE, ANALYSIS, PARAM, AVISIT, COMPARISON, METHOD, STATISTIC, \"GROUP\",
  ESTIMATE, STDERR, LOWER, UPPER, PVALUE, ADJP, REJECT, UNIT, NOTE
FROM findings WHERE COMPARISON IS NOT NULL",
    },
    View {
        name: "records",
        tables: &[TableId::Adsl, TableId::Adlb],
        comment: "The rows of adlb with the covariates and dates of the participant from adsl",
        select: "SELECT * FROM adlb JOIN adsl USING (STUDYID, REPLICATE, USUBJID, TRT01P, TRT01A)",
    },
];

/// Those whose tables are there.
pub(super) fn of(sets: &[Dataset]) -> impl Iterator<Item = View> {
    let is_there = |table: &TableId| sets.iter().any(|set| set.table == *table);
    ALL.into_iter().filter(move |view| view.tables.iter().all(is_there))
}
