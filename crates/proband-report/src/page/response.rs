//! How participants responded: endpoints that are numbers, one participant beside the other.

use super::Study;
use super::figure::{Axis, Chart, Figure, Kind, Style, number, slug, word};
use super::section::Section;
use super::thinned::Thinned;
use crate::number::{decimals_of, fixed, plain};
use proband_stats::descriptive::Moments;
use proband_store::{ReadError, Rows};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Bars of an arm in a waterfall.
const BARS: usize = 150;
/// Points of a cumulative distribution.
const POINTS: usize = 200;
/// Bars of the individual effects.
const BINS: usize = 40;

const COLUMNS: [&str; 6] = ["USUBJID", "TRT01A", "PARAMCD", "PARAM", "AVAL", "AVALC"];

pub(crate) fn add(section: &mut Section, study: &Study<'_>) -> Result<(), ReadError> {
    if !study.has("adeff") {
        section.missing(
            "Responses of participants are in the table `adeff`, which this run did not keep or which has no \
             endpoint; `[output] level = \"participants\"` keeps it.",
        );
        return Ok(());
    }
    let mut endpoints = Endpoints::default();
    study.rows("adeff", &COLUMNS, |rows, row| {
        endpoints.add(study, rows, row);
        ControlFlow::Continue(())
    })?;
    endpoints.next_twin(String::new());
    for endpoint in &endpoints.all {
        section.figure(endpoint.figure(study));
    }
    for endpoint in &endpoints.all {
        section.figure(endpoint.effects(study));
    }
    Ok(())
}

/// The endpoints that are numbers, in the order in which they come.
#[derive(Default)]
struct Endpoints {
    all: Vec<Responses>,
    /// The twin whose rows are read: they stand together, also where it is in several arms.
    twin: String,
}

/// The values of an endpoint.
struct Responses {
    paramcd: String,
    param: String,
    by_arm: BTreeMap<usize, Thinned<f64>>,
    /// Of the twin that is read, by arm.
    of_twin: BTreeMap<usize, f64>,
    /// By arm, of twins in it and in the first: the value less that in the first arm.
    effects: BTreeMap<usize, (Moments, Thinned<f64>)>,
}

impl Endpoints {
    fn add(&mut self, study: &Study<'_>, rows: &Rows, row: usize) {
        let (Some(arm), Some(id)) = (study.arm(rows.text(1, row)), rows.text(0, row)) else {
            return;
        };
        let value = rows.number(4, row);
        if value.is_nan() || rows.text(5, row).is_some() {
            return;
        }
        let twin = twin(id, study.run.id);
        if twin != self.twin {
            self.next_twin(twin.to_owned());
        }
        let responses = self.of(rows.text(2, row).unwrap_or_default(), rows.text(3, row));
        // Visits stand in the order of time, so that the last one stays.
        responses.of_twin.insert(arm, value);
    }

    fn of(&mut self, paramcd: &str, param: Option<&str>) -> &mut Responses {
        let place = self.all.iter().position(|of| of.paramcd == paramcd).unwrap_or_else(|| {
            self.all.push(Responses {
                paramcd: paramcd.to_owned(),
                param: param.unwrap_or(paramcd).to_owned(),
                by_arm: BTreeMap::new(),
                of_twin: BTreeMap::new(),
                effects: BTreeMap::new(),
            });
            self.all.len() - 1
        });
        &mut self.all[place]
    }

    fn next_twin(&mut self, twin: String) {
        self.all.iter_mut().for_each(Responses::end_twin);
        self.twin = twin;
    }
}

/// A participant without the arm that the id names in a counterfactual design: trial and number of the twin.
fn twin<'a>(id: &'a str, trial: &str) -> &'a str {
    let number = id.strip_prefix(trial).and_then(|rest| rest.strip_prefix('-'));
    let end = number.and_then(|number| number.find('-'));
    end.map_or(id, |end| &id[..trial.len() + 1 + end])
}

impl Responses {
    fn end_twin(&mut self) {
        for (&arm, &value) in &self.of_twin {
            self.by_arm.entry(arm).or_default().push(|| value);
        }
        if let Some(reference) = self.of_twin.get(&0) {
            for (&arm, value) in self.of_twin.iter().filter(|(arm, _)| **arm > 0) {
                let (moments, some) = self.effects.entry(arm).or_default();
                // An effect beyond what a number holds has no place in a mean.
                let _ = moments.push(value - reference);
                some.push(|| value - reference);
            }
        }
        self.of_twin.clear();
    }

    fn sorted(&self, arm: usize) -> Vec<f64> {
        let mut values = self.by_arm.get(&arm).map_or_else(Vec::new, |of| of.kept().to_vec());
        values.sort_by(f64::total_cmp);
        values
    }

    fn figure(&self, study: &Study<'_>) -> Figure {
        let every = self.by_arm.values().max_by_key(|of| of.every());
        Figure {
            id: format!("response-{}", slug(&self.paramcd)),
            title: format!("{}, participant by participant", self.param),
            caption: format!(
                "Waterfall: participants of each arm from the highest value to the lowest, at most {BARS} of them, \
                 evenly spaced in rank{}. Cumulative: percent of the arm at or below a value. An endpoint of several visits \
                 is shown at the last.",
                every.map(Thinned::said).unwrap_or_default()
            ),
            charts: vec![self.waterfall(study), self.cumulative(study)],
        }
    }

