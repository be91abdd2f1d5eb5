//! Days, in which a trial counts, and the unit in which its systems are integrated.

use super::visits::start;
use proband_lang::{Binary, Expr, Unit};
use proband_trial::Trial;

/// The system's unit of time: that of the trial's first model.
///
/// A visit at hour 1.25, a dose every 75 minutes and a tick every 15 minutes are worked out in different
/// units and may miss one another by a rounding, but are one instant. Instants that are whole microseconds
/// but for rounding are therefore taken to be them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Clock {
    per_day: f64,
    /// Microseconds of a unit.
    micros: f64,
    /// What distances from the start of the simulated time are rounded by, in units.
    rounding: f64,
}

/// Roundings on the way to an instant.
const ROUNDINGS: f64 = 8.0 * f64::EPSILON;

const MICROSECONDS_OF_DAY: f64 = 86_400e6;

impl Clock {
    pub(crate) fn of(trial: &Trial) -> Self {
        let per_day = Unit::day().factor_to(&unit(trial));
        let per_day = per_day.expect("a model counts time in a unit of time");
        let rounding = ROUNDINGS * (start(trial) * per_day).abs();
        Self { per_day, micros: (MICROSECONDS_OF_DAY / per_day).round(), rounding }
    }

    /// From days to the system's time.
    pub(crate) fn time(self, day: f64) -> f64 {
        self.instant(day * self.per_day)
    }

    /// An instant that was worked out in the system's time.
    pub(crate) fn instant(self, t: f64) -> f64 {
        let whole = (t * self.micros).round() / self.micros;
        let near = (whole - t).abs() <= ROUNDINGS * t.abs() + self.rounding;
        if near { whole } else { t }
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
