//! One statistic of the trial over the repetitions.

use super::characteristic::{Characteristic, Measure};
use super::null;
use crate::finding::{Category, Finding};
use proband_math::{exp, ln, normal_quantile};
use proband_stats::Level;
use proband_stats::binary::{Proportion, clopper_pearson};
use proband_stats::descriptive::Moments;
use proband_trial::Trial;

/// The sums of one statistic.
#[derive(Clone, Debug)]
pub(super) struct Statistic {
    /// The first finding of it.
    pub(super) of: Finding,
    /// What a p-value is compared with.
    alpha: f64,
    /// Whether it is known that there is no effect.
    is_null: bool,
    /// On the scale of the estimates, where it is known.
    truth: Option<f64>,
    repetitions: u64,
    /// Repetitions in which it was tested at all.
    tested: u64,
    rejected: u64,
    estimates: Moments,
    /// Squares of the standard errors that the analysis gives.
    variances: Moments,
    squared_errors: Moments,
    intervals: u64,
    covering: u64,
}

/// The value of a measure.
struct Value {
    estimate: f64,
    standard_error: Option<f64>,
    /// In which the wanted precision is counted.
    scale: f64,
    n: u64,
}

impl Statistic {
    pub(super) fn new(trial: &Trial, finding: &Finding) -> Self {
        let is_null = null::is_null(trial, finding);
        let mut statistic = Self {
            of: finding.clone(),
            alpha: trial.level_of(&finding.analysis),
            is_null,
            truth: null::value(finding.statistic).filter(|_| is_null),
            repetitions: 0,
            tested: 0,
            rejected: 0,
            estimates: Moments::new(),
            variances: Moments::new(),
            squared_errors: Moments::new(),
            intervals: 0,
            covering: 0,
        };
        let known =
            finding.truth.map(|truth| if statistic.is_ratio() { ln(truth) } else { truth });
        statistic.truth = statistic.truth.or(known);
        statistic
    }

    pub(super) fn push(&mut self, finding: &Finding) {
        self.repetitions += 1;
        let decided = finding.rejected.or(finding.p_value.map(|p| p <= self.alpha));
        self.tested += u64::from(decided.is_some());
        self.rejected += u64::from(decided == Some(true));
        let is_ratio = self.is_ratio();
        let scale = |value: f64| if is_ratio { ln(value) } else { value };
        let Some(estimate) = finding.estimate.map(scale).filter(|v| v.is_finite()) else {
            return;
        };
        let push = |moments: &mut Moments, value: f64| _ = moments.push(value);
        push(&mut self.estimates, estimate);
        push(&mut self.variances, finding.standard_error.map_or(f64::NAN, |se| se * se));
        if let Some(truth) = self.truth {
            push(&mut self.squared_errors, (estimate - truth) * (estimate - truth));
            if let (Some(lower), Some(upper)) = (finding.lower, finding.upper) {
                self.intervals += 1;
                self.covering += u64::from(scale(lower) <= truth && truth <= scale(upper));
            }
        }
    }

    /// The sum of the estimates.
    pub(super) fn total(&self) -> f64 {
        self.estimates.mean().map_or(0.0, |mean| mean * self.estimates.n() as f64)
    }

    /// Ratios are characterised by their logarithms.
    fn is_ratio(&self) -> bool {
        self.of.statistic.is_ratio()
    }

    /// Every measure; `courses` are the repetitions of a trial with looks.
    pub(super) fn characteristics(&self, trial: &Trial, courses: u64) -> Vec<Characteristic> {
        let rejection = match (self.is_null, trial.simulation.uncertainty) {
            (true, _) => Measure::TypeIError,
            (false, true) => Measure::Assurance,
            (false, false) => Measure::Power,
        };
        let compared = self.of.category == Category::Comparison;
        let mut told = Vec::new();
        if compared && self.tested > 0 {
            let rejected = share(self.rejected, self.repetitions);
            told.extend(rejected.map(|value| (rejection, value)));
        }
        if self.of.category == Category::Look && self.of.statistic.may_come() {
            let came = share(self.repetitions, courses);
            told.extend(came.map(|value| (Measure::Probability, value)));
        }
        told.extend(self.mean().map(|value| (Measure::Mean, value)));
        told.extend(self.empirical_se().map(|value| (Measure::EmpiricalSe, value)));
        if compared {
            told.extend(self.model_se().map(|value| (Measure::ModelSe, value)));
            told.extend(self.bias().map(|value| (Measure::Bias, value)));
            told.extend(self.mean_squared_error().map(|v| (Measure::MeanSquaredError, v)));
            let covered = share(self.covering, self.intervals);
            told.extend(covered.map(|value| (Measure::Coverage, value)));
        }
        told.into_iter().map(|(measure, value)| self.told(trial, measure, value)).collect()
    }

