//! Adverse events: any, by body system, by term, and by worst grade.

use super::descriptive::{percent, rate_of};
use super::template::{Computed, Template, Value, reason};
use super::{Study, YEAR};
use crate::accumulator::{Levels, Sums};
use crate::finding::{Category, Finding, StatisticName as S};
use crate::layout::Column;
use proband_stats::Level;
use proband_stats::binary::{Proportion, fisher_exact, newcombe, risk_difference};

/// PARAMCD of the rows of a term; the rows of a body system and of all together have others, so that
/// a row's place in the hierarchy can be told.
const TERM: &str = "AEDECOD";
const SYSTEM: &str = "AEBODSYS";
const ANY: &str = "AEANY";
const SERIOUS: &str = "AESER";

/// Intervals of adverse events have the usual level.
pub(super) const LEVEL: Level = Level::P95;

impl Study<'_> {
    pub(super) fn adverse_events(&self) -> Vec<Finding> {
        if self.trial.adverse_events.is_empty() {
            return Vec::new();
        }
        let any = |code, label| template("any", code, label);
        let template_of_any = any(ANY, "Any adverse event");
        let mut found = self.incidence(&template_of_any, Column::AnyGrade);
        found.extend(self.events(&template_of_any, Column::AnyGrade, Column::AnyEvents));
        found.extend(
            self.incidence(&any(SERIOUS, "Any serious adverse event"), Column::AnySerious),
        );
        for (index, system) in self.layout.body_systems.iter().enumerate() {
            let template = template(system, SYSTEM, system);
            let grade = Column::SystemGrade(index);
            found.extend(self.incidence(&template, grade));
            found.extend(self.events(&template, grade, Column::SystemEvents(index)));
            let events = self.trial.adverse_events.iter().enumerate();
            for (index, _) in events.filter(|(_, event)| event.body_system == *system) {
                found.extend(self.term(index));
            }
        }
        found
    }

    fn term(&self, index: usize) -> Vec<Finding> {
        let event = &self.trial.adverse_events[index];
        let template = template(&event.id, TERM, &event.term);
        let mut found = self.incidence(&template, Column::Grade(index));
        found.extend(self.events_and_rates(&template, index));
        found
    }

    /// Participants by arm at each level of a column: 0 none, then the grades.
    pub(super) fn graded(&self, column: Column) -> &[Levels] {
        match self.layout.position(column).map(|place| self.sums.column(place)) {
            Some(Sums::Levels(arms)) => arms,
            _ => &[],
        }
    }

    /// Participants with at least one, their share, its difference to control, and the worst grades.
    fn incidence(&self, template: &Template, column: Column) -> Vec<Finding> {
        let arms = self.graded(column);
        let mut found = Vec::new();
        for (arm, levels) in arms.iter().enumerate() {
            found.extend(affected(
                &self.of_arm(template, arm),
                levels.at_least(1),
                levels.total(),
            ));
        }
        found.extend(self.differences_to_control(template, arms));
        if column != Column::AnySerious {
            found.extend(self.by_grade(template, arms));
        }
        found
    }

    fn of_arm(&self, template: &Template, arm: usize) -> Template {
        template.arm(&self.trial.arms[arm].title)
    }

    fn by_grade(&self, template: &Template, arms: &[Levels]) -> Vec<Finding> {
        let grades = arms.first().map_or(0, |levels| levels.counts.len());
        let seen = |grade: &usize| arms.iter().any(|levels| levels.counts[*grade] > 0);
        let of = |grade: usize| {
            let template = template.with(|f| f.group = Some(format!("grade {grade}")));
            arms.iter().enumerate().flat_map(move |(arm, levels)| {
                let template = self.of_arm(&template, arm);
                affected(&template, levels.counts[grade], levels.total())
            })
        };
        (1..grades).filter(seen).flat_map(of).collect()
    }

    fn differences_to_control(&self, template: &Template, arms: &[Levels]) -> Vec<Finding> {
        let Some(control) = self.trial.arms.iter().position(|arm| arm.control) else {
            return Vec::new();
        };
        let of = |(arm, levels): (usize, &Levels)| {
            let title = self.trial.arms[arm].title.clone();
            let template = template.unit(Some("%".to_owned())).with(|f| {
                f.comparison = Some(format!("{}.{}", f.analysis, self.trial.arms[arm].id));
                f.arm = Some(title);
                f.reference = Some(self.arm_title(control));
                f.n = Some(levels.total() + arms[control].total());
            });
            template.finding(S::RiskDifference, difference(levels, &arms[control]))
        };
        arms.iter().enumerate().filter(|(arm, _)| *arm != control).map(of).collect()
    }

    /// Sums by arm.
    pub(super) fn totals(&self, column: Column) -> &[f64] {
        match self.layout.position(column).map(|place| self.sums.column(place)) {
            Some(Sums::Totals(arms)) => arms,
            _ => &[],
        }
    }

    /// All events by arm, repeated ones included.
    fn events(&self, template: &Template, grade: Column, events: Column) -> Vec<Finding> {
        let of_arms = self.graded(grade).iter().zip(self.totals(events)).enumerate();
        let of_arm = |(arm, (levels, &events)): (usize, (&Levels, &f64))| {
            let template = self.of_arm(template, arm).with(|f| f.n = Some(levels.total()));
            template.finding(S::Events, Ok(events.into()))
        };
        of_arms.map(of_arm).collect()
    }

    /// All events, and the rate of first events over the time at risk of one.
    fn events_and_rates(&self, template: &Template, index: usize) -> Vec<Finding> {
        let at_risk = self.totals(Column::AtRisk(index));
        let events = self.totals(Column::Events(index));
        let grades = self.graded(Column::Grade(index));
        let mut found = Vec::new();
        for (arm, levels) in grades.iter().enumerate() {
            let template = self.of_arm(template, arm).with(|f| f.n = Some(levels.total()));
            let years = at_risk[arm] / YEAR;
            let [_, exposure, rate] = rate_of(&template, levels.at_least(1), years, LEVEL);
            found.extend([template.finding(S::Events, Ok(events[arm].into())), exposure, rate]);
        }
        found
    }
}

fn template(analysis: &str, code: &str, label: &str) -> Template {
    Template::new(Category::AdverseEvent, analysis, "incidence").level(LEVEL).with(|f| {
        f.paramcd = code.to_owned();
        f.param = label.to_owned();
    })
}

fn affected(template: &Template, with: u64, of: u64) -> [Finding; 2] {
    let template = template.with(|f| f.n = Some(of));
    [
        template.finding(S::WithEvent, Ok(with.into())),
        template.unit(Some("%".to_owned())).finding(S::Percent, percent(with, of, LEVEL)),
    ]
}

/// In percentage points, with Newcombe's interval and Fisher's exact test.
fn difference(test: &Levels, control: &Levels) -> Computed {
    if test.total() == 0 || control.total() == 0 {
        return Err("no participants in an arm".to_owned());
    }
    let of =
        |levels: &Levels| Proportion::new(levels.at_least(1), levels.total()).map_err(reason);
    let (test, control) = (of(test)?, of(control)?);
    let interval = newcombe(test, control, LEVEL).map_err(reason)?;
    let se = risk_difference(test, control, LEVEL).ok().map(|d| d.estimate.se);
    let p = fisher_exact(test, control).p;
    let value = Value::from(test.value() - control.value()).with_interval(interval);
    let value = value.with_p(Some(p));
    Ok(Value { standard_error: se, ..value }.times(100.0))
}
