//! The functions for single numbers.

use crate::functions;

/// Functions compiled with fused multiply-add where the machine has it: as a call it would cost
/// more than the rest. The bits are the same. The body must be `#[inline(always)]`.
macro_rules! fused {
    ($(
        $(#[$meta:meta])*
        $vis:vis fn $name:ident($($arg:ident: $ty:ty),+) -> $output:ty = $body:path;
    )+) => {$(
        $(#[$meta])*
        #[inline]
        $vis fn $name($($arg: $ty),+) -> $output {
            #[cfg(all(target_arch = "x86_64", not(target_feature = "fma")))]
            {
                #[target_feature(enable = "avx2,fma")]
                fn fused($($arg: $ty),+) -> $output {
                    $body($($arg),+)
                }
                if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                    // SAFETY: AVX2 and FMA have just been found.
                    return unsafe { fused($($arg),+) };
                }
            }
            $body($($arg),+)
        }
    )+};
}
pub(crate) use fused;

macro_rules! scalar_functions {
    ($($(#[$meta:meta])* $name:ident($($arg:ident),+);)+) => {
        fused! {$(
            $(#[$meta])*
            pub fn $name($($arg: f64),+) -> f64 = functions::$name;
        )+}
    };
}

scalar_functions! {
    /// `e^x`; see [`functions::exp`].
    exp(x);
    /// `2^x`; see [`functions::exp2`].
    exp2(x);
    /// `e^x - 1`, accurate near zero; see [`functions::exp_m1`].
    exp_m1(x);
    /// The natural logarithm; see [`functions::ln`].
    ln(x);
    /// `ln(1 + x)`, accurate near zero; see [`functions::ln_1p`].
    ln_1p(x);
    /// The logarithm to base 2; see [`functions::log2`].
    log2(x);
    /// The logarithm to base 10; see [`functions::log10`].
    log10(x);
    /// `x^y` by the rules of C99; see [`functions::pow`].
    pow(x, y);
    /// `x^y` to half a percent; see [`functions::step_factor_power`].
    step_factor_power(x, y);
    /// The sine; see [`functions::sin`].
    sin(x);
    /// The cosine; see [`functions::cos`].
    cos(x);
    /// The tangent; see [`functions::tan`].
    tan(x);
    /// The angle whose tangent is `x`; see [`functions::atan`].
    atan(x);
    /// The hyperbolic sine; see [`functions::sinh`].
    sinh(x);
    /// The hyperbolic cosine; see [`functions::cosh`].
    cosh(x);
    /// The hyperbolic tangent; see [`functions::tanh`].
    tanh(x);
    /// The logistic function; see [`functions::expit`].
    expit(x);
    /// `ln(p / (1 - p))`; see [`functions::logit`].
    logit(p);
    /// The error function; see [`functions::erf`].
    erf(x);
    /// The complement of the error function; see [`functions::erfc`].
    erfc(x);
    /// The standard normal distribution function; see [`functions::normal_cdf`].
    normal_cdf(x);
    /// The standard normal density; see [`functions::normal_pdf`].
    normal_pdf(x);
    /// The standard normal quantile; see [`functions::normal_quantile`].
    normal_quantile(p);
    /// The logarithm of the gamma function; see [`functions::gamma_ln`].
    gamma_ln(x);
}
