//! Looks at a trial while it was under way: when they fell, what was tested at them, what followed.

use crate::document::{Document, Table};
use crate::number::{count, fixed, plain};
use crate::operating::{share, value};
use crate::select::{distinct, of};
use proband_analysis::{Category, Characteristic, Finding, Measure, StatisticName as S};

/// The looks of one trial.
pub(crate) fn add(document: &mut Document, findings: &[Finding]) {
    let found = of(findings, Category::Look);
    if found.is_empty() {
        return;
    }
    document.heading("Looks");
    rungs(document, &found);
    let heads = ["day", "participants", "comparison", "Z", "efficacy", "futility", "decided"];
    let mut table = Table::new("look", heads.map(str::to_owned));
    for day in found.iter().filter(|f| f.statistic == S::LookDay) {
        at_look(&mut table, &found, day);
    }
    document.table(table.without_empty_columns());
    document
        .list(found.iter().filter(|f| f.statistic == S::TrialEnd).map(|f| end(f)).collect());
}

/// What was seen at each rung of an escalation.
fn rungs(document: &mut Document, found: &[&Finding]) {
    let Some(chosen) = found.iter().find(|f| f.statistic == S::Selected) else { return };
    let mut table = Table::new("rung", ["participants", "toxicities"].map(str::to_owned));
    for treated in found.iter().filter(|f| f.statistic == S::Participants && f.group.is_some())
    {
        let is = |f: &&&Finding| f.statistic == S::Toxicities && f.group == treated.group;
        let toxic = found.iter().find(is).and_then(|f| f.estimate);
        let rung = treated.group.clone().unwrap_or_default();
        table.push(vec![rung, number(treated.estimate, 0), number(toxic, 0)]);
    }
    document.table(table);
    let chosen = chosen.group.as_deref().unwrap_or_default();
    document.list(vec![format!("Chosen: {chosen}.")]);
}

/// A row for each test of a look, and for each change; one at least.
fn at_look(table: &mut Table, found: &[&Finding], day: &Finding) {
    let look = name(day);
    let here = |f: &&&Finding| name(f) == look;
    let (shown, entered) =
        (number(day.estimate, 0), day.n.map_or(String::new(), |n| count(n as f64)));
    let mut rows: Vec<[String; 5]> = Vec::new();
    for test in found.iter().filter(here).filter(|f| f.p_value.is_some()) {
        let decided = found
            .iter()
            .filter(here)
            .find(|f| f.statistic == S::Decision && f.comparison == test.comparison);
        let at = test.look.as_ref();
        rows.push([
            test.comparison.clone().unwrap_or_default(),
            number(at.and_then(|at| at.z), 2),
            number(at.and_then(|at| at.efficacy), 2),
            number(at.and_then(|at| at.futility), 2),
            decided.and_then(|f| f.group.clone()).unwrap_or_default(),
        ]);
    }
    let changes = found.iter().filter(here);
    for change in changes.filter(|f| f.statistic == S::Decision && f.comparison.is_none()) {
        let mut row: [String; 5] = std::array::from_fn(|_| String::new());
        row[4] = changed(change);
        rows.push(row);
    }
    if rows.is_empty() {
        rows.push(std::array::from_fn(|_| String::new()));
    }
    for row in rows {
        let first = [look.to_owned(), shown.clone(), entered.clone()];
        table.push(first.into_iter().chain(row).collect());
    }
}

/// "drop of Low dose (futile)".
fn changed(change: &Finding) -> String {
    let action = change.group.as_deref().unwrap_or_default();
    let of = change.arm.as_ref().map(|arm| format!(" of {arm}")).unwrap_or_default();
    let to = change.estimate.map(|to| format!(" to {}", plain(to))).unwrap_or_default();
    format!("{action}{of}{to} ({})", change.analysis)
}

fn end(of: &Finding) -> String {
    let why = of.group.as_deref().unwrap_or_default();
    let at = if name(of).is_empty() { String::new() } else { format!(" at look {}", name(of)) };
    format!("The trial ended on day {} of its calendar{at}: {why}.", number(of.estimate, 0))
}

fn name(of: &Finding) -> &str {
    of.look.as_ref().map_or("", |look| look.name.as_str())
}

fn number(of: Option<f64>, decimals: i32) -> String {
    of.map(|value| fixed(value, decimals)).unwrap_or_default()
}

/// The course of a trial over its repetitions, a table a scenario.
pub(crate) fn over_repetitions(document: &mut Document, found: &[Characteristic]) {
    let of_course: Vec<&Characteristic> =
        found.iter().filter(|of| of.statistic.is_of_course()).collect();
    if of_course.is_empty() {
        return;
    }
    document.heading("Course of the trial");
    let heads = ["what", "share", "mean"];
    for scenario in distinct(of_course.iter().map(|of| of.scenario.as_str())) {
        let mut table = Table::new("look", heads.map(str::to_owned));
        let mut here: Vec<&Characteristic> =
            of_course.iter().filter(|of| of.scenario == scenario).copied().collect();
        in_order(&mut here);
        let mut told: Vec<&Characteristic> = Vec::new();
        for &of in &here {
            if told.iter().any(|before| before.is_of_same(of)) {
                continue;
            }
            told.push(of);
            let at = |measure| here.iter().find(|o| o.is_of_same(of) && o.measure == measure);
            table.push(vec![
                of.look.clone().unwrap_or_default(),
                what(of),
                at(Measure::Probability).map(|of| share(of)).unwrap_or_default(),
                at(Measure::Mean).map(|of| value(of)).unwrap_or_default(),
            ]);
        }
        document.subheading(scenario.to_owned());
        document.table(table.without_empty_columns());
    }
}

/// Look by look, and what is about none of them at the end.
fn in_order(found: &mut [&Characteristic]) {
    let taken = found.iter().filter(|of| of.statistic == S::LookDay);
    let looks: Vec<Option<String>> = distinct(taken.map(|of| of.look.clone()));
    let place = |of: &&Characteristic| looks.iter().position(|look| *look == of.look);
    found.sort_by_key(|of| place(of).unwrap_or(looks.len()));
}

fn what(of: &Characteristic) -> String {
    let group = of.group.as_deref().unwrap_or_default();
    match of.statistic {
        S::LookDay => "taken, on day".to_owned(),
        S::Participants if group.is_empty() => "participants".to_owned(),
        S::Participants => format!("participants at {group}"),
        S::Toxicities => format!("toxicities at {group}"),
        S::Selected => format!("chosen: {group}"),
        S::Duration => "end, on day".to_owned(),
        S::TrialEnd => format!("end: {group}"),
        _ => {
            let about = of.comparison.as_ref().or(of.arm.as_ref());
            let about = about.map(|about| format!(" of {about}")).unwrap_or_default();
            match of.comparison {
                Some(_) => format!("{group}{about}"),
                None => format!("{group}{about} ({})", of.analysis),
            }
        }
    }
}
