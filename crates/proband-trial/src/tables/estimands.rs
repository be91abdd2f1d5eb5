//! `[estimand.ID]`: population, variable, intercurrent events, summary.

use super::analyses::Setting;
use super::analyses::comparisons::{self, Told};
use super::named::named;
use crate::expression::{Quantities, above_0};
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Entry, Node, Table};
use crate::values;
use crate::words::did_you_mean;
use crate::{
    Better, EffectMeasure, Endpoint, EndpointValue, Estimand, Expression, Happening, Quantity,
    Strategy, TimeTo,
};
use proband_diag::{Diagnostic, code};
use proband_lang::{Binary, Expr, Kind, Unit};

/// Estimands that were read, by id.
pub(crate) type Estimands = Vec<(String, Option<Estimand>)>;

/// Reads the estimands.
pub(crate) fn read(
    file: &Node,
    setting: &Setting<'_>,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Estimands {
    let mut read = Vec::new();
    for entry in named(file, "estimand", reading) {
        let estimand = setting.estimand(entry, quantities, reading);
        estimated(file, entry, reading);
        read.push((entry.key.clone(), estimand));
    }
    read
}

const SUMMARIES: [(&str, EffectMeasure); 4] = [
    ("difference", EffectMeasure::Difference),
    ("ratio", EffectMeasure::Ratio),
    ("odds ratio", EffectMeasure::OddsRatio),
    ("hazard ratio", EffectMeasure::HazardRatio),
];

const STRATEGIES: [Strategy; 5] = [
    Strategy::TreatmentPolicy,
    Strategy::Hypothetical,
    Strategy::Composite,
    Strategy::WhileOnTreatment,
    Strategy::PrincipalStratum,
];

impl Setting<'_> {
    fn estimand(
        &self,
        entry: &Entry,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Estimand> {
        let path = format!("estimand.{}", entry.key);
        let table = Table::open(&entry.node, path, keys::ESTIMAND, reading)?;
        let why = "the id of an endpoint";
        let position = table.required("endpoint", why, reading, |n, r| self.endpoint(n, r));
        let population = self.set(&table, "population", quantities, reading);
        let compare = match comparisons::read(&table, self.names, reading) {
            Told::Pairs(pairs) => Some(pairs),
            Told::Default | Told::Faulty => None,
        };
        let told = table.read("summary", reading, |n, r| values::word(&SUMMARIES, n, r));
        let intercurrent = self.intercurrent(&table, reading);
        let endpoint = self.endpoints[position?].1.as_ref()?;
        let summary = summary(&table, told, endpoint, reading)?;
        let strategies = Treated { table: &table, intercurrent: &intercurrent };
        strategies.refuse_what_cannot_be(endpoint, reading);
        Some(Estimand {
            id: entry.key.clone(),
            endpoint: position?,
            population,
            compare,
            summary,
            value: strategies.value(endpoint, quantities),
            stratum: strategies.stratum(quantities),
            intercurrent,
        })
    }

    /// The events with their strategies: those named, then the other discontinuations and rules.
    fn intercurrent(
        &self,
        table: &Table<'_>,
        reading: &mut Reading,
    ) -> Vec<(Happening, Strategy)> {
        let words = STRATEGIES.map(|strategy| (strategy.words(), strategy));
        let entries = table.get("intercurrent").map_or(&[][..], |entry| entry.node.entries());
        let (mut events, mut otherwise) = (Vec::new(), Strategy::TreatmentPolicy);
        for entry in entries {
            let strategy = values::word(&words, &entry.node, reading);
            let event = self.names.happening(&entry.key);
            match (entry.key.as_str(), event, strategy) {
                ("default", _, Some(strategy)) => otherwise = strategy,
                (_, Some(event), Some(strategy)) => events.push((event, strategy)),
                _ => {}
            }
            if event.is_none() && entry.key != "default" {
                self.unknown_event(entry, reading);
            }
        }
        let discontinuations =
            (0..self.names.discontinuations.len()).map(Happening::Discontinuation);
        for event in discontinuations.chain((0..self.names.rules.len()).map(Happening::Rule)) {
            if !events.iter().any(|(named, _)| *named == event) {
                events.push((event, otherwise));
            }
        }
        events
    }

    fn unknown_event(&self, entry: &Entry, reading: &mut Reading) {
        if self.names.incomplete {
            return;
        }
        let mut ids = self.names.happening_ids();
        ids.push("default".to_owned());
        let message = format!(
            "`{}` is no rule, discontinuation, adverse event or model event",
            entry.key
        );
        let help = did_you_mean(&entry.key, ids.iter().map(String::as_str));
        let fault =
            Diagnostic::error(code::UNKNOWN_INTERCURRENT_EVENT, message, entry.key_span);
        reading.fault(fault.maybe_help(help));
    }
}

