//! The linear mixed model: how fast values change, from all visits.

use super::means::ARM;
use super::repeated::{Long, Repeated, inference};
use super::template::{Template, reason};
use super::{Analysed, YEAR};
use crate::finding::{Category, Finding, StatisticName as S};
use proband_lang::Unit;
use proband_stats::mixed::{self, Likelihood, RandomFit, random_effects};
use proband_stats::model_matrix::{ModelMatrix, Variable};
use proband_stats::{Result as StatsResult, StatsError};
use proband_trial::{Comparison, RandomEffects};
use std::collections::BTreeSet;
use std::io;

/// The place of time among the variables, and of its terms: arms, time, arms by time.
const TIME: usize = 1;
const BY_ARM: usize = 2;

impl Analysed<'_> {
    /// Lines in time by arm, adjusted for the baseline, strata and covariates, with lines of their own of the
    /// participants around them: slopes a year and their differences.
    pub(super) fn slopes(&self) -> io::Result<Vec<Finding>> {
        let template = self.template(Category::Comparison, "linear mixed");
        let unit = match &self.endpoint.unit {
            unit if *unit == Unit::one() => "1/year".to_owned(),
            unit => format!("{unit}/year"),
        };
        let template = template.unit(Some(unit));
        if let Some(note) = self.too_many() {
            return Ok(self.without_model(&template, S::SlopeDifference, &note));
        }
        let all = self.repeated()?;
        let long = all.long(|value| value.is_finite());
        let template = template.with(|f| {
            f.n = Some(long.participants());
            f.note = self.left_out(&all.constant);
        });
        let found = self.lines(&template, &all, &long);
        Ok(found.unwrap_or_else(|error| {
            self.without_model(&template, S::SlopeDifference, &reason(error))
        }))
    }

    fn lines(
        &self,
        template: &Template,
        all: &Repeated,
        long: &Long,
    ) -> StatsResult<Vec<Finding>> {
        let encounters = &self.study.trial.encounters;
        let year =
            |&visit: &usize| encounters[self.analysis.repeats[visit].encounter].day / YEAR;
        let time: Vec<f64> = long.visit.iter().map(year).collect();
        let arms = self.study.trial.arms.len();
        let mut variables =
            vec![Variable::Factor { codes: &long.arm, levels: arms }, Variable::Number(&time)];
        let mut terms = vec![vec![ARM], vec![TIME], vec![ARM, TIME]];
        self.adjust_for(all, long, &mut variables, &mut terms);
        let terms: Vec<&[usize]> = terms.iter().map(Vec::as_slice).collect();
        let matrix = ModelMatrix::new(&variables, &terms)?;
        let response: Vec<f64> = long.cells.iter().map(|&cell| all.response[cell]).collect();
        let effects = match self.analysis.options.random {
            RandomEffects::Intercept => mixed::RandomEffects::Intercept,
            RandomEffects::InterceptAndSlope => mixed::RandomEffects::InterceptAndSlope(&time),
        };
        let fit = random_effects(
            &response,
            &matrix.columns(),
            &long.participant,
            effects,
            Likelihood::Restricted,
        )?;
        Ok(self.of_lines(template, &matrix, long, &fit))
    }

    fn of_lines(
        &self,
        template: &Template,
        matrix: &ModelMatrix<'_>,
        long: &Long,
        fit: &RandomFit,
    ) -> Vec<Finding> {
        let (level, inference) = (self.level(), inference(self.analysis.options.df));
        let present: BTreeSet<usize> = long.arm.iter().copied().collect();
        // The slope of the first arm there is, and what that of each other one has beside it.
        let weights = |arm: usize| {
            let mut weights = vec![0.0; 1 + matrix.columns().len()];
            let place = present.iter().position(|&own| own == arm);
            let place = place.ok_or(StatsError::EmptyArm { arm })?;
            let own = matrix.coefficients_of(BY_ARM);
            let beside = place.checked_sub(1).map(|k| own[k]);
            for coefficient in matrix.coefficients_of(TIME).into_iter().chain(beside) {
                weights[coefficient] = 1.0;
            }
            Ok(weights)
        };
        let slope = |arm: usize| {
            let slope = weights(arm).and_then(|w| fit.fit.contrast(&w, inference, level));
            template.arm(&self.study.arm_title(arm)).finding(S::Slope, self.effect(slope))
        };
        let difference = |c: &Comparison| {
            let both = weights(c.test).and_then(|test| Ok((test, weights(c.reference)?)));
            let effect = both.and_then(|(test, reference)| {
                fit.fit.difference(&test, &reference, inference, level)
            });
            self.named(template, c).finding(S::SlopeDifference, self.effect(effect))
        };
        let slopes = (0..self.study.trial.arms.len()).map(slope);
        slopes.chain(self.analysis.comparisons.iter().map(difference)).collect()
    }
}
