//! The mixed model for repeated measures.

use super::template::{Template, reason};
use super::{Analysed, unit_text};
use crate::accumulator::index;
use crate::finding::{Category, Finding, StatisticName as S};
use crate::layout::Column;
use crate::rows::{MOST_IN_MEMORY, take_constants};
use proband_stats::mixed::{Covariance, Inference, MmrmFit, RepeatedMeasures, mmrm};
use proband_stats::model_matrix::{Margins, ModelMatrix, Variable};
use proband_stats::{Result as StatsResult, StatsError};
use proband_trial::{Comparison, Contrast, DegreesOfFreedom, VisitCovariance};
use std::collections::BTreeSet;
use std::io;

/// Places of the variables of every model; those of the analysis follow.
pub(super) const ARM: usize = 0;
const VISIT: usize = 1;

/// Participants by visits: those in whom nothing but values at visits is missing.
#[derive(Default)]
pub(super) struct Repeated {
    pub(super) visits: usize,
    pub(super) arm: Vec<usize>,
    /// Levels, by factor: strata, then covariates that are levels.
    pub(super) factors: Vec<Vec<usize>>,
    /// Numbers, by covariate, without those that are the same for everybody.
    pub(super) covariates: Vec<Vec<f64>>,
    /// Covariates that are the same for everybody.
    pub(super) constant: Vec<usize>,
    /// Which of the covariates that are left is the baseline.
    baseline: Option<usize>,
    /// The value of each participant at each visit, one participant after the other; NaN where it is missing.
    pub(super) response: Vec<f64>,
    /// When each stopped treatment, where it was asked for.
    pub(super) stopped: Vec<f64>,
}

