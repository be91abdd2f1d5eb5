//! Several kinds of events, of which the first to happen precludes the others.
//!
//! One minus Kaplan and Meier's curve with the other events censored is not the probability of an event: it
//! says what would happen if the others did not exist. The cumulative incidence does.

mod fine_gray;
mod gray;
mod incidence;

pub use fine_gray::{FineGrayFit, fine_gray};
pub use gray::gray_test;
pub use incidence::{CumulativeIncidence, IncidenceStep, cumulative_incidence};

use crate::checks::{at_least, none_negative, same_length};
use crate::error::{Result, StatsError};
use crate::order::{ascending, tie_key};

/// Follow-up that ended by one of several causes, or by censoring.
#[derive(Debug, Clone, Copy)]
pub struct Outcomes<'a> {
    time: &'a [f64],
    cause: &'a [u8],
}

impl<'a> Outcomes<'a> {
    /// Times, finite and not negative, and causes: 0 for censored, any other number for an event.
    pub fn new(time: &'a [f64], cause: &'a [u8]) -> Result<Self> {
        same_length(time.len(), cause.len())?;
        at_least(1, time.len())?;
        none_negative(time)?;
        Ok(Self { time, cause })
    }

    /// The number of units.
    pub fn n(&self) -> usize {
        self.time.len()
    }

    /// How many had an event of this cause.
    pub fn events(&self, cause: u8) -> usize {
        self.cause.iter().filter(|&&c| c == cause).count()
    }

    fn of(&self, row: usize, cause: u8) -> Kind {
        match self.cause[row] {
            0 => Kind::Censored,
            own if own == cause => Kind::Event,
            _ => Kind::Competing,
        }
    }

    /// Rows by rising time.
    fn ascending(&self) -> Vec<usize> {
        ascending(self.time)
    }

    fn tied(&self, a: usize, b: usize) -> bool {
        tie_key(self.time[a]) == tie_key(self.time[b])
    }

    /// Fails unless `cause` is an event that happened.
    fn has(&self, cause: u8) -> Result<()> {
        if cause == 0 || self.events(cause) == 0 {
            return Err(StatsError::NoEvents);
        }
        Ok(())
    }
}

/// How the follow-up of a unit ended, with one cause in mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Censored,
    Event,
    Competing,
}

/// What d tied events among n leave of the variance of d separate ones.
fn tie_factor(d: f64, n: f64) -> f64 {
    if d > 1.0 { 1.0 - (d - 1.0) / (n - 1.0) } else { 1.0 }
}
