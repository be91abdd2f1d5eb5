//! Exponents of units: exact fractions, and sums of them times named parameters (`c^hill`).

use std::collections::BTreeMap;
use std::fmt;

/// An exact fraction in lowest terms, its denominator positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ratio {
    pub(super) numerator: i64,
    pub(super) denominator: i64,
}

impl Ratio {
    pub(super) const ZERO: Self = Self { numerator: 0, denominator: 1 };
    pub(super) const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// `numerator / denominator`; a zero denominator counts as one. Numbers that no longer fit are
    /// clamped: no unit that anyone means comes near them.
    pub(super) fn new(numerator: i128, denominator: i128) -> Self {
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs()).max(1);
        let divisor = i128::try_from(divisor).unwrap_or(1) * denominator.signum();
        if divisor == 0 {
            return Self { numerator: clamp(numerator), denominator: 1 };
        }
        Self {
            numerator: clamp(numerator / divisor),
            denominator: clamp(denominator / divisor).max(1),
        }
    }

    pub(super) fn integer(value: i64) -> Self {
        Self { numerator: value, denominator: 1 }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        let (a, b) = (i128::from(self.numerator), i128::from(self.denominator));
        let (c, d) = (i128::from(other.numerator), i128::from(other.denominator));
        Self::new((a * d).saturating_add(c * b), b * d)
    }

    pub(super) fn times(self, other: Self) -> Self {
        Self::new(
            i128::from(self.numerator) * i128::from(other.numerator),
            i128::from(self.denominator) * i128::from(other.denominator),
        )
    }
}

fn clamp(value: i128) -> i64 {
    let limit = i128::from(i64::MAX);
    i64::try_from(value.clamp(-limit, limit)).unwrap_or(i64::MAX)
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl fmt::Display for Ratio {
    /// `2`, `0.75`, or `(1/3)` where no short decimal is exact.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, d) = (i128::from(self.numerator), i128::from(self.denominator));
        let mut power = 1_i128;
        for digits in 0..=9_usize {
            if power % d == 0 {
                let scaled = n * (power / d);
                let sign = if n < 0 { "-" } else { "" };
                let (whole, part) = (scaled.abs() / power, scaled.abs() % power);
                return match digits {
                    0 => write!(f, "{sign}{whole}"),
                    _ => write!(f, "{sign}{whole}.{part:0digits$}"),
                };
            }
            power *= 10;
        }
        write!(f, "({n}/{d})")
    }
}

/// Parameters that multiply each other in an exponent, sorted; empty for a plain number.
pub(super) type Symbols = Vec<String>;

/// An exponent: a sum of fractions, each times a product of named parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exponent(BTreeMap<Symbols, Ratio>);

impl Exponent {
    pub(super) fn number(value: Ratio) -> Self {
        let mut sum = Self::default();
        sum.add(Symbols::new(), value);
        sum
    }

    pub(super) fn symbol(name: &str) -> Self {
        Self(BTreeMap::from([(vec![name.to_owned()], Ratio::ONE)]))
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The plain number it is, if no parameter is in it.
    pub(super) fn as_number(&self) -> Option<Ratio> {
        match self.0.iter().next() {
            None => Some(Ratio::ZERO),
            Some((symbols, value)) if self.0.len() == 1 && symbols.is_empty() => Some(*value),
            Some(_) => None,
        }
    }

    pub(super) fn terms(&self) -> impl Iterator<Item = (&Symbols, Ratio)> {
        self.0.iter().map(|(symbols, value)| (symbols, *value))
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        for (symbols, value) in other.terms() {
            sum.add(symbols.clone(), value);
        }
        sum
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        let mut product = Self::default();
        for (mine, a) in self.terms() {
            for (theirs, b) in other.terms() {
                let mut symbols = [mine.as_slice(), theirs.as_slice()].concat();
                symbols.sort();
                product.add(symbols, a.times(b));
            }
        }
        product
    }

    pub(super) fn negative(&self) -> Self {
        self.times(&Self::number(Ratio::integer(-1)))
    }

    fn add(&mut self, symbols: Symbols, value: Ratio) {
        let sum = self.0.get(&symbols).map_or(value, |old| old.plus(value));
        if sum == Ratio::ZERO {
            self.0.remove(&symbols);
        } else {
            self.0.insert(symbols, sum);
        }
    }

    /// Whether its first term is negative, so that it reads better below a `/`.
    pub(super) fn reads_negative(&self) -> bool {
        self.0.values().next().is_some_and(|value| value.numerator < 0)
    }
}

impl fmt::Display for Exponent {
    /// `2`, `hill`, `(2*hill)`, `(shape - 1)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let term = |symbols: &Symbols, value: Ratio| match (value, symbols.join("*")) {
            (value, names) if names.is_empty() => value.to_string(),
            (Ratio::ONE, names) => names,
            (value, names) => format!("{value}*{names}"),
        };
        let parts: Vec<String> = self.terms().map(|(s, value)| term(s, value)).collect();
        match parts.as_slice() {
            [one] if !one.contains('*') => f.write_str(one),
            _ => write!(f, "({})", parts.join(" + ").replace("+ -", "- ")),
        }
    }
}

/// A product of powers of things: of base numbers (a scale), of dimensions, of named units.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Powers<K: Ord>(BTreeMap<K, Exponent>);

impl<K: Ord> Default for Powers<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Clone> Powers<K> {
    pub(super) fn one_of(thing: K, exponent: Exponent) -> Self {
        let mut powers = Self::default();
        powers.multiply(thing, &exponent);
        powers
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &Exponent)> {
        self.0.iter()
    }

    /// Multiplies by `thing ^ exponent`.
    pub(super) fn multiply(&mut self, thing: K, exponent: &Exponent) {
        let sum = self.0.get(&thing).map_or(exponent.clone(), |old| old.plus(exponent));
        if sum.is_zero() {
            self.0.remove(&thing);
        } else {
            self.0.insert(thing, sum);
        }
    }

    /// Multiplies by `other ^ exponent`.
    pub(super) fn multiply_all(&mut self, other: &Self, exponent: &Exponent) {
        for (thing, power) in other.iter() {
            self.multiply(thing.clone(), &power.times(exponent));
        }
    }
}
