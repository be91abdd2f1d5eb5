//! Records against the range of normal values or the grades of their observable: shift tables, outliers,
//! and Hy's law.

use super::Study;
use super::adverse::LEVEL;
use super::baseline::share;
use super::template::{Computed, Template, Value, reason};
use crate::accumulator::Levels;
use crate::finding::{Category, Finding, StatisticName as S};
use crate::layout::{AMINOTRANSFERASE, BILIRUBIN, BOTH, Column, HIGH, LOW, Scale, Shift};
use proband_stats::contingency::{CountTable, stratified_association};

impl Study<'_> {
    pub(super) fn records_against_ranges(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        for (index, shift) in self.layout.shifts.iter().enumerate() {
            let arms = self.levels_by_arm(Column::Shift(index));
            found.extend(self.shifts(shift, arms));
            found.extend(self.outliers(shift, arms));
        }
        if self.layout.liver.is_some() {
            found.extend(self.hys_law(self.levels_by_arm(Column::Liver)));
        }
        found
    }

    fn of_observable(&self, shift: &Shift, method: &str) -> Template {
        let observed = &self.trial.observables[shift.observable];
        Template::new(Category::Range, &observed.name, method).level(LEVEL).with(|f| {
            f.paramcd = observed.name.to_uppercase();
            f.param = observed.text.clone().unwrap_or_else(|| observed.name.clone());
        })
    }

    /// By arm and position at baseline, how many went where; and whether arms differ within positions at
    /// baseline.
    fn shifts(&self, shift: &Shift, arms: &[Levels]) -> Vec<Finding> {
        let method = match shift.scale {
            Scale::Range(_) => "shift",
            Scale::Grades(_) => "shift of grades",
        };
        let template = self.of_observable(shift, method);
        let mut found = Vec::new();
        let seen = |value: &usize| arms.iter().any(|arm| arm.counts[*value] > 0);
        for value in (0..shift.positions().pow(2)).filter(seen) {
            let (baseline, worst) = shift.pair(value);
            let words = (shift.word(baseline, true), shift.word(worst, false));
            let template =
                template.with(|f| f.group = Some(format!("{} to {}", words.0, words.1)));
            for (arm, levels) in arms.iter().enumerate() {
                let of = shift.worst(levels, baseline).iter().sum();
                let template = self.of_arm(&template, arm).with(|f| f.n = Some(of));
                found.extend(share(&template, levels.counts[value], of));
            }
        }
        found.push(
            template
                .with(|f| f.n = Some(arms.iter().map(Levels::total).sum()))
                .finding(S::Test, shift.association(arms)),
        );
        found
    }

    /// Participants with any record outside the range, wherever they were at baseline.
    fn outliers(&self, shift: &Shift, arms: &[Levels]) -> Vec<Finding> {
        let Scale::Range(_) = shift.scale else { return Vec::new() };
        let template = self.of_observable(shift, "outliers");
        let of = |(side, word): (usize, &str)| {
            let template = template.with(|f| f.group = Some(word.to_owned()));
            let is = |value: &usize| [side, BOTH].contains(&shift.pair(*value).1);
            self.shares(&template, &counted(arms, is))
        };
        [(LOW, "low"), (HIGH, "high")].into_iter().flat_map(of).collect()
    }

    /// Aminotransferases and bilirubin beyond multiples of their upper limits of normal.
    fn hys_law(&self, arms: &[Levels]) -> Vec<Finding> {
        let template = Template::new(Category::Range, "hys_law", "outliers").level(LEVEL);
        let template = template.with(|f| f.param = "Hy's law".to_owned());
        let mut found = Vec::new();
        let mut add = |group: String, is: &dyn Fn(&usize) -> bool| {
            let template = template.with(|f| f.group = Some(group));
            found.extend(self.shares(&template, &counted(arms, is)));
        };
        for (index, multiple) in AMINOTRANSFERASE.iter().enumerate() {
            let above = |value: &usize| value / 2 > index;
            add(format!("ALT or AST > {multiple} ULN"), &above);
        }
        let jaundiced = |value: &usize| value % 2 == 1;
        add(format!("bilirubin > {BILIRUBIN} ULN"), &jaundiced);
        let group =
            format!("ALT or AST > {} ULN, bilirubin > {BILIRUBIN} ULN", AMINOTRANSFERASE[0]);
        add(group, &|value| value / 2 > 0 && jaundiced(value));
        found
    }
}

/// By arm, participants at some levels, of how many.
fn counted(arms: &[Levels], is: impl Fn(&usize) -> bool) -> Vec<(u64, u64)> {
    let with = |arm: &Levels| {
        let values = (0..arm.counts.len()).filter(&is);
        values.map(|value| arm.counts[value]).sum()
    };
    arms.iter().map(|arm| (with(arm), arm.total())).collect()
}

impl Shift {
    fn word(&self, position: usize, at_baseline: bool) -> String {
        match &self.scale {
            _ if at_baseline && position + 1 == self.positions() => "missing".to_owned(),
            Scale::Range(_) => ["low", "normal", "high", "low and high"][position].to_owned(),
            Scale::Grades(_) => format!("grade {position}"),
        }
    }

    /// The worst positions after baseline of those who had one at it.
    fn worst<'l>(&self, levels: &'l Levels, baseline: usize) -> &'l [u64] {
        let positions = self.positions();
        &levels.counts[baseline * positions..(baseline + 1) * positions]
    }

    /// Cochran, Mantel and Haenszel's test of general association of arm and worst position, within
    /// positions at baseline that are known.
    fn association(&self, arms: &[Levels]) -> Computed {
        let table = |baseline: usize| {
            let rows: Vec<&[u64]> = arms.iter().map(|arm| self.worst(arm, baseline)).collect();
            CountTable::new(&rows)
        };
        let known = 0..self.positions() - 1;
        let strata: Vec<CountTable> =
            known.map(table).collect::<Result<_, _>>().map_err(reason)?;
        let scores = |count: usize| (0..count).map(|score| score as f64).collect::<Vec<_>>();
        let test =
            stratified_association(&strata, &scores(arms.len()), &scores(self.positions()))
                .map_err(reason)?
                .general;
        Ok(Value::from(test.statistic).with_p(Some(test.p)))
    }
}
