//! `[[published]]`: figures to compare with.

use super::analyses::Setting;
use super::arms;
use super::named::items;
use crate::keys;
use crate::reading::Reading;
use crate::timeline::same_time;
use crate::toml::{Entry, Node, Table, Value, wrong_type};
use crate::values;
use crate::words::did_you_mean;
use crate::{
    Analysis, Endpoint, EndpointValue, Published, PublishedKey, PublishedOf, Statistic,
};
use proband_diag::{Diagnostic, code};
use proband_lang::Unit;

/// What published figures are checked against.
pub(crate) struct Known<'a> {
    pub(crate) setting: &'a Setting<'a>,
    pub(crate) analyses: &'a [(String, Option<Analysis>)],
}

const STATISTICS: [(&str, Statistic); 5] = [
    ("estimate", Statistic::Estimate),
    ("mean", Statistic::Mean),
    ("percent", Statistic::Percent),
    ("median", Statistic::Median),
    ("truth", Statistic::Truth),
];

/// Reads the published figures; none if one has a fault.
pub(crate) fn read(
    file: &Node,
    known: &Known<'_>,
    reading: &mut Reading,
) -> Option<Vec<Published>> {
    let mut read = Vec::new();
    for item in items(file, "published", reading) {
        read.push(known.published(item, reading));
    }
    read.into_iter().collect()
}

