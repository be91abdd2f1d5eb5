//! Text to words, numbers and signs.

use proband_diag::{Diagnostic, Faults, Fragment, code};

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token {
    Name,
    Number(f64),
    /// In double quotes; the range includes them.
    Text,
    Sign(&'static str),
    /// Anything else.
    Stray,
    End,
}

/// A piece of text: a token and its bytes in the fragment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lexeme {
    pub(crate) token: Token,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) first_of_line: bool,
    /// Begins a statement.
    pub(crate) in_column_one: bool,
}

/// Longer signs first, so that `->` is not read as `-`.
const SIGNS: [&str; 28] = [
    "->", "..", "==", "!=", "<=", ">=", "+=", "-=", "*=", "**", "+", "-", "*", "/", "^", "(",
    ")", "[", "]", "{", "}", ",", ":", "=", "<", ">", "~", "%",
];

/// All pieces of a fragment, an [`Token::End`] last.
pub(crate) fn lex(fragment: &Fragment<'_>, faults: &mut Faults) -> Vec<Lexeme> {
    let mut lexer = Lexer { text: fragment.text, at: 0, line_start: 0, new_line: true };
    let mut lexemes = Vec::new();
    loop {
        let lexeme = lexer.next();
        match lexeme.token {
            Token::Text if !closed(&fragment.text[lexeme.start..lexeme.end]) => {
                let span = fragment.span(lexeme.start..lexeme.end);
                faults.push(
                    Diagnostic::error(code::SYNTAX, "a text is not closed", span)
                        .help("a text ends with `\"` in the line in which it begins"),
                );
            }
            Token::Number(value) if !value.is_finite() => {
                let span = fragment.span(lexeme.start..lexeme.end);
                faults.push(Diagnostic::error(code::SYNTAX, "a number is too large", span));
            }
            _ => {}
        }
        lexemes.push(lexeme);
        if lexeme.token == Token::End {
            return lexemes;
        }
    }
}

fn closed(text: &str) -> bool {
    text.len() > 1 && text.ends_with('"')
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    line_start: usize,
    new_line: bool,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn next(&mut self) -> Lexeme {
        self.skip_blanks();
        let start = self.at;
        let first_of_line = std::mem::replace(&mut self.new_line, false);
        let (token, length) = self.token();
        self.at += length;
        let in_column_one = first_of_line && start == self.line_start;
        Lexeme { token, start, end: self.at, first_of_line, in_column_one }
    }

    fn skip_blanks(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            match c {
                '#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                '\n' => {
                    self.at += 1;
                    self.line_start = self.at;
                    self.new_line = true;
                }
                c if c.is_whitespace() || c == '\u{feff}' => self.at += c.len_utf8(),
                _ => return,
            }
        }
    }

    fn token(&self) -> (Token, usize) {
        let rest = self.rest();
        match rest.chars().next() {
            None => (Token::End, 0),
            Some(c) if c.is_ascii_digit() => number(rest),
            Some(c) if is_name_start(c) => (Token::Name, name_length(rest)),
            Some('"') => (Token::Text, text_length(rest)),
            Some('.') if !rest.starts_with("..") => (Token::Sign("."), 1),
            Some(c) => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => (Token::Sign(sign), sign.len()),
                None => (Token::Stray, c.len_utf8()),
            },
        }
    }
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn name_length(rest: &str) -> usize {
    rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
}

fn text_length(rest: &str) -> usize {
    match rest[1..].find(['"', '\n']) {
        Some(at) if rest[1 + at..].starts_with('"') => at + 2,
        Some(at) => at + 1,
        None => rest.len(),
    }
}

/// `1`, `1.5`, `1.5e-3`; the point needs digits on both sides, so that `1..3` is a range.
fn number(rest: &str) -> (Token, usize) {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut length = digits(0);
    if bytes.get(length) == Some(&b'.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let from = (length + 1 + sign).min(bytes.len());
        if digits(from) > 0 {
            length = from + digits(from);
        }
    }
    (Token::Number(rest[..length].parse().unwrap_or(f64::NAN)), length)
}
