//! A trial that was repeated: power across scenarios, and how estimates and sizes spread.

use super::Study;
use super::figure::{Axis, Chart, Figure, Kind, Style, maybe, number, word};
use super::response::histogram;
use super::section::Section;
use super::thinned::Thinned;
use crate::document::{Block, Document};
use crate::select::{distinct, with_unit};
use crate::words;
use crate::{looks, operating};
use proband_analysis::{Characteristic, Measure, StatisticName as S};
use proband_store::{ReadError, scan};
use std::ops::ControlFlow;

/// Hypotheses that a reader chooses from.
const MOST: usize = 12;

pub(crate) fn add(section: &mut Section, study: &Study<'_>) -> Result<(), ReadError> {
    let mut document = Document::default();
    looks::add(&mut document, study.findings);
    section.document(&document);
    if study.operating.is_empty() {
        section.missing(
            "The trial was run once. `simulation.replicates = 1000` repeats it, which gives power, type I error, bias \
             and coverage with their Monte Carlo errors.",
        );
        return Ok(());
    }
    section.figure(rejections(study));
    section.figure(ends(study));
    section.figure(spread(study)?);
    section.figure(size(study)?);
    let mut document = operating(&study.run, study.operating);
    // What stands in the head of the page need not stand here again.
    let from = document.blocks.iter().position(|block| matches!(block, Block::Heading(_)));
    document.blocks.drain(..from.unwrap_or(0));
    let is_end = |block: &Block| matches!(block, Block::Heading(text) if text == "Failed twins" || text == "Taken by default");
    let to = document.blocks.iter().position(is_end).unwrap_or(document.blocks.len());
    document.blocks.truncate(to);
    section.document(&document);
    Ok(())
}

/// How often each hypothesis is rejected, scenario by scenario.
fn rejections(study: &Study<'_>) -> Figure {
    let rejected: Vec<&Characteristic> =
        study.operating.iter().filter(|of| of.measure.is_rejection()).collect();
    let mut firsts: Vec<&Characteristic> = Vec::new();
    for of in &rejected {
        if !firsts.iter().any(|first| first.is_of_same(of)) {
            firsts.push(of);
        }
    }
    let charts = firsts.into_iter().take(MOST).map(|first| {
        let rows: Vec<&Characteristic> =
            rejected.iter().filter(|of| of.is_of_same(first)).copied().collect();
        power(&rows)
    });
    Figure {
        id: "power".to_owned(),
        title: "How often the hypothesis is rejected".to_owned(),
        caption: "Power, or type I error where the arms are the same, or assurance where parameters were drawn, with \
                  exact 95 % Monte Carlo intervals."
            .to_owned(),
        charts: charts.collect(),
    }
}

/// Curves where scenarios differ in one number, else a line a scenario.
fn power(rows: &[&Characteristic]) -> Chart {
    let first = rows[0];
    let comparison = first.comparison.as_deref().unwrap_or(&first.analysis);
    let view = format!("{comparison}, {}", first.method);
    let label = "% of repetitions";
    let grid = grid(rows);
    let mut chart = match &grid {
        Some((name, points)) => {
            Chart::new(Kind::Lines, &view, Axis::new(name), Axis::new(label))
                .styled(Style { bars: true, ..Style::default() })
                .series(&distinct(points.iter().map(|(of, _)| of.clone())))
        }
        None => Chart::new(Kind::Intervals, &view, Axis::new(label), Axis::default()),
    };
    let (place, value) = if grid.is_some() { ("x", "y") } else { ("label", "x") };
    chart = chart.columns(&[
        ("series", "scenario"),
        (place, grid.as_ref().map_or("id", |(name, _)| name)),
        (value, label),
        ("lower", "lower 95 %"),
        ("upper", "upper 95 %"),
        ("n", "repetitions"),
        ("text", "what"),
    ]);
    for (index, of) in rows.iter().enumerate() {
        let scenario = match &grid {
            Some((_, points)) => [word(&points[index].0), number(points[index].1)],
            None => [word(""), word(&of.scenario)],
        };
        let text = format!("{:.1} % {}", 100.0 * of.estimate, measure(of.measure));
        let shares = [Some(of.estimate), of.lower, of.upper];
        let shares = shares.map(|share| maybe(share.map(|share| 100.0 * share)));
        chart.row(scenario.into_iter().chain(shares).chain([number(of.n as f64), word(&text)]));
    }
    if grid.is_none() {
        chart.columns.remove(0);
        chart.rows.iter_mut().for_each(|row| _ = row.remove(0));
    }
    chart
}

fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::TypeIError => "type I error",
        Measure::Assurance => "assurance",
        _ => "power",
    }
}

