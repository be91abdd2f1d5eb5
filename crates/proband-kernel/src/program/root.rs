//! The zero of a function by bisection to the last bit.

use super::ROOT_ROWS;

/// The search of one lane. Each step takes the body's value at the unknown in, and says where to
/// evaluate it next: at both ends of the bracket, then always half way between the innermost
/// points of opposite sign. It is done when no number lies between the two.
///
/// Every lane takes its own course; a search that is done is left as it is by further steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search {
    low: f64,
    high: f64,
    at_low: f64,
    at_high: f64,
    unknown: f64,
    /// How many ends have been evaluated.
    ends: f64,
}

impl Search {
    /// Begins between two ends.
    pub(crate) fn start(from: f64, to: f64) -> Self {
        Self { low: from, high: to, at_low: 0.0, at_high: 0.0, unknown: from, ends: 0.0 }
    }

    /// The rows in which a search is kept.
    pub(crate) fn to_rows(self) -> [f64; ROOT_ROWS] {
        [self.low, self.high, self.at_low, self.at_high, self.unknown, self.ends]
    }

    /// Reads the rows.
    pub(crate) fn from_rows(rows: [f64; ROOT_ROWS]) -> Self {
        let [low, high, at_low, at_high, unknown, ends] = rows;
        Self { low, high, at_low, at_high, unknown, ends }
    }

    /// Whether the body is to be evaluated at the unknown.
    pub(crate) fn open(self) -> bool {
        self.ends < 2.0 || self.inside()
    }

    /// Takes in the body's value at the unknown.
    pub(crate) fn step(&mut self, value: f64) {
        if self.ends < 1.0 {
            (self.at_low, self.unknown, self.ends) = (value, self.high, 1.0);
        } else if self.ends < 2.0 {
            (self.at_high, self.ends) = (value, 2.0);
            self.judge_ends();
        } else if self.inside() {
            self.halve(value);
        }
    }

    /// The end at which the body is nearer to zero; no number where the ends had one sign.
    pub(crate) fn result(self) -> f64 {
        if self.at_low.abs() <= self.at_high.abs() { self.low } else { self.high }
    }

    fn inside(self) -> bool {
        let (low, high) =
            if self.low < self.high { (self.low, self.high) } else { (self.high, self.low) };
        low < self.unknown && self.unknown < high
    }

    fn judge_ends(&mut self) {
        if self.at_low == 0.0 {
            self.settle(self.low);
        } else if self.at_high == 0.0 {
            self.settle(self.high);
        } else if (self.at_low < 0.0 && self.at_high > 0.0)
            || (self.at_low > 0.0 && self.at_high < 0.0)
        {
            self.aim();
        } else {
            self.settle(f64::NAN);
        }
    }

    fn halve(&mut self, value: f64) {
        if value == 0.0 || value.is_nan() {
            self.settle(if value.is_nan() { value } else { self.unknown });
        } else if (value < 0.0) == (self.at_low < 0.0) {
            (self.low, self.at_low) = (self.unknown, value);
            self.aim();
        } else {
            (self.high, self.at_high) = (self.unknown, value);
            self.aim();
        }
    }

    fn aim(&mut self) {
        self.unknown = 0.5 * self.low + 0.5 * self.high;
    }

    fn settle(&mut self, at: f64) {
        (self.low, self.high, self.unknown) = (at, at, at);
        (self.at_low, self.at_high) = (0.0, 0.0);
    }
}
