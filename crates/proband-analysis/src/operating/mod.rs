//! Characteristics of a trial over its repetitions: what its analyses do on average, and how often.
//!
//! Measures and their Monte Carlo standard errors are those of T. P. Morris, I. R. White, M. J. Crowther
//! (Statistics in Medicine 38, 2019, 2074-2102, table 6).

mod characteristic;
mod null;
mod statistic;

pub use characteristic::{Characteristic, Measure};

use crate::finding::{Category, Finding, StatisticName};
use crate::findings::Screening;
use proband_trial::Trial;
use statistic::Statistic;
use std::collections::BTreeMap;

/// Takes the findings of one repetition after the other; its size does not grow with their number.
///
/// The sums depend on the order in which findings are pushed: take the repetitions in theirs.
#[derive(Clone, Debug)]
pub struct Operating<'t> {
    trial: &'t Trial,
    /// In the order in which they were first found.
    statistics: Vec<Statistic>,
    /// Repetitions of a trial with looks.
    courses: u64,
    places: BTreeMap<Key, usize>,
}

/// Which statistic of a trial a finding is: analysis, parameter, visit, method, comparison, arm,
/// reference, group, look, statistic.
type Key = ([Option<String>; 9], StatisticName);

impl<'t> Operating<'t> {
    /// No repetitions yet.
    #[must_use]
    pub fn new(trial: &'t Trial) -> Self {
        Self { trial, statistics: Vec::new(), courses: 0, places: BTreeMap::new() }
    }

    /// Whether a finding is characterised: comparisons, counts of participants and the course of the trial
    /// are.
    #[must_use]
    pub fn takes(finding: &Finding) -> bool {
        match finding.category {
            Category::Comparison | Category::Disposition => true,
            Category::Look => finding.statistic.is_of_course(),
            _ => false,
        }
    }

    /// Takes a finding of the next repetition; what is not characterised is passed over.
    pub fn push(&mut self, finding: &Finding) {
        if !Self::takes(finding) {
            return;
        }
        // Every trial with looks has one end.
        self.courses += u64::from(finding.statistic == StatisticName::Duration);
        let (trial, statistics) = (self.trial, &mut self.statistics);
        let place = *self.places.entry(key(finding)).or_insert_with(|| {
            statistics.push(Statistic::new(trial, finding));
            statistics.len() - 1
        });
        self.statistics[place].push(finding);
    }

    /// How many participants over all repetitions, by step of the disposition and reason.
    #[must_use]
    pub fn totals(&self) -> Vec<(&Finding, u64)> {
        let counted = self.statistics.iter().filter(|of| {
            of.of.category == Category::Disposition && of.of.statistic == StatisticName::Count
        });
        counted.map(|of| (&of.of, of.total().round() as u64)).collect()
    }

    /// Who came to the trial and was turned away over all repetitions.
    #[must_use]
    pub fn screening(&self) -> Screening {
        Screening::of(&self.totals())
    }

    /// Every measure of every statistic, in the order in which they were found.
    #[must_use]
    pub fn characteristics(&self) -> Vec<Characteristic> {
        let of_each = |of: &Statistic| of.characteristics(self.trial, self.courses);
        self.statistics.iter().flat_map(of_each).collect()
    }
}

fn key(of: &Finding) -> Key {
    let told = |text: &String| Some(text.clone());
    let names = [
        told(&of.analysis),
        told(&of.paramcd),
        of.avisit.clone(),
        told(&of.method),
        of.comparison.clone(),
        of.arm.clone(),
        of.reference.clone(),
        of.group.clone(),
        of.look.as_ref().map(|look| look.name.clone()),
    ];
    (names, of.statistic)
}
