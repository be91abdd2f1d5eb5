//! The mixed model for repeated measures.

use super::means::{ARM, Means};
use super::template::{Template, reason};
use super::{Analysed, unit_text};
use crate::accumulator::index;
use crate::finding::{Category, Finding, StatisticName as S};
use crate::layout::Column;
use crate::rows::{MOST_IN_MEMORY, take_constants};
use proband_stats::Result as StatsResult;
use proband_stats::mixed::{Covariance, Inference, MixedFit, RepeatedMeasures, mmrm};
use proband_stats::model_matrix::{ModelMatrix, Variable};
use proband_trial::{Analysis, Comparison, Contrast, DegreesOfFreedom, VisitCovariance};
use std::io;

/// The place of visits among the variables, after the arms; those of the analysis follow.
pub(super) const VISIT: usize = 1;

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

/// A model of all visits, which the analyses at each of them have in common.
pub(super) struct Model<'a> {
    of: &'a Analysis,
    /// What is told of it beside its estimates.
    n: u64,
    note: Option<String>,
    fitted: StatsResult<Fitted>,
}

/// What was fitted, and the means by visit.
struct Fitted {
    fit: MixedFit,
    means: Vec<Means>,
}

impl<'a> Analysed<'a> {
    /// Arms by visits with the baseline by visits, strata and covariates; means and differences at the
    /// visit of the endpoint. `models` are those that were fitted before.
    pub(super) fn mmrm(&self, models: &mut Vec<Model<'a>>) -> io::Result<Vec<Finding>> {
        let template = self.template(Category::Comparison, "MMRM");
        let template = template.unit(unit_text(&self.endpoint.unit));
        if let Some(note) = self.too_many() {
            return Ok(self.without_model(&template, S::Difference, &note));
        }
        let known =
            models.iter().position(|model| is_at_another_visit(model.of, self.analysis));
        let place = known.unwrap_or(models.len());
        if known.is_none() {
            models.push(self.model()?);
        }
        let model = &models[place];
        let template = template.with(|f| {
            f.n = Some(model.n);
            f.note.clone_from(&model.note);
        });
        Ok(match &model.fitted {
            Ok(fitted) => self.model_findings(&template, fitted),
            Err(error) => self.without_model(&template, S::Difference, &reason(*error)),
        })
    }

    fn model(&self) -> io::Result<Model<'a>> {
        let repeated = self.repeated()?;
        let seen = repeated.long(|value| value.is_finite());
        Ok(Model {
            of: self.analysis,
            n: seen.participants(),
            note: self.left_out(&repeated.constant),
            fitted: self.fitted(&repeated, &seen),
        })
    }
}

/// Whether two analyses are one at different visits, of the same people.
fn is_at_another_visit(a: &Analysis, b: &Analysis) -> bool {
    let level = |of: &Analysis| of.subgroup.as_ref().map(|of| (of.text.clone(), of.level));
    a.id == b.id && a.endpoint == b.endpoint && level(a) == level(b)
}

impl Analysed<'_> {
    /// Which of the visits is told of: the analysis's own, or the last.
    pub(super) fn visit(&self) -> usize {
        let repeats = &self.analysis.repeats;
        let at = self.analysis.at.as_ref().map(|at| at.encounter);
        let visit = repeats.iter().position(|repeat| Some(repeat.encounter) == at);
        visit.unwrap_or(repeats.len() - 1)
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

    fn fitted(&self, all: &Repeated, long: &Long) -> StatsResult<Fitted> {
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
        let arms = self.study.trial.arms.len();
        let at = |visit| Means::of(&matrix, arms, &[(VISIT, visit)]);
        Ok(Fitted { fit: fit.fit, means: (0..all.visits).map(at).collect() })
    }

    fn model_findings(&self, template: &Template, fitted: &Fitted) -> Vec<Finding> {
        let (level, inference) = (self.level(), inference(self.analysis.options.df));
        let (fit, means) = (&fitted.fit, &fitted.means[self.visit()]);
        let mean = |arm| {
            let weights = means.of_arm(arm);
            self.effect(weights.and_then(|w| fit.contrast(w, inference, level)))
        };
        let difference = |c: &Comparison| {
            let both = means.of_both(c.test, c.reference);
            self.effect(both.and_then(|(a, b)| fit.difference(a, b, inference, level)))
        };
        let contrast = |c: &Contrast| {
            let weights = means.contrast(&c.weights);
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

impl Long {
    /// How many participants have a row; those of one stand together.
    pub(super) fn participants(&self) -> u64 {
        self.participant.chunk_by(|a, b| a == b).count() as u64
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
