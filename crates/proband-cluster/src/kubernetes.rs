//! Kubernetes: an Indexed Job that works, and a Job that merges.
//!
//! Both are JSON, which `kubectl` reads as it reads YAML, and in which nothing has to be quoted by hand.

use crate::job::Job;
use serde_json::{Value, json};
use std::path::Path;

/// What is Kubernetes' own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kubernetes {
    /// The image that holds the program.
    pub image: String,
    /// The claim of the volume that holds the folder in which the run stands.
    pub claim: String,
}

/// Retries of one task, and of the merge.
const RETRIES: u32 = 3;

/// The exit code of what can never be done.
const FOR_EVER: u32 = 65;

impl Kubernetes {
    /// The manifest of the work. A task that can never be done fails at once and alone; one whose pod was
    /// taken away is not counted as having failed.
    #[must_use]
    pub fn work(&self, job: &Job) -> Value {
        let tasks = job.tasks.to_string();
        let command = ["work".to_owned(), path(&job.run), "--tasks".to_owned(), tasks];
        let policy = json!({ "rules": [
            {
                "action": "FailIndex",
                "onExitCodes": { "containerName": "proband", "operator": "In", "values": [FOR_EVER] },
            },
            { "action": "Ignore", "onPodConditions": [{ "type": "DisruptionTarget", "status": "True" }] },
        ] });
        self.manifest(
            job,
            "work",
            json!({
                "completionMode": "Indexed",
                "completions": job.tasks,
                "parallelism": job.at_once.map_or(job.tasks, |at_once| at_once.min(job.tasks)),
                "backoffLimitPerIndex": RETRIES,
                "podFailurePolicy": policy,
                "template": self.template(job, &command),
            }),
        )
    }

    /// The manifest of the merge, to be applied when the work is over.
    #[must_use]
    pub fn merge(&self, job: &Job) -> Value {
        let compact = job.compact.then(|| "--compact".to_owned());
        let command: Vec<String> =
            ["merge".to_owned(), path(&job.run)].into_iter().chain(compact).collect();
        self.manifest(
            job,
            "merge",
            json!({
                "backoffLimit": RETRIES,
                "template": self.template(job, &command),
            }),
        )
    }

    fn manifest(&self, job: &Job, what: &str, spec: Value) -> Value {
        json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "name": format!("proband-{}-{what}", job.id),
                "labels": { "app.kubernetes.io/name": "proband", "proband/run": job.id },
            },
            "spec": spec,
        })
    }

    fn template(&self, job: &Job, command: &[String]) -> Value {
        let threads = ["--threads".to_owned(), job.cores.to_string()];
        let args = [command, &threads].concat();
        let above = job.run.parent().unwrap_or(Path::new("/"));
        json!({ "spec": {
            "restartPolicy": "Never",
            "containers": [{
                "name": "proband",
                "image": self.image,
                "command": ["proband"],
                "args": args,
                "resources": { "requests": { "cpu": job.cores.to_string() } },
                "volumeMounts": [{ "name": "runs", "mountPath": path(above) }],
            }],
            "volumes": [{ "name": "runs", "persistentVolumeClaim": { "claimName": self.claim } }],
        } })
    }
}

fn path(path: &Path) -> String {
    path.display().to_string()
}
