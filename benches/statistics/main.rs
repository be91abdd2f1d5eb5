//! `proband-stats` on the data of `compare.py`: for each task a line of its name, seconds of the thread from
//! columns to result, estimate and standard error.

#![expect(clippy::print_stdout, reason = "a program that prints a table")]

use cpu_time::ThreadTime;
use proband_stats::Level;
use proband_stats::ancova::{AncovaColumns, AncovaLayout, ancova};
use proband_stats::mixed::{Covariance, Inference, RepeatedMeasures, mmrm};
use proband_stats::survival::{FollowUp, LogRankWeights, Ties, cox, logrank};
use std::error::Error;
use std::path::Path;
use std::{env, fs};

type Outcome<T> = Result<T, Box<dyn Error>>;

const VISITS: usize = 6;
const L: Level = Level::P95;

fn main() -> Outcome<()> {
    let folder = env::args().nth(1).ok_or("the folder of the data is needed")?;
    let data = Data(Path::new(&folder));
    let tasks: [(&str, Task); 5] = [
        ("mmrm", |data| repeated(data, Inference::Satterthwaite)),
        ("mmrm, Kenward-Roger", |data| repeated(data, Inference::KenwardRogerLinear)),
        ("cox", hazards),
        ("log-rank", ranks),
        ("ancova", adjusted),
    ];
    for (name, task) in tasks {
        let Timed { seconds, estimate, se } = task(&data)?;
        println!("{name}\t{seconds:.6}\t{estimate:.10}\t{se:.10}");
    }
    Ok(())
}

type Task = fn(&Data<'_>) -> Outcome<Timed>;

struct Timed {
    seconds: f64,
    estimate: f64,
    se: f64,
}

/// Runs what is to be timed; it gives an estimate and its standard error.
fn timed(run: impl FnOnce() -> Outcome<(f64, f64)>) -> Outcome<Timed> {
    let start = ThreadTime::now();
    let (estimate, se) = run()?;
    Ok(Timed { seconds: start.elapsed().as_secs_f64(), estimate, se })
}

/// Columns of little-endian doubles, a file each.
struct Data<'a>(&'a Path);

impl Data<'_> {
    fn column(&self, name: &str) -> Outcome<Vec<f64>> {
        let bytes = fs::read(self.0.join(format!("{name}.f64")))?;
        Ok(bytes
            .chunks_exact(8)
            .map(|b| f64::from_le_bytes(b.try_into().expect("8")))
            .collect())
    }

    fn codes(&self, name: &str) -> Outcome<Vec<usize>> {
        Ok(self.column(name)?.into_iter().map(|code| code as usize).collect())
    }

    fn flags(&self, name: &str) -> Outcome<Vec<bool>> {
        Ok(self.column(name)?.into_iter().map(|flag| flag > 0.0).collect())
    }
}

/// Arm by visit and baseline by visit, unstructured; the difference of arms at the last visit.
fn repeated(data: &Data<'_>, inference: Inference) -> Outcome<Timed> {
    let (participant, visit) = (data.codes("mmrm.participant")?, data.codes("mmrm.visit")?);
    let (arm, base) = (data.column("mmrm.arm")?, data.column("mmrm.base")?);
    let response = data.column("mmrm.y")?;
    let at = |v: usize, of: &[f64]| -> Vec<f64> {
        let here = visit.iter().map(|&own| f64::from(u8::from(own == v)));
        here.zip(of).map(|(here, of)| here * of).collect()
    };
    let ones = vec![1.0; response.len()];
    let mut columns = vec![arm.clone(), base.clone()];
    for of in [&ones, &arm, &base] {
        columns.extend((1..VISITS).map(|v| at(v, of)));
    }
    let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    let data = RepeatedMeasures {
        response: &response,
        columns: &slices,
        participant: &participant,
        visit: &visit,
        visits: VISITS,
    };
    let mut last = vec![0.0; columns.len() + 1];
    // Behind the intercept: arm, baseline, visits, arm by visits.
    (last[1], last[2 + 2 * (VISITS - 1)]) = (1.0, 1.0);
    timed(|| {
        let fit = mmrm(&data, Covariance::Unstructured)?.fit;
        let effect = fit.contrast(&last, inference, L)?.estimate;
        Ok((effect.value, effect.se))
    })
}

/// Efron's ties, three covariates; the logarithm of the hazard ratio of the first.
fn hazards(data: &Data<'_>) -> Outcome<Timed> {
    let (time, event) = (data.column("cox.time")?, data.flags("cox.event")?);
    let columns = ["cox.arm", "cox.age", "cox.marker"].map(|name| data.column(name));
    let columns = columns.into_iter().collect::<Outcome<Vec<_>>>()?;
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    timed(|| {
        let fit = cox(&FollowUp::new(&time, &event)?, &columns, Ties::Efron)?;
        let ratio = fit.hazard_ratio(0, L)?.log.estimate;
        Ok((ratio.value, ratio.se))
    })
}

/// Observed less expected events of the second group, with the root of its variance.
fn ranks(data: &Data<'_>) -> Outcome<Timed> {
    let (time, event) = (data.column("logrank.time")?, data.flags("logrank.event")?);
    let active = data.flags("logrank.arm")?;
    timed(|| {
        let test = logrank(&FollowUp::new(&time, &event)?, &active, LogRankWeights::Equal)?;
        Ok((test.z * test.variance.sqrt(), test.variance.sqrt()))
    })
}

/// Three arms, ten sites, a baseline; the difference of the last arm to the first.
fn adjusted(data: &Data<'_>) -> Outcome<Timed> {
    let (arm, site) = (data.codes("ancova.arm")?, data.codes("ancova.site")?);
    let (base, response) = (data.column("ancova.base")?, data.column("ancova.y")?);
    let layout = AncovaLayout { arms: 3, factor_levels: vec![10], covariates: 1 };
    let columns = AncovaColumns {
        response: &response,
        arm: &arm,
        factors: &[&site],
        covariates: &[&base],
    };
    timed(|| {
        let difference = ancova(&layout, &columns)?.difference(2, 0, L)?.estimate;
        Ok((difference.value, difference.se))
    })
}
