//! What visits recorded, over time and by arm.

use super::Study;
use super::figure::{Axis, Chart, Figure, Kind, Style, maybe, number, slug, word};
use super::section::Section;
use super::thinned::Thinned;
use proband_stats::Level;
use proband_stats::descriptive::{
    Moments, QuantileRule, mean_estimate_from_moments, quantiles,
};
use proband_store::{ReadError, Rows};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Participants of an arm whose own lines can be looked at.
const SHOWN: usize = 20;

/// The mean of fewer participants has no interval, which would be wider than the axis is worth.
const FEWEST: u64 = 5;

/// Percentiles of the ribbons.
const PERCENTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

const COLUMNS: [&str; 7] = ["USUBJID", "TRT01A", "PARAMCD", "PARAM", "AVISITN", "AVAL", "CHG"];

pub(crate) fn add(section: &mut Section, study: &Study<'_>) -> Result<(), ReadError> {
    let kept: Vec<&str> =
        ["adlb", "adpc"].into_iter().filter(|table| study.has(table)).collect();
    if kept.is_empty() {
        section.missing(
            "Records over time are in the tables `adlb` and `adpc`, which this run did not keep; \
             `[output] level = \"records\"` keeps them.",
        );
        return Ok(());
    }
    for table in kept {
        let mut observables = Observables::default();
        study.rows(table, &COLUMNS, |rows, row| {
            observables.add(study, rows, row);
            ControlFlow::Continue(())
        })?;
        for observable in observables.all {
            section.figure(observable.figure(study));
        }
    }
    Ok(())
}

/// The observables of a table, in the order in which they come.
#[derive(Default)]
struct Observables {
    all: Vec<Observable>,
    people: People,
}

/// What was recorded of an observable.
struct Observable {
    paramcd: String,
    param: String,
    /// By arm and planned week.
    cells: BTreeMap<(usize, Week), Cell>,
    /// Arm, participant, planned week and value of those who are shown.
    shown: Vec<(usize, usize, f64, f64)>,
}

/// A planned week, in the order of time.
#[derive(Clone, Copy, PartialEq)]
struct Week(f64);

impl Eq for Week {}

impl PartialOrd for Week {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Week {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// What is kept of the values of an arm at a visit.
#[derive(Default)]
struct Cell {
    values: Moments,
    changes: Moments,
    some: Thinned<f64>,
}

/// The first participants of each arm; their rows stand together.
#[derive(Default)]
struct People {
    last: String,
    place: Option<usize>,
    by_arm: BTreeMap<usize, usize>,
}

impl People {
    /// The number of a participant within the arm, if it is one of those who are shown.
    fn place(&mut self, arm: usize, id: &str) -> Option<usize> {
        if id != self.last {
            id.clone_into(&mut self.last);
            let seen = self.by_arm.entry(arm).or_default();
            self.place = (*seen < SHOWN).then_some(*seen);
            *seen += 1;
        }
        self.place
    }
}

impl Observables {
    fn add(&mut self, study: &Study<'_>, rows: &Rows, row: usize) {
        let Some(arm) = study.arm(rows.text(1, row)) else { return };
        let person = self.people.place(arm, rows.text(0, row).unwrap_or_default());
        let (week, value, change) =
            (rows.number(4, row), rows.number(5, row), rows.number(6, row));
        let observable = self.of(rows.text(2, row).unwrap_or_default(), rows.text(3, row));
        if value.is_nan() {
            return;
        }
        observable.cells.entry((arm, Week(week))).or_default().push(value, change);
        if let Some(person) = person {
            observable.shown.push((arm, person, week, value));
        }
    }

