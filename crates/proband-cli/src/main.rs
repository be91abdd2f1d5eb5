//! The `proband` command.

use proband_cli::{Console, interruption};
use std::io::{self, IsTerminal};
use std::process::ExitCode;

fn main() -> ExitCode {
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let terminal = err.is_terminal();
    let stop = interruption();
    let mut console = Console { out: &mut out, err: &mut err, terminal, stop };
    proband_cli::run(std::env::args_os(), &mut console)
}
