//! The mixed model for repeated measures.

use super::template::{Template, reason};
use super::{Analysed, unit_text};
use crate::accumulator::index;
use crate::finding::{Category, Finding, StatisticName as S};
use crate::layout::Column;
use crate::rows::MOST_IN_MEMORY;
use proband_stats::mixed::{Covariance, Inference, MmrmFit, RepeatedMeasures, mmrm};
use proband_stats::model_matrix::{Margins, ModelMatrix, Variable};
use proband_stats::{Result as StatsResult, StatsError};
use proband_trial::{Comparison, Contrast, DegreesOfFreedom, VisitCovariance};
use std::io;

/// Places of the variables of every model; those of the analysis follow.
const ARM: usize = 0;
const VISIT: usize = 1;

/// One row a participant and visit with a value.
#[derive(Default)]
struct Long {
    response: Vec<f64>,
    participant: Vec<usize>,
    visit: Vec<usize>,
    arm: Vec<usize>,
    /// Levels, by factor: strata, then covariates that are levels.
    factors: Vec<Vec<usize>>,
    /// Numbers, by covariate; the baseline first.
    covariates: Vec<Vec<f64>>,
    participants: usize,
}

/// What was fitted, and what least-squares means need of it.
struct Fitted<'a> {
    fit: MmrmFit,
    matrix: ModelMatrix<'a>,
    inference: Inference,
    visit: usize,
}

impl Analysed<'_> {
    /// Arms by visits with the baseline by visits, strata and covariates; means and differences at the
    /// visit of the endpoint.
    pub(super) fn mmrm(&self) -> io::Result<Vec<Finding>> {
        let template = self.template(Category::Comparison, "MMRM");
        let template = template.unit(unit_text(&self.endpoint.unit));
        let participants: u64 = self.study.sums.participants().iter().sum();
        let rows = participants * self.columns.repeats.len() as u64;
        if rows > MOST_IN_MEMORY {
            let note = format!("not computed for more than {MOST_IN_MEMORY} values at once");
            return Ok(self.without_model(&template, S::Difference, &note));
        }
        let long = self.long()?;
        let template = template.with(|f| f.n = Some(long.participants as u64));
        Ok(match self.fitted(&long) {
            Ok(fitted) => self.model_findings(&template, &fitted),
            Err(error) => self.without_model(&template, S::Difference, &reason(error)),
        })
    }

    /// Participants in whom nothing but values at visits is missing.
    fn long(&self) -> io::Result<Long> {
        let places = self.columns;
        let factors = [places.strata.as_slice(), &places.factors].concat();
        let mut columns = vec![places.arm];
        columns.extend(factors.iter().chain(&places.covariates).chain(&places.repeats));
        let (first_covariate, first_repeat) =
            (1 + factors.len(), 1 + factors.len() + places.covariates.len());
        let mut long = Long {
            factors: vec![Vec::new(); factors.len()],
            covariates: vec![Vec::new(); places.covariates.len()],
            ..Long::default()
        };
        self.study.source.read(&columns, &mut |chunk| {
            for row in 0..chunk[0].len() {
                let known = chunk[1..first_repeat].iter().all(|column| column[row].is_finite());
                let Some(arm) = index(chunk[0][row]).filter(|_| known) else { continue };
                let values = chunk[first_repeat..].iter().map(|column| column[row]).enumerate();
                let before = long.response.len();
                for (visit, value) in values.filter(|(_, value)| value.is_finite()) {
                    long.response.push(value);
                    long.visit.push(visit);
                    long.arm.push(arm);
                    long.participant.push(long.participants);
                    for (factor, column) in long.factors.iter_mut().zip(&chunk[1..]) {
                        factor.push(index(column[row]).unwrap_or(0));
                    }
                    for (covariate, column) in
                        long.covariates.iter_mut().zip(&chunk[first_covariate..])
                    {
                        covariate.push(column[row]);
                    }
                }
                long.participants += usize::from(long.response.len() > before);
            }
        })?;
        Ok(long)
    }

    fn fitted<'l>(&self, long: &'l Long) -> StatsResult<Fitted<'l>> {
        let visits = self.columns.repeats.len();
        let arms = self.study.trial.arms.len();
        let mut variables = vec![
            Variable::Factor { codes: &long.arm, levels: arms },
            Variable::Factor { codes: &long.visit, levels: visits },
        ];
        let mut terms = vec![vec![ARM]];
        // One visit alone is no factor, and the model an analysis of covariance.
        let several = visits > 1;
        if several {
            terms.extend([vec![VISIT], vec![ARM, VISIT]]);
        }
        let places = self.columns.strata.iter().chain(&self.columns.factors);
        for (codes, &place) in long.factors.iter().zip(places) {
            let levels = self.study.layout.levels_of(place).unwrap_or(0);
            terms.push(vec![variables.len()]);
            variables.push(Variable::Factor { codes, levels });
        }
        for (k, values) in long.covariates.iter().enumerate() {
            let place = variables.len();
            terms.push(vec![place]);
            let column = self.study.layout.columns()[self.columns.covariates[k]];
            if several && matches!(column, Column::Baseline(_)) {
                terms.push(vec![place, VISIT]);
            }
            variables.push(Variable::Number(values));
        }
        let terms: Vec<&[usize]> = terms.iter().map(Vec::as_slice).collect();
        let matrix = ModelMatrix::new(&variables, &terms)?;
        let fit = mmrm(
            &RepeatedMeasures {
                response: &long.response,
                columns: &matrix.columns(),
                participant: &long.participant,
                visit: &long.visit,
                visits,
            },
            covariance(self.analysis.options.covariance),
        )?;
        let inference = inference(self.analysis.options.df);
        Ok(Fitted { fit, matrix, inference, visit: visits - 1 })
    }

    fn model_findings(&self, template: &Template, fitted: &Fitted<'_>) -> Vec<Finding> {
        let level = self.level();
        let (fit, inference) = (&fitted.fit.fit, fitted.inference);
        let mean = |arm| {
            let weights = fitted.mean(arm);
            self.effect(weights.and_then(|w| fit.contrast(&w, inference, level)))
        };
        let difference = |c: &Comparison| {
            let means = fitted.mean(c.test).and_then(|a| Ok((a, fitted.mean(c.reference)?)));
            self.effect(means.and_then(|(a, b)| fit.difference(&a, &b, inference, level)))
        };
        let contrast = |c: &Contrast| {
            let weights = fitted.contrast(&c.weights);
            self.effect(weights.and_then(|w| fit.contrast(&w, inference, level)))
        };
        self.of_model(template, mean, difference, contrast)
    }
}

