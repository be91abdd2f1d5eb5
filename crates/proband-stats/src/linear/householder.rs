//! QR of centred columns by Householder's reflections.

use super::{Factored, matrix::Lower};
use crate::checks::{mean, not_overflown};
use crate::error::{Result, StatsError};

/// A column that keeps less than this share of its length after the columns before it are
/// projected out is taken for redundant; R's `lm` uses the same number.
const COLLINEAR: f64 = 1e-7;

/// A column whose deviations are this small beside its mean is constant but for rounding.
const CONSTANT: f64 = 1e-13;

/// Residuals this small beside the response are rounding: the fit is exact.
const EXACT_FIT: f64 = 1e-14;

/// Factors the centred design and projects the centred response.
pub(super) fn factor(columns: &[&[f64]], y: &[f64]) -> Result<Factored> {
    let n = y.len();
    let column_means: Vec<f64> = columns.iter().map(|c| mean(c)).collect::<Result<_>>()?;
    let mut design: Vec<Vec<f64>> = columns
        .iter()
        .zip(&column_means)
        .map(|(c, m)| c.iter().map(|v| v - m).collect())
        .collect();
    let y_mean = mean(y)?;
    let mut response: Vec<f64> = y.iter().map(|v| v - y_mean).collect();
    let total_squares = squares(&response);
    let lengths: Vec<f64> = design.iter().map(|c| squares(c).sqrt()).collect();
    let mut diagonal = Vec::with_capacity(columns.len());
    for j in 0..design.len() {
        let rounding = CONSTANT * column_means[j].abs() * (n as f64).sqrt();
        let rest = not_overflown(squares(&design[j][j..]).sqrt())?;
        if rest <= (COLLINEAR * lengths[j]).max(rounding) {
            return Err(StatsError::Singular { column: j });
        }
        diagonal.push(reflect(&mut design, &mut response, j, rest));
    }
    let p = design.len();
    let residual = squares(&response[p..]);
    let exact = residual <= EXACT_FIT * EXACT_FIT * total_squares;
    Ok(Factored {
        n: n as u64,
        column_means,
        y_mean,
        // R is upper triangular; L = R'. Its diagonal may be negative, which L L' does not see.
        lower: Lower::from_fn(p, |i, j| if i == j { diagonal[i] } else { design[i][j] }),
        z: response[..p].to_vec(),
        residual_squares: if exact { 0.0 } else { residual },
        total_squares,
    })
}

/// Reflects column j onto axis j and applies the reflection to what follows; returns R_jj.
fn reflect(design: &mut [Vec<f64>], response: &mut [f64], j: usize, length: f64) -> f64 {
    let (done, rest) = design.split_at_mut(j + 1);
    let v = &mut done[j][j..];
    let diagonal = if v[0] > 0.0 { -length } else { length };
    v[0] -= diagonal;
    // v'v = 2 length (length + |x_0|) without cancellation.
    let norm = -diagonal * v[0];
    for column in rest.iter_mut().map(Vec::as_mut_slice).chain([response]) {
        let target = &mut column[j..];
        let factor = v.iter().zip(target.iter()).map(|(a, b)| a * b).sum::<f64>() / norm;
        for (t, a) in target.iter_mut().zip(v.iter()) {
            *t -= factor * a;
        }
    }
    diagonal
}

fn squares(values: &[f64]) -> f64 {
    values.iter().map(|v| v * v).sum()
}
