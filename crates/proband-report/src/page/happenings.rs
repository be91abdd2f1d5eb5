//! When adverse events began, how bad they were over time, and what of them the trial learned.

use super::Study;
use super::figure::{Axis, Chart, Figure, Kind, Style, number, word};
use super::section::Section;
use crate::select::of;
use proband_analysis::Category;
use proband_store::ReadError;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Terms that a reader chooses from.
const MOST_TERMS: usize = 10;
/// Points of a curve.
const POINTS: f64 = 100.0;
/// Periods that are shown.
const MOST_PERIODS: usize = 12;
/// Days of a period where doses give none.
const MONTH: f64 = 28.0;
/// Periods are not shorter.
const WEEK: f64 = 7.0;

const COLUMNS: [&str; 5] = ["USUBJID", "TRT01A", "AEDECOD", "ASTTIME", "AETOXGRN"];

pub(crate) fn add(section: &mut Section, study: &Study<'_>) -> Result<(), ReadError> {
    let mut events = Events { period: period(study)?, ..Events::default() };
    study.rows("adae", &COLUMNS, |rows, row| {
        let (arm, day) = (study.arm(rows.text(1, row)), rows.number(3, row));
        if let Some(arm) = arm.filter(|_| day >= 0.0) {
            let text = |column| rows.text(column, row).unwrap_or_default();
            events.add(text(0), arm, text(2), day, rows.number(4, row));
        }
        ControlFlow::Continue(())
    })?;
    events.end_person();
    let randomised = randomised(study);
    section.figure(events.onset(study, &randomised));
    section.figure(events.grades(study, &randomised));
    detected(section, study)
}

/// The time between doses, where it is a week or more: a cycle.
fn period(study: &Study<'_>) -> Result<f64, ReadError> {
    let (mut person, mut last, mut shortest) = (None::<String>, f64::NAN, f64::INFINITY);
    study.rows("adex", &["USUBJID", "ASTTIME"], |rows, row| {
        let id = rows.text(0, row).unwrap_or_default();
        if person.get_or_insert_with(|| id.to_owned()) != id {
            return ControlFlow::Break(());
        }
        let time = rows.number(1, row);
        if time - last > 0.5 {
            shortest = shortest.min(time - last);
        }
        last = time;
        ControlFlow::Continue(())
    })?;
    let cycle = shortest.round();
    Ok(if cycle >= WEEK && cycle.is_finite() { cycle } else { MONTH })
}

/// Participants of each arm.
fn randomised(study: &Study<'_>) -> Vec<f64> {
    let steps = of(study.findings, Category::Disposition);
    let n = |arm: &String| {
        let step =
            steps.iter().find(|f| f.analysis == "randomised" && f.arm.as_ref() == Some(arm));
        step.and_then(|f| f.estimate).unwrap_or(0.0)
    };
    study.run.arms.iter().map(n).collect()
}

/// Counts of what happened from day 1 on.
#[derive(Default)]
struct Events {
    period: f64,
    /// First events of participants, by term, arm and whole day.
    first: BTreeMap<String, BTreeMap<(usize, u32), u32>>,
    /// Participants by arm, period and worst grade in it.
    worst: BTreeMap<(usize, u32, u32), u32>,
    person: String,
    arm: usize,
    seen: Vec<String>,
    of_person: BTreeMap<u32, u32>,
}

impl Events {
    fn add(&mut self, person: &str, arm: usize, term: &str, day: f64, grade: f64) {
        if person != self.person {
            self.end_person();
            person.clone_into(&mut self.person);
            self.arm = arm;
        }
        if !self.seen.iter().any(|seen| seen == term) {
            self.seen.push(term.to_owned());
            let of_term = self.first.entry(term.to_owned()).or_default();
            *of_term.entry((arm, day as u32)).or_default() += 1;
        }
        if grade >= 1.0 {
            let worst = self.of_person.entry((day / self.period) as u32).or_default();
            *worst = (*worst).max(grade as u32);
        }
    }

    fn end_person(&mut self) {
        for (period, grade) in std::mem::take(&mut self.of_person) {
            *self.worst.entry((self.arm, period, grade)).or_default() += 1;
        }
        self.seen.clear();
    }

    fn onset(&self, study: &Study<'_>, randomised: &[f64]) -> Figure {
        let total = |days: &BTreeMap<(usize, u32), u32>| days.values().sum::<u32>();
        let mut terms: Vec<_> = self.first.iter().collect();
        terms.sort_by_key(|(_, days)| std::cmp::Reverse(total(days)));
        let last = self.first.values().flat_map(|days| days.keys()).map(|(_, day)| *day).max();
        let end = f64::from(last.unwrap_or(0)) + 1.0;
        let charts = terms
            .into_iter()
            .take(MOST_TERMS)
            .map(|(term, days)| onset_chart(study, randomised, term, days, end));
        Figure {
            id: "onset".to_owned(),
            title: "Time to first adverse event".to_owned(),
            caption: "Percent of the participants of an arm who have had a first event by a day, of those who were \
                      randomised, whether or not they were followed to that day."
                .to_owned(),
            charts: charts.collect(),
        }
    }