impl Fitted<'_> {
    /// The weights of the least-squares mean of an arm at the last visit.
    fn mean(&self, arm: usize) -> StatsResult<Vec<f64>> {
        let at = [(ARM, arm), (VISIT, self.visit)];
        let mean = self.matrix.mean(&at, Margins::Equal);
        mean.map_err(|error| match error {
            StatsError::NoSuchIndex { .. } => StatsError::EmptyArm { arm },
            other => other,
        })
    }

    fn contrast(&self, arms: &[f64]) -> StatsResult<Vec<f64>> {
        let mut sum: Vec<f64> = Vec::new();
        for (arm, weight) in arms.iter().enumerate().filter(|(_, weight)| weight.abs() > 0.0) {
            let mean = self.mean(arm)?;
            sum.resize(mean.len(), 0.0);
            sum.iter_mut().zip(mean).for_each(|(sum, mean)| *sum += weight * mean);
        }
        Ok(sum)
    }
}

fn covariance(structure: VisitCovariance) -> Covariance {
    match structure {
        VisitCovariance::Unstructured => Covariance::Unstructured,
        VisitCovariance::Toeplitz => Covariance::Toeplitz,
        VisitCovariance::HeterogeneousToeplitz => Covariance::HeterogeneousToeplitz,
        VisitCovariance::AutoRegressive => Covariance::AutoRegressive,
        VisitCovariance::HeterogeneousAutoRegressive => Covariance::HeterogeneousAutoRegressive,
        VisitCovariance::CompoundSymmetry => Covariance::CompoundSymmetry,
        VisitCovariance::HeterogeneousCompoundSymmetry => {
            Covariance::HeterogeneousCompoundSymmetry
        }
    }
}

fn inference(df: DegreesOfFreedom) -> Inference {
    match df {
        DegreesOfFreedom::KenwardRoger => Inference::KenwardRogerLinear,
        DegreesOfFreedom::KenwardRoger1997 => Inference::KenwardRoger,
        DegreesOfFreedom::Satterthwaite => Inference::Satterthwaite,
    }
}
