//! The crossover: everybody compared with themselves, in different periods.

use super::means::Means;
use super::repeated::inference;
use super::template::{Computed, Template, Value, reason, told_apart};
use super::{Analysed, unit_text};
use crate::finding::{Category, Finding, StatisticName as S};
use crate::rows::{Needs, Rows, Strata};
use proband_stats::Result as StatsResult;
use proband_stats::mixed::{Likelihood, RandomEffects, RandomFit, random_effects};
use proband_stats::model_matrix::{ModelMatrix, Variable};
use proband_trial::Comparison;
use std::io;

/// The factors of the design, which stand after the arms and the strata.
const OF_DESIGN: [&str; 2] = ["period", "sequence"];

impl Analysed<'_> {
    /// Arms, periods, sequences and covariates with a level of each participant's own, which is what the difference of
    /// two periods takes away: means of the arms and their differences, and tests of periods and of
    /// sequences (of what is carried over, where two arms have two sequences).
    pub(super) fn crossover(&self) -> io::Result<Vec<Finding>> {
        let template = self.template(Category::Comparison, "crossover");
        let template = template.unit(unit_text(&self.endpoint.unit));
        let needs =
            Needs { covariates: true, strata: Strata::Factors, twin: true, ..Needs::RESPONSE };
        let rows = match self.rows(needs, &|_| true)? {
            Ok(rows) => rows,
            Err(note) => return Ok(self.without_model(&template, S::Difference, &note)),
        };
        let template = self.of_rows(&template, &rows);
        let found = self.of_periods(&template, &rows);
        Ok(found.unwrap_or_else(|error| {
            self.without_model(&template, S::Difference, &reason(error))
        }))
    }

    fn of_periods(&self, template: &Template, rows: &Rows) -> StatsResult<Vec<Finding>> {
        let arms = self.study.trial.arms.len();
        let wide = |codes: &Vec<u16>| -> Vec<usize> {
            codes.iter().map(|&code| usize::from(code)).collect()
        };
        let (arm, factors) = (wide(&rows.arm), rows.factors.iter().map(wide));
        let factors: Vec<Vec<usize>> = factors.collect();
        let mut variables = vec![Variable::Factor { codes: &arm, levels: arms }];
        let places = self.columns.strata.iter().chain(&self.columns.factors);
        for (codes, &place) in factors.iter().zip(places) {
            let levels = self.study.layout.levels_of(place).unwrap_or(0);
            variables.push(Variable::Factor { codes, levels });
        }
        variables.extend(rows.covariates.iter().map(|values| Variable::Number(values)));
        let terms: Vec<Vec<usize>> = (0..variables.len()).map(|place| vec![place]).collect();
        let terms: Vec<&[usize]> = terms.iter().map(Vec::as_slice).collect();
        let matrix = ModelMatrix::new(&variables, &terms)?;
        let fit = random_effects(
            &rows.response,
            &matrix.columns(),
            &rows.twin,
            RandomEffects::Intercept,
            Likelihood::Restricted,
        )?;
        Ok(self.of_arms_and_periods(template, &matrix, &fit, &self.by_arm_of(rows)))
    }

    fn of_arms_and_periods(
        &self,
        template: &Template,
        matrix: &ModelMatrix<'_>,
        fit: &RandomFit,
        by_arm: &[u64],
    ) -> Vec<Finding> {
        let (level, inference) = (self.level(), inference(self.analysis.options.df));
        let means = Means::of(matrix, by_arm.len(), &[]);
        let mean = |arm| {
            let weights = means.of_arm(arm);
            self.effect(weights.and_then(|w| fit.fit.contrast(w, inference, level)))
        };
        let difference = |c: &Comparison| match self.without_values(c, |arm| by_arm[arm]) {
            Some(note) => Err(note),
            None => {
                let both = means.of_both(c.test, c.reference);
                self.effect(both.and_then(|(a, b)| fit.fit.difference(a, b, inference, level)))
            }
        };
        let contrast = |c: &proband_trial::Contrast| {
            let weights = means.contrast(&c.weights);
            self.effect(weights.and_then(|w| fit.fit.contrast(&w, inference, level)))
        };
        let mut found = self.of_model(template, mean, difference, contrast);
        let first = 1 + self.columns.strata.len();
        for (place, name) in (first..).zip(OF_DESIGN) {
            let test = fit.fit.term_test(&matrix.coefficients_of(place), inference);
            let value: Computed = test
                .map(|test| Value::from(test.statistic).with_p(Some(test.p)))
                .map_err(reason);
            let template =
                template.unit(None).with(|f| f.group = Some(told_apart(f.group.take(), name)));
            found.push(template.finding(S::Test, value));
        }
        found
    }
}
