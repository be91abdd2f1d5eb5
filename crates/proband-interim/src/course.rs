//! The course of a trial with looks.

use crate::adapt::{self, Change};
use crate::asked::Asked;
use crate::boundary::{Boundaries, Path, Verdict, planned, seen};
use crate::calendar::{Calendar, Entered};
use proband_analysis::{
    Accumulator, Finding, InMemory, Layout, ParticipantColumns, Standing, standings,
};
use proband_trial::{Adaptation, Analysis, Trial};
use std::collections::BTreeMap;

/// Those who take part, and who follows them.
pub trait People {
    /// What can go wrong in following them.
    type Error;

    /// Enrols and follows the next under the rules, up to the planned enrolment; whether anybody came.
    ///
    /// # Errors
    /// What the engine meets.
    fn enrol(&mut self, rules: &Rules) -> Result<bool, Self::Error>;

    /// Everybody who has entered.
    fn entered(&self) -> &[Entered];

    /// What was known on a day of those who had entered, in the columns of the analyses.
    fn known(&mut self, day: f64) -> ParticipantColumns;

    /// Lets those go who entered after a day: others come, under other rules.
    fn let_go(&mut self, after: f64);
}

/// Who is enrolled from now on.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Planned enrolment.
    pub participants: u64,
    /// By arm; 0 where it is closed.
    pub ratio: Vec<f64>,
    /// Adaptations (positions) whose eligibility holds.
    pub only: Vec<usize>,
}

/// What was known at a cut of the data.
#[derive(Debug)]
pub struct Known {
    /// Sums over those who had entered.
    pub sums: Accumulator,
    /// Their columns.
    pub columns: InMemory,
}

impl Known {
    /// From the columns of everybody.
    #[must_use]
    pub fn new(layout: &Layout<'_>, known: ParticipantColumns) -> Self {
        let sums = Accumulator::of(layout, &known);
        let mut columns = InMemory::new();
        columns.push(known.into_columns());
        Self { sums, columns }
    }
}

/// A comparison at a look.
#[derive(Clone, Debug)]
pub struct Tested {
    /// Name of the look.
    pub look: String,
    /// Position in `Trial::analyses`.
    pub analysis: usize,
    /// Position in its comparisons.
    pub comparison: usize,
    /// Z as it is tested.
    pub z: Option<f64>,
    /// Share of the planned information.
    pub share: f64,
    /// Efficacy and futility bounds of Z, of a sequential design.
    pub bounds: Option<(f64, f64)>,
    /// What follows.
    pub verdict: Verdict,
    /// The findings of its analysis.
    pub findings: Vec<Finding>,
}

impl Tested {
    /// What follows for the comparison, if anything does.
    fn decision(&self, analysis: &Analysis, day: f64) -> Option<Decision> {
        let action = match self.verdict {
            Verdict::Efficacy => "efficacy",
            Verdict::Futility => "futility",
            Verdict::Open => return None,
        };
        let comparison = &analysis.comparisons[self.comparison];
        let (z, (efficacy, futility)) = (self.z?, self.bounds?);
        Some(Decision {
            look: self.look.clone(),
            day,
            rule: analysis.id.clone(),
            action,
            comparison: Some(comparison.name.clone()),
            arm: Some(comparison.test),
            value: self.z,
            seen: format!("z {z}, bounds {futility} and {efficacy}"),
        })
    }
}

/// A look that was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Its name: the id, and of a repeated look the how manieth it is.
    pub name: String,
    /// Day of the data cut, since the first day of accrual.
    pub day: f64,
    /// Participants who had entered.
    pub enrolled: u64,
}

/// What was decided at a look.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Name of the look.
    pub look: String,
    /// Day of the data cut, since the first day of accrual.
    pub day: f64,
    /// Id of the adaptation, or of the analysis whose test decides.
    pub rule: String,
    /// What follows, in the word of the trial file; of a test `efficacy` or `futility`.
    pub action: &'static str,
    /// The comparison that was tested.
    pub comparison: Option<String>,
    /// The arm it is about.
    pub arm: Option<usize>,
    /// Z of a test, or what is so from now on.
    pub value: Option<f64>,
    /// What it follows from, with its values.
    pub seen: String,
}

