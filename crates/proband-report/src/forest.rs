//! Effects by subgroup, with the test of interaction.

use crate::document::{Align, Document, Table};
use crate::endpoints::who;
use crate::number::{count, estimate, interval, p_value};
use crate::select::{distinct, with_unit};
use crate::words;
use proband_analysis::{Finding, StatisticName as S};

/// One table for each comparison, method and effect.
pub(crate) fn add(document: &mut Document, findings: &[&Finding]) {
    let effects =
        findings.iter().filter(|f| f.statistic != S::Interaction && f.reference.is_some());
    for (comparison, method, statistic) in
        distinct(effects.map(|f| (&f.comparison, &f.method, f.statistic)))
    {
        let of = |f: &&&Finding| (&f.comparison, &f.method) == (comparison, method);
        let rows: Vec<&Finding> = findings.iter().filter(of).copied().collect();
        let table = table(&rows, statistic);
        if !table.rows.is_empty() {
            let first = rows[0];
            let unit =
                rows.iter().find(|f| f.statistic == statistic).and_then(|f| f.unit.as_ref());
            let what = with_unit(words::statistic(statistic), unit);
            document.text(format!("By subgroup: {} ({method}), {what}.", who(first)));
            document.table(table);
        }
    }
}

/// A line for each level, and the p-value of the interaction in the line of the subgroup.
fn table(rows: &[&Finding], statistic: S) -> Table {
    let mut table =
        Table::new("", ["n", "estimate", "CI", "p", "p of interaction"].map(str::to_owned));
    table.columns.iter_mut().skip(1).for_each(|column| column.1 = Align::Right);
    let tests = rows.iter().filter(|f| f.statistic == S::Interaction);
    let of_statistic: Vec<&&Finding> =
        rows.iter().filter(|f| f.statistic == statistic).collect();
    let texts = distinct(tests.filter_map(|f| f.group.as_deref()));
    for text in texts {
        let test = interaction(rows, text, statistic);
        let p = test.map_or_else(String::new, |f| p_value(f.p_value));
        let blank = String::new;
        table.push(vec![text.to_owned(), blank(), blank(), blank(), blank(), p]);
        let prefix = format!("{text}: ");
        for finding in &of_statistic {
            let level = finding.group.as_deref().and_then(|group| group.strip_prefix(&prefix));
            if let Some(level) = level {
                table.push(vec![
                    format!("  {level}"),
                    finding.n.map_or_else(blank, |n| count(n as f64)),
                    estimate(finding),
                    interval(finding),
                    p_value(finding.p_value),
                    blank(),
                ]);
            }
        }
    }
    table.without_empty_columns()
}

/// Tests of interaction stand in the order of the effects they are of.
fn interaction<'a>(rows: &[&'a Finding], text: &str, statistic: S) -> Option<&'a Finding> {
    let effects = distinct(
        rows.iter()
            .filter(|f| f.statistic != S::Interaction && f.reference.is_some())
            .map(|f| f.statistic),
    );
    let place = effects.iter().position(|known| *known == statistic)?;
    let of_text =
        |f: &&&Finding| f.statistic == S::Interaction && f.group.as_deref() == Some(text);
    rows.iter().filter(of_text).nth(place).copied()
}
