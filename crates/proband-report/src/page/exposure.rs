//! What more of the drug does: responses by dose of the arm, and by concentration of the participant.

use super::Study;
use super::figure::{Axis, Chart, Figure, Kind, Style, maybe, number, word};
use super::section::Section;
use crate::select::{distinct, of};
use proband_analysis::{Category, Finding, StatisticName as S};
use proband_stats::Level;
use proband_stats::descriptive::mean_estimate;
use proband_store::ReadError;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// Participants that are looked at: the first ones.
const PEOPLE: usize = 3000;
/// Groups of participants by their exposure.
const GROUPS: usize = 4;
/// Endpoints that a reader chooses from.
const MOST: usize = 6;

pub(crate) fn add(section: &mut Section, study: &Study<'_>) -> Result<(), ReadError> {
    if study.has("adex") {
        section.figure(dose_response(study)?);
    }
    if study.has("adpc") && study.has("adeff") {
        section.figure(exposure_response(study)?);
    }
    Ok(())
}

/// The mean dose of each arm; nothing where arms take several drugs.
fn doses(study: &Study<'_>) -> Result<Option<(String, Vec<f64>)>, ReadError> {
    let mut people = BTreeSet::new();
    let (mut drugs, mut units) = (BTreeSet::new(), BTreeSet::new());
    let mut sums = vec![(0.0, 0_u32); study.run.arms.len()];
    study.rows("adex", &["USUBJID", "TRT01A", "EXTRT", "EXDOSU", "EXDOSE"], |rows, row| {
        people.insert(rows.text(0, row).unwrap_or_default().to_owned());
        if people.len() > PEOPLE {
            return ControlFlow::Break(());
        }
        let dose = rows.number(4, row);
        if let Some(arm) = study.arm(rows.text(1, row)).filter(|_| dose > 0.0) {
            drugs.insert(rows.text(2, row).map(ToOwned::to_owned));
            units.insert(rows.text(3, row).map(ToOwned::to_owned));
            sums[arm].0 += dose;
            sums[arm].1 += 1;
        }
        ControlFlow::Continue(())
    })?;
    if drugs.len() != 1 || units.len() != 1 {
        return Ok(None);
    }
    let name =
        |of: BTreeSet<Option<String>>| of.into_iter().next().flatten().unwrap_or_default();
    let mean = |(sum, n): (f64, u32)| if n > 0 { sum / f64::from(n) } else { 0.0 };
    let label = format!("mean dose of {} ({})", name(drugs), name(units));
    Ok(Some((label, sums.into_iter().map(mean).collect())))
}

fn dose_response(study: &Study<'_>) -> Result<Figure, ReadError> {
    let told = doses(study)?;
    let levels = |doses: &[f64]| distinct(doses.iter().map(|dose| dose.to_bits())).len();
    let told = told.filter(|(_, doses)| levels(doses) > 2);
    let found = of(study.findings, Category::Endpoint);
    let params = distinct(found.iter().map(|f| (&f.analysis, &f.avisit)));
    let charts = told.iter().flat_map(|(label, doses)| {
        params.iter().take(MOST).map(|&key| {
            let of_key = |f: &&&Finding| {
                (&f.analysis, &f.avisit) == key
                    && f.group.is_none()
                    && matches!(f.statistic, S::Mean | S::Percent | S::Rate)
            };
            by_dose(
                study,
                &found.iter().filter(of_key).copied().collect::<Vec<_>>(),
                label,
                doses,
            )
        })
    });
    Ok(Figure {
        id: "dose-response".to_owned(),
        title: "Dose and response".to_owned(),
        caption: "Means or percentages of the arms with 95 % intervals, over the mean of the doses that the arm took; \
                  an arm without doses stands at 0."
            .to_owned(),
        charts: charts.collect(),
    })
}

fn by_dose(study: &Study<'_>, rows: &[&Finding], label: &str, doses: &[f64]) -> Chart {
    let (param, view) =
        rows.first().map_or(("", ""), |f| (f.param.as_str(), f.analysis.as_str()));
    let mut chart = Chart::new(Kind::Lines, view, Axis::new(label), Axis::new(param))
        .styled(Style { bars: true, ..Style::default() })
        .columns(&[
            ("arm", "arm"),
            ("x", label),
            ("y", param),
            ("lower", "lower 95 %"),
            ("upper", "upper 95 %"),
        ]);
    let mut points: Vec<(f64, &Finding)> =
        rows.iter().filter_map(|f| Some((doses[study.arm(f.arm.as_deref())?], *f))).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (dose, f) in points {
        let arm = f.arm.as_deref().unwrap_or_default();
        let values = [f.estimate, f.lower, f.upper].map(maybe);
        chart.row([word(arm), number(dose)].into_iter().chain(values));
    }
    chart
}

