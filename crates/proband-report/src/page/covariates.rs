//! Who was enrolled, beside whom the trial specified: distributions and correlations.

use super::Study;
use super::figure::{Axis, Chart, Figure, Kind, Style, maybe, number, word};
use super::section::Section;
use super::thinned::Thinned;
use proband_math::{ln, normal_quantile, tanh};
use proband_store::{ReadError, column_heads};
use std::ops::ControlFlow;

/// Bars of a histogram.
const BINS: usize = 24;
/// Covariates that are shown.
const MOST: usize = 12;
/// The series of what the trial specifies.
const SPECIFIED: &str = "as specified, before screening";

pub(crate) fn add(section: &mut Section, study: &Study<'_>) -> Result<(), ReadError> {
    let Some(path) = study.files("adsl").first() else {
        section.missing(
            "Distributions of covariates are drawn from `adsl`, which this run did not keep; \
             `[output] level = \"participants\"` keeps it.",
        );
        return Ok(());
    };
    let heads = column_heads(path)?;
    let of_trial = heads.iter().skip_while(|head| head.name != "TRT01A").skip(1);
    let covariates =
        of_trial.take_while(|head| head.name != "SCRNDY").filter(|head| head.is_number);
    let columns: Vec<Covariate> = covariates
        .take(MOST)
        .map(|head| Covariate { name: head.name.clone(), unit: head.unit.clone() })
        .collect();
    let sample = Sample::read(study, columns)?;
    section.figure(sample.distributions(study));
    section.figure(sample.correlations(study));
    Ok(())
}

/// A covariate that is a number.
struct Covariate {
    name: String,
    unit: Option<String>,
}

/// Participants with their arm and their covariates.
struct Sample {
    covariates: Vec<Covariate>,
    people: Thinned<(usize, Vec<f64>)>,
}

impl Sample {
    fn read(study: &Study<'_>, covariates: Vec<Covariate>) -> Result<Self, ReadError> {
        let mut people = Thinned::default();
        let columns: Vec<&str> =
            ["TRT01A"].into_iter().chain(covariates.iter().map(|c| c.name.as_str())).collect();
        study.rows("adsl", &columns, |rows, row| {
            if let Some(arm) = study.arm(rows.text(0, row)) {
                people
                    .push(|| (arm, (1..columns.len()).map(|c| rows.number(c, row)).collect()));
            }
            ControlFlow::Continue(())
        })?;
        Ok(Self { covariates, people })
    }

    fn values(&self, covariate: usize) -> Vec<f64> {
        self.people.kept().iter().map(|(_, values)| values[covariate]).collect()
    }

    /// From the smallest to the largest value, of covariates that differ between participants.
    fn range(&self, covariate: usize) -> Option<(f64, f64)> {
        let values = self.values(covariate);
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (low < high).then_some((low, high))
    }

    fn distributions(&self, study: &Study<'_>) -> Figure {
        let charts = (0..self.covariates.len()).filter_map(|c| self.distribution(study, c));
        Figure {
            id: "covariates".to_owned(),
            title: "Covariates of the participants".to_owned(),
            caption: format!(
                "Percent of the participants of an arm in each of {BINS} intervals{}; beside them the law that the \
                 trial specifies, which describes twins before screening.",
                self.people.said()
            ),
            charts: charts.collect(),
        }
    }

    fn distribution(&self, study: &Study<'_>, covariate: usize) -> Option<Chart> {
        let (low, high) = self.range(covariate)?;
        let width = (high - low) / BINS as f64;
        let Covariate { name, unit } = &self.covariates[covariate];
        let label = unit.as_ref().map_or(name.clone(), |unit| format!("{name} ({unit})"));
        let law = study.specified.iter().find(|(of, _)| of.to_uppercase() == *name);
        let arms = study.run.arms.iter().cloned();
        let series: Vec<String> = arms.chain(law.map(|_| SPECIFIED.to_owned())).collect();
        let style = Style { steps: true, ..Style::default() };
        let mut chart =
            Chart::new(Kind::Lines, name, Axis::new(&label), Axis::new("% of participants"))
                .series(&series)
                .styled(style)
                .columns(&[("series", "arm"), ("x", &label), ("y", "%")]);
        let mut draw = |of: &str, percents: Vec<f64>| {
            let edges = (0..=BINS).map(|bin| low + width * bin as f64);
            for (edge, percent) in edges.zip(percents.into_iter().chain([0.0])) {
                chart.row([word(of), number(edge), number(percent)]);
            }
        };
        for (arm, title) in study.run.arms.iter().enumerate() {
            draw(title, self.percents(arm, covariate, low, width));
        }
        if let Some((_, law)) = law {
            let edge = |bin: usize| law.cdf(low + width * bin as f64);
            draw(SPECIFIED, (0..BINS).map(|bin| 100.0 * (edge(bin + 1) - edge(bin))).collect());
        }
        Some(chart)
    }

