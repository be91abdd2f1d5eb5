//! What a scheduler tells a job in its environment.

/// The index of a task in its array, by scheduler: the first that is set counts.
const INDICES: [&str; 8] = [
    "SLURM_ARRAY_TASK_ID",
    "JOB_COMPLETION_INDEX",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    "HQ_TASK_ID",
    "SGE_TASK_ID",
    "PBS_ARRAY_INDEX",
    "PBS_ARRAYID",
    "LSB_JOBINDEX",
];

/// The cores that a job may use, by scheduler.
const CORES: [&str; 5] =
    ["SLURM_CPUS_PER_TASK", "HQ_NUM_CPUS", "NSLOTS", "NCPUS", "LSB_DJOB_NUMPROC"];

/// The environment of a job.
#[derive(Clone, Copy, Debug)]
pub struct Environment<F>(pub F);

/// Where a job stands in its array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The variable that says so.
    pub variable: &'static str,
    /// Its index.
    pub index: u32,
}

impl<F: Fn(&str) -> Option<String>> Environment<F> {
    /// The index of this task; none outside of an array, where some schedulers set a word or nothing.
    pub fn place(&self) -> Option<Place> {
        let of = |&variable: &&'static str| {
            let index = self.number(variable)?;
            // LSF gives 0 to a job that is no array, and counts from 1.
            (variable != "LSB_JOBINDEX" || index > 0).then_some(Place { variable, index })
        };
        INDICES.iter().find_map(of)
    }

    /// The cores that the scheduler gives; none where it does not say.
    pub fn cores(&self) -> Option<u32> {
        CORES.iter().find_map(|variable| self.number(variable)).filter(|&cores| cores > 0)
    }

    fn number(&self, variable: &str) -> Option<u32> {
        (self.0)(variable)?.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<'a>(
        set: &'a [(&'a str, &'a str)],
    ) -> Environment<impl Fn(&str) -> Option<String> + 'a> {
        Environment(move |name: &str| {
            set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn every_scheduler_says_which_task_it_is() {
        for variable in INDICES {
            let place = with(&[(variable, "17")]).place().unwrap();
            assert_eq!(place, Place { variable, index: 17 });
        }
        assert_eq!(with(&[]).place(), None);
    }

    #[test]
    fn a_job_that_is_no_array_has_no_place() {
        assert_eq!(with(&[("SGE_TASK_ID", "undefined")]).place(), None);
        assert_eq!(with(&[("LSB_JOBINDEX", "0")]).place(), None);
        assert_eq!(with(&[("JOB_COMPLETION_INDEX", "0")]).place().unwrap().index, 0);
    }

    #[test]
    fn cores_are_those_of_the_job() {
        assert_eq!(with(&[("SLURM_CPUS_PER_TASK", "6")]).cores(), Some(6));
        assert_eq!(with(&[("NSLOTS", "0")]).cores(), None);
    }
}
