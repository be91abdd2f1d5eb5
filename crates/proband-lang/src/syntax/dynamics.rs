//! Statements that say how things change: equations, doses, events.

use super::cursor::{Cursor, Parsed, Reported};
use super::lexer::Token;
use super::tree::{Assignment, Expr, Operator, StatementKind, TriggerText, WhenText};

/// What may follow the trigger of an event or hazard.
#[derive(Default)]
struct Tail {
    until: Option<Expr>,
    until_hold: Option<Expr>,
    once: bool,
    terminal: bool,
}

impl Cursor<'_> {
    pub(crate) fn rate(&mut self) -> Parsed<StatementKind> {
        let head = self.head("the name of a state")?;
        self.sign("/")?;
        self.word("dt")?;
        Ok(StatementKind::Rate { head, value: self.defined() })
    }

    pub(crate) fn next_statement(&mut self) -> Parsed<StatementKind> {
        let head = self.head("the name of a state")?;
        self.word("every")?;
        let every = self.expression_or_faulty();
        let value = self.take_sign("=").then(|| self.expression_or_faulty());
        Ok(StatementKind::Next { head, every, value, draw: self.take_draw()? })
    }

    pub(crate) fn jump(&mut self) -> Parsed<StatementKind> {
        let head = self.head("the name of a state")?;
        let from = self.member()?;
        self.sign("->")?;
        let to = self.member()?;
        let unit = self.bracketed_unit()?;
        Ok(StatementKind::Jump { head, from, to, unit, rate: self.defined() })
    }

    pub(crate) fn dose(&mut self) -> Parsed<StatementKind> {
        let first = self.name("the name of a route")?;
        let (drug, route) = match self.peek().token {
            Token::Name => (Some(first), self.any_name()),
            _ => (None, first),
        };
        let unit = self.bracketed_unit()?;
        self.sign("->")?;
        let target = self.path()?;
        Ok(StatementKind::Dose { drug, route, unit, target, choices: self.choices() })
    }

    pub(crate) fn event(&mut self) -> Parsed<StatementKind> {
        let name = self.name("the name of an event")?;
        if self.take_word("every") {
            let period = self.expression_or_faulty();
            let from = self.take_word("from").then(|| self.expression_or_faulty());
            let trigger = TriggerText::Every { period, from };
            return Ok(StatementKind::Event { name, trigger, once: false, terminal: false });
        }
        self.word("when")?;
        let condition = self.expression_or_faulty();
        let hold = self.take_word("for").then(|| self.expression_or_faulty());
        let Tail { until, until_hold, once, terminal } = self.tail(true);
        let when = WhenText { condition, hold, until, until_hold };
        let trigger = TriggerText::When(Box::new(when));
        Ok(StatementKind::Event { name, trigger, once, terminal })
    }

    pub(crate) fn hazard(&mut self) -> Parsed<StatementKind> {
        let name = self.name("the name of a hazard")?;
        let unit = self.bracketed_unit()?;
        let rate = self.defined();
        let Tail { once, terminal, .. } = self.tail(false);
        Ok(StatementKind::Hazard { name, unit, rate, once, terminal })
    }

    fn tail(&mut self, of_event: bool) -> Tail {
        let mut tail = Tail::default();
        while self.take_sign(",") {
            if self.take_word("once") {
                tail.once = true;
            } else if self.take_word("terminal") {
                tail.terminal = true;
            } else if of_event && self.take_word("until") {
                tail.until = Some(self.expression_or_faulty());
                tail.until_hold = self.take_word("for").then(|| self.expression_or_faulty());
            } else {
                let words = if of_event { "`until`, " } else { "" };
                self.unexpected(&format!("{words}`once` or `terminal`"));
                self.skip_rest();
            }
        }
        tail
    }

    pub(crate) fn on(&mut self) -> Parsed<StatementKind> {
        let name = self.name("the name of an event, hazard or route")?;
        self.sign(":")?;
        let mut assignments = vec![self.assignment()?];
        while self.peek().token == Token::Name {
            assignments.push(self.assignment()?);
        }
        Ok(StatementKind::On { name, assignments })
    }

    fn assignment(&mut self) -> Parsed<Assignment> {
        let target = self.path()?;
        let span = self.span_of(self.peek());
        let operator = self.update_operator()?;
        Ok(Assignment { target, operator, span, value: self.expression()? })
    }

    fn update_operator(&mut self) -> Result<Option<Operator>, Reported> {
        let operator = match self.peek().token {
            Token::Sign("=") => None,
            Token::Sign("+=") => Some(Operator::Add),
            Token::Sign("-=") => Some(Operator::Subtract),
            Token::Sign("*=") => Some(Operator::Multiply),
            _ => return Err(self.unexpected("`=`, `+=`, `-=` or `*=`")),
        };
        self.bump();
        Ok(operator)
    }
}
