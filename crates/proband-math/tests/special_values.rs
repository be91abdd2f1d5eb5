//! What the functions give at the edges of their domains.
#![expect(clippy::float_cmp, reason = "exact values are promised here")]

use proband_math::*;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// Equal as bits, zeros with their signs, all NaN alike.
#[track_caller]
fn check(found: f64, wanted: f64) {
    let same = found.to_bits() == wanted.to_bits() || found.is_nan() && wanted.is_nan();
    assert!(same, "found {found:e}, wanted {wanted:e}");
}

#[test]
fn nan_goes_in_and_comes_out() {
    let all = [
        exp,
        exp2,
        exp_m1,
        ln,
        ln_1p,
        log2,
        log10,
        sin,
        cos,
        tan,
        atan,
        sinh,
        cosh,
        tanh,
        expit,
        logit,
        erf,
        erfc,
        normal_cdf,
        normal_pdf,
        normal_quantile,
        gamma_ln,
    ];
    for (i, f) in all.into_iter().enumerate() {
        assert!(f(NAN).is_nan(), "function {i}");
    }
    assert!(step_factor_power(NAN, -0.1).is_nan());
    assert!(pow(NAN, 2.0).is_nan() && pow(2.0, NAN).is_nan());
}

#[test]
fn exponentials_at_their_ends() {
    check(exp(0.0), 1.0);
    check(exp(-0.0), 1.0);
    check(exp(INF), INF);
    check(exp(-INF), 0.0);
    check(exp(709.8), INF);
    assert!(exp(709.78) < INF);
    check(exp(-745.2), 0.0);
    check(exp(-745.0), 5e-324);
    // e^-740 and e^-720 by mpmath 1.4.1 at 60 digits, rounded to their few subnormal bits.
    check(exp(-740.0), 4.2e-322);
    check(exp(-720.0), 2.0322308024e-313);
    check(exp2(-1074.0), 5e-324);
    check(exp2(1023.0), 2.0_f64.powi(1023));
    check(exp2(1024.0), INF);
    for k in -1022..1024 {
        check(exp2(f64::from(k)), f64::from_bits(((k + 1023) as u64) << 52));
    }
    check(exp_m1(-0.0), -0.0);
    check(exp_m1(1e-300), 1e-300);
    check(exp_m1(-50.0), -1.0);
    check(exp_m1(-INF), -1.0);
    check(exp_m1(INF), INF);
}

#[test]
fn logarithms_at_their_ends() {
    for log in [ln, log2, log10] {
        check(log(0.0), -INF);
        check(log(-0.0), -INF);
        check(log(-1.0), NAN);
        check(log(-INF), NAN);
        check(log(INF), INF);
        check(log(1.0), 0.0);
    }
    check(ln(5e-324), -744.4400719213812);
    for k in -1074..1024 {
        assert_eq!(log2(exp2(f64::from(k))), f64::from(k));
    }
    let mut power = 1.0;
    for k in 0..=22 {
        assert_eq!(log10(power), f64::from(k));
        power *= 10.0;
    }
    check(ln_1p(-0.0), -0.0);
    check(ln_1p(-1.0), -INF);
    check(ln_1p(-1.5), NAN);
    check(ln_1p(INF), INF);
    check(logit(0.0), -INF);
    check(logit(0.5), 0.0);
    check(logit(1.0), INF);
    check(logit(-0.1), NAN);
    check(logit(1.1), NAN);
}

