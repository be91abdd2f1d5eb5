//! Numbers with no digits beyond their uncertainty.

use proband_analysis::{Finding, StatisticName as S};

/// No more decimals than a double holds of numbers about 1.
const MOST_DECIMALS: i32 = 15;

/// 97.5 % of the standard normal: half a 95 % interval in standard errors.
const HALF_WIDTH: f64 = 1.96;

/// The decimals that a standard error supports: those of its second digit (JCGM 100:2008, *Guide to
/// the expression of uncertainty in measurement*, section 7.2.6). Negative ones round to tens and
/// hundreds.
pub(crate) fn decimals_of(se: f64) -> Option<i32> {
    if !(se > 0.0 && se.is_finite()) {
        return None;
    }
    // "{:e}" rounds to two digits first, so that 0.0996 counts as 0.10.
    let text = format!("{se:.1e}");
    let exponent: i32 = text.split_once('e')?.1.parse().ok()?;
    Some((1 - exponent).min(MOST_DECIMALS))
}

/// A number with so many decimals, and thousands apart.
pub(crate) fn fixed(value: f64, decimals: i32) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "no limit" } else { "-no limit" }.to_owned();
    }
    let rounded = if decimals < 0 { round_to_tens(value, -decimals) } else { value };
    let text = format!("{rounded:.*}", usize::try_from(decimals).unwrap_or(0));
    let text = grouped(&text);
    // -0.0 says that something was below zero, which nobody could see.
    let zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if zero { text.trim_start_matches('-').to_owned() } else { text }
}

fn round_to_tens(value: f64, tens: i32) -> f64 {
    let step: f64 = (0..tens).map(|_| 10.0).product();
    (value / step).round() * step
}

/// 12345.6 to 12,345.6.
fn grouped(text: &str) -> String {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(w, f)| (w, Some(f)));
    let mut out = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    fraction.map_or(out.clone(), |fraction| format!("{out}.{fraction}"))
}

/// A whole number.
pub(crate) fn count(value: f64) -> String {
    fixed(value, 0)
}

/// A number of unknown uncertainty: four digits.
pub(crate) fn plain(value: f64) -> String {
    fixed(value, plain_decimals(value))
}

fn plain_decimals(value: f64) -> i32 {
    let text = format!("{:.3e}", value.abs());
    let exponent = text.split_once('e').and_then(|(_, e)| e.parse::<i32>().ok()).unwrap_or(0);
    if value.fract().abs() > 0.0 { (3 - exponent).clamp(0, MOST_DECIMALS) } else { 0 }
}

/// The decimals of a finding: by its standard error on the scale of the estimate, or by its interval.
pub(crate) fn decimals(finding: &Finding) -> Option<i32> {
    uncertainty(finding).and_then(decimals_of)
}

fn uncertainty(finding: &Finding) -> Option<f64> {
    // The standard error of a ratio is that of its logarithm; the interval is on the scale shown.
    let limits =
        finding.lower.zip(finding.upper).filter(|(l, u)| l.is_finite() && u.is_finite());
    let half = limits.map(|(lower, upper)| (upper - lower) / (2.0 * HALF_WIDTH));
    half.filter(|half| *half > 0.0).or(finding.standard_error)
}

/// The estimate with the digits it deserves.
pub(crate) fn estimate(finding: &Finding) -> String {
    estimate_beside(finding, None)
}

/// The same; an estimate without an uncertainty of its own gets the decimals of what it stands beside.
pub(crate) fn estimate_beside(finding: &Finding, beside: Option<i32>) -> String {
    let Some(value) = finding.estimate else {
        return if finding.p_value.is_some() { "" } else { MISSING }.to_owned();
    };
    match decimals(finding).or(beside) {
        Some(decimals) => fixed(value, decimals),
        None => plain(value),
    }
}

/// The standard error on the scale of the estimate; nothing for a ratio, whose standard error is
/// that of its logarithm.
pub(crate) fn standard_error(finding: &Finding) -> String {
    let ratio = finding.statistic.is_ratio() || finding.statistic == S::GeometricMean;
    match finding.standard_error.filter(|_| !ratio) {
        Some(se) => decimals_of(se).map_or_else(|| plain(se), |decimals| fixed(se, decimals)),
        None => String::new(),
    }
}

/// "lower to upper", with the digits of the estimate.
pub(crate) fn interval(finding: &Finding) -> String {
    let decimals = decimals(finding);
    let limit = |value: f64| decimals.map_or_else(|| plain(value), |d| fixed(value, d));
    match (finding.lower, finding.upper) {
        (Some(lower), Some(upper)) => format!("{} to {}", limit(lower), limit(upper)),
        (None, Some(upper)) => format!("up to {}", limit(upper)),
        (Some(lower), None) => format!("from {}", limit(lower)),
        (None, None) => String::new(),
    }
}

/// A number as its author wrote it.
pub(crate) fn as_written(value: f64) -> String {
    grouped(&format!("{value}"))
}

/// A number without the rounding noise of having been computed: four digits, no zeros at the end.
pub(crate) fn terse(value: f64) -> String {
    let decimals = plain_decimals(value);
    let text = fixed(value, decimals);
    if decimals > 0 {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A p-value: two digits above 0.1, three decimals below, and no more than can be meant.
pub(crate) fn p_value(p: Option<f64>) -> String {
    match p {
        None => String::new(),
        Some(p) if p < 0.001 => "<0.001".to_owned(),
        Some(p) if p < 0.1 => fixed(p, 3),
        Some(p) => fixed(p, 2),
    }
}

/// What stands where a value could not be computed.
pub(crate) const MISSING: &str = "-";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_a_standard_error_supports() {
        let of = |value, se| fixed(value, decimals_of(se).unwrap());
        assert_eq!(of(-0.740_21, 0.081), "-0.740");
        assert_eq!(of(54.873, 0.73), "54.87");
        assert_eq!(of(1234.5, 26.0), "1,234");
        assert_eq!(of(1234.5, 260.0), "1,230");
        assert_eq!(of(0.5, 0.0996), "0.50");
        assert_eq!(of(-0.001, 0.3), "0.00");
        assert_eq!(decimals_of(0.0), None);
        assert_eq!(decimals_of(f64::INFINITY), None);
    }

    #[test]
    fn numbers_of_unknown_uncertainty_and_counts() {
        assert_eq!(plain(0.123_456), "0.1235");
        assert_eq!(plain(1234.56), "1,235");
        assert_eq!(plain(12.0), "12");
        assert_eq!(count(1_234_567.0), "1,234,567");
        assert_eq!(fixed(f64::INFINITY, 1), "no limit");
    }

    #[test]
    fn p_values() {
        let all = [0.000_2, 0.034_21, 0.451, 1.0].map(|p| p_value(Some(p)));
        assert_eq!(all, ["<0.001", "0.034", "0.45", "1.00"]);
    }
}
