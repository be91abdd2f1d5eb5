//! A run on a cluster: how many tasks are worth it, and who starts them.

use crate::identity::Identity;
use crate::reopening::Origin;
use crate::running::prepared;
use crate::timer::Timer;
use crate::working::{Share, work};
use crate::{Failure, Faulty, Opened, Result, on_threads};
use proband_cluster::{Cost, Job, Kubernetes, Limits, Slurm, is_plain, tasks, time_limit};
use proband_diag::code;
use proband_engine::Unwatched;
use proband_engine::tables::Sink;
use proband_kernel::Backend;
use proband_store::{ParquetSink, RunFolder, RunPlan};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Who starts the tasks of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Slurm, by `sbatch`: an array job, and a merge after it.
    Slurm,
    /// Kubernetes: manifests of an Indexed Job and of a merge, to be applied by the user.
    Kubernetes,
    /// Processes on this machine.
    Local,
}

/// What a user wants of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// Who starts the tasks.
    pub engine: Engine,
    /// The program that the tasks run.
    pub program: PathBuf,
    /// Tasks that share the run; by default as many as a pilot shard says are worth it.
    pub tasks: Option<u32>,
    /// Cores of a task.
    pub cores: u32,
    /// Nodes, each given to one task at a time as a whole.
    pub nodes: Option<u32>,
    /// Tasks at once, at most.
    pub max_running: Option<u32>,
    /// The time limit of a task, as Slurm writes it.
    pub time: Option<String>,
    /// The partition of Slurm.
    pub partition: Option<String>,
    /// The image of Kubernetes that holds the program.
    pub image: Option<String>,
    /// The volume claim of Kubernetes that holds the folder in which the run stands.
    pub claim: Option<String>,
    /// Whether the merge puts the shards of a table together.
    pub compact: bool,
}

/// What was submitted, or would be.
#[derive(Clone, Debug, PartialEq)]
pub struct Submitted {
    /// Shards that are left to do.
    pub shards: u32,
    /// Tasks that share the run.
    pub tasks: u32,
    /// Those of them that have something left to do.
    pub started: u32,
    /// Seconds of the pilot shard on one core, if one was needed.
    pub pilot: Option<f64>,
    /// The scripts or manifests: where they are, and what they say.
    pub scripts: Vec<(PathBuf, String)>,
    /// The ids of jobs that were submitted.
    pub jobs: Vec<String>,
}

/// Tasks of an array where Slurm does not say: its own default.
const ARRAY: u32 = 1001;

/// Submits what is left of a run; a dry run writes and starts nothing but the pilot shard.
pub(crate) fn submit(path: &Path, wanted: &Submission, dry_run: bool) -> Result<Submitted> {
    check(wanted)?;
    let path = std::path::absolute(path)
        .map_err(|source| Failure::Write { path: path.into(), source })?;
    let (folder, planned) = RunFolder::planned(&path)?;
    let opened = Origin::of_planned(&planned).reopen(&folder)?;
    let sink = ParquetSink::join(folder.clone(), Identity::of(&opened).provenance());
    let missing = || planned.shards().filter(|&shard| !sink.has_shard(shard)).collect();
    let mut left: Vec<u32> = missing();
    if left.is_empty() {
        let help = format!("`proband merge {}` is what is left to do", path.display());
        return Err(Faulty::one(code::COMMAND_LINE, "all shards are done", Some(help)).into());
    }
    let pilot = match wanted.tasks {
        Some(_) => None,
        None => Some(pilot(&opened, &planned, &sink, left[left.len() / 2])?),
    };
    left = missing();
    let tasks = wanted.tasks.unwrap_or_else(|| {
        let cost = Cost { shards: left.len() as u32, seconds: pilot.unwrap_or(0.0) };
        tasks(&cost, &wanted.limits())
    });
    let started: BTreeSet<u32> = left.iter().map(|shard| shard % tasks).collect();
    let job = Job {
        id: planned.run.clone(),
        run: path,
        program: wanted.program.clone(),
        tasks,
        started: started.into_iter().collect(),
        cores: wanted.cores,
        at_once: wanted.at_once(),
        compact: wanted.compact,
    };
    if let Some(path) = job.unquotable() {
        let told = format!("{path:?} is no path for a script: it holds control characters");
        return Err(Faulty::command_line(&told).into());
    }
    let scripts = wanted.scripts(&job);
    let mut submitted = Submitted {
        shards: left.len() as u32,
        tasks,
        started: job.started.len() as u32,
        pilot,
        scripts,
        jobs: Vec::new(),
    };
    if !dry_run {
        wanted.start(&job, &folder, &mut submitted)?;
    }
    Ok(submitted)
}

