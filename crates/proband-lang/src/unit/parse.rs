//! Reading units: `mL/min/1.73m^2`, `10^9/L`, `1/min/(mU/L)`.

use super::builtin::{self, Atom};
use super::exponent::{Exponent, Powers, Ratio};
use super::{Declared, Unit};
use std::ops::Range;
use std::sync::Arc;

/// A text that is no unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownUnit {
    /// The bytes of the text that are not understood.
    pub range: Range<usize>,
    /// The text there.
    pub name: String,
    /// The unit that was probably meant.
    pub nearest: Option<String>,
    /// Why it is refused, where that is not that nobody knows it.
    pub reason: Option<&'static str>,
}

impl UnknownUnit {
    /// What is wrong, in one sentence.
    #[must_use]
    pub fn message(&self) -> String {
        match self.reason {
            Some(reason) => format!("`{}` is not a unit: {reason}", self.name),
            None if self.name.is_empty() => "a unit is missing".to_owned(),
            None => format!("`{}` is not a unit", self.name),
        }
    }

    /// The unit that was probably meant, as a question.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        self.nearest.as_ref().map(|unit| format!("did you mean `{unit}`?"))
    }
}

/// Brackets may be nested this deep.
const DEEPEST: usize = 20;
/// Powers and powers of ten beyond these are slips of the keyboard.
const LARGEST_POWER: i64 = 100;
const LARGEST_POWER_OF_TEN: i64 = 100;

pub(super) fn parse(text: &str, declared: &Declared) -> Result<Unit, UnknownUnit> {
    let mut reader = Reader { text, at: 0, depth: 0, declared };
    let factors = reader.unit()?;
    match reader.peek() {
        None => Ok(Unit::written(text, factors)),
        Some(_) => Err(reader.unknown(reader.at..text.len())),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    declared: &'a Declared,
}

type Factors = Powers<Arc<Atom>>;

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &str {
        let rest = &self.text[self.at..];
        let length = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn unit(&mut self) -> Result<Factors, UnknownUnit> {
        let mut factors = self.factor()?;
        loop {
            let sign = match self.peek() {
                Some('*') => 1,
                Some('/') => -1,
                _ => return Ok(factors),
            };
            self.at += 1;
            factors.multiply_all(&self.factor()?, &integer(sign));
        }
    }

    fn factor(&mut self) -> Result<Factors, UnknownUnit> {
        if self.take('(') {
            return self.bracket();
        }
        let start = self.at;
        let number = self.number()?;
        let from = self.at;
        let name =
            self.take_while(|c| c.is_alphanumeric() || "_%\u{b0}".contains(c)).to_owned();
        match (number, name.is_empty()) {
            (None, true) => Err(self.unknown_here()),
            (Some(number), true) => Ok(factor_of(number)),
            (number, false) => {
                let range = from..self.at;
                let atom = self.atom(&name).ok_or_else(|| self.unknown(range))?;
                let power = Exponent::number(self.power()?);
                Ok(match number {
                    Some(number) if !number.scale.is_empty() => {
                        factor_of(number.counting(&self.text[start..self.at], &atom, &power))
                    }
                    _ => Powers::one_of(Arc::new(atom), power),
                })
            }
        }
    }

    fn bracket(&mut self) -> Result<Factors, UnknownUnit> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.unknown_here());
        }
        let factors = self.unit()?;
        self.depth -= 1;
        if self.take(')') { Ok(factors) } else { Err(self.unknown_here()) }
    }

    fn atom(&self, name: &str) -> Option<Atom> {
        self.declared.get(name).or_else(|| builtin::built_in(name))
    }

    /// The number before a name: `1.73`, `365`, `10^9`; a plain 1 multiplies by nothing.
    fn number(&mut self) -> Result<Option<Atom>, UnknownUnit> {
        let start = self.at;
        self.at += number_length(&self.text[start..]);
        let range = start..self.at;
        let text = &self.text[range.clone()];
        if text.is_empty() {
            return Ok(None);
        }
        let number = exact_number(text).ok_or_else(|| self.unknown(range))?;
        let mut scale = Powers::default();
        scale.multiply_all(&number, &Exponent::number(self.power()?));
        Ok(Some(Atom::number(&self.text[start..self.at], scale)))
    }

    /// The power after a `^`, else 1.
    fn power(&mut self) -> Result<Ratio, UnknownUnit> {
        if !self.take('^') {
            return Ok(Ratio::ONE);
        }
        let start = self.at;
        let negative = self.take('-');
        let text = self.take_while(|c| c.is_ascii_digit() || c == '.').to_owned();
        let sign = Ratio::integer(if negative { -1 } else { 1 });
        let range = start..self.at;
        exact_ratio(&text).map(|ratio| ratio.times(sign)).ok_or_else(|| self.unknown(range))
    }

    fn unknown_here(&self) -> UnknownUnit {
        let length = self.peek().map_or(0, char::len_utf8);
        self.unknown(self.at..self.at + length)
    }

    fn unknown(&self, range: Range<usize>) -> UnknownUnit {
        let name = self.text[range.clone()].to_owned();
        let reason = builtin::is_temperature_with_offset(&name)
            .then_some("its zero is not no temperature; use K, or a plain number");
        let nearest = if reason.is_some() { None } else { self.declared.nearest(&name) };
        UnknownUnit { range, name, nearest, reason }
    }
}

