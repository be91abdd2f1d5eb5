//! Numbers that carry their first derivatives by two parameters and the second derivative by both.

use std::ops::{Add, Mul};

use crate::special::exp;

/// A value with its derivatives by a first parameter, by a second, and by both: exact, without steps
/// (J. A. Fike & J. J. Alonso, AIAA 2011-886, hyper-dual numbers).
#[derive(Debug, Clone, Copy)]
pub(super) struct Dual {
    pub(super) value: f64,
    pub(super) first: f64,
    pub(super) second: f64,
    pub(super) both: f64,
}

impl Dual {
    pub(super) const ONE: Self = Self::constant(1.0);
    pub(super) const ZERO: Self = Self::constant(0.0);

    pub(super) const fn constant(value: f64) -> Self {
        Self { value, first: 0.0, second: 0.0, both: 0.0 }
    }

    /// Parameter values of which number `first` and number `second` are derived by.
    pub(super) fn parameters(values: &[f64], first: usize, second: usize) -> Vec<Self> {
        let flag = |is: bool| f64::from(u8::from(is));
        let dual = |(k, value): (usize, &f64)| Self {
            value: *value,
            first: flag(k == first),
            second: flag(k == second),
            both: 0.0,
        };
        values.iter().enumerate().map(dual).collect()
    }

    /// A function of this number, from its value and its first two derivatives.
    fn through(self, value: f64, slope: f64, curvature: f64) -> Self {
        Self {
            value,
            first: slope * self.first,
            second: slope * self.second,
            both: slope * self.both + curvature * self.first * self.second,
        }
    }

    pub(super) fn exp(self) -> Self {
        let value = exp(self.value);
        self.through(value, value, value)
    }

    /// x / sqrt(1 + x^2), which maps all numbers to between -1 and 1.
    pub(super) fn squashed(self) -> Self {
        let x = self.value;
        let shrink = 1.0 / (1.0 + x * x).sqrt();
        let slope = shrink * shrink * shrink;
        self.through(x * shrink, slope, -3.0 * x * slope * shrink * shrink)
    }

    /// low + (1 - low) / (1 + exp(-x)), which maps all numbers to between `low` and 1.
    pub(super) fn between(self, low: f64) -> Self {
        let share = 1.0 / (1.0 + exp(-self.value));
        let slope = share * (1.0 - share);
        let width = 1.0 - low;
        self.through(low + width * share, width * slope, width * slope * (1.0 - 2.0 * share))
    }

    pub(super) fn power(self, exponent: usize) -> Self {
        (0..exponent).fold(Self::ONE, |product, _| product * self)
    }
}

impl Add for Dual {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            first: self.first + other.first,
            second: self.second + other.second,
            both: self.both + other.both,
        }
    }
}

impl Mul for Dual {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self {
            value: self.value * other.value,
            first: self.first * other.value + self.value * other.first,
            second: self.second * other.value + self.value * other.second,
            both: self.both * other.value
                + self.first * other.second
                + self.second * other.first
                + self.value * other.both,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// f(x, y) = exp(x y) squash(x) has derivatives that differences confirm.
    #[test]
    fn derivatives_of_a_product_of_functions() {
        let f = |x: f64, y: f64| {
            let p = Dual::parameters(&[x, y], 0, 1);
            (p[0] * p[1]).exp() * p[0].squashed()
        };
        let (x, y, h) = (0.7, -0.4, 1e-5);
        let here = f(x, y);
        let by_x = (f(x + h, y).value - f(x - h, y).value) / (2.0 * h);
        let by_y = (f(x, y + h).value - f(x, y - h).value) / (2.0 * h);
        let by_both = (f(x + h, y).second - f(x - h, y).second) / (2.0 * h);
        assert!((here.first - by_x).abs() < 1e-9);
        assert!((here.second - by_y).abs() < 1e-9);
        assert!((here.both - by_both).abs() < 1e-9);
    }
}
