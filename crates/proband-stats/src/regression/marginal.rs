//! What everyone's risk would be under either treatment, from a logistic regression (g-computation).

use super::LogisticFit;
use crate::checks::{at_least, mean, same_length};
use crate::error::{Result, StatsError};
use crate::estimate::{Effect, Estimate, Level, RatioEffect, Reference};
use crate::linear::matrix::Square;
use crate::special::ln;

/// The rows a regression was fitted to, with its columns as they would be under either treatment.
#[derive(Debug, Clone, Copy)]
pub struct Counterfactuals<'a> {
    /// Whether each row was given the active treatment; rows may be on neither.
    pub active: &'a [bool],
    /// Whether each row was given the control treatment.
    pub control: &'a [bool],
    /// The events the regression was fitted to.
    pub events: &'a [bool],
    /// The columns of the regression with every row on the active treatment.
    pub under_active: &'a [&'a [f64]],
    /// The columns of the regression with every row on the control treatment.
    pub under_control: &'a [&'a [f64]],
}

/// What a standard error takes for random.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarginalVariance {
    /// The coefficients, with their sandwich covariance; the covariates of those studied are fixed (M. Ge et
    /// al., Drug Information Journal 45, 2011).
    Conditional,
    /// Coefficients and covariates: the average risk in the population that those studied were drawn from
    /// (T. Ye, M. Bannick, Y. Yi & J. Shao, Statistical Theory and Related Fields 7, 2023). Valid under
    /// simple randomisation whether or not the model is true.
    Unconditional,
}

/// Average risks under both treatments and their comparisons.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarginalRisks {
    /// The average risk under the active treatment.
    pub active: Estimate,
    /// The average risk under the control treatment.
    pub control: Estimate,
    /// Active less control.
    pub difference: Effect,
    /// Active over control.
    pub risk_ratio: RatioEffect,
    /// The ratio of the odds of the average risks (not of the conditional odds).
    pub odds_ratio: RatioEffect,
}

/// Average risks of all rows under both treatments, their difference and ratios, with standard errors by
/// the delta method.
///
/// Fails for shapes that do not fit, below two rows in either arm, and where a risk is 0 or 1.
pub fn marginal_risks(
    fit: &LogisticFit,
    rows: &Counterfactuals<'_>,
    variance: MarginalVariance,
    level: Level,
) -> Result<MarginalRisks> {
    let n = rows.events.len();
    same_length(n, rows.active.len())?;
    same_length(n, rows.control.len())?;
    let under = [predict(fit, rows.under_active, n)?, predict(fit, rows.under_control, n)?];
    let risks = [mean(&under[0])?, mean(&under[1])?];
    let v = match variance {
        MarginalVariance::Conditional => conditional(fit, rows, &under),
        MarginalVariance::Unconditional => unconditional(rows, &under)?,
    };
    compared(risks, &v, level)
}

fn predict(fit: &LogisticFit, columns: &[&[f64]], n: usize) -> Result<Vec<f64>> {
    for column in columns {
        same_length(n, column.len())?;
    }
    let row = |k: usize| columns.iter().map(|c| c[k]).collect::<Vec<_>>();
    (0..n).map(|k| fit.probability(&row(k))).collect()
}

/// D V D' with D the derivatives of both averages by the coefficients.
fn conditional(fit: &LogisticFit, rows: &Counterfactuals<'_>, under: &[Vec<f64>; 2]) -> Square {
    let gradient = |columns: &[&[f64]], risks: &[f64]| -> Vec<f64> {
        let n = risks.len() as f64;
        let slope = |x: &dyn Fn(usize) -> f64| {
            risks.iter().enumerate().map(|(k, p)| p * (1.0 - p) * x(k)).sum::<f64>() / n
        };
        let slopes = columns.iter().map(|column| slope(&|k| column[k]));
        std::iter::once(slope(&|_| 1.0)).chain(slopes).collect()
    };
    let rows =
        [gradient(rows.under_active, &under[0]), gradient(rows.under_control, &under[1])];
    fit.robust.covariance_matrix().sandwiched(&rows)
}

/// Ye et al. (2023), section 3: with pi the share of an arm, Y its outcomes and m its predictions,
/// Var(Y - m)/pi + 2 Cov(Y, m) - Var m on the diagonal, all divided by n.
fn unconditional(rows: &Counterfactuals<'_>, under: &[Vec<f64>; 2]) -> Result<Square> {
    let n = rows.events.len();
    let arms = [rows.active, rows.control].map(|given| {
        let own: Vec<usize> = (0..n).filter(|&k| given[k]).collect();
        own
    });
    for arm in &arms {
        at_least(2, arm.len())?;
    }
    let all: Vec<usize> = (0..n).collect();
    let event = |k: usize| f64::from(u8::from(rows.events[k]));
    let entry = |a: usize, b: usize| {
        let both = covariance(&all, |k| under[a][k], |k| under[b][k]);
        let crossed =
            |own: usize, other: usize| covariance(&arms[own], event, |k| under[other][k]);
        let shared = crossed(a, b) + crossed(b, a) - both;
        if a != b {
            return shared;
        }
        // Var(Y - m) within the arm, with the predictions' part of it over all rows.
        let residual = covariance(&arms[a], event, event) - 2.0 * crossed(a, a) + both;
        residual * n as f64 / arms[a].len() as f64 + shared
    };
    Ok(Square::from_fn(2, |a, b| entry(a, b) / n as f64))
}

/// The covariance over the rows named, with divisor one less than their number.
fn covariance(rows: &[usize], x: impl Fn(usize) -> f64, y: impl Fn(usize) -> f64) -> f64 {
    let n = rows.len() as f64;
    let average = |f: &dyn Fn(usize) -> f64| rows.iter().map(|&k| f(k)).sum::<f64>() / n;
    let (mx, my) = (average(&x), average(&y));
    rows.iter().map(|&k| (x(k) - mx) * (y(k) - my)).sum::<f64>() / (n - 1.0)
}

fn compared(risks: [f64; 2], v: &Square, level: Level) -> Result<MarginalRisks> {
    let [active, control] = risks;
    if risks.iter().any(|&p| p <= 0.0 || p >= 1.0) {
        return Err(StatsError::ZeroVariance);
    }
    let normal = Reference::Normal;
    let effect = |value: f64, by_active: f64, by_control: f64| {
        let se = v.quadratic(&[by_active, by_control]).max(0.0).sqrt();
        Effect::wald(value, se, normal, level)
    };
    let logit = |p: f64| ln(p / (1.0 - p));
    let steep = |p: f64| 1.0 / (p * (1.0 - p));
    Ok(MarginalRisks {
        active: normal.estimate(active, v.at(0, 0).sqrt(), level)?,
        control: normal.estimate(control, v.at(1, 1).sqrt(), level)?,
        difference: effect(active - control, 1.0, -1.0)?,
        risk_ratio: effect(ln(active / control), 1.0 / active, -1.0 / control)?.ratio(),
        odds_ratio: effect(logit(active) - logit(control), steep(active), -steep(control))?
            .ratio(),
    })
}
