//! Units as text.

use super::Unit;
use super::builtin::{Atom, PERCENT};
use super::exponent::{Exponent, Powers};
use std::fmt;
use std::sync::Arc;

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let factors = &self.0.factors;
        match &self.0.text {
            Some(text) => f.write_str(text),
            None if factors.is_empty() => f.write_str("no unit"),
            None if !f.alternate() => f.write_str(&composed(factors)),
            None if self.is_percent() => f.write_str(PERCENT),
            None if self.is_dimensionless() => f.write_str("no unit"),
            None => f.write_str(&composed(&merged(factors))),
        }
    }
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unit({self})")
    }
}

/// `mg*h/L`, `L/kg/h`, `1/min`.
fn composed(factors: &Powers<Arc<Atom>>) -> String {
    let (below, above): (Vec<_>, Vec<_>) =
        factors.iter().partition(|(_, exponent)| exponent.reads_negative());
    let above: Vec<String> = above.into_iter().map(|(a, e)| powered(a, e)).collect();
    let mut text = if above.is_empty() { "1".to_owned() } else { above.join("*") };
    for (atom, exponent) in below {
        text.push('/');
        text.push_str(&powered(atom, &exponent.negative()));
    }
    text
}

fn powered(atom: &Atom, exponent: &Exponent) -> String {
    let simple = *exponent == super::integer(1);
    let counts = atom.text.starts_with(|c: char| c.is_ascii_digit());
    match (simple, counts) {
        (true, _) => atom.text.clone(),
        (false, true) => format!("({})^{exponent}", atom.text),
        (false, false) => format!("{}^{exponent}", atom.text),
    }
}

/// Names of one dimension as powers of the one with the largest power; numbers are left out.
fn merged(factors: &Powers<Arc<Atom>>) -> Powers<Arc<Atom>> {
    let mut groups: Vec<(Arc<Atom>, Exponent, Exponent)> = Vec::new();
    for (atom, exponent) in factors.iter().filter(|(atom, _)| !atom.dimension.is_empty()) {
        match groups.iter_mut().find(|group| group.0.dimension == atom.dimension) {
            None => groups.push((atom.clone(), exponent.clone(), exponent.clone())),
            Some((name, largest, sum)) => {
                *sum = sum.plus(exponent);
                if size(exponent) > size(largest) {
                    (*name, *largest) = (atom.clone(), exponent.clone());
                }
            }
        }
    }
    let mut powers = Powers::default();
    for (atom, _, sum) in groups {
        powers.multiply(atom, &sum);
    }
    powers
}

/// The size of a plain exponent, for choosing a name; symbolic ones come last.
#[expect(clippy::cast_precision_loss, reason = "only compared, to choose a name")]
fn size(exponent: &Exponent) -> f64 {
    exponent.as_number().map_or(0.0, |r| (r.numerator as f64 / r.denominator as f64).abs())
}
