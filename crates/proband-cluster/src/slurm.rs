//! Slurm: an array job that works, and a job that merges when the array is over.
//!
//! The merge waits for `afterany`, not `afterok`: a task that is requeued with an exit code would make the
//! latter impossible for ever although the retry succeeds, and the merge verifies every shard by itself.

use crate::job::Job;
use crate::quoting::{ranges, sbatch, shell};

/// What is Slurm's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slurm {
    /// The partition.
    pub partition: Option<String>,
    /// The time limit of a task, as Slurm writes it.
    pub time: Option<String>,
    /// Whether a task has a node for itself.
    pub whole_nodes: bool,
}

/// Seconds before the time limit at which a task is told: more than the grace of a worker.
const WARNING: u32 = 60;

/// Whether a word needs no quotes in a script: names of partitions and time limits.
#[must_use]
pub fn is_plain(word: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_.,:-".contains(letter);
    !word.is_empty() && !word.starts_with('-') && word.chars().all(plain)
}

impl Slurm {
    /// The script of the array.
    #[must_use]
    pub fn work(&self, job: &Job) -> String {
        let limit = job.at_once.map_or(String::new(), |at_once| format!("%{at_once}"));
        let mut lines = vec![
            format!("--job-name=proband-{}", job.id),
            format!("--array={}{limit}", ranges(job.started.iter().copied())),
            format!("--output={}", sbatch(&job.logs(), "/work-%A_%a.log")),
            "--requeue".to_owned(),
            format!("--signal=B:TERM@{WARNING}"),
        ];
        lines.extend(self.wishes(job));
        let (program, run) = (shell(&job.program), shell(&job.run));
        script(&lines, &format!("{program} work {run} --tasks {}", job.tasks))
    }

    /// The script of the merge.
    #[must_use]
    pub fn merge(&self, job: &Job) -> String {
        let mut lines = vec![
            format!("--job-name=proband-{}-merge", job.id),
            format!("--output={}", sbatch(&job.logs(), "/merge-%j.log")),
            // Shards that are missing are told, not waited for.
            "--no-requeue".to_owned(),
        ];
        lines.extend(self.wishes(job));
        let compact = if job.compact { " --compact" } else { "" };
        let (program, run) = (shell(&job.program), shell(&job.run));
        script(&lines, &format!("{program} merge {run}{compact}"))
    }

    fn wishes(&self, job: &Job) -> Vec<String> {
        let cores = match self.whole_nodes {
            true => "--exclusive".to_owned(),
            false => format!("--cpus-per-task={}", job.cores),
        };
        let partition = self.partition.iter().map(|name| format!("--partition={name}"));
        let time = self.time.iter().map(|limit| format!("--time={limit}"));
        let fixed = ["--nodes=1".to_owned(), "--ntasks=1".to_owned(), cores];
        let append = ["--open-mode=append".to_owned()];
        fixed.into_iter().chain(append).chain(partition).chain(time).collect()
    }
}

/// The program takes the place of the shell, so that signals reach it.
fn script(lines: &[String], command: &str) -> String {
    let lines: String = lines.iter().map(|line| format!("#SBATCH {line}\n")).collect();
    format!("#!/bin/sh\n{lines}exec {command}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Job {
            id: "0123456789abcdef".into(),
            run: "/scratch/it's a run/100%".into(),
            program: "/opt/proband".into(),
            tasks: 16,
            started: vec![0, 1, 2, 7],
            cores: 4,
            at_once: Some(8),
            compact: false,
        }
    }

    #[test]
    fn the_script_of_an_array() {
        let slurm = Slurm { partition: Some("long".into()), ..Slurm::default() };
        assert_eq!(
            slurm.work(&job()),
            "#!/bin/sh
#SBATCH --job-name=proband-0123456789abcdef
#SBATCH --array=0-2,7%8
#SBATCH --output=\"/scratch/it's a run/100%%/logs/work-%A_%a.log\"
#SBATCH --requeue
#SBATCH --signal=B:TERM@60
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=4
#SBATCH --open-mode=append
#SBATCH --partition=long
exec '/opt/proband' work '/scratch/it'\\''s a run/100%' --tasks 16
"
        );
    }

    #[test]
    fn the_script_of_a_merge() {
        let slurm =
            Slurm { whole_nodes: true, time: Some("1:00:00".into()), ..Slurm::default() };
        let script = slurm.merge(&Job { compact: true, ..job() });
        assert!(script.contains("#SBATCH --exclusive\n#SBATCH --open-mode=append\n"));
        assert!(script.contains("#SBATCH --time=1:00:00\n") && !script.contains("--array"));
        assert!(script.ends_with("merge '/scratch/it'\\''s a run/100%' --compact\n"));
    }

    #[test]
    fn what_a_user_names_can_hold_nothing_that_a_shell_reads() {
        assert!(["long", "gpu,long", "1-00:00:00", "a_b.c"].into_iter().all(is_plain));
        assert!(["", "a b", "x\ny", "$(x)", "-x", "a;b"].into_iter().all(|w| !is_plain(w)));
    }
}