/// Why the trial ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// At its last visit.
    Complete,
    /// At its final look.
    Final,
    /// Every comparison of the sequential designs has shown what it was to show, or all were given up.
    Efficacy,
    /// All were given up.
    Futility,
    /// An adaptation (id) stopped it.
    Stopped(String),
}

/// A trial that has ended.
#[derive(Debug)]
pub struct Conducted {
    /// The looks that were taken.
    pub looks: Vec<Look>,
    /// Comparisons, look by look.
    pub tested: Vec<Tested>,
    /// Changes.
    pub decisions: Vec<Decision>,
    /// Why it ended.
    pub ended: Ended,
    /// The cut of the final analysis.
    pub cut: f64,
    /// When nobody was enrolled or followed any more.
    pub end: f64,
    /// Participants who had entered by then.
    pub enrolled: u64,
    /// The rules at the end.
    pub rules: Rules,
    /// What was known at the cut.
    pub known: Known,
}

/// Conducts a trial with looks to its end; `replicate` is the repetition that it is.
///
/// # Errors
/// What the engine meets.
pub fn conduct<P: People>(
    trial: &Trial,
    layout: &Layout<'_>,
    boundaries: &[Boundaries],
    replicate: u32,
    people: &mut P,
) -> Result<Conducted, P::Error> {
    let mut course = Course::new(trial, boundaries, replicate, people.entered());
    while let Some(look) = course.next_look(people)? {
        let known = Known::new(layout, people.known(look.day));
        course.analyse(&look, &known, layout);
        course.test(&look);
        let changed = course.adapt(&look);
        if course.has_ended(&look) {
            return Ok(course.close(known));
        }
        if changed {
            people.let_go(look.day + look.lag(trial));
            course.calendar = Calendar::new(trial, people.entered());
            course.is_full = false;
        }
    }
    let known = Known::new(layout, people.known(course.calendar.last_visit()));
    Ok(course.close(known))
}

/// A look that falls.
struct Falling {
    /// Position in the looks of the trial.
    look: usize,
    name: String,
    day: f64,
}

impl Falling {
    fn lag(&self, trial: &Trial) -> f64 {
        trial.adaptive.looks[self.look].lag
    }
}

/// When a look is due.
#[derive(Clone, Copy, Debug)]
enum Due {
    /// When its condition first holds.
    First,
    /// Again, for the so manieth time.
    Again(u32, f64),
    Over,
}

/// How the comparisons stand at the present look, and their paths.
#[derive(Clone, Debug, Default)]
pub(crate) struct Comparisons {
    standings: BTreeMap<(usize, usize), Standing>,
    paths: BTreeMap<(usize, usize), Path>,
    verdicts: BTreeMap<(usize, usize), Verdict>,
}

impl Comparisons {
    pub(crate) fn standing(&self, analysis: usize, comparison: usize) -> Option<&Standing> {
        self.standings.get(&(analysis, comparison))
    }

    pub(crate) fn path(&self, analysis: usize, comparison: usize) -> Option<&Path> {
        self.paths.get(&(analysis, comparison))
    }
}

struct Course<'a> {
    trial: &'a Trial,
    boundaries: &'a [Boundaries],
    replicate: u32,
    rules: Rules,
    /// By look.
    due: Vec<Due>,
    today: f64,
    /// Of those who have entered so far.
    calendar: Calendar<'a>,
    is_full: bool,
    comparisons: Comparisons,
    looks: Vec<Look>,
    tested: Vec<Tested>,
    decisions: Vec<Decision>,
    /// Why it ended, with the days of the final cut and of the end.
    ended: Option<(Ended, f64, f64)>,
}

impl<'a> Course<'a> {
    fn new(
        trial: &'a Trial,
        boundaries: &'a [Boundaries],
        replicate: u32,
        entered: &[Entered],
    ) -> Self {
        Self {
            trial,
            boundaries,
            replicate,
            rules: adapt::at_first(trial),
            due: vec![Due::First; trial.adaptive.looks.len()],
            today: 0.0,
            calendar: Calendar::new(trial, entered),
            is_full: false,
            comparisons: Comparisons::default(),
            looks: Vec::new(),
            tested: Vec::new(),
            decisions: Vec::new(),
            ended: None,
        }
    }

