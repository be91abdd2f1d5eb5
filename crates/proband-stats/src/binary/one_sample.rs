//! Intervals for one proportion.

use super::Proportion;
use crate::error::Result;
use crate::estimate::{Interval, Level};
use crate::special::{beta_quantile_lower, beta_quantile_upper};

/// The exact interval: Beta quantiles B(a/2; x, n-x+1) and B(1-a/2; x+1, n-x), with 0 and 1 where
/// x is 0 or n (C. J. Clopper & E. S. Pearson, Biometrika 26, 1934).
pub fn clopper_pearson(proportion: Proportion, level: Level) -> Result<Interval> {
    let (x, rest) = (proportion.x(), proportion.without() as f64);
    let tail = level.tail();
    let lower = if x == 0.0 { 0.0 } else { beta_quantile_lower(tail, x, rest + 1.0)? };
    let upper = if rest == 0.0 { 1.0 } else { beta_quantile_upper(tail, x + 1.0, rest)? };
    Ok(Interval { lower, upper })
}

/// The score interval (E. B. Wilson, JASA 22, 1927): the proportions that a score test does not
/// reject, (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).
pub fn wilson(proportion: Proportion, level: Level) -> Result<Interval> {
    let z = level.z()?;
    let (n, p) = (proportion.n(), proportion.value());
    let share = z * z / n;
    let centre = p + 0.5 * share;
    let half = z * (proportion.variance() + share / (4.0 * n)).sqrt();
    let ends = |value: f64| value / (1.0 + share);
    Ok(Interval {
        lower: if proportion.events() == 0 { 0.0 } else { ends(centre - half).max(0.0) },
        upper: if proportion.without() == 0 { 1.0 } else { ends(centre + half).min(1.0) },
    })
}
