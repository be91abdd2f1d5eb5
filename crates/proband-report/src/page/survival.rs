//! Times to events: Kaplan and Meier's curves with the numbers at risk.

use super::Study;
use super::figure::{AtRisk, Axis, Chart, Figure, Kind, Style, maybe, number, slug, word};
use super::section::Section;
use proband_stats::Level;
use proband_stats::survival::{CurveInterval, FollowUp, KaplanMeier, kaplan_meier};
use proband_store::ReadError;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Steps of a curve at most.
const STEPS: usize = 250;
/// Columns of numbers at risk, about.
const COLUMNS_AT_RISK: f64 = 6.0;

const COLUMNS: [&str; 6] = ["TRT01A", "PARAMCD", "PARAM", "AVALU", "AVAL", "CNSR"];

/// The times of an endpoint.
#[derive(Default)]
struct Times {
    param: String,
    unit: String,
    has_competing: bool,
    /// By arm: time, and whether the event happened then.
    by_arm: BTreeMap<usize, (Vec<f64>, Vec<bool>)>,
}

pub(crate) fn add(section: &mut Section, study: &Study<'_>) -> Result<(), ReadError> {
    let mut endpoints: Vec<(String, Times)> = Vec::new();
    study.rows("adtte", &COLUMNS, |rows, row| {
        let (arm, paramcd) =
            (study.arm(rows.text(0, row)), rows.text(1, row).unwrap_or_default());
        let (time, censored) = (rows.number(4, row), rows.number(5, row));
        let Some(arm) = arm.filter(|_| time >= 0.0) else { return ControlFlow::Continue(()) };
        let place = endpoints.iter().position(|(of, _)| of == paramcd).unwrap_or_else(|| {
            let text = |column| rows.text(column, row).unwrap_or_default().to_owned();
            let times = Times { param: text(2), unit: text(3), ..Times::default() };
            endpoints.push((paramcd.to_owned(), times));
            endpoints.len() - 1
        });
        let times = &mut endpoints[place].1;
        let (of_arm, events) = times.by_arm.entry(arm).or_default();
        of_arm.push(time);
        events.push(censored < 0.5);
        times.has_competing |= censored > 1.5;
        ControlFlow::Continue(())
    })?;
    for (paramcd, times) in &endpoints {
        section.figure(times.figure(study, paramcd));
    }
    Ok(())
}

impl Times {
    fn figure(&self, study: &Study<'_>, paramcd: &str) -> Figure {
        let competing = match self.has_competing {
            true => {
                " Competing events are taken for censoring, so that curves are cause-specific."
            }
            false => "",
        };
        let curves: Vec<(usize, KaplanMeier)> = self
            .by_arm
            .iter()
            .filter_map(|(&arm, (times, events))| {
                Some((arm, kaplan_meier(&FollowUp::new(times, events).ok()?)))
            })
            .collect();
        Figure {
            id: format!("survival-{}", slug(paramcd)),
            title: self.param.clone(),
            caption: format!(
                "Kaplan and Meier's estimate with 95 % intervals on the log-log scale, and how many are observed at a \
                 time.{competing}"
            ),
            charts: vec![self.chart(study, &curves)],
        }
    }

    fn chart(&self, study: &Study<'_>, curves: &[(usize, KaplanMeier)]) -> Chart {
        let label = format!("time ({})", self.unit);
        let series: Vec<String> =
            curves.iter().map(|(arm, _)| study.run.arms[*arm].clone()).collect();
        let y = Axis { domain: Some((0.0, 100.0)), ..Axis::new("% without event") };
        let style = Style { steps: true, ribbon: true, ..Style::default() };
        let mut chart = Chart::new(Kind::Lines, "", Axis::new(&label), y)
            .series(&series)
            .styled(style)
            .columns(&[
                ("series", "arm"),
                ("x", &label),
                ("y", "% without event"),
                ("lower", "lower 95 %"),
                ("upper", "upper 95 %"),
                ("n", "at risk"),
            ]);
        for (arm, curve) in curves {
            let title = &study.run.arms[*arm];
            chart.row([
                word(title),
                number(0.0),
                number(100.0),
                number(100.0),
                number(100.0),
                number(curve.n() as f64),
            ]);
            for time in drawn(curve) {
                let Ok(at) = curve.at(time, CurveInterval::LogLog, Level::P95) else {
                    continue;
                };
                let limit = |of: f64| 100.0 * of;
                let (lower, upper) =
                    (at.interval.map(|i| limit(i.lower)), at.interval.map(|i| limit(i.upper)));
                let values = [
                    number(time),
                    number(100.0 * at.survival),
                    maybe(lower),
                    maybe(upper),
                    number(at.at_risk as f64),
                ];
                chart.row([word(title)].into_iter().chain(values));
            }
        }
        chart.risk = self.at_risk(study);
        chart
    }

    fn at_risk(&self, study: &Study<'_>) -> Vec<AtRisk> {
        let last =
            self.by_arm.values().flat_map(|(times, _)| times).copied().fold(0.0, f64::max);
        let step = round_step(last / COLUMNS_AT_RISK);
        let columns =
            (0..).map(|column| step * f64::from(column)).take_while(|time| *time <= last);
        let of_arm = |(&arm, (times, _)): (&usize, &(Vec<f64>, Vec<bool>))| {
            let count = |time: f64| times.iter().filter(|of| **of >= time).count() as u64;
            let at = |x| AtRisk { series: study.run.arms[arm].clone(), x, n: count(x) };
            columns.clone().map(at).collect::<Vec<_>>()
        };
        self.by_arm.iter().flat_map(of_arm).collect()
    }
}

/// The times at which a curve is drawn: where it falls, or if it falls too often, where it has fallen by a step's
/// share of the whole; and its end.
fn drawn(curve: &KaplanMeier) -> Vec<f64> {
    let steps = curve.steps();
    let falls = steps.iter().filter(|step| step.events > 0).count();
    let least = if falls > STEPS { 1.0 / STEPS as f64 } else { 0.0 };
    let mut last = 1.0;
    let mut times = Vec::new();
    for step in steps {
        if step.events > 0 && last - step.survival > least {
            last = step.survival;
            times.push(step.time);
        }
    }
    times.extend(steps.last().map(|step| step.time).filter(|end| times.last() != Some(end)));
    times
}

/// The nearest of 1, 2 and 5 times a power of ten, and 7 times a power of two in between: weeks for days.
fn round_step(about: f64) -> f64 {
    let candidates = [
        1.0, 2.0, 7.0, 14.0, 28.0, 56.0, 84.0, 91.0, 182.0, 365.0, 730.0, 1461.0, 3652.0, 0.5,
        0.1,
    ];
    let distance = |step: f64| (step - about).abs() / step;
    let nearest =
        |best: f64, step: f64| if distance(step) < distance(best) { step } else { best };
    candidates.into_iter().fold(candidates[0], nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_of_very_many_events_is_drawn_by_its_largest_steps() {
        let times: Vec<f64> = (1..=10_000).map(f64::from).collect();
        let events = vec![true; times.len()];
        let curve = kaplan_meier(&FollowUp::new(&times, &events).unwrap());
        let drawn = drawn(&curve);
        assert!(drawn.len() <= STEPS + 1, "{}", drawn.len());
        assert!(drawn.last().is_some_and(|end| *end > 9_999.5));
    }

    #[test]
    fn numbers_at_risk_stand_at_round_times() {
        assert!((round_step(26.0) - 28.0).abs() < 1e-12);
        assert!((round_step(60.0) - 56.0).abs() < 1e-12);
    }
}
