//! What the names of an expression mean: the seam between the language and those who use it.
//!
//! A model checks its own expressions; a trial checks eligibility, rules and endpoints with the same
//! grammar, units and messages, but other names and functions. Who brings the names implements
//! [`Scope`].

use crate::{Expr, Unit};
use proband_diag::{Diagnostic, Span};

/// What kind of value an expression has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number with a unit.
    Number,
    /// True or false.
    Condition,
    /// One of these levels, by position.
    Level(std::sync::Arc<[String]>),
}

/// An expression whose names and units were checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What to compute; symbols are those of the scope.
    pub expr: Expr,
    /// The unit of the value.
    pub unit: Unit,
    /// Number, condition or level.
    pub kind: Kind,
    /// Where it stands.
    pub span: Span,
}

/// What a name or a call means in a scope.
#[derive(Clone, Debug)]
pub enum Meaning {
    /// A value.
    Value {
        /// What to compute.
        expr: Expr,
        /// Its unit.
        unit: Unit,
        /// Its kind.
        kind: Kind,
    },
    /// The scope does not know it; the checker goes on looking (functions of the language, levels)
    /// and reports it if nobody does.
    Unknown,
    /// The scope knows what is wrong with it.
    Fault(Box<Diagnostic>),
    /// It is faulty and was reported where it is declared: it agrees with everything, silently.
    Silent,
}

/// One argument of a call, before the scope says what it is for.
#[derive(Clone, Copy, Debug)]
pub struct Argument<'a> {
    /// The argument as written.
    pub syntax: &'a crate::syntax::Expr,
    /// Where it stands.
    pub span: Span,
}

/// The checker, as a scope sees it while it reads the arguments of one of its functions.
pub trait Checker {
    /// Checks an argument as an ordinary expression of this scope. None if it has a fault, which is
    /// then reported.
    fn check(&mut self, argument: Argument<'_>) -> Option<Checked>;
    /// The argument as a bare, possibly dotted or indexed name: `hba1c`, `pk.conc`.
    fn as_name(&self, argument: Argument<'_>) -> Option<String>;
    /// The argument as a time point such as `week 24`.
    fn as_time_point(&self, argument: Argument<'_>) -> Option<TimePoint>;
    /// Reports a fault.
    fn report(&mut self, fault: Diagnostic);
}

/// A planned instant: `day 1`, `week 24`, `hour 4`; a word of time and a number.
#[derive(Clone, Debug, PartialEq)]
pub struct TimePoint {
    /// hour, day, week, month or year.
    pub word: String,
    /// The number after it (`day -1` has -1).
    pub number: f64,
    /// Where it stands.
    pub span: Span,
}

/// Names and functions that an expression may use beside the functions of the language.
pub trait Scope {
    /// What a (dotted) name means.
    fn name(&mut self, name: &str, span: Span) -> Meaning;
    /// What a call of a function that the language does not have means. The scope checks the
    /// arguments itself.
    fn call(
        &mut self,
        function: &str,
        arguments: &[Argument<'_>],
        span: Span,
        checker: &mut dyn Checker,
    ) -> Meaning;
    /// Every name and function that could have been meant, for "did you mean".
    fn candidates(&self) -> Vec<String>;
    /// The unit of [`Expr::Time`], the meaning of `t`; none where there is no such thing.
    fn time(&self) -> Option<Unit>;
    /// Whether time points (`week 24`) may be used as values: as a time since day 1.
    fn takes_time_points(&self) -> bool;
    /// Whether a value of this scope moves continuously, so that `==` practically never holds.
    fn is_continuous(&self, value: &Expr) -> bool;
}
