//! Climbing the doses of a single arm, cohort by cohort.
//!
//! A cohort is enrolled at one rung; the next rung is decided when the last of the cohort has a known
//! outcome, and whoever arrives before that is turned away.

use proband_stats::StatsError;
use proband_stats::dose_finding::{
    Boin, Crm, CrmModel, DoseCounts, Escalation as Rule, IntervalRule, Next,
    ThreePlusThreeIntervals, ToxicityIntervals, lowest_eliminated,
};
use proband_trial::{Escalation, EscalationMethod};

/// A climb that is under way.
#[derive(Debug)]
pub struct Climb<'t> {
    ladder: Ladder<'t>,
    /// The rung of the next cohort; none where the climb is over.
    next: Option<usize>,
    /// Participants who may still come.
    left: u64,
    cohorts: Vec<Cohort>,
    counts: DoseCounts,
}

/// How a cohort fared.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    /// From 0.
    pub rung: usize,
    /// Participants.
    pub treated: u64,
    /// Those with the toxicity.
    pub toxic: u64,
    /// When that was known: days since the first day of accrual.
    pub day: f64,
    /// What follows.
    pub next: Option<usize>,
}

/// How a climb ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Climbed {
    /// In their order.
    pub cohorts: Vec<Cohort>,
    /// Participants and toxicities by rung.
    pub counts: DoseCounts,
    /// The rung that is chosen; none where none is tolerated.
    pub selected: Option<usize>,
}

impl<'t> Climb<'t> {
    /// Begins a climb over so many rungs with at most so many participants.
    #[must_use]
    pub fn new(escalation: &'t Escalation, rungs: usize, participants: u64) -> Self {
        Self {
            ladder: Ladder { escalation, rungs },
            next: Some(escalation.start),
            left: participants,
            cohorts: Vec::new(),
            counts: DoseCounts::none(rungs),
        }
    }

    /// The rung and the size of the next cohort; none where the climb is over.
    #[must_use]
    pub fn wanted(&self) -> Option<(usize, u64)> {
        let size = self.ladder.escalation.cohort.min(self.left);
        Some((self.next?, size)).filter(|_| size > 0)
    }

    /// Takes the outcomes of the cohort that was wanted, or of as many as came, and when they were known.
    ///
    /// # Errors
    /// Where the rule cannot decide.
    pub fn take(&mut self, day: f64, toxic: &[bool]) -> Result<(), StatsError> {
        let Some((rung, _)) = self.wanted().filter(|_| !toxic.is_empty()) else {
            self.next = None;
            return Ok(());
        };
        let (treated, toxic) =
            (toxic.len() as u64, toxic.iter().filter(|&&t| t).count() as u64);
        self.counts.treated[rung] += treated;
        self.counts.toxic[rung] += toxic;
        self.left -= treated;
        let enough = |next: &usize| match self.ladder.escalation.stop_at {
            Some(enough) => self.counts.treated[*next] < enough,
            None => true,
        };
        self.next = self.ladder.next(&self.counts, rung)?.filter(enough);
        let next = self.next.filter(|_| self.left > 0);
        self.cohorts.push(Cohort { rung, treated, toxic, day, next });
        Ok(())
    }

    /// Chooses a rung.
    ///
    /// # Errors
    /// Where the rule cannot decide.
    pub fn close(self) -> Result<Climbed, StatsError> {
        let selected = self.ladder.selected(&self.counts)?;
        Ok(Climbed { cohorts: self.cohorts, counts: self.counts, selected })
    }
}

/// The rungs and the rule by which they are climbed.
#[derive(Debug)]
struct Ladder<'a> {
    escalation: &'a Escalation,
    rungs: usize,
}

impl Ladder<'_> {
    /// The rung of the next cohort; none where the climb is over.
    fn next(&self, counts: &DoseCounts, rung: usize) -> Result<Option<usize>, StatsError> {
        let Some(rule) = self.rule() else {
            return Ok(three_plus_three(counts, rung).filter(|&next| next < self.rungs));
        };
        let end = self.end(counts)?;
        if end == 0 {
            return Ok(None);
        }
        if !self.escalation.no_skip {
            return Ok(rule.select(counts)?.map(|best| best.min(end - 1)));
        }
        Ok(match rule.next(counts, rung)? {
            Next::Stop => None,
            Next::Dose(next) => Some(next.min(end - 1)),
        })
    }

    fn selected(&self, counts: &DoseCounts) -> Result<Option<usize>, StatsError> {
        let Some(rule) = self.rule() else { return Ok(tolerated(counts)) };
        let end = self.end(counts)?;
        Ok(rule.select(counts)?.filter(|_| end > 0).map(|best| best.min(end.saturating_sub(1))))
    }

    /// The lowest rung that is left for good, or the number of rungs.
    fn end(&self, counts: &DoseCounts) -> Result<usize, StatsError> {
        match self.escalation.method {
            EscalationMethod::ThreePlusThree => Ok(self.rungs),
            EscalationMethod::Boin { target, eliminate, .. }
            | EscalationMethod::Crm { target, eliminate, .. }
            | EscalationMethod::MtpiTwo { target, eliminate }
            | EscalationMethod::IThreePlusThree { target, eliminate } => {
                lowest_eliminated(counts, target, eliminate)
            }
        }
    }

    /// The rule; none of 3+3, whose cohorts say all there is to say.
    fn rule(&self) -> Option<Box<dyn Rule>> {
        let (below, above) = (AS_GOOD, AS_GOOD);
        Some(match self.escalation.method.clone() {
            EscalationMethod::ThreePlusThree => return None,
            EscalationMethod::Boin { target, low, high, eliminate } => {
                Box::new(Boin { target, safe: low, toxic: high, cutoff: eliminate })
            }
            EscalationMethod::Crm { target, skeleton, prior_sd, .. } => {
                Box::new(Crm { skeleton, model: CrmModel::Empiric, target, prior_sd })
            }
            EscalationMethod::MtpiTwo { target, eliminate: cutoff } => {
                let rule = IntervalRule::Mtpi2;
                Box::new(ToxicityIntervals { rule, target, below, above, cutoff })
            }
            EscalationMethod::IThreePlusThree { target, eliminate: cutoff } => {
                Box::new(ThreePlusThreeIntervals { target, below, above, cutoff })
            }
        })
    }
}

/// How far from the target the interval rules take a toxicity to be as good as it, as their papers do.
const AS_GOOD: f64 = 0.05;

/// After a cohort of three, or six, at a rung: up with none of three or one of six, three more with one of
/// three, otherwise it is over.
fn three_plus_three(counts: &DoseCounts, rung: usize) -> Option<usize> {
    match (counts.treated[rung], counts.toxic[rung]) {
        (..=3, 0) | (4.., ..=1) => Some(rung + 1),
        (..=3, 1) => Some(rung),
        _ => None,
    }
}

/// The highest rung with at most one toxicity, if it is below one that is not tolerated or is the last one
/// given; three participants suffice.
fn tolerated(counts: &DoseCounts) -> Option<usize> {
    let given = (0..counts.doses()).filter(|&rung| counts.treated[rung] > 0);
    let fine = |rung: &usize| {
        let (n, y) = (counts.treated[*rung], counts.toxic[*rung]);
        y == 0 || (y == 1 && n >= 6)
    };
    given.take_while(fine).last()
}
