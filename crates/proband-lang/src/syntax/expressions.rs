//! Expressions, from the weakest operator to the strongest.

use super::cursor::{Cursor, Parsed, Reported, is_whole};
use super::lexer::Token;
use super::tree::{
    Axis, Case, Expr, ExprKind, Link, Name, Operator, Path, RootOf, Segment, SetText, SumOver,
};
use proband_diag::{Diagnostic, code};

/// How deeply parentheses, signs and `if`s may be nested: the reader calls itself.
const MAX_DEPTH: usize = 100;
/// How many terms one sum, product or condition may have.
const MAX_TERMS: usize = 1000;
/// The words of time points: `week 24`.
const TIME_WORDS: [&str; 5] = ["hour", "day", "week", "month", "year"];
/// Words that cannot begin an operand.
const NOT_OPERANDS: [&str; 6] = ["then", "else", "and", "or", "in", "not"];

type Reader<'a> = fn(&mut Cursor<'a>) -> Parsed<Expr>;

impl<'a> Cursor<'a> {
    /// A whole expression.
    pub(crate) fn expression(&mut self) -> Parsed<Expr> {
        self.nested(|cursor| cursor.fold(Self::conjunction, Self::or_here))
    }

    /// A whole expression, or a faulty one with the rest of the statement left unread.
    pub(crate) fn expression_or_faulty(&mut self) -> Expr {
        let start = self.start();
        self.expression().unwrap_or_else(|Reported| {
            self.skip_rest();
            Expr { kind: ExprKind::Faulty, span: self.fragment.span(start..start) }
        })
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Parsed<Expr>) -> Parsed<Expr> {
        if self.depth == MAX_DEPTH {
            let span = self.span_of(self.peek());
            let fault = Diagnostic::error(code::SYNTAX, "nested too deeply", span)
                .help(format!("at most {MAX_DEPTH} levels: give a part a name with `let`"));
            return Err(self.report(fault));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn fold(
        &mut self,
        operand: Reader<'a>,
        operator: fn(&Self) -> Option<Operator>,
    ) -> Parsed<Expr> {
        let start = self.start();
        let first = operand(self)?;
        let rest = self.links(operand, operator)?;
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Expr { kind: ExprKind::Fold(Box::new(first), rest), span: self.since(start) })
    }

    fn links(
        &mut self,
        operand: Reader<'a>,
        operator: fn(&Self) -> Option<Operator>,
    ) -> Parsed<Vec<Link>> {
        let mut links = Vec::new();
        while let Some(operator) = operator(self) {
            let sign = self.bump();
            let span = self.span_of(sign);
            if links.len() == MAX_TERMS {
                let fault = Diagnostic::error(code::SYNTAX, "too many terms", span)
                    .help(format!("at most {MAX_TERMS}: give a part a name with `let`"));
                return Err(self.report(fault));
            }
            links.push(Link { operator, span, right: operand(self)? });
        }
        Ok(links)
    }

    fn or_here(&self) -> Option<Operator> {
        self.is_word("or").then_some(Operator::Or)
    }

    fn and_here(&self) -> Option<Operator> {
        self.is_word("and").then_some(Operator::And)
    }

    fn conjunction(&mut self) -> Parsed<Expr> {
        self.fold(Self::negation, Self::and_here)
    }

    fn negation(&mut self) -> Parsed<Expr> {
        let start = self.start();
        if !self.take_word("not") {
            return self.comparison();
        }
        let inner = self.nested(Self::negation)?;
        Ok(Expr { kind: ExprKind::Not(Box::new(inner)), span: self.since(start) })
    }

    fn comparison(&mut self) -> Parsed<Expr> {
        let start = self.start();
        let first = self.sum()?;
        if self.is_word("in") {
            self.bump();
            let members = self.braced_members()?;
            let kind = ExprKind::Among(Box::new(first), members);
            return Ok(Expr { kind, span: self.since(start) });
        }
        let rest = self.links(Self::sum_or_text, Self::comparison_here)?;
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Expr { kind: ExprKind::Compare(Box::new(first), rest), span: self.since(start) })
    }

    /// The comparison that stands here, if one does.
    pub(crate) fn comparison_here(&self) -> Option<Operator> {
        let Token::Sign(sign) = self.peek().token else { return None };
        Some(match sign {
            "<" => Operator::Less,
            "<=" => Operator::LessEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterEqual,
            "==" => Operator::Equal,
            "!=" => Operator::NotEqual,
            _ => return None,
        })
    }

    fn sum_or_text(&mut self) -> Parsed<Expr> {
        let start = self.start();
        match self.take_text() {
            Some(text) => Ok(Expr { kind: ExprKind::Text(text), span: self.since(start) }),
            None => self.sum(),
        }
    }

    /// A sum: the strength at which limits and the like are read.
    pub(crate) fn sum(&mut self) -> Parsed<Expr> {
        self.fold(Self::product, |cursor| match cursor.peek().token {
            Token::Sign("+") => Some(Operator::Add),
            Token::Sign("-") => Some(Operator::Subtract),
            _ => None,
        })
    }

