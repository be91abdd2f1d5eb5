//! The continual reassessment method (J. O'Quigley, M. Pepe & L. Fisher, Biometrics 46, 1990).

use super::{DoseCounts, Escalation, Next, probabilities};
use crate::checks::{at_least, finite, positive, probability};
use crate::error::{Result, StatsError};
use crate::special::{exp, integrate, ln, root, softplus};

/// How toxicity grows with dose, by one parameter b.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CrmModel {
    /// s^(e^b) for the skeleton s.
    Empiric,
    /// logit = intercept + e^b x, with x such that b = 0 gives the skeleton.
    Logistic {
        /// The intercept, 3 by tradition.
        intercept: f64,
    },
}

/// A skeleton, a model and a target.
#[derive(Debug, Clone, PartialEq)]
pub struct Crm {
    /// Toxicities guessed beforehand, rising.
    pub skeleton: Vec<f64>,
    /// The model.
    pub model: CrmModel,
    /// The toxicity aimed at.
    pub target: f64,
    /// The standard deviation of b a priori, with mean 0.
    pub prior_sd: f64,
}

/// What is known of b and of the toxicities.
#[derive(Debug, Clone, PartialEq)]
pub struct CrmEstimate {
    /// The posterior mean of b, or its maximum likelihood.
    pub b: f64,
    /// The posterior variance, or the inverse observed information.
    pub variance: f64,
    /// The toxicity of each dose at that b: the plug-in of R's dfcrm.
    pub plug_in: Vec<f64>,
    /// The posterior mean of each toxicity; none for maximum likelihood.
    pub mean: Option<Vec<f64>>,
}

/// How many prior standard deviations are integrated over.
const REACH: f64 = 10.0;

/// Beyond this all toxicities are 0 or 1 to rounding, however flat the prior.
const FLAT: f64 = 40.0;

impl CrmModel {
    /// (ln p, ln(1 - p)) at one dose.
    fn logs(self, skeleton: f64, b: f64) -> (f64, f64) {
        match self {
            Self::Empiric => {
                let log = exp(b) * ln(skeleton);
                (log, ln(-crate::special::expm1(log)))
            }
            Self::Logistic { intercept } => {
                let x = ln(skeleton / (1.0 - skeleton)) - intercept;
                let eta = intercept + exp(b) * x;
                let softplus = softplus(eta);
                (eta - softplus, -softplus)
            }
        }
    }
}

impl Crm {
    fn check(&self) -> Result<()> {
        probabilities(&self.skeleton)?;
        crate::checks::increasing(&self.skeleton)?;
        probability(self.target)?;
        positive(self.prior_sd)?;
        match self.model {
            CrmModel::Empiric => Ok(()),
            CrmModel::Logistic { intercept } => finite(intercept).map(|_| ()),
        }
    }

    /// The toxicity of each dose for a value of b.
    pub fn toxicities(&self, b: f64) -> Vec<f64> {
        self.skeleton.iter().map(|&s| exp(self.model.logs(s, b).0)).collect()
    }

    fn log_likelihood(&self, counts: &DoseCounts, b: f64) -> f64 {
        let mut total = 0.0;
        for (dose, &s) in self.skeleton.iter().enumerate() {
            let (toxic, not) =
                (counts.toxic[dose] as f64, (counts.treated[dose] - counts.toxic[dose]) as f64);
            let (yes, no) = self.model.logs(s, b);
            // A dose that nobody had says nothing, whatever its logarithms.
            total += if toxic > 0.0 { toxic * yes } else { 0.0 };
            total += if not > 0.0 { not * no } else { 0.0 };
        }
        total
    }

    /// The posterior with a normal prior for b, by quadrature.
    pub fn posterior(&self, counts: &DoseCounts) -> Result<CrmEstimate> {
        let posterior = Posterior::new(self, counts)?;
        let b = posterior.mean(|b| b);
        let variance = posterior.mean(|x| (x - b) * (x - b));
        let mean = self
            .skeleton
            .iter()
            .map(|&s| posterior.mean(|b| exp(self.model.logs(s, b).0)))
            .collect();
        Ok(CrmEstimate { b, variance, plug_in: self.toxicities(b), mean: Some(mean) })
    }

    /// The dose nearest to the target at the posterior mean of b.
    fn best(&self, counts: &DoseCounts) -> Result<Option<usize>> {
        let b = Posterior::new(self, counts)?.mean(|b| b);
        Ok(self.nearest(&self.toxicities(b)))
    }

    /// The maximum likelihood. Fails without toxicities, and with nothing else: b runs away.
    pub fn maximum_likelihood(&self, counts: &DoseCounts) -> Result<CrmEstimate> {
        self.check()?;
        crate::checks::same_length(self.skeleton.len(), counts.doses())?;
        let toxic: u64 = counts.toxic.iter().sum();
        if toxic == 0 {
            return Err(StatsError::NoEvents);
        }
        if toxic == counts.treated.iter().sum() {
            return Err(StatsError::OnlyEvents);
        }
        let b = root(-10.0, 10.0, |b| Ok(self.slope(counts, b)))?;
        let step = 1e-4;
        let bend = (self.slope(counts, b + step) - self.slope(counts, b - step)) / (2.0 * step);
        Ok(CrmEstimate { b, variance: -1.0 / bend, plug_in: self.toxicities(b), mean: None })
    }

