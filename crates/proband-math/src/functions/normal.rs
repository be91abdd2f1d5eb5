//! The error function and the normal distribution.

use super::exponential::Exponential;
use super::logarithm::ln;
use super::polynomial::{polynomial, scale};
use crate::vector::Vector;

/// erf x / x - 1 in x^2 on [0, 0.25]; error 2^-57.7.
const ERF: [f64; 9] = [
    0.12837916709551256,
    -0.37612638903183476,
    0.11283791670925353,
    -0.026866170632887928,
    0.00522397737302147,
    -0.0008548297753674966,
    0.00012053335124353741,
    -1.4845849259707869e-05,
    1.4725865480556744e-06,
];

/// (1 + 2 a) e^(a^2) erfc a in (a - 4)/(a + 4) for a on [0.5, 28]; error 2^-60.1.
const ERFCX: [f64; 23] = [
    1.2329951186255526,
    -0.1396211168405625,
    0.015379652102619901,
    0.06809705425468844,
    -0.1010390660363143,
    0.09373283499853434,
    -0.06633036581196795,
    0.03716751553379472,
    -0.016197734061059108,
    0.00503197001856426,
    -0.0007577732634973155,
    -0.00019925696553927866,
    0.00015062155590137163,
    -2.4398057333996413e-05,
    -1.1221668942295945e-05,
    5.706494720146254e-06,
    2.9313186423696087e-07,
    -8.195085083459565e-07,
    7.540467350144586e-08,
    1.03256669073015e-07,
    -1.8406671051403966e-08,
    -9.652213521087604e-09,
    1.9717656765049794e-09,
];

/// Below this magnitude `erf` has its own polynomial and `erfc` is its complement.
const SMALL: f64 = 0.5;

/// `erf x` for `|x| <= 1/2`.
#[inline(always)]
fn erf_small<V: Vector>(x: V) -> V {
    x.fma(polynomial(x * x, &ERF), x)
}

/// `e^(a^2) erfc a` for `a` from 1/2 to 28.
#[inline(always)]
pub(crate) fn erfc_scaled<V: Vector>(a: V) -> V {
    let four = V::splat(4.0);
    polynomial((a - four) / (a + four), &ERFCX) / (a + a + V::splat(1.0))
}

/// `factor e^(-share a^2)` with the square in two parts, for `share` a power of two.
#[inline(always)]
fn gaussian<V: Vector>(a: V, share: f64, factor: V) -> V {
    let square = a * a;
    let rest = a.fms(a, square);
    let share = V::splat(-share);
    let parts = Exponential::of(share * square, share * rest);
    scale(parts.significand() * factor, parts.k)
}

/// `erfc a` for `a >= 1/2`.
#[inline(always)]
fn erfc_large<V: Vector>(a: V) -> V {
    let a = V::splat(28.0).lesser(a);
    gaussian(a, 1.0, erfc_scaled(a))
}

/// The error function.
#[inline(always)]
pub fn erf<V: Vector>(x: V) -> V {
    let a = x.abs();
    let large = (V::splat(1.0) - erfc_large(a)).with_sign(x);
    V::select(a.lt(V::splat(SMALL)), erf_small(x), large)
}

/// The complement `1 - erf x`, accurate also where it is small.
#[inline(always)]
pub fn erfc<V: Vector>(x: V) -> V {
    let a = x.abs();
    let tail = erfc_large(a);
    let large = V::select(x.lt(V::splat(0.0)), V::splat(2.0) - tail, tail);
    V::select(a.lt(V::splat(SMALL)), V::splat(1.0) - erf_small(x), large)
}

/// The standard normal distribution function, accurate also in the lower tail.
///
/// The upper tail is `normal_cdf(-x)`.
#[inline(always)]
pub fn normal_cdf<V: Vector>(x: V) -> V {
    let half = V::splat(0.5);
    let z = x * V::splat(std::f64::consts::FRAC_1_SQRT_2);
    // The exponent is taken from x itself: the rounding of z would be felt far out.
    let a = V::splat(39.5).lesser(x.abs());
    let scaled = erfc_scaled(a * V::splat(std::f64::consts::FRAC_1_SQRT_2));
    let tail = gaussian(a, 0.5, half * scaled);
    let large = V::select(x.gt(V::splat(0.0)), V::splat(1.0) - tail, tail);
    V::select(z.abs().lt(V::splat(SMALL)), half.fma(erf_small(z), half), large)
}

