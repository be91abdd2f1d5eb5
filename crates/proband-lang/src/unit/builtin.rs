//! The units that every file knows, and what a named unit is made of.

use super::exponent::{Exponent, Powers, Ratio};
use super::parse::exact_number;

/// What can be measured. `Declared` ones come from `unit NAME` in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dimension {
    /// Units of biological activity, `U` and `IU`.
    Activity,
    Mass,
    Amount,
    Length,
    Time,
    Temperature,
    Current,
    Declared(String),
}

/// A unit by name, with its prefix: the scale against the base units (g, mol, m, s, K, A, U), the
/// dimension, and where it stands in a composed unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Atom {
    pub(super) rank: u8,
    pub(super) text: String,
    pub(super) scale: Powers<u64>,
    pub(super) dimension: Powers<Dimension>,
}

/// Names in a composed unit stand in the order numbers, activity, mass, amount, ... space, time.
mod rank {
    pub(super) const NUMBER: u8 = 0;
    pub(super) const DECLARED: u8 = 1;
    pub(super) const ACTIVITY: u8 = 2;
    pub(super) const MASS: u8 = 3;
    pub(super) const AMOUNT: u8 = 4;
    pub(super) const OTHER: u8 = 5;
    pub(super) const SPACE: u8 = 6;
    pub(super) const TIME: u8 = 7;
}

impl Atom {
    /// A number that is part of a unit: `10^9`, `1.73`, `365`.
    pub(super) fn number(text: &str, scale: Powers<u64>) -> Self {
        let text = text.to_owned();
        Self { rank: rank::NUMBER, text, scale, dimension: Powers::default() }
    }

    /// So many of a power of a unit, as one thing: `1.73m^2`, `365day`.
    pub(super) fn counting(mut self, text: &str, unit: &Self, power: &Exponent) -> Self {
        self.scale.multiply_all(&unit.scale, power);
        self.dimension.multiply_all(&unit.dimension, power);
        Self { rank: unit.rank, text: text.to_owned(), ..self }
    }

    /// A unit that a file declares by another.
    pub(super) fn declared(
        name: &str,
        scale: Powers<u64>,
        dimension: Powers<Dimension>,
    ) -> Self {
        Self { rank: rank::DECLARED, text: name.to_owned(), scale, dimension }
    }

    /// A unit that a file declares as a dimension of its own.
    pub(super) fn base(name: &str) -> Self {
        let dimension = Dimension::Declared(name.to_owned());
        let one = Exponent::number(Ratio::ONE);
        Self::declared(name, Powers::default(), Powers::one_of(dimension, one))
    }
}

pub(super) const PERCENT: &str = "%";

/// Powers of mass, amount, length, time, temperature, current, activity.
type Basis = [i64; 7];
const NONE: Basis = [0, 0, 0, 0, 0, 0, 0];
const MASS: Basis = [1, 0, 0, 0, 0, 0, 0];
const AMOUNT: Basis = [0, 1, 0, 0, 0, 0, 0];
const LENGTH: Basis = [0, 0, 1, 0, 0, 0, 0];
const VOLUME: Basis = [0, 0, 3, 0, 0, 0, 0];
const TIME: Basis = [0, 0, 0, 1, 0, 0, 0];
const RATE: Basis = [0, 0, 0, -1, 0, 0, 0];
const TEMPERATURE: Basis = [0, 0, 0, 0, 1, 0, 0];
const CURRENT: Basis = [0, 0, 0, 0, 0, 1, 0];
const ACTIVITY: Basis = [0, 0, 0, 0, 0, 0, 1];
const PRESSURE: Basis = [1, 0, -1, -2, 0, 0, 0];
const ENERGY: Basis = [1, 0, 2, -2, 0, 0, 0];

/// Name, whether it takes prefixes, scale against g, mol, m, s, K, A, U, and dimension.
///
/// The scales are exact by definition (SI brochure, 9th edition, 2019): mmHg is 13595.1 kg/m^3 times
/// 9.80665 m/s^2 times 1 mm; cal is the thermochemical calorie; a year is the Julian year of 365.25
/// days and a month its twelfth. Da is a molar mass of 1 g/mol, as the field uses it.
const UNITS: &[(&str, Prefixes, &str, u8, Basis)] = &[
    (PERCENT, Prefixes::No, "0.01", rank::NUMBER, NONE),
    ("cells", Prefixes::No, "1", rank::NUMBER, NONE),
    ("copies", Prefixes::No, "1", rank::NUMBER, NONE),
    ("U", Prefixes::Yes, "1", rank::ACTIVITY, ACTIVITY),
    ("IU", Prefixes::Yes, "1", rank::ACTIVITY, ACTIVITY),
    ("g", Prefixes::Yes, "1", rank::MASS, MASS),
    ("mol", Prefixes::Yes, "1", rank::AMOUNT, AMOUNT),
    ("M", Prefixes::Yes, "1000", rank::AMOUNT, [0, 1, -3, 0, 0, 0, 0]),
    ("Da", Prefixes::Yes, "1", rank::MASS, [1, -1, 0, 0, 0, 0, 0]),
    ("m", Prefixes::Yes, "1", rank::SPACE, LENGTH),
    ("L", Prefixes::Yes, "0.001", rank::SPACE, VOLUME),
    ("s", Prefixes::Yes, "1", rank::TIME, TIME),
    ("min", Prefixes::No, "60", rank::TIME, TIME),
    ("h", Prefixes::No, "3600", rank::TIME, TIME),
    ("day", Prefixes::No, "86400", rank::TIME, TIME),
    ("week", Prefixes::No, "604800", rank::TIME, TIME),
    ("month", Prefixes::No, "2629800", rank::TIME, TIME),
    ("year", Prefixes::No, "31557600", rank::TIME, TIME),
    ("bpm", Prefixes::No, "1/60", rank::TIME, RATE),
    ("Hz", Prefixes::Yes, "1", rank::TIME, RATE),
    ("K", Prefixes::Yes, "1", rank::OTHER, TEMPERATURE),
    ("A", Prefixes::Yes, "1", rank::OTHER, CURRENT),
    ("mmHg", Prefixes::No, "133322.387415", rank::OTHER, PRESSURE),
    ("Pa", Prefixes::Yes, "1000", rank::OTHER, PRESSURE),
    ("N", Prefixes::Yes, "1000", rank::OTHER, [1, 0, 1, -2, 0, 0, 0]),
    ("J", Prefixes::Yes, "1000", rank::OTHER, ENERGY),
    ("cal", Prefixes::Yes, "4184", rank::OTHER, ENERGY),
    ("W", Prefixes::Yes, "1000", rank::OTHER, [1, 0, 2, -3, 0, 0, 0]),
    ("V", Prefixes::Yes, "1000", rank::OTHER, [1, 0, 2, -3, 0, -1, 0]),
    ("C", Prefixes::Yes, "1", rank::OTHER, [0, 0, 0, 1, 0, 1, 0]),
    ("S", Prefixes::Yes, "0.001", rank::OTHER, [-1, 0, -2, 3, 0, 2, 0]),
    ("F", Prefixes::Yes, "0.001", rank::OTHER, [-1, 0, -2, 4, 0, 2, 0]),
    ("Ohm", Prefixes::Yes, "1000", rank::OTHER, [1, 0, 2, -3, 0, -2, 0]),
];