    /// The derivative of the log-likelihood by b.
    fn slope(&self, counts: &DoseCounts, b: f64) -> f64 {
        let mut total = 0.0;
        for (dose, &s) in self.skeleton.iter().enumerate() {
            let (toxic, treated) = (counts.toxic[dose] as f64, counts.treated[dose] as f64);
            let p = exp(self.model.logs(s, b).0);
            total += match self.model {
                // d ln p / db = e^b ln s, and -p/(1-p) times it for ln(1 - p).
                CrmModel::Empiric => {
                    exp(b) * ln(s) * (toxic - (treated - toxic) * p / (1.0 - p))
                }
                CrmModel::Logistic { intercept } => {
                    let x = ln(s / (1.0 - s)) - intercept;
                    exp(b) * x * (toxic - treated * p)
                }
            };
        }
        total
    }

    /// The dose whose toxicity is nearest to the target; of equals the lower.
    pub fn nearest(&self, toxicities: &[f64]) -> Option<usize> {
        let gap = |dose: &usize| (toxicities[*dose] - self.target).abs();
        (0..toxicities.len()).min_by(|a, b| gap(a).total_cmp(&gap(b)))
    }
}

/// The posterior of b, up to a constant.
struct Posterior<'a> {
    crm: &'a Crm,
    counts: &'a DoseCounts,
    reach: f64,
    /// The logarithm at the highest point of a grid, relative to which nothing underflows, and where
    /// that is.
    highest: f64,
    at: f64,
    total: f64,
}

impl<'a> Posterior<'a> {
    fn new(crm: &'a Crm, counts: &'a DoseCounts) -> Result<Self> {
        crm.check()?;
        crate::checks::same_length(crm.skeleton.len(), counts.doses())?;
        let reach = (REACH * crm.prior_sd).min(FLAT);
        let mut posterior =
            Self { crm, counts, reach, highest: f64::NEG_INFINITY, at: 0.0, total: 1.0 };
        for b in (-200..=200).map(|k| reach * f64::from(k) / 200.0) {
            let log = posterior.log(b);
            if log > posterior.highest {
                (posterior.highest, posterior.at) = (log, b);
            }
        }
        posterior.total = posterior.moment(|_| 1.0);
        Ok(posterior)
    }

    fn log(&self, b: f64) -> f64 {
        let sd = self.crm.prior_sd;
        self.crm.log_likelihood(self.counts, b) - 0.5 * (b / sd) * (b / sd)
    }

    fn moment(&self, f: impl Fn(f64) -> f64) -> f64 {
        let integrand = |b: f64| {
            let density = exp(self.log(b) - self.highest);
            if density > 0.0 { density * f(b) } else { 0.0 }
        };
        // Cut at the peak, so that a narrow one is not overlooked.
        integrate(-self.reach, self.at, 1e-12, integrand)
            + integrate(self.at, self.reach, 1e-12, integrand)
    }

    /// The mean of `f`.
    fn mean(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.moment(f) / self.total
    }
}

/// Without skipping a dose that nobody has had.
impl Escalation for Crm {
    fn next(&self, counts: &DoseCounts, dose: usize) -> Result<Next> {
        let best = self.best(counts)?.unwrap_or(dose);
        Ok(Next::Dose(best.min(dose + 1)))
    }

    fn select(&self, counts: &DoseCounts) -> Result<Option<usize>> {
        self.best(counts)
    }
}

/// A skeleton of `doses` doses with the target at dose `start` (from 0), such that each dose is told from the next if their
/// toxicities lie `half_width` on either side of the target (S. Lee & Y. K. Cheung, Clinical Trials 6, 2009).
pub fn skeleton(
    model: CrmModel,
    target: f64,
    half_width: f64,
    start: usize,
    doses: usize,
) -> Result<Vec<f64>> {
    at_least(1, doses)?;
    crate::checks::index_below(doses, start)?;
    probability(target)?;
    let (low, high) =
        (probability(target - positive(half_width)?)?, probability(target + half_width)?);
    // On the scale where p = g(e^b x), neighbours x and y satisfy x e^b = g^-1(high), y e^b = g^-1(low).
    let scale = |p: f64| match model {
        CrmModel::Empiric => ln(p),
        CrmModel::Logistic { intercept } => ln(p / (1.0 - p)) - intercept,
    };
    let back = |x: f64| match model {
        CrmModel::Empiric => exp(x),
        CrmModel::Logistic { intercept } => 1.0 / (1.0 + exp(-intercept - x)),
    };
    if scale(high) >= 0.0 {
        return Err(StatsError::OutOfRange { value: high });
    }
    let ratio = scale(low) / scale(high);
    let x = scale(target);
    Ok((0..doses)
        .map(|dose| {
            let steps = dose as i32 - start as i32;
            back(x / ratio.powi(steps))
        })
        .collect())
}
