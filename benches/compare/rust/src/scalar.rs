//! Right-hand sides once, for numbers and for derivatives along a direction.

use std::ops::{Add, Div, Mul, Neg, Sub};

pub trait Scalar:
    Copy
    + From<f64>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    fn power(self, exponent: f64) -> Self;
}

impl Scalar for f64 {
    fn power(self, exponent: f64) -> Self {
        self.powf(exponent)
    }
}

/// A value and its derivative.
#[derive(Clone, Copy)]
pub struct Dual(pub f64, pub f64);

impl From<f64> for Dual {
    fn from(x: f64) -> Self {
        Self(x, 0.0)
    }
}

impl Add for Dual {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }
}

impl Sub for Dual {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0, self.1 - other.1)
    }
}

impl Mul for Dual {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0, self.0 * other.1 + self.1 * other.0)
    }
}

impl Div for Dual {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let quotient = self.0 / other.0;
        Self(quotient, (self.1 - quotient * other.1) / other.0)
    }
}

impl Neg for Dual {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0, -self.1)
    }
}

impl Scalar for Dual {
    fn power(self, exponent: f64) -> Self {
        let value = self.0.powf(exponent);
        Self(value, exponent * value / self.0 * self.1)
    }
}
