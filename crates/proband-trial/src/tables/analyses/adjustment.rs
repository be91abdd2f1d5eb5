//! What an analysis adjusts for: baseline, strata, covariates.

use super::methods::{has_visits, takes_baseline, takes_covariates, takes_strata};
use super::{Setting, words};
use crate::expression::{Context, Quantities, Target, check};
use crate::reading::Reading;
use crate::toml::Table;
use crate::values;
use crate::{AnalysisMethod, Endpoint, Expression, Interaction, Part};
use proband_diag::{Diagnostic, code};

impl Setting<'_> {
    /// Baseline, strata and further covariates.
    pub(super) fn adjustment(
        &self,
        table: &Table<'_>,
        (methods, weighted): (&[AnalysisMethod], bool),
        endpoint: Option<&Endpoint>,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> (bool, bool, Vec<Expression>) {
        let takes_covariates = weighted || takes_covariates(methods);
        let has_baseline = endpoint.is_some_and(|e| self.has_baseline(e));
        let told = table.has("covariates") || table.has("strata");
        if !told {
            let baseline = has_baseline && (weighted || takes_baseline(methods));
            let strata = !self.strata.is_empty() && (weighted || takes_strata(methods));
            let shown: Vec<&str> = [(baseline, "\"baseline\""), (strata, "\"strata\"")]
                .iter()
                .filter(|(used, _)| *used)
                .map(|(_, word)| *word)
                .collect();
            reading.defaulted(table.path_of("covariates"), format!("[{}]", shown.join(", ")));
            return (baseline, strata, Vec::new());
        }
        let stratified = self.told_strata(table, methods, reading);
        let mut adjusted = (false, stratified, Vec::new());
        if table.has("covariates") && !methods.is_empty() && !takes_covariates {
            let message = format!("`covariates` is not used by {}", words(methods));
            table.unused("covariates", &message, reading);
        }
        for text in table.read("covariates", reading, values::strings).unwrap_or_default() {
            let span = text.place();
            match text.text.as_str() {
                "baseline" if has_baseline || endpoint.is_none() => adjusted.0 = true,
                "baseline" => {
                    let message = "the endpoint is not about one observable with a baseline";
                    reading.fault(Diagnostic::error(code::WRONG_PLACE, message, span));
                }
                "strata" => adjusted.1 = true,
                // Visits are a factor of these models in any case.
                "visit" if methods.iter().any(|method| has_visits(*method)) => {}
                "visit" => reading.later(span, &format!("visits in {}", words(methods))),
                product if product.contains(':') => {}
                call if call.starts_with("prognosis(") => {
                    let predicted = self.prognosis(table, text, endpoint, quantities, reading);
                    adjusted.2.extend(predicted);
                }
                _ => {
                    let (names, target) = (self.names, Target::Any);
                    let checked =
                        check(text, Context::Endpoint, &target, names, quantities, reading);
                    adjusted.2.extend(checked);
                }
            }
        }
        adjusted
    }

    /// The products of covariates, such as `arm:sex`, each with the columns it names.
    pub(super) fn interactions(
        &self,
        table: &Table<'_>,
        methods: &[AnalysisMethod],
        (baseline, covariates): (bool, &[Expression]),
        reading: &mut Reading,
    ) -> Vec<Interaction> {
        let quiet = &mut Reading::quiet();
        let texts = table.read("covariates", quiet, values::strings).unwrap_or_default();
        let mut read = Vec::new();
        for text in texts.into_iter().filter(|text| text.text.contains(':')) {
            let span = text.place();
            if !methods.is_empty() && methods != [AnalysisMethod::Ancova] {
                reading.later(span, &format!("products of covariates in {}", words(methods)));
                continue;
            }
            let part = |name: &str| match name {
                "arm" => Some(Part::Arm),
                "baseline" if baseline => Some(Part::Baseline),
                _ => covariates.iter().position(|c| c.text == name).map(Part::Covariate),
            };
            let names: Vec<&str> = text.text.split(':').map(str::trim).collect();
            let unknown = names.iter().find(|name| part(name).is_none());
            if let Some(name) = unknown {
                let message = format!("`{name}` is no covariate of this analysis");
                let fault = Diagnostic::error(code::UNKNOWN_NAME, message, span);
                reading
                    .fault(fault.help("a product is of the arm and of covariates of the list"));
                continue;
            }
            let parts = names.iter().filter_map(|name| part(name)).collect();
            read.push(Interaction { text: text.text.clone(), parts });
        }
        read
    }

    /// Whether the endpoint is about one observable that has a baseline.
    pub(super) fn has_baseline(&self, endpoint: &Endpoint) -> bool {
        endpoint.observable.is_some_and(|observable| {
            self.names.timeline.records(observable).any(|encounter| encounter.day <= 0.0)
        })
    }

    /// Strata of its own, where `strata` names others than those of the randomisation.
    pub(super) fn own_strata(
        &self,
        table: &Table<'_>,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Vec<Expression> {
        let told = table.read("strata", reading, values::strings).unwrap_or_default();
        if self.are_own(&told) { self.cuts(&told, quantities, reading) } else { Vec::new() }
    }

    fn are_own(&self, told: &[&crate::toml::Text]) -> bool {
        let mut words: Vec<&str> = told.iter().map(|text| text.text.as_str()).collect();
        let mut factors: Vec<&str> = self.strata.iter().map(String::as_str).collect();
        words.sort_unstable();
        factors.sort_unstable();
        words != factors && words != ["strata"]
    }

    /// Whether `strata` names the factors of the randomisation.
    fn told_strata(
        &self,
        table: &Table<'_>,
        methods: &[AnalysisMethod],
        reading: &mut Reading,
    ) -> bool {
        if !table.has("strata") {
            return false;
        }
        let told = table.read("strata", &mut Reading::quiet(), values::strings);
        if !methods.is_empty() && !takes_strata(methods) {
            let message = "`strata` is not used by this method";
            table.unused("strata", message, reading);
        }
        !self.are_own(&told.unwrap_or_default())
    }
}