    fn waterfall(&self, study: &Study<'_>) -> Chart {
        let mut chart = Chart::new(
            Kind::Bars,
            "Waterfall",
            Axis::new("% of participants"),
            Axis::new(&self.param),
        )
        .series(study.run.arms)
        .columns(&[
            ("panel", "arm"),
            ("series", "arm"),
            ("x1", "from %"),
            ("x2", "to %"),
            ("y", &self.param),
        ]);
        for (arm, title) in study.run.arms.iter().enumerate() {
            let values = self.sorted(arm);
            let bars = values.len().min(BARS);
            let width = 100.0 / bars as f64;
            for bar in 0..bars {
                // The middle of the ranks that the bar stands for, from the top.
                let rank = (2 * bar + 1) * values.len() / (2 * bars);
                let from = width * bar as f64;
                let value = values[values.len() - 1 - rank];
                chart.row([
                    word(title),
                    word(title),
                    number(from),
                    number(from + width),
                    number(value),
                ]);
            }
        }
        chart
    }

    fn cumulative(&self, study: &Study<'_>) -> Chart {
        let style = Style { steps: true, ..Style::default() };
        let mut chart = Chart::new(
            Kind::Lines,
            "Cumulative",
            Axis::new(&self.param),
            Axis::new("% of participants at or below"),
        )
        .series(study.run.arms)
        .styled(style)
        .columns(&[("series", "arm"), ("x", &self.param), ("y", "% at or below")]);
        for (arm, title) in study.run.arms.iter().enumerate() {
            let values = self.sorted(arm);
            let n = values.len();
            let points = n.min(POINTS);
            for point in 1..=points {
                let rank = point * n / points;
                let percent = 100.0 * rank as f64 / n as f64;
                chart.row([word(title), number(values[rank - 1]), number(percent)]);
            }
        }
        chart
    }

    /// What each arm did to each twin, beside what the first arm did to the same twin.
    fn effects(&self, study: &Study<'_>) -> Figure {
        let name = |arm: usize| format!("{} less {}", study.run.arms[arm], study.run.arms[0]);
        let series: Vec<String> = self.effects.keys().map(|&arm| name(arm)).collect();
        let mut chart = Chart::new(
            Kind::Bars,
            "",
            Axis::new(format!("difference in {}", self.param)),
            Axis::new("% of twins"),
        )
        .series(&series)
        .columns(&[
            ("panel", "comparison"),
            ("series", "comparison"),
            ("x1", "from"),
            ("x2", "to"),
            ("y", "% of twins"),
        ]);
        for (&arm, (_, some)) in &self.effects {
            for (from, to, percent) in histogram(some.kept()) {
                let name = word(&name(arm));
                chart.row([name.clone(), name, number(from), number(to), number(percent)]);
            }
        }
        let told = self.effects.iter().filter_map(|(&arm, (moments, _))| {
            let (mean, sd, se) = (moments.mean().ok()?, moments.sd().ok()?, moments.se().ok()?);
            let show =
                |value| decimals_of(se).map_or_else(|| plain(value), |d| fixed(value, d));
            Some(format!("{}: mean {}, SD {}.", name(arm), show(mean), show(sd)))
        });
        Figure {
            id: format!("effects-{}", slug(&self.paramcd)),
            title: format!("Individual effects: {}", self.param),
            caption: format!(
                "Every twin took part in every arm. {} Measured values, with the error of the assay.",
                told.collect::<Vec<_>>().join(" ")
            ),
            charts: vec![chart],
        }
    }
}

/// From, to and percent of the values in each of so many intervals.
pub(crate) fn histogram(values: &[f64]) -> Vec<(f64, f64, f64)> {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low >= high {
        // Everybody has the same value.
        return values.iter().take(1).map(|v| (v - 0.5, v + 0.5, 100.0)).collect();
    }
    let width = (high - low) / BINS as f64;
    let mut counts = [0_u32; BINS];
    values.iter().for_each(|v| counts[(((v - low) / width) as usize).min(BINS - 1)] += 1);
    let bar = |(bin, count): (usize, &u32)| {
        let from = low + width * bin as f64;
        (from, from + width, 100.0 * f64::from(*count) / values.len() as f64)
    };
    counts.iter().enumerate().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::{histogram, twin};

    #[test]
    fn participants_of_one_twin_are_known_by_their_ids() {
        assert_eq!(twin("EVERY-ARM-000017-empa_10", "EVERY-ARM"), "EVERY-ARM-000017");
        assert_eq!(twin("EVERY-ARM-000017", "EVERY-ARM"), "EVERY-ARM-000017");
    }

    #[test]
    fn a_histogram_holds_everybody_once() {
        let values: Vec<f64> = (0..1000).map(f64::from).collect();
        let percents: f64 = histogram(&values).iter().map(|(_, _, percent)| percent).sum();
        assert!((percents - 100.0).abs() < 1e-9);
        assert_eq!(histogram(&[1.0, 1.0]), [(0.5, 1.5, 100.0)]);
        assert!(histogram(&[]).is_empty());
    }
}
