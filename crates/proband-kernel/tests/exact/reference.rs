//! The solution of `y' = A y + b` in twice the digits: the exponential of the whole matrix by its Taylor
//! series and squarings, which shares nothing with closed forms.

use std::ops::{Add, Mul};

/// A number as the sum of two (T. J. Dekker, Numer. Math. 18 (1971) 224-242).
#[derive(Clone, Copy, Debug)]
struct Double(f64, f64);

impl Add for Double {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let sum = self.0 + other.0;
        let part = sum - self.0;
        let rest = (self.0 - (sum - part)) + (other.0 - part) + self.1 + other.1;
        Self::of(sum, rest)
    }
}

impl Mul for Double {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = self.0 * other.0;
        let rest = self.0.mul_add(other.0, -product) + self.0 * other.1 + self.1 * other.0;
        Self::of(product, rest)
    }
}

impl Double {
    fn of(large: f64, small: f64) -> Self {
        let sum = large + small;
        Self(sum, small - (sum - large))
    }

    fn number(x: f64) -> Self {
        Self(x, 0.0)
    }
}

type Matrix = Vec<Vec<Double>>;

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let n = a.len();
    let entry =
        |i: usize, j: usize| (0..n).fold(Double::number(0.0), |sum, k| sum + a[i][k] * b[k][j]);
    (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect()
}

fn map(a: &Matrix, f: impl Fn(usize, usize, Double) -> Double) -> Matrix {
    let row = |(i, row): (usize, &Vec<Double>)| {
        row.iter().enumerate().map(|(j, &x)| f(i, j, x)).collect()
    };
    a.iter().enumerate().map(row).collect()
}

/// `exp(A)`.
fn exponential(a: &Matrix) -> Matrix {
    let size = a.iter().map(|row| row.iter().map(|x| x.0.abs()).sum()).fold(0.0, f64::max);
    let squarings = (0..).find(|&s| size < 0.25 * f64::from(1_u32 << s)).expect("finite");
    let scale = Double::number(1.0 / f64::from(1_u32 << squarings));
    let scaled = map(a, |_, _, x| x * scale);
    let one = |i: usize, j: usize| Double::number(f64::from(u8::from(i == j)));
    let mut sum = map(a, |i, j, _| one(i, j));
    let mut power = sum.clone();
    for term in 1..=26 {
        power = product(&power, &scaled);
        // A third is no double: the reciprocal in twice the digits.
        let first = 1.0 / f64::from(term);
        let rest = (-first).mul_add(f64::from(term), 1.0) / f64::from(term);
        power = map(&power, |_, _, x| x * Double(first, rest));
        sum = map(&sum, |i, j, x| x + power[i][j]);
    }
    (0..squarings).fold(sum, |root, _| product(&root, &root))
}

/// The states at `t`.
pub(crate) fn solution(a: &[Vec<f64>], b: &[f64], y: &[f64], t: f64) -> Vec<f64> {
    let n = y.len();
    let entry = |i: usize, j: usize| match (i < n, j < n) {
        (true, true) => a[i][j],
        (true, false) => b[i],
        _ => 0.0,
    };
    let over_time = |i: usize, j: usize| Double::number(entry(i, j)) * Double::number(t);
    let whole: Matrix = (0..=n).map(|i| (0..=n).map(|j| over_time(i, j)).collect()).collect();
    let exponential = exponential(&whole);
    let start: Vec<f64> = y.iter().copied().chain([1.0]).collect();
    let value = |i: usize| {
        (0..=n).fold(Double::number(0.0), |sum, j| {
            sum + exponential[i][j] * Double::number(start[j])
        })
    };
    (0..n).map(|i| value(i).0).collect()
}
