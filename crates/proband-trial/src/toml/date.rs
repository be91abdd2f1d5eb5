//! Dates as numbers of days.

/// The days from 1970-01-01 to a date. Years are taken to begin in March, so that the day that leap
/// years add is their last (E. G. Richards, Explanatory Supplement to the Astronomical Almanac, 3rd ed.,
/// 2013, section 15.11).
pub(super) fn days_since_1970(year: i32, month: i32, day: i32) -> i32 {
    const FROM_0000_MARCH: i32 = 719_468;
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let in_year = (153 * month + 2) / 5 + day - 1;
    365 * year + leap_days + in_year - FROM_0000_MARCH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        // From the Unix command `date -u -d DATE +%s`, over 86400.
        let known = [
            ((1970, 1, 1), 0),
            ((1969, 12, 31), -1),
            ((1900, 3, 1), -25_508),
            ((2000, 2, 29), 11_016),
            ((2019, 12, 1), 18_231),
            ((2100, 3, 1), 47_541),
            ((9999, 12, 31), 2_932_896),
        ];
        for ((year, month, day), days) in known {
            assert_eq!(days_since_1970(year, month, day), days, "{year}-{month}-{day}");
        }
    }
}