    fn product(&mut self) -> Parsed<Expr> {
        let start = self.start();
        let value = self.fold(Self::unary, |cursor| match cursor.peek().token {
            Token::Sign("*") => Some(Operator::Multiply),
            Token::Sign("/") => Some(Operator::Divide),
            _ => None,
        })?;
        if !self.is_word("in") || self.is_sign_ahead(1, "{") {
            return Ok(value);
        }
        self.bump();
        let unit = self.unit()?;
        Ok(Expr { kind: ExprKind::In(Box::new(value), unit), span: self.since(start) })
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let start = self.start();
        if !self.take_sign("-") {
            return self.power();
        }
        let inner = self.nested(Self::unary)?;
        Ok(Expr { kind: ExprKind::Negated(Box::new(inner)), span: self.since(start) })
    }

    fn power(&mut self) -> Parsed<Expr> {
        let start = self.start();
        let base = self.primary()?;
        if self.is_sign("**") {
            return Err(self.unexpected("`^`"));
        }
        if !self.is_sign("^") {
            return Ok(base);
        }
        let sign = self.bump();
        let sign = self.span_of(sign);
        let exponent = self.nested(Self::unary)?;
        let kind = ExprKind::Power(Box::new(base), Box::new(exponent), sign);
        Ok(Expr { kind, span: self.since(start) })
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let start = self.start();
        match self.peek().token {
            Token::Number(value) => self.number(value),
            Token::Sign("(") => {
                self.bump();
                let inner = self.expression()?;
                self.sign(")")?;
                Ok(self.given(Expr { kind: inner.kind, span: self.since(start) }, start))
            }
            Token::Name => self.named(),
            _ => Err(self.unexpected("a number, a name or `(`")),
        }
    }

    /// The expression, with the unit that follows it.
    fn given(&mut self, value: Expr, start: usize) -> Expr {
        match self.take_unit() {
            None => value,
            Some(unit) => {
                Expr { kind: ExprKind::Given(Box::new(value), unit), span: self.since(start) }
            }
        }
    }

    fn number(&mut self, value: f64) -> Parsed<Expr> {
        let start = self.start();
        self.bump();
        if self.is_sign("[") && !self.peek().first_of_line {
            let span = self.span_of(self.peek());
            let unit = self.bracketed_text();
            let fault = Diagnostic::error(code::SYNTAX, "unexpected `[`", span)
                .help(format!("after a number the unit stands bare: `... {unit}`"));
            return Err(self.report(fault));
        }
        let unit = self.take_unit();
        Ok(Expr { kind: ExprKind::Number(value, unit), span: self.since(start) })
    }