    /// The next look. People enter until it is certain: who enters after a moment changes nothing before it.
    fn next_look<P: People>(&mut self, people: &mut P) -> Result<Option<Falling>, P::Error> {
        loop {
            let certain = match self.is_full {
                true => self.calendar.last_visit(),
                false => self.calendar.last_entry(),
            };
            if let Some(falling) = self.first_due(certain) {
                return Ok(Some(falling));
            }
            if self.is_full {
                return Ok(self.final_at_last_visit(certain));
            }
            self.is_full = !people.enrol(&self.rules)?;
            if !self.is_full {
                self.calendar = Calendar::new(self.trial, people.entered());
            }
        }
    }

    /// The first look that is due up to a day; of those on one day the first of the file.
    fn first_due(&self, certain: f64) -> Option<Falling> {
        let mut first: Option<Falling> = None;
        for (look, (declared, due)) in
            self.trial.adaptive.looks.iter().zip(&self.due).enumerate()
        {
            let (day, name) = match due {
                Due::Over => continue,
                Due::Again(times, day) => (
                    Some(*day).filter(|day| *day <= certain),
                    format!("{}.{times}", declared.id),
                ),
                Due::First => {
                    let within = (self.today, certain);
                    let planned = self.rules.participants;
                    let day = (self.today <= certain)
                        .then(|| self.calendar.first(&declared.when.expr, planned, within));
                    (day.flatten(), declared.id.clone())
                }
            };
            let Some(day) = day else { continue };
            if first.as_ref().is_none_or(|first| day < first.day) {
                first = Some(Falling { look, name, day });
            }
        }
        first
    }

    /// A final look whose condition never came to hold is taken when everybody has finished.
    fn final_at_last_visit(&self, last: f64) -> Option<Falling> {
        let looks = &self.trial.adaptive.looks;
        let look = looks.iter().position(|look| look.is_final)?;
        let waits = matches!(self.due[look], Due::First);
        waits.then(|| Falling { look, name: looks[look].id.clone(), day: last.max(self.today) })
    }

    /// Analyses what was known at a look.
    fn analyse(&mut self, look: &Falling, known: &Known, layout: &Layout<'_>) {
        let declared = &self.trial.adaptive.looks[look.look];
        self.today = look.day;
        self.due[look.look] = match (declared.every, self.due[look.look]) {
            (None, _) | (_, Due::Over) => Due::Over,
            (Some(every), Due::First) => Due::Again(2, look.day + every),
            (Some(every), Due::Again(times, day)) => Due::Again(times + 1, day + every),
        };
        let enrolled = self.calendar.enrolled(look.day);
        self.looks.push(Look { name: look.name.clone(), day: look.day, enrolled });
        self.comparisons.standings.clear();
        let analyses = self.trial.analyses.iter().enumerate();
        let asked = analyses.filter(|(position, analysis)| {
            declared.analyses.contains(&analysis.at_looks_of.unwrap_or(*position))
        });
        for (position, _) in asked {
            let of = (self.replicate, position);
            let found = standings(layout, &known.sums, &known.columns, of);
            let found = found.expect("columns in memory can be read");
            for standing in found {
                self.comparisons.standings.insert((position, standing.comparison), standing);
            }
        }
    }

