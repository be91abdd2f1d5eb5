//! Statements that declare: files, names, quantities.

use super::cursor::{Cursor, Parsed};
use super::lexer::Token;
use super::tree::{
    Binding, DrawText, Expr, ExprKind, Name, Of, StartText, StatementKind, UnitText,
};

impl Cursor<'_> {
    pub(crate) fn model(&mut self) -> Parsed<StatementKind> {
        let start = self.start();
        self.bump();
        while !self.at_end() && self.is_tight(0) && self.peek().token != Token::Text {
            self.bump();
        }
        Ok(StatementKind::Model(self.read_since(start).to_owned()))
    }

    pub(crate) fn source(&mut self) -> Parsed<StatementKind> {
        match self.take_text() {
            Some(text) => Ok(StatementKind::Source(text)),
            None => Err(self.unexpected("a text in quotes")),
        }
    }

    pub(crate) fn unit_statement(&mut self) -> Parsed<StatementKind> {
        let name = self.name("the name of a unit")?;
        if !self.take_sign("=") {
            return Ok(StatementKind::Unit { name, value: None });
        }
        let number = self.signed_number()?;
        let unit = self.unit()?;
        Ok(StatementKind::Unit { name, value: Some((number, unit)) })
    }

    pub(crate) fn use_statement(&mut self) -> Parsed<StatementKind> {
        let path_span = self.span_of(self.peek());
        let Some(path) = self.take_text() else {
            return Err(self.unexpected("a file in quotes"));
        };
        let name = if self.take_word("as") { Some(self.head("a name")?) } else { None };
        let mut bindings = Vec::new();
        if self.take_word("with") {
            bindings.push(self.binding()?);
            while self.take_sign(",") {
                bindings.push(self.binding()?);
            }
        }
        Ok(StatementKind::Use { path, path_span, name, bindings })
    }

    fn binding(&mut self) -> Parsed<Binding> {
        let name = self.name("the name of a covariate, input or parameter of the file")?;
        self.sign("=")?;
        let value = self.expression()?;
        Ok(Binding { name, value, draw: self.take_draw()? })
    }

    pub(crate) fn set_statement(&mut self) -> Parsed<StatementKind> {
        let name = self.name("the name of a set")?;
        self.sign("=")?;
        Ok(StatementKind::Set { name, set: self.listed_set()? })
    }

    pub(crate) fn function(&mut self) -> Parsed<StatementKind> {
        let name = self.name("the name of a function")?;
        self.sign("(")?;
        let mut arguments = vec![self.name("the name of an argument")?];
        while self.take_sign(",") {
            arguments.push(self.name("the name of an argument")?);
        }
        self.sign(")")?;
        self.sign("=")?;
        Ok(StatementKind::Function { name, arguments, body: self.expression_or_faulty() })
    }

    /// `[kg]`, `in {F, M}`, or nothing.
    pub(crate) fn of(&mut self) -> Parsed<Of> {
        if self.take_word("in") {
            return Ok(Of::Category(self.set()?));
        }
        Ok(self.bracketed_unit()?.map_or(Of::Nothing, Of::Unit))
    }

    /// What a quantity is counted in; after a fault the rest of the statement is left unread.
    fn of_or_nothing(&mut self) -> Of {
        self.of().unwrap_or_else(|_| {
            self.skip_rest();
            Of::Nothing
        })
    }

    fn take_value(&mut self) -> Option<Expr> {
        self.take_sign("=").then(|| self.expression_or_faulty())
    }

    fn draw_or_none(&mut self) -> Option<DrawText> {
        self.take_draw().unwrap_or_else(|_| {
            self.skip_rest();
            None
        })
    }

    pub(crate) fn covariate(&mut self) -> Parsed<StatementKind> {
        let name = self.name("the name of a covariate")?;
        let of = self.of_or_nothing();
        let value = self.take_value();
        let between = if self.take_sign(",") { Some(self.between()?) } else { None };
        Ok(StatementKind::Covariate { name, of, value, between })
    }

    fn between(&mut self) -> Parsed<Name> {
        if ["last", "next", "linear"].iter().any(|word| self.is_word(word)) {
            return Ok(self.any_name());
        }
        Err(self.unexpected("`last`, `next` or `linear`"))
    }

    pub(crate) fn input(&mut self) -> Parsed<StatementKind> {
        let head = self.head("the name of an input")?;
        let of = self.of_or_nothing();
        Ok(StatementKind::Input { head, of, value: self.take_value() })
    }

    pub(crate) fn param(&mut self) -> Parsed<StatementKind> {
        let head = self.head("the name of a parameter")?;
        let unit = self.unit_or_none();
        self.early_text = self.take_text();
        let value = self.defined();
        let draw = self.draw_or_none();
        Ok(StatementKind::Param { head, unit, value, draw })
    }

    fn unit_or_none(&mut self) -> Option<UnitText> {
        self.bracketed_unit().unwrap_or_else(|_| {
            self.skip_rest();
            None
        })
    }

    /// `= expr`, which must stand here.
    pub(crate) fn defined(&mut self) -> Expr {
        if self.sign("=").is_err() {
            self.skip_rest();
            let at = self.start();
            let kind = ExprKind::Faulty;
            return Expr { kind, span: self.fragment.span(at..at) };
        }
        self.expression_or_faulty()
    }

    pub(crate) fn let_statement(&mut self) -> Parsed<StatementKind> {
        let head = self.head("the name of a quantity")?;
        let unit = self.unit_or_none();
        Ok(StatementKind::Let { head, unit, value: self.defined() })
    }

    pub(crate) fn state(&mut self) -> Parsed<StatementKind> {
        let head = self.head("the name of a state")?;
        let of = self.of_or_nothing();
        let start = self.take_sign("=").then(|| match self.take_word("steady") {
            true => StartText::Steady,
            false => StartText::Value(self.expression_or_faulty()),
        });
        let mut bounds = Vec::new();
        while self.take_sign(",") {
            let span = self.span_of(self.peek());
            match self.comparison_here() {
                Some(operator) => {
                    self.bump();
                    bounds.push((operator, span, self.expression_or_faulty()));
                }
                None => {
                    self.unexpected("`>=` or `<=` and a bound");
                    self.skip_rest();
                }
            }
        }
        Ok(StatementKind::State { head, of, start, bounds })
    }

    pub(crate) fn observe(&mut self) -> Parsed<StatementKind> {
        let head = self.head("the name of an observable")?;
        let of = self.of_or_nothing();
        let value = self.take_value();
        let draw = self.draw_or_none();
        Ok(StatementKind::Observe { head, of, value, draw, limits: self.choices() })
    }
}