/// The measure that is told, or that of the kind.
fn summary(
    table: &Table<'_>,
    told: Option<EffectMeasure>,
    endpoint: &Endpoint,
    reading: &mut Reading,
) -> Option<EffectMeasure> {
    use EffectMeasure::{Difference, HazardRatio, OddsRatio, Ratio};
    let fit: &[EffectMeasure] = match &endpoint.value {
        EndpointValue::Number(_) => &[Difference],
        EndpointValue::Condition(_) => &[Difference, Ratio, OddsRatio],
        EndpointValue::Time(_) => &[HazardRatio],
        EndpointValue::Count { .. } => &[Ratio],
    };
    let word = |of: &EffectMeasure| SUMMARIES.iter().find(|(_, m)| m == of).map_or("", |s| s.0);
    let Some(told) = told else {
        if !table.has("summary") {
            reading.defaulted(table.path_of("summary"), word(&fit[0]));
        }
        return Some(fit[0]);
    };
    if fit.contains(&told) {
        return Some(told);
    }
    let message = format!(
        "`{}` is {}, and its effect is no {}",
        endpoint.id,
        super::endpoints::kind(&endpoint.value),
        word(&told)
    );
    let span = table.place("summary");
    let help = fit.iter().map(word).collect::<Vec<_>>().join(", ");
    reading.fault(Diagnostic::error(code::WRONG_METHOD, message, span).help(help));
    None
}

/// The strategies of an estimand.
struct Treated<'a> {
    table: &'a Table<'a>,
    intercurrent: &'a [(Happening, Strategy)],
}

impl Treated<'_> {
    fn by(&self, strategy: Strategy) -> Vec<Happening> {
        let events = self.intercurrent.iter().filter(|(_, other)| *other == strategy);
        events.map(|(event, _)| *event).collect()
    }

    /// Reports strategies that cannot be followed.
    fn refuse_what_cannot_be(&self, endpoint: &Endpoint, reading: &mut Reading) {
        let span = self.table.place("intercurrent");
        let gives_a_value =
            matches!(endpoint.value, EndpointValue::Condition(_) | EndpointValue::Time(_));
        if !gives_a_value && !self.by(Strategy::Composite).is_empty() {
            let what =
                "a composite strategy for a number or count, which the event gives no value";
            reading.later(span, what);
        }
        let of_model = |event: &Happening| matches!(event, Happening::Model(_));
        if self.by(Strategy::Hypothetical).iter().any(of_model) {
            reading.later(span, "an event of a model that hypothetically does not happen");
        }
    }

    /// The value with what the strategies make of it: a condition is not met (or met, where that is
    /// worse) by a composite event; a time ends with one, and its observation with events after which
    /// it does not count.
    fn value(&self, endpoint: &Endpoint, quantities: &mut Quantities) -> Option<EndpointValue> {
        match &endpoint.value {
            EndpointValue::Condition(value) => {
                let happened = happened(&self.by(Strategy::Composite), quantities)?;
                let worse = f64::from(u8::from(endpoint.better == Some(Better::Lower)));
                let [worse, met] = [Expr::Number(worse), value.expr.clone()];
                let expr = Expr::If(Box::new(happened), Box::new(worse), Box::new(met));
                let expr = above_0(expr);
                Some(EndpointValue::Condition(Expression { expr, ..value.clone() }))
            }
            EndpointValue::Time(time) => {
                let mut time: TimeTo = time.clone();
                time.events.extend(self.by(Strategy::Composite));
                time.censored_by.extend(self.by(Strategy::Hypothetical));
                time.censored_by.extend(self.by(Strategy::WhileOnTreatment));
                Some(EndpointValue::Time(time))
            }
            EndpointValue::Number(_) | EndpointValue::Count { .. } => None,
        }
    }

    /// The condition of a principal stratum.
    fn stratum(&self, quantities: &mut Quantities) -> Option<Expression> {
        let happened = happened(&self.by(Strategy::PrincipalStratum), quantities)?;
        Some(Expression {
            expr: Expr::Unary(proband_lang::Unary::Not, Box::new(happened)),
            unit: Unit::one(),
            kind: Kind::Condition,
            text: "principal stratum".to_owned(),
            span: None,
        })
    }
}

/// Whether any of some events has happened from day 1 on; none without events.
fn happened(events: &[Happening], quantities: &mut Quantities) -> Option<Expr> {
    let count = |&happening: &Happening| {
        quantities.symbol(Quantity::Count { happening, from: 0.0, to: f64::INFINITY })
    };
    let counts = events.iter().map(count);
    let count = counts.reduce(|sum, count| Expr::binary(Binary::Add, sum, count))?;
    Some(above_0(count))
}

/// Reports an estimand that no analysis estimates.
fn estimated(file: &Node, entry: &Entry, reading: &mut Reading) {
    let used = named(file, "analysis", &mut Reading::quiet()).iter().any(|analysis| {
        let estimand = analysis.node.get("estimand").and_then(|named| named.node.as_text());
        estimand.is_some_and(|text| text.text == entry.key)
    });
    if !used {
        let message = format!("no analysis estimates `{}`", entry.key);
        let help = format!("give an analysis `estimand = \"{}\"`, or remove it", entry.key);
        reading
            .fault(Diagnostic::error(code::UNUSED_TABLE, message, entry.key_span).help(help));
    }
}
