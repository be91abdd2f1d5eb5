//! Errors of the functions against values of 60 digits, in units of the last place.

use proband_math as pm;

const REFERENCES: &str = include_str!("data/functions.csv");

/// Function, and the largest error allowed, in ulp: what 4,000 points a range showed, rounded up.
/// `exp`, `ln`, `sin` and `cos` are promised to one ulp, the rest to a few.
#[expect(clippy::type_complexity, reason = "one table, read once")]
const LIMITS: &[(&str, fn(f64) -> f64, f64)] = &[
    ("exp", pm::exp, 1.0),
    ("exp2", pm::exp2, 1.0),
    ("exp_m1", pm::exp_m1, 2.0),
    ("ln", pm::ln, 1.0),
    ("ln_1p", pm::ln_1p, 1.0),
    ("log2", pm::log2, 1.0),
    ("log10", pm::log10, 1.0),
    ("sin", pm::sin, 1.0),
    ("cos", pm::cos, 1.0),
    ("tan", pm::tan, 2.0),
    ("atan", pm::atan, 2.0),
    ("sinh", pm::sinh, 3.0),
    ("cosh", pm::cosh, 2.0),
    ("tanh", pm::tanh, 3.0),
    ("expit", pm::expit, 2.0),
    ("logit", pm::logit, 4.0),
    ("erf", pm::erf, 2.0),
    ("erfc", pm::erfc, 4.0),
    ("normal_cdf", pm::normal_cdf, 4.0),
    ("normal_pdf", pm::normal_pdf, 2.0),
    ("normal_quantile", pm::normal_quantile, 8.0),
    ("gamma_ln", pm::gamma_ln, 5.0),
];

/// One line of the table.
struct Reference {
    x: f64,
    y: f64,
    high: f64,
    low: f64,
}

fn references(function: &str) -> Vec<Reference> {
    let of = |line: &str| {
        let mut fields = line.split(',');
        let name = fields.next()?;
        let mut number = || fields.next().map(|s| s.parse().unwrap_or(f64::NAN));
        let reference =
            Reference { x: number()?, y: number()?, high: number()?, low: number()? };
        (name == function).then_some(reference)
    };
    REFERENCES.lines().filter_map(of).collect()
}

/// The distance to the next double away from zero.
fn ulp(x: f64) -> f64 {
    f64::from_bits(x.abs().to_bits() + 1) - x.abs()
}

/// The worst error, and where.
fn worst(function: &str, f: impl Fn(f64, f64) -> f64) -> (f64, f64, f64) {
    let cases = references(function);
    assert!(cases.len() > 50, "too few references for {function}");
    let mut worst = (0.0, 0.0, 0.0);
    for Reference { x, y, high, low } in cases {
        let error = ((f(x, y) - high) - low).abs() / ulp(high);
        if error.is_nan() || error > worst.0 {
            worst = (error, x, y);
        }
    }
    worst
}

#[test]
fn errors_stay_within_their_limits() {
    let mut failed = Vec::new();
    for &(name, f, limit) in LIMITS {
        let (error, x, _) = worst(name, |x, _| f(x));
        println!("{name:16} {error:.2} ulp at {x:e} (limit {limit})");
        if error.is_nan() || error > limit {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "beyond their limits: {failed:?}");
}

#[test]
fn pow_stays_within_an_ulp() {
    const LIMIT: f64 = 1.0;
    let (error, x, y) = worst("pow", pm::pow);
    println!("pow {error:.2} ulp at {x:e}^{y:e}");
    assert!(error <= LIMIT, "{error} ulp at {x:e}^{y:e}");
}
