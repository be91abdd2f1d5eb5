//! Who was drawn, screened, enrolled and allocated.

use super::template::Template;
use super::{Study, YEAR};
use crate::finding::{Category, Finding, StatisticName};
use crate::layout::Column;
use serde::{Deserialize, Serialize};

/// Who came to the trial and was turned away, as counted while enrolling.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screening {
    /// Twins drawn from the population.
    pub drawn: u64,
    /// Twins passed over before screening, by reason: the id of a limit, or why the model failed.
    pub passed_over: Vec<(String, u64)>,
    /// Participants screened.
    pub screened: u64,
    /// Participants who failed screening; each may fail several criteria.
    pub failed: u64,
    /// Participants who failed each criterion, in the order of the trial.
    pub criteria: Vec<(String, u64)>,
    /// Eligible participants whom an event of a model ended before day 1, by event: they failed
    /// screening too, and were not randomised.
    pub ended: Vec<(String, u64)>,
    /// Eligible, but not needed any more: drawn in the chunk that completed the enrolment.
    pub not_needed: u64,
}

impl Screening {
    /// What the steps before enrolment count, of one repetition or of several together.
    pub(crate) fn of(counted: &[(&Finding, u64)]) -> Self {
        let of_step = |step: &'static str| {
            counted.iter().filter(move |(finding, _)| finding.analysis == step)
        };
        let total = |step| of_step(step).map(|(_, count)| count).sum();
        let by_reason = |step| {
            let reasons = of_step(step);
            reasons.filter_map(|(of, count)| Some((of.group.clone()?, *count))).collect()
        };
        Self {
            drawn: total("drawn"),
            passed_over: by_reason("passed over"),
            screened: total("screened"),
            failed: total("screen failure"),
            criteria: by_reason("criterion"),
            ended: by_reason("ended"),
            not_needed: total("not needed"),
        }
    }
}

impl Study<'_> {
    pub(super) fn disposition(&self, screening: Option<&Screening>) -> Vec<Finding> {
        let mut found = screening.map_or_else(Vec::new, screened);
        // In a crossover everybody is in several arms, and counted where the trial counts them.
        let enrolled = match (screening, &self.trial.design.crossover) {
            (Some(screening), Some(_)) => screening.screened - screening.failed,
            _ => self.sums.participants().iter().sum(),
        };
        found.push(step("enrolled", "Enrolled", None, enrolled, None));
        for arm in 0..self.trial.arms.len() {
            found.extend(self.disposition_of(arm));
        }
        found
    }

    fn disposition_of(&self, arm: usize) -> Vec<Finding> {
        let randomised = self.sums.participants()[arm];
        let failed = self.levels_by_arm(Column::Failed)[arm].at_least(1);
        let days = self.totals_by_arm(Column::FollowUp)[arm];
        let of = |analysis, label, count, of| Finding {
            arm: Some(self.arm_title(arm)),
            ..step(analysis, label, None, count, of)
        };
        let followed = of("followed", "Participant-years followed", 0, Some(randomised));
        let (statistic, unit) = (StatisticName::Exposure, Some("year".to_owned()));
        let estimate = Some(days / YEAR);
        let mut found = vec![
            of("randomised", "Randomised", randomised, None),
            of("model failed", "Model failed after enrolment", failed, Some(randomised)),
        ];
        found.extend(self.implausible(arm));
        let stopped = ("treatment stopped", "Stopped treatment early");
        found.extend(self.left(arm, Column::TreatmentEnd, stopped));
        found.extend(self.left(arm, Column::TrialEnd, ("trial left", "Left the trial early")));
        found.push(Finding { statistic, unit, estimate, ..followed });
        found
    }

    /// Who went beyond a limit of plausibility, and beyond which.
    fn implausible(&self, arm: usize) -> Vec<Finding> {
        let counted = |column: Column, limit: Option<&str>| {
            let levels = self.levels_by_arm(column).get(arm)?;
            let (count, of) = (levels.at_least(1), Some(levels.total()));
            let label = "Implausible after enrolment";
            let group = limit.map(str::to_owned);
            let finding = step("implausible", label, group.as_ref(), count, of);
            Some(Finding { arm: Some(self.arm_title(arm)), ..finding })
        };
        let limits = self.trial.limits.iter().enumerate();
        let by_limit =
            limits.filter_map(|(at, limit)| counted(Column::Beyond(at), Some(&limit.id)));
        counted(Column::Implausible, None).into_iter().chain(by_limit).collect()
    }

    /// Who did not go on to the planned end, and for which reasons.
    fn left(
        &self,
        arm: usize,
        column: Column,
        (analysis, label): (&str, &str),
    ) -> Vec<Finding> {
        let Some(levels) = self.levels_by_arm(column).get(arm) else { return Vec::new() };
        let of_trial = self.trial.discontinuations.iter().map(|of| of.reason.as_str());
        let of_rules = self.trial.rules.iter().map(|of| of.id.as_str());
        let reasons =
            of_trial.chain(of_rules).chain(["event of the model", "failure of the model"]);
        let of_arm = |group: Option<&str>, count| Finding {
            arm: Some(self.arm_title(arm)),
            ..step(
                analysis,
                label,
                group.map(str::to_owned).as_ref(),
                count,
                Some(levels.total()),
            )
        };
        let counted = reasons.zip(&levels.counts[1..]).filter(|(_, count)| **count > 0);
        let by_reason = counted.map(|(reason, &count)| of_arm(Some(reason), count));
        [of_arm(None, levels.at_least(1))].into_iter().chain(by_reason).collect()
    }
}

/// The steps before enrolment.
fn screened(screening: &Screening) -> Vec<Finding> {
    let mut found = vec![step("drawn", "Twins drawn", None, screening.drawn, None)];
    let passed_over = screening.passed_over.iter();
    found.extend(passed_over.map(|(reason, count)| {
        step("passed over", "Passed over", Some(reason), *count, Some(screening.drawn))
    }));
    let screened = screening.screened;
    found.push(step("screened", "Screened", None, screened, None));
    found.push(step(
        "screen failure",
        "Screen failures",
        None,
        screening.failed,
        Some(screened),
    ));
    found.extend(screening.criteria.iter().map(|(criterion, count)| {
        step("criterion", "Failed criterion", Some(criterion), *count, Some(screened))
    }));
    found.extend(screening.ended.iter().map(|(event, count)| {
        step("ended", "Ended before day 1", Some(event), *count, Some(screened))
    }));
    found.push(step("not needed", "Eligible, not needed", None, screening.not_needed, None));
    found
}

fn step(
    analysis: &str,
    label: &str,
    group: Option<&String>,
    count: u64,
    of: Option<u64>,
) -> Finding {
    let template = Template::new(Category::Disposition, analysis, "count").with(|f| {
        f.param = label.to_owned();
        f.group = group.cloned();
        f.n = of;
    });
    template.finding(StatisticName::Count, Ok(count.into()))
}
