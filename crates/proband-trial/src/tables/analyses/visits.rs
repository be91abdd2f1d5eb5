//! An analysis at several visits of its endpoint's observable: by `visits`, in a mixed model, in imputation.

use super::{Setting, words};
use crate::expression::Quantities;
use crate::plan::word_of;
use crate::reading::Reading;
use crate::tables::endpoints::{after_baseline, at_visit};
use crate::timeline::{Planned, same_time};
use crate::toml::Table;
use crate::values;
use crate::{Analysis, AnalysisMethod, Endpoint, EndpointValue, Repeat, Success};
use proband_diag::{Diagnostic, Span, code};

impl Setting<'_> {
    /// The analysis at each of its `visits`, whose comparisons have the visit at the end of their names; or as it
    /// is.
    pub(super) fn at_visits(
        &self,
        table: &Table<'_>,
        analysis: Analysis,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Vec<Analysis> {
        let Some(entry) = table.get("visits") else {
            let described = self.described_at_visits(&analysis);
            return std::iter::once(analysis).chain(described).collect();
        };
        let Some(endpoint) = self.endpoints[analysis.endpoint].1.as_ref() else {
            return vec![analysis];
        };
        let value = match &endpoint.value {
            EndpointValue::Number(value) | EndpointValue::Condition(value) => Some(value),
            EndpointValue::Time(_) | EndpointValue::Count { .. } => None,
        };
        let place = value.zip(endpoint.observable.zip(endpoint.encounter));
        let Some((value, own)) = place.filter(|_| analysis.methods != [AnalysisMethod::Paired])
        else {
            let message = "`visits` needs an endpoint at one visit of one observable, and a method \
                           that is about one";
            reading.fault(Diagnostic::error(code::WRONG_METHOD, message, entry.node.span));
            return vec![analysis];
        };
        let visits = self.visits(table, own.0, reading);
        if analysis.methods == [AnalysisMethod::LinearMixed] {
            let mut lines = analysis;
            lines.repeats.retain(|repeat| visits.iter().any(|(at, _)| *at == repeat.encounter));
            return vec![lines];
        }
        let mut found = Vec::new();
        for (visit, span) in visits {
            let planned = &self.names.timeline.encounters[visit];
            let value = at_visit(value, own, visit, quantities);
            let mut at =
                Analysis { at: Some(Repeat { encounter: visit, value }), ..analysis.clone() };
            name_by(&mut at, planned);
            // Imputation takes the visits up to the one it is for, a mixed model all of them.
            if at.imputation.is_some() {
                at.repeats.retain(|repeat| repeat.encounter <= visit);
            }
            let known =
                at.repeats.is_empty() || at.repeats.iter().any(|r| r.encounter == visit);
            if !known {
                let message = format!("{} is after the visit of the endpoint", planned.shown);
                let fault = Diagnostic::error(code::NO_SUCH_ENCOUNTER, message, span);
                reading.fault(fault.help("give the endpoint the last of the visits"));
            }
            found.push(at);
        }
        found
    }

    /// The visits that are told, each with its place in the file.
    fn visits(
        &self,
        table: &Table<'_>,
        observable: usize,
        reading: &mut Reading,
    ) -> Vec<(usize, Span)> {
        let points = table.read("visits", reading, |n, r| values::list(n, r, values::point));
        let mut visits = Vec::new();
        for point in points.unwrap_or_default() {
            let visit = self.visit(observable, point.day, point.span, reading);
            visits.extend(visit.map(|visit| (visit, point.span)));
        }
        visits
    }

    /// The visit after baseline on a day that records an observable.
    fn visit(
        &self,
        observable: usize,
        day: f64,
        span: Span,
        reading: &mut Reading,
    ) -> Option<usize> {
        let timeline = &self.names.timeline;
        let found = timeline.encounters.iter().position(|encounter| {
            encounter.day > 0.0
                && same_time(encounter.day, day)
                && encounter.observe.contains(&observable)
        });
        if found.is_none() && !timeline.faulty {
            let name = &self.names.observables[observable].name;
            let shown = values::point_words(day);
            let message = format!("`{name}` is not observed after baseline at {shown}");
            reading.fault(Diagnostic::error(code::NO_SUCH_ENCOUNTER, message, span));
        }
        found
    }

    /// The visits of a mixed model.
    pub(super) fn repeats(
        &self,
        table: &Table<'_>,
        methods: &[AnalysisMethod],
        endpoint: Option<&Endpoint>,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Vec<Repeat> {
        let what = format!("`{}`", words(methods));
        needs_a_visit(&what, endpoint, table.place("method"), reading);
        if table.has("missing") {
            let method = words(methods);
            let message =
                format!("`missing` is not used by {method}, which takes what was observed");
            table.unused("missing", &message, reading);
        }
        self.visits_of(endpoint, quantities)
    }

    /// The endpoint at each visit of its observable after baseline, up to its own, where it has one.
    pub(super) fn visits_of(
        &self,
        endpoint: Option<&Endpoint>,
        quantities: &mut Quantities,
    ) -> Vec<Repeat> {
        let Some(endpoint) = endpoint else { return Vec::new() };
        let place = endpoint.observable.zip(endpoint.encounter);
        let (
            Some((observable, own)),
            EndpointValue::Number(value) | EndpointValue::Condition(value),
        ) = (place, &endpoint.value)
        else {
            return Vec::new();
        };
        after_baseline(value, (observable, own), self.names, quantities)
    }

    /// Descriptions at each visit but the last, of an analysis of an endpoint with a value at every visit that is not
    /// told which visits it is about.
    pub(super) fn described_at_visits(&self, analysis: &Analysis) -> Vec<Analysis> {
        let Some(endpoint) = &self.endpoints[analysis.endpoint].1 else { return Vec::new() };
        let earlier = endpoint.visits.split_last().map_or(&[][..], |(_, earlier)| earlier);
        let described = |at: &Repeat| Analysis {
            methods: vec![AnalysisMethod::Summary],
            comparisons: Vec::new(),
            contrasts: Vec::new(),
            interactions: Vec::new(),
            repeats: Vec::new(),
            imputation: None,
            success: Success::Each,
            at: Some(at.clone()),
            ..analysis.clone()
        };
        earlier.iter().map(described).collect()
    }
}

/// Reports an endpoint that has no values at other visits, which `what` needs.
pub(super) fn needs_a_visit(
    what: &str,
    endpoint: Option<&Endpoint>,
    span: Span,
    reading: &mut Reading,
) {
    let Some(endpoint) = endpoint else { return };
    if endpoint.observable.is_some() && endpoint.encounter.is_some() {
        return;
    }
    let message = format!(
        "{what} needs an endpoint at one visit of one observable, and `{}` is not",
        endpoint.id
    );
    let fault = Diagnostic::error(code::WRONG_METHOD, message, span);
    reading.fault(fault.help("such as `value = \"change(x, week 24)\"`"));
}

fn name_by(analysis: &mut Analysis, visit: &Planned) {
    let word = word_of(&visit.shown);
    for comparison in &mut analysis.comparisons {
        comparison.name = format!("{}.{word}", comparison.name);
    }
    for contrast in &mut analysis.contrasts {
        contrast.name = format!("{}.{word}", contrast.name);
    }
}
