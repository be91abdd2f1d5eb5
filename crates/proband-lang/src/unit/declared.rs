//! Units that a file declares.

use super::Unit;
use super::builtin::{self, Atom};
use super::exponent::{Exponent, Powers, Ratio};
use super::parse::exact_number;
use std::collections::BTreeMap;

/// The units that a file declares by `unit CFU` and `unit drop = 0.05 mL`.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    units: BTreeMap<String, Atom>,
}

impl Declared {
    /// Whether the name is taken, by a declaration or a built-in unit.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.units.contains_key(name) || builtin::built_in(name).is_some()
    }

    /// `unit NAME`: a dimension of its own.
    pub fn add_dimension(&mut self, name: &str) {
        self.units.insert(name.to_owned(), Atom::base(name));
    }

    /// `unit NAME = NUMBER UNIT`, the number as written. False if the number is not positive or has
    /// more digits than can be held exactly.
    pub fn add_unit(&mut self, name: &str, number: &str, unit: &Unit) -> bool {
        let Some(number) = exact_number(number) else { return false };
        let mut scale: Powers<u64> = unit.0.scale.clone();
        scale.multiply_all(&number, &Exponent::number(Ratio::ONE));
        let atom = Atom::declared(name, scale, unit.0.dimension.clone());
        self.units.insert(name.to_owned(), atom);
        true
    }

    pub(super) fn get(&self, name: &str) -> Option<Atom> {
        self.units.get(name).cloned()
    }

    /// The known unit that was probably meant.
    pub(super) fn nearest(&self, name: &str) -> Option<String> {
        if let Some(unit) = builtin::alias(name) {
            return Some(unit.to_owned());
        }
        let known: Vec<String> = self.units.keys().cloned().chain(builtin::names()).collect();
        let same = known.iter().find(|unit| unit.eq_ignore_ascii_case(name)).cloned();
        // One letter is near everything: only a difference in case counts for short names.
        same.or_else(|| {
            let near = proband_diag::nearest(name, known.iter().map(String::as_str));
            near.filter(|_| name.chars().count() > 2).map(str::to_owned)
        })
    }
}