    fn of(&mut self, paramcd: &str, param: Option<&str>) -> &mut Observable {
        let place = self.all.iter().position(|of| of.paramcd == paramcd).unwrap_or_else(|| {
            self.all.push(Observable {
                paramcd: paramcd.to_owned(),
                param: param.unwrap_or(paramcd).to_owned(),
                cells: BTreeMap::new(),
                shown: Vec::new(),
            });
            self.all.len() - 1
        });
        &mut self.all[place]
    }
}

impl Cell {
    fn push(&mut self, value: f64, change: f64) {
        // A value beyond what a number holds is in the table, and has no place in a mean.
        let _ = self.values.push(value);
        let _ = self.changes.push(change);
        self.some.push(|| value);
    }
}

impl Observable {
    fn figure(&self, study: &Study<'_>) -> Figure {
        let thinned = self.cells.values().map(|cell| cell.some.every()).max().unwrap_or(1);
        let of = if thinned > 1 {
            format!("; percentiles of every {thinned}th participant")
        } else {
            String::new()
        };
        Figure {
            id: format!("over-time-{}", slug(&self.paramcd)),
            title: format!("{} over time", self.param),
            caption: format!(
                "As recorded at planned visits, with the error of the assay. Means with 95 % t intervals where there are {FEWEST} or more; \
                 percentiles 5 to 95 and 25 to 75 around the median{of}; the first {SHOWN} participants of \
                 each arm."
            ),
            charts: vec![
                self.means(study, "Mean", |cell| &cell.values, self.param.clone()),
                self.means(
                    study,
                    "Change",
                    |cell| &cell.changes,
                    format!("change in {}", self.param),
                ),
                self.percentiles(study),
                self.people(study),
            ],
        }
    }

    fn means(
        &self,
        study: &Study<'_>,
        view: &str,
        of: fn(&Cell) -> &Moments,
        label: String,
    ) -> Chart {
        let style = Style { bars: true, ..Style::default() };
        let mut chart = self.chart(study, view, label).styled(style).columns(&[
            ("series", "arm"),
            ("x", "week"),
            ("n", "n"),
            ("y", "mean"),
            ("lower", "lower 95 %"),
            ("upper", "upper 95 %"),
        ]);
        for (&(arm, week), cell) in &self.cells {
            let moments = of(cell);
            let Ok(mean) = moments.mean() else { continue };
            let enough = (moments.n() >= FEWEST).then_some(moments);
            let interval =
                enough.and_then(|of| mean_estimate_from_moments(of, Level::P95).ok());
            let (lower, upper) = (interval.map(|i| i.lower), interval.map(|i| i.upper));
            let numbers = [week.0, moments.n() as f64, mean].map(number);
            let limits = [lower, upper].map(maybe);
            chart.row([word(&study.run.arms[arm])].into_iter().chain(numbers).chain(limits));
        }
        chart
    }

    fn percentiles(&self, study: &Study<'_>) -> Chart {
        let style = Style { ribbon: true, ..Style::default() };
        let mut chart =
            self.chart(study, "Percentiles", self.param.clone()).styled(style).columns(&[
                ("panel", "arm"),
                ("series", "arm"),
                ("x", "week"),
                ("lower", "5 %"),
                ("low", "25 %"),
                ("y", "median"),
                ("high", "75 %"),
                ("upper", "95 %"),
            ]);
        for (&(arm, week), cell) in &self.cells {
            let mut values = cell.some.kept().to_vec();
            let Ok(levels) = quantiles(&mut values, &PERCENTILES, QuantileRule::Averaged)
            else {
                continue;
            };
            let arm = word(&study.run.arms[arm]);
            chart.row(
                [arm.clone(), arm, number(week.0)]
                    .into_iter()
                    .chain(levels.into_iter().map(number)),
            );
        }
        chart
    }

    fn people(&self, study: &Study<'_>) -> Chart {
        let mut chart = self.chart(study, "Individuals", self.param.clone()).columns(&[
            ("panel", "arm"),
            ("series", "arm"),
            ("line", "participant"),
            ("x", "week"),
            ("y", "value"),
        ]);
        for &(arm, person, week, value) in &self.shown {
            let arm = word(&study.run.arms[arm]);
            chart.row([
                arm.clone(),
                arm,
                number(person as f64 + 1.0),
                number(week),
                number(value),
            ]);
        }
        chart
    }

    fn chart(&self, study: &Study<'_>, view: &str, label: String) -> Chart {
        Chart::new(Kind::Lines, view, Axis::new("week"), Axis::new(label))
            .series(study.run.arms)
    }
}
