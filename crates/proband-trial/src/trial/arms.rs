//! Arms and the regimens that they give.

use crate::{Expression, Signal};
use proband_lang::Unit;

/// `[arm.ID]`.
#[derive(Clone, Debug)]
pub struct Arm {
    /// The id.
    pub id: String,
    /// TRT01P.
    pub title: String,
    /// Share of allocation, in whole numbers without a common divisor.
    pub ratio: u32,
    /// Reference of comparisons.
    pub control: bool,
    /// Positions in `Trial::regimens`, in order.
    pub regimens: Vec<usize>,
    /// Typical values in this arm: model, position of the parameter, value in the unit of its typical
    /// value.
    pub parameters: Vec<(usize, usize, f64)>,
    /// Inputs in this arm: model, position of the input, signal.
    pub inputs: Vec<(usize, usize, Signal)>,
}

/// A schedule of doses.
#[derive(Clone, Debug)]
pub struct Regimen {
    /// The id of its table, or of the arm it stands in.
    pub id: String,
    /// Ids by which expressions may name it: its own and those it takes its keys from by `use`.
    pub names: Vec<String>,
    /// EXTRT.
    pub treatment: String,
    /// EXROUTE.
    pub route: Option<String>,
    /// The dose lines it feeds: model, and position in the model's doses. Empty where it acts through
    /// `daily_dose` alone, or is recorded only.
    pub lines: Vec<(usize, usize)>,
    /// Unit of the dose.
    pub unit: Unit,
    /// The rungs: expressions of the seen context, each in `unit`.
    pub amounts: Vec<Expression>,
    /// Rung of the first dose, from 0.
    pub start: usize,
    /// Climb one rung every so many days.
    pub step: Option<f64>,
    /// Length of the cycle in days; none is a single cycle.
    pub every: Option<f64>,
    /// Times in the cycle, days from its start; `[0.0]` unless told.
    pub on: Vec<f64>,
    /// Number of doses.
    pub times: Option<u64>,
    /// Infusion.
    pub infusion: Option<Infusion>,
    /// First possible dose.
    pub from: f64,
    /// No dose at or after this.
    pub until: f64,
    /// A condition of the seen context: no dose once it has held after a visit or before a dose.
    pub until_seen: Option<Expression>,
}

/// How a dose is spread over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Infusion {
    /// Over so many days.
    Over(f64),
    /// At this rate, in the regimen's unit per day.
    Rate(f64),
}