/// One row a participant and visit.
pub(super) struct Long {
    pub(super) cells: Vec<usize>,
    pub(super) participant: Vec<usize>,
    pub(super) visit: Vec<usize>,
    pub(super) arm: Vec<usize>,
    factors: Vec<Vec<usize>>,
    covariates: Vec<Vec<f64>>,
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
        if let Some(note) = self.too_many() {
            return Ok(self.without_model(&template, S::Difference, &note));
        }
        let repeated = self.repeated()?;
        let seen = repeated.long(|value| value.is_finite());
        let template = template.with(|f| {
            let participants: BTreeSet<usize> = seen.participant.iter().copied().collect();
            f.n = Some(participants.len() as u64);
            f.note = self.left_out(&repeated.constant);
        });
        Ok(match self.fitted(&repeated, &seen) {
            Ok(fitted) => self.model_findings(&template, &fitted),
            Err(error) => self.without_model(&template, S::Difference, &reason(error)),
        })
    }

    /// Why the values at visits are not held at once, if there are too many.
    pub(super) fn too_many(&self) -> Option<String> {
        let participants: u64 = self.study.sums.participants().iter().sum();
        let values = participants * self.columns.repeats.len() as u64;
        let note = || format!("not computed for more than {MOST_IN_MEMORY} values at once");
        (values > MOST_IN_MEMORY).then(note)
    }

    /// Participants in whom nothing but values at visits is missing.
    pub(super) fn repeated(&self) -> io::Result<Repeated> {
        let places = self.columns;
        let factors = [places.strata.as_slice(), &places.factors].concat();
        let mut columns = vec![places.arm];
        let known = factors.iter().chain(&places.covariates);
        columns.extend(known.chain(&places.repeats).chain(&places.stopped));
        let first_covariate = 1 + factors.len();
        let first_repeat = first_covariate + places.covariates.len();
        let first_stop = first_repeat + places.repeats.len();
        let mut all = Repeated {
            visits: places.repeats.len(),
            factors: vec![Vec::new(); factors.len()],
            covariates: vec![Vec::new(); places.covariates.len()],
            ..Repeated::default()
        };
        self.study.source.read(&columns, &mut |chunk| {
            let cell = |column: usize, row: usize| chunk[column][row];
            for row in 0..chunk[0].len() {
                let value = |column: usize| cell(column, row);
                let known = (1..first_repeat).all(|column| value(column).is_finite())
                    && (first_stop..columns.len()).all(|column| !value(column).is_nan());
                let Some(arm) = index(value(0)).filter(|_| known) else { continue };
                all.arm.push(arm);
                all.response.extend((first_repeat..first_stop).map(value));
                all.stopped.extend((first_stop..columns.len()).map(value));
                for (factor, column) in all.factors.iter_mut().zip(1..) {
                    factor.push(index(value(column)).unwrap_or(0));
                }
                for (covariate, column) in all.covariates.iter_mut().zip(first_covariate..) {
                    covariate.push(value(column));
                }
            }
        })?;
        all.constant = take_constants(&mut all.covariates);
        let left = (0..places.covariates.len()).filter(|k| !all.constant.contains(k));
        let is_baseline = |k: usize| {
            matches!(self.study.layout.columns()[places.covariates[k]], Column::Baseline(_))
        };
        all.baseline = left.into_iter().position(is_baseline);
        Ok(all)
    }

    /// Arms by visits with the baseline by visits, strata and covariates.
    pub(super) fn matrix<'l>(
        &self,
        all: &Repeated,
        long: &'l Long,
        off_treatment: Option<&'l [usize]>,
    ) -> StatsResult<ModelMatrix<'l>> {
        let arms = self.study.trial.arms.len();
        let mut variables = vec![
            Variable::Factor { codes: &long.arm, levels: arms },
            Variable::Factor { codes: &long.visit, levels: all.visits },
        ];
        let mut terms = vec![vec![ARM]];
        // One visit alone is no factor, and the model an analysis of covariance.
        if all.visits > 1 {
            terms.extend([vec![VISIT], vec![ARM, VISIT]]);
        }
        self.adjust_for(all, long, &mut variables, &mut terms);
        if let Some(codes) = off_treatment {
            let place = variables.len();
            terms.extend([vec![place], vec![ARM, place]]);
            variables.push(Variable::Factor { codes, levels: 2 });
        }
        let terms: Vec<&[usize]> = terms.iter().map(Vec::as_slice).collect();
        ModelMatrix::new(&variables, &terms)
    }

    /// Adds strata and covariates to a model, and, where visits are a factor, the baseline by visits.
    pub(super) fn adjust_for<'l>(
        &self,
        all: &Repeated,
        long: &'l Long,
        variables: &mut Vec<Variable<'l>>,
        terms: &mut Vec<Vec<usize>>,
    ) {
        let by_visit =
            terms.contains(&vec![VISIT]) && matches!(variables[VISIT], Variable::Factor { .. });
        let places = self.columns.strata.iter().chain(&self.columns.factors);
        for (codes, &place) in long.factors.iter().zip(places) {
            let levels = self.study.layout.levels_of(place).unwrap_or(0);
            terms.push(vec![variables.len()]);
            variables.push(Variable::Factor { codes, levels });
        }
        for (k, values) in long.covariates.iter().enumerate() {
            let place = variables.len();
            terms.push(vec![place]);
            if by_visit && all.baseline == Some(k) {
                terms.push(vec![place, VISIT]);
            }
            variables.push(Variable::Number(values));
        }
    }

    fn fitted<'l>(&self, all: &Repeated, long: &'l Long) -> StatsResult<Fitted<'l>> {
        let response: Vec<f64> = long.cells.iter().map(|&cell| all.response[cell]).collect();
        let matrix = self.matrix(all, long, None)?;
        let fit = mmrm(
            &RepeatedMeasures {
                response: &response,
                columns: &matrix.columns(),
                participant: &long.participant,
                visit: &long.visit,
                visits: all.visits,
            },
            covariance(self.analysis.options.covariance),
        )?;
        let inference = inference(self.analysis.options.df);
        let repeats = &self.analysis.repeats;
        let at = self.analysis.at.as_ref().map(|at| at.encounter);
        let visit = repeats.iter().position(|repeat| Some(repeat.encounter) == at);
        Ok(Fitted { fit, matrix, inference, visit: visit.unwrap_or(all.visits - 1) })
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

impl Repeated {
    pub(super) fn participants(&self) -> usize {
        self.arm.len()
    }

    /// A row for each visit whose value is wanted.
    pub(super) fn long(&self, wanted: impl Fn(f64) -> bool) -> Long {
        let all = 0..self.response.len();
        let cells: Vec<usize> = all.filter(|&cell| wanted(self.response[cell])).collect();
        let participant: Vec<usize> = cells.iter().map(|cell| cell / self.visits).collect();
        let codes = |of: &Vec<usize>| participant.iter().map(|&p| of[p]).collect();
        let numbers = |of: &Vec<f64>| participant.iter().map(|&p| of[p]).collect();
        Long {
            visit: cells.iter().map(|cell| cell % self.visits).collect(),
            arm: codes(&self.arm),
            factors: self.factors.iter().map(codes).collect(),
            covariates: self.covariates.iter().map(numbers).collect(),
            participant,
            cells,
        }
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

pub(super) fn covariance(structure: VisitCovariance) -> Covariance {
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

pub(super) fn inference(df: DegreesOfFreedom) -> Inference {
    match df {
        DegreesOfFreedom::KenwardRoger => Inference::KenwardRogerLinear,
        DegreesOfFreedom::KenwardRoger1997 => Inference::KenwardRoger,
        DegreesOfFreedom::Satterthwaite => Inference::Satterthwaite,
    }
}