/// The key of a grid whose number tells the scenarios apart, and for each the scenario that it is laid over and
/// the number: `null, participants=80`.
fn grid(rows: &[&Characteristic]) -> Option<(String, Vec<(String, f64)>)> {
    let point = |of: &&Characteristic| {
        let (over, pair) = of.scenario.rsplit_once(", ").unwrap_or(("base", &of.scenario));
        let (key, value) = pair.split_once('=')?;
        Some((key.to_owned(), (over.to_owned(), value.parse::<f64>().ok()?)))
    };
    let points: Vec<(String, (String, f64))> = rows.iter().map(point).collect::<Option<_>>()?;
    let key = points.first()?.0.clone();
    let same = points.len() > 1 && points.iter().all(|(of, _)| *of == key);
    same.then(|| (key, points.into_iter().map(|(_, point)| point).collect()))
}

/// How often looks are taken, and how often the trial ends at each for which reason.
fn ends(study: &Study<'_>) -> Figure {
    let of_course: Vec<&Characteristic> = study
        .operating
        .iter()
        .filter(|of| of.measure == Measure::Probability)
        .filter(|of| matches!(of.statistic, S::LookDay | S::TrialEnd))
        .collect();
    let scenarios = distinct(of_course.iter().map(|of| of.scenario.clone()));
    let label = "% of repetitions";
    let mut chart = Chart::new(Kind::Intervals, "", Axis::new(label), Axis::default())
        .series(&scenarios)
        .columns(&[
            ("label", "look"),
            ("series", "scenario"),
            ("x", label),
            ("lower", "lower 95 %"),
            ("upper", "upper 95 %"),
        ]);
    for of in of_course {
        let look = of.look.as_deref().unwrap_or("at its end");
        let what = match (of.statistic, of.group.as_deref()) {
            (S::TrialEnd, Some(why)) => format!("{look}: ends, {why}"),
            (S::TrialEnd, None) => format!("{look}: ends"),
            _ => format!("{look}: taken"),
        };
        let shares = [Some(of.estimate), of.lower, of.upper];
        let shares = shares.map(|share| maybe(share.map(|share| 100.0 * share)));
        chart.row([word(&what), word(&of.scenario)].into_iter().chain(shares));
    }
    Figure {
        id: "looks".to_owned(),
        title: "Looks, and where the trial ends".to_owned(),
        caption: "Share of the repetitions in which a look is taken, and in which the trial ends there, with exact 95 % \
                  Monte Carlo intervals."
            .to_owned(),
        charts: vec![chart],
    }
}

/// What is told apart by these is one statistic of the repetitions.
type Key = [Option<String>; 4];

/// Estimates of one statistic over the repetitions.
struct Spread {
    key: Key,
    unit: Option<String>,
    estimates: Thinned<f64>,
}

/// How the estimates of the comparisons spread over the repetitions of the first scenario.
fn spread(study: &Study<'_>) -> Result<Figure, ReadError> {
    let found = over_repetitions(study, "comparison")?;
    let charts = found.iter().take(MOST).map(|of| {
        let [analysis, comparison, method, statistic] = &of.key;
        let text = |of: &Option<String>| of.clone().unwrap_or_default();
        let name = S::named(&text(statistic));
        let label = with_unit(name.map_or("estimate", words::statistic), of.unit.as_ref());
        let what = comparison.as_ref().or(analysis.as_ref());
        bars(&format!("{}, {}", what.cloned().unwrap_or_default(), text(method)), &label, of)
    });
    Ok(Figure {
        id: "estimates".to_owned(),
        title: "Estimates over the repetitions".to_owned(),
        caption: "What the analysis of each repetition estimated, in the first scenario: between twins and, where \
                  parameters are drawn, between what they may be."
            .to_owned(),
        charts: charts.collect(),
    })
}

/// How many were enrolled and screened, and how long it took where the trial has a calendar.
fn size(study: &Study<'_>) -> Result<Figure, ReadError> {
    let steps = over_repetitions(study, "disposition")?;
    let of_course = over_repetitions(study, "look")?;
    let with = |found: &[Spread], column: usize, word: &str, label: &str| {
        let of = found.iter().find(|of| of.key[column].as_deref() == Some(word))?;
        Some(bars(label, label, of))
    };
    let charts = [
        with(&steps, 0, "enrolled", "participants enrolled"),
        with(&steps, 0, "screened", "participants screened"),
        with(&of_course, 3, S::Duration.name(), "days of the trial"),
    ];
    Ok(Figure {
        id: "size".to_owned(),
        title: "Size and duration over the repetitions".to_owned(),
        caption: "Of each repetition of the first scenario.".to_owned(),
        charts: charts.into_iter().flatten().collect(),
    })
}