#[derive(Clone, Copy, PartialEq)]
enum Prefixes {
    Yes,
    No,
}

const PREFIXES: &[(&str, &str)] = &[
    ("f", "1e-15"),
    ("p", "1e-12"),
    ("n", "1e-9"),
    ("u", "1e-6"),
    ("m", "1e-3"),
    ("c", "1e-2"),
    ("d", "1e-1"),
    ("k", "1e3"),
    ("M", "1e6"),
    ("G", "1e9"),
];

/// The built-in unit of this name, with or without a prefix.
pub(super) fn built_in(name: &str) -> Option<Atom> {
    if let Some(unit) = UNITS.iter().find(|unit| unit.0 == name) {
        return Some(atom(name, unit, "1"));
    }
    PREFIXES.iter().find_map(|(prefix, factor)| {
        let rest = name.strip_prefix(prefix)?;
        let unit = UNITS.iter().find(|unit| unit.0 == rest && unit.1 == Prefixes::Yes)?;
        Some(atom(name, unit, factor))
    })
}

fn atom(
    text: &str,
    &(_, _, scale, rank, basis): &(&str, Prefixes, &str, u8, Basis),
    factor: &str,
) -> Atom {
    let mut exact = exact_number(factor).expect("a prefix is a decimal");
    for (part, sign) in scale.split('/').zip([1, -1]) {
        let part = exact_number(part).expect("a scale is a decimal");
        exact.multiply_all(&part, &Exponent::number(Ratio::integer(sign)));
    }
    let mut dimension = Powers::default();
    for (base, power) in dimensions().into_iter().zip(basis) {
        dimension.multiply(base, &Exponent::number(Ratio::integer(power)));
    }
    Atom { rank, text: text.to_owned(), scale: exact, dimension }
}

fn dimensions() -> [Dimension; 7] {
    use Dimension::{Activity, Amount, Current, Length, Mass, Temperature, Time};
    [Mass, Amount, Length, Time, Temperature, Current, Activity]
}

/// Every name that `built_in` knows, plain ones first.
pub(super) fn names() -> impl Iterator<Item = String> {
    let plain = UNITS.iter().map(|unit| unit.0.to_owned());
    let prefixed = UNITS.iter().filter(|unit| unit.1 == Prefixes::Yes);
    plain.chain(
        prefixed.flat_map(|unit| {
            PREFIXES.iter().map(move |(prefix, _)| format!("{prefix}{}", unit.0))
        }),
    )
}

/// What other notations call the units of this one.
const ALIASES: &[(&str, &str)] = &[
    ("sec", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("minute", "min"),
    ("minutes", "min"),
    ("mins", "min"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("d", "day"),
    ("days", "day"),
    ("wk", "week"),
    ("weeks", "week"),
    ("mo", "month"),
    ("months", "month"),
    ("y", "year"),
    ("yr", "year"),
    ("years", "year"),
    ("mcg", "ug"),
    ("\u{b5}g", "ug"),
    ("\u{3bc}g", "ug"),
    ("\u{b5}mol", "umol"),
    ("\u{3bc}mol", "umol"),
    ("\u{b5}M", "uM"),
    ("\u{3bc}M", "uM"),
    ("\u{b5}L", "uL"),
    ("\u{3bc}L", "uL"),
    ("cc", "mL"),
    ("gram", "g"),
    ("grams", "g"),
    ("liter", "L"),
    ("litre", "L"),
    ("percent", "%"),
    ("units", "U"),
    ("beats", "bpm"),
    ("cell", "cells"),
    ("copy", "copies"),
];

/// The unit that another notation's name stands for.
pub(super) fn alias(name: &str) -> Option<&'static str> {
    ALIASES.iter().find(|(other, _)| *other == name).map(|(_, unit)| *unit)
}

/// Whether the name is one of degrees Celsius or Fahrenheit, whose zero is not no temperature.
pub(super) fn is_temperature_with_offset(name: &str) -> bool {
    ["degC", "\u{b0}C", "Celsius", "celsius", "degF", "\u{b0}F", "Fahrenheit", "fahrenheit"]
        .contains(&name)
}
