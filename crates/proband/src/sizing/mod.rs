//! The number of participants that gives a hypothesis its power.

mod curve;
mod search;

pub use curve::Batch;

use crate::inputs::Inputs;
use crate::{Error, Failure, Faulty, Opened, Result, opening, plan};
use proband_analysis::{Characteristic, Measure};
use proband_diag::{code, did_you_mean};
use proband_engine::{Watch, characterise};
use proband_trial::{Assignment, Override, Trial};
use search::{Answer, FEWEST, Stopped, Wanted, search};
use std::ops::Range;

/// What is asked.
#[derive(Clone, Debug)]
pub struct SizeQuestion {
    /// The power to reach, above the level of the hypothesis and below 1.
    pub power: f64,
    /// A comparison or an analysis, by its name in the findings; the first that tests without one.
    pub of: Option<String>,
    /// Repetitions at most.
    pub replicates: u32,
    /// The id of a scenario; the trial as written without one.
    pub scenario: Option<String>,
}

/// A size, and how it was found.
#[derive(Clone, Debug)]
pub struct SizeAnswer {
    /// The trial's id.
    pub trial: String,
    /// The comparison, or the analysis that has none.
    pub hypothesis: String,
    /// The power that was asked for.
    pub power: f64,
    /// `design.participants`, rounded up to whole sets of the arms' ratio.
    pub participants: u64,
    /// The 95 % Monte Carlo interval of the size, not rounded.
    pub interval: (f64, f64),
    /// What was simulated on the way.
    pub path: Vec<Batch>,
    /// What was simulated at the answer, apart from the search.
    pub confirmed: Batch,
}

/// Looks for the size.
pub(crate) fn size(
    path: &str,
    overrides: &[Override],
    asked: &SizeQuestion,
    watch: &dyn Watch,
) -> Result<SizeAnswer> {
    if asked.replicates < FEWEST {
        let message = format!("{} repetitions are too few to find a size", asked.replicates);
        let help = format!("give {FEWEST} at least");
        return Err(Faulty::one(code::OUT_OF_RANGE, message, Some(help)).into());
    }
    let trial = opened(path, overrides, asked)?;
    let hypothesis = hypothesis(&trial, asked)?;
    let wanted = wanted(&trial, &hypothesis, asked)?;
    let answer = search(&wanted, |participants, replicates| {
        if watch.stop() {
            return Err(Ended::Error(Failure::Interrupted.into()));
        }
        let trial = with_participants(path, overrides, asked, participants)?;
        Ok(rejections(&trial, &hypothesis, replicates)?)
    });
    let name = name(&hypothesis).to_owned();
    let Answer { participants, interval, path, confirmed } =
        answer.map_err(|ended| match ended {
            Ended::Error(error) => error,
            Ended::Stopped(why) => unreached(&name, asked.power, &why).into(),
        })?;
    let (trial, power) = (trial.id, asked.power);
    Ok(SizeAnswer { trial, hypothesis: name, power, participants, interval, path, confirmed })
}

