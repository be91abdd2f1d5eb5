//! A model of the examples in a trial of one twin, taken through the whole engine: dose lines, events, switches,
//! dense output and tables as in any run.

use proband_diag::{Faults, InMemory, Sources, Style};
use proband_engine::tables::{Batch, Kept, TableId, Values};
use proband_engine::{Plan, PlanError, Unwatched, enrol, simulate};
use proband_trial::{Trial, open_trial};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A trial of one model: its grid of latent truth, and whatever else it states.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    files: InMemory,
    model: String,
    lasts: String,
    every: String,
    tolerance: f64,
    method: &'static str,
    rest: String,
    spread: bool,
}

/// What became of the twins.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    /// Arm, subject, observable: times in days and true values.
    truths: BTreeMap<(String, String, String), Vec<(f64, f64)>>,
    /// Arm, subject, event: onsets in days.
    events: BTreeMap<(String, String, String), Vec<f64>>,
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A text of the workspace.
pub(crate) fn read(path: &str) -> String {
    let path = workspace().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The model files of the language's examples.
fn examples() -> InMemory {
    let folder = workspace().join("tests/suite/language/examples");
    let entries = std::fs::read_dir(folder).expect("the folder of examples");
    let text = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("an entry of it").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).expect("a text"))
    };
    InMemory(entries.map(text).collect())
}

impl Setup {
    /// An example by its name, or a model's text, over a time and on a grid: durations of the trial file.
    pub(crate) fn new(model: &str, lasts: &str, every: &str) -> Self {
        let files = examples();
        let name = format!("{model}.model");
        let model = match files.0.contains_key(&name) {
            true => format!("file = \"{name}\""),
            false => format!("text = '''\n{model}\n'''"),
        };
        Self {
            files,
            model,
            lasts: lasts.into(),
            every: every.into(),
            tolerance: 1e-9,
            method: "",
            rest: "[arm.only]".into(),
            spread: false,
        }
    }

    /// Further tables of the trial file, arms among them.
    pub(crate) fn with(mut self, rest: &str) -> Self {
        self.rest = rest.into();
        self
    }

    /// Tables beside those.
    pub(crate) fn also(mut self, rest: &str) -> Self {
        self.rest.push_str(rest);
        self
    }

    /// A file that the trial names.
    pub(crate) fn file(mut self, name: &str, text: String) -> Self {
        self.files.0.insert(name.into(), text);
        self
    }

    /// Writes something else in an example.
    pub(crate) fn instead(mut self, example: &str, from: &str, to: &str) -> Self {
        let text = self.files.0.get_mut(&format!("{example}.model")).expect("an example");
        assert_eq!(text.matches(from).count(), 1, "`{from}` stands in {example} once");
        *text = text.replace(from, to);
        self
    }

    /// Takes statements that begin so out of an example, with the lines that continue them.
    pub(crate) fn without(mut self, example: &str, statements: &[&str]) -> Self {
        let text = self.files.0.get_mut(&format!("{example}.model")).expect("an example");
        let mut kept = String::new();
        let mut gone = vec![false; statements.len()];
        let mut inside = false;
        for line in text.lines() {
            if !line.starts_with(' ') {
                let which = statements.iter().position(|statement| line.starts_with(statement));
                inside = which.is_some();
                which.into_iter().for_each(|which| gone[which] = true);
            }
            if !inside {
                kept.push_str(line);
                kept.push('\n');
            }
        }
        assert!(gone.iter().all(|&gone| gone), "{example} has all of {statements:?}");
        *text = kept;
        self
    }

    /// The solver's relative tolerance.
    pub(crate) fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// The solver; where none is named a pilot of sixteen twins chooses, which takes its time.
    pub(crate) fn method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    /// With the variability between twins that the model states; without this the twin is the typical one.
    pub(crate) fn spread(mut self) -> Self {
        self.spread = true;
        self
    }

    fn toml(&self) -> String {
        let Self { model, lasts, every, tolerance, rest, .. } = self;
        let design = match rest.contains("[design]") {
            true => "",
            false => "design.participants = 1\ndesign.assignment = \"every-arm\"\n",
        };
        let method = match self.method {
            "" => String::new(),
            method => format!("simulation.method = \"{method}\"\n"),
        };
        format!(
            "{method}trial.id = \"MODEL\"\n{design}output.level = \"truth\"\noutput.truth_every = \"{every}\"\n\
             simulation.tolerance = {tolerance:e}\nsimulation.atol = {:e}\nepoch.treatment.duration = \"{lasts}\"\n\
             [model.m]\n{model}\n{rest}\n",
            tolerance * 1e-3
        )
    }

    fn open(&self) -> Trial {
        let mut files = self.files.clone();
        files.0.insert("trial.toml".into(), self.toml());
        let (mut sources, mut faults) = (Sources::default(), Faults::default());
        let trial = open_trial("trial.toml", &files, &[], &mut sources, &mut faults);
        let mut trial =
            trial.unwrap_or_else(|| panic!("{}", faults.render(&sources, Style::Short)));
        if !self.spread {
            trial.models.iter_mut().for_each(|of| take_away_spreads(&mut of.model));
        }
        trial
    }

