//! Probabilities of rectangles under a multivariate normal distribution, singular ones included.
//!
//! A. Genz (Journal of Computational and Graphical Statistics 1, 1992): with Z = L Y for independent Y,
//! each row of L bounds the last of its variables given those before, so that one dimension after the
//! other is integrated. Up to four independent directions by nested quadrature; from there on by a
//! lattice, which is deterministic too.

use super::{
    integrate, normal_density as density, normal_lower, normal_quantile, normal_upper,
};
use crate::error::Result;
use crate::linear::matrix::Square;

/// A direction with less than this variance of its own is a combination of those before.
const DEPENDENT: f64 = 1e-10;

/// A coefficient smaller than this does not bound a variable.
const NOTHING: f64 = 1e-7;

/// Gauss and Kronrod's rules may differ by this much on one piece of an inner integral.
const TOLERANCE: f64 = 1e-9;

/// Beyond this many standard deviations nothing is left.
const FAR: f64 = 8.5;

/// Points of the lattice.
const POINTS: u32 = 50_000;

/// Up to this many independent directions the integral is nested.
const NESTED: usize = 4;

/// One bounded combination of variables: its coefficients up to the last that is not zero.
struct Bound {
    coefficients: Vec<f64>,
    lower: f64,
    upper: f64,
}

struct Region {
    /// For each variable the bounds of which it is the last.
    by_last: Vec<Vec<Bound>>,
}

/// P(lower < Z < upper) for standard normal variables with this correlation matrix.
pub(crate) fn rectangle(lower: &[f64], upper: &[f64], correlation: &Square) -> Result<f64> {
    let region = Region::new(lower, upper, correlation);
    if region.by_last.len() <= NESTED {
        return Ok(region.nested(&[]));
    }
    region.lattice()
}

impl Region {
    fn new(lower: &[f64], upper: &[f64], correlation: &Square) -> Self {
        let mut rows: Vec<Vec<f64>> = Vec::new();
        let mut pivots: Vec<usize> = Vec::new();
        let mut by_last: Vec<Vec<Bound>> = Vec::new();
        for i in 0..lower.len() {
            let mut row: Vec<f64> = Vec::new();
            for (k, &pivot) in pivots.iter().enumerate() {
                let inner: f64 = (0..k).map(|c| row[c] * rows[pivot][c]).sum();
                row.push((correlation.at(i, pivot) - inner) / rows[pivot][k]);
            }
            let rest = correlation.at(i, i) - row.iter().map(|l| l * l).sum::<f64>();
            if rest > DEPENDENT {
                row.push(rest.sqrt());
                pivots.push(i);
                by_last.push(Vec::new());
            }
            let last = row.iter().rposition(|l| l.abs() > NOTHING).unwrap_or(0);
            let coefficients = row[..=last].to_vec();
            by_last[last].push(Bound { coefficients, lower: lower[i], upper: upper[i] });
            rows.push(row);
        }
        Self { by_last }
    }

    /// What the bounds leave to the next variable.
    fn limits(&self, before: &[f64]) -> (f64, f64) {
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
        for bound in &self.by_last[before.len()] {
            let inner: f64 = bound.coefficients.iter().zip(before).map(|(l, y)| l * y).sum();
            let last = bound.coefficients[before.len()];
            let ends = [(bound.lower - inner) / last, (bound.upper - inner) / last];
            low = low.max(ends[0].min(ends[1]));
            high = high.min(ends[0].max(ends[1]));
        }
        (low, high)
    }

    fn nested(&self, before: &[f64]) -> f64 {
        let (low, high) = self.limits(before);
        if before.len() + 1 == self.by_last.len() {
            return between(low, high);
        }
        integrate(low.max(-FAR), high.min(FAR), TOLERANCE, |y| {
            density(y) * self.nested(&[before, &[y]].concat())
        })
    }

    /// Genz' transformation to the unit cube on the points k sqrt(p_d) modulo 1, folded so that the
    /// integrand is periodic.
    fn lattice(&self) -> Result<f64> {
        let size = self.by_last.len();
        let steps: Vec<f64> = primes(size - 1).map(|p| f64::from(p).sqrt()).collect();
        let mut total = 0.0;
        for point in 1..=POINTS {
            let mut mass = 1.0;
            let mut before = Vec::with_capacity(size);
            for step in steps.iter().map(Some).chain([None]) {
                let (low, high) = self.limits(&before);
                let here = between(low, high);
                mass *= here;
                let Some(step) = step else { break };
                if mass <= 0.0 {
                    break;
                }
                let spread = (f64::from(point) * step).fract();
                let folded = (2.0 * spread - 1.0).abs();
                let p = (normal_lower(low) + folded * here).clamp(1e-300, 1.0 - 1e-16);
                before.push(normal_quantile(p)?);
            }
            total += mass;
        }
        Ok(total / f64::from(POINTS))
    }
}

/// P(low < Z < high), in the tail where it has its digits.
fn between(low: f64, high: f64) -> f64 {
    if low >= high {
        return 0.0;
    }
    if low > 0.0 {
        normal_upper(low) - normal_upper(high)
    } else {
        normal_lower(high) - normal_lower(low)
    }
}

fn primes(count: usize) -> impl Iterator<Item = u32> {
    (2_u32..).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0)).take(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equicorrelated(size: usize, rho: f64) -> Square {
        Square::from_fn(size, |i, j| if i == j { 1.0 } else { rho })
    }

    /// All of n variables with correlation 1/2 are negative with probability 1/(n+1).
    #[test]
    fn orthants_are_known() {
        for size in 2..=5 {
            let (low, high) = (vec![f64::NEG_INFINITY; size], vec![0.0; size]);
            let ours = rectangle(&low, &high, &equicorrelated(size, 0.5)).unwrap();
            let exact = 1.0 / (size as f64 + 1.0);
            let allowed = if size <= NESTED { 1e-9 } else { 1e-4 };
            assert!((ours - exact).abs() < allowed, "{size}: {ours}");
        }
    }

    /// The third variable is the scaled sum of the first two: P(X < 0, Y < 0, X + Y > -1) by hand is
    /// the triangle, found here in one dimension.
    #[test]
    fn a_combination_of_others_bounds_them() {
        let half = 0.5_f64.sqrt();
        let correlation = Square::from_fn(3, |i, j| match (i, j) {
            _ if i == j => 1.0,
            (2, _) | (_, 2) => half,
            _ => 0.0,
        });
        let (low, high) = ([f64::NEG_INFINITY, f64::NEG_INFINITY, -half], [0.0, 0.0, 9.0]);
        let ours = rectangle(&low, &high, &correlation).unwrap();
        let exact =
            integrate(-1.0, 0.0, 1e-13, |x| density(x) * (0.5 - normal_lower(-1.0 - x)));
        assert!((ours - exact).abs() < 1e-9, "{ours} {exact}");
    }
}
