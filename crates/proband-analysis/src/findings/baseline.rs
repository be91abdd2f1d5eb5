//! Who the participants are: Table 1.

use super::template::Template;
use super::{Study, unit_text};
use crate::accumulator::{Levels, Numbers, Sums};
use crate::finding::{Category, Finding, StatisticName};
use crate::layout::Column;
use crate::order::Quartiles;
use proband_trial::Characteristic;
use std::io;

impl Study<'_> {
    pub(super) fn baseline(&self) -> io::Result<Vec<Finding>> {
        let mut found = Vec::new();
        for &characteristic in &self.trial.characteristics {
            let (column, template, levels) = self.characteristic(characteristic);
            let place = self.place_of(column);
            match self.sums.column(place) {
                Sums::Numbers(arms) => found.extend(self.numbers(column, &template, arms)?),
                Sums::Levels(arms) => found.extend(self.levels(&template, &levels, arms)),
                _ => {}
            }
        }
        Ok(found)
    }

    /// The column of a row of Table 1, its label and its levels.
    fn characteristic(&self, of: Characteristic) -> (Column, Template, Vec<String>) {
        let (column, name, param, unit, levels) = match of {
            Characteristic::Covariate(index) => {
                let covariate = &self.trial.population.covariates()[index];
                let levels = covariate.levels.as_deref().unwrap_or_default().to_vec();
                let (name, unit) = (&covariate.name, &covariate.unit);
                (Column::Covariate(index), name, name.clone(), unit, levels)
            }
            Characteristic::Baseline(index) => {
                let observed = &self.trial.observables[index];
                let param = observed.text.as_ref().unwrap_or(&observed.name);
                let param = format!("{param} at baseline");
                let levels = observed.levels.clone().unwrap_or_default();
                (Column::Baseline(index), &observed.name, param, &observed.unit, levels)
            }
        };
        let template = Template::new(Category::Baseline, name, "summary")
            .with(|f| f.param = param)
            .unit(unit_text(unit));
        (column, template, levels)
    }

    fn place_of(&self, column: Column) -> usize {
        self.layout.position(column).expect("every characteristic has a column")
    }

    fn numbers(
        &self,
        column: Column,
        template: &Template,
        arms: &[Numbers],
    ) -> io::Result<Vec<Finding>> {
        let counts: Vec<u64> = arms.iter().map(|n| n.values.n()).collect();
        let (arm, place) = (self.layout.arm_of(column), self.place_of(column));
        let quartiles = self.quartiles(arm, place, &counts)?;
        let mut total = Numbers::default();
        arms.iter().for_each(|arm| total.merge(arm));
        let all = arms.iter().chain([&total]).zip(&quartiles).enumerate();
        Ok(all
            .flat_map(|(arm, (numbers, quartiles))| {
                describe(&self.in_arm(template, arm), numbers, quartiles.as_ref())
            })
            .collect())
    }

    fn levels(&self, template: &Template, names: &[String], arms: &[Levels]) -> Vec<Finding> {
        let mut total = Levels::none(names.len());
        arms.iter().for_each(|arm| total.merge(arm));
        let all = arms.iter().chain([&total]).enumerate();
        all.flat_map(|(arm, levels)| {
            let template = self.in_arm(template, arm);
            names.iter().enumerate().flat_map(move |(level, name)| {
                let template = template.with(|f| f.group = Some(name.clone()));
                share(&template, levels.counts[level], levels.total())
            })
        })
        .collect()
    }

    /// The arm after the last stands for all together.
    fn in_arm(&self, template: &Template, arm: usize) -> Template {
        match self.trial.arms.get(arm) {
            Some(arm) => template.arm(&arm.title),
            None => template.clone(),
        }
    }
}

/// So many of so many, without an interval.
pub(super) fn share(template: &Template, count: u64, of: u64) -> [Finding; 2] {
    let template = template.with(|f| f.n = Some(of));
    let percent = match of {
        0 => Err("no participants with a value".to_owned()),
        of => Ok((100.0 * count as f64 / of as f64).into()),
    };
    [
        template.unit(None).finding(StatisticName::WithEvent, Ok(count.into())),
        template.unit(Some("%".to_owned())).finding(StatisticName::Percent, percent),
    ]
}

/// The statistics of a number that is described, not analysed.
fn describe(
    template: &Template,
    numbers: &Numbers,
    quartiles: Option<&Quartiles>,
) -> Vec<Finding> {
    use StatisticName as S;
    let values = &numbers.values;
    let template = template.with(|f| f.n = Some(values.n()));
    let counts = template.unit(None);
    let mut found = vec![
        counts.finding(S::Count, Ok(values.n().into())),
        counts.finding(S::Missing, Ok(values.missing().into())),
        template.finding(S::Mean, super::descriptive::stats(values.mean())),
        template.finding(S::Sd, super::descriptive::stats(values.sd())),
    ];
    found.extend(super::descriptive::order(&template, values, quartiles));
    found
}
