//! How long the phases of a run took: for `timings.json` and estimates, never for a result.

use std::time::{Instant, SystemTime};

/// Seconds by phase.
#[derive(Debug)]
pub(crate) struct Timer {
    last: Instant,
    laps: Vec<(String, f64)>,
}

impl Timer {
    pub(crate) fn start() -> Self {
        Self { last: now(), laps: Vec::new() }
    }

    /// Ends a phase; the next one begins.
    pub(crate) fn lap(&mut self, phase: &str) -> f64 {
        let seconds = self.last.elapsed().as_secs_f64();
        self.laps.push((phase.to_owned(), seconds));
        self.last = now();
        seconds
    }

    pub(crate) fn into_laps(self) -> Vec<(String, f64)> {
        self.laps
    }
}

#[expect(clippy::disallowed_methods, reason = "timings stand outside the identity of a run")]
fn now() -> Instant {
    Instant::now()
}

/// The time that files are stamped with.
#[expect(clippy::disallowed_methods, reason = "how far a run is, is no part of it")]
pub(crate) fn now_by_the_calendar() -> SystemTime {
    SystemTime::now()
}