/// The atom, or nothing if it is a plain 1.
fn factor_of(atom: Atom) -> Factors {
    let nothing = atom.scale.is_empty() && atom.dimension.is_empty();
    Powers::one_of(Arc::new(atom), integer(if nothing { 0 } else { 1 }))
}

fn integer(value: i64) -> Exponent {
    Exponent::number(Ratio::integer(value))
}

/// How many bytes at the start are a decimal number: digits, a point with digits, an exponent.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| {
        text[from..].find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len() - from)
    };
    let mut end = digits(0);
    if end > 0 && text[end..].starts_with('.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    let sign = |from: usize| usize::from(text[from..].starts_with(['+', '-']));
    if end > 0 && text[end..].starts_with(['e', 'E']) {
        let start = end + 1 + sign(end + 1);
        if digits(start) > 0 {
            end = start + digits(start);
        }
    }
    end
}

/// A decimal as digits and a power of ten.
fn decimal(text: &str) -> Option<(u64, i64)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{part}").parse().ok()?;
    let exponent = exponent.checked_sub(i64::try_from(part.len()).ok()?)?;
    (exponent.abs() <= LARGEST_POWER_OF_TEN).then_some((digits, exponent))
}

/// The exact value of a positive decimal of at most 19 digits, as powers of prime numbers.
pub(super) fn exact_number(text: &str) -> Option<Powers<u64>> {
    let (digits, exponent) = decimal(text)?;
    let mut powers = factorised(digits)?;
    powers.multiply(2, &integer(exponent));
    powers.multiply(5, &integer(exponent));
    Some(powers)
}

/// The exact value of a decimal that serves as a power, within bounds.
pub(super) fn exact_ratio(text: &str) -> Option<Ratio> {
    let (digits, exponent) = decimal(text)?;
    let denominator = 10_i128.checked_pow(u32::try_from(-exponent).ok()?)?;
    let ratio = Ratio::new(i128::from(digits), denominator);
    (ratio.numerator / ratio.denominator < LARGEST_POWER).then_some(ratio)
}

/// Prime factors; what has none below 2^16 is left whole, which costs nothing but the chance that two
/// such numbers share a factor that could have cancelled earlier.
fn factorised(mut number: u64) -> Option<Powers<u64>> {
    if number == 0 {
        return None;
    }
    let mut powers = Powers::default();
    let mut candidate = 2;
    while candidate < 1 << 16 && candidate * candidate <= number {
        while number.is_multiple_of(candidate) {
            powers.multiply(candidate, &integer(1));
            number /= candidate;
        }
        candidate += 1;
    }
    if number > 1 {
        powers.multiply(number, &integer(1));
    }
    Some(powers)
}
