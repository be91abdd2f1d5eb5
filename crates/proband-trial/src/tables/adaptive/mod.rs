//! `[look.ID]`, `[sequential.ANALYSIS]`, `[adaptation.ID]` and `[escalation]`.

mod adaptations;
mod escalation;
mod looks;
mod possible;
mod sequential;

use crate::expression::{
    AnalysisName, EndpointName, LookNames, Names, Quantities, Target, check_at_look,
};
use crate::reading::Reading;
use crate::tables::analyses::Analyses;
use crate::tables::endpoints::Endpoints;
use crate::toml::{Entry, Node, Table, Text};
use crate::words::unnamed_as;
use crate::{
    Adaptive, Analysis, AnalysisMethod, Assignment, Design, Endpoint, EndpointValue,
    Expression, Look, Quantity, Regimen, TrialQuantity,
};
use proband_diag::{Span, code};
use proband_lang::Unit;

/// What these tables are checked against.
pub(crate) struct Setting<'a> {
    pub(crate) names: &'a Names,
    pub(crate) endpoints: &'a Endpoints,
    pub(crate) analyses: &'a Analyses,
    pub(crate) design: Option<&'a Design>,
    pub(crate) regimens: &'a [Regimen],
}

/// Reads all four, and the analyses of subgroups that looks ask for; none if something in them has a fault.
pub(crate) fn read(
    file: &Node,
    setting: &Setting<'_>,
    quantities: &mut Quantities,
    reading: &mut Reading,
) -> Option<(Adaptive, Vec<Analysis>)> {
    let asked = setting.asked(file);
    let faults = reading.faults.len();
    setting.can_be_cut(file, reading);
    let (looks, places) = setting.looks(file, &asked, quantities, reading);
    let sequential = setting.sequential(file, &looks, quantities, reading);
    let told = adaptations::Told { looks: &looks, places: &places };
    let adaptations = setting.adaptations(file, &asked, &told, quantities, reading);
    let escalation = setting.escalation(file, reading);
    let subgroups = setting.subgroups(quantities, reading);
    let adaptive = Adaptive { looks, sequential, adaptations, escalation };
    (reading.faults.len() == faults).then_some((adaptive, subgroups))
}

impl Setting<'_> {
    /// What expressions of looks can name.
    fn asked(&self, file: &Node) -> LookNames {
        let endpoint = |(id, read): &(String, Option<Endpoint>)| EndpointName {
            id: id.clone(),
            is_time: read
                .as_ref()
                .is_none_or(|read| matches!(read.value, EndpointValue::Time(_))),
        };
        let mut analyses: Vec<AnalysisName> = Vec::new();
        for (position, (id, read)) in self.analyses.iter().enumerate() {
            // What follows an analysis under its id are its subgroups.
            if analyses.iter().all(|known| known.id != *id) {
                let sound = read.as_ref().and_then(|read| Some((position, self.unit(read)?)));
                analyses.push(AnalysisName { id: id.clone(), sound });
            }
        }
        LookNames {
            endpoints: self.endpoints.iter().map(endpoint).collect(),
            analyses,
            has_calendar: file.get("accrual").is_some(),
        }
    }

    /// The unit of an analysis's estimate; ratios and chances have none.
    fn unit(&self, analysis: &Analysis) -> Option<Unit> {
        let endpoint = self.endpoints[analysis.endpoint].1.as_ref()?;
        Some(match (analysis.methods.first()?, &endpoint.value) {
            (AnalysisMethod::RestrictedMean, _) => Unit::day(),
            (AnalysisMethod::Proportions, _) => Unit::percent(),
            (_, EndpointValue::Number(_)) => endpoint.unit.clone(),
            _ => Unit::one(),
        })
    }

    /// The analyses of the subgroups whose effect is asked for.
    fn subgroups(&self, quantities: &Quantities, reading: &mut Reading) -> Vec<Analysis> {
        let mut all = Vec::new();
        for quantity in quantities.iter() {
            let Quantity::OfTrial(TrialQuantity::ConditionalPower {
                analysis: of,
                subgroup: Some(subgroup),
            }) = quantity
            else {
                continue;
            };
            let Some(analysis) = &self.analyses[*of].1 else { continue };
            if let (Some(_), Some(span)) = (&analysis.set, subgroup.span) {
                reading.later(span, "a subgroup of an analysis with a set");
            }
            let set = Some((**subgroup).clone());
            all.push(Analysis { set, at_looks_of: Some(*of), ..analysis.clone() });
        }
        all
    }

    /// What was known by a day is cut out of participants who are in one arm.
    fn can_be_cut(&self, file: &Node, reading: &mut Reading) {
        let (Some(design), Some(look)) = (self.design, entries(file, "look").first()) else {
            return;
        };
        if design.crossover.is_some() {
            reading.later(look.key_span, "looks at a crossover");
        } else if design.assignment == Assignment::EveryArm {
            reading.later(look.key_span, "looks at a trial with every twin in every arm");
        }
    }

    fn analysis(&self, id: &str, span: Span, reading: &mut Reading) -> Option<usize> {
        let found = self.analyses.iter().position(|(known, _)| known == id);
        if found.is_none() {
            let known = self.analyses.iter().map(|(id, _)| id.as_str());
            reading.fault(unnamed_as(code::UNKNOWN_ANALYSIS, "analysis", id, span, known));
        }
        found
    }

    /// An expression about the trial as a whole.
    fn at_look(
        &self,
        text: &Text,
        with_findings: bool,
        target: &Target<'_>,
        asked: &LookNames,
        quantities: &mut Quantities,
        reading: &mut Reading,
    ) -> Option<Expression> {
        let names = (self.names, asked);
        check_at_look(text, with_findings, target, names, quantities, reading)
    }
}

/// Reports keys that the chosen word does not use, though another of the words would; `by` says what is chosen.
fn own_keys(
    table: &Table<'_>,
    chosen: &str,
    by: &str,
    words: &[(&str, &'static [&'static str])],
    reading: &mut Reading,
) {
    let own = words.iter().find(|(word, _)| *word == chosen).map_or(&[][..], |(_, own)| own);
    let keys = words.iter().flat_map(|(_, keys)| keys.iter().copied());
    table.unused_by(by, keys, |key| own.contains(&key), reading);
}

/// The final look, if there is one.
fn final_look(looks: &[Look]) -> Option<usize> {
    looks.iter().position(|look| look.is_final)
}

/// The table of an entry of a table of ids.
fn opened<'a>(
    entry: &'a Entry,
    of: &str,
    keys: crate::keys::Keys,
    reading: &mut Reading,
) -> Option<Table<'a>> {
    Table::open(&entry.node, format!("{of}.{}", entry.key), keys, reading)
}

/// The entries of a table of ids.
fn entries<'a>(file: &'a Node, of: &str) -> &'a [Entry] {
    file.get(of).map_or(&[][..], |entry| entry.node.entries())
}
