//! Units: what a number is counted in.
//!
//! A unit is a product of powers of named units, kept as its author wrote it; its scale against base
//! units is a product of powers of prime numbers, so that chains of multiplications and divisions
//! stay exact and a conversion factor is rounded once. Powers are exact fractions, or symbolic
//! (`c^hill`), so that a Hill model checks.

mod builtin;
mod declared;
mod difference;
mod exponent;
mod parse;
mod rounding;
mod show;

pub use declared::Declared;
pub use parse::UnknownUnit;

use builtin::{Atom, Dimension, PERCENT};
use exponent::{Exponent, Powers, Ratio, Symbols};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A unit of measurement. Two are equal if a number means the same in both (`ug/mL` and `mg/L`).
///
/// `{}` prints it as its author wrote it, composed ones in an order of mass before volume before time
/// (`mg*h/L`), and `no unit` for a plain number. `{:#}` merges what has one dimension, without regard
/// to scale (`mg^1.75/h` for `kg^0.75*mg/h`): what a message about dimensions should show.
#[derive(Clone)]
pub struct Unit(Arc<Body>);

struct Body {
    /// What the author wrote; none for a product.
    text: Option<String>,
    factors: Powers<Arc<Atom>>,
    scale: Powers<u64>,
    dimension: Powers<Dimension>,
}

/// How a value goes from one unit to another: times `factor` times each of the powers.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversion {
    /// The plain factor, rounded once.
    pub factor: f64,
    /// Factors whose exponents are parameters.
    pub powers: Vec<SymbolicPower>,
}

/// `ratio ^ (a * b * ...)`, of the parameters that are named.
#[derive(Clone, Debug, PartialEq)]
pub struct SymbolicPower {
    /// The base, rounded once.
    pub ratio: f64,
    /// The parameters, as given to [`Unit::powered_by`]; several are multiplied.
    pub symbols: Vec<String>,
}

impl Unit {
    /// The unit of plain numbers.
    #[must_use]
    pub fn one() -> Self {
        Self::composed(Powers::default())
    }

    /// Hundredths.
    #[must_use]
    pub fn percent() -> Self {
        Self::built_in(PERCENT)
    }

    /// Seconds: the base of time.
    #[must_use]
    pub fn second() -> Self {
        Self::built_in("s")
    }

    /// Hours: what a file counts time in unless it says otherwise.
    #[must_use]
    pub fn hour() -> Self {
        Self::built_in("h")
    }

    /// Days.
    #[must_use]
    pub fn day() -> Self {
        Self::built_in("day")
    }

    fn built_in(name: &str) -> Self {
        parse::parse(name, &Declared::default()).expect("a built-in unit")
    }

    /// Reads a unit such as `mL/min/1.73m^2`, which has no blanks inside.
    ///
    /// # Errors
    /// At the first name that is neither built in nor declared, or the first character that is none
    /// of a unit.
    pub fn parse(text: &str, declared: &Declared) -> Result<Self, UnknownUnit> {
        parse::parse(text, declared)
    }

    fn written(text: &str, factors: Powers<Arc<Atom>>) -> Self {
        let text = (!factors.is_empty()).then(|| text.to_owned());
        Self::new(text, factors)
    }

    fn composed(factors: Powers<Arc<Atom>>) -> Self {
        Self::new(None, factors)
    }

    fn new(text: Option<String>, factors: Powers<Arc<Atom>>) -> Self {
        let (mut scale, mut dimension) = (Powers::default(), Powers::default());
        for (atom, exponent) in factors.iter() {
            scale.multiply_all(&atom.scale, exponent);
            dimension.multiply_all(&atom.dimension, exponent);
        }
        Self(Arc::new(Body { text, factors, scale, dimension }))
    }

    /// Whether it measures nothing but numbers: none, `%`, `mL/L`, `10^9`.
    #[must_use]
    pub fn is_dimensionless(&self) -> bool {
        self.0.dimension.is_empty()
    }

