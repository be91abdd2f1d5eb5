//! Checked expressions: names resolved, units converted, families unrolled, functions inlined.
//!
//! Every value is a plain `f64` in the unit its owner declares; where two units met, the conversion
//! is an explicit multiplication. Conditions are values too: 1 for true, 0 for false. A level of a
//! category is its position in the category's list, from 0.

/// A quantity: a row of the symbol table of the model, or of the scope that checked the expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId(pub u32);

impl SymbolId {
    /// The position in its table.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A checked expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A number, in the unit of its place.
    Number(f64),
    /// The value of a quantity.
    Symbol(SymbolId),
    /// Time since day 1, in the time unit of the model or scope.
    Time,
    /// The unknown of the enclosing [`Expr::Root`] with this number.
    Unknown(u32),
    /// A function of one value.
    Unary(Unary, Box<Self>),
    /// A function of two values.
    Binary(Binary, Box<Self>, Box<Self>),
    /// `if condition then a else b`: both may be evaluated, only the chosen one counts.
    If(Box<Self>, Box<Self>, Box<Self>),
    /// A table function at a value in the table's unit of `x`.
    Table(usize, Box<Self>),
    /// A member of a family chosen at run time: `members[index - first]`. An index that is no
    /// member is out of domain (NaN).
    Member {
        /// The index, a whole number.
        index: Box<Self>,
        /// The index of the first member.
        first: i64,
        /// The members.
        members: Vec<Self>,
    },
    /// The zero of `body` between `from` and `to`, by bisection to the last bit; no change of sign
    /// is out of domain (NaN).
    Root {
        /// The number by which `body` refers to the unknown.
        unknown: u32,
        /// One end of the bracket.
        from: Box<Self>,
        /// The other end.
        to: Box<Self>,
        /// The function whose zero is sought.
        body: Box<Self>,
    },
    /// Time since something last happened, in the time unit of the model; infinite before the first.
    Since(Happening),
}

/// Something that happens at instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Happening {
    /// An event, by its position in `Model::events`.
    Event(usize),
    /// A hazard, by its position in `Model::hazards`.
    Hazard(usize),
    /// A dose by any line of a route (and drug), by the position of the first such line in
    /// `Model::doses`.
    Dose(usize),
}

/// Functions of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the words of the language, explained in its reference")]
pub enum Unary {
    Neg,
    Not,
    Abs,
    Sign,
    Floor,
    Round,
    Sqrt,
    Exp,
    Ln,
    Log10,
    Log2,
    Sin,
    Cos,
    Tan,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Expit,
    Logit,
    Erf,
    NormalCdf,
    GammaLn,
}

/// Functions of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the words of the language, explained in its reference")]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Min,
    Max,
    Mod,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

impl Expr {
    /// The number, if the expression is one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(*value),
            _ => None,
        }
    }

    /// A function of one value.
    #[must_use]
    pub fn unary(function: Unary, value: Self) -> Self {
        Self::Unary(function, Box::new(value))
    }

    /// A function of two values.
    #[must_use]
    pub fn binary(function: Binary, left: Self, right: Self) -> Self {
        Self::Binary(function, Box::new(left), Box::new(right))
    }

    /// Calls `visit` on this expression and on every part of it, outermost first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        visit(self);
        match self {
            Self::Number(_)
            | Self::Symbol(_)
            | Self::Time
            | Self::Unknown(_)
            | Self::Since(_) => {}
            Self::Unary(_, a) | Self::Table(_, a) => a.walk(visit),
            Self::Binary(_, a, b) => {
                a.walk(visit);
                b.walk(visit);
            }
            Self::If(a, b, c) => {
                a.walk(visit);
                b.walk(visit);
                c.walk(visit);
            }
            Self::Member { index, members, .. } => {
                index.walk(visit);
                for member in members {
                    member.walk(visit);
                }
            }
            Self::Root { from, to, body, .. } => {
                from.walk(visit);
                to.walk(visit);
                body.walk(visit);
            }
        }
    }

    /// Calls `visit` on every symbol of this expression, so that it can be numbered anew.
    pub fn renumber(&mut self, visit: &mut dyn FnMut(&mut SymbolId)) {
        match self {
            Self::Symbol(symbol) => visit(symbol),
            Self::Number(_) | Self::Time | Self::Unknown(_) | Self::Since(_) => {}
            Self::Unary(_, a) | Self::Table(_, a) => a.renumber(visit),
            Self::Binary(_, a, b) => {
                a.renumber(visit);
                b.renumber(visit);
            }
            Self::If(a, b, c) => {
                a.renumber(visit);
                b.renumber(visit);
                c.renumber(visit);
            }
            Self::Member { index, members, .. } => {
                index.renumber(visit);
                members.iter_mut().for_each(|member| member.renumber(visit));
            }
            Self::Root { from, to, body, .. } => {
                from.renumber(visit);
                to.renumber(visit);
                body.renumber(visit);
            }
        }
    }
}
