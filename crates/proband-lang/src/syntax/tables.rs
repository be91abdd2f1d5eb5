//! Tables and blocks of numbers, where a line is a row.

use super::cursor::{Cursor, Parsed};
use super::lexer::Token;
use super::tree::{Column, Name, Row, StatementKind};
use proband_diag::{Diagnostic, Span, code};

impl Cursor<'_> {
    pub(crate) fn table(&mut self) -> Parsed<StatementKind> {
        let name = self.name("the name of a table")?;
        if self.is_sign("(") { self.curve(name) } else { self.family_table(name) }
    }

    fn family_table(&mut self, name: Name) -> Parsed<StatementKind> {
        let mut columns = Vec::new();
        while !self.at_end() && !self.peek().first_of_line {
            let name = self.name("the name of a column")?;
            columns.push(Column { name, unit: self.bracketed_unit()? });
        }
        let mut rows = Vec::new();
        while !self.at_end() {
            rows.extend(self.row(columns.len())?);
        }
        Ok(StatementKind::Table { name, columns, rows })
    }

    /// A row, or none if it has the wrong length, which is reported.
    fn row(&mut self, expected: usize) -> Parsed<Option<Row>> {
        let member = self.member()?;
        let mut values = Vec::new();
        while !self.at_end() && !self.peek().first_of_line {
            let missing = self.is_sign("-") && {
                !(self.is_tight(1) && matches!(self.ahead(1).token, Token::Number(_)))
            };
            if missing {
                self.bump();
                values.push(None);
            } else {
                values.push(Some(self.signed_number()?));
            }
        }
        if values.len() == expected {
            return Ok(Some(Row { member, values }));
        }
        let message = format!(
            "`{}` has {}, the table has {}",
            member.text,
            counted(values.len(), "value"),
            counted(expected, "column")
        );
        let fault = Diagnostic::error(code::TABLE_SHAPE, message, member.span)
            .help("a missing value is written `-`");
        self.report(fault);
        // The row stays known, so that its member is not reported as unknown.
        values.resize(expected, None);
        Ok(Some(Row { member, values }))
    }

    fn curve(&mut self, name: Name) -> Parsed<StatementKind> {
        self.bump();
        self.name("the name of the argument")?;
        let x_unit = self.bracketed_unit()?;
        self.sign(")")?;
        let y_unit = self.bracketed_unit()?;
        let linear = self.take_word("linear");
        if !linear && !self.take_word("step") {
            return Err(self.unexpected("`linear` or `step`"));
        }
        let mut points: Vec<(f64, f64, Span)> = Vec::new();
        while !self.at_end() {
            let start = self.start();
            let (x, y) = (self.signed_number()?, self.signed_number()?);
            points.push((x, y, self.since(start)));
        }
        Ok(StatementKind::Curve { name, x_unit, y_unit, linear, points })
    }

    pub(crate) fn block(&mut self, correlation: bool) -> Parsed<StatementKind> {
        let mut names = vec![self.name("the name of a parameter")?];
        while self.peek().token == Token::Name {
            names.push(self.any_name());
        }
        self.sign("=")?;
        let mut numbers = Vec::new();
        while !self.at_end() && self.peek().token != Token::Text {
            numbers.push(self.signed_number()?);
        }
        Ok(StatementKind::Block { correlation, names, numbers })
    }
}

/// `1 value`, `2 values`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
