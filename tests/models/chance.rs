//! Chance over time: what is drawn every so often, and what jumps, against its laws.

use crate::reference::Reference;
use crate::twin::{Paths, Setup};
use proband_math::{exp, gamma_ln, ln, normal_cdf};

/// Asserts that a share of so many is a probability, to four and a half of its standard errors: one in a
/// hundred thousand comparisons would miss by chance.
#[track_caller]
fn assert_share(what: &str, count: usize, of: f64, probability: f64) {
    let found = count as f64 / of;
    let error = (probability * (1.0 - probability) / of).sqrt();
    let off = (found - probability).abs();
    assert!(off <= 4.5 * error + 1e-12, "{what}: {found}, {probability} +- {error}");
}

/// Shares of 4000 twins on every day of eight weeks, against the chain multiplied out.
#[test]
fn gi_nausea() {
    const TWINS: f64 = 4000.0;
    let rest = format!(
        "[design]\nparticipants = {TWINS}\n[model.m.inputs]\nconc = \"100 nmol/L\"\n[arm.only]\n"
    );
    let paths = Setup::new("gi-nausea", "56 day", "1 day")
        .instead("gi-nausea", "observe nausea\n", "observe nausea\nobserve vomiting\n")
        .with(&rest)
        .tolerance(1e-7)
        .method("tsit5")
        .run();
    let count = |observable: &str, day: f64, level: f64| {
        let all = paths.all("only", observable);
        let here = |path: &&&[(f64, f64)]| path.contains(&(day, level));
        all.iter().filter(here).count()
    };
    let first = paths.events("only", "first_nausea");
    for row in &Reference::of("gi-nausea").rows {
        let [day, none, mild, severe, vomiting, nauseous] = row[..] else { panic!("{row:?}") };
        for (grade, share) in [none, mild, severe].into_iter().enumerate() {
            let found = count("nausea", day, grade as f64);
            assert_share(&format!("grade {grade} on day {day}"), found, TWINS, share);
        }
        let found = count("vomiting", day, 1.0);
        assert_share(&format!("vomiting on day {day}"), found, TWINS, vomiting);
        let found = first.iter().filter(|&&onset| onset < day).count();
        assert_share(&format!("nauseous by day {day}"), found, TWINS, nauseous);
    }
}

/// The innovations of a sensor's error, as numbers that must be standard normal and independent.
fn innovations(paths: &Paths) -> Vec<f64> {
    let mut all = Vec::new();
    for (cgm, glucose) in paths.all("only", "cgm").into_iter().zip(paths.all("only", "glucose"))
    {
        let error = |(&(_, seen), &(_, true_value)): (&(f64, f64), &(f64, f64))| {
            let x = (seen - true_value + 5.47) / 15.9574;
            1.6898 * ln(x + (x * x + 1.0).sqrt()) - 0.5444
        };
        let errors: Vec<f64> = cgm.iter().zip(glucose).map(error).collect();
        // Every 5 minutes is seen: a tick at minute 15 k shows from the next point on.
        for block in errors[1..].chunks_exact(3) {
            assert!((block[0] - block[2]).abs() < 1e-9, "it changes at ticks alone");
        }
        assert!(errors[1].abs() < 1e-9, "it starts at zero");
        let ticks: Vec<f64> = errors[1..].chunks_exact(3).map(|block| block[0]).collect();
        all.extend(ticks.windows(2).map(|pair| (pair[1] - 0.7 * pair[0]) / 0.7));
    }
    all
}

/// A sensor's error at 96 ticks of 100 people: normal innovations (Kolmogorov's bound at one in a million),
/// of which none knows the one before.
#[test]
fn hovorka_has_a_sensor() {
    let rest =
        "[design]\nparticipants = 100\n[population.covariates]\nbw = \"70 kg\"\n[arm.only]\n";
    let paths =
        Setup::new("hovorka", "24 h", "5 min").with(rest).tolerance(1e-6).method("tsit5").run();
    let all = innovations(&paths);
    let n = all.len() as f64;
    assert_eq!(all.len(), 100 * 95);
    let lagged: f64 = all.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / n;
    assert!(lagged.abs() < 4.5 / n.sqrt(), "{lagged}");
    let mut sorted = all;
    sorted.sort_by(f64::total_cmp);
    let off = |(rank, &z): (usize, &f64)| (normal_cdf(z) - (rank as f64 + 0.5) / n).abs();
    let distance = sorted.iter().enumerate().map(off).fold(0.0, f64::max);
    assert!(distance < 2.69 / n.sqrt(), "{distance}");
}

/// A diary of four weeks: counts of the days follow the law that the records of a month do, with the mean of
/// a day.
#[test]
fn seizure_counts_have_a_diary() {
    const TWINS: usize = 500;
    let rest = format!("[design]\nparticipants = {TWINS}\n[arm.untreated]\n");
    let paths = Setup::new("seizure-counts", "29 day", "1 day").with(&rest).run();
    let mean = paths.all("untreated", "seizures_28d")[0][0].1 / 28.0;
    assert!((mean - 9.414_062 / 28.0).abs() < 1e-7, "{mean}");
    // The first tick is on day 1; each is seen on the day after.
    let counts: Vec<f64> = paths
        .all("untreated", "today")
        .iter()
        .flat_map(|path| path[2..].iter().map(|point| point.1))
        .collect();
    assert_eq!(counts.len(), 28 * TWINS);
    let dispersion = exp(-2.24);
    let size = 1.0 / dispersion;
    let chance = |k: f64| {
        let ways = gamma_ln(k + size) - gamma_ln(size) - gamma_ln(k + 1.0);
        exp(ways + size * ln(size / (size + mean)) + k * ln(mean / (size + mean)))
    };
    for k in 0..5_u8 {
        let found = counts.iter().filter(|&&count| (count - f64::from(k)).abs() < 0.5).count();
        assert_share(&format!("{k} a day"), found, counts.len() as f64, chance(f64::from(k)));
    }
}
