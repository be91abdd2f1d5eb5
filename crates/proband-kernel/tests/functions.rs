//! Functions whose meaning is the language's own choice.
#![expect(clippy::float_cmp, reason = "values are exact")]

use proband_kernel::function::{binary, unary};
use proband_lang::{Binary, Unary};

const NONE: f64 = f64::NAN;

/// Equal, no number being equal to itself.
#[track_caller]
fn check(got: f64, expected: f64) {
    assert!(got == expected || (got.is_nan() && expected.is_nan()), "{got} for {expected}");
}

#[test]
fn a_half_is_rounded_away_from_zero() {
    for (x, expected) in [
        (2.5, 3.0),
        (-2.5, -3.0),
        (0.499_999_999_999_999_94, 0.0),
        (4_503_599_627_370_495.5, 4_503_599_627_370_496.0),
        (-0.2, 0.0),
        (NONE, NONE),
    ] {
        check(unary(Unary::Round, x), expected);
    }
}

/// A phase does not jump where time passes zero. `rem_euclid` is exact.
#[test]
fn the_rest_has_the_sign_of_the_period() {
    for t in [-49.3, -24.0, -0.1, 0.0, 7.9, 23.999, 24.0, 1e6 + 0.3] {
        check(binary(Binary::Mod, t, 24.0), f64::rem_euclid(t, 24.0));
        check(binary(Binary::Mod, t, 0.7), f64::rem_euclid(t, 0.7));
    }
    check(binary(Binary::Mod, 5.0, -3.0), -1.0);
}

#[test]
fn what_is_no_number_is_passed_on() {
    use Binary::*;
    for which in [Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual, Min, Max] {
        check(binary(which, NONE, 1.0), NONE);
        check(binary(which, 1.0, NONE), NONE);
    }
    check(unary(Unary::Sign, NONE), NONE);
    check(unary(Unary::Not, NONE), NONE);
}

#[test]
fn it_is_harmless_where_it_does_not_count() {
    let table = |which| [0.0, NONE, 1.0].map(|a| [0.0, NONE, 1.0].map(|b| binary(which, a, b)));
    let and = [[0.0, 0.0, 0.0], [0.0, NONE, NONE], [0.0, NONE, 1.0]];
    let or = [[0.0, NONE, 1.0], [NONE, NONE, 1.0], [1.0, 1.0, 1.0]];
    for (which, expected) in [(Binary::And, and), (Binary::Or, or)] {
        for (got, expected) in table(which).as_flattened().iter().zip(expected.as_flattened()) {
            check(*got, *expected);
        }
    }
}