/// Submits the shards that a merge found missing, as the run was submitted before.
pub(crate) fn resubmit(path: &Path) -> Result<Submitted> {
    let (folder, _) = RunFolder::planned(path)?;
    let Some(wanted) = folder.read_note(SUBMISSION)? else {
        let help = Some("`proband submit` starts it".to_owned());
        let told = "the run was not submitted before";
        return Err(Faulty::one(code::COMMAND_LINE, told, help).into());
    };
    submit(path, &wanted, false)
}

/// The note that a run keeps of how it was submitted.
const SUBMISSION: &str = "submission.json";

fn check(wanted: &Submission) -> Result<()> {
    let fault = |told: &str| Err(Faulty::command_line(told).into());
    if wanted.partition.as_deref().is_some_and(|name| !is_plain(name)) {
        return fault("a partition is named by letters, digits and `_.,-`");
    }
    if wanted.time.as_deref().is_some_and(|limit| time_limit(limit).is_none()) {
        return fault(
            "a time limit is written as Slurm does: `90` (minutes), `1:30:00` or `2-12:00`",
        );
    }
    let is_slurm = wanted.engine == Engine::Slurm;
    if !is_slurm
        && (wanted.partition.is_some() || wanted.time.is_some() || wanted.nodes.is_some())
    {
        return fault("`--partition`, `--time` and `--nodes` are Slurm's");
    }
    let is_kubernetes = wanted.engine == Engine::Kubernetes;
    if is_kubernetes != wanted.image.is_some() || is_kubernetes != wanted.claim.is_some() {
        return fault("Kubernetes, and nobody else, needs `--image` and `--claim`");
    }
    Ok(())
}

/// Does a shard on one core, and says how many seconds it took.
fn pilot(opened: &Opened, planned: &RunPlan, sink: &ParquetSink, shard: u32) -> Result<f64> {
    let trials = opened.trials();
    let plans = prepared(&trials, Backend::detect())?;
    on_threads(Some(NonZeroUsize::MIN), || {
        let mut timer = Timer::start();
        work(&plans, planned, sink, Share::only(shard), &Unwatched)?;
        Ok(timer.lap("pilot"))
    })
}

impl Submission {
    fn limits(&self) -> Limits {
        let most = if self.engine == Engine::Slurm { largest_array() } else { u32::MAX };
        let time = self.time.as_deref().and_then(time_limit);
        Limits { cores: self.cores, most, at_once: self.at_once(), time }
    }

    fn at_once(&self) -> Option<u32> {
        match (self.nodes, self.max_running) {
            (Some(nodes), Some(most)) => Some(nodes.min(most)),
            (nodes, most) => nodes.or(most),
        }
    }

    fn slurm(&self) -> Slurm {
        let (partition, time) = (self.partition.clone(), self.time.clone());
        Slurm { partition, time, whole_nodes: self.nodes.is_some() }
    }