/// Why a search came to no end.
enum Ended {
    Error(Error),
    Stopped(Stopped),
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Stopped> for Ended {
    fn from(why: Stopped) -> Self {
        Self::Stopped(why)
    }
}

/// The trial, or the scenario that is asked for.
fn opened(path: &str, overrides: &[Override], asked: &SizeQuestion) -> Result<Trial> {
    let opened = opening::open(path, overrides, &Inputs)?;
    let Some(id) = &asked.scenario else { return Ok(opened.trial) };
    let opened: Opened = opened.only(std::slice::from_ref(id))?;
    Ok(opened.trials().swap_remove(0))
}

/// The same with another number of participants, checked as any trial is.
fn with_participants(
    path: &str,
    overrides: &[Override],
    asked: &SizeQuestion,
    participants: u64,
) -> Result<Trial> {
    let mut overrides = overrides.to_vec();
    let value = participants.to_string();
    overrides.push(Override { path: "design.participants".to_owned(), value });
    let trial = opened(path, &overrides, asked)?;
    if trial.design.participants == participants {
        return Ok(trial);
    }
    let message =
        format!("the scenario `{}` says how many participants there are", trial.scenario);
    let help = "choose a scenario without `design.participants`".to_owned();
    Err(Faulty::one(code::CONFLICTING_KEYS, message, Some(help)).into())
}

fn wanted(trial: &Trial, hypothesis: &Characteristic, asked: &SizeQuestion) -> Result<Wanted> {
    let level = trial.level_of(&hypothesis.analysis);
    if !(asked.power > level && asked.power < 1.0) {
        let message = format!("a power of {} cannot be asked for", asked.power);
        let help = format!("power is above the level, here {level}, and below 1, such as 0.9");
        return Err(Faulty::one(code::OUT_OF_RANGE, message, Some(help)).into());
    }
    let step = match trial.design.assignment {
        Assignment::Randomised => trial.arms.iter().map(|arm| u64::from(arm.ratio)).sum(),
        Assignment::EveryArm => 1,
    };
    Ok(Wanted {
        power: asked.power,
        level,
        precision: trial.simulation.precision,
        replicates: asked.replicates,
        start: trial.design.participants,
        step,
    })
}

/// Repetitions that show which hypotheses the trial tests.
const SHOWING: u32 = 20;

/// The hypothesis that is asked about.
fn hypothesis(trial: &Trial, asked: &SizeQuestion) -> Result<Characteristic> {
    let mut tested = characterise(&plan(trial)?, 0..SHOWING)?;
    tested.retain(|of| of.measure.is_rejection());
    let is_asked = |of: &Characteristic| {
        asked.of.as_ref().is_none_or(|asked| asked == name(of) || *asked == of.analysis)
    };
    match tested.iter().find(|of| is_asked(of)) {
        Some(of) if of.measure == Measure::TypeIError => {
            let message =
                format!("`{}` compares arms that are the same, and has no power", name(of));
            let help = "give the arm under test an effect".to_owned();
            Err(Faulty::one(code::OUT_OF_RANGE, message, Some(help)).into())
        }
        Some(of) => Ok(of.clone()),
        None => Err(unknown(&tested, asked).into()),
    }
}

fn unknown(tested: &[Characteristic], asked: &SizeQuestion) -> Faulty {
    let Some(asked) = asked.of.as_ref().filter(|_| !tested.is_empty()) else {
        let help = Some("an analysis that compares arms does".to_owned());
        return Faulty::one(
            code::UNKNOWN_HYPOTHESIS,
            "no analysis of the trial tests a hypothesis",
            help,
        );
    };
    let mut names: Vec<&str> =
        tested.iter().flat_map(|of| [of.analysis.as_str(), name(of)]).collect();
    names.dedup();
    let help = did_you_mean(asked, names.iter().copied())
        .unwrap_or_else(|| format!("there are {}", names.join(", ")));
    Faulty::one(code::UNKNOWN_HYPOTHESIS, format!("nothing tests `{asked}`"), Some(help))
}

fn name(of: &Characteristic) -> &str {
    of.comparison.as_deref().unwrap_or(&of.analysis)
}

/// In how many of these repetitions the hypothesis is rejected.
fn rejections(trial: &Trial, of: &Characteristic, replicates: Range<u32>) -> Result<u32> {
    let found = characterise(&plan(trial)?, replicates)?;
    let is_it = |other: &&Characteristic| other.measure == of.measure && other.is_of_same(of);
    let rejected = found.iter().find(is_it).map_or(0.0, |of| of.estimate * of.n as f64);
    Ok(rejected.round() as u32)
}

/// No size reaches the power, as far as was simulated.
fn unreached(hypothesis: &str, power: f64, why: &Stopped) -> Faulty {
    let (Stopped::Flat(path) | Stopped::TooMany(path) | Stopped::UsedUp(path)) = why;
    let mut sizes: Vec<&Batch> = path.iter().collect();
    sizes.sort_by_key(|batch| batch.participants);
    let told = |batch: &&Batch| format!("{:.3} with {}", batch.power(), batch.participants);
    let told = sizes.iter().map(told).collect::<Vec<_>>().join(", ");
    let (what, help) = match why {
        Stopped::Flat(_) => (
            "its power does not grow with participants",
            "the effect may be none, or against the hypothesis",
        ),
        Stopped::TooMany(_) => ("it takes more than a million participants", "ask for less"),
        Stopped::UsedUp(_) => (
            "the repetitions were used up before",
            "give more `--replicates`, or begin nearer with `--participants`",
        ),
    };
    let message = format!("`{hypothesis}` does not reach a power of {power}: {what} ({told})");
    Faulty::one(code::OUT_OF_RANGE, message, Some(help.to_owned()))
}