impl Known<'_> {
    fn published(&self, item: &Node, reading: &mut Reading) -> Option<Published> {
        let table = Table::open(item, "published", keys::PUBLISHED, reading)?;
        let word = |n: &Node, r: &mut Reading| values::word(&STATISTICS, n, r);
        let told = table.read("statistic", reading, word);
        let why = "the id of an analysis, endpoint, adverse event or observable";
        let of = table.required("of", why, reading, |n, r| self.of(n, told, r));
        let why = "the half-width that counts as agreement";
        let within = table.required("within", why, reading, values::positive);
        let source =
            table.required("source", "where the figure is published", reading, values::text);
        let why = "the figures, such as `values = { active = -0.7 }`";
        if !table.has("values") {
            table.required("values", why, reading, values::text);
        }
        let unit = table.read("unit", reading, values::unit);
        let of = of?;
        let statistic = told.or_else(|| self.default_statistic(of, &table, reading));
        self.check_statistic(of, statistic, &table, reading);
        self.check_unit(of, unit.as_ref(), &table, reading);
        let grade = self.grade(of, &table, reading);
        let values = self.values(of, statistic, &table, reading)?;
        Some(Published {
            of,
            statistic: statistic?,
            values,
            unit,
            grade,
            within: within?,
            source: source?,
        })
    }

    /// What a figure is of. An id that is both an analysis and an endpoint is the endpoint, unless
    /// the figure is an estimate.
    fn of(
        &self,
        node: &Node,
        statistic: Option<Statistic>,
        reading: &mut Reading,
    ) -> Option<PublishedOf> {
        let id = values::text(node, reading)?;
        let analysis = self.analyses.iter().position(|(known, _)| *known == id);
        let endpoint = self.setting.endpoints.iter().position(|(known, _)| *known == id);
        match (analysis, endpoint) {
            (Some(analysis), Some(_)) if statistic == Some(Statistic::Estimate) => {
                return Some(PublishedOf::Analysis(analysis));
            }
            (_, Some(endpoint)) => return Some(PublishedOf::Endpoint(endpoint)),
            (Some(analysis), None) => return Some(PublishedOf::Analysis(analysis)),
            (None, None) => {}
        }
        if let Some(index) =
            self.setting.names.adverse_events.iter().position(|known| *known == id)
        {
            return Some(PublishedOf::AdverseEvent(index));
        }
        if let Some(index) = self.setting.names.observable(&id) {
            return Some(PublishedOf::Observable(index));
        }
        reading.fault(self.unknown(&id, node));
        None
    }

    fn unknown(&self, id: &str, node: &Node) -> Diagnostic {
        let mut known: Vec<&str> = self.analyses.iter().map(|(id, _)| id.as_str()).collect();
        known.extend(self.setting.endpoints.iter().map(|(id, _)| id.as_str()));
        known.extend(self.setting.names.adverse_events.iter().map(String::as_str));
        known.extend(
            self.setting.names.observables.iter().map(|observed| observed.name.as_str()),
        );
        let message = format!("`{id}` is no analysis, endpoint, adverse event or observable");
        Diagnostic::error(code::UNKNOWN_ANALYSIS, message, node.span)
            .maybe_help(did_you_mean(id, known))
    }

    fn endpoint(&self, of: PublishedOf) -> Option<&Endpoint> {
        let index = match of {
            PublishedOf::Endpoint(index) => index,
            PublishedOf::Analysis(index) => self.analyses[index].1.as_ref()?.endpoint,
            _ => return None,
        };
        self.setting.endpoints[index].1.as_ref()
    }

    fn default_statistic(
        &self,
        of: PublishedOf,
        table: &Table<'_>,
        reading: &mut Reading,
    ) -> Option<Statistic> {
        let statistic = match of {
            PublishedOf::Analysis(index) => match self.analyses[index].1.as_ref() {
                Some(analysis) if !analysis.comparisons.is_empty() => Statistic::Estimate,
                Some(_) => by_kind(&self.endpoint(of)?.value),
                None => return None,
            },
            PublishedOf::Endpoint(_) => by_kind(&self.endpoint(of)?.value),
            PublishedOf::AdverseEvent(_) => Statistic::Percent,
            PublishedOf::Observable(_) => Statistic::Mean,
        };
        let word =
            STATISTICS.iter().find(|(_, s)| *s == statistic).map_or("", |(word, _)| *word);
        reading.defaulted(table.path_of("statistic"), word);
        Some(statistic)
    }

    /// Which statistics there are of what.
    fn check_statistic(
        &self,
        of: PublishedOf,
        statistic: Option<Statistic>,
        table: &Table<'_>,
        reading: &mut Reading,
    ) {
        let (Some(statistic), Some(entry)) = (statistic, table.get("statistic")) else {
            return;
        };
        let fits = match of {
            PublishedOf::Analysis(_) | PublishedOf::Endpoint(_) => {
                statistic != Statistic::Truth
            }
            PublishedOf::AdverseEvent(_) => statistic == Statistic::Percent,
            PublishedOf::Observable(_) => {
                matches!(statistic, Statistic::Truth | Statistic::Mean | Statistic::Median)
            }
        };
        if !fits {
            let message = "there is no such statistic of this";
            reading.fault(Diagnostic::error(code::WRONG_METHOD, message, entry.node.span));
        }
    }

    fn check_unit(
        &self,
        of: PublishedOf,
        unit: Option<&Unit>,
        table: &Table<'_>,
        reading: &mut Reading,
    ) {
        let held = match of {
            PublishedOf::Observable(index) => {
                Some(self.setting.names.observables[index].unit.clone())
            }
            _ => self.endpoint(of).map(|endpoint| endpoint.unit.clone()),
        };
        let (Some(held), Some(unit), Some(entry)) = (held, unit, table.get("unit")) else {
            return;
        };
        if !held.same_dimension(unit) {
            let message = format!("the figure is in {unit}, what it is of in {held}");
            reading.fault(
                Diagnostic::error(code::UNIT_MISMATCH, message, entry.node.span)
                    .maybe_help(held.difference(unit)),
            );
        }
    }

    fn grade(&self, of: PublishedOf, table: &Table<'_>, reading: &mut Reading) -> Option<u8> {
        let grade = table.read("grade", reading, values::count)?;
        let span = table.place("grade");
        if !matches!(of, PublishedOf::AdverseEvent(_)) {
            table.unused("grade", "`grade` is used by figures of adverse events", reading);
        } else if grade > 5 {
            let message = format!("there are grades 1 to 5, not {grade}");
            reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
        }
        u8::try_from(grade).ok()
    }

    fn values(
        &self,
        of: PublishedOf,
        statistic: Option<Statistic>,
        table: &Table<'_>,
        reading: &mut Reading,
    ) -> Option<Vec<(PublishedKey, f64)>> {
        let entry = table.get("values")?;
        let Value::Table(entries) = &entry.node.value else {
            reading.fault(wrong_type(&entry.node, "`values` is a table by arm or time point"));
            return None;
        };
        if entries.is_empty() {
            let message = "there are no figures";
            reading.fault(Diagnostic::error(code::MISSING_KEY, message, entry.node.span));
        }
        let mut read = Vec::new();
        for value in entries {
            let key = self.key(value, of, statistic, reading);
            let number = values::number(&value.node, reading);
            read.push(key.zip(number));
        }
        read.into_iter().collect()
    }

    /// An arm, or a time point at which the observable is recorded.
    fn key(
        &self,
        entry: &Entry,
        of: PublishedOf,
        statistic: Option<Statistic>,
        reading: &mut Reading,
    ) -> Option<PublishedKey> {
        let by_time = matches!(of, PublishedOf::Observable(_));
        if by_time {
            return self.day(entry, of, reading).map(PublishedKey::Day);
        }
        let arm = arms::position_of(&entry.key, entry.key_span, self.setting.names, reading)?;
        if let (PublishedOf::Analysis(index), Some(Statistic::Estimate)) = (of, statistic) {
            let compared = self.analyses[index].1.as_ref().is_none_or(|analysis| {
                analysis.comparisons.iter().any(|comparison| comparison.test == arm)
            });
            if !compared {
                let message = format!(
                    "`{}` compares `{}` with nothing",
                    self.analyses[index].0, entry.key
                );
                reading.fault(Diagnostic::error(code::WRONG_DESIGN, message, entry.key_span));
            }
        }
        Some(PublishedKey::Arm(arm))
    }

    fn day(&self, entry: &Entry, of: PublishedOf, reading: &mut Reading) -> Option<f64> {
        let point = values::point(&entry.key_as_text(), reading)?;
        let PublishedOf::Observable(observable) = of else {
            return Some(point.day);
        };
        let timeline = &self.setting.names.timeline;
        let recorded =
            timeline.records(observable).any(|encounter| same_time(encounter.day, point.day));
        if !recorded && !timeline.faulty {
            let name = &self.setting.names.observables[observable].name;
            let message = format!("`{name}` is not observed at {}", point.shown());
            reading.fault(Diagnostic::error(code::NO_SUCH_ENCOUNTER, message, entry.key_span));
        }
        Some(point.day)
    }
}

fn by_kind(value: &EndpointValue) -> Statistic {
    match value {
        EndpointValue::Number(_) | EndpointValue::Count { .. } => Statistic::Mean,
        EndpointValue::Condition(_) => Statistic::Percent,
        EndpointValue::Time(_) => Statistic::Median,
    }
}
