//! `sin`, `cos`, `tan` and `atan`.

use super::polynomial::polynomial;
use crate::vector::Vector;

/// Beyond this magnitude sine, cosine and tangent are NaN rather than silently wrong. The phase
/// of a model's rhythm stays far below.
pub const TRIGONOMETRIC_LIMIT: f64 = 1099511627776.0;

/// pi/2 as the sum of three.
const HALF_PI: [f64; 3] =
    [std::f64::consts::FRAC_PI_2, 6.123233995736766e-17, -1.4973849048591698e-33];

/// `S2` to `S6` of FreeBSD's `k_sin.c` (Sun Microsystems, 1993); error 2^-58.
const SINE: [f64; 5] = [
    0.00833333333332249,
    -0.0001984126982985795,
    2.7557313707070068e-06,
    -2.5050760253406863e-08,
    1.58969099521155e-10,
];
const SINE_FIRST: f64 = -0.16666666666666632;

/// `C1` to `C6` of FreeBSD's `k_cos.c`; error 2^-58.
const COSINE: [f64; 6] = [
    0.0416666666666666,
    -0.001388888888887411,
    2.480158728947673e-05,
    -2.7557314351390663e-07,
    2.087572321298175e-09,
    -1.1359647557788195e-11,
];

/// (atan t - t) / t^3 in t^2 on [0, tan^2(pi/8)]; error 2^-59.6.
const ATAN: [f64; 12] = [
    -0.3333333333333333,
    0.19999999999999804,
    -0.14285714285659748,
    0.11111111105147764,
    -0.09090908753118594,
    0.07692296363979952,
    -0.066664246872465,
    0.05878926715756726,
    -0.052304374642516874,
    0.045515165635903104,
    -0.0345685906686069,
    0.01628357235648259,
];

/// An angle as `k` quarter turns and the rest `r + rest` within an eighth of a turn.
#[derive(Clone, Copy)]
struct Angle<V> {
    /// Holds `k` in its lowest bits.
    quarters: V,
    r: V,
    rest: V,
}

impl<V: Vector> Angle<V> {
    /// Cody and Waite's reduction; fused, so that it loses nothing up to the limit.
    #[inline(always)]
    fn of(x: V) -> Self {
        // Adding 1.5 * 2^52 rounds to a whole number, which then stands in the lowest bits.
        const ROUND: f64 = 6755399441055744.0;
        let x = V::select(x.abs().le(V::splat(TRIGONOMETRIC_LIMIT)), x, V::splat(f64::NAN));
        let quarters = x.fma(V::splat(std::f64::consts::FRAC_2_PI), V::splat(ROUND));
        let k = quarters - V::splat(ROUND);
        // Exact: both are multiples of 2^-53 and the difference is below 1.
        let first = k.fnma(V::splat(HALF_PI[0]), x);
        let r = k.fnma(V::splat(HALF_PI[1]), first);
        let rest = k.fnma(V::splat(HALF_PI[1]), first - r);
        let rest = k.fnma(V::splat(HALF_PI[2]), rest);
        let sum = r + rest;
        Self { quarters, r: sum, rest: rest - (sum - r) }
    }

    /// Where the number of quarter turns is odd.
    #[inline(always)]
    fn odd(self) -> V::Mask {
        !self.quarters.bits_and(V::splat_bits(1)).eq(V::splat(0.0))
    }

    /// Minus zero in the second half of a turn, zero in the first.
    #[inline(always)]
    fn half_turn(self) -> V {
        let first = self.quarters.bits_and(V::splat_bits(2)).eq(V::splat(0.0));
        V::select(first, V::splat(0.0), V::splat(-0.0))
    }

    /// The sine of the rest, as in `k_sin.c`.
    #[inline(always)]
    fn sine(self) -> V {
        let z = self.r * self.r;
        let v = z * self.r;
        let tail = polynomial(z, &SINE);
        let inner = v.fnma(tail, V::splat(0.5) * self.rest);
        self.r - (v.fnma(V::splat(SINE_FIRST), z.fms(inner, self.rest)))
    }

    /// The cosine of the rest, as in `k_cos.c`.
    #[inline(always)]
    fn cosine(self) -> V {
        let one = V::splat(1.0);
        let z = self.r * self.r;
        let half = V::splat(0.5) * z;
        let w = one - half;
        let tail = z * z * polynomial(z, &COSINE);
        w + (((one - w) - half) + self.r.fnma(self.rest, tail))
    }
}

/// The sine, for `|x|` up to [`TRIGONOMETRIC_LIMIT`].
#[inline(always)]
pub fn sin<V: Vector>(x: V) -> V {
    let angle = Angle::of(x);
    let r = V::select(angle.odd(), angle.cosine(), angle.sine());
    V::select(x.abs().lt(V::splat(1e-8)), x, r.bits_xor(angle.half_turn()))
}

/// The cosine, for `|x|` up to [`TRIGONOMETRIC_LIMIT`].
#[inline(always)]
pub fn cos<V: Vector>(x: V) -> V {
    let angle = Angle::of(x);
    let r = V::select(angle.odd(), -angle.sine(), angle.cosine());
    r.bits_xor(angle.half_turn())
}

/// The tangent, for `|x|` up to [`TRIGONOMETRIC_LIMIT`].
#[inline(always)]
pub fn tan<V: Vector>(x: V) -> V {
    let angle = Angle::of(x);
    let (sine, cosine) = (angle.sine(), angle.cosine());
    let over = V::select(angle.odd(), -cosine, sine);
    let under = V::select(angle.odd(), sine, cosine);
    V::select(x.abs().lt(V::splat(1e-8)), x, over / under)
}

/// The angle whose tangent is `x`.
#[inline(always)]
pub fn atan<V: Vector>(x: V) -> V {
    const TAN_EIGHTH: f64 = 0.41421356237309503;
    let one = V::splat(1.0);
    let a = x.abs();
    // atan a = base + atan t with t = a, (a - 1)/(a + 1) or -1/a, the smallest of them.
    let small = a.le(V::splat(TAN_EIGHTH));
    let large = a.gt(V::splat(1.0 / TAN_EIGHTH));
    let over = V::select(small, a, V::select(large, -one, a - one));
    let under = V::select(small, one, V::select(large, a, a + one));
    let factor = V::select(small, V::splat(0.0), V::select(large, one, V::splat(0.5)));
    let t = over / under;
    let z = t * t;
    let tail = (t * z).fma(polynomial(z, &ATAN), factor * V::splat(HALF_PI[1]));
    let r = factor.fma(V::splat(HALF_PI[0]), t + tail);
    V::select(x.nan(), x, r).with_sign(x)
}
