//! From sums and columns to findings.

mod adverse;
mod baseline;
mod bayes;
mod competing;
mod counts;
mod crossover;
mod descriptive;
mod design;
mod disposition;
mod estimating;
mod hypotheses;
mod imputed;
mod lifetimes;
mod looks;
mod means;
mod numbers;
mod outcomes;
mod products;
mod published;
mod ranges;
mod recurrent;
mod repeated;
mod slopes;
mod subgroups;
mod template;
mod times;
mod weighted;
mod wins;

pub use disposition::Screening;
pub use looks::{Blinded, Effect, Standing, standings};

use self::repeated::Model;

use crate::accumulator::{Accumulator, Levels, Sums};
use crate::finding::Finding;
use crate::layout::{AnalysisColumns, Column, Layout};
use crate::order::{Quartiles, quartiles_by_arm};
use crate::source::ColumnSource;
use proband_lang::Unit;
use proband_trial::{Analysis, Endpoint, EndpointValue, Success, Trial};
use std::io;

/// All findings of a trial, in the order in which a summary tells them: disposition, baseline,
/// analyses in the order of the trial, adverse events, records against their ranges, published figures.
///
/// `sums` are those of all shards, `source` gives their columns back, `screening` says who was
/// turned away, where that is known, and `replicate` is the repetition of the trial that it is, which draws of
/// imputation are addressed by. Fails only where the columns cannot be read back; a statistic that cannot be
/// computed is a finding without an estimate, whose note says why.
pub fn findings(
    layout: &Layout<'_>,
    sums: &Accumulator,
    screening: Option<&Screening>,
    source: &dyn ColumnSource,
    replicate: u32,
) -> io::Result<Vec<Finding>> {
    let study = Study { trial: layout.trial, layout, sums, source, replicate };
    let mut found = study.disposition(screening);
    found.extend(study.baseline()?);
    let mut models = Vec::new();
    let own = |&index: &usize| layout.trial.analyses[index].at_looks_of.is_none();
    for index in (0..layout.trial.analyses.len()).filter(own) {
        found.extend(study.analysis(index, &mut models)?);
        let interactions = study.interactions(index, &found);
        found.extend(interactions);
    }
    study.claim_together(&mut found, Success::All);
    study.adjust(&mut found);
    study.claim_together(&mut found, Success::Any);
    found.extend(study.adverse_events());
    found.extend(study.records_against_ranges());
    let scorecard = study.scorecard(&found)?;
    found.extend(scorecard);
    Ok(found)
}

/// What findings are made from.
#[derive(Clone, Copy)]
struct Study<'a> {
    trial: &'a Trial,
    layout: &'a Layout<'a>,
    sums: &'a Accumulator,
    source: &'a dyn ColumnSource,
    replicate: u32,
}

/// One analysis with its columns.
#[derive(Clone, Copy)]
struct Analysed<'a> {
    study: Study<'a>,
    index: usize,
    analysis: &'a Analysis,
    endpoint: &'a Endpoint,
    columns: &'a AnalysisColumns,
}

impl<'a> Study<'a> {
    fn analysis(&self, index: usize, models: &mut Vec<Model<'a>>) -> io::Result<Vec<Finding>> {
        let analysed = self.analysed(index);
        let mut found = analysed.by_arm()?;
        found.extend(analysed.compared(models)?);
        Ok(found)
    }

    fn analysed(&self, index: usize) -> Analysed<'a> {
        let analysis = &self.trial.analyses[index];
        let endpoint = &self.trial.endpoints[analysis.endpoint];
        let columns = &self.layout.analyses[index];
        Analysed { study: *self, index, analysis, endpoint, columns }
    }
}

impl Study<'_> {
    /// Quartiles of a column by arm (of its column) and over all, where `counts` values are present by arm.
    fn quartiles(
        &self,
        arm: usize,
        column: usize,
        counts: &[u64],
    ) -> io::Result<Vec<Option<Quartiles>>> {
        quartiles_by_arm(self.source, arm, column, counts)
    }

    /// Participants by arm at each level of a column; none where the layout has no such column.
    fn levels_by_arm(&self, column: Column) -> &[Levels] {
        match self.layout.position(column).map(|place| self.sums.column(place)) {
            Some(Sums::Levels(arms)) => arms,
            _ => &[],
        }
    }

    /// Sums of a column by arm; none where the layout has no such column.
    fn totals_by_arm(&self, column: Column) -> &[f64] {
        match self.layout.position(column).map(|place| self.sums.column(place)) {
            Some(Sums::Totals(arms)) => arms,
            _ => &[],
        }
    }

    fn arm_title(&self, arm: usize) -> String {
        self.trial.arms[arm].title.clone()
    }
}

impl<'a> Analysed<'a> {
    /// What the methods of the analysis find by comparing arms.
    fn compared(&self, models: &mut Vec<Model<'a>>) -> io::Result<Vec<Finding>> {
        let mut found = Vec::new();
        for &method in &self.analysis.methods {
            found.extend(match &self.endpoint.value {
                EndpointValue::Number(_) => self.compare_numbers(method, models)?,
                EndpointValue::Condition(_) => self.compare_outcomes(method)?,
                EndpointValue::Time(_) => self.compare_times(method)?,
                EndpointValue::Count { .. } => self.compare_counts(method)?,
            });
        }
        Ok(found)
    }
}

/// The first column of every layout.
const ARM: usize = 0;

/// Days in a year, the unit of exposure.
const YEAR: f64 = 365.25;

/// The text of a unit; none for plain numbers.
fn unit_text(unit: &Unit) -> Option<String> {
    (*unit != Unit::one()).then(|| unit.to_string())
}