/// A participant: arm, mean concentration, and response where there is one.
type Person = (usize, f64, Option<f64>);

/// The first participants with what was measured in them, and what the two are.
struct Measured {
    concentration: String,
    response: String,
    people: Vec<Person>,
}

fn exposure_response(study: &Study<'_>) -> Result<Figure, ReadError> {
    let measured = measured(study)?;
    let charts = vec![by_group(&measured), by_person(study, &measured)];
    Ok(Figure {
        id: "exposure-response".to_owned(),
        title: "Exposure and response".to_owned(),
        caption: format!(
            "{} over the mean of a participant's records of {} after baseline, of the first {} participants with \
             a concentration above 0. Groups of equal size by exposure, with 95 % t intervals. Exposure was not \
             randomised: what affects both shows here too.",
            measured.response,
            measured.concentration,
            measured.people.len()
        ),
        charts,
    })
}

fn measured(study: &Study<'_>) -> Result<Measured, ReadError> {
    let (mut exposures, mut concentration) = (BTreeMap::new(), None::<String>);
    study.rows("adpc", &["USUBJID", "TRT01A", "PARAM", "AVISITN", "AVAL"], |rows, row| {
        let (id, param) =
            (rows.text(0, row).unwrap_or_default(), rows.text(2, row).unwrap_or_default());
        let first = concentration.get_or_insert_with(|| param.to_owned());
        let (visit, value) = (rows.number(3, row), rows.number(4, row));
        let Some(arm) = study.arm(rows.text(1, row)) else { return ControlFlow::Continue(()) };
        if visit > 0.0 && value > 0.0 && first == param {
            if exposures.len() == PEOPLE && !exposures.contains_key(id) {
                return ControlFlow::Break(());
            }
            let (_, sum, n) = exposures.entry(id.to_owned()).or_insert((arm, 0.0, 0_u32));
            *sum += value;
            *n += 1;
        }
        ControlFlow::Continue(())
    })?;
    let primary = study.endpoints.iter().find(|of| of.is_primary).or(study.endpoints.first());
    let (paramcd, title) = primary
        .map_or((String::new(), String::new()), |of| (of.paramcd.clone(), of.title.clone()));
    let mut responses = BTreeMap::new();
    let last = exposures.keys().next_back().cloned().unwrap_or_default();
    study.rows("adeff", &["USUBJID", "PARAMCD", "AVAL"], |rows, row| {
        let (id, value) = (rows.text(0, row).unwrap_or_default(), rows.number(2, row));
        if rows.text(1, row) == Some(&paramcd) && exposures.contains_key(id) && !value.is_nan()
        {
            responses.insert(id.to_owned(), value);
        }
        // Participants stand in the order of their ids.
        if id > last.as_str() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let people = exposures
        .into_iter()
        .map(|(id, (arm, sum, n))| (arm, sum / f64::from(n), responses.get(&id).copied()));
    let people = people.filter(|(_, _, response)| response.is_some()).collect();
    Ok(Measured { concentration: concentration.unwrap_or_default(), response: title, people })
}

fn by_group(measured: &Measured) -> Chart {
    let (x, y) = (format!("mean {}", measured.concentration), measured.response.as_str());
    let mut chart =
        Chart::new(Kind::Lines, "By quarter of exposure", Axis::new(&x), Axis::new(y))
            .styled(Style { bars: true, ..Style::default() })
            .columns(&[
                ("n", "n"),
                ("x", &x),
                ("y", y),
                ("lower", "lower 95 %"),
                ("upper", "upper 95 %"),
            ]);
    let mut people: Vec<&Person> = measured.people.iter().collect();
    people.sort_by(|a, b| a.1.total_cmp(&b.1));
    let size = people.len().div_ceil(GROUPS).max(1);
    for group in people.chunks(size).filter(|group| group.len() > 2) {
        let exposure = group.iter().map(|person| person.1).sum::<f64>() / group.len() as f64;
        let responses: Vec<f64> = group.iter().filter_map(|person| person.2).collect();
        let Ok(mean) = mean_estimate(&responses, Level::P95) else { continue };
        let values = [group.len() as f64, exposure, mean.value, mean.lower, mean.upper];
        chart.row(values.map(number));
    }
    chart
}

fn by_person(study: &Study<'_>, measured: &Measured) -> Chart {
    let (x, y) = (format!("mean {}", measured.concentration), measured.response.as_str());
    let mut chart = Chart::new(Kind::Points, "Participants", Axis::new(&x), Axis::new(y))
        .series(study.run.arms)
        .columns(&[("series", "arm"), ("x", &x), ("y", y)]);
    for (arm, exposure, response) in &measured.people {
        chart.row([word(&study.run.arms[*arm]), number(*exposure), maybe(*response)]);
    }
    chart
}
