//! Statements: how they begin, what they are, and how reading goes on after a fault.

use super::cursor::{Cursor, Parsed, Reported};
use super::lexer::{Lexeme, Token, lex};
use super::tree::{
    Choice, DrawArgument, DrawRole, DrawText, Expr, Head, Name, SetText, Statement,
    StatementKind, Tree, UnitText,
};
use proband_diag::{Diagnostic, Faults, Fragment, Span, code, nearest};
use std::rc::Rc;

/// The words that begin a statement.
const KEYWORDS: [&str; 23] = [
    "model",
    "source",
    "time",
    "unit",
    "use",
    "set",
    "table",
    "function",
    "covariate",
    "input",
    "param",
    "covariance",
    "correlation",
    "let",
    "state",
    "d",
    "next",
    "jump",
    "dose",
    "event",
    "hazard",
    "on",
    "observe",
];

/// Reads a whole file.
pub(crate) fn parse_file(fragment: &Fragment<'_>, faults: &mut Faults) -> Tree {
    let lexemes = lex(fragment, faults);
    let mut tree = Tree::default();
    for lexemes in split(&lexemes) {
        tree.statements.push(Rc::new(parse_statement(fragment, lexemes, faults)));
    }
    tree
}

/// Reads a text that is one expression.
pub(crate) fn parse_expression(fragment: &Fragment<'_>, faults: &mut Faults) -> Option<Expr> {
    let before = faults.len();
    let lexemes = lex(fragment, faults);
    let mut cursor = Cursor::new(fragment, without_end(&lexemes), faults);
    let value = cursor.expression_or_faulty();
    if !cursor.at_end() {
        cursor.unexpected("the end");
    }
    (faults.len() == before).then_some(value)
}

/// Reads a text that is a number with or without a unit.
pub(crate) fn parse_number_and_unit(
    fragment: &Fragment<'_>,
    faults: &mut Faults,
) -> Option<(f64, Option<UnitText>)> {
    let before = faults.len();
    let lexemes = lex(fragment, faults);
    let mut cursor = Cursor::new(fragment, without_end(&lexemes), faults);
    let value = cursor.signed_number().ok()?;
    let unit = cursor.take_unit();
    if !cursor.at_end() {
        cursor.unexpected("the end");
    }
    (faults.len() == before).then_some((value, unit))
}

fn without_end(lexemes: &[Lexeme]) -> &[Lexeme] {
    &lexemes[..lexemes.len() - 1]
}

/// The lexemes of each statement: it begins in column 1, indented lines continue it.
fn split(lexemes: &[Lexeme]) -> Vec<&[Lexeme]> {
    let lexemes = without_end(lexemes);
    let mut starts: Vec<usize> =
        (0..lexemes.len()).filter(|&i| i == 0 || lexemes[i].in_column_one).collect();
    starts.push(lexemes.len());
    starts.windows(2).map(|pair| &lexemes[pair[0]..pair[1]]).collect()
}

fn parse_statement(
    fragment: &Fragment<'_>,
    lexemes: &[Lexeme],
    faults: &mut Faults,
) -> Statement {
    let before = faults.len();
    let mut cursor = Cursor::new(fragment, lexemes, faults);
    let first = cursor.peek();
    let span = cursor.span_of(first);
    let kind = cursor
        .statement()
        .unwrap_or_else(|Reported| StatementKind::Faulty(left_names(&cursor, lexemes)));
    let text = cursor.take_text().or(cursor.early_text.take());
    if faults_since(&cursor, before) == 0 && !cursor.at_end() {
        cursor.left_over();
    }
    let faulty = faults_since(&cursor, before) > 0;
    Statement { kind, span, text, faulty }
}

fn faults_since(cursor: &Cursor<'_>, before: usize) -> usize {
    cursor.faults.len() - before
}

/// The words of a statement that was not understood which it may have declared: those left of `=`.
fn left_names(cursor: &Cursor<'_>, lexemes: &[Lexeme]) -> Vec<String> {
    let left = lexemes.iter().take_while(|lexeme| lexeme.token != Token::Sign("="));
    let words = left.filter(|lexeme| lexeme.token == Token::Name);
    let mut names: Vec<String> = words.map(|w| cursor.text_of(*w).to_owned()).collect();
    let without_d = names.first().and_then(|first| first.strip_prefix('d')).map(str::to_owned);
    names.extend(without_d.filter(|name| !name.is_empty()));
    names
}

/// That chance stands where a value is fixed.
pub(crate) fn misplaced_draw(span: Span) -> Diagnostic {
    let message = "nothing can be drawn here";
    Diagnostic::error(code::MISPLACED_DRAW, message, span)
        .help("`~` belongs to `param`, `next` and `observe`, and to a parameter after `with`")
}

