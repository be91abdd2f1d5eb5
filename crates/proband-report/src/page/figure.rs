//! Figures: small sets of rows, and what kind of chart shows them.

use serde_json::{Map, Value, json};

/// A figure: one chart, or several of the same thing that a reader chooses from.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) id: String,
    pub(crate) title: String,
    /// What is shown, of whom, and how it was computed.
    pub(crate) caption: String,
    /// At least one; the first is shown first, and printed.
    pub(crate) charts: Vec<Chart>,
}

/// What marks show the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Lines over x.
    Lines,
    /// Estimates with their intervals.
    Intervals,
    /// Bars: histograms, counts.
    Bars,
    /// A point a participant.
    Points,
    /// A matrix of numbers.
    Cells,
}

/// Rows, and what each of their columns is to the chart.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    /// What a reader chooses it by.
    pub(crate) view: String,
    pub(crate) kind: Kind,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    /// The role of each column (`x`, `lower`, `series`, ...) and what it is called in the table.
    pub(crate) columns: Vec<(&'static str, String)>,
    pub(crate) rows: Vec<Vec<Value>>,
    /// What has a colour of its own, in order: mostly the arms.
    pub(crate) series: Vec<String>,
    pub(crate) style: Style,
    /// Numbers at risk below the chart.
    pub(crate) risk: Vec<AtRisk>,
}

/// An axis.
#[derive(Clone, Debug, Default)]
pub(crate) struct Axis {
    pub(crate) label: String,
    pub(crate) logarithmic: bool,
    /// From where to where; by the rows where it is not said.
    pub(crate) domain: Option<(f64, f64)>,
}

/// How lines and intervals are drawn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    pub(crate) steps: bool,
    pub(crate) ribbon: bool,
    pub(crate) bars: bool,
    /// Where no effect is.
    pub(crate) reference: Option<f64>,
    /// Values from -1 to 1.
    pub(crate) signed: bool,
}

/// How many of a series are observed at a time.
#[derive(Clone, Debug)]
pub(crate) struct AtRisk {
    pub(crate) series: String,
    pub(crate) x: f64,
    pub(crate) n: u64,
}

impl Axis {
    pub(crate) fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }
}

impl Chart {
    /// A chart without rows.
    pub(crate) fn new(kind: Kind, view: &str, x: Axis, y: Axis) -> Self {
        Self {
            view: view.to_owned(),
            kind,
            x,
            y,
            columns: Vec::new(),
            rows: Vec::new(),
            series: Vec::new(),
            style: Style::default(),
            risk: Vec::new(),
        }
    }

    pub(crate) fn columns(mut self, columns: &[(&'static str, &str)]) -> Self {
        self.columns = columns.iter().map(|&(role, name)| (role, name.to_owned())).collect();
        self
    }

    pub(crate) fn series(mut self, series: &[String]) -> Self {
        self.series = series.to_vec();
        self
    }

    pub(crate) fn styled(mut self, style: Style) -> Self {
        self.style = style;
        self
    }

    /// Adds a row, a value a column.
    pub(crate) fn row(&mut self, values: impl IntoIterator<Item = Value>) {
        self.rows.push(values.into_iter().collect());
    }

    fn to_json(&self) -> Value {
        let columns =
            self.columns.iter().map(|(role, label)| json!({"role": role, "label": label}));
        let mut chart = Map::new();
        let mut put = |name: &str, value: Value| chart.insert(name.to_owned(), value);
        put("view", json!(self.view));
        put("kind", json!(self.kind.name()));
        put("x", self.x.to_json());
        put("y", self.y.to_json());
        put("series", json!(self.series));
        put("columns", columns.collect());
        put("rows", json!(self.rows));
        let style = self.style;
        let flags = [
            ("steps", style.steps),
            ("ribbon", style.ribbon),
            ("bars", style.bars),
            ("signed", style.signed),
        ];
        flags.into_iter().filter(|(_, on)| *on).for_each(|(name, on)| _ = put(name, json!(on)));
        if let Some(reference) = style.reference {
            put("reference", json!(reference));
        }
        if !self.risk.is_empty() {
            let at_risk =
                |of: &AtRisk| json!({"series": of.series, "x": number(of.x), "n": of.n});
            put("risk", self.risk.iter().map(at_risk).collect());
        }
        Value::Object(chart)
    }
}

impl Axis {
    fn to_json(&self) -> Value {
        let domain = self.domain.map(|(from, to)| vec![number(from), number(to)]);
        json!({"label": self.label, "log": self.logarithmic, "domain": domain})
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Intervals => "intervals",
            Self::Bars => "bars",
            Self::Points => "points",
            Self::Cells => "cells",
        }
    }
}

impl Figure {
    /// Whether there is something to draw.
    pub(crate) fn has_rows(&self) -> bool {
        self.charts.iter().any(|chart| !chart.rows.is_empty())
    }

    pub(crate) fn to_json(&self) -> Value {
        let charts =
            self.charts.iter().filter(|chart| !chart.rows.is_empty()).map(Chart::to_json);
        json!({"id": self.id, "title": self.title, "charts": charts.collect::<Value>()})
    }
}

/// A number to six digits, which no chart shows more of; what is not finite is missing.
pub(crate) fn number(value: f64) -> Value {
    let short: Option<f64> =
        format!("{value:.5e}").parse().ok().filter(|v: &f64| v.is_finite());
    match short {
        Some(whole) if whole.fract().abs() < f64::EPSILON && whole.abs() < 1e15 => {
            json!(whole as i64)
        }
        Some(short) => json!(short),
        None => Value::Null,
    }
}

/// A number where there is one.
pub(crate) fn maybe(value: Option<f64>) -> Value {
    value.map_or(Value::Null, number)
}

/// A word.
pub(crate) fn word(text: &str) -> Value {
    Value::from(text)
}

/// A name that can stand in an address: lower case, with a line for what is no letter or digit.
pub(crate) fn slug(text: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    text.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_what_is_no_number_is_missing() {
        assert_eq!(number(1.0 / 3.0).to_string(), "0.333333");
        assert_eq!(number(1e9 / 3.0).to_string(), "333333000");
        assert_eq!(number(-2.0).to_string(), "-2");
        assert_eq!(number(f64::NAN), Value::Null);
        assert_eq!(number(f64::INFINITY), Value::Null);
    }
}
