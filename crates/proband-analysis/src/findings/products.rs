//! Analyses of covariance with products of covariates.

use super::means::{ARM, Means};
use super::template::{Computed, Template, Value, reason};
use super::{Analysed, unit_text};
use crate::finding::{Category, Finding, StatisticName as S};
use crate::layout::Column;
use crate::rows::{Needs, Rows, Strata};
use proband_stats::Result as StatsResult;
use proband_stats::linear::{LinearFit, ols};
use proband_stats::model_matrix::{ModelMatrix, Variable};
use proband_trial::{Comparison, Contrast, Interaction, Part};
use std::io;

/// The columns of a model, by variable: arms, then factors, then covariates.
struct Columns {
    arm: Vec<usize>,
    /// Levels, with how many there are, and where they come from.
    factors: Vec<(Vec<usize>, usize, Column)>,
    /// Numbers, and where they come from.
    covariates: Vec<(Vec<f64>, Column)>,
    response: Vec<f64>,
}

impl Analysed<'_> {
    /// One linear model of all arms with the products; means at equal weights of the factors' levels and the
    /// means of numbers.
    pub(super) fn ancova_with_products(&self) -> io::Result<Vec<Finding>> {
        let template = self.template(Category::Comparison, "ANCOVA");
        let template = template.unit(unit_text(&self.endpoint.unit));
        let needs = Needs {
            second: false,
            strata: Strata::Factors,
            covariates: true,
            ..Needs::RESPONSE
        };
        let rows = match self.rows(needs, &|_| true)? {
            Ok(rows) => rows,
            Err(note) => return Ok(self.without_model(&template, S::Difference, &note)),
        };
        let template = self.of_rows(&template, &rows);
        let by_arm = self.by_arm_of(&rows);
        let columns = self.columns_of(rows);
        let found = self.with_products(&template, &by_arm, &columns);
        Ok(found.unwrap_or_else(|error| {
            self.without_model(&template, S::Difference, &reason(error))
        }))
    }

    fn columns_of(&self, rows: Rows) -> Columns {
        let places = self.columns;
        let layout = self.study.layout;
        let column = |place: &usize| layout.columns()[*place];
        let wide = |codes: Vec<u16>| codes.into_iter().map(usize::from).collect::<Vec<_>>();
        let of_factors = places.strata.iter().chain(&places.factors);
        let factors = rows.factors.into_iter().zip(of_factors).map(|(codes, place)| {
            (wide(codes), layout.levels_of(*place).unwrap_or(0), column(place))
        });
        let left = (0..places.covariates.len()).filter(|k| !rows.constant.contains(k));
        let sources = left.map(|k| column(&places.covariates[k]));
        Columns {
            arm: wide(rows.arm),
            factors: factors.collect(),
            covariates: rows.covariates.into_iter().zip(sources).collect(),
            response: rows.response,
        }
    }

    fn with_products(
        &self,
        template: &Template,
        by_arm: &[u64],
        columns: &Columns,
    ) -> StatsResult<Vec<Finding>> {
        let arms = self.study.trial.arms.len();
        let mut variables = vec![Variable::Factor { codes: &columns.arm, levels: arms }];
        let factors = columns.factors.iter();
        variables.extend(
            factors.map(|(codes, levels, _)| Variable::Factor { codes, levels: *levels }),
        );
        variables.extend(columns.covariates.iter().map(|(values, _)| Variable::Number(values)));
        let mut terms: Vec<Vec<usize>> = (0..variables.len()).map(|v| vec![v]).collect();
        let products: Vec<&Interaction> = self.analysis.interactions.iter().collect();
        // A product with what is the same for everybody is that of the others.
        let products = products.into_iter().filter_map(|product| {
            let parts = product.parts.iter().map(|&part| self.place_of(part, columns));
            Some((product.text.clone(), parts.collect::<Option<Vec<usize>>>()?))
        });
        let products: Vec<(String, Vec<usize>)> = products.collect();
        let first = terms.len();
        terms.extend(products.iter().map(|(_, parts)| parts.clone()));
        let terms: Vec<&[usize]> = terms.iter().map(Vec::as_slice).collect();
        let matrix = ModelMatrix::new(&variables, &terms)?;
        let fit = ols(&matrix.columns(), &columns.response)?;
        let mut found = self.of_linear(template, by_arm, &matrix, &fit);
        for (nth, (text, _)) in products.into_iter().enumerate() {
            let test = fit.f_test(&matrix.coefficients_of(first + nth));
            let value = test.map(|test| Value::from(test.statistic).with_p(Some(test.p)));
            let template = template.unit(None).with(|f| f.group = Some(text));
            found.push(template.finding(S::Test, value.map_err(reason)));
        }
        Ok(found)
    }

    fn place_of(&self, part: Part, columns: &Columns) -> Option<usize> {
        let wanted = match part {
            Part::Arm => return Some(ARM),
            Part::Baseline => Column::Baseline(self.endpoint.observable?),
            Part::Covariate(k) => Column::Adjustment(self.index, k),
        };
        let factors = columns.factors.iter().map(|(.., column)| column);
        let all = factors.chain(columns.covariates.iter().map(|(_, column)| column));
        all.into_iter().position(|column| *column == wanted).map(|place| 1 + place)
    }

    fn of_linear(
        &self,
        template: &Template,
        by_arm: &[u64],
        matrix: &ModelMatrix<'_>,
        fit: &LinearFit,
    ) -> Vec<Finding> {
        let (level, b) = (self.level(), fit.coefficients());
        let means = Means::of(matrix, self.study.trial.arms.len(), &[]);
        let mean = |arm| self.effect(means.of_arm(arm).and_then(|w| b.contrast(w, level)));
        let difference = |c: &Comparison| -> Computed {
            if let Some(note) = self.without_values(c, |arm| by_arm[arm]) {
                return Err(note);
            }
            let both = means.of_both(c.test, c.reference);
            self.effect(both.and_then(|(test, reference)| b.difference(test, reference, level)))
        };
        let contrast = |c: &Contrast| {
            let weights = means.contrast(&c.weights);
            self.effect(weights.and_then(|w| b.contrast(&w, level)))
        };
        self.of_model(template, mean, difference, contrast)
    }
}