    /// Compares each test with its bounds, as long as it is open.
    fn test(&mut self, look: &Falling) {
        let is_final = self.trial.adaptive.looks[look.look].is_final;
        let Comparisons { standings, paths, verdicts } = &mut self.comparisons;
        for (&(position, comparison), standing) in &*standings {
            let analysis = &self.trial.analyses[position];
            if analysis.at_looks_of.is_some() {
                continue;
            }
            let verdict = verdicts.entry((position, comparison)).or_insert(Verdict::Open);
            if *verdict != Verdict::Open {
                continue;
            }
            let boundaries = &self.boundaries[position];
            let path = paths.entry((position, comparison)).or_default();
            let participants = self.rules.participants as f64;
            let compared = &analysis.comparisons[comparison];
            let whole = planned(self.trial, analysis, compared, participants);
            let seen = seen(self.trial, analysis, standing);
            let mut tested = Tested {
                look: look.name.clone(),
                analysis: position,
                comparison,
                z: standing.z,
                share: seen / whole,
                bounds: None,
                verdict: Verdict::Open,
                findings: standing.findings.clone(),
            };
            if let Some(z) = standing.z.filter(|_| seen > 0.0) {
                boundaries.take(path, look.look, seen, whole, z);
                if boundaries.is_sequential
                    && let Some(bounds) = boundaries.at(path, is_final)
                {
                    tested.z = path.z.last().copied();
                    tested.bounds = Some((bounds.efficacy, bounds.futility));
                    tested.verdict = bounds.verdict(tested.z.unwrap_or(z), boundaries.sides);
                }
            }
            *verdict = tested.verdict;
            self.decisions.extend(tested.decision(analysis, look.day));
            self.tested.push(tested);
        }
    }

    /// Asks the adaptations of a look in their order; whether anything changed for those to come.
    fn adapt(&mut self, look: &Falling) -> bool {
        let before = self.rules.clone();
        for (position, adaptation) in self.trial.adaptive.adaptations.iter().enumerate() {
            if !adaptation.looks.contains(&look.look) {
                continue;
            }
            for (change, decision) in self.decided_by(adaptation, position, look) {
                self.decisions.push(decision);
                if change == Change::Stop {
                    let why = Ended::Stopped(adaptation.id.clone());
                    self.ended.get_or_insert((why, look.day, look.day + look.lag(self.trial)));
                }
                change.apply(&mut self.rules);
            }
        }
        self.rules != before
    }

    fn decided_by(
        &self,
        adaptation: &Adaptation,
        position: usize,
        look: &Falling,
    ) -> Vec<(Change, Decision)> {
        let asked = Asked {
            trial: self.trial,
            calendar: &self.calendar,
            day: look.day,
            rules: &self.rules,
            comparisons: &self.comparisons,
            boundaries: self.boundaries,
        };
        let decision = |change: &Change| Decision {
            look: look.name.clone(),
            day: look.day,
            rule: adaptation.id.clone(),
            action: adaptation.action.word(),
            comparison: None,
            arm: change.arm(),
            value: change.value(),
            seen: asked.seen(adaptation.when.as_ref(), change.arm()),
        };
        let changes = adapt::decided(adaptation, position, &asked).into_iter();
        changes.map(|change| (change.clone(), decision(&change))).collect()
    }

    /// Whether a look is the last one: by its nature, by an adaptation, or because every comparison of the
    /// sequential designs is decided.
    fn has_ended(&mut self, look: &Falling) -> bool {
        let is_final = self.trial.adaptive.looks[look.look].is_final;
        let why = self.decided().or(is_final.then_some(Ended::Final));
        let end = look.day + look.lag(self.trial);
        self.ended = self.ended.take().or(why.map(|why| (why, look.day, end)));
        self.ended.is_some()
    }

    fn decided(&self) -> Option<Ended> {
        let sequential = &self.trial.adaptive.sequential;
        let mut verdicts = Vec::new();
        for design in sequential {
            for comparison in 0..self.trial.analyses[design.analysis].comparisons.len() {
                let verdict = self.comparisons.verdicts.get(&(design.analysis, comparison));
                verdicts.push(verdict.copied().unwrap_or(Verdict::Open));
            }
        }
        let open = verdicts.contains(&Verdict::Open) || verdicts.is_empty();
        let won = verdicts.contains(&Verdict::Efficacy);
        (!open).then_some(if won { Ended::Efficacy } else { Ended::Futility })
    }

    fn close(self, known: Known) -> Conducted {
        let last = self.calendar.last_visit();
        let (ended, cut, end) = self.ended.unwrap_or((Ended::Complete, last, last));
        Conducted {
            looks: self.looks,
            tested: self.tested,
            decisions: self.decisions,
            ended,
            cut,
            end,
            enrolled: self.calendar.enrolled(end),
            rules: self.rules,
            known,
        }
    }
}