    fn scripts(&self, job: &Job) -> Vec<(PathBuf, String)> {
        let at = |name: &str| job.logs().join(name);
        match self.engine {
            Engine::Slurm => {
                let slurm = self.slurm();
                vec![(at("work.sh"), slurm.work(job)), (at("merge.sh"), slurm.merge(job))]
            }
            Engine::Kubernetes => {
                let text = |of: &Option<String>| of.clone().unwrap_or_default();
                let kubernetes =
                    Kubernetes { image: text(&self.image), claim: text(&self.claim) };
                let pretty = |value| format!("{value:#}\n");
                let (work, merge) = (kubernetes.work(job), kubernetes.merge(job));
                vec![(at("work.json"), pretty(work)), (at("merge.json"), pretty(merge))]
            }
            Engine::Local => Vec::new(),
        }
    }

    /// Writes the scripts, and starts what can be started from here.
    fn start(&self, job: &Job, folder: &RunFolder, submitted: &mut Submitted) -> Result<()> {
        for (path, text) in &submitted.scripts {
            proband_store::write_text(path, text)?;
        }
        folder.write_note(SUBMISSION, &Self { tasks: Some(job.tasks), ..self.clone() })?;
        match self.engine {
            Engine::Slurm => {
                let array = sbatch(&submitted.scripts[0].0, None)?;
                // After any outcome: the merge verifies the shards itself.
                let after = format!("--dependency=afterany:{array}");
                let merge = sbatch(&submitted.scripts[1].0, Some(&after))?;
                submitted.jobs = vec![array, merge];
                Ok(())
            }
            Engine::Local => run_here(job),
            Engine::Kubernetes => Ok(()),
        }
    }
}

/// Submits a script; gives the id of the job, which a cluster's name may follow.
fn sbatch(script: &Path, dependency: Option<&str>) -> Result<String> {
    let mut command = Command::new("sbatch");
    command.arg("--parsable").args(dependency).arg(script);
    let said = said(&mut command)?;
    Ok(said.trim().split(';').next().unwrap_or_default().to_owned())
}

/// The most tasks that an array of Slurm can have here.
fn largest_array() -> u32 {
    let said = said(Command::new("scontrol").args(["show", "config"])).unwrap_or_default();
    let line = said.lines().find_map(|line| line.strip_prefix("MaxArraySize"));
    let number = line.and_then(|line| line.trim_start_matches([' ', '=']).trim().parse().ok());
    number.unwrap_or(ARRAY)
}

/// What a program of the scheduler says.
fn said(command: &mut Command) -> Result<String> {
    let program = || command.get_program().to_string_lossy().into_owned();
    let failed = |program, said: String| Failure::Scheduler { program, said };
    let name = program();
    let output = command.output().map_err(|error| failed(name.clone(), error.to_string()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(failed(name, said).into())
}

/// Runs the tasks as processes of this machine, some at once, each with a log of its own.
fn run_here(job: &Job) -> Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let fit = (cores / job.cores.max(1) as usize).max(1);
    let at_once = job.at_once.map_or(fit, |most| most as usize).min(job.started.len());
    let next = AtomicUsize::new(0);
    let failed = |source| Failure::Scheduler {
        program: job.program.display().to_string(),
        said: std::io::Error::to_string(&source),
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..at_once)
            .map(|_| {
                scope.spawn(|| -> std::io::Result<()> {
                    while let Some(&task) =
                        job.started.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        run_task(job, task)?;
                    }
                    Ok(())
                })
            })
            .collect();
        let ended = workers.into_iter().map(|worker| worker.join().expect("it does not panic"));
        ended.collect::<std::io::Result<()>>()
    })
    .map_err(|error| failed(error).into())
}

/// One task. What became of it is told by its shards.
fn run_task(job: &Job, task: u32) -> std::io::Result<()> {
    std::fs::create_dir_all(job.logs())?;
    let log = std::fs::File::create(job.logs().join(format!("work-{task}.log")))?;
    let mut command = Command::new(&job.program);
    command.arg("work").arg(&job.run);
    for (option, value) in [("--task", task), ("--tasks", job.tasks), ("--threads", job.cores)]
    {
        command.arg(option).arg(value.to_string());
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command.status().map(|_| ())
}
