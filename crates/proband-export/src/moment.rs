//! Dates and times of day, as formats write them.

use crate::error::Result;
use proband_store::StoreError;
use std::fmt;
use std::path::Path;
use std::time::UNIX_EPOCH;

const DAY: i64 = 86_400;
const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// A day of the calendar (Gregorian, also before it was).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    year: i64,
    /// From 1.
    month: i64,
    /// From 1.
    day: i64,
}

/// A second of the universal time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    date: Date,
    /// Since midnight.
    seconds: i64,
}

impl Date {
    /// The day so many days after 1970-01-01.
    ///
    /// Years begin with March here, so that the leap day is the last. Source: Hinnant, "chrono-Compatible
    /// Low-Level Date Algorithms", `civil_from_days`.
    pub(crate) fn since_1970(days: i64) -> Self {
        let days = days + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Self { year: year + era * 400 + i64::from(month <= 2), month, day }
    }
}

/// `2026-11-25` (ISO 8601).
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Moment {
    /// When a file was last changed.
    pub(crate) fn of_file(path: &Path) -> Result<Self> {
        let modified = path.metadata().and_then(|metadata| metadata.modified());
        let modified = modified.map_err(|source| StoreError::Io {
            action: "read",
            path: path.into(),
            source,
        })?;
        // A clock that stood before 1970 was not set.
        let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self::since_1970(since.as_secs() as i64))
    }

    fn since_1970(seconds: i64) -> Self {
        let date = Date::since_1970(seconds.div_euclid(DAY));
        Self { date, seconds: seconds.rem_euclid(DAY) }
    }

    /// `2026-11-25T14:20:12Z` (ISO 8601).
    pub(crate) fn iso(self) -> String {
        format!("{}T{}Z", self.date, self.time())
    }

    /// `25NOV26:14:20:12`, SAS's `DATETIME16.`.
    pub(crate) fn sas(self) -> String {
        let Date { year, month, day } = self.date;
        let month = MONTHS[month as usize - 1];
        format!("{day:02}{month}{:02}:{}", year % 100, self.time())
    }

    fn time(self) -> String {
        let seconds = self.seconds;
        format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_dates() {
        // Each is what `date -u -d @N` prints.
        for (seconds, iso, sas) in [
            (0, "1970-01-01T00:00:00Z", "01JAN70:00:00:00"),
            (951_782_400, "2000-02-29T00:00:00Z", "29FEB00:00:00:00"),
            (1_795_616_412, "2026-11-25T14:20:12Z", "25NOV26:14:20:12"),
            (4_107_542_399, "2100-02-28T23:59:59Z", "28FEB00:23:59:59"),
            (4_107_542_400, "2100-03-01T00:00:00Z", "01MAR00:00:00:00"),
        ] {
            let moment = Moment::since_1970(seconds);
            assert_eq!([moment.iso(), moment.sas()], [iso, sas]);
        }
        assert_eq!(Date::since_1970(-3653).to_string(), "1960-01-01");
    }
}