#[test]
fn pow_follows_c99() {
    for x in [0.0, -0.0, 1.0, -2.0, INF, -INF, NAN] {
        check(pow(x, 0.0), 1.0);
        check(pow(x, -0.0), 1.0);
        check(pow(1.0, x), 1.0);
    }
    check(pow(0.0, 2.5), 0.0);
    check(pow(-0.0, 3.0), -0.0);
    check(pow(-0.0, 2.0), 0.0);
    check(pow(0.0, -2.5), INF);
    check(pow(-0.0, -3.0), -INF);
    check(pow(INF, 0.1), INF);
    check(pow(INF, -0.1), 0.0);
    check(pow(-INF, 3.0), -INF);
    check(pow(-INF, 2.5), INF);
    check(pow(-INF, -3.0), -0.0);
    check(pow(2.0, INF), INF);
    check(pow(2.0, -INF), 0.0);
    check(pow(0.5, INF), 0.0);
    check(pow(0.5, -INF), INF);
    check(pow(-1.0, INF), 1.0);
    check(pow(-2.0, 3.0), -8.0);
    check(pow(-2.0, 4.0), 16.0);
    check(pow(-2.0, -1.0), -0.5);
    check(pow(-8.0, 1.0 / 3.0), NAN);
    check(pow(-2.0, 1e300), INF);
    check(pow(3.0, 5.0), 243.0);
    check(pow(10.0, 22.0), 1e22);
    check(pow(2.0, -1074.0), 5e-324);
    check(pow(2.0, 1024.0), INF);
    check(pow(1e300, 1e300), INF);
    check(pow(1e-300, 1e300), 0.0);
}

#[test]
fn trigonometry_at_its_ends() {
    for f in [sin, tan, atan] {
        check(f(-0.0), -0.0);
        check(f(5e-324), 5e-324);
    }
    check(cos(0.0), 1.0);
    check(sin(INF), NAN);
    check(cos(1e300), NAN);
    check(atan(INF), std::f64::consts::FRAC_PI_2);
    check(atan(-INF), -std::f64::consts::FRAC_PI_2);
}

#[test]
fn hyperbolics_at_their_ends() {
    for f in [sinh, tanh] {
        check(f(-0.0), -0.0);
        check(f(1e-300), 1e-300);
    }
    check(sinh(INF), INF);
    check(sinh(-711.0), -INF);
    assert!(sinh(710.4) < INF && cosh(-710.4) < INF);
    check(cosh(0.0), 1.0);
    check(cosh(-INF), INF);
    check(tanh(INF), 1.0);
    check(tanh(-30.0), -1.0);
    check(expit(0.0), 0.5);
    check(expit(INF), 1.0);
    check(expit(-INF), 0.0);
    check(expit(-744.0), exp(-744.0));
}

#[test]
fn normal_functions_at_their_ends() {
    check(erf(-0.0), -0.0);
    check(erf(INF), 1.0);
    check(erf(-7.0), -1.0);
    check(erfc(INF), 0.0);
    check(erfc(-INF), 2.0);
    check(normal_cdf(0.0), 0.5);
    check(normal_cdf(-INF), 0.0);
    check(normal_cdf(INF), 1.0);
    assert!(normal_cdf(-38.4) > 0.0);
    check(normal_pdf(INF), 0.0);
    check(normal_quantile(0.5), 0.0);
    check(normal_quantile(0.0), -INF);
    check(normal_quantile(1.0), INF);
    check(normal_quantile(-0.1), NAN);
    check(normal_quantile(1.1), NAN);
}

#[test]
fn gamma_ln_at_its_ends() {
    check(gamma_ln(0.0), INF);
    check(gamma_ln(INF), INF);
    check(gamma_ln(-1.5), NAN);
    check(gamma_ln(1.0), 0.0);
    check(gamma_ln(2.0), 0.0);
}

/// The square root is the processor's; it is here because models write it.
#[test]
fn square_roots_below_zero_are_nan() {
    use proband_math::vector::Vector;
    check(Vector::sqrt(-1.0), NAN);
    check(Vector::sqrt(-0.0), -0.0);
}

#[test]
fn step_factors_are_right_to_half_a_percent() {
    const LIMIT: f64 = 5e-3;
    for i in -2000..2000 {
        let x = exp(f64::from(i) * 0.05);
        for y in [-0.25, -0.2, -0.1, -0.04, 0.08, 0.2] {
            let ratio = step_factor_power(x, y) / pow(x, y);
            assert!((ratio - 1.0).abs() < LIMIT, "{x:e}^{y}: off by {ratio}");
        }
    }
    assert!(step_factor_power(0.0, -0.2).is_finite() && step_factor_power(0.0, -0.2) > 1e60);
    assert!(step_factor_power(INF, -0.2) > 0.0 && step_factor_power(INF, -0.2) < 1e-60);
}
