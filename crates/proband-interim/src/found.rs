//! What looks saw and decided, as findings.

use crate::boundary::Verdict;
use crate::course::{Conducted, Decision, Ended, Look, Tested};
use crate::escalation::{Climbed, Cohort};
use proband_analysis::{AtLook, Category, Finding, StatisticName as S};
use proband_trial::{Sequential, Trial};

impl Conducted {
    /// The findings of the final analysis, in which sequential designs say what is rejected, and behind them
    /// those of the looks: one row for each look, for each comparison at it, for what it decided, and for
    /// the end.
    #[must_use]
    pub fn told(&self, trial: &Trial, mut found: Vec<Finding>) -> Vec<Finding> {
        for design in &trial.adaptive.sequential {
            self.reject(trial, design, &mut found);
        }
        for look in &self.looks {
            found.extend(self.at(trial, look));
        }
        found.extend(self.end(trial));
        found
    }

    /// A sequential design is about the first test of each comparison.
    fn reject(&self, trial: &Trial, design: &Sequential, found: &mut [Finding]) {
        let comparisons = &trial.analyses[design.analysis].comparisons;
        for (position, comparison) in comparisons.iter().enumerate() {
            let is_test = |finding: &&mut Finding| {
                finding.category == Category::Comparison
                    && finding.comparison.as_ref() == Some(&comparison.name)
                    && finding.group.is_none()
                    && finding.p_value.is_some()
            };
            let of = (design.analysis, position);
            let mut looks =
                self.tested.iter().filter(|one| of == (one.analysis, one.comparison));
            if let Some(test) = found.iter_mut().find(is_test) {
                test.rejected = Some(looks.any(|one| one.verdict == Verdict::Efficacy));
            }
        }
    }

    fn at(&self, trial: &Trial, look: &Look) -> Vec<Finding> {
        let day = Finding::of_look(&look.name, S::LookDay, Some(look.day));
        let mut rows = vec![
            Finding { n: Some(look.enrolled), unit: Some("day".to_owned()), ..day },
            Finding::of_look(&look.name, S::Participants, Some(look.enrolled as f64)),
        ];
        let here = self.tested.iter().filter(|tested| tested.look == look.name);
        rows.extend(here.flat_map(Tested::found));
        let decided = self.decisions.iter().filter(|decision| decision.look == look.name);
        rows.extend(decided.map(|decision| decision.found(trial)));
        rows
    }

    /// Why and when it ended, and what came of it all.
    fn end(&self, trial: &Trial) -> Vec<Finding> {
        let look = self.looks.last().map_or("", |look| look.name.as_str());
        let days = Some("day".to_owned());
        let ended = Finding::of_look(look, S::TrialEnd, Some(self.end));
        let mut rows = vec![Finding { group: Some(self.ended.words()), unit: days, ..ended }];
        rows.extend(at_the_end(self.end, self.enrolled));
        // What was decided more than once counts as it stood at last.
        for (at, last) in self.decisions.iter().enumerate() {
            let is_same = |later: &Decision| later.what() == last.what();
            if !self.decisions[at + 1..].iter().any(is_same) {
                rows.push(Finding { look: None, ..last.found(trial) });
            }
        }
        rows
    }
}

/// How long the trial took, and how many participants.
fn at_the_end(day: f64, participants: u64) -> [Finding; 2] {
    let of = |statistic, value| Finding::of_course(statistic, Some(value));
    let duration = of(S::Duration, day);
    [
        Finding { unit: Some("day".to_owned()), ..duration },
        of(S::Participants, participants as f64),
    ]
}

impl Climbed {
    /// The findings of the analyses, and behind them what was seen at each rung and which was chosen.
    #[must_use]
    pub fn told(&self, trial: &Trial, mut found: Vec<Finding>) -> Vec<Finding> {
        let rungs = rungs(trial);
        for (rung, name) in rungs.iter().enumerate() {
            let of = |statistic, count: u64| Finding {
                group: Some(name.clone()),
                ..Finding::of_course(statistic, Some(count as f64))
            };
            found.push(of(S::Participants, self.counts.treated[rung]));
            found.push(of(S::Toxicities, self.counts.toxic[rung]));
        }
        let chosen = self.selected.map_or("none".to_owned(), |rung| rungs[rung].clone());
        let rung = self.selected.map(|rung| rung as f64 + 1.0);
        found.push(Finding { group: Some(chosen), ..Finding::of_course(S::Selected, rung) });
        let end = self.cohorts.last().map_or(0.0, |last| last.day);
        found.extend(at_the_end(end, self.counts.treated.iter().sum()));
        found
    }

    /// What was decided after each cohort.
    #[must_use]
    pub fn decisions(&self, trial: &Trial) -> Vec<Decision> {
        let rungs = rungs(trial);
        let decided = |cohort: &Cohort| Decision {
            look: String::new(),
            day: cohort.day,
            rule: "escalation".to_owned(),
            action: match cohort.next {
                None => "end",
                Some(next) if next > cohort.rung => "up",
                Some(next) if next < cohort.rung => "down",
                Some(_) => "same",
            },
            comparison: None,
            arm: Some(0),
            value: cohort.next.map(|next| next as f64 + 1.0),
            seen: format!("{} of {} at {}", cohort.toxic, cohort.treated, rungs[cohort.rung]),
        };
        self.cohorts.iter().map(decided).collect()
    }
}

/// The rungs of an escalation: number and amount.
fn rungs(trial: &Trial) -> Vec<String> {
    let Some(escalation) = &trial.adaptive.escalation else { return Vec::new() };
    let amounts = trial.regimens[escalation.regimen].amounts.iter().enumerate();
    amounts.map(|(rung, amount)| format!("{}: {}", rung + 1, amount.text)).collect()
}

impl Ended {
    fn words(&self) -> String {
        match self {
            Self::Complete => "last visit".to_owned(),
            Self::Final => "final look".to_owned(),
            Self::Efficacy => "efficacy".to_owned(),
            Self::Futility => "futility".to_owned(),
            Self::Stopped(adaptation) => adaptation.clone(),
        }
    }
}

impl Decision {
    /// What is decided once, whatever the look.
    fn what(&self) -> (&str, &str, Option<usize>, Option<&String>) {
        (&self.rule, self.action, self.arm, self.comparison.as_ref())
    }

    fn found(&self, trial: &Trial) -> Finding {
        Finding {
            analysis: self.rule.clone(),
            comparison: self.comparison.clone(),
            arm: self.arm.map(|arm| trial.arms[arm].title.clone()),
            group: Some(self.action.to_owned()),
            ..Finding::of_look(&self.look, S::Decision, self.value)
        }
    }
}

impl Tested {
    /// The findings of the comparison, of which the test has Z and its bounds.
    fn found(&self) -> Vec<Finding> {
        let mut rows = self.findings.clone();
        for row in &mut rows {
            row.category = Category::Look;
            row.look = Some(AtLook { name: self.look.clone(), ..AtLook::default() });
        }
        let Some(test) = rows.iter_mut().find(|row| row.p_value.is_some()) else { return rows };
        let finite = |bound: f64| Some(bound).filter(|bound| bound.is_finite());
        test.look = Some(AtLook {
            name: self.look.clone(),
            z: self.z,
            efficacy: self.bounds.and_then(|(efficacy, _)| finite(efficacy)),
            futility: self.bounds.and_then(|(_, futility)| finite(futility)),
        });
        test.rejected = self.bounds.map(|_| self.verdict == Verdict::Efficacy);
        rows
    }
}