    /// Runs the trial; no twin may fail.
    pub(crate) fn run(&self) -> Paths {
        let trial = self.open();
        let plan = Plan::new(&trial).unwrap_or_else(|faults| panic!("{faults:?}"));
        let enrolment = enrol(&plan, &Unwatched).expect("everybody is eligible");
        let kept = Kept::default();
        simulate(&plan, &enrolment, &kept, &Unwatched).expect("memory takes all");
        let mut paths = Paths::default();
        for shard in kept.into_shards().into_values() {
            shard.tables.iter().for_each(|table| paths.take(table));
        }
        paths
    }

    /// What stands in the way of running the trial.
    pub(crate) fn refused(&self) -> Vec<String> {
        let trial = self.open();
        let faults: Vec<PlanError> = Plan::new(&trial).expect_err("not everything is built");
        faults.iter().map(ToString::to_string).collect()
    }
}

/// Makes every twin of a model the typical one for its covariates.
fn take_away_spreads(model: &mut proband_lang::Model) {
    model.blocks.clear();
    for parameter in &mut model.parameters {
        parameter.between_twins = None;
        parameter.between_occasions = None;
        parameter.block = None;
    }
}

impl Paths {
    fn take(&mut self, table: &Batch) {
        match table.table() {
            TableId::Truth => self.take_truths(table),
            TableId::TruthEvents => self.take_events(table),
            TableId::Exclusions => {
                assert_eq!(
                    table.rows(),
                    0,
                    "{}: {}",
                    text(table, "REASON", 0),
                    text(table, "DETAIL", 0)
                );
            }
            _ => {}
        }
    }

    fn take_truths(&mut self, table: &Batch) {
        for row in 0..table.rows() {
            let [arm, subject, name] =
                ["TRT01P", "USUBJID", "PARAMCD"].map(|column| text(table, column, row));
            let point = (number(table, "ATIME", row), number(table, "AVAL", row));
            self.truths.entry((arm, subject, name.to_lowercase())).or_default().push(point);
        }
        self.truths.values_mut().for_each(|points| points.sort_by(|a, b| a.0.total_cmp(&b.0)));
    }

    fn take_events(&mut self, table: &Batch) {
        for row in 0..table.rows() {
            let key = ["TRT01P", "USUBJID", "EVENT"].map(|column| text(table, column, row));
            self.events.entry(key.into()).or_default().push(number(table, "ASTTIME", row));
        }
        self.events.values_mut().for_each(|onsets| onsets.sort_by(f64::total_cmp));
    }

    /// The true values of an observable in an arm, subject by subject: times in days, values.
    pub(crate) fn all(&self, arm: &str, observable: &str) -> Vec<&[(f64, f64)]> {
        let of = |((of, _, name), _): &(&(String, String, String), _)| {
            of == arm && name == observable
        };
        let found: Vec<_> =
            self.truths.iter().filter(of).map(|(_, points)| &points[..]).collect();
        assert!(!found.is_empty(), "no `{observable}` in `{arm}`");
        found
    }

    /// The true values of an observable of the only twin in an arm.
    pub(crate) fn of(&self, arm: &str, observable: &str) -> Trace {
        let all = self.all(arm, observable);
        assert_eq!(all.len(), 1);
        Trace(all[0].to_vec())
    }

    /// Onsets of an event of the only twin in an arm, in days.
    pub(crate) fn events(&self, arm: &str, event: &str) -> Vec<f64> {
        let of =
            |((of, _, name), _): &(&(String, String, String), _)| of == arm && name == event;
        self.events.iter().filter(of).flat_map(|(_, onsets)| onsets.clone()).collect()
    }
}

/// One observable of one twin: times in days, values.
#[derive(Clone, Debug)]
pub(crate) struct Trace(pub(crate) Vec<(f64, f64)>);

impl Trace {
    /// The value at a point of the grid.
    pub(crate) fn at(&self, day: f64) -> f64 {
        let near = |point: &&(f64, f64)| (point.0 - day).abs() <= 1e-9 * day.abs().max(1e-6);
        let found = self.0.iter().find(near);
        found.unwrap_or_else(|| panic!("day {day} is not on the grid")).1
    }
}

fn number(table: &Batch, column: &str, row: usize) -> f64 {
    match table.values(table.schema().at(column)) {
        Values::Numbers(values) => values[row],
        _ => panic!("`{column}` holds numbers"),
    }
}

fn text(table: &Batch, column: &str, row: usize) -> String {
    match table.values(table.schema().at(column)) {
        Values::Texts(texts) => texts.get(row).unwrap_or_default().to_owned(),
        _ => panic!("`{column}` holds texts"),
    }
}
