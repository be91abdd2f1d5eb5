//! The double nearest to a product of rational powers of whole numbers.
//!
//! A conversion factor is known exactly as such a product; it is rounded once, here.

use super::exponent::Ratio;
use std::cmp::Ordering;

/// Roots above this, or products with more bits than the next, are estimated instead: no unit that
/// anyone means comes near them.
const LARGEST_ROOT: u64 = 1000;
const MOST_BITS: u64 = 60_000;

/// The double nearest to the product of the powers, ties to even.
///
/// Exact where the exponents' common denominator is at most 1000 (three decimals) and the result is
/// a normal double; else correct to a few units in the last place.
pub(super) fn nearest_double(powers: &[(u64, Ratio)]) -> f64 {
    let estimate = estimate(powers);
    match Target::new(powers) {
        Some(target) if estimate.is_normal() => target.nearest(estimate),
        _ => estimate,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a starting point for the exact search")]
fn estimate(powers: &[(u64, Ratio)]) -> f64 {
    let power = |&(base, exponent): &(u64, Ratio)| {
        let exponent = exponent.numerator as f64 / exponent.denominator as f64;
        proband_math::ln(base as f64) * exponent
    };
    proband_math::exp(powers.iter().map(power).sum())
}

/// `(above / below) ^ (1 / root)`.
struct Target {
    above: Natural,
    below: Natural,
    root: u64,
}

impl Target {
    fn new(powers: &[(u64, Ratio)]) -> Option<Self> {
        let root = powers.iter().try_fold(1, |root, (_, exponent)| {
            let root = least_common_multiple(root, exponent.denominator.unsigned_abs())?;
            (root <= LARGEST_ROOT).then_some(root)
        })?;
        let (mut above, mut below) = (Natural::from(1), Natural::from(1));
        let mut bits = 0_u64;
        for &(base, exponent) in powers {
            let times = root / exponent.denominator.unsigned_abs();
            let count = exponent.numerator.unsigned_abs().checked_mul(times)?;
            bits = bits.checked_add(count.checked_mul(u64::from(base.ilog2()) + 1)?)?;
            if bits > MOST_BITS {
                return None;
            }
            let side = if exponent.numerator < 0 { &mut below } else { &mut above };
            *side = side.times(&Natural::from(base).power(count));
        }
        Some(Self { above, below, root })
    }

    /// Searches among the doubles about `estimate`, which in their bits are ordered like integers.
    fn nearest(&self, estimate: f64) -> f64 {
        let at = estimate.to_bits();
        let (mut low, mut high) = (at - 1, at + 1);
        let mut step = 2;
        while self.compare(Dyadic::from(f64::from_bits(low))) == Ordering::Less {
            low -= step;
            step *= 2;
        }
        while self.compare(Dyadic::from(f64::from_bits(high))) != Ordering::Less {
            high += step;
            step *= 2;
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match self.compare(Dyadic::from(f64::from_bits(middle))) {
                Ordering::Less => high = middle,
                _ => low = middle,
            }
        }
        let (below, above) = (f64::from_bits(low), f64::from_bits(high));
        match self.compare(Dyadic::between(below, above)) {
            Ordering::Less => below,
            Ordering::Greater => above,
            Ordering::Equal if low.is_multiple_of(2) => below,
            Ordering::Equal => above,
        }
    }

    /// How the target compares with `x`: both sides raised to the root and multiplied out.
    fn compare(&self, x: Dyadic) -> Ordering {
        let mantissa = Natural::from(x.mantissa).power(self.root).times(&self.below);
        let shift = x.exponent.unsigned_abs() * self.root;
        if x.exponent < 0 {
            self.above.shifted(shift).compare(&mantissa)
        } else {
            self.above.compare(&mantissa.shifted(shift))
        }
    }
}

fn least_common_multiple(a: u64, b: u64) -> Option<u64> {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    (a / x.max(1)).checked_mul(b)
}

/// `mantissa * 2 ^ exponent`.
#[derive(Clone, Copy)]
struct Dyadic {
    mantissa: u64,
    exponent: i64,
}

impl From<f64> for Dyadic {
    /// Of a positive, normal double.
    fn from(x: f64) -> Self {
        let exponent = i64::from((x.to_bits() >> 52) as u16) - 1075;
        Self { mantissa: (x.to_bits() & ((1 << 52) - 1)) | (1 << 52), exponent }
    }
}

impl Dyadic {
    /// Half way between two neighbours.
    fn between(below: f64, above: f64) -> Self {
        let (a, b) = (Self::from(below), Self::from(above));
        let wider = u32::from(a.exponent != b.exponent);
        Self { mantissa: a.mantissa + (b.mantissa << wider), exponent: a.exponent - 1 }
    }
}

/// A whole number of any size: digits to the base 2^32, least first, no zeros at the end.
#[derive(Clone)]
struct Natural(Vec<u32>);

impl From<u64> for Natural {
    fn from(value: u64) -> Self {
        Self::trimmed(vec![low_half(value), low_half(value >> 32)])
    }
}

fn low_half(value: u64) -> u32 {
    u32::try_from(value & u64::from(u32::MAX)).expect("masked to 32 bits")
}

impl Natural {
    fn trimmed(mut digits: Vec<u32>) -> Self {
        while digits.last() == Some(&0) {
            digits.pop();
        }
        Self(digits)
    }

    fn times(&self, other: &Self) -> Self {
        let mut product = vec![0_u32; self.0.len() + other.0.len() + 1];
        for (i, &a) in self.0.iter().enumerate() {
            let mut carry = 0;
            for (j, &b) in other.0.iter().enumerate() {
                let sum = u64::from(a) * u64::from(b) + u64::from(product[i + j]) + carry;
                product[i + j] = low_half(sum);
                carry = sum >> 32;
            }
            product[i + other.0.len()] = low_half(carry);
        }
        Self::trimmed(product)
    }

    fn power(&self, mut exponent: u64) -> Self {
        let (mut result, mut square) = (Self::from(1), self.clone());
        while exponent > 0 {
            if exponent % 2 == 1 {
                result = result.times(&square);
            }
            exponent /= 2;
            if exponent > 0 {
                square = square.times(&square);
            }
        }
        result
    }

    fn shifted(&self, bits: u64) -> Self {
        let whole = usize::try_from(bits / 32).expect("bounded by MOST_BITS");
        let mut digits = vec![0; whole];
        digits.extend(&self.0);
        Self(digits).times(&Self::from(1 << (bits % 32)))
    }

    fn compare(&self, other: &Self) -> Ordering {
        let by_length = self.0.len().cmp(&other.0.len());
        by_length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}
