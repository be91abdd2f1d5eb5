//! The syntax tree: what was written, with the place of every part.

use proband_diag::Span;
use std::rc::Rc;

/// A word with its place.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// A unit as written; its names are looked up when it is checked.
#[derive(Clone, Debug)]
pub(crate) struct UnitText {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl UnitText {
    /// The place of a part of the text.
    pub(crate) fn part(&self, range: &std::ops::Range<usize>) -> Span {
        let at = |offset: usize| {
            let offset = u32::try_from(offset).unwrap_or(u32::MAX);
            self.span.start.saturating_add(offset).min(self.span.end)
        };
        Span { source: self.span.source, start: at(range.start), end: at(range.end) }
    }
}

/// An expression as written.
#[derive(Clone, Debug)]
pub struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    /// Could not be read, and was reported.
    Faulty,
    Number(f64, Option<UnitText>),
    /// A quoted level, only at the right of a comparison.
    Text(String),
    Path(Path),
    /// `sex{F: 1, M: 2}`
    Pick(Path, Vec<Case>),
    Call(Name, Vec<Expr>),
    /// `(...) kg`: a plain number becomes a quantity.
    Given(Box<Expr>, UnitText),
    /// `x in kg`: a quantity becomes a plain number.
    In(Box<Expr>, UnitText),
    /// `x in {A, B}`
    Among(Box<Expr>, Vec<Name>),
    Negated(Box<Expr>),
    Not(Box<Expr>),
    /// Base, exponent, and the place of `^`.
    Power(Box<Expr>, Box<Expr>, Span),
    /// Operators of one strength, from left to right.
    Fold(Box<Expr>, Vec<Link>),
    /// Comparisons: `a < b < c` is a chain.
    Compare(Box<Expr>, Vec<Link>),
    If(Box<[Expr; 3]>),
    Sum(Box<SumOver>),
    Root(Box<RootOf>),
    /// `week 24`
    TimePoint(Name, f64),
}

/// An operator and what stands at its right.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) operator: Operator,
    pub(crate) span: Span,
    pub(crate) right: Expr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Add,
    Subtract,
    Multiply,
    Divide,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// None for `else`.
    pub(crate) member: Option<Name>,
    pub(crate) value: Expr,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct SumOver {
    pub(crate) index: Name,
    pub(crate) set: SetText,
    pub(crate) body: Expr,
}

#[derive(Clone, Debug)]
pub(crate) struct RootOf {
    pub(crate) unknown: Name,
    pub(crate) from: Expr,
    pub(crate) to: Expr,
    pub(crate) body: Expr,
}

/// A name, dotted or indexed: `cell[node].u`.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) segments: Vec<Segment>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) name: Name,
    pub(crate) indices: Vec<Expr>,
}

impl Path {
    /// The name, if it is a single one without indices.
    pub(crate) fn single(&self) -> Option<&Name> {
        match self.segments.as_slice() {
            [only] if only.indices.is_empty() => Some(&only.name),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum SetText {
    /// A set, or in brackets possibly one member.
    Named {
        name: Name,
        except: Vec<Name>,
    },
    Range {
        from: i64,
        to: i64,
        span: Span,
    },
    /// Members in braces, or bare in a `set` statement.
    Listed {
        members: Vec<Name>,
        span: Span,
    },
}

impl SetText {
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Named { name, .. } => name.span,
            Self::Range { span, .. } | Self::Listed { span, .. } => *span,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) index: Option<Name>,
    pub(crate) set: SetText,
}

/// The left side of a declaration or equation.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) name: Name,
    pub(crate) axes: Vec<Axis>,
}

/// What a quantity is counted in.
#[derive(Clone, Debug)]
pub(crate) enum Of {
    Nothing,
    Unit(UnitText),
    Category(SetText),
}

#[derive(Clone, Debug)]
pub(crate) struct DrawText {
    pub(crate) distribution: Name,
    pub(crate) arguments: Vec<DrawArgument>,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct DrawArgument {
    pub(crate) role: DrawRole,
    pub(crate) per_occasion: bool,
    pub(crate) value: Expr,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DrawRole {
    Sd,
    Cv,
    Var,
    Dispersion,
    Shape,
    /// A limit of truncation.
    Limit(Operator),
    Plain,
}

impl DrawRole {
    /// The word by which it is named.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sd => "sd",
            Self::Cv => "cv",
            Self::Var => "var",
            Self::Dispersion => "dispersion",
            Self::Shape => "shape",
            Self::Limit(_) => "a limit",
            Self::Plain => "a number",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub(crate) name: Name,
    pub(crate) value: Expr,
    pub(crate) draw: Option<DrawText>,
}

#[derive(Clone, Debug)]
pub(crate) enum StartText {
    Value(Expr),
    Steady,
}

/// A word and its expression: `lag 0.5 h`, `lloq 0.1 mg/L`.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) word: Name,
    pub(crate) value: Expr,
}

#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: Name,
    pub(crate) unit: Option<UnitText>,
}

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) member: Name,
    pub(crate) values: Vec<Option<f64>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    pub(crate) target: Path,
    /// None for `=`.
    pub(crate) operator: Option<Operator>,
    pub(crate) span: Span,
    pub(crate) value: Expr,
}

