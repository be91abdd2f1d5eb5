//! Adverse events: any, by body system and by term; by worst grade, serious, ending treatment.

use super::descriptive::{percent, rate_of};
use super::template::{Computed, Template, Value, reason};
use super::{Study, YEAR};
use crate::accumulator::Levels;
use crate::finding::{Category, Finding, StatisticName as S};
use crate::layout::{Adverse, AdverseMeasure, Column, Events, Scope};
use proband_stats::Level;
use proband_stats::binary::{Proportion, fisher_exact, newcombe, risk_difference};
use proband_stats::counts::{EventRate, rate_difference};
use proband_trial::EventOrder;

/// PARAMCD of the rows of a term; the rows of a body system and of all together have others, so that
/// a row's place in the hierarchy can be told.
const TERM: &str = "AEDECOD";
const SYSTEM: &str = "AEBODSYS";
const ANY: &str = "AEANY";

/// Choices of events that have rows of their own, with their GROUP.
const CHOICES: [(Events, &str); 2] =
    [(Events::Serious, "serious"), (Events::Discontinuing, "leading to discontinuation")];

/// Intervals of adverse events have the usual level.
pub(super) const LEVEL: Level = Level::P95;

impl Study<'_> {
    pub(super) fn adverse_events(&self) -> Vec<Finding> {
        if self.trial.adverse_events.is_empty() {
            return Vec::new();
        }
        let mut found = self.of_scope(Scope::Any);
        for system in self.ordered(|scope| matches!(scope, Scope::System(_))) {
            found.extend(self.of_scope(system));
            let of_system = |scope: &Scope| match (*scope, system) {
                (Scope::Term(term), Scope::System(system)) => {
                    self.layout.system_of[term] == system
                }
                _ => false,
            };
            let terms = self.ordered(of_system);
            found.extend(terms.into_iter().flat_map(|term| self.of_scope(term)));
        }
        found
    }

    /// Scopes in the order that the trial asks for; what is equal stands by the alphabet.
    fn ordered(&self, wanted: impl Fn(&Scope) -> bool) -> Vec<Scope> {
        let scopes = self.layout.scopes().into_iter().filter(wanted);
        let mut ranked: Vec<(f64, &str, Scope)> =
            scopes.map(|scope| (self.rank(scope), self.words(scope).2, scope)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        ranked.into_iter().map(|(_, _, scope)| scope).collect()
    }

    /// What stands first has the highest.
    fn rank(&self, scope: Scope) -> f64 {
        let arms = self.affected(scope, Events::All);
        let share = |arm: &Levels| arm.at_least(1) as f64 / arm.total() as f64;
        let control = self.control().map(|control| share(&arms[control]));
        match (self.trial.safety.order, control) {
            (EventOrder::Alphabet, _) => 0.0,
            (EventOrder::RiskDifference, Some(control)) => {
                let others = (0..arms.len()).filter(|&arm| Some(arm) != self.control());
                others.map(|arm| share(&arms[arm]) - control).fold(f64::NEG_INFINITY, f64::max)
            }
            (EventOrder::Frequency | EventOrder::RiskDifference, _) => {
                arms.iter().map(|arm| arm.at_least(1)).sum::<u64>() as f64
            }
        }
    }

    /// ANALYSIS, PARAMCD and PARAM.
    fn words(&self, scope: Scope) -> (&str, &'static str, &str) {
        match scope {
            Scope::Any => ("any", ANY, "Any adverse event"),
            Scope::System(index) => {
                let system = &self.layout.body_systems[index];
                (system, SYSTEM, system)
            }
            Scope::Term(index) => {
                let event = &self.trial.adverse_events[index];
                (&event.id, TERM, &event.term)
            }
        }
    }

    fn of_scope(&self, scope: Scope) -> Vec<Finding> {
        let (analysis, code, label) = self.words(scope);
        let template = Template::new(Category::AdverseEvent, analysis, "incidence");
        let template = template.level(LEVEL).with(|f| {
            f.paramcd = code.to_owned();
            f.param = label.to_owned();
        });
        let arms = self.affected(scope, Events::All);
        let mut found = self.incidence(&template, arms);
        found.extend(self.by_grade(&template, arms));
        found.extend(self.events(&template, scope, Events::All));
        found.extend(self.rates(&template, scope));
        for (events, word) in CHOICES {
            let arms = self.affected(scope, events);
            if arms.iter().any(|levels| levels.at_least(1) > 0) {
                let template = template.with(|f| f.group = Some(word.to_owned()));
                found.extend(self.incidence(&template, arms));
                found.extend(self.events(&template, scope, events));
            }
        }
        found
    }

    /// Participants by arm and worst grade: 0 none.
    pub(super) fn affected(&self, scope: Scope, events: Events) -> &[Levels] {
        let of = Adverse { scope, events, measure: AdverseMeasure::Grade };
        self.levels_by_arm(Column::Adverse(of))
    }

    /// Participants with at least one, their share, and its difference to control.
    fn incidence(&self, template: &Template, arms: &[Levels]) -> Vec<Finding> {
        let counts = |levels: &Levels| (levels.at_least(1), levels.total());
        self.shares(template, &arms.iter().map(counts).collect::<Vec<_>>())
    }

    /// By arm so many of so many: counts, shares, and differences to control.
    pub(super) fn shares(&self, template: &Template, arms: &[(u64, u64)]) -> Vec<Finding> {
        let share = |(arm, &(with, of)): (usize, &(u64, u64))| {
            affected(&self.of_arm(template, arm), with, of)
        };
        let mut found: Vec<Finding> = arms.iter().enumerate().flat_map(share).collect();
        let Some(control) = self.control() else { return found };
        for (arm, &counts) in arms.iter().enumerate().filter(|(arm, _)| *arm != control) {
            let template = self.against_control(template, (arm, control)).with(|f| {
                f.unit = Some("%".to_owned());
                f.n = Some(counts.1 + arms[control].1);
            });
            let difference = difference(counts, arms[control]);
            found.push(template.finding(S::RiskDifference, difference));
        }
        found
    }

    pub(super) fn of_arm(&self, template: &Template, arm: usize) -> Template {
        template.arm(&self.trial.arms[arm].title)
    }

    fn control(&self) -> Option<usize> {
        self.trial.arms.iter().position(|arm| arm.control)
    }

    fn against_control(&self, template: &Template, (arm, control): (usize, usize)) -> Template {
        self.of_arm(template, arm).with(|f| {
            f.comparison = Some(format!("{}.{}", f.analysis, self.trial.arms[arm].id));
            f.reference = Some(self.arm_title(control));
        })
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

    /// All events by arm, repeated ones included.
    fn events(&self, template: &Template, scope: Scope, events: Events) -> Vec<Finding> {
        let counts = Adverse { scope, events, measure: AdverseMeasure::Count };
        let counts = self.totals_by_arm(Column::Adverse(counts));
        let of_arms = self.affected(scope, events).iter().zip(counts).enumerate();
        let of_arm = |(arm, (levels, &events)): (usize, (&Levels, &f64))| {
            let template = self.of_arm(template, arm).with(|f| f.n = Some(levels.total()));
            template.finding(S::Events, Ok(events.into()))
        };
        of_arms.map(of_arm).collect()
    }

    /// The rate of first events over the time at risk of one, and its difference to control.
    fn rates(&self, template: &Template, scope: Scope) -> Vec<Finding> {
        let at_risk = Adverse { scope, events: Events::All, measure: AdverseMeasure::AtRisk };
        let days = self.totals_by_arm(Column::Adverse(at_risk));
        let years: Vec<f64> = days.iter().map(|days| days / YEAR).collect();
        let arms = self.affected(scope, Events::All);
        let mut found = Vec::new();
        for (arm, levels) in arms.iter().enumerate() {
            let template = self.of_arm(template, arm).with(|f| f.n = Some(levels.total()));
            let [_, exposure, rate] = rate_of(&template, levels.at_least(1), years[arm], LEVEL);
            found.extend([exposure, rate]);
        }
        let Some(control) = self.control() else { return found };
        for arm in (0..arms.len()).filter(|&arm| arm != control) {
            let template = self.against_control(template, (arm, control)).with(|f| {
                f.unit = Some("1/year".to_owned());
                f.n = Some(arms[arm].total() + arms[control].total());
            });
            let rate = |arm: usize| EventRate::new(arms[arm].at_least(1), years[arm]);
            let compared = || rate_difference(rate(arm)?, rate(control)?, LEVEL);
            let value = match years[arm] > 0.0 && years[control] > 0.0 {
                true => compared().map(Value::from).map_err(reason),
                false => Err("nobody was followed in an arm".to_owned()),
            };
            found.push(template.finding(S::RateDifference, value));
        }
        found
    }
}

fn affected(template: &Template, with: u64, of: u64) -> [Finding; 2] {
    let template = template.with(|f| f.n = Some(of));
    [
        template.finding(S::WithEvent, Ok(with.into())),
        template.unit(Some("%".to_owned())).finding(S::Percent, percent(with, of, LEVEL)),
    ]
}

/// In percentage points, with Newcombe's interval and Fisher's exact test.
fn difference(test: (u64, u64), control: (u64, u64)) -> Computed {
    if test.1 == 0 || control.1 == 0 {
        return Err("no participants in an arm".to_owned());
    }
    let of = |(with, of): (u64, u64)| Proportion::new(with, of).map_err(reason);
    let (test, control) = (of(test)?, of(control)?);
    let interval = newcombe(test, control, LEVEL).map_err(reason)?;
    let se = risk_difference(test, control, LEVEL).ok().map(|d| d.estimate.se);
    let p = fisher_exact(test, control).p;
    let value = Value::from(test.value() - control.value()).with_interval(interval);
    let value = value.with_p(Some(p));
    Ok(Value { standard_error: se, ..value }.times(100.0))
}
