//! Every function gives the same bits at every width, lane by lane.
//!
//! Levels that this machine lacks are skipped, and said to be: see the output with `--nocapture`.

use proband_math::functions;
use proband_math::stream::{Address, Purpose, Seed, Stream};
use proband_math::vector::{Body, Mask, Simd, Vector};

/// A function of the test: of two arguments, the second ignored by most.
trait Function: Copy {
    fn call<V: Vector>(self, x: V, y: V) -> V;
}

struct Run<'a, F> {
    function: F,
    x: &'a [f64],
    y: &'a [f64],
}

impl<F: Function> Body for Run<'_, F> {
    type Output = Vec<u64>;

    #[inline(always)]
    fn run<V: Vector>(self) -> Vec<u64> {
        let mut bits = Vec::with_capacity(self.x.len());
        for (x, y) in self.x.chunks_exact(V::LANES).zip(self.y.chunks_exact(V::LANES)) {
            let mut out = [0.0; 8];
            self.function.call(V::load(x), V::load(y)).store(&mut out[..V::LANES]);
            // NaN is one value: its payload differs even between processors of one kind.
            bits.extend(
                out[..V::LANES].iter().map(|r| if r.is_nan() { 1 } else { r.to_bits() }),
            );
        }
        bits
    }
}

const SPECIAL: [f64; 33] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    3.0,
    -3.0,
    1.5,
    2.5,
    -2.5,
    1e-310,
    -1e-310,
    5e-324,
    f64::MIN_POSITIVE,
    f64::MAX,
    f64::MIN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    f64::EPSILON,
    709.782712893384,
    709.7827128933841,
    -745.1332191019411,
    -745.1332191019412,
    -708.4,
    1e6,
    1e22,
    0.9999999999999999,
    1.0000000000000002,
    8.0,
    28.0,
];

/// Pairs of special numbers, and random ones from several ranges and from all bit patterns.
fn arguments() -> (Vec<f64>, Vec<f64>) {
    let mut pairs = Vec::new();
    for x in SPECIAL {
        pairs.extend(SPECIAL.map(|y| (x, y)));
    }
    let mut stream = Stream::new(Address::new(Seed(5), Purpose::new("test/levels")));
    for _ in 0..4000 {
        pairs.push((stream.uniform(), stream.normal()));
        pairs.push((10.0 * stream.normal(), 3.0 * stream.normal()));
        pairs.push((800.0 * stream.normal(), stream.uniform()));
        let mut any = || f64::from_bits(stream.bits());
        pairs.push((any(), any()));
    }
    while !pairs.len().is_multiple_of(8) {
        pairs.push((1.0, 1.0));
    }
    pairs.into_iter().unzip()
}

#[expect(clippy::print_stdout, reason = "a test that skips says so")]
fn check<F: Function>(name: &str, function: F) {
    let (x, y) = arguments();
    let plain = Run { function, x: &x, y: &y }.run::<f64>();
    for level in Simd::ALL {
        if !level.available() {
            println!("{name}: {level:?} skipped, this machine lacks it");
            continue;
        }
        let bits = level.run(Run { function, x: &x, y: &y });
        let differing = plain.iter().zip(&bits).position(|(a, b)| a != b);
        if let Some(i) = differing {
            panic!("{name} at ({:e}, {:e}) differs at {level:?}", x[i], y[i]);
        }
        assert_eq!(plain.len(), bits.len());
    }
}

macro_rules! same_bits {
    ($($name:ident: |$x:ident, $y:ident| $call:expr;)+) => {$(
        #[test]
        fn $name() {
            #[derive(Clone, Copy)]
            struct Call;
            impl Function for Call {
                #[inline(always)]
                fn call<V: Vector>(self, $x: V, $y: V) -> V {
                    $call
                }
            }
            check(stringify!($name), Call);
        }
    )+};
}

