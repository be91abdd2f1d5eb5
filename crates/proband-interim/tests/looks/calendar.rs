//! When looks fall.

use crate::field::{repeated, trial};
use proband_interim::{Ended, Look};

/// The days of the looks of one replicate.
fn days(tables: &str) -> Vec<Look> {
    repeated(&trial(270, tables), &[0.0, 0.0], 1).remove(0).looks
}

#[test]
fn a_look_falls_at_the_entry_or_visit_that_fulfils_it() {
    let looks = days(
        "[look.a]\nwhen = \"enrolled >= 10\"\n[look.b]\nwhen = \"completed(day 8) >= 10\"",
    );
    // Participant number 10 enters within day 9 to 10, and has the value a week later.
    assert!((9.0..10.0).contains(&looks[0].day), "{looks:?}");
    assert!((looks[1].day - looks[0].day - 7.0).abs() < 1e-9, "{looks:?}");
}

#[test]
fn the_calendar_is_met_exactly_and_repeated() {
    let looks = days(
        "[accrual]\nrate = \"1 1/day\"\n[look.a]\nwhen = \"calendar >= day 31 and enrolled >= 5\"\nevery = \"30 day\"\n\
         [look.end]\nwhen = \"calendar >= day 100.5\"\nfinal = true",
    );
    let expected = [("a", 30.0), ("a.2", 60.0), ("a.3", 90.0), ("end", 99.5)];
    for (found, (name, day)) in looks.iter().zip(expected) {
        assert!(found.name == name && (found.day - day).abs() < 1e-9, "{looks:?}");
    }
    assert_eq!(looks.len(), 4);
}

#[test]
fn a_final_look_that_never_falls_is_taken_at_the_last_visit() {
    let tables =
        "[look.end]\nwhen = \"completed(day 8) >= 270 and enrolled < 270\"\nfinal = true";
    let one = repeated(&trial(270, tables), &[0.0, 0.0], 1).remove(0);
    assert_eq!(one.ended, Ended::Final);
    assert!((276.0..277.0).contains(&one.cut), "{}", one.cut);
}