fn bars(view: &str, label: &str, of: &Spread) -> Chart {
    let mut chart =
        Chart::new(Kind::Bars, view, Axis::new(label), Axis::new("% of repetitions"))
            .columns(&[("x1", "from"), ("x2", "to"), ("y", "% of repetitions")]);
    for bar in histogram(of.estimates.kept()) {
        chart.row([bar.0, bar.1, bar.2].map(number));
    }
    chart
}

/// The estimates of a category over the repetitions of the first scenario, of all participants together.
fn over_repetitions(study: &Study<'_>, category: &str) -> Result<Vec<Spread>, ReadError> {
    const COLUMNS: [&str; 11] = [
        "ANALYSIS",
        "COMPARISON",
        "METHOD",
        "STATISTIC",
        "SCENARIO",
        "CATEGORY",
        "GROUP",
        "UNIT",
        "TRT01A",
        "ESTIMATE",
        "LOOK",
    ];
    let mut found: Vec<Spread> = Vec::new();
    let mut first = None::<String>;
    for file in study.files("findings") {
        scan(file, &COLUMNS, |rows| {
            for row in 0..rows.count() {
                let text = |column| rows.text(column, row);
                let scenario = text(4).unwrap_or_default();
                if first.get_or_insert_with(|| scenario.to_owned()) != scenario {
                    return ControlFlow::Break(());
                }
                let whole = category == "comparison" || text(8).is_none();
                let at_look = text(10).is_some();
                let estimate = rows.number(9, row);
                if text(5) != Some(category)
                    || text(6).is_some()
                    || at_look
                    || !whole
                    || !estimate.is_finite()
                {
                    continue;
                }
                let is_it = |of: &Spread| {
                    (0..4).all(|column| of.key[column].as_deref() == text(column))
                };
                let place = found.iter().position(is_it).unwrap_or_else(|| {
                    let owned = |column| text(column).map(ToOwned::to_owned);
                    let key = [0, 1, 2, 3].map(owned);
                    found.push(Spread { key, unit: owned(7), estimates: Thinned::default() });
                    found.len() - 1
                });
                found[place].estimates.push(|| estimate);
            }
            ControlFlow::Continue(())
        })?;
    }
    // A statistic of every arm is not one of a comparison.
    found.retain(|of| category != "comparison" || of.key[1].is_some());
    Ok(found)
}

/// How the uncertainty of an estimate splits, hypothesis by hypothesis.
pub(crate) fn uncertainty(study: &Study<'_>) -> Vec<Vec<String>> {
    let keys = distinct(
        study
            .operating
            .iter()
            .filter(|of| of.measure.is_rejection())
            .map(|of| (&of.scenario, of.comparison.as_ref(), of.statistic, &of.method)),
    );
    let line =
        |(scenario, comparison, statistic, method): (&String, Option<&String>, _, &String)| {
            let at = |measure| {
                study.operating.iter().find(|of| {
                    (&of.scenario, of.comparison.as_ref(), of.statistic, &of.method)
                        == (scenario, comparison, statistic, method)
                        && of.measure == measure
                })
            };
            let total = at(Measure::EmpiricalSe)?;
            let twins = at(Measure::ModelSe)?.estimate;
            let drawn = at(Measure::Assurance).is_some();
            let parameters = (total.estimate * total.estimate - twins * twins).max(0.0).sqrt();
            let show = |value: f64| crate::number::plain(value);
            let of_parameters = if drawn { show(parameters) } else { "not drawn".to_owned() };
            let monte_carlo = at(Measure::Mean).and_then(|of| of.standard_error);
            Some(vec![
                format!("{}, {scenario}", comparison.cloned().unwrap_or_default()),
                words::statistic(statistic).to_owned(),
                show(total.estimate),
                show(twins),
                of_parameters,
                monte_carlo.map(show).unwrap_or_default(),
            ])
        };
    keys.into_iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proband_analysis::StatisticName;

    fn of(scenario: &str) -> Characteristic {
        Characteristic {
            scenario: scenario.to_owned(),
            analysis: "a".to_owned(),
            paramcd: String::new(),
            param: String::new(),
            avisit: None,
            method: "t-test".to_owned(),
            comparison: None,
            arm: None,
            reference: None,
            group: None,
            statistic: StatisticName::Difference,
            measure: Measure::Power,
            estimate: 0.8,
            standard_error: None,
            lower: None,
            upper: None,
            n: 100,
            needed: None,
            unit: None,
            look: None,
            note: None,
        }
    }

    #[test]
    fn scenarios_that_differ_in_one_number_make_curves() {
        let (few, many, null) =
            (of("participants=40"), of("null, participants=80"), of("null"));
        let (key, points) = grid(&[&few, &many]).unwrap();
        assert_eq!(key, "participants");
        assert_eq!(points, [("base".to_owned(), 40.0), ("null".to_owned(), 80.0)]);
        assert!(grid(&[&few, &null]).is_none() && grid(&[&few]).is_none());
    }
}