/// The standard normal density.
#[inline(always)]
pub fn normal_pdf<V: Vector>(x: V) -> V {
    // 1 / sqrt(2 pi)
    let factor = V::splat(0.3989422804014327);
    gaussian(V::splat(39.5).lesser(x.abs()), 0.5, factor)
}

/// Wichura's PPND16 (Algorithm AS 241, Applied Statistics 37, 1988): numerator and denominator
/// for the centre, the tails and the far tails.
const NUMERATOR: [[f64; 8]; 3] = [
    [
        3.3871328727963665,
        133.14166789178438,
        1971.5909503065513,
        13731.69376550946,
        45921.95393154987,
        67265.7709270087,
        33430.57558358813,
        2509.0809287301227,
    ],
    [
        1.4234371107496835,
        4.630337846156546,
        5.769497221460691,
        3.6478483247632045,
        1.2704582524523684,
        0.2417807251774506,
        0.022723844989269184,
        0.0007745450142783414,
    ],
    [
        6.657904643501103,
        5.463784911164114,
        1.7848265399172913,
        0.29656057182850487,
        0.026532189526576124,
        0.0012426609473880784,
        2.7115555687434876e-05,
        2.0103343992922881e-07,
    ],
];
const DENOMINATOR: [[f64; 8]; 3] = [
    [
        1.0,
        42.31333070160091,
        687.1870074920579,
        5394.196021424751,
        21213.794301586597,
        39307.89580009271,
        28729.085735721943,
        5226.495278852854,
    ],
    [
        1.0,
        2.053191626637759,
        1.6763848301838038,
        0.6897673349851,
        0.14810397642748008,
        0.015198666563616457,
        0.0005475938084995345,
        1.0507500716444169e-09,
    ],
    [
        1.0,
        0.599832206555888,
        0.1369298809227358,
        0.014875361290850615,
        0.0007868691311456133,
        1.8463183175100548e-05,
        1.421511758316446e-07,
        2.0442631033899397e-15,
    ],
];

/// The polynomial whose coefficients are the row's that the masks choose.
#[inline(always)]
fn chosen_polynomial<V: Vector>(
    x: V,
    centre: V::Mask,
    far: V::Mask,
    rows: &[[f64; 8]; 3],
) -> V {
    let c = |i: usize| {
        let tail = V::select(far, V::splat(rows[2][i]), V::splat(rows[1][i]));
        V::select(centre, V::splat(rows[0][i]), tail)
    };
    let square = x * x;
    let odd = c(7).fma(square, c(5)).fma(square, c(3)).fma(square, c(1));
    let even = c(6).fma(square, c(4)).fma(square, c(2)).fma(square, c(0));
    odd.fma(x, even)
}

/// The standard normal quantile (probit): infinite at 0 and 1, NaN outside.
///
/// Odd about 1/2; a probability `q` of the upper tail has the quantile `-normal_quantile(q)`.
#[inline(always)]
pub fn normal_quantile<V: Vector>(p: V) -> V {
    let one = V::splat(1.0);
    let q = p - V::splat(0.5);
    let centre = q.abs().le(V::splat(0.425));
    let tail = V::select(q.lt(V::splat(0.0)), p, one - p);
    let root = (-ln(tail)).sqrt();
    let far = root.gt(V::splat(5.0));
    let from = V::select(far, V::splat(5.0), V::splat(1.6));
    let r = V::select(centre, q.fnma(q, V::splat(0.180625)), root - from);
    let ratio = chosen_polynomial(r, centre, far, &NUMERATOR)
        / chosen_polynomial(r, centre, far, &DENOMINATOR);
    let outer = V::select(tail.eq(V::splat(0.0)), V::splat(f64::INFINITY), ratio).with_sign(q);
    V::select(centre, q * ratio, outer)
}
