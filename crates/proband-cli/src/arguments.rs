//! What can be typed: the commands and their options.

use clap::{Args, Parser, Subcommand, ValueEnum};
use proband::{Backend, ExportForm, Override};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Virtual clinical trial cohorts: from a trial in TOML to Parquet tables and statistics
#[derive(Debug, Parser)]
#[command(name = "proband", version, about, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  proband new my-trial.toml              write a commented trial to start from
  proband check trials/trinity.toml      say what is wrong, or how large the run will be
  proband run trials/trinity.toml        run it; tables and summary go to outputs/
  proband run trials/trinity.toml --set design.participants=500 --seed 7
  proband summary outputs/TRINITY/0123456789abcdef
  proband report outputs/TRINITY/0123456789abcdef
  proband replay outputs/TRINITY/0123456789abcdef --twin 217 --arm triple

Results go to standard output; faults, warnings and progress to standard error. With `--format json`
standard output is one JSON object, faults included; only options that cannot be read are told as text.

Exit codes: 0 done, 1 the files or the command line are wrong, 2 proband failed, 130 interrupted.
A run that was interrupted loses nothing: the same command goes on with it.")]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// How to print results and faults
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person
    Text,
    /// For a program
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a trial: twins, screening, arms, tables, findings, summary
    #[command(after_help = "\
Examples:
  proband run trials/empa-reg-mono.toml
  proband run trials/empa-reg-mono.toml --participants 20000 --threads 8 --out /data/runs
  proband run trials/trinity.toml --set 'arm.triple.title=Triple therapy' --set output.level=truth
  proband run trials/two-means.toml --set simulation.replicates=10000 --scenario base --scenario null

The folder of a run is <out>/<trial id>/<run id>; the run id is the hash of all inputs, the seed and the
version. A finished run of the same inputs is shown and not repeated; one that was interrupted goes on.")]
    Run(RunArguments),
    /// Plan a run for several workers: enrol, cut the work into shards, keep copies of the inputs
    #[command(after_help = "\
Examples:
  proband plan trials/trinity.toml --out /scratch/trinity
  proband work /scratch/trinity --task 0 --tasks 4       (and 1, 2, 3, on whatever machines)
  proband status /scratch/trinity
  proband merge /scratch/trinity
  proband submit /scratch/trinity --engine slurm         (does all of this on a cluster)

The plan depends on the inputs alone, and so does what comes of it: any number of workers, killed, repeated or
run twice at once, give the bytes of `proband run`.")]
    Plan(PlanArguments),
    /// Do a share of the shards of a run that is planned
    #[command(after_help = "\
Exit codes: 0 done, 75 try again (interrupted, disk full, ...), 65 wrong for ever.

In an array job of Slurm, Kubernetes, AWS Batch, HyperQueue, SGE, PBS or LSF the task is the index that the
scheduler gives, counted from 0 or from 1.")]
    Work(WorkArguments),
    /// Merge a run whose shards are done: verify, analyse, write findings, summary and tables
    #[command(after_help = "\
Exit codes: 0 done, 75 shards are missing or damaged (do them, and merge again), 65 wrong for ever.")]
    Merge(MergeArguments),
    /// Start the tasks of a run that is planned on a cluster, and its merge after them
    #[command(after_help = "\
Examples:
  proband submit /scratch/trinity --engine slurm --partition long --time 2:00:00 --cores 8
  proband submit /scratch/trinity --engine slurm --nodes 4 --dry-run
  proband submit /runs/trinity --engine kubernetes --image registry/proband:0.1 --claim runs
  proband submit trinity --engine local

A pilot shard, which is kept, says how many tasks are worth it. Logs are in <run>/logs. Slurm gets an array job
and a merge that waits until the array is over; for Kubernetes the manifests are written, to be applied with
`kubectl apply -f`; `local` starts processes here, waits for them, and merges.")]
    Submit(SubmitArguments),
    /// Say how far a run is that is planned, and what came of it so far
    Status {
        /// The folder of the run
        run: PathBuf,
        /// Analyse the shards that are done, too
        #[arg(long)]
        results: bool,
    },
    /// Check a trial and its models, and estimate rows, bytes and time
    Check(CheckArguments),
    /// Find the number of participants that gives a hypothesis its power, by simulation
    #[command(after_help = "\
Examples:
  proband size my-trial.toml --power 0.9
  proband size my-trial.toml --power 0.8 --of weight --scenario pessimistic --replicates 40000

