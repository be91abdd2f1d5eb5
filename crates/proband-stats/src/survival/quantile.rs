//! Where a curve or its limits cross a probability.

/// A quantile of time to event; an end is none where the curve does not come down to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileTime {
    /// The time.
    pub value: Option<f64>,
    /// The lower confidence limit.
    pub lower: Option<f64>,
    /// The upper confidence limit.
    pub upper: Option<f64>,
}

/// Survival within this of 1 - p counts as equal to it; R's `quantile.survfit` uses the square root
/// of the machine epsilon too.
const LEVEL_WITH: f64 = 1.490_116_119_384_765_6e-8;

/// The first time at which the curve is at or below 1 - p; the middle of the stretch if it is level
/// there. Points without a value are skipped.
pub(super) fn crossing(
    times: impl Iterator<Item = f64>,
    curve: impl Iterator<Item = Option<f64>>,
    p: f64,
) -> Option<f64> {
    let target = 1.0 - p;
    let mut level_since: Option<f64> = None;
    let mut last = None;
    for (time, value) in times.zip(curve) {
        last = Some(time);
        let Some(value) = value else { continue };
        if value < target - LEVEL_WITH {
            return Some(level_since.map_or(time, |start| 0.5 * (start + time)));
        }
        if level_since.is_none() && value <= target + LEVEL_WITH {
            level_since = Some(time);
        }
    }
    level_since.zip(last).map(|(start, end)| 0.5 * (start + end))
}
