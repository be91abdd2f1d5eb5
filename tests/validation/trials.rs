//! Runs of the trials, once each, large enough that Monte Carlo error is small.

use crate::independent::{Estimate, Independent};
use crate::lines::{self, Ours, Quantity};
use crate::scorecard::{Line, Scored};
use proband::{Category, Ended, Finding, Finished, Override, StatisticName, Trial, Unwatched};
use proband_store::{UserValues, read_table};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;
use tempfile::TempDir;

/// A finished run, whose folder lives as long as it does.
pub(crate) struct Run {
    finished: Finished,
    trial: Trial,
    _folder: TempDir,
}

impl std::ops::Deref for Run {
    type Target = Finished;

    fn deref(&self) -> &Finished {
        &self.finished
    }
}

/// Runs a trial of the repository with changes, in a folder of its own.
pub(crate) fn run(trial: &str, changes: &[(&str, &str)]) -> Run {
    let path = format!("{}/../trials/{trial}.toml", env!("CARGO_MANIFEST_DIR"));
    let change =
        |&(path, value): &(&str, &str)| Override { path: path.into(), value: value.into() };
    let overrides: Vec<Override> = changes.iter().map(change).collect();
    let opened = proband::open(&path, &overrides).expect("a trial of ours");
    let folder = TempDir::new().expect("a folder for the run");
    let ended = proband::run(&opened, folder.path(), &Unwatched).expect("a run");
    let Ended::Finished(finished) = ended else { panic!("nobody interrupts it") };
    assert_eq!(finished.manifest.counts["failed"], 0, "{trial}: nobody's model fails");
    Run { finished: *finished, trial: opened.trial, _folder: folder }
}

const EMPA: &str = "18_000";
const TRINITY: &str = "40_000";
pub(crate) const DOCETAXEL: &str = "9_000";

/// Nobody obeys a rule, and treatment goes on whatever happens: what the independent program computes.
const PLAIN_DOCETAXEL: &[(&str, &str)] = &[
    ("rule.count.followed", "0.0"),
    ("rule.count_again.followed", "0.0"),
    ("rule.delay.followed", "0.0"),
    ("rule.reduce.followed", "0.0"),
    ("epoch.treatment.until", "\"t < day 1\""),
];

pub(crate) fn empa() -> &'static [Scored] {
    static SCORED: LazyLock<Vec<Scored>> = LazyLock::new(|| {
        let run = findings_only("empa-reg-mono", EMPA, &[]);
        score("empa-reg-mono", lines::EMPA, |_| &run)
    });
    &SCORED
}

pub(crate) fn trinity() -> &'static [Scored] {
    static SCORED: LazyLock<Vec<Scored>> = LazyLock::new(|| {
        let run = findings_only("trinity", TRINITY, &[]);
        score("trinity", lines::TRINITY, |_| &run)
    });
    &SCORED
}

/// All six cycles for everybody.
pub(crate) fn plain_docetaxel() -> &'static Run {
    static RUN: LazyLock<Run> =
        LazyLock::new(|| findings_only("docetaxel-neutropenia", DOCETAXEL, PLAIN_DOCETAXEL));
    &RUN
}

/// What happened in cycle 1 comes from a run with one cycle, where no later one mixes in.
pub(crate) fn docetaxel() -> &'static [Scored] {
    static SCORED: LazyLock<Vec<Scored>> = LazyLock::new(|| {
        let once = ("regimen.docetaxel.times", "1");
        let changes = [("design.participants", DOCETAXEL), ("output.level", "\"truth\""), once];
        let one = run("docetaxel-neutropenia", &[&changes, PLAIN_DOCETAXEL].concat());
        score("docetaxel-neutropenia", lines::DOCETAXEL, |line| match line.ours {
            Ours::Happened(_) => &one,
            _ => plain_docetaxel(),
        })
    });
    &SCORED
}

pub(crate) fn findings_only(trial: &str, participants: &str, more: &[(&str, &str)]) -> Run {
    let size = ("design.participants", participants);
    let level = ("output.level", "\"findings\"");
    run(trial, &[&[size, level], more].concat())
}