Simulation begins with the trial's own number of participants. A probit regression of the rejections on
its root says where to go next, until the standard error of the power at the answer is
`simulation.precision`, or three quarters of the repetitions are used; the last quarter is kept to confirm
the answer. It depends on the seed alone.")]
    Size(SizeArguments),
    /// Print the summary of a finished run
    Summary {
        /// The folder of the run
        run: PathBuf,
    },
    /// Write one HTML page of a finished run, to look at and to print
    #[command(after_help = "\
Examples:
  proband report outputs/TRINITY/0123456789abcdef
  proband run trials/trinity.toml --set output.report=true

  proband report outputs/TRINITY/* --out trinity.html

The page is report.html in the folder of the run; of several runs it is one that puts them side by side. It
opens from the disk, needs no network, and is made from the tables that the run kept: it says of what is
missing how to keep it.")]
    Report(ReportArguments),
    /// List models, or show one with its parameters, units and citation
    Models {
        /// A model file to show; without one, those of the folder are listed
        model: Option<PathBuf>,
        /// The folder whose `*.model` files are listed
        #[arg(long, default_value = "trials/models")]
        folder: PathBuf,
    },
    /// Write a commented trial to start from
    New {
        /// The file to write; it must not exist
        file: PathBuf,
    },
    /// Explain a code of a fault, such as `unit-mismatch`
    Explain {
        /// The code; without one, all are listed
        code: Option<String>,
    },
    /// Analyse data that exist, or a finished run again, by a plan
    #[command(after_help = "\
Examples:
  proband analyse adsl.csv adqs.csv adtte.csv adae.csv plan.toml
  proband analyse outputs/TRINITY/0123456789abcdef plan.toml --out outputs

A plan has the trial file's own tables `endpoint`, `analysis` and `published`, and says how the tables of
the data are to be read. Findings and summary go to <out>/<plan id>/<hash of plan and data>.")]
    Analyse(AnalyseArguments),
    /// Write the tables of a finished run in a format of other tools
    #[command(after_help = "\
Examples:
  proband export outputs/TRINITY/0123456789abcdef --to csv
  proband export outputs/TRINITY/0123456789abcdef --to xpt --out /data/transfer
  proband export outputs/TRINITY/0123456789abcdef --to duckdb --duckdb venv/bin/python

csv           comma-separated values
dataset-json  CDISC Dataset-JSON 1.1
xpt           SAS XPORT version 5: names of 8 characters, texts of 200 bytes, made to fit
arrow         Arrow files (Feather)
duckdb        one file with tables and views; made by DuckDB, which must be there

Beside them stands `define.xml` (Define-XML 2.1): labels, units, lengths, and the values that occur.")]
    Export(ExportArguments),
    /// Simulate one participant of a run again, to the same bits, and print it over time
    #[command(after_help = "\
Examples:
  proband replay outputs/TRINITY/0123456789abcdef --twin 217 --arm triple
  proband replay outputs/TRINITY/0123456789abcdef --twin 217 --arm om_aml --every '6 h' --format json

The number of a twin is TWIN in adsl and exclusions. An arm that randomisation did not give the twin
shows what would have been. Numbers are printed to six digits; `--format json` has all of them.")]
    Replay(ReplayArguments),
}

/// A trial, and changes to it.
#[derive(Args, Clone, Debug)]
pub(crate) struct TrialArguments {
    /// The trial file
    pub(crate) trial: String,
    /// Replace a value of the trial file, such as `design.participants=500`: a TOML value, or text without
    /// quotation marks
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = change)]
    set: Vec<Override>,
    /// The root of every draw (`simulation.seed`)
    #[arg(long)]
    seed: Option<u64>,
    /// Planned enrolment (`design.participants`)
    #[arg(long)]
    participants: Option<u64>,
}

/// What `run` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct RunArguments {
    /// The trial.
    #[command(flatten)]
    pub(crate) trial: TrialArguments,
    /// Threads; all cores by default. Results do not depend on it
    #[arg(long, value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// What runs the models: `interpreter`, `avx2` or `avx512`; the fastest by default. Results do not
    /// depend on it
    #[arg(long, value_parser = backend, value_name = "BACK_END")]
    pub(crate) backend: Option<Backend>,
    /// Run only this scenario, by its id: `base`, a `[scenario.ID]`, or one of the grid such as
    /// `participants=80`; may be given several times
    #[arg(long = "scenario", value_name = "ID")]
    pub(crate) scenarios: Vec<String>,
    /// The folder that runs are written to
    #[arg(long, default_value = "outputs")]
    pub(crate) out: PathBuf,
}

/// What `plan` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct PlanArguments {
    /// The trial.
    #[command(flatten)]
    pub(crate) trial: TrialArguments,
    /// Run only this scenario, by its id; may be given several times
    #[arg(long = "scenario", value_name = "ID")]
    pub(crate) scenarios: Vec<String>,
    /// The folder of the run, which all workers see
    #[arg(long, value_name = "RUN")]
    pub(crate) out: PathBuf,
    /// Threads; all cores by default. Results do not depend on it
    #[arg(long, value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
}

/// What `work` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct WorkArguments {
    /// The folder of the run
    pub(crate) run: PathBuf,
    /// Which of the tasks this is; by default the index that a scheduler gives its array jobs
    #[arg(long, requires = "tasks")]
    pub(crate) task: Option<u32>,
    /// How many tasks share the run; without it, everything is done here
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) tasks: Option<u32>,
    /// Threads; by default the cores that the scheduler gives, or all of the machine
    #[arg(long, value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Seconds that shards in hand may take once somebody asks to stop; then they are dropped
    #[arg(long, default_value_t = 25, value_name = "SECONDS")]
    pub(crate) grace: u64,
}

/// What `submit` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct SubmitArguments {
    /// The folder of the run
    pub(crate) run: PathBuf,
    /// Who starts the tasks
    #[arg(long, value_enum)]
    pub(crate) engine: EngineName,
    /// Nodes of Slurm, each given to one task at a time as a whole
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) nodes: Option<u32>,
    /// Cores of a task, where it has no node for itself
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) cores: u32,
    /// Tasks at once, at most
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_running: Option<u32>,
    /// Tasks that share the run; by default as many as a pilot shard says are worth it
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) tasks: Option<u32>,
    /// Time limit of a task, as Slurm writes it: `90` (minutes), `1:30:00`, `2-12:00`
    #[arg(long)]
    pub(crate) time: Option<String>,
    /// Partition of Slurm
    #[arg(long)]
    pub(crate) partition: Option<String>,
    /// Image of Kubernetes that holds `proband`
    #[arg(long)]
    pub(crate) image: Option<String>,
    /// Volume claim of Kubernetes that holds the folder in which the run stands
    #[arg(long)]
    pub(crate) claim: Option<String>,
    /// Let the merge put the shards of each table together to one file
    #[arg(long)]
    pub(crate) compact: bool,
    /// Print the scripts; write and submit nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Who starts the tasks of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineName {
    /// An array job, and a merge after it
    Slurm,
    /// Manifests of an Indexed Job, and of a merge
    Kubernetes,
    /// Processes on this machine
    Local,
}

/// What `merge` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct MergeArguments {
    /// The folder of the run
    pub(crate) run: PathBuf,
    /// Put the shards of each table together to one file, as `proband run` does; otherwise they stay where
    /// they are, and `dataset.json` lists them
    #[arg(long)]
    pub(crate) compact: bool,
    /// If shards are missing or damaged, submit them again as the run was submitted before
    #[arg(long)]
    pub(crate) resubmit: bool,
    /// Threads; by default the cores that the scheduler gives, or all of the machine
    #[arg(long, value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
}

/// What `analyse` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct AnalyseArguments {
    /// CSV or Parquet files in ADaM's form, or the folder of a finished run; then the plan, a TOML file
    #[arg(required = true, num_args = 2.., value_names = ["DATA", "PLAN"])]
    pub(crate) files: Vec<PathBuf>,
    /// The folder that findings and summary are written to
    #[arg(long, default_value = "outputs")]
    pub(crate) out: PathBuf,
}

/// What `export` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct ExportArguments {
    /// The folder of the run
    pub(crate) run: PathBuf,
    /// The format: `csv`, `dataset-json`, `xpt`, `arrow` or `duckdb`
    #[arg(long, value_parser = form, value_name = "FORMAT")]
    pub(crate) to: ExportForm,
    /// The folder to write to; by default `export/FORMAT` in that of the run
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
    /// The DuckDB that makes its file, or a Python that has the package; by default the first that is found
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) duckdb: Option<PathBuf>,
}

/// What `report` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReportArguments {
    /// The folder of the run, or those of several to compare
    #[arg(required = true)]
    pub(crate) runs: Vec<PathBuf>,
    /// The file that a comparison of several runs is written to
    #[arg(long, default_value = "comparison.html")]
    pub(crate) out: PathBuf,
}

/// What `check` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct CheckArguments {
    /// The trial.
    #[command(flatten)]
    pub(crate) trial: TrialArguments,
    /// Threads that the run would have; all cores by default
    #[arg(long, value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
}

/// What `size` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct SizeArguments {
    /// The trial.
    #[command(flatten)]
    pub(crate) trial: TrialArguments,
    /// The power to reach, such as 0.9
    #[arg(long)]
    pub(crate) power: f64,
    /// The analysis or comparison whose hypothesis it is; by default the first
    #[arg(long, value_name = "FINDING")]
    pub(crate) of: Option<String>,
    /// Repetitions of the trial, at most
    #[arg(long, default_value_t = 10_000)]
    pub(crate) replicates: u32,
    /// The scenario to find the size of, by its id; by default the trial as written
    #[arg(long, value_name = "ID")]
    pub(crate) scenario: Option<String>,
    /// Threads; all cores by default. Results do not depend on it
    #[arg(long, value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
}

/// What `replay` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReplayArguments {
    /// The folder of the run
    pub(crate) run: PathBuf,
    /// The number of the twin
    #[arg(long)]
    pub(crate) twin: u64,
    /// The repetition of the trial, from 1
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) replicate: u32,
    /// The id of the arm
    #[arg(long)]
    pub(crate) arm: String,
    /// Time between rows, such as `6 h`; by default such that there are about 100
    #[arg(long)]
    pub(crate) every: Option<String>,
}

impl TrialArguments {
    /// All changes, in order.
    pub(crate) fn overrides(&self) -> Vec<Override> {
        let change =
            |path: &str, value: u64| Override { path: path.into(), value: value.to_string() };
        let mut all = self.set.clone();
        all.extend(self.seed.map(|seed| change("simulation.seed", seed)));
        all.extend(self.participants.map(|count| change("design.participants", count)));
        all
    }
}

/// `path=value`.
fn change(text: &str) -> Result<Override, String> {
    let (path, value) = text.split_once('=').ok_or("a change is written `path=value`")?;
    let (path, value) = (path.trim(), value.trim());
    if path.is_empty() || value.is_empty() {
        return Err("a change is written `path=value`".to_owned());
    }
    let value = if is_toml(value) { value.to_owned() } else { quoted(value) };
    Ok(Override { path: path.to_owned(), value })
}

/// Whether a value can be TOML as it stands. Shells take quotation marks away, so that a text such as
/// `25 mg` comes without them.
fn is_toml(value: &str) -> bool {
    let is_number = value.replace('_', "").parse::<f64>().is_ok();
    let is_date =
        value.len() >= 10 && value.as_bytes()[4] == b'-' && value.as_bytes()[7] == b'-';
    value.starts_with(['"', '\'', '[', '{'])
        || is_number
        || is_date
        || matches!(value, "true" | "false")
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// More threads than this cost their stacks and bring nothing.
const MOST_THREADS: usize = 1024;

/// Reads a number of threads.
fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.parse().ok().filter(|number: &NonZeroUsize| number.get() <= MOST_THREADS);
    number.ok_or_else(|| format!("a whole number from 1 to {MOST_THREADS} is needed"))
}

/// Reads a back end that this machine can use.
fn backend(text: &str) -> Result<Backend, String> {
    let named = Backend::ALL.into_iter().find(|backend| backend.name() == text);
    let backend = named.ok_or_else(|| {
        format!("one of {} is needed", Backend::ALL.map(Backend::name).join(", "))
    })?;
    backend.check().map_err(|refusal| refusal.to_string())?;
    Ok(backend)
}

/// Reads the word of a format.
fn form(text: &str) -> Result<ExportForm, String> {
    let known = ExportForm::ALL.into_iter().find(|form| form.name() == text);
    known.ok_or_else(|| {
        format!("{} is needed", ExportForm::ALL.map(ExportForm::name).join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn text_needs_no_quotation_marks() {
        let value = |text: &str| change(text).unwrap().value;
        assert_eq!(value("a.b=25 mg"), "\"25 mg\"");
        assert_eq!(value("a.b=\"25 mg\""), "\"25 mg\"");
        assert_eq!(value("a.b = 5_000"), "5_000");
        assert_eq!(value("a=[1, 2]"), "[1, 2]");
        assert_eq!(value("a=true"), "true");
        assert_eq!(value("a=2026-01-31"), "2026-01-31");
        assert_eq!(value("a=x = \"y\""), "\"x = \\\"y\\\"\"");
        assert!(["a", "=3", "a="].iter().all(|text| change(text).is_err()));
    }

    #[test]
    fn far_too_many_threads_are_a_slip() {
        assert_eq!(threads("8").unwrap().get(), 8);
        assert!(["0", "-1", "100000", "many"].iter().all(|text| threads(text).is_err()));
    }
}