    fn mean(&self) -> Option<Value> {
        let estimates = &self.estimates;
        let (mean, sd) = (estimates.mean().ok()?, estimates.sd().ok());
        let scale =
            if self.of.category == Category::Comparison { sd } else { Some(mean.abs()) };
        let standard_error = estimates.se().ok();
        Some(Value {
            estimate: mean,
            standard_error,
            scale: scale.unwrap_or(f64::NAN),
            n: estimates.n(),
        })
    }

    fn empirical_se(&self) -> Option<Value> {
        let (sd, n) = (self.estimates.sd().ok()?, self.estimates.n());
        let standard_error = Some(sd / (2.0 * (n - 1) as f64).sqrt());
        Some(Value { estimate: sd, standard_error, scale: sd, n })
    }

    fn model_se(&self) -> Option<Value> {
        let (mean, n) = (self.variances.mean().ok()?, self.variances.n());
        let se = mean.sqrt();
        let spread = self.variances.variance().ok();
        let standard_error = spread.map(|spread| (spread / (4.0 * n as f64 * mean)).sqrt());
        Some(Value { estimate: se, standard_error, scale: se, n })
    }

    fn bias(&self) -> Option<Value> {
        let (truth, mean) = (self.truth?, self.mean()?);
        Some(Value { estimate: mean.estimate - truth, ..mean })
    }

    fn mean_squared_error(&self) -> Option<Value> {
        let errors = &self.squared_errors;
        let (mean, n) = (errors.mean().ok()?, errors.n());
        Some(Value { estimate: mean, standard_error: errors.se().ok(), scale: mean, n })
    }

    fn told(&self, trial: &Trial, measure: Measure, value: Value) -> Characteristic {
        let wanted = trial.simulation.precision;
        let mut told = Characteristic::of(&trial.scenario, &self.of, measure);
        (told.n, told.estimate) = (value.n, value.estimate);
        told.standard_error = value.standard_error.filter(|se| se.is_finite());
        let (limits, needed) = match (measure.is_share(), told.standard_error) {
            (true, _) => {
                let limits = of_share(value.estimate, value.n);
                let needed = |limits| needed_of_share(value.estimate, limits, wanted);
                (limits, limits.and_then(needed))
            }
            (false, Some(se)) => {
                let times = se / (wanted * value.scale);
                (Some(around(value.estimate, se)), needed(value.n as f64 * times * times))
            }
            (false, None) => (None, None),
        };
        ((told.lower, told.upper), told.needed) = (limits.unzip(), needed);
        if self.is_ratio() && measure == Measure::Mean {
            told.estimate = exp(told.estimate);
            (told.lower, told.upper) = (told.lower.map(exp), told.upper.map(exp));
        }
        let lost = self.repetitions - value.n.min(self.repetitions);
        if lost > 0 {
            told.note = Some(format!("{lost} of {} repetitions gave none", self.repetitions));
        }
        told
    }
}

/// A share of the repetitions.
fn share(count: u64, n: u64) -> Option<Value> {
    let share = count as f64 / n as f64;
    let standard_error = Some((share * (1.0 - share) / n as f64).sqrt());
    (n > 0).then_some(Value { estimate: share, standard_error, scale: 1.0, n })
}

/// The exact interval of a share.
fn of_share(share: f64, n: u64) -> Option<(f64, f64)> {
    let proportion = Proportion::new((share * n as f64).round() as u64, n).ok()?;
    let interval = clopper_pearson(proportion, Level::P95).ok()?;
    Some((interval.lower, interval.upper))
}

fn around(estimate: f64, se: f64) -> (f64, f64) {
    let half = normal_quantile(0.975) * se;
    (estimate - half, estimate + half)
}

/// Repetitions that give a share this Monte Carlo standard error. Where none or all were counted, the
/// share is taken to be at the limit of its interval that is nearest to a half.
fn needed_of_share(share: f64, (lower, upper): (f64, f64), wanted: f64) -> Option<u64> {
    let share = match share {
        none if none <= 0.0 => upper.min(0.5),
        all if all >= 1.0 => lower.max(0.5),
        some => some,
    };
    needed(share * (1.0 - share) / (wanted * wanted))
}

fn needed(repetitions: f64) -> Option<u64> {
    (repetitions.is_finite() && repetitions <= i32::MAX.into())
        .then(|| repetitions.ceil() as u64)
}
