//! The DuckDB of this machine.

use crate::error::{ExportError, Result};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What runs a script with DuckDB.
#[derive(Clone, Debug)]
pub(super) enum Program {
    /// DuckDB's own command.
    DuckDb(PathBuf),
    /// A Python that has the package.
    Python(PathBuf),
}

const PYTHON: &str = "import sys, duckdb
with duckdb.connect(sys.argv[1]) as database:
    database.execute(sys.stdin.read())";

impl Program {
    /// One that somebody names: a Python, if it is called that.
    pub(super) fn named(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("python") {
            Self::Python(path.into())
        } else {
            Self::DuckDb(path.into())
        }
    }

    /// The first that is found: `duckdb`, or a Python that has it.
    pub(super) fn find() -> Option<Self> {
        if succeeds(Command::new("duckdb").arg("--version")) {
            return Some(Self::DuckDb("duckdb".into()));
        }
        let has_it = |name: &&str| succeeds(Command::new(name).args(["-c", "import duckdb"]));
        ["python3", "python"].into_iter().find(has_it).map(|name| Self::Python(name.into()))
    }

    /// Makes a DuckDB file by a script.
    pub(super) fn run(&self, script: &Path, file: &Path) -> Result<()> {
        let (program, mut command) = match self {
            Self::DuckDb(program) => {
                let mut command = Command::new(program);
                command.arg("-bail").arg(file);
                (program, command)
            }
            Self::Python(program) => {
                let mut command = Command::new(program);
                command.args(["-c", PYTHON]).arg(file);
                (program, command)
            }
        };
        let failed = |said: String| ExportError::DuckDb { program: program.clone(), said };
        let input = File::open(script).map_err(|error| failed(error.to_string()))?;
        let ended = command.stdin(input).output().map_err(|error| failed(error.to_string()))?;
        if ended.status.success() {
            return Ok(());
        }
        Err(failed(String::from_utf8_lossy(&ended.stderr).trim().to_owned()))
    }
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
