//! What expressions mean, by recursion over the tree: one number at a time, written apart from the
//! kernel and from nothing but the scalar functions of `proband-math`.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]
#![expect(clippy::float_cmp, reason = "what is defined as equality")]

use proband_lang::{Binary, Expr, Unary};
use proband_math as m;

/// Where a tree finds its symbols and time.
pub struct Place<'a> {
    symbols: &'a [f64],
    t: f64,
    unknowns: Vec<(u32, f64)>,
}

impl<'a> Place<'a> {
    pub fn new(symbols: &'a [f64], t: f64) -> Self {
        Self { symbols, t, unknowns: Vec::new() }
    }

    pub fn value(&mut self, expr: &Expr) -> f64 {
        self.meaning(expr).0
    }

    /// The value, and whether it is the same everywhere.
    fn meaning(&mut self, expr: &Expr) -> (f64, bool) {
        match expr {
            Expr::Number(x) => (*x, true),
            Expr::Symbol(id) => (self.symbols[id.index()], false),
            Expr::Time => (self.t, false),
            Expr::Unknown(number) => {
                let known = self.unknowns.iter().rev().find(|(known, _)| known == number);
                (known.expect("bound").1, false)
            }
            Expr::Unary(which, x) => {
                let (x, fixed) = self.meaning(x);
                (unary(*which, x), fixed)
            }
            Expr::Binary(which, a, b) => {
                let ((a, left), (b, right)) = (self.meaning(a), self.meaning(b));
                let value = match which {
                    // The exponent as written decides, not its value at run time.
                    Binary::Pow if right && !left => power(a, b),
                    _ => binary(*which, a, b),
                };
                (value, left && right)
            }
            Expr::If(condition, yes, no) => {
                let (condition, fixed) = self.meaning(condition);
                let (yes, no) = (self.meaning(yes), self.meaning(no));
                if condition.is_nan() {
                    return (condition, fixed);
                }
                let chosen = if condition != 0.0 { yes } else { no };
                (chosen.0, fixed && chosen.1)
            }
            Expr::Member { index, first, members } => {
                let (index, fixed) = self.meaning(index);
                let members: Vec<_> = members.iter().map(|e| self.meaning(e)).collect();
                let found =
                    (0..members.len()).find(|&at| index.eq(&((first + at as i64) as f64)));
                let (value, same) = found.map_or((f64::NAN, true), |at| members[at]);
                (value, fixed && same)
            }
            Expr::Root { unknown, from, to, body } => {
                let (from, to) = (self.value(from), self.value(to));
                (self.root(*unknown, from, to, body), false)
            }
            Expr::Table(..) | Expr::Since(_) => unreachable!("only in models"),
        }
    }

    fn root(&mut self, unknown: u32, from: f64, to: f64, body: &Expr) -> f64 {
        let mut at = |x: f64| {
            self.unknowns.push((unknown, x));
            let value = self.value(body);
            self.unknowns.pop();
            value
        };
        let (mut a, mut b, mut at_a, mut at_b) = (from, to, at(from), at(to));
        if at_a == 0.0 {
            return a;
        }
        if at_b == 0.0 {
            return b;
        }
        if at_a.is_nan() || at_b.is_nan() || (at_a < 0.0) == (at_b < 0.0) {
            return f64::NAN;
        }
        loop {
            let middle = a / 2.0 + b / 2.0;
            if middle <= a.min(b) || middle >= a.max(b) || middle.is_nan() {
                return if at_a.abs() <= at_b.abs() { a } else { b };
            }
            let value = at(middle);
            if value == 0.0 {
                return middle;
            }
            if value.is_nan() {
                return value;
            }
            if (value < 0.0) == (at_a < 0.0) {
                (a, at_a) = (middle, value);
            } else {
                (b, at_b) = (middle, value);
            }
        }
    }
}

pub fn unary(which: Unary, x: f64) -> f64 {
    match which {
        Unary::Neg => -x,
        Unary::Not if x.is_nan() => x,
        Unary::Not => f64::from(u8::from(x == 0.0)),
        Unary::Abs => x.abs(),
        Unary::Sign if x == 0.0 || x.is_nan() => x,
        Unary::Sign => x.signum(),
        Unary::Floor => x.floor(),
        Unary::Round => x.round(),
        Unary::Sqrt => x.sqrt(),
        Unary::Exp => m::exp(x),
        Unary::Ln => m::ln(x),
        Unary::Log10 => m::log10(x),
        Unary::Log2 => m::log2(x),
        Unary::Sin => m::sin(x),
        Unary::Cos => m::cos(x),
        Unary::Tan => m::tan(x),
        Unary::Atan => m::atan(x),
        Unary::Sinh => m::sinh(x),
        Unary::Cosh => m::cosh(x),
        Unary::Tanh => m::tanh(x),
        Unary::Expit => m::expit(x),
        Unary::Logit => m::logit(x),
        Unary::Erf => m::erf(x),
        Unary::NormalCdf => m::normal_cdf(x),
        Unary::GammaLn => m::gamma_ln(x),
    }
}

/// A power whose exponent is a number in the text.
fn power(x: f64, y: f64) -> f64 {
    match y {
        1.0 => x,
        2.0 => x * x,
        3.0 => x * x * x,
        -1.0 => 1.0 / x,
        _ => m::pow(x, y),
    }
}

pub fn binary(which: Binary, a: f64, b: f64) -> f64 {
    let known = !a.is_nan() && !b.is_nan();
    let truth = |holds: bool| if known { f64::from(u8::from(holds)) } else { f64::NAN };
    match which {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div => a / b,
        Binary::Pow => m::pow(a, b),
        Binary::Min | Binary::Max if !known => f64::NAN,
        Binary::Min if a < b => a,
        Binary::Max if a > b => a,
        Binary::Min | Binary::Max => b,
        Binary::Mod => modulo(a, b),
        Binary::Less => truth(a < b),
        Binary::LessEqual => truth(a <= b),
        Binary::Greater => truth(a > b),
        Binary::GreaterEqual => truth(a >= b),
        Binary::Equal => truth(a == b),
        Binary::NotEqual => truth(a != b),
        Binary::And if a == 0.0 || b == 0.0 => 0.0,
        Binary::Or if a == 1.0 || b == 1.0 => 1.0,
        Binary::And => truth(true),
        Binary::Or => truth(false),
    }
}

fn modulo(a: f64, b: f64) -> f64 {
    let mut rest = (-(a / b).floor()).mul_add(b, a);
    if rest * b < 0.0 {
        rest += b;
    }
    if rest.abs() >= b.abs() { rest - b } else { rest }
}

/// Whether two numbers are the same, bit by bit; NaN is one number.
pub fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}
