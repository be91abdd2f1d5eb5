//! How many tasks are worth it.

/// What the work that is left takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Shards.
    pub shards: u32,
    /// Seconds of one shard on one core.
    pub seconds: f64,
}

/// What a task may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Cores of a task.
    pub cores: u32,
    /// Tasks at most: the scheduler's limit on an array.
    pub most: u32,
    /// Tasks that may run at once, if there is a limit: so many are made at least, so that all have work.
    pub at_once: Option<u32>,
    /// Seconds that a task may take, if there is a limit.
    pub time: Option<f64>,
}

/// Seconds that a task takes best: far more than starting it, and little enough that losing one, or
/// waiting for the last, costs little.
const BEST: f64 = 300.0;

/// The number of tasks: a few minutes each and at most half of the time limit, none with fewer shards than
/// cores, and one at least.
#[must_use]
pub fn tasks(cost: &Cost, limits: &Limits) -> u32 {
    let best = limits.time.map_or(BEST, |time| BEST.min(time / 2.0));
    let work = f64::from(cost.shards) * cost.seconds / f64::from(limits.cores.max(1));
    let wanted = (work / best).ceil() as u32;
    let worth_it = (cost.shards / limits.cores.max(1)).max(1);
    wanted.max(limits.at_once.unwrap_or(1)).min(worth_it).min(limits.most.max(1))
}

/// Seconds of a time limit as Slurm writes it: `minutes`, `minutes:seconds`, `hours:minutes:seconds`,
/// `days-hours`, `days-hours:minutes`, `days-hours:minutes:seconds`; none for anything else.
#[must_use]
pub fn time_limit(text: &str) -> Option<f64> {
    let number = |part: &str| part.parse::<u32>().ok().map(f64::from);
    let numbers = |text: &str| text.split(':').map(number).collect::<Option<Vec<f64>>>();
    let (days, rest) = match text.split_once('-') {
        Some((days, rest)) => (Some(number(days)?), numbers(rest)?),
        None => (None, numbers(text)?),
    };
    let (hours, minutes, seconds) = match (days, rest.as_slice()) {
        (None, &[minutes]) => (0.0, minutes, 0.0),
        (None, &[minutes, seconds]) => (0.0, minutes, seconds),
        (Some(_), &[hours]) => (hours, 0.0, 0.0),
        (Some(_), &[hours, minutes]) => (hours, minutes, 0.0),
        (_, &[hours, minutes, seconds]) => (hours, minutes, seconds),
        _ => return None,
    };
    let hours = 24.0 * days.unwrap_or(0.0) + hours;
    Some(60.0 * (60.0 * hours + minutes) + seconds).filter(|&seconds| seconds > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Limits = Limits { cores: 4, most: 1000, at_once: None, time: None };

    fn of(shards: u32, seconds: f64, limits: &Limits) -> u32 {
        tasks(&Cost { shards, seconds }, limits)
    }

    #[test]
    fn a_task_takes_some_minutes() {
        // 4000 shards of 30 s are 120,000 core-seconds: 100 times 5 minutes on 4 cores.
        assert_eq!(of(4000, 30.0, &FREE), 100);
        assert_eq!(of(4000, 30.0, &Limits { time: Some(300.0), ..FREE }), 200);
        assert_eq!(of(64, 0.1, &FREE), 1);
    }

    #[test]
    fn limits_are_kept() {
        assert_eq!(of(40_000, 300.0, &FREE), 1000);
        assert_eq!(of(64, 0.1, &Limits { at_once: Some(8), ..FREE }), 8);
        // No task has fewer shards than cores, and one has all where there are fewer.
        assert_eq!(of(12, 900.0, &FREE), 3);
        assert_eq!(of(3, 900.0, &FREE), 1);
    }

    #[test]
    fn time_limits_are_read_as_slurm_writes_them() {
        let told = ["30", "1:30", "1:00:00", "1-0", "1-1:30", "2-0:0:5"];
        let seconds = [1800, 90, 3600, 86_400, 91_800, 172_805];
        assert_eq!(told.map(|text| time_limit(text).unwrap() as u32), seconds);
        assert!(["", "x", "0", "1:2:3:4", "1-", "-5"].iter().all(|t| time_limit(t).is_none()));
    }
}