#[derive(Clone, Debug)]
pub(crate) struct WhenText {
    pub(crate) condition: Expr,
    pub(crate) hold: Option<Expr>,
    pub(crate) until: Option<Expr>,
    pub(crate) until_hold: Option<Expr>,
}

#[derive(Clone, Debug)]
pub(crate) enum TriggerText {
    When(Box<WhenText>),
    Every { period: Expr, from: Option<Expr> },
}

#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) kind: StatementKind,
    pub(crate) span: Span,
    /// The text at its end.
    pub(crate) text: Option<String>,
    /// Reading it gave a fault: what it declares is known, and silent.
    pub(crate) faulty: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum StatementKind {
    /// Not understood; the words on its left side are known, and silent.
    Faulty(Vec<String>),
    Model(String),
    Source(String),
    Time(UnitText),
    Unit {
        name: Name,
        value: Option<(f64, UnitText)>,
    },
    Use {
        path: String,
        path_span: Span,
        name: Option<Head>,
        bindings: Vec<Binding>,
    },
    Set {
        name: Name,
        set: SetText,
    },
    Table {
        name: Name,
        columns: Vec<Column>,
        rows: Vec<Row>,
    },
    Curve {
        name: Name,
        x_unit: Option<UnitText>,
        y_unit: Option<UnitText>,
        linear: bool,
        points: Vec<(f64, f64, Span)>,
    },
    Function {
        name: Name,
        arguments: Vec<Name>,
        body: Expr,
    },
    Covariate {
        name: Name,
        of: Of,
        value: Option<Expr>,
        between: Option<Name>,
    },
    Input {
        head: Head,
        of: Of,
        value: Option<Expr>,
    },
    Param {
        head: Head,
        unit: Option<UnitText>,
        value: Expr,
        draw: Option<DrawText>,
    },
    Block {
        correlation: bool,
        names: Vec<Name>,
        numbers: Vec<f64>,
    },
    Let {
        head: Head,
        unit: Option<UnitText>,
        value: Expr,
    },
    State {
        head: Head,
        of: Of,
        start: Option<StartText>,
        bounds: Vec<(Operator, Span, Expr)>,
    },
    Rate {
        head: Head,
        value: Expr,
    },
    Next {
        head: Head,
        every: Expr,
        value: Option<Expr>,
        draw: Option<DrawText>,
    },
    Jump {
        head: Head,
        from: Name,
        to: Name,
        unit: Option<UnitText>,
        rate: Expr,
    },
    Dose {
        drug: Option<Name>,
        route: Name,
        unit: Option<UnitText>,
        target: Path,
        choices: Vec<Choice>,
    },
    Event {
        name: Name,
        trigger: TriggerText,
        once: bool,
        terminal: bool,
    },
    Hazard {
        name: Name,
        unit: Option<UnitText>,
        rate: Expr,
        once: bool,
        terminal: bool,
    },
    On {
        name: Name,
        assignments: Vec<Assignment>,
    },
    Observe {
        head: Head,
        of: Of,
        value: Option<Expr>,
        draw: Option<DrawText>,
        limits: Vec<Choice>,
    },
}

/// A file as a list of statements.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) statements: Vec<Rc<Statement>>,
}