same_bits! {
    exp: |x, _y| functions::exp(x);
    exp2: |x, _y| functions::exp2(x);
    exp_m1: |x, _y| functions::exp_m1(x);
    ln: |x, _y| functions::ln(x);
    ln_1p: |x, _y| functions::ln_1p(x);
    log2: |x, _y| functions::log2(x);
    log10: |x, _y| functions::log10(x);
    pow: |x, y| functions::pow(x, y);
    step_factor_power: |x, y| functions::step_factor_power(x, y);
    sin: |x, _y| functions::sin(x);
    cos: |x, _y| functions::cos(x);
    tan: |x, _y| functions::tan(x);
    atan: |x, _y| functions::atan(x);
    sinh: |x, _y| functions::sinh(x);
    cosh: |x, _y| functions::cosh(x);
    tanh: |x, _y| functions::tanh(x);
    expit: |x, _y| functions::expit(x);
    logit: |x, _y| functions::logit(x);
    erf: |x, _y| functions::erf(x);
    erfc: |x, _y| functions::erfc(x);
    normal_cdf: |x, _y| functions::normal_cdf(x);
    normal_pdf: |x, _y| functions::normal_pdf(x);
    normal_quantile: |x, _y| functions::normal_quantile(x);
    gamma_ln: |x, _y| functions::gamma_ln(x);
    arithmetic: |x, y| (x + y) * (x - y) / y;
    negation: |x, y| -x.fma(-y, x);
    fma: |x, y| x.fma(y, y);
    fms: |x, y| x.fms(y, y);
    fnma: |x, y| x.fnma(y, y);
    sqrt: |x, _y| x.sqrt();
    abs: |x, _y| x.abs();
    lesser: |x, y| x.lesser(y);
    greater: |x, y| x.greater(y);
    floor: |x, _y| x.floor();
    trunc: |x, _y| x.trunc();
    round_ties_even: |x, _y| x.round_ties_even();
    comparisons: |x, y| {
        let one = V::splat(1.0);
        let number = |mask| V::select(mask, one, -one);
        let sum = number(x.lt(y)) + number(x.le(y)) * V::splat(2.0);
        let sum = sum + number(x.eq(y)) * V::splat(4.0) + number(x.gt(y)) * V::splat(8.0);
        sum + number(x.ge(y)) * V::splat(16.0) + number(x.nan()) * V::splat(32.0)
    };
    masks: |x, y| {
        let (a, b) = (x.lt(y), x.gt(V::splat(0.0)));
        let c = ((a & b) | !a) ^ (b & V::Mask::splat(true)) ^ V::Mask::splat(false);
        V::select(c, x, y)
    };
    bits: |x, y| x.bits_and(y).bits_or(x.bits_xor(y).bits_add(-12345)).with_sign(y);
    shift: |x, _y| x.bits_shl52();
    top12: |x, _y| x.top12();
    splat: |x, _y| V::splat_bits(0x3ff1_2345_6789_abcd) * x;
}

/// The plain functions at the root of the crate are the same too.
#[test]
fn single_numbers() {
    let (x, y) = arguments();
    let same = |a: f64, b: f64| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
    for (&x, &y) in x.iter().zip(&y) {
        assert!(same(proband_math::exp(x), functions::exp(x)), "exp {x:e}");
        assert!(same(proband_math::ln(x), functions::ln(x)), "ln {x:e}");
        assert!(same(proband_math::pow(x, y), functions::pow(x, y)), "pow {x:e} {y:e}");
    }
}

#[test]
fn masks_tell_their_lanes() {
    struct Bits;
    impl Body for Bits {
        type Output = (u64, bool, bool, bool);

        #[inline(always)]
        fn run<V: Vector>(self) -> Self::Output {
            let x = V::load(&[1.0, 5.0, 1.0, 5.0, 1.0, 1.0, 5.0, 1.0]);
            let low = x.lt(V::splat(3.0));
            assert!((0..V::LANES).all(|i| (x.lane(i) < 3.0) == (low.bits() >> i & 1 == 1)));
            (low.bits(), low.any(), low.all(), V::Mask::splat(true).all())
        }
    }
    for level in Simd::ALL.into_iter().filter(|level| level.available()) {
        let (bits, any, all, every) = level.run(Bits);
        assert_eq!(bits, 0b1011_0101 & ((1 << level.lanes()) - 1), "{level:?}");
        assert!(any && every);
        assert_eq!(all, level == Simd::Scalar);
    }
}
