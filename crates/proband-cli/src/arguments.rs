//! What can be typed: the commands and their options.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Virtual clinical trial cohorts: from a trial in TOML to Parquet tables and statistics.
#[derive(Debug, Parser)]
#[command(name = "proband", version, about, arg_required_else_help = true)]
#[command(after_help = "\
Examples:
  proband new my-trial.toml              write a commented trial to start from
  proband check trials/trinity.toml      say what is wrong, or how large the run will be
  proband run trials/trinity.toml        run it; tables and summary go to outputs/
  proband run trials/trinity.toml --set design.participants=500 --seed 7
  proband summary outputs/TRINITY/0f3a...
  proband replay outputs/TRINITY/0f3a... --twin 217 --arm triple

Exit codes: 0 done, 1 the files or the command line are wrong, 2 proband failed.")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How to print results and faults.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables a person can read.
    Text,
    /// JSON for programs.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a trial: twins, screening, arms, tables, findings, summary
    Run(RunArguments),
    /// Check a trial and its models, and estimate rows, bytes and time
    Check(TrialArguments),
    /// Print the summary of a finished run
    Summary {
        /// The folder of the run.
        run: PathBuf,
    },
    /// List models, or show one with its parameters, units and citation
    Models {
        /// A model file to show; without one, the models beside the trials are listed.
        model: Option<PathBuf>,
        /// The folder whose `*.model` files are listed.
        #[arg(long, default_value = "trials/models")]
        folder: PathBuf,
    },
    /// Write a commented trial to start from
    New {
        /// The file to write; it must not exist.
        file: PathBuf,
    },
    /// Explain a code of a fault, such as `unit-mismatch`
    Explain {
        /// The code; without one, all are listed.
        code: Option<String>,
    },
    /// Simulate one participant of a run again, to the same bits, and print it over time
    Replay {
        /// The folder of the run.
        run: PathBuf,
        /// The number of the twin.
        #[arg(long)]
        twin: u64,
        /// The id of the arm.
        #[arg(long)]
        arm: String,
        /// Time between rows, such as `6 h`; by default about 100 rows in all.
        #[arg(long)]
        every: Option<String>,
    },
}

/// A trial, and changes to it.
#[derive(Args, Clone, Debug)]
pub struct TrialArguments {
    /// The trial file.
    pub trial: PathBuf,
    /// Replace a value of the trial file: `design.participants=500`
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// The root of every draw (`simulation.seed`)
    #[arg(long)]
    pub seed: Option<u64>,
    /// Planned enrolment (`design.participants`)
    #[arg(long)]
    pub participants: Option<u64>,
}

/// What `run` takes.
#[derive(Args, Clone, Debug)]
pub struct RunArguments {
    /// The trial.
    #[command(flatten)]
    pub trial: TrialArguments,
    /// Threads; all cores by default. Results do not depend on it
    #[arg(long)]
    pub threads: Option<usize>,
    /// The folder that runs are written to
    #[arg(long, default_value = "outputs")]
    pub out: PathBuf,
}

impl TrialArguments {
    /// All changes as paths and TOML values.
    #[must_use]
    pub fn overrides(&self) -> Vec<String> {
        let mut all = self.set.clone();
        all.extend(self.seed.map(|seed| format!("simulation.seed={seed}")));
        all.extend(self.participants.map(|n| format!("design.participants={n}")));
        all
    }
}
