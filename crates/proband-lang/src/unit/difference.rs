//! What two units differ by, in words.

use super::builtin::Dimension;
use super::exponent::Powers;
use super::{Unit, integer};

/// Named combinations of dimensions.
const NAMED: &[(&[(Dimension, i64)], &str)] = &[
    (&[(Dimension::Time, 1)], "a time"),
    (&[(Dimension::Mass, 1)], "a mass"),
    (&[(Dimension::Amount, 1)], "an amount of substance"),
    (&[(Dimension::Activity, 1)], "an activity (U)"),
    (&[(Dimension::Length, 1)], "a length"),
    (&[(Dimension::Length, 2)], "an area"),
    (&[(Dimension::Length, 3)], "a volume"),
    (&[(Dimension::Temperature, 1)], "a temperature"),
    (&[(Dimension::Current, 1)], "an electric current"),
    (&[(Dimension::Time, -1)], "a rate (1/time)"),
    (&[(Dimension::Length, 3), (Dimension::Time, -1)], "a flow (volume/time)"),
    (&[(Dimension::Mass, 1), (Dimension::Length, -3)], "a concentration (mass/volume)"),
    (&[(Dimension::Amount, 1), (Dimension::Length, -3)], "a concentration (amount/volume)"),
    (&[(Dimension::Activity, 1), (Dimension::Length, -3)], "a concentration (U/volume)"),
    (&[(Dimension::Mass, 1), (Dimension::Amount, -1)], "a molar mass"),
    (&[(Dimension::Mass, 1), (Dimension::Length, -1), (Dimension::Time, -2)], "a pressure"),
    (&[(Dimension::Mass, 1), (Dimension::Length, 2), (Dimension::Time, -2)], "an energy"),
];

const MOLAR_MASS: &str = "a molar mass";

impl Unit {
    /// What it measures, in words: `a time`, `a mass`, `a plain number`; none if that has no name.
    #[must_use]
    pub fn dimension_name(&self) -> Option<&'static str> {
        if self.is_dimensionless() {
            return Some("a plain number");
        }
        name_of(&self.0.dimension)
    }

    /// A sentence for a help text that says what two units differ by, if both are units and that has
    /// a name.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<String> {
        if self.is_dimensionless() || other.is_dimensionless() {
            return None;
        }
        let quotient = self.per(other);
        let name = name_of(&quotient.0.dimension).or_else(|| {
            let inverse = other.per(self);
            name_of(&inverse.0.dimension)
        })?;
        Some(match name {
            MOLAR_MASS => "mass and amount of substance differ by a molar mass: multiply or \
                           divide by one in g/mol"
                .to_owned(),
            "a rate (1/time)" => "they differ by a time".to_owned(),
            "an area" => {
                "they differ by an area: what counts per body surface is in a unit such as \
                 mL/min/1.73m^2"
                    .to_owned()
            }
            name => format!("they differ by {name}"),
        })
    }

    /// Whether it is the other unit per area, as mL/min/1.73m^2 is mL/min per area.
    #[must_use]
    pub fn is_per_area_of(&self, other: &Self) -> bool {
        name_of(&other.per(self).0.dimension) == Some("an area")
    }
}

fn name_of(dimension: &Powers<Dimension>) -> Option<&'static str> {
    let same = |parts: &[(Dimension, i64)]| {
        let mut wanted = Powers::default();
        for (part, power) in parts {
            wanted.multiply(part.clone(), &integer(*power));
        }
        wanted == *dimension
    };
    NAMED.iter().find(|(parts, _)| same(parts)).map(|(_, name)| *name)
}
