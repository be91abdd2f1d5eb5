//! How times and participants are written in every table.

/// The study day of a time in days since the start of day 1: day 1 is [0, 1), and the day before it
/// is day -1, for there is no day 0. None for a time that is not finite or beyond what a day can be.
#[must_use]
pub fn study_day(time: f64) -> Option<i32> {
    let day = if time >= 0.0 { time.floor() + 1.0 } else { time.floor() };
    let fits = f64::from(-i32::MAX) <= day && day <= f64::from(i32::MAX);
    // NaN fails both comparisons, so the conversion is exact.
    fits.then_some(day as i32)
}

/// The number of a visit planned at a time in days since the start of day 1: that time in weeks.
#[must_use]
pub fn visit_number(planned: f64) -> f64 {
    planned / 7.0
}

/// The identifier of a participant: the study's, the twin's number padded with zeros to `digits`
/// (the same in the whole run, so that the order of texts is the order of twins) and, where a twin
/// takes part in several arms, the arm's id.
#[must_use]
pub fn subject_id(study: &str, twin: u64, digits: usize, arm: Option<&str>) -> String {
    match arm {
        Some(arm) => format!("{study}-{twin:0digits$}-{arm}"),
        None => format!("{study}-{twin:0digits$}"),
    }
}
