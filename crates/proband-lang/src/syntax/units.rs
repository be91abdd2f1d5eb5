//! Where a unit begins and ends. A unit has no blanks inside and stands in the line of its number.

use super::cursor::{Cursor, Parsed};
use super::lexer::Token;
use super::tree::UnitText;

/// Words that follow an expression and are therefore never read as a unit.
const NOT_UNITS: [&str; 17] = [
    "then", "else", "and", "or", "not", "in", "if", "for", "until", "from", "to", "per",
    "every", "once", "terminal", "steady", "except",
];

impl Cursor<'_> {
    /// The unit after a number, `)` or `}`, if there is one.
    pub(crate) fn take_unit(&mut self) -> Option<UnitText> {
        if self.peek().first_of_line || !self.starts_unit() {
            return None;
        }
        self.read_unit()
    }

    fn starts_unit(&self) -> bool {
        let lexeme = self.peek();
        match lexeme.token {
            Token::Name => !NOT_UNITS.contains(&self.text_of(lexeme)),
            Token::Sign("%") => true,
            Token::Number(_) => {
                self.is_tight(1) && {
                    matches!(self.ahead(1).token, Token::Name | Token::Sign("/" | "^" | "%"))
                }
            }
            _ => false,
        }
    }

    /// A unit that must stand here.
    pub(crate) fn unit(&mut self) -> Parsed<UnitText> {
        match self.read_unit() {
            Some(unit) => Ok(unit),
            None => Err(self.unexpected("a unit, written without blanks")),
        }
    }

    /// `[UNIT]`, if a bracket stands here.
    pub(crate) fn bracketed_unit(&mut self) -> Parsed<Option<UnitText>> {
        if !self.take_sign("[") {
            return Ok(None);
        }
        let unit = self.unit()?;
        self.sign("]")?;
        Ok(Some(unit))
    }

    fn read_unit(&mut self) -> Option<UnitText> {
        let start = self.start();
        let mut count = self.factor_length(0)?;
        loop {
            let operator = matches!(self.ahead(count).token, Token::Sign("/" | "*"));
            if !(operator && self.is_tight(count) && self.is_tight(count + 1)) {
                break;
            }
            match self.later_factor_length(count + 1) {
                Some(length) => count += 1 + length,
                None => break,
            }
        }
        for _ in 0..count {
            self.bump();
        }
        Some(UnitText { text: self.read_since(start).to_owned(), span: self.since(start) })
    }

    /// After `/` or `*` a bare number is a number, not part of the unit: `100 mg/2`.
    fn later_factor_length(&self, from: usize) -> Option<usize> {
        let length = self.factor_length(from)?;
        let bare = length == 1 && matches!(self.ahead(from).token, Token::Number(_));
        (!bare).then_some(length)
    }

    /// How many lexemes the factor takes that begins so many ahead.
    fn factor_length(&self, from: usize) -> Option<usize> {
        match self.ahead(from).token {
            Token::Name | Token::Sign("%") => Some(1 + self.exponent_length(from + 1)),
            Token::Number(_) => {
                let mut length = 1 + self.exponent_length(from + 1);
                let named =
                    matches!(self.ahead(from + length).token, Token::Name | Token::Sign("%"));
                if named && self.is_tight(from + length) {
                    length += 1 + self.exponent_length(from + length + 1);
                }
                Some(length)
            }
            Token::Sign("(") => self.group_length(from),
            _ => None,
        }
    }

    fn exponent_length(&self, from: usize) -> usize {
        if !(self.is_sign_ahead(from, "^") && self.is_tight(from)) {
            return 0;
        }
        let sign = usize::from(self.is_sign_ahead(from + 1, "-") && self.is_tight(from + 1));
        let number = from + 1 + sign;
        match self.ahead(number).token {
            Token::Number(_) if self.is_tight(number) => 2 + sign,
            _ => 0,
        }
    }

    /// `(mmol/L)`: not nested, and without blanks.
    fn group_length(&self, from: usize) -> Option<usize> {
        let mut length = 1;
        loop {
            let place = from + length;
            if self.is_sign_ahead(place, "(") || !self.is_tight(place) {
                return None;
            }
            length += self.factor_length(place)?;
            let place = from + length;
            if !self.is_tight(place) {
                return None;
            }
            match self.ahead(place).token {
                Token::Sign(")") => return Some(length + 1),
                Token::Sign("/" | "*") => length += 1,
                _ => return None,
            }
        }
    }
}
