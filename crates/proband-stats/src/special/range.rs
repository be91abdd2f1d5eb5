//! The studentized range: the largest of several normal means less the smallest, in units of an
//! independent standard error.

use std::f64::consts::PI;

use super::{exp, ln_1p, normal_upper};

/// Steps of the trapezoidal rule in standard deviations. Both integrands are analytic and fall off
/// like a normal density, for which the rule's error at this step is below 1e-16 (L. N. Trefethen & J. A.
/// C. Weideman, SIAM Review 56, 2014).
const STEP: f64 = 0.1;

/// A normal density this far out is below 1e-22 of its top.
const FAR: f64 = 10.0;

/// P(range > `q`) for `groups` means, with a standard error on `df` degrees of freedom (J. Tukey
/// 1953; M. D. Copenhaver & B. Holland, Journal of Statistical Computation and Simulation 30, 1988).
/// Exact to rounding down to about 1e-20.
pub(crate) fn studentized_range_upper(q: f64, groups: f64, df: f64) -> f64 {
    // The standard error is e^u, with density proportional to exp(df (u - e^2u / 2)).
    let log_density = |u: f64| df * (u - 0.5 * exp(2.0 * u) + 0.5);
    let step = STEP / (2.0 * df).sqrt().max(1.0);
    let (mut tail, mut total) = (0.0, 0.0);
    for direction in [-1.0, 1.0] {
        let mut k = if direction < 0.0 { 0.0 } else { 1.0 };
        loop {
            let u = direction * k * step;
            let log = log_density(u);
            if log < -0.5 * FAR * FAR {
                break;
            }
            let weight = exp(log);
            total += weight;
            tail += weight * range_upper(q * exp(u), groups);
            k += 1.0;
        }
    }
    tail / total
}

/// P(range > w) for normal means with standard error 1: the integral over the largest of
/// k phi(z) (Phi(z)^(k-1) - (Phi(z) - Phi(z-w))^(k-1)).
fn range_upper(w: f64, groups: f64) -> f64 {
    let count = ((2.0 * FAR + w) / STEP).ceil() as usize;
    let at = |k: usize| {
        let z = -FAR + k as f64 * STEP;
        let below = normal_upper(-z);
        let share = (normal_upper(w - z) / below).min(1.0);
        // 1 - (1 - share)^(k-1) without cancellation.
        let missed = -super::expm1((groups - 1.0) * ln_1p(-share));
        exp(-0.5 * z * z) * super::pow(below, groups - 1.0) * missed
    };
    (groups * STEP / (2.0 * PI).sqrt() * (0..=count).map(at).sum::<f64>()).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::super::{normal_two_sided, t_two_sided};
    use super::*;

    /// The range of two means is sqrt(2) |t|.
    #[test]
    fn two_groups_are_a_t_test() {
        for df in [1.0, 3.0, 45.0, 1e5] {
            for t in [0.1, 1.0, 2.5, 6.0] {
                let ours = studentized_range_upper(t * 2.0_f64.sqrt(), 2.0, df);
                let exact = t_two_sided(t, df).unwrap();
                assert!((ours / exact - 1.0).abs() < 1e-9, "{df} {t}: {ours} {exact}");
            }
        }
        let far = range_upper(8.0 * 2.0_f64.sqrt(), 2.0);
        assert!((far / normal_two_sided(8.0) - 1.0).abs() < 1e-10);
    }

    /// The 5 % points of Tukey's table (H. L. Harter, *Order Statistics and their Use in Testing and
    /// Estimation* I, 1970), four digits.
    #[test]
    fn published_points() {
        for (groups, df, q) in [(3.0, 10.0, 3.877), (5.0, 20.0, 4.232), (10.0, 5.0, 6.995)] {
            assert!((studentized_range_upper(q, groups, df) - 0.05).abs() < 5e-5);
        }
    }
}