    /// Whether it counts in hundredths: `%`, and what is left of `%/day` times a day.
    #[must_use]
    pub fn is_percent(&self) -> bool {
        let mut names = self.0.factors.iter().map(|(atom, _)| atom.text.as_str());
        self.is_dimensionless() && names.any(|name| name == PERCENT)
    }

    /// Whether it measures the same as another.
    #[must_use]
    pub fn same_dimension(&self, other: &Self) -> bool {
        self.0.dimension == other.0.dimension
    }

    /// By what to multiply a value in this unit to get it in another: exactly 1 if the units are
    /// equal, else rounded once. None if the dimensions differ, or if the factor has a parameter in
    /// its exponent (see [`Unit::conversion_to`]).
    #[must_use]
    pub fn factor_to(&self, to: &Self) -> Option<f64> {
        let conversion = self.conversion_to(to)?;
        conversion.powers.is_empty().then_some(conversion.factor)
    }

    /// How a value in this unit becomes one in another; none if the dimensions differ.
    #[must_use]
    pub fn conversion_to(&self, to: &Self) -> Option<Conversion> {
        if !self.same_dimension(to) {
            return None;
        }
        let mut ratio = self.0.scale.clone();
        ratio.multiply_all(&to.0.scale, &integer(-1));
        let mut by_symbols: BTreeMap<&Symbols, Vec<(u64, Ratio)>> = BTreeMap::new();
        for (base, exponent) in ratio.iter() {
            for (symbols, power) in exponent.terms() {
                by_symbols.entry(symbols).or_default().push((*base, power));
            }
        }
        let mut conversion = Conversion { factor: 1.0, powers: Vec::new() };
        for (symbols, powers) in by_symbols {
            let ratio = rounding::nearest_double(&powers);
            match symbols.as_slice() {
                [] => conversion.factor = ratio,
                _ => conversion.powers.push(SymbolicPower { ratio, symbols: symbols.clone() }),
            }
        }
        Some(conversion)
    }

    /// The unit of a product.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        if self.0.factors.is_empty() {
            return other.clone();
        }
        self.combined(other, &integer(1))
    }

    /// The unit of a quotient.
    #[must_use]
    pub fn per(&self, other: &Self) -> Self {
        self.combined(other, &integer(-1))
    }

    fn combined(&self, other: &Self, exponent: &Exponent) -> Self {
        if other.0.factors.is_empty() {
            return self.clone();
        }
        let mut factors = self.0.factors.clone();
        factors.multiply_all(&other.0.factors, exponent);
        Self::composed(factors)
    }

    /// The unit of a power with an exact exponent, `numerator / denominator`.
    #[must_use]
    pub fn power(&self, numerator: i64, denominator: i64) -> Self {
        let ratio = Ratio::new(i128::from(numerator), i128::from(denominator));
        self.raised(&Exponent::number(ratio))
    }

    /// The unit of a power with a decimal exponent such as `0.75`, taken as the fraction that its
    /// shortest decimal says. None for an exponent that is no number or beyond reason.
    #[must_use]
    pub fn decimal_power(&self, exponent: f64) -> Option<Self> {
        let text = format!("{}", exponent.abs());
        let ratio = parse::exact_ratio(&text)?;
        let sign = if exponent < 0.0 { -1 } else { 1 };
        Some(self.power(sign * ratio.numerator, ratio.denominator))
    }

    /// The unit of a power whose exponent is a parameter: `c^hill`. It cancels against another power
    /// of the same parameter.
    #[must_use]
    pub fn powered_by(&self, symbol: &str) -> Self {
        self.raised(&Exponent::symbol(symbol))
    }

    fn raised(&self, exponent: &Exponent) -> Self {
        if *exponent == integer(1) {
            return self.clone();
        }
        let mut factors = Powers::default();
        factors.multiply_all(&self.0.factors, exponent);
        Self::composed(factors)
    }
}

impl PartialEq for Unit {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.scale == other.0.scale && self.0.dimension == other.0.dimension)
    }
}

impl Eq for Unit {}

fn integer(value: i64) -> Exponent {
    Exponent::number(Ratio::integer(value))
}
