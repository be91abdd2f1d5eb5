//! `[analysis.ID]`, and the default analyses of endpoints that have none.

mod adjustment;
mod chosen;
pub(crate) mod comparisons;
mod defaults;
mod hierarchy;
mod history;
mod methods;
mod missing;
mod options;
mod prior;
mod prognosis;
mod visits;

use super::arms;
use super::endpoints::{self, Endpoints};
use super::estimands::Estimands;
use super::named::named;
use crate::expression::{Names, Quantities};
use crate::keys;
use crate::reading::Reading;
use crate::toml::{Entry, Node, Table};
use crate::values;
use crate::words::unnamed;
use crate::{
    Analysis, AnalysisMethod, Assignment, Contrast, Crossover, Endpoint, EndpointValue,
    Estimand, Expression, Missing, Success,
};
use comparisons::Told as Compare;
use defaults::stated_comparisons;
use methods::{METHODS, Method, Takes, compares};
use options::{later_keys, level};
use proband_diag::{Diagnostic, Span, code};
use proband_lang::{Binary, Expr};

const SUCCESSES: [(&str, Success); 3] =
    [("each", Success::Each), ("all", Success::All), ("any", Success::Any)];

/// What analyses are checked against.
pub(crate) struct Setting<'a> {
    pub(crate) names: &'a Names,
    pub(crate) endpoints: &'a Endpoints,
    pub(crate) assignment: Assignment,
    pub(crate) crossover: Option<&'a Crossover>,
    /// Contrasts of the design, by default.
    pub(crate) contrasts: &'a [Contrast],
    pub(crate) control: Option<usize>,
    /// Factors of the randomisation, as written.
    pub(crate) strata: Vec<String>,
    /// Where an arm would be made the control.
    pub(crate) arms: Span,
}

/// Methods that compare participants with themselves, or not at all.
const WITHIN: [&str; 4] = ["paired", "crossover", "linear mixed", "summary"];

/// An analysis that was read: declared ones may have faults of their own.
pub(crate) type Analyses = Vec<(String, Option<Analysis>)>;