    fn percents(&self, arm: usize, covariate: usize, low: f64, width: f64) -> Vec<f64> {
        let mut counts = [0.0; BINS];
        let of_arm = self.people.kept().iter().filter(|(of, _)| *of == arm);
        let values =
            of_arm.map(|(_, values)| values[covariate]).filter(|value| !value.is_nan());
        values
            .for_each(|value| counts[(((value - low) / width) as usize).min(BINS - 1)] += 1.0);
        let all: f64 = counts.iter().sum();
        counts.iter().map(|count| if all > 0.0 { 100.0 * count / all } else { 0.0 }).collect()
    }

    fn correlations(&self, study: &Study<'_>) -> Figure {
        let varying: Vec<usize> =
            (0..self.covariates.len()).filter(|&c| self.range(c).is_some()).collect();
        let scores: Vec<Vec<f64>> = varying.iter().map(|&c| scores(&self.values(c))).collect();
        let name = |place: usize| self.covariates[varying[place]].name.as_str();
        let style = Style { signed: true, ..Style::default() };
        let mut all = Chart::new(Kind::Cells, "All pairs", Axis::default(), Axis::default())
            .styled(style)
            .columns(&[("y", "covariate"), ("x", "with"), ("value", "correlation")]);
        for first in 1..varying.len() {
            for second in 0..first {
                let r = correlation(&scores[first], &scores[second]);
                all.row([
                    word(name(first)),
                    word(name(second)),
                    number((r * 100.0).round() / 100.0),
                ]);
            }
        }
        let against = self.against(study, &varying, &scores);
        Figure {
            id: "correlations".to_owned(),
            title: "Correlations of covariates".to_owned(),
            caption: format!(
                "Correlations of normal scores (ranks as standard normal numbers), which is what a trial specifies, \
                 of all participants{}; 95 % intervals by Fisher's z. Screening changes correlations.",
                self.people.said()
            ),
            charts: vec![against, all],
        }
    }

    /// The pairs that the trial specifies.
    fn against(&self, study: &Study<'_>, varying: &[usize], scores: &[Vec<f64>]) -> Chart {
        let series = ["as specified", "participants"].map(str::to_owned);
        let style = Style { reference: Some(0.0), ..Style::default() };
        let mut chart = Chart::new(
            Kind::Intervals,
            "Against the specification",
            Axis::new("correlation of normal scores"),
            Axis::default(),
        )
        .series(&series)
        .styled(style)
        .columns(&[
            ("label", "pair"),
            ("series", "of"),
            ("x", "correlation"),
            ("lower", "lower 95 %"),
            ("upper", "upper 95 %"),
        ]);
        let place = |name: &String| {
            varying.iter().position(|&c| self.covariates[c].name == name.to_uppercase())
        };
        for (first, second, told) in study.correlations {
            let Some((a, b)) = place(first).zip(place(second)) else { continue };
            let label = word(&format!("{first} and {second}"));
            chart.row([
                label.clone(),
                word(&series[0]),
                number(*told),
                maybe(None),
                maybe(None),
            ]);
            let r = correlation(&scores[a], &scores[b]);
            let (lower, upper) = fisher(r, scores[a].len());
            chart.row([label, word(&series[1]), number(r), number(lower), number(upper)]);
        }
        chart
    }
}

/// Standard normal numbers of the same ranks; of values that are equal the same, and 0 where there is no
/// value.
fn scores(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).filter(|&k| !values[k].is_nan()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut scores = vec![0.0; values.len()];
    let n = order.len() as f64;
    let mut from = 0;
    while from < order.len() {
        let value = values[order[from]];
        let to = from + order[from..].iter().take_while(|&&k| values[k] <= value).count();
        let score = normal_quantile((from + to) as f64 / 2.0 / n);
        order[from..to].iter().for_each(|&k| scores[k] = score);
        from = to;
    }
    scores
}

/// Of numbers whose mean is 0, as that of normal scores.
fn correlation(first: &[f64], second: &[f64]) -> f64 {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    product(first, second) / (product(first, first) * product(second, second)).sqrt()
}

/// The 95 % interval of a correlation: R. A. Fisher, Metron 1 (1921).
fn fisher(r: f64, n: usize) -> (f64, f64) {
    let z = 0.5 * ln((1.0 + r) / (1.0 - r));
    let half = 1.959_963_984_540_054 / (n as f64 - 3.0).sqrt();
    (tanh(z - half), tanh(z + half))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proband_math::exp;

    #[test]
    fn the_interval_of_a_correlation_is_fishers() {
        // Python's math: tanh(atanh(0.5) -+ 1.959963984540054 / sqrt(47)).
        let (lower, upper) = fisher(0.5, 50);
        assert!((lower - 0.257_487_860_768).abs() < 1e-11, "{lower}");
        assert!((upper - 0.683_256_302_099).abs() < 1e-11, "{upper}");
    }

    #[test]
    fn scores_follow_ranks_and_not_values() {
        let values = [3.0, 1.0, 1000.0, 2.0];
        let of_logs: Vec<f64> = values.iter().map(|&v: &f64| ln(v)).collect();
        assert_eq!(scores(&values), scores(&of_logs));
        let squares: Vec<f64> = values.iter().map(|&v| exp(-v)).collect();
        assert!((correlation(&scores(&values), &scores(&squares)) + 1.0).abs() < 1e-12);
        assert_eq!(scores(&[5.0, 5.0]), [0.0, 0.0]);
    }
}