    fn grades(&self, study: &Study<'_>, randomised: &[f64]) -> Figure {
        let grades: Vec<String> = (1..=5).map(|grade| format!("grade {grade}")).collect();
        let label = format!("period of {} days", self.period);
        let mut chart =
            Chart::new(Kind::Bars, "", Axis::new(&label), Axis::new("% of participants"))
                .series(&grades)
                .columns(&[
                    ("panel", "arm"),
                    ("x", &label),
                    ("series", "worst grade"),
                    ("n", "n"),
                    ("y", "%"),
                ]);
        let shown =
            self.worst.iter().filter(|((_, period, _), _)| (*period as usize) < MOST_PERIODS);
        for (&(arm, period, grade), &count) in
            shown.filter(|((arm, _, _), _)| randomised[*arm] > 0.0)
        {
            let Some(name) =
                (grade as usize).checked_sub(1).and_then(|place| grades.get(place))
            else {
                continue;
            };
            let percent = 100.0 * f64::from(count) / randomised[arm];
            let title = word(&study.run.arms[arm]);
            chart.row([
                title,
                number(f64::from(period) + 1.0),
                word(name),
                number(f64::from(count)),
                number(percent),
            ]);
        }
        Figure {
            id: "grades".to_owned(),
            title: "Worst grade over time".to_owned(),
            caption: format!(
                "Percent of the randomised participants by the worst grade of the adverse events that began in a period \
                 of {} days; the first {MOST_PERIODS} periods.",
                self.period
            ),
            charts: vec![chart],
        }
    }
}

fn onset_chart(
    study: &Study<'_>,
    randomised: &[f64],
    term: &str,
    days: &BTreeMap<(usize, u32), u32>,
    end: f64,
) -> Chart {
    let mut chart =
        Chart::new(Kind::Lines, term, Axis::new("day"), Axis::new("% with a first event"))
            .series(study.run.arms)
            .styled(Style { steps: true, ..Style::default() })
            .columns(&[("series", "arm"), ("x", "day"), ("n", "with event"), ("y", "%")]);
    let width = (end / POINTS).max(1.0);
    for (arm, title) in
        study.run.arms.iter().enumerate().filter(|(arm, _)| randomised[*arm] > 0.0)
    {
        let mut day = 0.0;
        while day < end + width {
            let before = days.iter().filter(|((of, d), _)| *of == arm && f64::from(*d) < day);
            let count = f64::from(before.map(|(_, count)| *count).sum::<u32>());
            let percent = 100.0 * count / randomised[arm];
            chart.row([word(title), number(day), number(count), number(percent)]);
            day += width;
        }
    }
    chart
}

/// What happened in the twins, and what of it the trial learned.
fn detected(section: &mut Section, study: &Study<'_>) -> Result<(), ReadError> {
    if !study.has("truth_events") {
        section.missing(
            "What happened in the twins beside what the trial learned of it is in `truth_events`; `[output] level = \
             \"truth\"` keeps it.",
        );
        return Ok(());
    }
    let mut counts: BTreeMap<(String, usize), [u32; 2]> = BTreeMap::new();
    study.rows("truth_events", &["EVENT", "TRT01P", "SEENFL"], |rows, row| {
        if let Some(arm) = study.arm(rows.text(1, row)) {
            let event = rows.text(0, row).unwrap_or_default().to_owned();
            let place = usize::from(rows.text(2, row) != Some("Y"));
            counts.entry((event, arm)).or_default()[place] += 1;
        }
        ControlFlow::Continue(())
    })?;
    let series = ["the trial learned of it", "unnoticed"].map(str::to_owned);
    let mut chart = Chart::new(Kind::Bars, "", Axis::default(), Axis::new("events"))
        .series(&series)
        .columns(&[("panel", "arm"), ("x", "event"), ("series", "what"), ("y", "events")]);
    for ((event, arm), of_event) in &counts {
        for (name, count) in series.iter().zip(of_event) {
            let arm = word(&study.run.arms[*arm]);
            chart.row([arm, word(event), word(name), number(f64::from(*count))]);
        }
    }
    section.figure(Figure {
        id: "detected".to_owned(),
        title: "What happened, and what was detected".to_owned(),
        caption: "Events of all twins, those of models included: how many the trial learned of, and how many went \
                  unnoticed between visits or were not reported."
            .to_owned(),
        charts: vec![chart],
    });
    Ok(())
}