/// Reads the analyses, and adds the defaults.
pub(crate) fn read(
    file: &Node,
    setting: &Setting<'_>,
    estimands: &Estimands,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Analyses {
    let mut read: Analyses = Vec::new();
    let mut covered = Vec::new();
    let mut compares = false;
    for entry in named(file, "analysis", reading) {
        let path = format!("analysis.{}", entry.key);
        let Some(table) = Table::open(&entry.node, path, keys::ANALYSIS, reading) else {
            continue;
        };
        let (endpoint, estimand) = setting.analysed(&table, estimands, reading);
        covered.extend(endpoint);
        compares |= table.has("compare");
        if estimand.is_some_and(|(_, of)| matches!(of.value, Some(EndpointValue::Condition(_))))
        {
            table.later("visits", "composite events at several visits", reading);
        }
        let analysis = setting.analysis(entry, &table, endpoint, estimand, quantities, reading);
        let Some(analysis) = analysis else {
            read.push((entry.key.clone(), None));
            continue;
        };
        for analysis in setting.at_visits(&table, analysis, quantities, reading) {
            let in_subgroups = setting.in_subgroups(&table, &analysis, quantities, reading);
            let all = std::iter::once(analysis).chain(in_subgroups);
            read.extend(all.map(|of| (entry.key.clone(), Some(of))));
        }
    }
    let stated = stated_comparisons(&read);
    for index in 0..setting.endpoints.len() {
        if !covered.contains(&index) {
            let (id, endpoint) = &setting.endpoints[index];
            let Some(endpoint) = endpoint else {
                read.push((id.clone(), None));
                continue;
            };
            let asked = (index, endpoint);
            let default = setting.default(asked, &stated, compares, quantities, reading);
            let described = setting.described_at_visits(&default);
            let all = std::iter::once(default).chain(described);
            read.extend(all.map(|of| (id.clone(), Some(of))));
        }
    }
    read
}

impl Setting<'_> {
    /// The endpoint that an analysis names, itself or through its estimand; and that.
    fn analysed<'e>(
        &self,
        table: &Table<'_>,
        estimands: &'e Estimands,
        reading: &mut Reading,
    ) -> (Option<usize>, Option<(usize, &'e Estimand)>) {
        table.one_of(&["endpoint", "estimand"], "names what it analyses", reading);
        if !table.has("endpoint") && !table.has("estimand") {
            let message = format!("`{}` needs `endpoint` or `estimand`", table.path());
            let span = table.span();
            reading.fault(
                Diagnostic::error(code::MISSING_KEY, message, span)
                    .help("the id of what it analyses"),
            );
        }
        if let Some(entry) = table.get("endpoint") {
            return (self.endpoint(&entry.node, reading), None);
        }
        let Some(entry) = table.get("estimand") else { return (None, None) };
        let Some(id) = values::text(&entry.node, reading) else { return (None, None) };
        let Some(index) = estimands.iter().position(|(known, _)| *known == id) else {
            let known = estimands.iter().map(|(id, _)| id.as_str());
            reading.fault(unnamed("estimand", &id, entry.node.span, known));
            return (None, None);
        };
        let estimand = estimands[index].1.as_ref();
        (estimand.map(|of| of.endpoint), estimand.map(|of| (index, of)))
    }

    /// The endpoint of an id, by position.
    pub(crate) fn endpoint(&self, node: &Node, reading: &mut Reading) -> Option<usize> {
        endpoints::position(self.endpoints, node, reading)
    }

    fn analysis(
        &self,
        entry: &Entry,
        table: &Table<'_>,
        endpoint: Option<usize>,
        estimand: Option<(usize, &Estimand)>,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Analysis> {
        let position = endpoint;
        let endpoint = position.and_then(|index| self.endpoints[index].1.as_ref());
        let method = table.read("method", reading, chosen_method);
        later_keys(table, method, reading);
        self.arms_named(table, reading);
        let fits = method.is_none_or(|method| self.fits(table, method, endpoint, reading));
        let methods = self.methods(table, method, endpoint, reading);
        let compare = match comparisons::read(table, self.names, reading) {
            Compare::Default => estimand
                .and_then(|(_, of)| of.compare.clone())
                .map_or(Compare::Default, Compare::Pairs),
            told => told,
        };
        let (alpha, sided) = level(table, endpoint, reading);
        let methods = methods.unwrap_or_default();
        let (missing, imputation) = missing::read(table, endpoint, &methods, reading);
        if estimand.is_some() && methods.contains(&AnalysisMethod::RecurrentEvents) {
            table.later("estimand", "estimands of `recurrent events`", reading);
        }
        if sided == 1 && methods.contains(&AnalysisMethod::Gray) {
            table.later("sided", "one-sided tests of `gray`", reading);
        }
        let weighted = missing == Missing::Weighted;
        let (baseline, strata, covariates) =
            self.adjustment(table, (&methods, weighted), endpoint, quantities, reading);
        let interactions = self.interactions(table, &methods, (baseline, &covariates), reading);
        if !interactions.is_empty() && imputation.is_some() {
            table.later("missing", "imputation beside products of covariates", reading);
        }
        let stratified_by = self.own_strata(table, quantities, reading);
        let own = self.set(table, "set", quantities, reading);
        let of_estimand = |of: &Estimand| [of.population.clone(), of.stratum.clone()];
        let sets = estimand.map_or([None, None], |(_, of)| of_estimand(of));
        let set = sets.into_iter().flatten().chain(own).reduce(both);
        if set.is_some() && methods.contains(&AnalysisMethod::Paired) {
            table.later("set", "the set of `paired`", reading);
        }
        let contrasts = self.contrasts(&entry.key, table, &methods, reading);
        let hypothesis = self.hypothesis(table, &methods, endpoint, reading);
        let options = self.options(table, &methods, reading);
        let success = table
            .read("success", reading, |n, r| values::word(&SUCCESSES, n, r))
            .unwrap_or_default();
        let modelled = [
            AnalysisMethod::Mmrm,
            AnalysisMethod::LinearMixed,
            AnalysisMethod::EstimatingEquations,
        ];
        let repeats = if methods.iter().any(|method| modelled.contains(method)) {
            self.repeats(table, &methods, endpoint, quantities, reading)
        } else if imputation.is_some() {
            self.visits_of(endpoint, quantities)
        } else {
            Vec::new()
        };
        let then = self.hierarchy(table, &methods, endpoint, reading);
        let comparisons = self.compared(&entry.key, &methods, compare, reading);
        if let Some(imputation) = &imputation {
            self.check_imputation(table, imputation, &comparisons, reading);
        }
        if !fits || methods.is_empty() {
            return None;
        }
        Some(Analysis {
            id: entry.key.clone(),
            endpoint: position?,
            estimand: estimand.map(|(index, _)| index),
            methods,
            comparisons,
            baseline,
            strata,
            stratified_by,
            covariates,
            interactions,
            set,
            subgroup: None,
            at: None,
            then,
            success,
            contrasts,
            hypothesis,
            repeats,
            options,
            missing,
            imputation,
            alpha,
            sided,
            by_default: false,
            at_looks_of: None,
        })
    }

    /// Scores and contrasts name arms, and the weights of a contrast sum to 0.
    fn arms_named(&self, table: &Table<'_>, reading: &mut Reading) {
        let scores = table.get("scores").map_or(&[][..], |entry| entry.node.entries());
        let contrasts = table.get("contrasts").map_or(&[][..], |entry| entry.node.entries());
        let weights = contrasts.iter().flat_map(|contrast| contrast.node.entries());
        for entry in scores.iter().chain(weights) {
            arms::position_of(&entry.key, entry.key_span, self.names, reading);
        }
        for contrast in contrasts {
            let weights = contrast.node.entries().iter();
            // What is no number is told where the weights are read.
            let quiet = &mut Reading::quiet();
            let sum: f64 = weights.filter_map(|entry| values::number(&entry.node, quiet)).sum();
            if sum.abs() > 1e-9 {
                let message = format!("the weights of a contrast sum to 0, not {sum}");
                let span = contrast.node.span;
                reading.fault(Diagnostic::error(code::OUT_OF_RANGE, message, span));
            }
        }
    }

    /// Whether the method takes the kind of endpoint, and the design.
    fn fits(
        &self,
        table: &Table<'_>,
        method: &Method,
        endpoint: Option<&Endpoint>,
        reading: &mut Reading,
    ) -> bool {
        let span = table.place("method");
        if let Some(endpoint) = endpoint {
            let kind = Takes::of(&endpoint.value);
            if !method.takes.covers(kind) {
                let message = format!(
                    "`{}` analyses {}, `{}` is {}",
                    method.word,
                    method.takes.words(),
                    endpoint.id,
                    endpoints::kind(&endpoint.value)
                );
                reading.fault(
                    Diagnostic::error(code::WRONG_METHOD, message, span)
                        .help(kind.methods().join(", ")),
                );
                return false;
            }
        }
        if method.built == Some(AnalysisMethod::Gray)
            && endpoint.is_some_and(|endpoint| !endpoint.has_competing())
        {
            let message =
                "`gray` compares incidences beside competing events, and there are none";
            let fault = Diagnostic::error(code::WRONG_METHOD, message, span);
            reading.fault(fault.help("`competing` in the endpoint says which events they are"));
            return false;
        }
        let design = if method.word == "paired" && !self.pairs() {
            Some((
                "`paired` compares a participant with itself".to_owned(),
                "that needs `assignment = \"every-arm\"` or a crossover",
            ))
        } else if self.crossover.is_some()
            && method.built.is_some_and(compares)
            && !WITHIN.contains(&method.word)
        {
            Some((
                format!(
                    "`{}` compares different people, and here they are the same",
                    method.word
                ),
                "in a crossover: `paired`, `crossover`, `linear mixed`, `summary`",
            ))
        } else if method.built.is_some_and(compares) && self.names.arms.len() == 1 {
            Some((
                format!("`{}` compares arms, and there is one", method.word),
                "`method = \"summary\"` describes a single arm",
            ))
        } else {
            None
        };
        if let Some((message, help)) = &design {
            reading.fault(
                Diagnostic::error(code::WRONG_DESIGN, message.clone(), span).help(*help),
            );
        }
        design.is_none()
    }

    /// The methods: the one told, or those of the kind.
    fn methods(
        &self,
        table: &Table<'_>,
        method: Option<&Method>,
        endpoint: Option<&Endpoint>,
        reading: &mut Reading,
    ) -> Option<Vec<AnalysisMethod>> {
        match (method, table.get("method")) {
            (Some(Method { built: Some(built), .. }), _) => Some(vec![*built]),
            (Some(method), Some(entry)) => {
                reading.later(entry.node.span, &format!("`method = \"{}\"`", method.word));
                None
            }
            (None, Some(_)) => None,
            _ => {
                let methods = self.default_methods(endpoint?);
                reading.defaulted(table.path_of("method"), words(&methods));
                Some(methods)
            }
        }
    }

    /// Whether everybody is in every arm, and so can be compared with themselves.
    fn pairs(&self) -> bool {
        let arms = self.names.arms.len();
        let crosses = self.crossover.is_some_and(|crossover| crossover.is_complete(arms));
        self.assignment == Assignment::EveryArm || crosses
    }
}

/// Two conditions at once.
fn both(one: Expression, other: Expression) -> Expression {
    let text = format!("({}) and ({})", one.text, other.text);
    Expression { expr: Expr::binary(Binary::And, one.expr, other.expr), text, ..one }
}

fn words(methods: &[AnalysisMethod]) -> String {
    let word = |built: &AnalysisMethod| {
        METHODS.iter().find(|method| method.built == Some(*built)).map_or("", |m| m.word)
    };
    methods.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn chosen_method(node: &Node, reading: &mut Reading) -> Option<&'static Method> {
    let words: Vec<(&str, usize)> =
        METHODS.iter().enumerate().map(|(index, method)| (method.word, index)).collect();
    values::word(&words, node, reading).map(|index| &METHODS[index])
}
