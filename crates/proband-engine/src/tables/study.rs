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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_day_zero() {
        let days = [-1.5, -1.0, -0.25, 0.0, 0.99, 1.0, 7.0].map(|t| study_day(t).unwrap());
        assert_eq!(days, [-2, -1, -1, 1, 1, 2, 8]);
        assert_eq!(study_day(-0.0), Some(1));
        assert_eq!([f64::NAN, f64::INFINITY, 1e10].map(study_day), [None; 3]);
    }

    #[test]
    fn the_order_of_identifiers_is_that_of_twins() {
        let ids: Vec<String> = [2, 10, 99_999].map(|t| subject_id("A-1", t, 6, None)).into();
        assert_eq!(ids, ["A-1-000002", "A-1-000010", "A-1-099999"]);
        assert!(ids.is_sorted());
        assert_eq!(subject_id("A", 17, 6, Some("high")), "A-000017-high");
    }
}
