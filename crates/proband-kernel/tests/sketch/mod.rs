//! Models written by hand, as the checker would hand them over.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use proband_diag::{Sources, Span};
use proband_lang::*;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// An expression that can be written with operators.
#[derive(Clone, Debug)]
pub struct E(pub Expr);

pub fn num(x: f64) -> E {
    E(Expr::Number(x))
}

pub fn t() -> E {
    E(Expr::Time)
}

pub fn call(which: Unary, x: E) -> E {
    E(Expr::unary(which, x.0))
}

pub fn exp(x: E) -> E {
    call(Unary::Exp, x)
}

pub fn op(which: Binary, a: E, b: E) -> E {
    E(Expr::binary(which, a.0, b.0))
}

pub fn pow(a: E, b: E) -> E {
    op(Binary::Pow, a, b)
}

pub fn when(condition: E, yes: E, no: E) -> E {
    E(Expr::If(Box::new(condition.0), Box::new(yes.0), Box::new(no.0)))
}

macro_rules! operator {
    ($($trait:ident $method:ident)+) => {$(
        impl $trait for E {
            type Output = E;
            fn $method(self, other: E) -> E {
                op(Binary::$trait, self, other)
            }
        }
        impl $trait for &E {
            type Output = E;
            fn $method(self, other: &E) -> E {
                op(Binary::$trait, self.clone(), other.clone())
            }
        }
        impl $trait<E> for &E {
            type Output = E;
            fn $method(self, other: E) -> E {
                op(Binary::$trait, self.clone(), other)
            }
        }
        impl $trait<&E> for E {
            type Output = E;
            fn $method(self, other: &E) -> E {
                op(Binary::$trait, self, other.clone())
            }
        }
    )+};
}
operator! { Add add  Sub sub  Mul mul  Div div }

impl Neg for E {
    type Output = Self;
    fn neg(self) -> Self {
        call(Unary::Neg, self)
    }
}

pub struct Sketch {
    pub model: Model,
    span: Span,
}

pub fn unit() -> Unit {
    Unit::hour()
}

impl Sketch {
    pub fn new() -> Self {
        let span = Sources::default().add("sketch", " ").span(0..1);
        let model = Model {
            name: "sketch".into(),
            title: None,
            sources: vec![],
            time: unit(),
            symbols: vec![],
            categories: vec![],
            tables: vec![],
            covariates: vec![],
            inputs: vec![],
            parameters: vec![],
            blocks: vec![],
            lets: vec![],
            order: vec![],
            states: vec![],
            doses: vec![],
            nexts: vec![],
            jumps: vec![],
            events: vec![],
            hazards: vec![],
            updates: vec![],
            observables: vec![],
        };
        Self { model, span }
    }

    fn symbol(&mut self, name: &str, kind: SymbolKind) -> SymbolId {
        self.model.symbols.push(Symbol {
            name: name.into(),
            unit: unit(),
            kind,
            category: None,
            level: Level::State,
            span: self.span,
            text: None,
        });
        SymbolId(u32::try_from(self.model.symbols.len() - 1).expect("few"))
    }

    pub fn id(of: &E) -> SymbolId {
        match of.0 {
            Expr::Symbol(id) => id,
            _ => panic!("not a symbol"),
        }
    }

    pub fn covariate(&mut self, name: &str) -> E {
        let symbol = self.symbol(name, SymbolKind::Covariate(self.model.covariates.len()));
        self.model.covariates.push(Covariate { symbol, typical: None, between: Between::Last });
        E(Expr::Symbol(symbol))
    }

    pub fn input(&mut self, name: &str, default: Option<E>) -> E {
        let symbol = self.symbol(name, SymbolKind::Input(self.model.inputs.len()));
        self.model.inputs.push(Input { symbol, default: default.map(|e| e.0) });
        E(Expr::Symbol(symbol))
    }

    /// A parameter whose expression is the typical value times `factor`.
    pub fn param(
        &mut self,
        name: &str,
        value: f64,
        factor: Option<E>,
        spread: Option<Spread>,
    ) -> E {
        let at = self.model.parameters.len();
        let typical = self.symbol(name, SymbolKind::Typical(at));
        let symbol = self.symbol(name, SymbolKind::Parameter(at));
        let whole = E(Expr::Symbol(typical));
        let expression = match factor {
            Some(factor) => whole * factor,
            None => whole,
        };
        self.model.parameters.push(Parameter {
            symbol,
            typical,
            typical_value: Some(value),
            expression: expression.0,
            between_twins: spread,
            between_occasions: None,
            lower: None,
            upper: None,
            block: None,
        });
        E(Expr::Symbol(symbol))
    }

    pub fn define(&mut self, name: &str, value: E) -> E {
        let symbol = self.symbol(name, SymbolKind::Let(self.model.lets.len()));
        self.model.lets.push(Let { symbol, expression: value.0 });
        E(Expr::Symbol(symbol))
    }

    pub fn state(&mut self, name: &str, start: Start) -> E {
        let symbol = self.symbol(name, SymbolKind::State(self.model.states.len()));
        let state = State { symbol, start, rate: None, lower: None, upper: None };
        self.model.states.push(state);
        E(Expr::Symbol(symbol))
    }

    pub fn zero_state(&mut self, name: &str) -> E {
        self.state(name, Start::Value(Expr::Number(0.0)))
    }

    pub fn rate(&mut self, state: &E, rate: E) {
        let SymbolKind::State(at) = self.model.symbols[Self::id(state).index()].kind else {
            panic!("not a state")
        };
        self.model.states[at].rate = Some(rate.0);
    }

    pub fn dose(&mut self, route: &str, target: &E) -> usize {
        self.model.doses.push(DoseLine {
            drug: None,
            route: route.into(),
            unit: unit(),
            target: Self::id(target),
            lag: None,
            fraction: None,
            over: None,
            span: self.span,
        });
        self.model.doses.len() - 1
    }

    pub fn event(&mut self, name: &str, condition: E) -> usize {
        self.model.events.push(Event {
            name: name.into(),
            trigger: Trigger::When {
                condition: condition.0,
                hold: None,
                until: None,
                until_hold: None,
            },
            once: false,
            terminal: false,
            text: None,
            span: self.span,
        });
        self.model.events.len() - 1
    }

    pub fn hazard(&mut self, name: &str, rate: E) {
        let symbol = Self::id(&self.define(name, rate.clone()));
        self.model.hazards.push(Hazard {
            name: name.into(),
            symbol,
            rate: rate.0,
            once: false,
            terminal: false,
            text: None,
            span: self.span,
        });
    }

    pub fn amount(&mut self) -> E {
        E(Expr::Symbol(self.symbol("amount", SymbolKind::Amount)))
    }

    pub fn update(&mut self, at: Happening, assignments: &[(&E, E)]) {
        let assignments =
            assignments.iter().map(|(state, value)| (Self::id(state), value.0.clone()));
        self.model.updates.push(Update {
            at,
            assignments: assignments.collect(),
            span: self.span,
        });
    }

    pub fn observe(&mut self, name: &str, of: &E, draw: Option<Draw>) -> usize {
        self.model.observables.push(Observable {
            name: name.into(),
            symbol: Self::id(of),
            unit: unit(),
            draw,
            lower_limit: None,
            upper_limit: None,
            text: None,
        });
        self.model.observables.len() - 1
    }
}