    fn bracketed_text(&self) -> &'a str {
        let rest = &self.fragment.text[self.start() + 1..];
        rest.split([']', '\n']).next().unwrap_or("").trim()
    }

    fn named(&mut self) -> Parsed<Expr> {
        let word = self.text_of(self.peek());
        if word == "if" {
            return self.conditional();
        }
        if NOT_OPERANDS.contains(&word) {
            return Err(self.unexpected("a number, a name or `(`"));
        }
        if let Some(point) = self.time_point(word) {
            return Ok(point);
        }
        match (word, self.is_sign_ahead(1, "(")) {
            ("sum", true) => self.sum_over(),
            ("root", true) => self.root(),
            (_, true) => self.call(),
            _ => self.path_or_pick(),
        }
    }

    fn time_point(&mut self, word: &str) -> Option<Expr> {
        let negative = self.is_sign_ahead(1, "-") && self.is_tight(2) && !self.is_tight(1);
        let Token::Number(value) = self.ahead(1 + usize::from(negative)).token else {
            return None;
        };
        if !TIME_WORDS.contains(&word) {
            return None;
        }
        let start = self.start();
        let word = self.any_name();
        if negative {
            self.bump();
        }
        self.bump();
        let value = if negative { -value } else { value };
        Some(Expr { kind: ExprKind::TimePoint(word, value), span: self.since(start) })
    }

    fn conditional(&mut self) -> Parsed<Expr> {
        let start = self.start();
        let word = self.bump();
        let condition = self.expression()?;
        self.word("then")?;
        let chosen = self.expression()?;
        if !self.take_word("else") {
            let message = "`if` needs an `else`: an expression always has a value";
            let fault = Diagnostic::error(code::MISSING_ELSE, message, self.span_of(word));
            return Err(self.report(fault));
        }
        let otherwise = self.expression()?;
        let kind = ExprKind::If(Box::new([condition, chosen, otherwise]));
        Ok(Expr { kind, span: self.since(start) })
    }

    fn call(&mut self) -> Parsed<Expr> {
        let start = self.start();
        let function = self.any_name();
        self.sign("(")?;
        let mut arguments = Vec::new();
        if !self.is_sign(")") {
            arguments.push(self.expression()?);
            while self.take_sign(",") {
                arguments.push(self.expression()?);
            }
        }
        self.sign(")")?;
        let span = self.since(start);
        Ok(self.given(Expr { kind: ExprKind::Call(function, arguments), span }, start))
    }

    fn sum_over(&mut self) -> Parsed<Expr> {
        let start = self.start();
        self.bump();
        self.sign("(")?;
        let index = self.name("the name of an index")?;
        self.word("in")?;
        let set = self.set()?;
        self.sign(":")?;
        let body = self.expression()?;
        self.sign(")")?;
        let kind = ExprKind::Sum(Box::new(SumOver { index, set, body }));
        let span = self.since(start);
        Ok(self.given(Expr { kind, span }, start))
    }

    fn root(&mut self) -> Parsed<Expr> {
        let start = self.start();
        self.bump();
        self.sign("(")?;
        let unknown = self.name("the name of the unknown")?;
        self.word("from")?;
        let from = self.expression()?;
        self.word("to")?;
        let to = self.expression()?;
        self.sign(":")?;
        let body = self.expression()?;
        self.sign(")")?;
        let kind = ExprKind::Root(Box::new(RootOf { unknown, from, to, body }));
        Ok(Expr { kind, span: self.since(start) })
    }

    fn path_or_pick(&mut self) -> Parsed<Expr> {
        let start = self.start();
        let path = self.path()?;
        if !self.is_sign("{") || self.peek().first_of_line {
            let span = path.span;
            return Ok(Expr { kind: ExprKind::Path(path), span });
        }
        self.bump();
        let mut cases = vec![self.case()?];
        while self.take_sign(",") {
            cases.push(self.case()?);
        }
        self.sign("}")?;
        let span = self.since(start);
        Ok(self.given(Expr { kind: ExprKind::Pick(path, cases), span }, start))
    }

    fn case(&mut self) -> Parsed<Case> {
        let start = self.start();
        let member = if self.take_word("else") { None } else { Some(self.member()?) };
        let span = self.since(start);
        self.sign(":")?;
        Ok(Case { member, value: self.expression()?, span })
    }

    /// `cell[node].u`; an index is attached to its name.
    pub(crate) fn path(&mut self) -> Parsed<Path> {
        let start = self.start();
        let mut segments = vec![self.segment()?];
        while self.is_sign(".") && self.is_tight(0) {
            self.bump();
            segments.push(self.segment()?);
        }
        Ok(Path { segments, span: self.since(start) })
    }

    fn segment(&mut self) -> Parsed<Segment> {
        let name = self.name("a name")?;
        let mut indices = Vec::new();
        if self.is_sign("[") && self.is_tight(0) {
            self.bump();
            indices.push(self.expression()?);
            while self.take_sign(",") {
                indices.push(self.expression()?);
            }
            self.sign("]")?;
        }
        Ok(Segment { name, indices })
    }

    /// A set inside an expression or an axis.
    pub(crate) fn set(&mut self) -> Parsed<SetText> {
        let start = self.start();
        match self.peek().token {
            Token::Sign("{") => {
                let members = self.braced_members()?;
                Ok(SetText::Listed { members, span: self.since(start) })
            }
            Token::Number(from) if is_whole(from) && self.is_sign_ahead(1, "..") => {
                self.bump();
                self.bump();
                let to = self.whole_number()?;
                let span = self.since(start);
                Ok(SetText::Range { from: from as i64, to, span })
            }
            _ => self.named_set(),
        }
    }

    fn named_set(&mut self) -> Parsed<SetText> {
        let name = self.member()?;
        let mut except = Vec::new();
        if self.take_word("except") {
            except.push(self.member()?);
            while self.is_sign(",") && !self.is_word_ahead(2, "in") {
                self.bump();
                except.push(self.member()?);
            }
        }
        Ok(SetText::Named { name, except })
    }

    fn whole_number(&mut self) -> Parsed<i64> {
        match self.peek().token {
            Token::Number(value) if is_whole(value) => {
                self.bump();
                Ok(value as i64)
            }
            _ => Err(self.unexpected("a whole number")),
        }
    }

    /// `{A, B}`
    pub(crate) fn braced_members(&mut self) -> Parsed<Vec<Name>> {
        self.sign("{")?;
        let mut members = vec![self.member()?];
        while self.take_sign(",") {
            members.push(self.member()?);
        }
        self.sign("}")?;
        Ok(members)
    }

    /// `[i in node, gut]` attached to a name.
    pub(crate) fn axes(&mut self) -> Parsed<Vec<Axis>> {
        let mut axes = Vec::new();
        if !(self.is_sign("[") && self.is_tight(0)) {
            return Ok(axes);
        }
        self.bump();
        axes.push(self.axis()?);
        while self.take_sign(",") {
            axes.push(self.axis()?);
        }
        self.sign("]")?;
        Ok(axes)
    }

    fn axis(&mut self) -> Parsed<Axis> {
        let index = if self.is_word_ahead(1, "in") {
            let name = self.name("the name of an index")?;
            self.bump();
            Some(name)
        } else {
            None
        };
        Ok(Axis { index, set: self.set()? })
    }
}