impl Cursor<'_> {
    /// What stands where a statement should have ended.
    fn left_over(&mut self) {
        if !self.is_sign("~") {
            self.unexpected("the end of the statement");
            return;
        }
        let span = self.span_of(self.peek());
        self.report(misplaced_draw(span));
    }

    fn statement(&mut self) -> Parsed<StatementKind> {
        let first = self.peek();
        if !first.in_column_one {
            let fault = Diagnostic::error(
                code::SYNTAX,
                "a statement begins in column 1",
                self.span_of(first),
            )
            .help("only lines that continue a statement are indented");
            return Err(self.report(fault));
        }
        let word = self.text_of(first);
        if first.token != Token::Name || !KEYWORDS.contains(&word) {
            return Err(self.unknown_statement());
        }
        if self.is_sign_ahead(1, "=") {
            return Err(self.unknown_statement());
        }
        self.bump();
        self.statement_of(word)
    }

    fn statement_of(&mut self, word: &str) -> Parsed<StatementKind> {
        match word {
            "model" => self.model(),
            "source" => self.source(),
            "time" => Ok(StatementKind::Time(self.unit()?)),
            "unit" => self.unit_statement(),
            "use" => self.use_statement(),
            "set" => self.set_statement(),
            "table" => self.table(),
            "function" => self.function(),
            "covariate" => self.covariate(),
            "input" => self.input(),
            "param" => self.param(),
            "covariance" => self.block(false),
            "correlation" => self.block(true),
            "let" => self.let_statement(),
            "state" => self.state(),
            "d" => self.rate(),
            "next" => self.next_statement(),
            "jump" => self.jump(),
            "dose" => self.dose(),
            "event" => self.event(),
            "hazard" => self.hazard(),
            "on" => self.on(),
            _ => self.observe(),
        }
    }

    fn unknown_statement(&mut self) -> Reported {
        let first = self.peek();
        let word = self.text_of(first);
        let message = format!("`{word}` does not begin a statement");
        let fault = Diagnostic::error(code::UNKNOWN_STATEMENT, message, self.span_of(first))
            .maybe_help(self.meant_statement(word));
        self.report(fault)
    }

    fn meant_statement(&self, word: &str) -> Option<String> {
        let rate =
            |name: &str| Some(format!("a rate of change is written `d {name}/dt = ...`"));
        if self.is_sign_ahead(1, "/") && self.is_word_ahead(2, "dt") {
            return rate(word.strip_prefix('d').unwrap_or(word));
        }
        if self.text_of(self.ahead(1)) == "'" {
            return rate(word);
        }
        if self.is_sign_ahead(1, "=") {
            return Some(format!("to define a quantity write `let {word} = ...`"));
        }
        let meant = KEYWORDS
            .iter()
            .copied()
            .find(|keyword| keyword.len() > 2 && word.starts_with(keyword))
            .or_else(|| nearest(word, KEYWORDS.iter().copied()))?;
        Some(format!("did you mean `{meant}`?"))
    }

    pub(crate) fn head(&mut self, what: &str) -> Parsed<Head> {
        let name = self.name(what)?;
        Ok(Head { name, axes: self.axes()? })
    }

    /// A number with its sign.
    pub(crate) fn signed_number(&mut self) -> Parsed<f64> {
        let negative = self.is_sign("-") && matches!(self.ahead(1).token, Token::Number(_));
        if negative {
            self.bump();
        }
        match self.peek().token {
            Token::Number(value) => {
                self.bump();
                Ok(if negative { -value } else { value })
            }
            _ => Err(self.unexpected("a number")),
        }
    }

    /// `~ DIST args`, if a `~` stands here.
    pub(crate) fn take_draw(&mut self) -> Parsed<Option<DrawText>> {
        if !self.take_sign("~") {
            return Ok(None);
        }
        let start = self.start();
        let distribution = self.distribution()?;
        let mut arguments = Vec::new();
        let ends = self.at_end() || self.is_sign(",") || self.peek().token == Token::Text;
        if !ends {
            arguments.push(self.draw_argument()?);
        }
        while self.is_sign(",") && !self.ends_draw() {
            self.bump();
            arguments.push(self.draw_argument()?);
        }
        Ok(Some(DrawText { distribution, arguments, span: self.since(start) }))
    }

    /// `log-normal` is one word, so that its fault can name it.
    fn distribution(&mut self) -> Parsed<Name> {
        let start = self.start();
        self.name("a distribution")?;
        while self.is_sign("-") && self.is_tight(0) && self.is_tight(1) {
            self.bump();
            self.bump();
        }
        Ok(Name { text: self.read_since(start).to_owned(), span: self.since(start) })
    }

    /// Whether the comma here begins something that belongs to the statement.
    fn ends_draw(&self) -> bool {
        self.is_word_ahead(1, "lloq")
            || self.is_word_ahead(1, "uloq")
            || self.is_sign_ahead(2, "=")
    }

    fn draw_argument(&mut self) -> Parsed<DrawArgument> {
        let start = self.start();
        let role = self.draw_role();
        let value = self.expression()?;
        let span = self.since(start);
        let per_occasion = self.take_word("per");
        if per_occasion {
            self.word("occasion")?;
        }
        Ok(DrawArgument { role, per_occasion, value, span })
    }

    fn draw_role(&mut self) -> DrawRole {
        let role = match self.comparison_here() {
            Some(operator) => DrawRole::Limit(operator),
            None => match self.text_of(self.peek()) {
                "sd" => DrawRole::Sd,
                "cv" => DrawRole::Cv,
                "var" => DrawRole::Var,
                "dispersion" => DrawRole::Dispersion,
                "shape" => DrawRole::Shape,
                _ => return DrawRole::Plain,
            },
        };
        self.bump();
        role
    }

    /// `, WORD expr` as often as it stands here.
    pub(crate) fn choices(&mut self) -> Vec<Choice> {
        let mut choices = Vec::new();
        while self.take_sign(",") {
            let Ok(word) = self.name("an option") else {
                self.skip_rest();
                break;
            };
            choices.push(Choice { word, value: self.expression_or_faulty() });
        }
        choices
    }

    /// A set as a statement declares it, where members may stand without braces.
    pub(crate) fn listed_set(&mut self) -> Parsed<SetText> {
        let start = self.start();
        let first = self.set()?;
        let SetText::Named { name, except } = &first else { return Ok(first) };
        if !except.is_empty() || !self.is_sign(",") {
            return Ok(first);
        }
        let mut members = vec![name.clone()];
        while self.take_sign(",") {
            members.push(self.member()?);
        }
        Ok(SetText::Listed { members, span: self.since(start) })
    }
}