fn score<'r>(
    name: &str,
    quantities: &[Quantity],
    run: impl Fn(&Line) -> &'r Run,
) -> Vec<Scored> {
    let independent = Independent::read(name);
    let scored = |line: Line| Scored {
        trial: name.to_owned(),
        line,
        independent: independent.get(line.quantity, line.arm),
        ours: run(&line).estimate(&line),
    };
    lines::lines(quantities).into_iter().map(scored).collect()
}

impl Run {
    fn title(&self, arm: &str) -> &str {
        let found = self.trial.arms.iter().find(|of| of.id == arm);
        &found.unwrap_or_else(|| panic!("no arm `{arm}`")).title
    }

    pub(crate) fn estimate(&self, line: &Line) -> Estimate {
        use StatisticName::{Difference, Mean, Ours as Scored, Percent};
        let arm = self.title(line.arm);
        match line.ours {
            Ours::Mean(analysis) => self.finding(Category::Endpoint, analysis, Mean, arm),
            Ours::Difference(analysis) => {
                self.finding(Category::Comparison, analysis, Difference, arm)
            }
            Ours::Percent(analysis) => self.finding(Category::Endpoint, analysis, Percent, arm),
            Ours::Incidence(event) => self.finding(Category::AdverseEvent, event, Percent, arm),
            Ours::Scored(of) => self.finding(Category::Published, of, Scored, arm),
            Ours::Happened(grade) => self.happened(grade, arm),
        }
    }

    /// The estimate of an arm, or of the comparison that has it on either side.
    fn finding(
        &self,
        category: Category,
        analysis: &str,
        statistic: StatisticName,
        arm: &str,
    ) -> Estimate {
        let fits = |f: &&Finding| {
            let of = [&f.arm, &f.reference].into_iter().flatten().any(|title| title == arm);
            let whole = f.group.is_none() || category == Category::Published;
            f.category == category
                && f.analysis == analysis
                && f.statistic == statistic
                && of
                && whole
        };
        let finding = self.findings.iter().find(fits);
        let finding =
            finding.unwrap_or_else(|| panic!("no {statistic:?} of {analysis}, {arm}"));
        let value = finding.estimate.unwrap_or_else(|| panic!("{finding:?}"));
        let error = finding.standard_error.unwrap_or_else(|| {
            let n = finding.n.unwrap_or_else(|| self.arm_size(arm)) as f64;
            percent_error(value, n)
        });
        Estimate { value, error }
    }

    fn arm_size(&self, arm: &str) -> u64 {
        let fits =
            |f: &&Finding| f.category == Category::Disposition && f.arm.as_deref() == Some(arm);
        let finding = self.findings.iter().find(fits).expect("every arm has a disposition");
        finding.estimate.expect("participants randomised") as u64
    }

    /// Percent of an arm whose true count has been of that grade, or a higher one.
    fn happened(&self, grade: f64, arm: &str) -> Estimate {
        let table = read_table(&self.folder.join("truth_events.parquet")).expect("a table");
        let texts = |name| table.texts(name).expect("a column of texts");
        let (who, arms, events) = (texts("USUBJID"), texts("TRT01P"), texts("EVENT"));
        let UserValues::Numbers(grades) = &table.column("GRADEN").expect("grades").values
        else {
            panic!("grades are numbers")
        };
        let fits = |&row: &usize| {
            events[row].as_deref() == Some("neutropenia")
                && arms[row].as_deref() == Some(arm)
                && grades[row] >= grade
        };
        let people: BTreeSet<&str> =
            (0..table.rows).filter(fits).filter_map(|row| who[row].as_deref()).collect();
        let n = self.arm_size(arm) as f64;
        let value = 100.0 * people.len() as f64 / n;
        Estimate { value, error: percent_error(value, n) }
    }
}

/// Binomial standard error of a percentage; that of one participant where none or all are concerned.
fn percent_error(percent: f64, n: f64) -> f64 {
    (percent * (100.0 - percent)).max(100.0 * 100.0 / n).sqrt() / n.sqrt()
}

#[test]
fn runs_are_named_by_their_trial() {
    let run = run("glucose-linear", &[("simulation.seed", "2")]);
    assert!(run.folder.starts_with(Path::new(run._folder.path())));
    assert_eq!(run.manifest.trial, run.trial.id);
}
