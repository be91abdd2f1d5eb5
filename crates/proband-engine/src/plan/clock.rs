//! Days, in which a trial counts, and the unit in which its systems are integrated.

use proband_lang::{Binary, Expr, Unit};
use proband_trial::Trial;

/// The system's unit of time: that of the trial's first model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Clock {
    per_day: f64,
}

impl Clock {
    pub(crate) fn of(trial: &Trial) -> Self {
        let unit = unit(trial);
        Self {
            per_day: Unit::day()
                .factor_to(&unit)
                .expect("a model counts time in a unit of time"),
        }
    }

    /// From days to the system's time.
    pub(crate) fn time(self, day: f64) -> f64 {
        day * self.per_day
    }

    /// From the system's time to days.
    pub(crate) fn day(self, time: f64) -> f64 {
        time / self.per_day
    }

    /// From a rate per day to one per unit of the system's time.
    pub(crate) fn rate(self, per_day: Expr) -> Expr {
        Expr::binary(Binary::Div, per_day, Expr::Number(self.per_day))
    }

    /// An expression of the trial, in which `t` is in days, for a system.
    pub(crate) fn expression(self, expr: &Expr) -> Expr {
        let part = |expr: &Expr| Box::new(self.expression(expr));
        match expr {
            Expr::Time => Expr::binary(Binary::Div, Expr::Time, Expr::Number(self.per_day)),
            Expr::Number(_) | Expr::Symbol(_) | Expr::Unknown(_) | Expr::Since(_) => {
                expr.clone()
            }
            Expr::Unary(function, a) => Expr::Unary(*function, part(a)),
            Expr::Binary(function, a, b) => Expr::Binary(*function, part(a), part(b)),
            Expr::If(condition, a, b) => Expr::If(part(condition), part(a), part(b)),
            Expr::Table(table, a) => Expr::Table(*table, part(a)),
            Expr::Member { index, first, members } => Expr::Member {
                index: part(index),
                first: *first,
                members: members.iter().map(|member| self.expression(member)).collect(),
            },
            Expr::Root { unknown, from, to, body } => Expr::Root {
                unknown: *unknown,
                from: part(from),
                to: part(to),
                body: part(body),
            },
        }
    }
}

/// The unit of time of a trial's systems.
pub(crate) fn unit(trial: &Trial) -> Unit {
    trial.models.first().map_or_else(Unit::day, |model| model.model.time.clone())
}
