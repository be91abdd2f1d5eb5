//! How far a run is: a line on a terminal, nothing elsewhere.

use crate::console::Console;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use proband::{Opened, Watch};
use std::sync::atomic::{AtomicBool, Ordering};

/// A line that says how far a run is, and the wish to stop.
pub(crate) struct Progress<'a> {
    enrolled: ProgressBar,
    simulated: ProgressBar,
    truth: ProgressBar,
    stop: &'a AtomicBool,
}

const ENROLLED: &str = "enrolling   [{bar:30}] {human_pos}/{human_len} participants, {msg}";
const TRUTH: &str = "true values [{bar:30}] {human_pos}/{human_len} twins, {eta} left {msg}";
const SIMULATED: &str =
    "simulating  [{bar:30}] {human_pos}/{human_len} participants, {rate}, {eta} left {msg}";

impl<'a> Progress<'a> {
    /// The lines of a run of a trial.
    pub(crate) fn new(opened: &Opened, console: &Console<'a>) -> Self {
        let twins = opened.trial.design.participants;
        let (terminal, stop) = (console.terminal, console.stop);
        let bar = |length, template| {
            let target = if terminal {
                ProgressDrawTarget::stderr()
            } else {
                ProgressDrawTarget::hidden()
            };
            let style = ProgressStyle::with_template(template).expect("a template of ours");
            ProgressBar::with_draw_target(Some(length), target)
                .with_style(style.progress_chars("##-").with_key("rate", rate))
        };
        let (enrolled, simulated) =
            (bar(twins, ENROLLED), bar(opened.participants(), SIMULATED));
        Self { enrolled, simulated, truth: bar(0, TRUTH), stop }
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        self.enrolled.finish_and_clear();
        self.simulated.finish_and_clear();
        self.truth.finish_and_clear();
    }
}

fn rate(state: &ProgressState, text: &mut dyn std::fmt::Write) {
    // A line that cannot be drawn is not drawn.
    let _ = write!(text, "{:.0}/s", state.per_sec());
}

impl Watch for Progress<'_> {
    fn screened(&self, drawn: u64, enrolled: u64) {
        self.enrolled.set_message(format!("{drawn} twins drawn"));
        self.enrolled.set_position(enrolled);
        if Some(enrolled) == self.enrolled.length() {
            self.enrolled.finish_and_clear();
        }
    }

    /// What was done before is no measure of the speed now.
    fn done_before(&self, participants: u64) {
        self.simulated.inc(participants);
        self.simulated.reset_eta();
    }

    fn shard_done(&self, participants: u64) {
        self.simulated.inc(participants);
    }

    fn truth_known(&self, twins: u64, of: u64) {
        self.truth.set_length(of);
        self.truth.set_position(twins);
        if twins == of {
            self.truth.finish_and_clear();
        }
    }

    fn stop(&self) -> bool {
        let stop = self.stop.load(Ordering::Relaxed);
        if stop {
            self.simulated.set_message("- stopping after the shards in hand");
        }
        stop
    }
}
