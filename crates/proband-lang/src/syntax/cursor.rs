//! A place among the lexemes of one statement, and the faults of reading it.

use super::lexer::{Lexeme, Token};
use super::tree::Name;
use proband_diag::{Diagnostic, Faults, Fragment, Span, code};

/// A fault was found and reported; the caller leaves the statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reported;

/// What was read, unless there was a fault.
pub(crate) type Parsed<T> = Result<T, Reported>;

/// Reads the lexemes of one statement, the last of which is [`Token::End`].
pub(crate) struct Cursor<'a> {
    pub(crate) fragment: &'a Fragment<'a>,
    lexemes: &'a [Lexeme],
    at: usize,
    end: Lexeme,
    pub(crate) depth: usize,
    /// The title of a parameter, which may stand before its `=`.
    pub(crate) early_text: Option<String>,
    pub(crate) faults: &'a mut Faults,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(
        fragment: &'a Fragment<'a>,
        lexemes: &'a [Lexeme],
        faults: &'a mut Faults,
    ) -> Self {
        let at_end = lexemes.last().map_or(0, |last| last.end);
        let end = Lexeme {
            token: Token::End,
            start: at_end,
            end: at_end,
            first_of_line: true,
            in_column_one: true,
        };
        Self { fragment, lexemes, at: 0, end, depth: 0, early_text: None, faults }
    }

    pub(crate) fn peek(&self) -> Lexeme {
        self.ahead(0)
    }

    pub(crate) fn ahead(&self, count: usize) -> Lexeme {
        self.lexemes.get(self.at + count).copied().unwrap_or(self.end)
    }

    pub(crate) fn bump(&mut self) -> Lexeme {
        let lexeme = self.peek();
        self.at = (self.at + 1).min(self.lexemes.len());
        lexeme
    }

    /// Leaves the rest of the statement unread.
    pub(crate) fn skip_rest(&mut self) {
        self.at = self.lexemes.len();
    }

    pub(crate) fn text_of(&self, lexeme: Lexeme) -> &'a str {
        &self.fragment.text[lexeme.start..lexeme.end]
    }

    pub(crate) fn span_of(&self, lexeme: Lexeme) -> Span {
        self.fragment.span(lexeme.start..lexeme.end)
    }

    /// Where the next lexeme starts.
    pub(crate) fn start(&self) -> usize {
        self.peek().start
    }

    /// From a start to the end of what was read last.
    pub(crate) fn since(&self, start: usize) -> Span {
        self.fragment.span(start..self.last_end(start))
    }

    /// The text from a start to the end of what was read last.
    pub(crate) fn read_since(&self, start: usize) -> &'a str {
        &self.fragment.text[start..self.last_end(start)]
    }

    fn last_end(&self, start: usize) -> usize {
        if self.at == 0 { start } else { self.lexemes[self.at - 1].end.max(start) }
    }

    /// Whether the lexeme so many ahead follows the one before it without a blank.
    pub(crate) fn is_tight(&self, count: usize) -> bool {
        let index = self.at + count;
        index > 0 && index < self.lexemes.len() && {
            self.lexemes[index - 1].end == self.lexemes[index].start
        }
    }

    pub(crate) fn at_end(&self) -> bool {
        self.peek().token == Token::End
    }

    pub(crate) fn is_sign(&self, sign: &str) -> bool {
        self.is_sign_ahead(0, sign)
    }

    pub(crate) fn is_sign_ahead(&self, count: usize, sign: &str) -> bool {
        matches!(self.ahead(count).token, Token::Sign(found) if found == sign)
    }

    pub(crate) fn is_word(&self, word: &str) -> bool {
        self.is_word_ahead(0, word)
    }

    pub(crate) fn is_word_ahead(&self, count: usize, word: &str) -> bool {
        let lexeme = self.ahead(count);
        lexeme.token == Token::Name && self.text_of(lexeme) == word
    }

    pub(crate) fn take_sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        if found {
            self.bump();
        }
        found
    }

    pub(crate) fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.bump();
        }
        found
    }

    pub(crate) fn sign(&mut self, sign: &str) -> Parsed<()> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    pub(crate) fn word(&mut self, word: &str) -> Parsed<()> {
        if self.take_word(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}`"))) }
    }

    /// A name; `what` says of what.
    pub(crate) fn name(&mut self, what: &str) -> Parsed<Name> {
        match self.peek().token {
            Token::Name => Ok(self.any_name()),
            _ => Err(self.unexpected(what)),
        }
    }

    /// The next lexeme as a name, whatever it is.
    pub(crate) fn any_name(&mut self) -> Name {
        let lexeme = self.bump();
        Name { text: self.text_of(lexeme).to_owned(), span: self.span_of(lexeme) }
    }

    /// The inside of a quoted text, if one stands here.
    pub(crate) fn take_text(&mut self) -> Option<String> {
        (self.peek().token == Token::Text).then(|| self.quoted().text)
    }

    fn quoted(&mut self) -> Name {
        let lexeme = self.bump();
        let text = self.text_of(lexeme).trim_matches('"').to_owned();
        Name { text, span: self.span_of(lexeme) }
    }

    /// A level or member: a word, a whole number or a quoted text.
    pub(crate) fn member(&mut self) -> Parsed<Name> {
        match self.peek().token {
            Token::Name => Ok(self.any_name()),
            Token::Text => Ok(self.quoted()),
            Token::Number(value) if is_whole(value) => Ok(self.any_name()),
            _ => Err(self.unexpected("a level or member")),
        }
    }

    /// Reports that the next lexeme does not fit.
    pub(crate) fn unexpected(&mut self, expected: &str) -> Reported {
        let lexeme = self.peek();
        let span = self.span_of(lexeme);
        let text = self.text_of(lexeme);
        let fault = match lexeme.token {
            Token::Sign("=") if !expected.contains('=') => {
                Diagnostic::error(code::SYNTAX, "a comparison is written `==`", span)
            }
            Token::Sign("**") => {
                Diagnostic::error(code::SYNTAX, "a power is written `^`, not `**`", span)
            }
            Token::End => Diagnostic::error(code::SYNTAX, "something is missing here", span)
                .help(format!("expected {expected}")),
            _ => Diagnostic::error(code::SYNTAX, format!("unexpected `{text}`"), span)
                .help(format!("expected {expected}")),
        };
        self.report(fault)
    }

    pub(crate) fn report(&mut self, fault: Diagnostic) -> Reported {
        self.faults.push(fault);
        Reported
    }
}

/// Whether a number is whole, and small enough to count with.
pub(crate) fn is_whole(value: f64) -> bool {
    value.abs() < 1e9 && value.fract().abs() <= 0.0
}
