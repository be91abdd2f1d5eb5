//! Published trials and an independent computation beside what we find.
//!
//! Every line of `lines.rs` has up to three numbers: the published one, that of an independent program
//! (`independent/`, numpy, other algorithms), and ours. The second tests what we built, and must agree
//! within Monte Carlo error. The first tests the model: where it does not agree, the line says why, and
//! stays. The tables of the README and of the page on validation are these lines; with `PROBAND_BLESS=1`
//! the test writes them.
#![expect(clippy::print_stdout, reason = "a failing test shows all its lines")]

mod cdisc;
mod conduct;
mod glucose;
mod independent;
mod lines;
mod pages;
mod scorecard;
mod trials;

use proband_trial::PublishedKey;
use scorecard::{Line, Scored};
use trials::{docetaxel, empa, trinity};

/// Standard errors of the difference that a line may be off from the independent computation. Sixty
/// lines with a fixed seed: by chance alone one of them exceeds 3 in one of six seeds, and 4 in one of 260.
const ERRORS: f64 = 4.0;

fn check(scored: &[Scored]) {
    for line in scored {
        println!("{line}");
    }
    let wrong: Vec<String> = scored.iter().filter_map(Scored::fault).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn empa_reg_mono_agrees_with_the_independent_computation() {
    check(empa());
}

#[test]
fn trinity_agrees_with_the_independent_computation() {
    check(trinity());
}

#[test]
fn docetaxel_agrees_with_the_independent_computation() {
    check(docetaxel());
}

#[test]
fn what_conduct_changes_is_compared_with_the_published_figures() {
    let wrong: Vec<String> =
        conduct::changed().iter().filter_map(conduct::Changed::fault).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    pages::check("README.md", "conduct", &conduct::table(conduct::changed()));
}

/// Arm, figure and distance that counts as agreement, in the order of their text.
type Figure = (String, f64, f64);

fn in_order(mut figures: Vec<Figure>) -> Vec<String> {
    figures.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2)));
    figures
        .iter()
        .map(|(arm, value, within)| format!("{arm} {value} within {within}"))
        .collect()
}

/// The figures of a trial file.
fn written(trial: &str) -> Vec<Figure> {
    let path = format!("{}/../trials/{trial}.toml", env!("CARGO_MANIFEST_DIR"));
    let trial = proband::open(&path, &[]).expect("a trial of ours").trial;
    let mut figures = Vec::new();
    for published in &trial.published {
        for (key, value) in &published.values {
            let PublishedKey::Arm(arm) = *key else { panic!("by arm") };
            figures.push((trial.arms[arm].id.clone(), *value, published.within));
        }
    }
    figures
}

/// The scorecard of a run and the pages show the same figures: a trial file has no room for a range.
#[test]
fn the_trials_and_the_lines_have_the_same_published_figures() {
    for (trial, quantities) in [
        ("empa-reg-mono", lines::EMPA),
        ("trinity", lines::TRINITY),
        ("docetaxel-neutropenia", lines::DOCETAXEL),
    ] {
        let figure = |line: &Line| {
            let (low, high) = line.published?;
            (low.total_cmp(&high).is_eq()).then(|| (line.arm.to_owned(), low, line.within))
        };
        let of_lines = lines::lines(quantities).iter().filter_map(figure).collect();
        assert_eq!(in_order(written(trial)), in_order(of_lines), "{trial}");
    }
}

#[test]
fn the_pages_show_the_numbers_of_this_version() {
    let all: Vec<&Scored> = empa().iter().chain(trinity()).chain(docetaxel()).collect();
    pages::check("README.md", "validation", &scorecard::published_table(&all));
    pages::check(
        "crates/proband/book/validation.md",
        "validation",
        &scorecard::whole_table(&all),
    );
}

#[test]
fn the_readme_shows_what_its_first_command_prints() {
    let printed = trials::run("empa-reg-mono", &[]).summary().to_text();
    let passages = [
        ("EMPA-REG-MONO:", "- "),
        ("Screen failures", "Enrolled"),
        ("Change in HbA1c", "- ANCOVA"),
        ("Any adverse event", "First events"),
    ];
    pages::check("README.md", "output", &pages::excerpt(&printed, &passages));
}

#[test]
fn a_line_that_misses_says_why_and_one_that_agrees_does_not() {
    let line = |why| Line { within: 1.0, published: Some((10.0, 10.0)), why, ..Line::EXAMPLE };
    let fault = |why, ours| Scored::example(line(why), ours).fault();
    assert!(fault("", 12.0).is_some_and(|fault| fault.contains("must say why")));
    assert!(fault("no dropout", 10.5).is_some_and(|fault| fault.contains("no longer")));
    assert_eq!((fault("", 10.5), fault("no dropout", 12.0)), (None, None));
}
