//! Why something could not be done: the files are wrong, or we failed.

use proband_analysis::ExpressionError;
use proband_cohort::DrawError;
use proband_diag::{Code, Diagnostic, Faults, Sources, Style, code};
use proband_engine::tables::SinkError;
use proband_engine::{PlanError, RunError, TruthError};
use proband_export::ExportError;
use proband_kernel::BackendRefusal;
use proband_kernel::BuildError;
use proband_store::{ReadError, StoreError};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why something could not be done.
#[derive(Debug, Error)]
pub enum Error {
    /// What the user wrote, or asked for, is wrong.
    #[error("{}", .0.render(Style::Short).trim_end())]
    Faulty(Faulty),
    /// What the user wrote is fine, and it could not be done all the same.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Everything that is wrong with what a user wrote, and the texts that it stands in.
#[derive(Clone, Debug, Default)]
pub struct Faulty {
    /// The texts.
    pub sources: Sources,
    /// The faults.
    pub faults: Faults,
}

/// What went wrong on our side of the line, or on the machine's.
#[derive(Debug, Error)]
pub enum Failure {
    /// A file of a run could not be written or read.
    #[error(transparent)]
    Store(StoreError),
    /// A file could not be written.
    #[error("cannot write `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of ours in a finished run is not what was written.
    #[error(transparent)]
    Table(#[from] ReadError),
    /// A file in a finished run does not say what this version expects.
    #[error("`{}` cannot be read: {reason}", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        reason: String,
    },
    /// DuckDB was found, and did not make its file.
    #[error(transparent)]
    Export(ExportError),
    /// Rows could not be kept.
    #[error("{0}")]
    Sink(Box<dyn std::error::Error + Send + Sync>),
    /// Twins could not be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// The true values of estimands could not be simulated.
    #[error("the true values of estimands: {0}")]
    Truth(#[from] TruthError),
    /// The rule of an escalation could not decide.
    #[error("{0}")]
    Climb(String),
    /// Columns of participants could not be read back.
    #[error("{0}")]
    Columns(io::Error),
    /// A program that starts the tasks of a run could not be run, or refused.
    #[error("`{program}`: {said}")]
    Scheduler {
        /// The program.
        program: String,
        /// What it, or the system, said.
        said: String,
    },
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The back end cannot be used on this machine.
    #[error("back end: {0}")]
    Backend(#[from] BackendRefusal),
    /// The system gave no threads.
    #[error("cannot start threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;

impl Faulty {
    /// One fault that stands in no file.
    pub(crate) fn one(code: Code, message: impl Into<String>, help: Option<String>) -> Self {
        let mut faulty = Self::default();
        let fault = Diagnostic::error_without_place(code, message).maybe_help(help);
        faulty.faults.push(fault);
        faulty
    }

    /// Words of a command line that make no sense together.
    #[must_use]
    pub fn command_line(message: &str) -> Self {
        Self::one(code::COMMAND_LINE, message, None)
    }

    /// All faults as text.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        self.faults.render(&self.sources, style)
    }
}

impl From<Faulty> for Error {
    fn from(faulty: Faulty) -> Self {
        Self::Faulty(faulty)
    }
}

/// A folder that holds something else, or can never be made, is the choice of whoever named it; a full
/// disk is not.
impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let help = match &error {
            StoreError::NotARun { .. } | StoreError::OtherRun { .. } => None,
            StoreError::NotAFolder { .. } => Some("name a folder with `--out`"),
            StoreError::Io { action: "create", source, .. } if is_elsewhere(source) => {
                Some("choose another folder with `--out`")
            }
            StoreError::NotFinished { .. } => Some("`proband run` again goes on with a run"),
            StoreError::NotPlanned { .. } => Some("`proband plan` makes one"),
            StoreError::Busy { .. } => Some("wait until it has finished"),
            _ => return Self::Failed(Failure::Store(error)),
        };
        let help = help.map(str::to_owned);
        Faulty::one(code::OUTPUT_FOLDER, error.to_string(), help).into()
    }
}

/// What a format cannot hold, and a program that is not there, are for whoever asks to change.
impl From<ExportError> for Error {
    fn from(error: ExportError) -> Self {
        let help = match error {
            ExportError::Store(error) => return error.into(),
            ExportError::DuckDb { .. } => return Self::Failed(Failure::Export(error)),
            ExportError::NoDuckDb { .. } => {
                "install it (`pip install duckdb`, or from duckdb.org), or name it with `--duckdb`"
            }
            ExportError::TooLarge { .. } | ExportError::TooManyColumns { .. } => {
                "the other formats can hold it"
            }
        };
        let message = error.to_string();
        Faulty::one(code::COMMAND_LINE, message, Some(help.to_owned())).into()
    }
}

/// Whether the system refuses a place that something could be made at, and another would do.
fn is_elsewhere(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem};
    matches!(error.kind(), NotFound | NotADirectory | PermissionDenied | ReadOnlyFilesystem)
}

impl From<RunError> for Error {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Draw(error) => Failure::Draw(error).into(),
            RunError::Sink(error) => error.into(),
            RunError::Enrol(error) => error.into(),
            RunError::Climb(_) => Failure::Climb(error.to_string()).into(),
        }
    }
}

/// The store stands behind the sink of a run, and says it better.
impl From<SinkError> for Error {
    fn from(error: SinkError) -> Self {
        match error.into_inner().downcast::<StoreError>() {
            Ok(error) => (*error).into(),
            Err(other) => Failure::Sink(other).into(),
        }
    }
}

/// The faults of a trial that only show when it is made ready to run.
pub(crate) fn plan_faults(errors: Vec<PlanError>) -> Faulty {
    let mut faulty = Faulty::default();
    for error in errors {
        faulty.faults.push(Diagnostic::error_without_place(code_of(&error), error.to_string()));
    }
    faulty
}

fn code_of(error: &PlanError) -> Code {
    let build = match error {
        PlanError::Build(cause) | PlanError::Analysis(ExpressionError { cause, .. }) => cause,
        PlanError::NotExact(_) => return code::WRONG_METHOD,
        PlanError::NotSupportedYet(_) => return code::NOT_SUPPORTED,
    };
    match build {
        BuildError::Circular(_) => code::CIRCULAR_DEFINITION,
        BuildError::MissingInput(_) => code::MISSING_INPUT,
        BuildError::OnlyInModels(_) | BuildError::OnlyInSystems(_) => code::WRONG_PLACE,
        BuildError::NotSupportedYet(_) => code::NOT_SUPPORTED,
    }
}
